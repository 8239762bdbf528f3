"""Tells the rows of a sheet that are no people: groups, totals, signatures, repeated headings.

A row with a telephone number is never judged here. Each of these rows stays in the account as skipped,
with its word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dispatcher.contacts import hold_reasons
from dispatcher.i18n import N_
from dispatcher.vietnamese import names, text

SKIP_REASONS: dict[str, str] = {
    "title": N_("a title above the headings"),
    "headings": N_("headings"),
    "column-numbers": N_("numbers of the columns"),
    "group": N_("a group heading"),
    "total": N_("a total"),
    "signature": N_("words and signatures below the list"),
    "no-person": N_("no name, number or address in this row"),
}

_TOTAL = re.compile(
    r"^(?:tong cong|tong so|tong|cong|cong don)"
    r"(?:$| \d| khoi| lop| thon| toan| chi bo| trang| danh sach| so| nu\b)"
    r"|^(?:danh sach (?:nay )?(?:co|gom|tren)|danh sach nay|an dinh danh sach|tong cong)\b"
)
_SIGNATURE = re.compile(
    r"^(?:nguoi lap|nguoi tong hop|nguoi bao cao|can bo lap|lap bieu|ke toan|thu truong|(?:pho )?hieu truong"
    r"|xac nhan|t ?m |k ?t |t ?l |t ?u ?q |thay mat|giao vien chu nhiem|gvcn|noi nhan|ky va ghi ro|ky ten"
    r"|da ky|(?:pho )?chu tich$|(?:pho )?bi thu$|truong thon$|truong phong$|thu ky$"
    r"|luu y|ghi chu|chu thich|nguoi lien he)"
    r"|\bngay (?:\d+ )?thang (?:\d+ )?nam\b"
)
_GROUP_NUMBER = re.compile(r"^(?:[IVXL]{1,6}|[A-H])$|^(?:[IVXL]{1,6}|[A-HĐ]|\d{1,2})\s?[.)/:-]+$")
_GROUP = re.compile(
    r"^(?:[IVXL]{1,6}|[A-HĐ])\s?[.)/:–-]\s*\S|^[IVXL]{2,6}\s+\S"
    r"|^(?:[\d.]+\s?[.)/:-]\s*)?(?:khối|chi bộ|đảng (?:ủy|uỷ|bộ)|thôn|xóm|tổ|tdp|khu|lớp|trường|phòng|ban"
    r"|bộ phận|ubnd|hđnd|mttq|ubmttq|các |cán bộ|công chức|đơn vị|cơ quan|hội|đoàn|công an|quân sự|trạm|nhóm"
    r"|đội|cụm|danh sách|văn phòng|uỷ ban|ủy ban|toàn|hộ)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^\s*(?:[IVXL]{1,6}|[A-HĐ]|\d{1,2}(?:\.\d{1,2})*)\s?[.)/:–-]+\s*|^[IVXL]{2,6}\s+", re.IGNORECASE
)
_COLUMN_NUMBER = re.compile(r"^[(\[]?(?:\d{1,2}|[A-HĐ])[)\]]?(?:\s*=[\d()+*x:/\s-]+)?$")  # also "6=4+5"
_COUNT = re.compile(
    r"^\(?\d{1,5}(?:[.,]0)?\s*(?:người|ng|hộ|đ/c|đồng chí|hs|học sinh|đảng viên)?\)?$", re.IGNORECASE
)


def is_column_numbers(cells: Sequence[str]) -> bool:
    """Return whether it is the row "(1) (2) (3)" or "A B 1 2" that forms put under headings."""
    return len(cells) >= 3 and all(map(_COLUMN_NUMBER.match, cells))


def footer_kind(cells: Sequence[str]) -> str:
    """Return "total" or "signature" when the row belongs to what stands under a list, else ""."""
    for cell in cells:
        words = text.fold_words(cell)
        if _TOTAL.search(words):
            return "total"
        # "T/M" may stand alone in its cell, without the office for which somebody signs.
        if _SIGNATURE.search(words) or (len(words) < 4 and _SIGNATURE.search(f"{words} ")):
            return "signature"
    return ""


def group_title(cells: Sequence[str], *, in_name_column: bool) -> str:
    """Return the words of a group row ("I. KHỐI ĐẢNG", "Xóm 3"); empty when it is none."""
    words = [cell for cell in cells if not _COUNT.match(cell)]
    if not words or len(words) > 2 or len(cells) > 3:
        return ""
    if len(words) == 2:
        number, title = words
        return title if _GROUP_NUMBER.match(number) and not looks_like_name(title) else ""
    title = words[0]
    stripped = _NUMBERED.sub("", title)
    if _holds_those_below(stripped):
        return stripped
    if looks_like_name(stripped) and in_name_column:
        return ""
    if _GROUP.match(title) or not in_name_column or (title.isupper() and not looks_like_name(title)):
        return stripped
    return ""


def _holds_those_below(title: str) -> bool:
    """Tell "II. ĐÃ MẤT" from a person of whom it is said."""
    before, _behind = hold_reasons.split_name(title)
    if before != title and looks_like_name(before):
        return False
    return hold_reasons.find_hold_reason([title], staff=False, is_note=False) is not None


def looks_like_name(words: str) -> bool:
    """Return whether words look like somebody's name: two to six, a family name first."""
    pieces = words.split()
    return (
        2 <= len(pieces) <= 6 and pieces[0].lower() in names.FAMILY_NAMES and all(p.isalpha() for p in pieces)
    )
