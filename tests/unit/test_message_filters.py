"""What templates may do with a value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from dispatcher.message import filters

THON = ("thôn", "xóm", "tổ", "khu")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Đông", "thôn Đông"),
        ("Thôn Đông", "thôn Đông"),
        ("THÔN ĐÔNG", "thôn ĐÔNG"),
        ("thon Dong", "thôn Dong"),
        ("Xóm 3", "xóm 3"),
        ("Tổ dân phố 5", "tổ dân phố 5"),
        ("Thống Nhất", "thôn Thống Nhất"),  # begins with the letters of "thôn", and is a name
        ("1", "thôn 1"),
    ],
)
def test_the_kind_of_thing_stands_before_its_name_once(name: str, expected: str) -> None:
    assert filters.with_word(name, *THON) == expected


def test_words_of_two_parts() -> None:
    assert filters.with_word("Chi bộ thôn Đông", "Chi bộ") == "Chi bộ thôn Đông"
    assert filters.with_word("thôn Đông", "Chi bộ") == "Chi bộ thôn Đông"


@pytest.mark.parametrize(
    ("name", "expected"), [("Thôn Đông", "Đông"), ("Đông", "Đông"), ("Thôn", "Thôn"), ("Thôn 1", "1")]
)
def test_the_kind_of_thing_is_left_out_under_a_heading(name: str, expected: str) -> None:
    assert filters.without_word(name, "thôn") == expected


def test_only_the_first_letter_becomes_a_capital() -> None:
    assert filters.cap("đến hết ngày 11/11, UBND") == "Đến hết ngày 11/11, UBND"
    assert filters.cap("") == ""


def test_a_phone_number_is_written_without_separators() -> None:
    assert filters.compact("0220 3.812-345") == "02203812345"
    assert filters.compact("+84 220 3812345") == "+842203812345"


@pytest.mark.parametrize(("number", "expected"), [(12, "+12"), (0, "0"), (-3, "-3"), (1234, "+1.234")])
def test_a_difference_has_its_sign(number: int, expected: str) -> None:
    assert filters.signed(number) == expected


def test_a_moment_is_said_in_local_time_and_a_day_without_an_hour() -> None:
    assert filters.when(datetime(2025, 11, 8, 1, 0, tzinfo=UTC)) == "8h00 thứ Bảy, ngày 08/11/2025"
    assert filters.when(date(2025, 11, 8)) == "thứ Bảy, ngày 08/11/2025"


WORDS = """
Kính gửi bà con,

Một đoạn
viết trên hai dòng.

Đề nghị:
- việc một
- việc hai
  tiếp theo
"""


def test_plain_paragraphs_stand_on_one_line_each() -> None:
    assert filters.plain(WORDS) == (
        "Kính gửi bà con,\n\nMột đoạn viết trên hai dòng.\n\nĐề nghị:\n- việc một\n- việc hai tiếp theo"
    )


def test_paragraphs_become_html_with_lists() -> None:
    html = filters.paragraphs(WORDS)
    assert html.count("<p ") == 3
    assert html.count("<ul ") == html.count("</ul>") == 1
    assert html.count("<li ") == 2
    assert "việc hai tiếp theo" in html


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_nothing_in_a_paragraph_is_markup(text: str) -> None:
    """Whatever people write: only our own tags come out, and a reader sees the same words."""
    reader = _Reader()
    reader.feed(filters.paragraphs(text))
    reader.close()
    assert set(reader.tags) <= {"p", "ul", "li"}
    assert reader.words.split() == text.strip().removeprefix("- ").split()


def test_values_escaped_before_are_not_escaped_twice() -> None:
    assert "A &amp; B" in filters.paragraphs(Markup("A &amp; B"))
    assert "&lt;b&gt;" in filters.paragraphs(Markup("<b>"))
