"""What a new campaign may begin with: the kinds of thing that a commune reminds people of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from dispatcher.i18n import N_
from dispatcher.starter.general_words import Words

FIRST_DAYS_KEPT_FREE = 4  # of a contest: the first weekly reminder comes no sooner after the announcement


@dataclass(frozen=True, kw_only=True, slots=True)
class Starter:
    """One kind: what it is called and does, and its ladder. `days` are the warnings before the deadline."""

    name: str
    label: str  # English; the reader's language comes from the catalogue
    hint: str
    title: str
    action: str
    done: str
    first: str = "launch"  # template of what goes out on the first day
    first_title: str = "Thông báo mở đầu"
    weekly: bool = False
    days: Sequence[int] = ()
    before_template: str = ""
    thanks: bool = True
    words: Mapping[str, Words] = field(default_factory=dict)


STARTERS: tuple[Starter, ...] = (
    Starter(
        name="bhyt", label=N_("Renewing health insurance"), hint=N_("4 reminders, 1 thanks"),
        title="Gia hạn thẻ bảo hiểm y tế hộ gia đình", action="gia hạn thẻ bảo hiểm y tế",
        done="đã gia hạn", days=(7, 3, 1),
    ),
    Starter(
        name="thue-phi", label=N_("Taxes and fees"), hint=N_("3 reminders, 1 thanks"),
        title="Nộp thuế sử dụng đất phi nông nghiệp", action="nộp thuế sử dụng đất phi nông nghiệp",
        done="đã nộp", days=(7, 1),
    ),
    Starter(
        name="tiem-phong", label=N_("Vaccination"), hint=N_("2 reminders, 1 thanks"),
        title="Tiêm phòng dại cho chó, mèo", action="đưa chó, mèo đi tiêm phòng dại",
        done="đã tiêm phòng", days=(1,),
    ),
    Starter(
        name="hop", label=N_("A meeting"), hint=N_("1 invitation, 1 reminder"),
        title="Họp thôn", action="dự họp thôn", done="đã dự họp",
        first="giay-moi", first_title="Giấy mời", days=(1,), before_template="nhac-hop", thanks=False,
        words={
            "giay-moi": Words(
                "kính mời ông/bà {{ action }} ngày {{ deadline|short_date }}.",
                "Kính mời ông/bà {{ action }}",
                "{{ office.name }} kính mời ông/bà {{ action_long }} vào {{ deadline|long_date }}.\n\n"
                "Sự có mặt của ông/bà góp phần vào thành công của cuộc họp.",
            ),
            "nhac-hop": Words(
                "xin nhắc: {{ last_day_words }}, mời ông/bà {{ action }}.",
                "Xin nhắc: {{ last_day_words }}, mời ông/bà {{ action }}",
                "{{ office.name }} xin nhắc: {{ last_day_words }}, mời ông/bà {{ action_long }}.",
            ),
        },
    ),
    Starter(
        name="tuyen-sinh", label=N_("School enrolment"), hint=N_("4 reminders for parents, 1 thanks"),
        title="Tuyển sinh đầu cấp", action="nộp hồ sơ tuyển sinh đầu cấp", done="đã nộp hồ sơ",
        days=(7, 3, 1),
    ),
    Starter(
        name="cuoc-thi", label=N_("A contest"), hint=N_("a reminder each week, and before the deadline"),
        title="Cuộc thi tìm hiểu pháp luật", action="dự thi tìm hiểu pháp luật", done="đã dự thi",
        weekly=True, days=(7, 3, 1),
    ),
    Starter(
        name="trang", label=N_("From a blank page"), hint=N_("1 reminder, all else is yours"),
        title="", action="", done="đã tham gia", thanks=False,
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCampaign:
    """What somebody said about a new campaign. `name` is its key in the file."""

    name: str
    title: str
    action: str
    done: str
    starts: date
    ends: date
    audiences: Sequence[str]


def find(name: str) -> Starter:
    """Return the starter of a name; an unknown one is the blank page."""
    return next((one for one in STARTERS if one.name == name), STARTERS[-1])


def fragment(starter: Starter, new: NewCampaign) -> str:
    """Return the campaign as schedules.toml says it. Nothing leaves before somebody approves it."""
    at = f"campaign.{new.name}"
    lines = [
        f"[{at}]",
        f"title = {_quoted(new.title)}",
        *([f"action = {_quoted(new.action)} # bà con được nhắc làm gì"] if new.action else []),
        f"done = {_quoted(new.done)} # người đã làm xong thì gọi là gì",
        f"starts = {new.starts} # ngày đầu",
        f"ends = {new.ends} # hết ngày này là hết hạn",
        f"audiences = {_quoted(list(new.audiences))}",
        "requires_approval = true # chưa phê duyệt thì không tin nào được gửi",
    ]
    for step in _steps(starter, new):
        lines += ["", f"[[{at}.step]]", *(f"{key} = {value}" for key, value in step.items())]
    return "\n".join(lines) + "\n"


def _steps(starter: Starter, new: NewCampaign) -> list[dict[str, str]]:
    first = {
        "name": _quoted("mo-dau"),
        "title": _quoted(starter.first_title),
        "at": f"{new.starts}T08:00:00",
        "template": _quoted(starter.first),
    }
    steps = [first]
    if starter.weekly:
        since = new.starts + timedelta(days=FIRST_DAYS_KEPT_FREE)
        every = {"name": _quoted("hang-tuan"), "title": _quoted("Nhắc hằng tuần")}
        steps.append(every | {"every": _quoted("thứ hai 08:00"), "since": str(since)})
    fitting = [days for days in starter.days if new.ends - timedelta(days=days) > new.starts]
    if fitting:
        before = {"name": _quoted("truoc-han"), "title": _quoted("Nhắc trước hạn")}
        before["before"] = _quoted([f"{days}d 08:00" for days in fitting])
        steps.append(
            before | ({"template": _quoted(starter.before_template)} if starter.before_template else {})
        )
    if starter.thanks:
        steps.append(
            {"name": _quoted("cam-on"), "title": _quoted("Cảm ơn"), "after": _quoted("participation")}
        )
    return steps


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
