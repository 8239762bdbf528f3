"""schedules.toml as people get it wrong: all of it told at once, none of it raised."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dispatcher import i18n
from dispatcher.campaign import (
    contact_files,
    load,
    partial_validation,
    referenced_files,
    rules,
    time_rules,
    validation_messages,
)
from dispatcher.campaign.line_numbers import LineNumbers
from dispatcher.campaign.model import Schedules
from dispatcher.campaign.problem_collector import ProblemCollector
from tests.schedules_files import VALID_SCHEDULES, load_text, only_problem, write_files


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return write_files(tmp_path)


def test_a_good_file_has_no_problem(home: Path) -> None:
    loaded = load_text(home)
    assert loaded.problems == ()
    assert loaded.schedules is not None
    assert [item.name for item in loaded.schedules.audiences_by_priority()] == ["staff", "residents"]
    assert loaded.schedules.campaigns["contest"].steps[1].name == "weekly"


def test_the_value_is_shown_as_written(home: Path) -> None:
    problem = only_problem(
        load_text(home, VALID_SCHEDULES.replace("2025-10-16T08:00:00", "2025-11-12T08:00:00"))
    )
    assert problem.value == "2025-11-12T08:00:00"
    assert problem.line == 1 + VALID_SCHEDULES[: VALID_SCHEDULES.index("2025-10-16T08")].count("\n")


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(home: Path) -> None:
    text = VALID_SCHEDULES
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
    problems = load_text(home, text).problems
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
    text = VALID_SCHEDULES.replace("at = 2025-10-16T08:00:00\n", "", 1).replace('"3d 08:00"', '"40d 08:00"')
    assert [problem.where for problem in load_text(home, text).problems] == [
        "campaign.contest.step[1]",
        "campaign.contest.step[3].before[2]",
    ]


def test_templates_are_asked_for_by_audience_channel_and_moment(home: Path) -> None:
    templates = home / "templates"
    (templates / "staff" / "launch.mail.j2").unlink()
    (templates / "residents" / "3-days.sms.j2").unlink()
    (templates / "residents" / "3-day.sms.j2").touch()
    (templates / "digest.mail.j2").unlink()
    told = {problem.where: problem for problem in load_text(home).problems}
    launch, ladder, digest = (
        told[f"campaign.contest.{key}.name"] for key in ("step[1]", "step[3]", "digest[1]")
    )
    assert len(told) == 3
    assert launch.what == f"the template {templates / 'staff' / 'launch.mail.j2'} does not exist"
    assert launch.line == 1 + VALID_SCHEDULES[: VALID_SCHEDULES.index('name = "launch"')].count("\n")
    assert str(templates / "residents" / "3-days.sms.j2") in ladder.what
    assert '"residents/3-day.sms.j2"' in ladder.remedy
    assert str(templates / "digest.mail.j2") in digest.what


@pytest.mark.parametrize(
    "instead",
    ["contest/residents/launch.sms.j2", "launch.sms.j2", "contest/launch.sms.j2"],
)
def test_a_campaigns_own_template_or_the_shared_one_will_do(home: Path, instead: str) -> None:
    (home / "templates" / "residents" / "launch.sms.j2").unlink()
    assert load_text(home).schedules is None
    (home / "templates" / instead).parent.mkdir(parents=True, exist_ok=True)
    (home / "templates" / instead).touch()
    assert load_text(home).problems == ()


def test_a_step_may_name_its_template_and_its_channels(home: Path) -> None:
    text = VALID_SCHEDULES.replace(
        'name = "launch"', 'name = "start"\ntemplate = "launch"\nchannels = ["sms"]'
    )
    assert load_text(home, text).problems == ()


@pytest.mark.parametrize(
    ("renamed", "at"),
    [
        (('name = "launch"', 'name = "start"\nmoment = "launch"'), "step[1]"),
        (('name = "weekly"', 'name = "mondays"\nmoment = "weekly"'), "step[2]"),
        (('name = "digest"', 'name = "fridays"\nmoment = "3-days"'), "digest[1]"),
        (('name = "launch"\nat', 'name = "start"\n"moment" = "launch"\nat'), "step[1]"),
    ],
)
def test_the_old_word_for_template_is_understood_with_advice(
    home: Path, renamed: tuple[str, str], at: str
) -> None:
    loaded = load_text(home, VALID_SCHEDULES.replace(*renamed))
    assert loaded.schedules is not None
    (advice,) = loaded.problems
    assert (advice.severity, advice.where) == ("advice", f"campaign.contest.{at}.moment")
    assert '"template"' in advice.what


def test_the_old_word_is_told_of_once(home: Path) -> None:
    text = VALID_SCHEDULES.replace('name = "launch"', 'name = "start"\nmoment = "launch"')
    loaded = load_text(home, text.replace('name = "weekly"', 'name = "mondays"\nmoment = "weekly"'))
    assert [problem.where for problem in loaded.problems] == ["campaign.contest.step[1].moment"]


def test_the_old_word_beside_the_new_one_is_a_mistake(home: Path) -> None:
    text = VALID_SCHEDULES.replace(
        'name = "launch"', 'name = "start"\ntemplate = "launch"\nmoment = "weekly"'
    )
    problem = only_problem(load_text(home, text))
    assert (problem.where, problem.line) == (
        "campaign.contest.step[1].moment",
        text.split("moment")[0].count("\n") + 1,
    )


@pytest.mark.parametrize("key", ["template", "moment"])
@pytest.mark.parametrize("value", ["lanch", "Lời mời"])
def test_a_wrong_template_is_told_of_at_the_word_that_stands_there(home: Path, key: str, value: str) -> None:
    text = VALID_SCHEDULES.replace('name = "launch"', f'name = "start"\n{key} = "{value}"')
    loaded = load_text(home, text)
    assert loaded.schedules is None
    errors = {problem.where for problem in loaded.problems if problem.severity == "error"}
    assert errors == {f"campaign.contest.step[1].{key}"}


def test_advertising_needs_consent_and_a_way_to_refuse(home: Path) -> None:
    text = VALID_SCHEDULES.replace("cap_per_day = 2", 'class = "advertising"\nopt_out = "never"')
    assert [problem.where for problem in load_text(home, text).problems] == [
        "campaign.contest.audiences[1]",
        "campaign.contest.audiences[2]",
        "campaign.contest.opt_out",
    ]
    consented = VALID_SCHEDULES.replace("public_task", "consent").replace(
        "cap_per_day = 2", 'class = "advertising"'
    )
    assert load_text(home, consented).problems == ()


def test_lists_that_are_hidden_or_locks_of_an_open_workbook_are_none(home: Path) -> None:
    folder = home / "contacts" / "staff"
    (folder / "thon-1.csv").unlink()
    (folder / "~$thon-1.xlsx").touch()
    (folder / ".thon-1.csv").touch()
    (folder / "ghi chú.docx").touch()
    assert only_problem(load_text(home)).where == "audience.staff.lists[1]"
    (folder / "THÔN 1.XLSX").touch()
    assert load_text(home).problems == ()
    assert contact_files.find_files(home / "contacts", ["staff/*", "staff/T*"]) == (folder / "THÔN 1.XLSX",)
    (folder / "with macros.xlsm").touch()
    assert len(contact_files.find_files(home / "contacts", ["staff/*"])) == 2


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
    problem = only_problem(load_text(home, text))
    assert problem.line == line
    assert what in problem.what
    assert remedy in problem.remedy
    assert problem.value == text.splitlines()[line - 1].strip()


@pytest.mark.parametrize("content", [None, b"\xff\xfeo\x00", b"title = \xd4\xb5"])
def test_a_file_that_is_not_there_or_not_utf8_is_a_problem(home: Path, content: bytes | None) -> None:
    path = home / "schedules.toml"
    if content is not None:
        path.write_bytes(content)
    problem = only_problem(load.load(path, templates=home / "templates", contacts=home / "contacts"))
    assert problem.file == str(path)
    assert problem.remedy


def test_notepads_byte_order_mark_and_line_ends_do_no_harm(home: Path) -> None:
    path = home / "schedules.toml"
    path.write_bytes(b"\xef\xbb\xbf" + VALID_SCHEDULES.replace("\n", "\r\n").encode())
    assert load.load(path, templates=home / "templates", contacts=home / "contacts").problems == ()


def test_letters_in_two_pieces_are_put_together(home: Path) -> None:
    """A Mac writes ế as e, circumflex and acute: words, marks of time and names of files all have them."""
    text = VALID_SCHEDULES.replace('"7d 08:00"', '"7 ngày 08:00"').replace(
        '"residents/*.csv"', '"residents/hộ-*.csv"'
    )
    (home / "contacts" / "residents" / unicodedata.normalize("NFD", "hộ-thôn-1.csv")).touch()
    loaded = load_text(home, unicodedata.normalize("NFD", text))
    assert loaded.problems == ()
    assert loaded.schedules == load_text(home, text).schedules
    assert loaded.schedules is not None
    assert loaded.schedules.office.name == "UBND xã Hà Tây"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_list_is_found_whichever_way_its_name_is_kept(home: Path, form: str) -> None:
    kept = (
        home / "contacts" / unicodedata.normalize(form, "thôn đông") / unicodedata.normalize(form, "hộ.csv")
    )
    kept.parent.mkdir()
    kept.touch()
    for pattern in ("thôn đông/*", "*/hộ.csv", "thôn đông/hộ.csv"):
        assert contact_files.find_files(home / "contacts", (unicodedata.normalize("NFC", pattern),)) == (
            kept,
        )
    assert contact_files.matches(kept, "hộ*.csv")


def test_missing_folders_are_told_and_not_raised(tmp_path: Path) -> None:
    assert {problem.where for problem in load_text(tmp_path).problems} >= {
        "audience.staff.lists[1]",
        "campaign.contest.step[1].name",
    }


def test_an_empty_file_names_what_it_needs(home: Path) -> None:
    assert [problem.where for problem in load_text(home, "").problems] == [
        "office",
        "prices",
        "audience",
        "campaign",
    ]


def test_problems_speak_vietnamese_by_default(home: Path) -> None:
    i18n.set_language("vi")
    problem = only_problem(load_text(home, VALID_SCHEDULES.replace('"UBND HA TAY"', '"0912"')))
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
    raw = tomllib.loads(VALID_SCHEDULES)
    places = list(_places(raw))
    for _round in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(places))
        value = data.draw(BROKEN)
        if isinstance(holder, dict) or key < len(holder):
            if data.draw(st.booleans()) and isinstance(holder, dict):
                holder.pop(key, None)
            else:
                holder[key] = value
    findings = ProblemCollector("schedules.toml", raw, LineNumbers({}))
    try:
        Schedules.model_validate(raw)
    except ValidationError as error:
        validation_messages.add_problems(findings, error)
        assert findings.problems
    partial, kept = partial_validation.validate_rest(raw)
    if partial is not None:
        seen = findings.with_original_indices(kept)
        rules.check(seen, partial)
        time_rules.check(seen, partial)
        referenced_files.check(seen, partial, templates=home / "templates", contacts=home / "contacts")
    for problem in findings.sorted():
        assert problem.where
        assert problem.what
        assert "{" not in problem.what + problem.remedy


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])
