"""What is found before the run: with file, line and remedy, on the real rows, without holding them."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher import sms_encoding
from dispatcher.errors import Problem
from dispatcher.message import Recipient
from dispatcher.message.template_check import TemplateReport, check_all, find_problems
from tests.message_fixtures import PEOPLE, SAMPLE_CAMPAIGN, TEMPLATES, memory_templates, sample_schedules
from tests.schedules_factory import audience_toml, one_campaign

LAUNCH = {"name": "launch", "at": "2025-10-16 08:00"}
GOOD = "UBND xã Hà Tây: mời bà con. Từ chối nhận tin: gọi 0220. "
BABA = replace(PEOPLE["residents"], list_file="thon-dong.xlsx", list_row=8)


def look(
    words: str, *, rows: Iterable[Recipient] = (), who: str = "residents", channel: str = "sms", **keys: Any
) -> TemplateReport:
    """Try one template on some rows."""
    text = keys.pop("text", "accented")
    extra = keys.pop("files", {})
    suffix = "sms" if channel == "sms" else "mail"
    known = {who: audience_toml(text=text, channels=[channel], basis="consent")}
    files = memory_templates({f"{who}/launch.{suffix}.j2": words} | extra)
    return check_all(one_campaign(LAUNCH, audience=known, audiences=[who], **keys), files, {who: rows})


def problems(words: str, **keys: Any) -> list[Problem]:
    return look(words, **keys).problems


def only(found: list[Problem]) -> Problem:
    assert len(found) == 1, found
    assert found[0].remedy
    return found[0]


def test_a_good_text_has_no_problem() -> None:
    assert problems(GOOD, rows=[BABA]) == []


def test_the_texts_that_are_shipped_have_none() -> None:
    rows = {who: [person, replace(person, channel="email")] for who, person in PEOPLE.items()}
    assert find_problems(sample_schedules(), TEMPLATES, rows) == []


@pytest.mark.parametrize(
    ("words", "line", "part"),
    [
        ("một\n{% if %}", 2, "cannot be read"),
        ("một\n{{ office.name }", 2, "cannot be read"),
        ("{{ office.name|unacented }}", 1, "unacented"),
        ("một\n\n{{ ofice.name }}", 3, '"ofice"'),
        ("{{ office.fone }}", 1, '"fone"'),
        ("\n{{ recipient.ten }}", 2, '"ten"'),
        ('\n\n{% extends "layuot.sms.j2" %}', 3, "does not exist"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(words: str, line: int, part: str) -> None:
    found = only(problems(words))
    assert found.file == str(Path("templates/residents/launch.sms.j2"))
    assert found.line == line
    assert part in found.what
    assert found.severity == "error"


def test_a_likely_name_is_offered() -> None:
    assert only(problems("{{ ofice.name }}")).remedy == 'Did you mean "office"?'
    assert only(problems("{{ recipient.arae }}")).remedy == 'Did you mean "area"?'


def test_templates_that_nothing_uses_are_read_too() -> None:
    found = only(problems(GOOD, files={"staff/old.sms.j2": "{{ nobody }}"}))
    assert found.file == str(Path("templates/staff/old.sms.j2"))


def test_values_that_real_rows_lack_are_counted_and_the_first_row_named() -> None:
    rows = [replace(BABA, list_row=n, unit="" if n % 3 == 0 else "Đội 1") for n in range(1, 13)]
    found = only(problems(GOOD + "\n{{ recipient.unit }}", rows=rows))
    assert found.line == 2
    assert "recipient.unit" in found.what
    assert "(4 rows, the first: thon-dong.xlsx, row 3)" in found.what
    assert "{% if recipient.unit %}" in found.remedy


def test_names_that_cannot_be_written_are_counted_and_each_kind_named() -> None:
    names = ("Lê Thị Hoa", "Lê Thị Hoa 🌸", "محمد علي", "Trần Văn Ba", "Đỗ Thị Mai 🌸")
    rows = [replace(BABA, list_row=n, name=name) for n, name in enumerate(names, 2)]
    found = [
        one
        for one in problems(GOOD + "\n{{ recipient.name }}", rows=rows, text="unaccented")
        if "row" in one.what
    ]
    assert [one.what.rpartition(" (")[2] for one in found] == [
        "2 rows, the first: thon-dong.xlsx, row 3)", "1 row, the first: thon-dong.xlsx, row 4)",
    ]  # fmt: skip


def test_rows_that_lack_nothing_are_no_problem() -> None:
    asked = GOOD + "{% if recipient.unit %} {{ recipient.unit }}{% endif %}"
    assert problems(asked, rows=[BABA, replace(BABA, unit="Đội 1")]) == []


@pytest.mark.parametrize("left", [0, 1, 5, 10])
def test_a_repeated_text_is_tried_wherever_its_count_of_days_reads_another_way(left: int) -> None:
    every = {"name": "weekly", "every": "daily 08:00"}
    words = GOOD + f"{{% if days_left == {left} %}}\n{{{{ office.website }}}}{{% endif %}}"
    known = {"residents": audience_toml(text="accented", channels=["sms"])}
    made = one_campaign(every, audience=known, ends=date(2025, 10, 11 + max(left, 5)), opt_out="first")
    found = only(check_all(made, memory_templates({"residents/weekly.sms.j2": words}), {}).problems)
    assert "office.website" in found.what


def test_a_value_that_the_office_lacks_is_told_without_any_row() -> None:
    assert "office.phone" in only(problems(GOOD + "{{ office.phone }}")).what


def test_mails_are_tried_as_well() -> None:
    mail = (
        "{% block subject %}s{% endblock %}{% block html %}{% endblock %}"
        "{% block text %}\n{{ recipient.unit }} {{ unsubscribe_url }}{% endblock %}"
    )
    person = replace(BABA, channel="email", unit="")
    found = only(problems(mail, rows=[person], channel="email"))
    assert (found.line, found.severity) == (2, "error")


def test_mails_say_how_to_refuse() -> None:
    mail = (
        "{% block subject %}{% endblock %}"
        "{% block text %}x bit.ly/a{% endblock %}{% block html %}<p>{% endblock %}"
    )
    said = [problem.what for problem in problems(mail, channel="email")]
    assert said == [
        "the mail has no subject",
        "the mail does not say how to refuse",
        "the HTML part does not say how to refuse",
        "a shortened link hides where it leads",
    ]


# --- cost ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "letters", "severity"),
    [
        ("unaccented", 160, None),
        ("unaccented", 161, "advice"),
        ("unaccented", 459, "advice"),
        ("unaccented", 460, "error"),
        ("auto", 459, None),
        ("accented", 459, None),
        ("accented", 460, "error"),
    ],
)
def test_dear_texts(policy: str, letters: int, severity: str | None) -> None:
    start = "UBND xa Ha Tay: tu choi "
    found = problems(start + "x" * (letters - len(start)), text=policy)
    assert [problem.severity for problem in found] == ([severity] if severity else [])


def test_the_worst_case_is_over_the_real_rows() -> None:
    rows = [replace(BABA, list_row=n, area="x" * (n % 200)) for n in range(1, 400)]
    found = look(GOOD + "{{ recipient.area|default('') }}", rows=rows, text="unaccented")
    assert (found.costliest[0].parts, found.costliest[0].row) == (2, "thon-dong.xlsx, row 199")
    assert "up to 2 parts" in only(found.problems).what
    assert only(found.problems).value == "thon-dong.xlsx, row 199"


def test_a_letter_that_cannot_be_written_plainly_is_found_in_any_row() -> None:
    rows = [replace(BABA, list_row=1, area="Thôn Đông"), replace(BABA, list_row=2, area="學")]
    found = only(problems(GOOD + "{{ recipient.area }}", rows=rows, text="unaccented"))
    assert "學" in found.what
    assert "row 2" in found.what


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "An", "Đông", "Bình Minh", "x" * 70, "{", "~~"]),
            st.sampled_from(["", "5A", "Chi bộ thôn Đoài"]),
            st.sampled_from(["", "area"]),
        ),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(["accented", "unaccented", "auto"]),
)
def test_the_worst_case_is_what_trying_every_row_would_find(
    rows: list[tuple[str, str, str]], policy: sms_encoding.AccentPolicy
) -> None:
    words = GOOD + "{{ recipient.area or '-' }}{% if recipient.lead %} {{ recipient.unit or '' }}{% endif %}"
    people = [replace(BABA, list_row=n, area=a, unit=u, lead=lead) for n, (a, u, lead) in enumerate(rows)]
    worst = look(words, rows=iter(people), text=policy).costliest[0]
    every = [
        sms_encoding.apply_policy(f"{GOOD}{a or '-'}{f' {u}' if lead else ''}".strip(), policy)[1]
        for a, u, lead in rows
    ]
    assert (worst.parts, worst.units) == max((cost.parts, cost.units) for cost in every)


def test_rows_are_streamed_not_held() -> None:
    """Of twenty thousand rows at most a handful are alive at any time."""
    rows: list[weakref.ref[_Row]] = []

    def stream() -> Iterator[Recipient]:
        for number in range(20_000):
            row = _Row(**{**PERSON, "list_row": number, "area": f"Thôn {number % 7}"})
            rows.append(weakref.ref(row))
            if number % 1000 == 0:
                assert sum(held() is not None for held in rows) < 20
            yield row

    assert problems(GOOD + "{{ recipient.area }}", rows=stream()) == []


class _Row(Recipient):
    __slots__ = ("__weakref__",)


PERSON = {item.name: getattr(BABA, item.name) for item in fields(BABA)}


# --- what reads badly ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "part", "severity"),
    [
        ("mời bà con. Từ chối nhận tin: gọi 0220.", "who sends it", "advice"),
        ("UBND xã Hà Tây: mời bà con.", "how to refuse", "error"),
        (f"[QC] {GOOD}", "only advertising", "error"),
        (f"{GOOD} https://bit.ly/abc", "shortened link", "error"),
        (f"{GOOD} bit.ly/abc", "shortened link", "error"),
        (f"{GOOD} thi tại onetouch.example.com", "not a .gov.vn", "error"),
        (f"{GOOD} http://gov.vn.example.com/x", "not a .gov.vn", "error"),
        (f"{GOOD} https://onetouch.mic.gov.vn/thi", "bare address", "advice"),
        (f"{GOOD} “Công dân số”", "word processor", "advice"),
        (f"{GOOD} {{{{ recipient.name }}}}", "families share telephones", "advice"),
    ],
)
def test_lints_of_a_text(words: str, part: str, severity: str) -> None:
    found = [problem for problem in problems(words) if part in problem.what]
    assert found
    assert {problem.severity for problem in found} == {severity}
    assert all(problem.remedy for problem in found)


@pytest.mark.parametrize(
    "words", [f"{GOOD} Xem onetouch.mic.gov.vn.", f"{GOOD} Thư: ubnd@xahatay.example.vn"]
)
def test_government_addresses_and_mail_addresses_are_fine(words: str) -> None:
    assert problems(words) == []


def test_words_that_mislead_count_only_where_accents_are_dropped() -> None:
    words = f"{GOOD} Mưa lớn đêm nay."
    assert problems(words, text="accented") == []
    found = only(problems(words, text="unaccented"))
    assert (found.value, found.severity, found.line) == ("lớn", "advice", 1)


def test_a_lint_names_the_line_on_which_the_words_stand() -> None:
    layout = "{% block words %}{% endblock %}\n\n{% block help %}xem bit.ly/a{% endblock %}"
    child = '{% extends "layout.sms.j2" %}\n{% block words %}\n' + GOOD + "\n{% endblock %}"
    found = only(problems(child, files={"layout.sms.j2": layout}))
    assert (found.file, found.line) == (str(Path("templates/layout.sms.j2")), 3)


def test_the_party_is_not_named_on_telephones() -> None:
    found = only(problems(f"{GOOD} Mời đảng viên Chi bộ 3.", who="party"))
    assert "names the party" in found.what


def test_advertising_is_labelled() -> None:
    advertising: dict[str, Any] = {"class": "advertising"}
    assert "must begin with [QC]" in only(problems(GOOD, **advertising)).what
    assert problems(f"[QC] {GOOD}", **advertising) == []


def test_refusing_is_not_asked_for_where_the_campaign_never_says_it() -> None:
    assert problems("UBND xã Hà Tây: mời bà con.", opt_out="never") == []


def test_one_fault_in_a_shared_file_is_said_once() -> None:
    broken = sample_schedules()
    files = {str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.j2")}
    files["layout.sms.j2"] = files["layout.sms.j2"].replace("Từ chối nhận tin", "Xem bit.ly hoặc từ chối")
    shortened = [
        problem for problem in find_problems(broken, memory_templates(files)) if "shortened" in problem.what
    ]
    assert len(shortened) == 1
    assert shortened[0].where.count(SAMPLE_CAMPAIGN) > 3


def test_a_folder_that_cannot_be_read_is_a_problem_not_an_exception(tmp_path: Path) -> None:
    (tmp_path / "a.sms.j2").write_bytes(b"\xff")
    assert [problem.line for problem in find_problems(sample_schedules(), tmp_path)] == [1]
