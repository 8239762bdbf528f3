"""The mistakes people make in schedules.toml, one by one: each with its place, its value and a remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.organisers import GOOD, lay_out, only, read


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return lay_out(tmp_path)


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
