"""Where somebody lives, as the thôn and its leads count it: one spelling for what lists write in many.

"Đông" under the heading "Thôn", "THÔN ĐÔNG" and "Số 5, thôn Đông, xã An Phượng" are all "Thôn Đông".
"""

from __future__ import annotations

import re
from functools import lru_cache

from dispatcher.contacts.area_names import KIND, is_place, name_of, width, write
from dispatcher.vietnamese import text

__all__ = [
    "area_of_address", "area_of_title", "commune_name", "is_ditto", "is_place", "normalise_area",
    "unit_of_title",
]  # fmt: skip

# Where a value is bare ("Đông", "3"), the heading says what kind of place it is, by its first such word.
_HEADINGS: tuple[tuple[str, str], ...] = (
    ("thon", "Thôn"), ("to dan pho", "Tổ dân phố"), ("tdp", "Tổ dân phố"), ("khu dan cu", "Khu dân cư"),
    ("kdc", "Khu dân cư"), ("khu pho", "Khu phố"), ("kp", "Khu phố"), ("tieu khu", "Tiểu khu"),
    ("khom", "Khóm"), ("lang", "Làng"), ("ap", "Ấp"), ("ban", "Bản"), ("buon", "Buôn"), ("bon", "Bon"),
    ("khu", "Khu"), ("xom", "Xóm"), ("cum", "Cụm"), ("doi", "Đội"), ("to", "Tổ"),
)  # fmt: skip
_NOT_A_HEADING = re.compile(
    r"địa bàn|bạn|ban (?!làng)\w|khu vực|tổ chức|tổ (?:công nghệ|trưởng)", re.IGNORECASE
)
_INSIDE = re.compile(
    rf"(?:^|[,;–(/]|\s-\s|\s)\s*((?:{KIND})[ .:]*(?:\d\w*|[^,;–()/]+?))"
    rf"(?=\s*(?:[,;–()/]|\s-\s|$)|\s+(?:{KIND})[ .:])",
    re.IGNORECASE,
)
_WIDER = re.compile(
    r"^(?:xã|phường|p\.|x\.|huyện|h\.|quận|tỉnh|tp\b|thành phố|thị trấn|thị xã|hải phòng|hải dương|việt nam)",
    re.IGNORECASE,
)
_STOPS = re.compile(
    r"\s*(?:[-–]\s*)?(?:\b(?:xã|phường|huyện|tỉnh|tp\.?|thành phố|thị trấn)\b|\b[xph]\.).*$", re.IGNORECASE
)
_OFFICES = re.compile(
    r"^(?:ubnd|uỷ ban|ủy ban|đảng|hđnd|mttq|công an|trường|trạm|cơ quan|văn phòng|phòng|ban|khối|hội|đoàn)\b",
    re.IGNORECASE,
)  # fmt: skip
_TITLE = re.compile(
    r"(?:^|[\s,:(-])((?:thôn|tổ dân phố|tdp|khu dân cư|kdc|khu phố|tiểu khu|khóm|ấp|buôn)\s+"
    r"(?!trưởng\b|đội\b|xóm\b)[^\s,;:.()–-]+(?:\s+[^\s,;:.()–-]+){0,3})",
    re.IGNORECASE,
)
_TITLE_ENDS = re.compile(
    r"\s+(?:năm|tháng|ngày|quý|đợt|xã|phường|huyện|và|theo|có|tham|gia|kèm|thuộc|nhận|đăng|lần|khoá|khóa|trưởng)(?:\s.*)?$",
    re.IGNORECASE,
)
AREA_WORDS_MAX = 4
# What people write where they have nothing to write, and where the row above says it.
_NOTHING = frozenset(
    {
        "khong",
        "khongco",
        "ko",
        "kco",
        "null",
        "none",
        "nan",
        "nil",
        "undefined",
        "0",
        "chua",
        "chuaco",
        "chuaro",
    }
    | {"khongro", "khongxacdinh", "kxd", "x", "k", "chuacapnhat", "trong", "unknown"}
)
_NOT_APPLICABLE = re.compile(r"#?n/a", re.IGNORECASE)
_DITTO_WORDS = frozenset({"nt", "nhutren", "nhutr", "ntr", "ntren", "nhtren", "ditto", "idem"})
_DITTO_SIGNS = re.compile(r"[-–\s]*(?:[\"”“″〃]|''|´´|//)[-–\s]*")


def is_ditto(value: str) -> bool:
    """Return whether a cell says "as in the row above": nt, như trên, the double mark."""
    return _DITTO_SIGNS.fullmatch(value) is not None or text.fold(value) in _DITTO_WORDS


@lru_cache(maxsize=8192)
def normalise_area(value: str, heading: str = "") -> str:
    """Return the value of a column headed `heading` ("Thôn", "Xóm/Tổ") as a place; empty: it says nothing."""
    if _says_nothing(value):
        return ""
    value = _tidy(value)
    kind = _kind_of_heading(heading)
    if is_place(value) and not _widest(value):
        return write(_STOPS.sub("", value.split(",")[0]).strip(" .-–"), kind)
    if inside := _widest(value, kind):
        return inside
    value = value.split(",")[0].strip()
    if _WIDER.match(value) or _OFFICES.match(value) or len(value.split()) > AREA_WORDS_MAX:
        return value
    return write(value, kind)


def _says_nothing(value: str) -> bool:
    return (
        not _tidy(value)
        or is_ditto(value)
        or text.fold(value) in _NOTHING
        or _NOT_APPLICABLE.fullmatch(value.strip()) is not None
        or not any(map(str.isalnum, value))
    )


@lru_cache(maxsize=256)
def _kind_of_heading(heading: str) -> str:
    words = text.fold_words(_NOT_A_HEADING.sub(" ", text.nfc(heading)))
    found = [
        (match.start(), -len(sign), kind)
        for sign, kind in _HEADINGS
        if (match := re.search(rf"\b{sign}\b", words))
    ]
    return min(found)[2] if found else ""


@lru_cache(maxsize=8192)
def area_of_address(value: str) -> str:
    """Find the thôn, or what comes nearest, in an address; empty when it names none."""
    if _says_nothing(value):
        return ""
    value = _tidy(value)
    if inside := _widest(value):
        return inside
    first = value.split(",")[0].strip()
    if is_place(first):
        return write(_STOPS.sub("", first).strip(" .-–"))
    if _WIDER.match(first) or any(map(str.isdigit, first)) or len(first.split()) > AREA_WORDS_MAX:
        return ""
    return write(first)


_COMMUNE = re.compile(r"^(?:xã|phường|thị trấn)\s+", re.IGNORECASE)


def commune_name(commune: str) -> str:
    """Return the bare name of a commune: "xã AN PHƯỢNG" is "An Phượng"."""
    return write(_COMMUNE.sub("", _tidy(commune)))


def _tidy(value: str) -> str:
    return text.clean(value).strip(" .,;-–")


def _widest(value: str, kind: str = "") -> str:
    """Return the place of the widest kind named: the thôn rather than the xóm inside it."""
    found = [_STOPS.sub("", match[1]).strip(" .-–") for match in _INSIDE.finditer(value)]
    found = [place for place in found if is_place(place) and name_of(place)]
    return write(min(found, key=width), kind) if found else ""


@lru_cache(maxsize=256)
def area_of_title(title: str) -> str:
    """Find the thôn a title above a list names ("SỔ HỘ THÔN AN LIỆT NĂM 2025"); empty when none."""
    match = _TITLE.search(text.clean(title))
    return write(_TITLE_ENDS.sub("", match[1]).strip()) if match else ""


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
