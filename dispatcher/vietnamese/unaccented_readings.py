"""Words that mislead once their accents are gone: advice to who writes a text, as an editor gives it.

A word is named only where its neighbours leave the other reading open. "mưa lớn" becomes "mua lon", which is
rude; "người lớn" is read as it was meant. Names are spared: they cannot be changed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dispatcher.i18n import N_
from dispatcher.vietnamese.text import nfc

_RUDE = N_("without accents this reads as a rude word; choose another word")
_PEOPLE = (
    "người|hộ|gia đình|nhà|công dân|cử tri|đảng viên|đoàn viên|hội viên|cán bộ|chi bộ|chi hội|học sinh|em"
    "|cháu|ông|bà|anh|chị|đồng chí|phụ huynh|thôn|xóm|tổ|đơn vị|cơ quan|trường|lớp|cá nhân|thành viên"
)
_INVITED_TO = (
    "tham gia|tham dự|dự|đến|tới|nhận|đăng ký|nộp|làm|vào|gửi|xem|họp|thi|mua|uống|tiêm|khám|cài|bấm|trả lời"
    "|liên hệ|gọi|truy cập"
)


class _Reading(NamedTuple):
    """Words that mislead where `beside` follows; `spared` are the phrases in which they do not; why."""

    words: str
    reason: str
    spared: str = ""
    beside: str = ""


READINGS: tuple[_Reading, ...] = (
    _Reading("lợn", _RUDE),
    _Reading("lộn", _RUDE, "lộn xộn|lẫn lộn|nhầm lộn"),
    _Reading(
        "lớn",
        _RUDE,
        "(?:người|phần|to|rộng|khôn|trưởng|nuôi|cao|lễ|lòng|quy mô|số|lượng|diện tích|cỡ|khổ|cổng) lớn"
        "|lớn (?:nhất|hơn|tuổi|lên|mạnh|lao|nhỏ)",
    ),
    _Reading(
        "buổi",
        _RUDE,
        r"buổi (?:sáng|trưa|chiều|tối|đêm|sớm|họp|hội|lễ|học|tập|làm|sinh|gặp|nói|khám|tiêm|đối|lao|phát|thi"
        r"|giao|tuyên|tư|toạ|tọa|diễn|biểu|ra|truyền|ký|bế|khai|chào|tiếp|trao|đón|kiểm|hướng|trực|thực|văn|giới"
        r"|hòa|hoà|sơ|tổng|công|liên|tham|bầu|bốc|xét|mít|đầu|cuối|này|đó|nay|kia|thứ|\d)",
    ),
    _Reading("bưởi", _RUDE),
    _Reading(
        "lồng",
        N_('without accents this reads as "lòng" or "lông"; choose another word'),
        "lồng (?:ghép|tiếng)|đèn lồng",
    ),
    # In the middle of a sentence nobody is invited: "50.000đ mỗi hộ".
    _Reading(
        "mỗi", N_('without accents this reads as "mời" (to invite)'), r"\w+,? mỗi", rf" (?:{_PEOPLE})\b"
    ),
    _Reading(
        "mới",
        N_('without accents this reads as "mời" (to invite)'),
        rf"(?:nông thôn|năm|đổi|làm|xây|cấp|tuyển|đợt|khoá|khóa|nhiệm kỳ|hồ sơ|thẻ|số) mới (?:{_INVITED_TO})",
        rf" (?:được )?(?:{_INVITED_TO})\b",
    ),
    _Reading("đừng", N_('without accents this reads as "đúng" or "dùng"; write "không"')),
    _Reading(
        "cấm",
        N_('without accents this reads as "cám" or "cảm"; write "không được"'),
        "nghiêm cấm|bị cấm|cấm kỵ|(?:hàng|điều|vùng|khu vực|biển|lệnh) cấm",
    ),
    _Reading(
        "bán",
        N_('without accents this reads as "bạn" (you)'),
        "(?:mua|buôn|rao|bình|người|bên|giá|đại lý|điểm) bán"
        "|bán (?:hàng|lẻ|buôn|kính|đấu giá|đảo|kết|nguyệt|thời gian|trú|dẫn|thân)",
    ),
    _Reading(
        "muộn",
        N_('without accents this reads as "muốn" (to want); write "chậm"'),
        "sớm muộn|sớm hay muộn|hiếm muộn|muộn màng",
    ),
    _Reading(
        "chờ",
        N_('without accents this reads as "cho" (to give); write "đợi"'),
        "chờ đợi|(?:phòng|hàng|thời gian|danh sách|ghế|khu|nhà) chờ|chờ (?:đón|mong)|mong chờ|trông chờ",
    ),
    _Reading(
        "hoãn|hoàn",
        N_('"hoãn" (put off) and "hoàn" (complete) are the same without accents; say it in full'),
        "(?:trì|tạm|hoà|hòa) hoãn|(?:tuần|bồi|thu|khứ|hậu|kim|xích|đồng) hoàn"
        "|hoàn (?:thành|thiện|toàn|chỉnh|cảnh|tất|thuế|tiền|trả|công|hảo|lại|ứng|vốn|phí|kiếm|nguyên|lưu)",
    ),
    _Reading("hà tây", N_('without "xã" before it, "Ha Tay" reads as the former province'), "xã hà tây"),
)
_COMPILED = tuple(
    (
        re.compile(rf"(?<!\w)(?:{one.words})(?!\w)(?={one.beside})", re.IGNORECASE),
        re.compile(rf"(?<!\w)(?:{one.spared})", re.IGNORECASE) if one.spared else None,
        one.reason,
    )
    for one in READINGS
)
_PLACE_NAME = "hà tây"
_NEVER_A_NAME = frozenset({"lợn"})  # "Dịch tả Lợn châu Phi": a capital in a title makes no name of it
_BEFORE_A_NAME = re.compile(
    r"(?:thị|văn|ông|bà|anh|chị|cô|chú|bác|cụ|em|cháu|dì|cậu|thím|mợ|thầy|đồng chí|đ/c|thôn|xóm|làng|ấp|bản"
    r"|phố|sông|cầu|chợ|đường)\s+$",
    re.IGNORECASE,
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n\"“(\[•–*]|\s-|\d[.)])\s*$")


def misleading_words(text: str) -> tuple[tuple[str, str], ...]:
    """Return the words of `text` that mislead when sent without accents: each as written, and the reason.

    In the order of the text, each once. Reasons are sentences for `_`.
    """
    text = nfc(text)
    found = sorted(
        (match.start(), match[0], reason)
        for words, spared, reason in _COMPILED
        for match in words.finditer(text)
        if not _is_name(text, match.start(), match[0]) and not _in_phrase(text, match.start(), spared)
    )
    return tuple(dict.fromkeys((word, reason) for _start, word, reason in found))


def _in_phrase(text: str, place: int, spared: re.Pattern[str] | None) -> bool:
    """Return whether the word at `place` belongs to a fixed phrase."""
    return spared is not None and any(
        found.start() <= place < found.end()
        for found in spared.finditer(text, max(0, place - 20), place + 40)
    )


def _is_name(text: str, place: int, word: str) -> bool:
    """Return whether the word is somebody's name, or a place's: a capital where none need be."""
    if word.lower() == _PLACE_NAME or not word[0].isupper():
        return False
    before = text[:place]
    if _BEFORE_A_NAME.search(before):
        return True
    all_capitals = word.isupper() and before[-12:].isupper()
    return not all_capitals and word.lower() not in _NEVER_A_NAME and not _SENTENCE_START.search(before)
