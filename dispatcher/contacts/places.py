"""Where somebody lives, as the thôn and its leads count it: one spelling for what lists write in many.

"Đông" under the heading "Thôn", "THÔN ĐÔNG" and "Số 5, thôn Đông, xã An Phượng" are all "Thôn Đông".
"""

from __future__ import annotations

import re
from functools import lru_cache

from dispatcher.vietnamese import text

# What a place is called, the wider kind first: a thôn has leads, a xóm is a part of it.
_KINDS = (
    "thôn", "tổ dân phố", "tdp", "khu dân cư", "kdc", "khu phố", "làng", "ấp", "bản", "buôn",
    "khu", "xóm", "cụm", "đội", "tổ",
)  # fmt: skip
_HEADINGS = (  # words of a heading -> the word put before a bare value
    ("thon", "Thôn"), ("to dan pho", "Tổ dân phố"), ("tdp", "Tổ dân phố"), ("khu dan cu", "Khu dân cư"),
    ("kdc", "Khu dân cư"), ("khu pho", "Khu phố"), ("lang", "Làng"), ("xom", "Xóm"), ("ap", "Ấp"),
    ("to", "Tổ"),
)  # fmt: skip
_WORD = "|".join(_KINDS)
# A "Tổ công nghệ số cộng đồng" is people, not a place.
_BEGINS = re.compile(rf"^(?!tổ (?:công nghệ|cns))(?:{_WORD})\b[ .:]*", re.IGNORECASE)
_INSIDE = re.compile(
    rf"(?:^|[,;–(]|\s-\s|\s)\s*((?:{_WORD})\s+[^,;–()]+?)(?=\s*(?:[,;–()]|\s-\s|$)|\s+(?:{_WORD})\s)",
    re.IGNORECASE,
)
_WIDER = re.compile(
    r"^(?:xã|phường|p\.|x\.|huyện|h\.|quận|tỉnh|tp\b|thành phố|thị trấn|thị xã|hải phòng|hải dương|việt nam)",
    re.IGNORECASE,
)
_STOPS = re.compile(r"\s*(?:[-–]\s*)?\b(?:xã|phường|huyện|tỉnh|tp\.?|thành phố|thị trấn)\b.*$", re.IGNORECASE)
_OFFICES = re.compile(
    r"^(?:ubnd|uỷ ban|ủy ban|đảng|hđnd|mttq|công an|trường|trạm|cơ quan|văn phòng|phòng|ban|khối|hội|đoàn)\b",
    re.IGNORECASE,
)  # fmt: skip
_TITLE = re.compile(
    r"(?:^|[\s,:(-])((?:thôn|tổ dân phố|tdp|khu dân cư|kdc|khu phố)\s+(?!trưởng\b|đội\b|xóm\b)"
    r"[^\s,;:.()–-]+(?:\s+[^\s,;:.()–-]+){0,3})",
    re.IGNORECASE,
)
_TITLE_ENDS = re.compile(
    r"\s+(?:năm|tháng|ngày|quý|đợt|xã|phường|huyện|và|theo|có|tham|gia|kèm|thuộc|nhận|đăng|lần|khoá|khóa|trưởng)(?:\s.*)?$",
    re.IGNORECASE,
)
AREA_WORDS_MAX = 4


@lru_cache(maxsize=8192)
def normalise_area(value: str, heading: str = "") -> str:
    """Write the value of a column headed `heading` ("Thôn", "Xóm/Tổ") as a place."""
    value = _tidy(value)
    if not value:
        return ""
    if _BEGINS.match(value) and _widest(value) == "":
        return _capitalised(_STOPS.sub("", value.split(",")[0]).strip(" .-–"))
    if inside := _widest(value):
        return inside
    value = value.split(",")[0].strip()
    if _WIDER.match(value) or _OFFICES.match(value) or len(value.split()) > AREA_WORDS_MAX:
        return value
    words = text.fold_words(heading)
    before = next((word for sign, word in _HEADINGS if re.search(rf"\b{sign}\b", words)), "")
    return f"{before} {_capitalised(value)}".strip()


@lru_cache(maxsize=8192)
def area_of_address(value: str) -> str:
    """Find the thôn, or what comes nearest, in an address; empty when it names none."""
    value = _tidy(value)
    if not value:
        return ""
    if inside := _widest(value):
        return inside
    first = value.split(",")[0].strip()
    if _WIDER.match(first) or any(map(str.isdigit, first)) or len(first.split()) > AREA_WORDS_MAX:
        return ""
    return _capitalised(first)


def is_place(words: str) -> bool:
    """Return whether words begin as a place does: "Thôn Đông", "Tổ 3"."""
    return _BEGINS.match(words) is not None


_COMMUNE = re.compile(r"^(?:xã|phường|thị trấn)\s+", re.IGNORECASE)


def commune_name(commune: str) -> str:
    """Return the bare name of a commune: "xã AN PHƯỢNG" is "An Phượng"."""
    return _capitalised(_COMMUNE.sub("", _tidy(commune)))


def _tidy(value: str) -> str:
    return text.clean(value).strip(" .,;-–")


def _widest(value: str) -> str:
    """Return the place of the widest kind named: the thôn rather than the xóm inside it."""
    found = [_STOPS.sub("", match[1]).strip(" .-–") for match in _INSIDE.finditer(value)]
    found = [place for place in found if _BEGINS.sub("", place)]
    if not found:
        return ""
    return _capitalised(min(found, key=_width))


def _width(place: str) -> int:
    lower = place.lower()
    return next(index for index, kind in enumerate(_KINDS) if lower.startswith(kind))


def _capitalised(place: str) -> str:
    """Mend capitals: "THÔN ĐÔNG" is "Thôn Đông", "thôn an liệt 2" is "Thôn An Liệt 2"."""
    kind = _BEGINS.match(place)
    if place.isupper() or place.islower():
        place = " ".join(word[:1].upper() + word[1:].lower() for word in place.split())
    if kind:
        words = kind[0].strip(" .:").lower()
        words = words.upper() if words in {"tdp", "kdc"} else words.capitalize()
        place = f"{words} {place[kind.end() :].strip()}".strip()
    return place


@lru_cache(maxsize=256)
def area_of_title(title: str) -> str:
    """Find the thôn a title above a list names ("SỔ HỘ THÔN AN LIỆT NĂM 2025"); empty when none."""
    match = _TITLE.search(text.clean(title))
    return _capitalised(_TITLE_ENDS.sub("", match[1]).strip()) if match else ""


_UNIT_TITLE = re.compile(
    r"(?:^|[\s,:(-])((?:chi bộ|lớp)\s+[^\s,;:.()–]+(?:\s+[^\s,;:.()–]+){0,4})", re.IGNORECASE
)


@lru_cache(maxsize=256)
def unit_of_title(title: str) -> str:
    """Find the chi bộ or the class a title or a sheet name names ("Lớp 5A "); empty when none."""
    match = _UNIT_TITLE.search(text.clean(title))
    if match is None:
        return ""
    name = _TITLE_ENDS.sub("", match[1]).strip()
    if name.lower().startswith("lớp"):
        words = name.split()[:2]
        return f"Lớp {words[1].upper()}" if any(map(str.isdigit, words[1])) or name.isupper() else ""
    rest = name[len("chi bộ") :].strip()
    if rest.isupper() or rest.islower():
        rest = " ".join(word.capitalize() for word in rest.split())
    kind = rest.split(" ")[0]
    if kind.lower() in {"thôn", "xóm", "khu", "tổ", "trường"}:
        rest = kind.lower() + rest[len(kind) :]
    return f"Chi bộ {rest}"
