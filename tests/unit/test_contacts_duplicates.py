"""People who stand in a list more than once: the first stays, forms take the last, a hold is not lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.contacts import Contact, ParsedRow
from dispatcher.contacts.duplicates import DuplicateFinder, SeenKeys, keep_last_answers


def a_row(number: int, name: str, *phones: str, email: str = "", hold: str = "") -> ParsedRow:
    said = Contact(name, name, "", phones, email, "", "", "", "", "", "residents", hold, name.lower())
    return ParsedRow("a.csv", "", number, "held" if hold else "accepted", said)


@given(st.lists(st.tuples(st.text("01", max_size=12), st.text("ab", max_size=3)), max_size=300))
def test_keys_are_remembered_exactly(keys: list[tuple[str, str]]) -> None:
    seen = SeenKeys()
    known: dict[tuple[str, str], int] = {}
    for place, key in enumerate(keys, 1):
        assert seen.first_seen(key, place) == known.get(key, 0)
        known.setdefault(key, place)


def test_many_keys_are_remembered() -> None:
    seen = SeenKeys()
    assert all(seen.first_seen((str(n), ""), n) == 0 for n in range(1, 60_000))
    assert all(seen.first_seen((str(n), ""), 1) == n for n in range(1, 60_000, 97))


def marked(
    repeats: DuplicateFinder, *rows: ParsedRow, file: str = "a.csv", sheet: str = ""
) -> list[tuple[str, tuple[str, ...]]]:
    return [(row.status, row.reasons) for row in repeats.mark(iter(rows), file=file, sheet=sheet)]


def test_the_second_is_merged_into_the_first() -> None:
    rows = [
        a_row(2, "An", "1", "2"),
        a_row(3, "Ba", "1"),
        a_row(4, "An", "2"),
        a_row(5, "An", "3", email="a@b.vn"),
    ]
    assert marked(DuplicateFinder(), *rows, a_row(6, "An", email="a@b.vn")) == [
        ("accepted", ()),
        ("accepted", ()),
        ("merged", ("row:same-as=2",)),
        ("accepted", ()),
        ("merged", ("row:same-as=5",)),
    ]


def test_a_city_has_more_sheets_and_longer_ones_than_a_commune() -> None:
    """A sheet a class, thirty classes a school: a thousand sheets are soon there."""
    repeats = DuplicateFinder()
    for number in range(5000):
        marked(repeats, a_row(2, "An", str(number)), file="schools.xlsx", sheet=str(number))
    assert marked(repeats, a_row(9, "An", "4999"), a_row(5_000_000, "Ba", "x"), file="b.csv") == [
        ("merged", ("row:same-as=schools.xlsx · 4999 · 2",)),
        ("accepted", ()),
    ]
    assert marked(repeats, a_row(3, "Ba", "x"), file="c.csv") == [
        ("merged", ("row:same-as=b.csv · 5000000",))
    ]


def test_another_list_is_named() -> None:
    repeats = DuplicateFinder()
    marked(repeats, a_row(2, "An", "1"), file="a.xlsx", sheet="Đông")
    assert marked(repeats, a_row(9, "An", "1"), file="b.csv") == [
        ("merged", ("row:same-as=a.xlsx · Đông · 2",))
    ]


def test_a_row_that_holds_somebody_is_never_merged_away() -> None:
    rows = [
        a_row(2, "An", "1"),
        a_row(3, "An", "1", hold="dead"),
        a_row(4, "An", "1", hold="dead"),
        a_row(5, "An", "1"),
    ]
    assert [status for status, _reasons in marked(DuplicateFinder(), *rows)] == [
        "accepted",
        "held",
        "merged",
        "merged",
    ]


def test_of_the_answers_to_a_form_the_last_counts() -> None:
    rows = [a_row(2, "An", "1"), a_row(3, "Ba", "1"), a_row(4, "An", "1", "2"), a_row(5, "An", "2")]
    assert [(row.row, row.status) for row in keep_last_answers(iter(rows))] == [
        (2, "accepted"), (3, "accepted"), (4, "merged"), (5, "accepted"),
    ]  # fmt: skip
