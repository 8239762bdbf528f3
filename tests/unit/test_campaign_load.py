"""schedules.toml as people get it wrong: every mistake with its line, key, value and remedy, all at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dispatcher import i18n
from dispatcher.campaign import lists, load, remains, rules, sources, timing, wording
from dispatcher.campaign.findings import Findings
from dispatcher.campaign.load import Loaded
from dispatcher.campaign.model import Schedules
from dispatcher.campaign.positions import Positions
from dispatcher.errors import Problem

GOOD = """
[office]
name = "UBND xã Hà Tây"
sender = "UBND HA TAY"
mail = "ubnd@hatay.example.vn"
[prices]
default = 400
[audience.staff]
title = "Cán bộ"
lists = ["staff/*"]
basis = "public_task"
supplied_by = "Văn phòng"
priority = 1
[audience.residents]
title = "Bà con"
lists = ["residents/*.csv"]
basis = "public_task"
supplied_by = "Trưởng thôn"
priority = 2
channels = ["sms"]
window = "08:00-19:00"
[campaign.contest]
title = "Cuộc thi"
starts = 2025-10-11
ends = 2025-11-11
audiences = ["staff", "residents"]
cap_per_day = 2
budget_vnd = 1000000
no_send_days = ["holidays"]
[[campaign.contest.step]]
name = "launch"
at = 2025-10-16T08:00:00
[[campaign.contest.step]]
name = "weekly"
every = "mon 08:00"
since = 2025-10-20
[[campaign.contest.step]]
name = "deadline"
before = ["7d 08:00", "3d 08:00", "6h"]
[[campaign.contest.step]]
name = "thanks"
after = "participation"
[[campaign.contest.digest]]
name = "digest"
every = "fri 16:30"
to = ["staff"]
"""
MOMENTS = ("launch", "weekly", "7-days", "3-days", "last-hours", "thanks")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("vi")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with the lists and templates that the good file counts on."""
    for audience in ("staff", "residents"):
        (tmp_path / "contacts" / audience).mkdir(parents=True)
        (tmp_path / "contacts" / audience / "thon-1.csv").touch()
        (tmp_path / "templates" / audience).mkdir(parents=True)
        for moment in MOMENTS:
            (tmp_path / "templates" / audience / f"{moment}.sms.j2").touch()
    for moment in MOMENTS:
        (tmp_path / "templates" / "staff" / f"{moment}.mail.j2").touch()
    (tmp_path / "templates" / "digest.mail.j2").touch()
    return tmp_path


def read(home: Path, text: str = GOOD) -> Loaded:
    return load.read(text, file="schedules.toml", templates=home / "templates", contacts=home / "contacts")


def only(loaded: Loaded) -> Problem:
    assert loaded.schedules is None
    assert len(loaded.problems) == 1, loaded.problems
    return loaded.problems[0]


def test_a_good_file_has_no_problem(home: Path) -> None:
    loaded = read(home)
    assert loaded.problems == ()
    assert loaded.schedules is not None
    assert [item.name for item in loaded.schedules.by_priority()] == ["staff", "residents"]
    assert loaded.schedules.campaigns["contest"].steps[1].name == "weekly"


# What is written instead of what: where it is found, and words that the two sentences must hold.
MISTAKES = [
    (
        "unknown key",
        "cap_per_day = 2",
        "cap_per_dya = 2",
        "campaign.contest.cap_per_dya",
        "cap_per_dya",
        "cap_per_day",
    ),
    ("unknown, nothing near", "[prices]", "[prices]\nzzz = 1", "prices.zzz", "zzz", "Known here: default"),
    (
        "key of another section",
        "[prices]",
        '[prices]\nwindow = "08:00-20:00"',
        "prices.window",
        "window",
        "[campaign.…]",
    ),
    ("unknown section", "[office]", "[offize]\nx = 1\n[office]", "offize", "offize", '"office"'),
    (
        "after a step",
        "[[campaign.contest.digest]]",
        'letter = "x"\n[[campaign.contest.digest]]',
        "campaign.contest.step[4].letter",
        "letter",
        "[campaign.…]",
    ),
    (
        "unknown key of a list",
        "[campaign.contest]",
        '[audience.staff.columns."thon-*.csv"]\nheadrow = 3\n[campaign.contest]',
        'audience.staff.columns."thon-*.csv".headrow',
        "headrow",
        "header_row",
    ),
    (
        "text for a number",
        "cap_per_day = 2",
        'cap_per_day = "2"',
        "campaign.contest.cap_per_day",
        "whole number",
        "without quotation marks",
    ),
    (
        "true for a number",
        "cap_per_day = 2",
        "cap_per_day = true",
        "campaign.contest.cap_per_day",
        "whole number",
        "digits",
    ),
    ("fraction", "default = 400", "default = 400.5", "prices.default", "whole number", "digits"),
    (
        "number for a text",
        'title = "Cuộc thi"',
        "title = 5",
        "campaign.contest.title",
        "text is wanted",
        "quotation marks",
    ),
    (
        "text for a list",
        'to = ["staff"]',
        'to = "staff"',
        "campaign.contest.digest[1].to",
        "list is wanted",
        "square brackets",
    ),
    ("text for a table", "[prices]\ndefault = 400", "", "prices", '"prices" is missing', "[prices]"),
    (
        "text for true",
        "cap_per_day = 2",
        'requires_approval = "yes"',
        "campaign.contest.requires_approval",
        "yes or no",
        "true or false",
    ),
    (
        "unknown word",
        'basis = "public_task"\nsupplied_by = "Văn',
        'basis = "public"\nsupplied_by = "Văn',
        "audience.staff.basis",
        "not known",
        '"public_task", "consent"',
    ),
    ("empty text", 'title = "Cuộc thi"', 'title = " "', "campaign.contest.title", "nothing in it", "text"),
    (
        "missing key",
        'supplied_by = "Văn phòng"\n',
        "",
        "audience.staff.supplied_by",
        "missing",
        'supplied_by = "…"',
    ),
    (
        "no lists",
        'lists = ["staff/*"]',
        "lists = []",
        "audience.staff.lists",
        "list is empty",
        "at least one",
    ),
    (
        "list not there",
        '"staff/*"',
        '"stafff/*"',
        "audience.staff.lists[1]",
        '"staff" has no list',
        '"staff/*"',
    ),
    (
        "list of no kind we read",
        '"staff/*"',
        '"staff/*.doc"',
        "audience.staff.lists[1]",
        "has no list",
        ".xlsx",
    ),
    ("list outside", '"staff/*"', '"../staff/*"', "audience.staff.lists[1]", "inside the folder", "staff/*"),
    (
        "list by drive",
        '"staff/*"',
        "'C:\\staff\\*'",
        "audience.staff.lists[1]",
        "inside the folder",
        "staff/*",
    ),
    (
        "list override for nothing",
        "[campaign.contest]",
        '[audience.staff.columns."lop-*.xlsx"]\nheader_row = 7\n[campaign.contest]',
        'audience.staff.columns."lop-*.xlsx"',
        "no list of this audience",
        "thon-1.csv",
    ),
    (
        "unknown column kind",
        "[campaign.contest]",
        '[audience.staff.columns."thon-*.csv"]\nholds = { D = "telephone" }\n[campaign.contest]',
        'audience.staff.columns."thon-*.csv".holds.D',
        "not known",
        '"phone"',
    ),
    (
        "priorities clash",
        "priority = 2",
        "priority = 1",
        "audience.residents.priority",
        "same priority",
        "own number",
    ),
    (
        "priority too small",
        "priority = 2",
        "priority = 0",
        "audience.residents.priority",
        "too small",
        "at least 1",
    ),
    (
        "audience name",
        "[campaign.contest]",
        (
            '[audience."Bà con"]\ntitle = "x"\nlists = ["staff/*"]\nbasis = "consent"'
            '\nsupplied_by = "x"\npriority = 3\n[campaign.contest]'
        ),
        'audience."Bà con"',
        "small letters",
        "cong-dan-so",
    ),
    (
        "audience not there",
        'audiences = ["staff", "residents"]',
        'audiences = ["staff", "resident"]',
        "campaign.contest.audiences[2]",
        'no audience "resident"',
        '"residents"',
    ),
    (
        "audience twice",
        'audiences = ["staff", "residents"]',
        'audiences = ["staff", "residents", "staff"]',
        "campaign.contest.audiences[3]",
        "twice",
        "out",
    ),
    (
        "step to nobody known",
        "since = 2025-10-20",
        'audiences = ["parents"]',
        "campaign.contest.step[2].audiences[1]",
        'no audience "parents"',
        "residents",
    ),
    (
        "digest to nobody known",
        'to = ["staff"]',
        'to = ["staf"]',
        "campaign.contest.digest[1].to[1]",
        'no audience "staf"',
        '"staff"',
    ),
    (
        "campaign called like an audience",
        "campaign.contest",
        "campaign.staff",
        "campaign.staff",
        "same name",
        "Rename",
    ),
    (
        "step twice",
        'name = "weekly"',
        'name = "launch"\nmoment = "weekly"',
        "campaign.contest.step[2].name",
        'called "launch" too',
        "own name",
    ),
    (
        "digest called like a step",
        'name = "digest"',
        'name = "weekly"',
        "campaign.contest.digest[1].name",
        'called "weekly" too',
        "own name",
    ),
    (
        "step name",
        'name = "weekly"',
        'name = "hằng tuần"',
        "campaign.contest.step[2].name",
        "small letters",
        "accents",
    ),
    (
        "after the deadline",
        "2025-10-16T08:00:00",
        "2025-11-12T08:00:00",
        "campaign.contest.step[1].at",
        "after the deadline, 11/11/2025 23:59",
        "earlier",
    ),
    (
        "before the start",
        "2025-10-16T08:00:00",
        "2025-10-10T08:00:00",
        "campaign.contest.step[1].at",
        "before the start",
        "later",
    ),
    (
        "rung before the start",
        '"7d 08:00"',
        '"40d 08:00"',
        "campaign.contest.step[3].before[1]",
        "before the start",
        "later",
    ),
    ("rung twice", '"3d 08:00"', '"7d 08:00"', "campaign.contest.step[3].before[2]", "twice", "out"),
    (
        "rung unreadable",
        '"3d 08:00"',
        '"3 tuần"',
        "campaign.contest.step[3].before[2]",
        "cannot be read",
        "7d 08:00",
    ),
    (
        "deadline before the start",
        "ends = 2025-11-11",
        "ends = 2025-10-01",
        "campaign.contest.ends",
        "before the start",
        "year, month, day",
    ),
    (
        "since after the deadline",
        "since = 2025-10-20",
        "since = 2025-12-01",
        "campaign.contest.step[2].since",
        "after the deadline",
        "earlier",
    ),
    (
        "until before since",
        "since = 2025-10-20",
        "since = 2025-10-20\nuntil = 2025-10-19",
        "campaign.contest.step[2].until",
        "before it begins",
        "20/10/2025",
    ),
    (
        "since without every",
        "2025-10-16T08:00:00",
        "2025-10-16T08:00:00\nsince = 2025-10-16",
        "campaign.contest.step[1]",
        "belong to every",
        "every =",
    ),
    (
        "no time at all",
        "at = 2025-10-16T08:00:00\n",
        "",
        "campaign.contest.step[1]",
        "nothing says when",
        "exactly one",
    ),
    (
        "two times",
        "at = 2025-10-16T08:00:00",
        'at = 2025-10-16T08:00:00\nevery = "mon 08:00"',
        "campaign.contest.step[1]",
        "at, every",
        "exactly one",
    ),
    (
        "date unreadable",
        "at = 2025-10-16T08:00:00",
        'at = "16.10.2025"',
        "campaign.contest.step[1].at",
        "cannot be read",
        "16/10/2025",
    ),
    (
        "day not in the calendar",
        "at = 2025-10-16T08:00:00",
        'at = "31/11/2025"',
        "campaign.contest.step[1].at",
        "not a day",
        "month",
    ),
    (
        "repetition unreadable",
        '"mon 08:00"',
        '"moon 08:00"',
        "campaign.contest.step[2].every",
        "cannot be read",
        "thứ hai 08:00",
    ),
    (
        "window outside the law",
        '"08:00-19:00"',
        '"06:00-19:00"',
        "audience.residents.window",
        "07:00",
        "22:00",
    ),
    (
        "window upside down",
        '"08:00-19:00"',
        '"19:00-08:00"',
        "audience.residents.window",
        "before they begin",
        "07:30-20:30",
    ),
    (
        "windows that never meet",
        "cap_per_day = 2",
        'cap_per_day = 2\nwindow = "07:00-08:00"',
        "audience.residents.window",
        "no hour suits",
        "07:00-08:00",
    ),
    (
        "cap over the law",
        "cap_per_day = 2",
        "cap_per_day = 4",
        "campaign.contest.cap_per_day",
        "too large",
        "at most 3",
    ),
    (
        "cap of nothing",
        "cap_per_day = 2",
        "cap_per_day = 0",
        "campaign.contest.cap_per_day",
        "too small",
        "at least 1",
    ),
    (
        "no budget",
        "budget_vnd = 1000000",
        "budget_vnd = 0",
        "campaign.contest.budget_vnd",
        "too small",
        "more than 0",
    ),
    (
        "budget below nothing",
        "budget_vnd = 1000000",
        "budget_vnd = -5",
        "campaign.contest.budget_vnd",
        "too small",
        "more than 0",
    ),
    (
        "holiday word",
        '["holidays"]',
        '["holidays", "tet"]',
        "campaign.contest.no_send_days[2]",
        "neither a day nor a word",
        '"weekends"',
    ),
    (
        "grace unreadable",
        "cap_per_day = 2",
        'grace = "6"',
        "campaign.contest.grace",
        "cannot be read",
        '"6h"',
    ),
    (
        "sender too long",
        '"UBND HA TAY"',
        '"UBND XA HA TAY"',
        "office.sender",
        "14 characters, at most 11",
        "registered",
    ),
    (
        "sender with accents",
        '"UBND HA TAY"',
        '"UBND Hà Tây"',
        "office.sender",
        "do not take",
        "without accents",
    ),
    ("sender of digits", '"UBND HA TAY"', '"0912"', "office.sender", "no letter", "one letter"),
    ("sender empty", '"UBND HA TAY"', '""', "office.sender", "do not take", "Latin"),
    ("mail", '"ubnd@hatay.example.vn"', '"ubnd.hatay"', "office.mail", "not an e-mail address", "ubnd@"),
    (
        "time zone",
        "[office]",
        'timezone = "Asia/Hanoi"\n[office]',
        "timezone",
        "unknown time zone",
        "Asia/Ho_Chi_Minh",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "remedy"), [pytest.param(*rest, id=name) for name, *rest in MISTAKES]
)
def test_a_mistake_is_told_with_its_place_and_remedy(
    home: Path, old: str, new: str, where: str, what: str, remedy: str
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, -1 if old == "campaign.contest" else 1)
    problem = only(read(home, text))
    assert problem.where == where
    assert what in problem.what
    assert remedy in problem.remedy
    assert problem.severity == "error"
    assert problem.file == "schedules.toml"
    key = re.sub(r"\[\d+\]$", "", where.rsplit(".", 1)[-1])
    if "missing" in what:
        assert problem.line is None or text.splitlines()[problem.line - 1].startswith("[")
    else:
        assert problem.line is not None
        assert key in text.splitlines()[problem.line - 1]


def test_the_value_is_shown_as_written(home: Path) -> None:
    problem = only(read(home, GOOD.replace("2025-10-16T08:00:00", "2025-11-12T08:00:00")))
    assert problem.value == "2025-11-12T08:00:00"
    assert problem.line == 1 + GOOD[: GOOD.index("2025-10-16T08")].count("\n")


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(home: Path) -> None:
    text = GOOD
    for old, new in [
        ('"UBND HA TAY"', '"UBND XA HA TAY"'),
        ("default = 400", 'default = "400"'),
        ('title = "Cán bộ"', "title = 1"),
        ('"residents/*.csv"', '"nowhere/*"'),
        ("cap_per_day = 2", "cap_per_dya = 2"),
        ('name = "launch"\nat = 2025-10-16T08:00:00', 'name = "launch"'),
        ('"mon 08:00"', '"moon 08:00"'),
        ('"3d 08:00", "6h"', '"40d 08:00", "6x", "90d"'),
        ('to = ["staff"]', 'to = ["stff"]'),
    ]:
        assert old in text
        text = text.replace(old, new, 1)
    problems = read(home, text).problems
    assert [problem.where for problem in problems] == [
        "office.sender",
        "prices.default",
        "audience.staff.title",
        "audience.residents.lists[1]",
        "campaign.contest.cap_per_dya",
        "campaign.contest.step[1]",
        "campaign.contest.step[2].every",
        "campaign.contest.step[3].before[2]",
        "campaign.contest.step[3].before[3]",
        "campaign.contest.step[3].before[4]",
        "campaign.contest.digest[1].to[1]",
    ]


def test_a_broken_step_does_not_shift_the_places_of_the_next(home: Path) -> None:
    text = GOOD.replace("at = 2025-10-16T08:00:00\n", "", 1).replace('"3d 08:00"', '"40d 08:00"')
    assert [problem.where for problem in read(home, text).problems] == [
        "campaign.contest.step[1]",
        "campaign.contest.step[3].before[2]",
    ]


def test_templates_are_asked_for_by_audience_channel_and_moment(home: Path) -> None:
    templates = home / "templates"
    (templates / "staff" / "launch.mail.j2").unlink()
    (templates / "residents" / "3-days.sms.j2").unlink()
    (templates / "residents" / "3-day.sms.j2").touch()
    (templates / "digest.mail.j2").unlink()
    told = {problem.where: problem for problem in read(home).problems}
    launch, ladder, digest = (
        told[f"campaign.contest.{key}.name"] for key in ("step[1]", "step[3]", "digest[1]")
    )
    assert len(told) == 3
    assert launch.what == f"the template {templates / 'staff' / 'launch.mail.j2'} does not exist"
    assert launch.line == 1 + GOOD[: GOOD.index('name = "launch"')].count("\n")
    assert str(templates / "residents" / "3-days.sms.j2") in ladder.what
    assert '"residents/3-day.sms.j2"' in ladder.remedy
    assert str(templates / "digest.mail.j2") in digest.what


@pytest.mark.parametrize(
    "instead",
    ["contest/residents/launch.sms.j2", "launch.sms.j2", "contest/launch.sms.j2"],
)
def test_a_campaigns_own_template_or_the_shared_one_will_do(home: Path, instead: str) -> None:
    (home / "templates" / "residents" / "launch.sms.j2").unlink()
    assert read(home).schedules is None
    (home / "templates" / instead).parent.mkdir(parents=True, exist_ok=True)
    (home / "templates" / instead).touch()
    assert read(home).problems == ()


def test_a_step_may_name_its_template_and_its_channels(home: Path) -> None:
    text = GOOD.replace('name = "launch"', 'name = "start"\nmoment = "launch"\nchannels = ["sms"]')
    assert read(home, text).problems == ()


def test_advertising_needs_consent_and_a_way_to_refuse(home: Path) -> None:
    text = GOOD.replace("cap_per_day = 2", 'class = "advertising"\nopt_out = "never"')
    assert [problem.where for problem in read(home, text).problems] == [
        "campaign.contest.audiences[1]",
        "campaign.contest.audiences[2]",
        "campaign.contest.opt_out",
    ]
    consented = GOOD.replace("public_task", "consent").replace("cap_per_day = 2", 'class = "advertising"')
    assert read(home, consented).problems == ()


def test_lists_that_are_hidden_or_locks_of_an_open_workbook_are_none(home: Path) -> None:
    folder = home / "contacts" / "staff"
    (folder / "thon-1.csv").unlink()
    (folder / "~$thon-1.xlsx").touch()
    (folder / ".thon-1.csv").touch()
    (folder / "ghi chú.docx").touch()
    assert only(read(home)).where == "audience.staff.lists[1]"
    (folder / "THÔN 1.XLSX").touch()
    assert read(home).problems == ()
    assert lists.files(home / "contacts", ["staff/*", "staff/T*"]) == (folder / "THÔN 1.XLSX",)


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        ("a = 1\nname = “UBND”\n", 2, "", "curved quotation marks"),
        ("a = 1\nname = UBND\n", 2, "value that cannot be read", "straight quotation marks"),
        ("a = 16/10/2025\n", 1, "more on the line", "straight quotation marks"),
        ('a = "x\nb = 1\n', 1, "closing quotation mark", "Close it"),
        ("a = 1\n\na = 2\n", 3, "twice", "out"),
        ("[a]\n[b]\n[a]\n", 3, "heading that stands here twice", "double brackets"),
        ("[a\nb = 1\n", 1, "heading without its closing bracket", "Close it"),
        ("a = [1, 2\nb = 3\n", 2, "", ""),
        ("tên = 1\n", 1, "key that cannot be read", "Latin letters"),
        ("xin chào\n", 1, "neither a heading", 'key = "value"'),
        ("a = 2025-02-30\n", 1, "", ""),
        ('a = "\\q"\n', 1, "", ""),
        ("a = [[[1]\n", 1, "list without", "]"),
    ],
)
def test_broken_toml_is_told_with_its_line(home: Path, text: str, line: int, what: str, remedy: str) -> None:
    problem = only(read(home, text))
    assert problem.line == line
    assert what in problem.what
    assert remedy in problem.remedy
    assert problem.value == text.splitlines()[line - 1].strip()


@pytest.mark.parametrize("content", [None, b"\xff\xfeo\x00", b"title = \xd4\xb5"])
def test_a_file_that_is_not_there_or_not_utf8_is_a_problem(home: Path, content: bytes | None) -> None:
    path = home / "schedules.toml"
    if content is not None:
        path.write_bytes(content)
    problem = only(load.load(path, templates=home / "templates", contacts=home / "contacts"))
    assert problem.file == str(path)
    assert problem.remedy


def test_notepads_byte_order_mark_and_line_ends_do_no_harm(home: Path) -> None:
    path = home / "schedules.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load.load(path, templates=home / "templates", contacts=home / "contacts").problems == ()


def test_missing_folders_are_told_and_not_raised(tmp_path: Path) -> None:
    assert {problem.where for problem in read(tmp_path).problems} >= {
        "audience.staff.lists[1]",
        "campaign.contest.step[1].name",
    }


def test_an_empty_file_names_what_it_needs(home: Path) -> None:
    assert [problem.where for problem in read(home, "").problems] == [
        "office",
        "prices",
        "audience",
        "campaign",
    ]


def test_problems_speak_vietnamese_by_default(home: Path) -> None:
    i18n.use("vi")
    problem = only(read(home, GOOD.replace('"UBND HA TAY"', '"0912"')))
    assert problem.where == "office.sender"


BROKEN = st.recursive(
    st.floats()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.dates()
    | st.sampled_from(["staff", "launch", "mon 08:00"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "at", "lists", "title", "x", "office"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_stands_there_is_told_and_never_raised(home: Path, data: st.DataObject) -> None:
    raw = tomllib.loads(GOOD)
    places = list(_places(raw))
    for _round in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(places))
        value = data.draw(BROKEN)
        if isinstance(holder, dict) or key < len(holder):
            if data.draw(st.booleans()) and isinstance(holder, dict):
                holder.pop(key, None)
            else:
                holder[key] = value
    findings = Findings("schedules.toml", raw, Positions({}))
    try:
        Schedules.model_validate(raw)
    except ValidationError as error:
        wording.add_all(findings, error)
        assert findings.problems
    partial, kept = remains.readable(raw)
    if partial is not None:
        seen = findings.through(kept)
        rules.check(seen, partial)
        timing.check(seen, partial)
        sources.check(seen, partial, templates=home / "templates", contacts=home / "contacts")
    for problem in findings.sorted():
        assert problem.where
        assert problem.what
        assert "{" not in problem.what + problem.remedy


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])
