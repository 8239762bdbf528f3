"""Vietnamese text as characters: composing, cleaning, writing without accents, search keys."""

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.vietnamese import text
from dispatcher.vietnamese.text import NotAscii

TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]
VOWELS = {"a": ["", "\u0306", "\u0302"], "e": ["", "\u0302"], "i": [""]}
VOWELS |= {"o": ["", "\u0302", "\u031b"], "u": ["", "\u031b"], "y": [""]}


def accented_letters() -> list[tuple[str, str, tuple[str, ...]]]:
    """Build the 134 letters from the grammar, not from our tables: letter, ASCII base, its marks."""
    small = [
        (unicodedata.normalize("NFC", base + shape + tone), base, tuple(filter(None, (shape, tone))))
        for base, shapes in VOWELS.items()
        for shape in shapes
        for tone in TONES
        if shape or tone
    ]
    small.append(("đ", "d", ()))
    return small + [(letter.upper(), base.upper(), marks) for letter, base, marks in small]


LETTERS = accented_letters()
vietnamese = st.text(
    st.sampled_from([letter for letter, _, _ in LETTERS]) | st.sampled_from("abcghnt XYZ1,.")
)


def test_there_are_134_accented_letters():
    assert len({letter for letter, _, _ in LETTERS}) == 134


@pytest.mark.parametrize(("letter", "base", "marks"), LETTERS, ids=[letter for letter, _, _ in LETTERS])
def test_each_letter_composes_and_loses_its_accents_from_any_form(letter, base, marks):
    assert text.nfc(letter) == letter
    assert text.unaccent(letter) == base
    for order in itertools.permutations(marks):
        typed = "".join((base, *order)) if marks else letter
        assert text.nfc(typed) == letter
        assert text.unaccent(typed) == base
        assert text.fold(typed) == base.lower()
    for shape in marks[:-1]:  # half composed: ê + dot, ư + acute
        half = unicodedata.normalize("NFC", base + shape) + marks[-1]
        assert text.nfc(half) == letter
        assert text.unaccent(half) == base


@given(vietnamese)
def test_form_of_typing_makes_no_difference(written):
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        other = unicodedata.normalize(form, written)
        assert text.unaccent(other) == text.unaccent(written)
        assert text.fold(other) == text.fold(written)
        assert text.nfc(other) == written


@given(st.text())
def test_unaccenting_ends_in_ascii_or_names_the_culprits(written):
    culprits = tuple(c for c in dict.fromkeys(written) if not c.isascii() and not can_be_plain(c))
    if not culprits:
        assert text.unaccent(written).isascii()
        return
    with pytest.raises(NotAscii) as refusal:
        text.unaccent(written)
    assert refusal.value.characters == culprits
    assert all(f"U+{ord(c):04X}" in str(refusal.value) for c in culprits)


def can_be_plain(character: str) -> bool:
    try:
        return text.unaccent(character).isascii()
    except NotAscii:
        return False


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("“Công dân số” – ‘an toàn’…", "\"Cong dan so\" - 'an toan'..."),
        ("10\u00a0giờ\u202f30", "10 gio 30"),
        ("•\u2009Mời bà con", "- Moi ba con"),
        ("Ðảng uỷ", "Dang uy"),  # eth
        ("so\u00adft\u200b \ufeffhyphen", "soft hyphen"),
        ("ＳĐＴ：０９１２", "SDT:0912"),
        ("12 m² – 200.000₫", "12 m2 - 200.000d"),
        ("ﬁle Café Müller", "file Cafe Muller"),
        ("đ́", "d"),
        ("sốt trên 38,5°C", "sot tren 38,5oC"),
        ("38,5 ℃, góc 45°", "38,5 oC, goc 45o"),
        ("số N°12, nº 3, № 4", "so No12, no 3, No 4"),
        ("1½ giờ, ¾ suất, ½ ngày", "1 1/2 gio, 3/4 suat, 1/2 ngay"),
        ("10⁴ và CO₂", "104 va CO2"),
        ("① nộp, ② nhận", "(1) nop, (2) nhan"),
        ("±2, ≤ 5, ≥ 6, 6÷2, ≈ 3", "+/-2, <= 5, >= 6, 6:2, ~ 3"),
        ("5 µm, 10 €, ✓ đủ → xong", "5 um, 10 EUR, v du -> xong"),
        ("dòng\nmới\t!", "dong\nmoi\t!"),
    ],
)
def test_typographic_characters_become_plain_ones(written, plain):
    assert text.unaccent(written) == plain


@pytest.mark.parametrize("written", ["😀", "日本", "Привет", "\x85", "🌸"])
def test_what_has_no_plain_form_is_refused(written):
    with pytest.raises(NotAscii):
        text.unaccent(f"Mời {written}")


@pytest.mark.parametrize(
    ("raw", "tidy"),
    [
        ("", ""),
        ("  ", ""),
        ("Nguyễn Văn An", "Nguyễn Văn An"),
        (" Nguyễn\u00a0Văn  An\n", "Nguyễn Văn An"),
        ("\ufeffSTT\u200b", "STT"),
        ("0912\u00ad345\u202c678", "0912345678"),
        ("Thôn\x001", "Thôn1"),
        ("a\u2028b\x0bc", "a b c"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
    ],
)
def test_clean_makes_one_tidy_line(raw, tidy):
    assert text.clean(raw) == tidy


@given(st.text())
def test_cleaning_twice_is_cleaning_once(raw):
    tidy = text.clean(raw)
    assert text.clean(tidy) == tidy
    assert tidy == tidy.strip()
    assert "  " not in tidy


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Họ và tên", "HO VA  TEN:"),
        ("Hoà Bình", "Hòa Bình"),
        ("Uỷ ban", "Ủy ban"),
        ("Thuý", "Thúy"),
        ("Số điện thoại", "SỐ ĐIỆN-THOẠI"),
        ("E-mail", "email"),
        ("SĐT", "S.Đ.T"),
        ("Nguyễn", "Nguye\u0302\u0303n"),
        ("Tổ 1,2", "Tổ 1 - 2"),
        ("Lớp 5A", "LỚP 5 A"),
    ],
)
def test_fold_finds_the_same_in_different_writing(one, other):
    assert text.fold(one) == text.fold(other)


def test_fold_keeps_numbers_apart_and_other_scripts():
    assert text.fold("Tổ 1, 2") == "to1 2"
    assert text.fold("Tổ 12") == "to12"
    assert text.fold("Thôn 1-2") == "thon1 2"
    assert text.fold("Привет 日本 😀") == "привет日本"
    assert text.fold("…–!") == ""


@given(st.text())
def test_fold_is_stable_and_keeps_neither_case_nor_ends(written):
    folded = text.fold(written)
    assert text.fold(folded) == folded
    assert folded == folded.strip()
    assert text.fold_words(written).replace(" ", "") == folded.replace(" ", "")


def test_fold_words_keeps_words_apart():
    assert text.fold_words("Đã  mất!/2024") == "da mat 2024"
    assert text.fold_words("Bí thư-Trưởng thôn") == "bi thu truong thon"


def test_typographic_characters_are_listed_with_their_plain_form():
    assert text.typographic_characters("“a” – “b”…") == (("“", '"'), ("”", '"'), ("–", "-"), ("…", "..."))
    assert text.typographic_characters('"a" - b...') == ()
