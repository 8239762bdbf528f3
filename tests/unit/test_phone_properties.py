"""What holds for every cell, not only for those somebody thought of."""

from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dispatcher.vietnamese import phone
from dispatcher.vietnamese.phone import numbering

PREFIXES = [str(prefix) for prefix in range(300, 1000) if numbering.is_mobile(f"{prefix}123456")]
mobiles = st.builds("{}{:06d}".format, st.sampled_from(PREFIXES), st.integers(0, 999_999)).filter(
    lambda national: len(set(national[1:])) > 1  # 0900000000 and 0999999999 only fill a cell
)
"""National numbers of valid mobiles."""

digits = st.text("0123456789", min_size=1, max_size=13)
gaps = st.sampled_from(
    ["", " ", ".", "-", ",", "/", "; ", "\n", " - ", " (", ") ", " +", "e", "O", "l", "+84", "0"]
)
words = st.sampled_from(
    ["", "con ", "Anh Ba", "(bà nội)", "ĐT:", "số cũ", " máy lẻ 12", "thôn 3 ", "?", "E+08", ".0"]
)
written = st.one_of(
    mobiles.map("0{}".format), mobiles, mobiles.map("+84{}".format), mobiles.map("84{}".format), digits
)
scraps = st.lists(st.tuples(words, written, gaps), min_size=1, max_size=4).map(
    lambda parts: "".join(part for scrap in parts for part in scrap)
)
"""Cells put together from whole numbers, broken ones, separators and words."""


@st.composite
def grouped(draw: st.DrawFn) -> str:
    """A valid mobile, with separators at any places."""
    number = draw(st.sampled_from(["0{}", "{}", "+84{}", "84{}", "0084{}"])).format(draw(mobiles))
    cuts = draw(st.sets(st.integers(1, len(number) - 1), max_size=4))
    separator = draw(st.sampled_from([" ", ".", "-", ",", "/", "  "]))
    return "".join(separator * (place in cuts) + digit for place, digit in enumerate(number))


cells = st.one_of(
    scraps, grouped(), digits, st.integers(-(10**13), 10**13), st.floats(), st.text(max_size=40)
)


@given(cells)
@settings(max_examples=1500)
@example("091234567.0")
@example("08 312 345 67")
@example("٠٩12345678")
def test_the_fast_way_and_phonenumbers_own_judgement_agree(cell: object) -> None:
    assert phone.parse(cell) == phone.parse_reference(cell)


@given(st.one_of(cells, st.none(), st.booleans(), st.binary(), st.dates(), st.decimals()))
@settings(max_examples=800)
def test_every_cell_has_numbers_or_one_reason_in_the_closed_words(cell: object) -> None:
    reading = phone.parse(cell)
    assert bool(reading.numbers) != bool(reading.reason)
    assert not reading.reason or reading.reason in phone.REASONS
    assert set(reading.repairs) <= set(phone.REPAIRS)
    assert set(reading.flags) <= set(phone.FLAGS)
    assert len(set(reading.numbers)) == len(reading.numbers)
    assert all(
        number.startswith("+84") and numbering.is_mobile_by_phonenumbers(number[3:])
        for number in reading.numbers
    )


def _old_forms(national: str) -> list[str]:
    old = [prefix for prefix, new in numbering.OLD_MOBILE_PREFIXES.items() if national.startswith(new)]
    return [national, *(prefix + national[2:] for prefix in old)]


@given(st.one_of(scraps, grouped()))
@settings(max_examples=1500)
def test_no_number_is_made_up(cell: str) -> None:
    """The digits of every number stand in the cell, in this order and without others between them."""
    plain = cell.replace("O", "0").replace("o", "0").replace("l", "1")
    seen = re.sub(r"[^0-9]", "", plain)
    for number in phone.parse(cell).numbers:
        assert any(form in seen for form in _old_forms(number[3:]))


@given(mobiles)
def test_a_mobile_in_ordinary_writing_is_itself(national: str) -> None:
    number = f"+84{national}"
    a, b, c = national[:3], national[3:6], national[6:]
    for cell in (
        f"0{national}",
        number,
        f"84{national}",
        f"0{a} {b} {c}",
        f"0{a}.{b}.{c}",
        f"+84 {a} {b} {c}",
        f"(+84) {a} {b} {c}",
        f"Anh Ba: 0{national} (con)",
        f'="0{national}"',
    ):
        assert phone.parse(cell).numbers == (number,)
    for cell in (
        national,
        int(national),
        float(national),
        f"{national}.0",
        f"{national[0]}.{national[1:]}E+08",
    ):
        reading = phone.parse(cell)
        if reading.reason == "rounded":  # six zeros at the end, come through a number cell
            assert national.endswith("000000")
        else:
            assert reading.numbers == (number,)
            assert "lost-zero" in reading.repairs


@given(mobiles, st.integers(0, 8))
def test_a_missing_digit_is_never_filled_in(national: str, place: int) -> None:
    broken = national[:place] + national[place + 1 :]
    assert not phone.parse(f"0{broken}").numbers
    assert not phone.parse(f"+84{broken}").numbers


@given(mobiles, st.integers(1, 9), st.sampled_from("0123456789"))
def test_a_digit_too_many_is_never_left_out(national: str, place: int, digit: str) -> None:
    broken = national[:place] + digit + national[place:]
    assert not phone.parse(f"0{broken}").numbers
    assert not phone.parse(f"+84{broken}").numbers


@given(mobiles, st.sampled_from([2, 3, 4, 5, 6, 7]), st.sampled_from(".,"))
def test_a_rounded_number_is_refused(national: str, kept: int, point: str) -> None:
    assert phone.parse(f"{national[0]}{point}{national[1:kept]}E+08").reason == "rounded"


@given(
    mobiles,
    mobiles,
    st.sampled_from(["; ", ";", "/", " / ", ", ", ",", " - ", "-", "\n", " ", "|", " hoặc ", " & "]),
)
def test_two_numbers_in_one_cell(first: str, second: str, separator: str) -> None:
    expected = tuple(dict.fromkeys((f"+84{first}", f"+84{second}")))
    assert phone.parse(f"0{first}{separator}0{second}").numbers == expected


@given(st.text(max_size=60))
@settings(max_examples=800)
def test_the_note_never_carries_a_long_number(text: str) -> None:
    cell = f"{text} CCCD 030085001234"
    assert not re.search(r"[0-9]{6}", phone.parse(cell).note)
