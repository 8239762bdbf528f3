"""Notes: who must not be written to, told from what a list says beside a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatcher.contacts import hold_reasons

# What lists say beside a name, with the reason that a careful clerk would see, "-" for none; made up by hand.
TABLE = Path(__file__).parent.parent / "corpus" / "notes.tsv"
NOTES = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]


def reason(note: str, *, staff: bool = False, is_note: bool = True) -> str:
    found = hold_reasons.find_hold_reason([note], staff=staff, is_note=is_note)
    return found.reason if found else ""


def test_precision_and_recall_over_the_whole_table() -> None:
    read = [(said.strip("-"), reason(note, staff=said == "retired"), note) for said, note in NOTES]
    held = [(said, note) for said, found, note in read if found]
    meant = [(found, note) for said, found, note in read if said]
    assert len(read) >= 5400
    assert len({note for _said, _found, note in read}) == len(read)
    assert sum(bool(said) for said, _note in held) / len(held) > 0.99, [n for s, n in held if not s]
    assert sum(bool(found) for found, _note in meant) / len(meant) > 0.98, [n for f, n in meant if not f]


def test_of_those_who_are_said_to_have_died_nobody_is_missed() -> None:
    assert [note for said, note in NOTES if said == "dead" and not reason(note)] == DEAD_BUT_MISSED


# "đã mắt" is a slip of the finger for "đã mất", and as good a word for something else.
DEAD_BUT_MISSED = ["con làm hồ sơ MTP", "đã hoá", "đã mắt", "quy y tiên tổ"]


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("ck đi HN", "moved"),
        ("đi LĐ nước ngoài", "moved"),
        ("0 liên lạc được", "number"),
        ("sđt của con", "number"),
        ("thuê bao", "number"),
        ("Bố đã mất", ""),
        ("con báo bố đã mất năm 2024", "dead"),
        ("mất CMND", ""),
        ("đã mat 2020", "dead"),
        ("đã chuyển khoản", ""),
        ("mat so", "number"),  # sổ or số: without accents nobody can tell
        ("số này đã mất", "dead"),
        ("Tư", ""),  # a nickname, in brackets behind the name; "tử" is written with its tone
    ],
)
def test_note(note: str, said: str) -> None:
    assert reason(note) == said


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
        ("Trần Văn Sai", "Trần Văn Sai", ""),
        ("HỒ THỊ DỪNG", "HỒ THỊ DỪNG", ""),
        ("Lê Thị Tư MẤT", "Lê Thị Tư", "MẤT"),
        ("Vu Dinh Cu", "Vu Dinh Cu", ""),
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
