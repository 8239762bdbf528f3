"""Notes: who must not be written to, told from what a list says beside a name."""

from __future__ import annotations

import pytest

from dispatcher.contacts import hold_reasons

SAID = {
    "dead": "đã mất|Đã chết|Mất 2023|mất ngày 12/3/2024|mất năm ngoái|qua đời|từ trần|tử vong"
    "|(đã mất)|†|ông mất|da mat"
    "|DA MAT|thương binh, qua đời 2022|Chồng đã mất|Mất|đã khuất núi",
    "moved": "chuyển đi|Đã chuyển|chuyển khẩu đi HN|cắt khẩu|chuyển công tác|chuyển sinh hoạt Đảng"
    "|chuyển trường|không còn ở địa phương|chuyen di|Chuyển vào Nam",
    "refuses": "không nhận tin nhắn|từ chối|không muốn nhận|đừng nhắn|khong nhan|không đồng ý"
    "|Không liên hệ nữa",
    "number": "sai số|đổi số mới|số cũ|nhầm số|mất sim",
    "": "|mất sức|mất ĐT|hưởng chế độ mất sức|chưa mất|mới chuyển đến|mất việc|mắt kém|dau mat"
    "|đi xuất khẩu LĐ|hộ nghèo|miễn sinh hoạt|không chuyển đi|không biết chữ|không có ĐT"
    "|nhận tin nhắn qua con"
    "|không liên lạc được|mất đất"
    "|đã mất điện thoại|không nhận được tin|nghỉ hưu|chuyển đổi số|tổ trưởng|con liệt sĩ",
}


@pytest.mark.parametrize(
    ("note", "hold"), [(n, hold) for hold, all_ in SAID.items() for n in all_.split("|")]
)
def test_note(note: str, hold: str) -> None:
    found = hold_reasons.find_hold_reason([note], staff=False)
    assert (found.reason if found else "") == hold


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
    [("Có", False), ("x", False), ("Đồng ý", False), ("TRUE", False), (True, False), (1.0, False),
     ("✓", False),
     ("Có, tôi đồng ý nhận", False), ("Không", True), ("Tôi không đồng ý", True), ("", True), (None, True),
     (False, True), ("Có lẽ không", True)],
)  # fmt: skip
def test_only_a_clear_yes_is_consent(cell: object, refuses: bool) -> None:
    assert hold_reasons.lacks_consent(cell) == refuses
