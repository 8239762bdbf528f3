"""What name cells hold beside a name, or in place of one: positions and ranks, families, couples, offices."""

from __future__ import annotations

import re

_HEAD = (
    r"(?:phó |thứ )?(?:trưởng|chủ tịch|bí thư|chủ nhiệm|giám đốc|tổng giám đốc|hiệu trưởng|trưởng phòng"
    r"|trưởng ban|trưởng khoa)"
)
_PLACE = (
    r"(?: (?:thôn|xóm|khu(?: phố| dân cư)?|ấp|bản|buôn|làng|tổ(?: dân phố)?|tdp|kdc|khóm|chi hội|chi đoàn))?"
)
_OFFICE = r"(?: (?:ubnd|hđnd|mttq|uỷ ban|ủy ban|đảng uỷ|đảng ủy|chi bộ|hội|đoàn|xã|phường|công an))*"
_RANK = r"(?:thiếu|trung|thượng|đại) (?:tá|uý|úy|tướng|sĩ|sỹ)|chuẩn (?:uý|úy)|hạ (?:sĩ|sỹ)|binh nhất|binh nhì"
_WORK = r"cán bộ|công chức|viên chức|kế toán|thư ký|thủ quỹ|đội trưởng|tổ trưởng|tổ phó|đội phó|công an viên"
_SHORT = r"BT|PBT|CT|PCT|TP|PP|GĐ|PGĐ|HT|PHT|KT|CB|TT|TK"
# A position counts as one only before a whole name, a family name first: "Trưởng thôn Nguyễn Văn An".
_POSITION = re.compile(rf"^(?:(?i:{_HEAD}{_PLACE}{_OFFICE}|{_RANK}|{_WORK})|(?:{_SHORT}))[ .,-]+(?=\w)")
# "Ô. Nguyễn Văn An"; A., B., C. may number a list as well. Without a point only before a whole name.
_INITIAL = re.compile(r"^(?:([ÔôBbAaCc])\.\s*(?=\w{2})|([ÔB])\s+(?=\w+ \w+ \w))")
_WORD = re.compile(r"[^\W\d_]+")
_BEGINNINGS = """
    phó trưởng chủ bí nguyên cựu trung đại thiếu thượng chuẩn hạ ct pct bt pbt chi người cán kế thủ đội tổ
    công
"""
_OFFICES = """
    tịch thư thôn xóm ban hội nông dân phụ nữ chiến binh cao tuổi có uy tín đoàn thanh niên mặt trận ubnd hđnd
    mttq ubmttq đảng uỷ ủy bộ xã phường huyện ca an cav ctv viên chức toán quỹ văn phòng uý úy tá tướng sĩ sỹ
    qncn cn khu phố ấp bản nhiệm hợp tác
"""
_OFFICE_BEGINS = frozenset(_BEGINNINGS.split())
_OFFICE_WORDS = _OFFICE_BEGINS | frozenset(_OFFICES.split())
_KIN = r"ông|bà|anh|chị|cô|chú|bác|cụ|thầy"
_HOUSEHOLD = re.compile(
    rf"^(?:hộ gia đình|gia đình|chủ hộ|hộ|gđ|nhà|vợ chồng|v/c)\.?:?\s+(?:({_KIN})\s+(?=\w)|(?=\w+\s+\w))",
    re.IGNORECASE,
)
_OF_SOMEBODY = re.compile(
    rf"^(?:(?:{_KIN})\s+)?(?:vợ(?! chồng)|chồng|mẹ|bố|cha|má|cháu|dâu|rể|con(?: trai| gái| dâu| rể)?)\s+"
    rf"(?:của\s+)?(?:(?:{_KIN})\s+\w.*|(?:nguyễn|trần|lê|phạm|hoàng|huỳnh|vũ|võ|đặng|bùi|đỗ|ngô)\s+\w.*)$",
    re.IGNORECASE,
)
_WITH_FAMILY = re.compile(
    r"\s*(?:\+|&|,|\bvà)\s*"
    r"((?:vợ|chồng|con|các con|vợ con|gia đình|gđ|mẹ|bố|cháu|\d+ (?:con|cháu|người))\b.*)$",
    re.IGNORECASE,
)
_AND = re.compile(r"\s+và\s+|\s*[&+]\s*", re.IGNORECASE)
# Two names only where each is whole: "An - Hà Nội" is a place.
_BESIDE = re.compile(r"\s*,\s*|\s+[-–]\s+")
_KIN_BEFORE = re.compile(rf"^(?:{_KIN})\s+", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"^(?:công ty|cty|c\.ty|tổng công ty|doanh nghiệp|dntn|htx|hợp tác xã|cửa hàng|nhà hàng|khách sạn"
    r"|ngân hàng|chi nhánh|văn phòng|tổ hợp tác|ban quản lý|trạm y tế|ubnd|uỷ ban|ủy ban|quỹ tín dụng"
    r"|đại lý|xí nghiệp|tạp ho[áa]|tạp hóa|quán (?:cơm|ăn|nước|phở|cà phê|cafe|bún|cháo|bia)|tiệm|chùa"
    r"|nhà (?:văn ho[áa]|văn hóa|thờ|trọ|nghỉ|thuốc)|trung tâm|hộ kinh doanh|hkd|cơ sở|siêu thị"
    r"|trường (?:mầm non|tiểu học|trung học|thcs|thpt|mn|th)|công an (?:xã|phường|huyện|tỉnh)"
    r"|hội (?:nông dân|phụ nữ|cựu chiến binh|người cao tuổi)|đoàn (?:thanh niên|xã))\b",
    re.IGNORECASE,
)
# Words by which any of these can begin; all other cells need no look.
FIRST_WORDS = frozenset(
    {
        "phó", "thứ", "trưởng", "chủ", "bí", "giám", "tổng", "hiệu", "thiếu", "trung", "thượng", "đại",
        "chuẩn", "hạ", "binh", "cán", "công", "viên", "kế", "thư", "thủ", "đội", "tổ", "bt", "pbt", "ct",
        "pct", "tp", "pp", "gđ", "pgđ", "ht", "pht", "kt", "cb", "tt", "tk", "ô", "b", "a", "c", "hộ", "gia",
        "vợ", "chồng", "mẹ", "bố", "cha", "má", "cháu", "dâu", "rể", "con", "cty", "doanh", "dntn", "htx",
        "hợp", "cửa", "nhà", "khách", "ngân", "chi", "ban", "trạm", "ubnd", "uỷ", "ủy", "quỹ", "xí", "trường",
        "hội", "nguyên", "cựu", "người", "tạp", "quán", "tiệm", "chùa", "hkd", "cơ", "siêu", "v",
    }
)  # fmt: skip


def is_organisation(name: str) -> bool:
    """Return whether a cell names an office or a shop: it has no given name and keeps its capitals."""
    return _ORGANISATION.match(name) is not None


def is_of_somebody(name: str) -> bool:
    """Return whether a cell says only whose relative somebody is: "Vợ ông An" is not called An."""
    return _OF_SOMEBODY.match(name) is not None


def without_position(name: str, families: frozenset[str]) -> str:
    """Return the name without the position, rank or initial written before it."""
    while match := _POSITION.match(name):
        rest = name[match.end() :]
        words = rest.split()
        if len(words) < 2 or (words[0].lower() not in families and not _POSITION.match(rest)):
            break
        name = rest
    return _without_long_position(name, families)


def _without_long_position(name: str, families: frozenset[str]) -> str:
    """Return the name without "Nguyên chủ tịch xã", "CT Hội Nông dân": words of office up to a family."""
    words = [*_WORD.finditer(name.partition(":")[0])]
    if not words or words[0][0].lower() not in _OFFICE_BEGINS:
        return name
    for place in range(len(words) - 2, 0, -1):
        said = {word[0].lower() for word in words[:place]}
        if words[place][0].lower() in families and {"nguyên"} != said <= _OFFICE_WORDS:
            return name[words[place].start() :]
    return name


def without_initial(name: str) -> tuple[str, str]:
    """Return the name without "Ô." and its like, and the form of address that says; only Ô. is sure."""
    match = _INITIAL.match(name)
    return (name[match.end() :], "ông" if (match[1] or match[2]) in "Ôô" else "") if match else (name, "")


def without_household(name: str, families: frozenset[str]) -> tuple[str, str]:
    """Return the name without "Gia đình ông", and the form of address in it; "Hộ Nguyễn Văn An" has none."""
    match = _HOUSEHOLD.match(name)
    if match is None:
        return name, ""
    rest = name[match.end() :]
    if match[1] is None and rest.split()[0].lower() not in families:
        return name, ""
    return rest, (match[1] or "").lower()


def without_family(name: str) -> tuple[str, str]:
    """Return the name without "+ vợ", "và các con", and these words."""
    match = _WITH_FAMILY.search(name)
    return (name[: match.start()], match[1]) if match else (name, "")


def couple(name: str, families: frozenset[str]) -> tuple[str, str] | None:
    """Return both names of "Nguyễn Văn An và Trần Thị Bình"; None when the cell does not hold two."""
    for separator, words_min in ((_AND, 2), (_BESIDE, 3)):
        parts = separator.split(name)
        if len(parts) != 2:
            continue
        one, other = (_KIN_BEFORE.sub("", part.strip()) for part in parts)
        pieces = (one.split(), other.split())
        if all(len(words) >= words_min and words[0].lower() in families for words in pieces):
            return one, other
        if separator is _AND and all(map(_KIN_BEFORE.match, parts)):  # "ông An và bà Bình"
            return one, other
    return None
