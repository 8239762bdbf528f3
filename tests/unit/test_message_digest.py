"""What a digest tells whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from dispatcher.message import Recipient
from dispatcher.message.compose import Composer
from dispatcher.message.digest import AreaFigures, DigestFigures, Visit, digest_variables, sample_figures
from dispatcher.message.mail_parts import MailParts
from tests.message_fixtures import LINKS, PEOPLE, TEMPLATES, render_context, sample_schedules

LEADER = replace(PEOPLE["staff"], channel="email", address="a@b.example")
TODAY, LAST_DAY = date(2025, 11, 8), date(2025, 11, 11)


def area(name: str, participated: int = 0, *, contacts: int = 10, visits: int = 0) -> AreaFigures:
    people = tuple(Visit(name=f"{name} {n}", phone="+84 9•• ••• •00", reason="x") for n in range(visits))
    return AreaFigures(
        area=name, contacts=contacts, sent=contacts, undeliverable=0, opted_out=0,
        participated=participated, to_visit=people,
    )  # fmt: skip


AREAS = (area("Thôn Nam", 9, visits=1), area("Thôn Đông", 4, visits=2), area("Thôn Đoài", 8, visits=1))
FIGURES = DigestFigures(
    campaign="c", as_of=TODAY, areas=AREAS, total=area("", 21, contacts=30), target_percent=85
)  # fmt: skip


def told(reader: Recipient, figures: DigestFigures = FIGURES) -> dict[str, object]:
    return digest_variables(figures, reader, today=TODAY, last_day=LAST_DAY)


def mail(reader: Recipient = LEADER, figures: DigestFigures = FIGURES, today: date = TODAY) -> MailParts:
    composer = Composer(sample_schedules(), TEMPLATES, LINKS)
    parts = composer.compose(reader, render_context("digest", today=today), figures=figures).mail
    assert parts is not None
    return parts


@pytest.mark.parametrize("name", ["Thôn Đông", "thôn  đông", "THON DONG"])
def test_who_leads_an_area_sees_it_first_however_it_is_written(name: str) -> None:
    facts = told(replace(LEADER, area=name))
    assert facts["own"] is AREAS[1]
    assert facts["areas"] == (AREAS[1], AREAS[0], AREAS[2])


@pytest.mark.parametrize(
    ("lead", "name", "seen"),
    [
        ("area", "Thôn Đông", ["Thôn Đông"]),
        ("area", "Thôn Lạ", []),
        ("area", "", []),
        ("commune", "", ["Thôn Nam", "Thôn Đông", "Thôn Đoài"]),
        ("commune", "Thôn Đông", ["Thôn Nam", "Thôn Đông", "Thôn Đoài"]),
        ("", "Thôn Đông", []),
    ],
)
def test_names_are_given_only_to_those_in_charge_of_them(lead: str, name: str, seen: list[str]) -> None:
    facts = told(replace(LEADER, lead=lead, area=name))
    assert [item.area for item in facts["to_visit"]] == seen  # type: ignore[attr-defined]  # a tuple of areas
    text = mail(replace(LEADER, lead=lead, area=name)).text
    for item in AREAS:
        assert (f"{item.area} 0" in text) == (item.area in seen)


@pytest.mark.parametrize("name", ["Thôn Lạ", "Đồng Khác", ""])
def test_people_without_an_area_are_not_given_to_the_lead_of_an_unknown_one(name: str) -> None:
    figures = replace(FIGURES, areas=(*AREAS, area("", 3)))
    facts = told(replace(LEADER, area=name), figures)
    assert (facts["own"], facts["to_visit"]) == (None, ())


def test_areas_behind_come_lowest_first_and_nameless_ones_are_nobodys() -> None:
    figures = replace(FIGURES, areas=(*AREAS, area("", 0), area("Thôn Trống", 0, contacts=0)))
    assert [item.area for item in told(LEADER, figures)["behind"]] == ["Thôn Đông", "Thôn Đoài"]  # type: ignore[attr-defined]  # a tuple of areas
    assert told(LEADER, replace(figures, target_percent=None))["behind"] == ()


@pytest.mark.parametrize(
    ("today", "reply_by"),
    [(date(2025, 11, 1), date(2025, 11, 4)), (date(2025, 11, 10), LAST_DAY), (LAST_DAY, LAST_DAY)],
)
def test_an_answer_is_asked_for_before_the_deadline(today: date, reply_by: date) -> None:
    assert digest_variables(FIGURES, LEADER, today=today, last_day=LAST_DAY)["reply_by"] == reply_by


def test_the_report_may_say_until_when() -> None:
    assert told(LEADER, replace(FIGURES, reply_by=date(2025, 11, 9)))["reply_by"] == date(2025, 11, 9)


@pytest.mark.parametrize(
    ("participated", "contacts", "percent"), [(0, 0, 0), (199, 200, 99), (200, 200, 100), (1, 3, 33)]
)
def test_a_hundred_percent_means_everybody(participated: int, contacts: int, percent: int) -> None:
    assert area("x", participated, contacts=contacts).percent == percent


def test_the_subject_names_office_campaign_and_day() -> None:
    assert (
        mail().subject == "[UBND xã Hà Tây] Cuộc thi Công dân số Hải Phòng: tiến độ đến hết ngày 08/11/2025"
    )


@pytest.mark.parametrize(
    ("before", "words"),
    [(None, "%, chỉ tiêu 85%); còn"), (20, "tăng 1 người"), (21, "bằng kỳ trước"), (25, "giảm 4 người")],
)
def test_the_change_since_the_last_digest(before: int | None, words: str) -> None:
    total = replace(FIGURES.total, participated_before=before)
    assert words in mail(figures=replace(FIGURES, total=total)).text


def test_warnings_come_before_everything_else() -> None:
    parts = mail(figures=replace(FIGURES, warnings=("Đang tạm dừng.",)))
    for text in (parts.text, parts.html):
        assert text.index("Đang tạm dừng.") < text.index("Đến hết ngày")
    assert "Lưu ý" not in mail().html


def test_nothing_is_asked_after_the_deadline() -> None:
    after = mail(today=date(2025, 11, 13))
    assert "đã hết hạn" in after.text
    assert "Đề nghị đồng chí" not in after.text


class _Table(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("br", "meta"):
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.cell = True

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes what is not open"
        if tag in ("td", "th"):
            self.cell = False

    def handle_data(self, data: str) -> None:
        if self.cell:
            self.rows[-1][-1] += f" {data.strip()}"


def test_the_table_is_well_formed_and_complete() -> None:
    reader = _Table()
    reader.feed(mail(figures=sample_figures(TODAY), reader=replace(LEADER, area="Thôn Phương La")).html)
    assert reader.open == []
    rows = [[cell.strip() for cell in row] for row in reader.rows]
    assert rows[0] == [
        "Thôn", "Số liên hệ", "Đã gửi", "Không gửi được", "Không có số liên lạc", "Từ chối nhận", "Đã dự thi",
        "So với kỳ trước",
    ]  # fmt: skip
    assert rows[1] == ["Phương La", "120", "112", "6", "2", "2", "48 40%", "+5"]
    assert [row[0] for row in rows[1:]] == ["Phương La", "Đông", "Chưa rõ", "Toàn xã"]
    assert {len(row) for row in rows} == {8}


def test_whatever_a_list_says_is_only_text() -> None:
    attack = "<img src=x onerror=alert(1)>"
    nasty = replace(AREAS[1], area=attack, to_visit=(Visit(name=attack, phone="", reason=attack),))
    parts = mail(
        replace(LEADER, name=attack, lead="commune"),
        replace(FIGURES, areas=(nasty,), warnings=(attack,), source=attack),
    )
    assert "<img" not in parts.html
    assert attack in parts.text
