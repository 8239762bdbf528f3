"""Shares as reports give them: one decimal, a comma, and never more than is true."""

from __future__ import annotations

from contextvars import copy_context

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher import i18n
from dispatcher.report.formatting import format_percent
from dispatcher.vietnamese.shares import format_share, share_of, whole_percent_of


@pytest.mark.parametrize(
    ("part", "whole", "written"),
    [(25, 148, "16,9%"), (25, 37, "67,6%"), (1, 2, "50%"), (0, 9, "0%"), (9, 9, "100%"), (0, 0, "0%")],
)
def test_a_share_is_written_as_reports_write_it(part: int, whole: int, written: str) -> None:
    assert format_share(share_of(part, whole)) == written


@pytest.mark.parametrize(("language", "written"), [("vi", "16,9%"), ("en", "16.9%")])
def test_a_page_writes_it_in_its_language(language: str, written: str) -> None:
    context = copy_context()
    context.run(i18n.set_language, language)
    assert context.run(format_percent, 16.9) == written


@given(st.integers(1, 10**6).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_all_is_everybody_and_nothing_is_nobody(given_figures: tuple[int, int]) -> None:
    part, whole = given_figures
    for share in (share_of(part, whole), whole_percent_of(part, whole)):
        assert (share == 100) == (part == whole)
        assert (share == 0) == (part == 0)
    assert abs(share_of(part, whole) - 100 * part / whole) <= 0.1
