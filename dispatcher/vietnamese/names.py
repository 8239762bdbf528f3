"""Personal names: titles and notes removed, capitals mended, the given name, the sort order.

Nothing is guessed: an honorific comes from a title that was written or a gender that was stated, never
from "Thị" or "Văn"; a given name is cut only from a name that is Vietnamese in each of its words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import category

from dispatcher.i18n import N_
from dispatcher.vietnamese import name_cells
from dispatcher.vietnamese.syllables import TONES, is_bare_syllable, is_syllable, split_tone
from dispatcher.vietnamese.text import clean, unaccent

REPAIRS: dict[str, str] = {
    "title": N_("the title written before the name was taken off"),
    "capitals": N_("capital letters were put right"),
    "numbering": N_("the number before the name was taken off"),
    "note": N_("the words beside the name were taken off"),
    "letters": N_("foreign letters that look Vietnamese were replaced"),
}

_FAMILY_NAMES = """
    An Âu Ân Bạch Bàn Bành Bế Biện Bồ Bùi Ca Cao Cà Cầm Cấn Chảo Châu Chế Chu Chử Chung Cù Cung Danh Diệp Doãn
    Dư Dương Đái Đàm Đan Đào Đặng Đậu Đèo Điêu Đinh Đoàn Đỗ Đôn Đồng Đới Đường Giang Giàng Giáp Hà Hạ Hàn Hầu
    Hồ Hoa Hoàng Hồng Hứa Huỳnh Kha Khiếu Khổng Khuất Khúc Khương Kiều Kim La Lã Lại Lâm Lầu Lê Liêu Liễu Lò
    Lồ Lộc Lỗ Lục Lư Lữ Lường Lương Lưu Lý Lí Ma Mã Mạc Mai Mạch Mông Mùa Mạnh Ngân Nghiêm Ngô Ngọ Ngụy Nguyễn
    Nhâm Nhan Nhữ Ninh Nông Ôn Phạm Phan Phàn Phí Phó Phù Phùng Phương Quách Quàng Sái Sầm Sơn Sử Sùng Tạ Tẩn
    Tăng Tất Thạch Thái Thân Thẩm Thào Thiều Tiêu Tiết Tòng Tô Tôn Tống Trà Tráng Trần Trang Triệu Trình Trịnh
    Trương Trưng Từ Tưởng Uông Ứng Văn Vàng Vi Viên Vòng Võ Vũ Vừ Vương
"""
# Middle names, and families only rarely: in "Ông Thị Hoa" they show that Ông itself is the family.
_MIDDLES = frozenset({"văn", "thị", "đình", "công", "ngọc"})
_MIDDLES_OR_FAMILIES = frozenset({"cao", "kim", "hồng", "hoàng", "quang"})
# Written before a name these are titles and nothing else. Longest first within an alternative.
_TITLES = (
    (r"đồng chí|đ/\s?c(?:hí)?|đ\.c|đc|d/c", "đồng chí"),
    (r"ông\s?/\s?bà|ông\s?\(bà\)|ông, bà|ông bà|ô/b|thầy cô", ""),
    (r"cô giáo", "cô"),
    (r"thầy giáo", "thầy"),
    (r"cụ ông|cụ bà", "cụ"),
    (r"bác s[ĩỹ]|bs|y s[ĩỹ]|dược s[ĩỹ]|y tá|điều dưỡng|kỹ sư|luật sư|giáo viên|gv|học sinh", ""),
    (
        r"(?:phó )?giáo sư|pgs|gs|tiến s[ĩỹ]|ts|thạc s[ĩỹ]|ths|(?:bs\s?)?ck\s?(?:i{1,2}|[12])",
        "",
    ),
    (r"(?:cn|ks|ls|lm)(?=\.)|nsưt|nsnd|ngưt|ngnd|qncn|nghệ nhân|kính (?:gửi|mời)", ""),
    (r"(?:bà )?mẹ (?:vnah|việt nam anh hùng)|ni (?:sư|cô)|sư (?:bà|cô)", "bà"),
    (r"linh mục|mục sư|đại đức|thượng (?:to[ạa]|tọa)|(?:hoà|hòa) thượng|sư (?:thầy|ông)|giám mục", ""),
    (r"mr|(?:bố|cha|chồng)(?=\s?:)", "ông"),
    (r"mrs|ms|miss|(?:mẹ|vợ)(?=\s?:)", "bà"),
    (
        r"(?:chủ hộ|họ (?:và )?tên|phụ huynh|phhs|ph|gvcn)(?=\s?:)|(?:hộ|gia đình)(?=\s(?:ông|bà|anh|chị)\s)",
        "",
    ),
)
_KIN = ("ông", "bà", "anh", "chị", "cô", "thầy", "em", "cháu", "cụ", "bác", "chú", "dì", "cậu", "thím", "mợ")
# These are syllables of names as well; the rest of _KIN never begins a name.
_KIN_OR_NAME = frozenset({"ông", "anh", "em", "bác", "chú", "cậu"})
_WRITTEN = {"anh": "ông", "chị": "bà", "bác": "ông/bà", "chú": "ông", "dì": "bà", "cậu": "ông"}
_WRITTEN |= {"thím": "bà", "mợ": "bà"}

# Families and particles of the highland peoples that look like Vietnamese syllables.
_HIGHLAND_FIRST = frozenset({"a", "y", "ra", "rơ", "nay", "siu", "kơ", "h", "k"})

_FOREIGN_LETTERS = str.maketrans(
    {"Ð": "Đ", "Ɖ": "Đ", "ð": "đ", "ɖ": "đ", "`": "’", "´": "’", "ʼ": "’", "‘": "’"}
)
# "(Ông) Nguyễn Văn An", "Nguyễn-Văn-An", "sn 1965", "65 tuổi", an address; signs and pictures.
_TITLE_IN_BRACKETS = re.compile(r"^[(\[]\s*([^)\]\d]{1,12}?)\s*[)\]]\s*(?=\w)")
_JOINED = re.compile(r"[^\W\d_]+(?:(?:\s-\s|[-_.])[^\W\d_]+){1,5}")
_BORN = re.compile(
    r"[\s,;(–-]+(?:(?:sn|ns|năm sinh|sinh(?: năm| ngày)?)[\s:.]*(?:\d{1,2}[/.-]){0,2}\d{2,4}"
    r"|\d{1,3}\s?(?:tuổi|t))\)?$",
    re.IGNORECASE,
)
_ALSO_CALLED = re.compile(r"\s(?:tức|thường gọi|hay gọi|biệt danh)\s.*$|\s\S+@\S+$", re.IGNORECASE)
_NUMBERING = re.compile(r"^[a-zđ]\)\s*|^\d{1,4}(?:\s?[.)/:-]\s?|\s)(?=\D)|^[-+*•]\s?")
# "Mẹ cháu An", "bà nội": whose telephone it is, told by somebody else's name or by none.
_RELATIVE = re.compile(
    r"(?:[Pp]hụ huynh|PHHS|PH|phhs|ph|[Bb]ố|[Mm]ẹ|[Cc]ha|[Ôô]ng|[Bb]à)(?: nội| ngoại)?"
    r" (?:hs|HS|học sinh|của|em|cháu|bé|con) .*"
    r"|bố|mẹ|cha|(?:ông|bà) (?:nội|ngoại)|phụ huynh|phhs"
)
_NOTE = re.compile(r"\s?[(\[,;:=]|\s[-–—]\s|\s?/\s?|\s?\d{3,}|\s[-–—]$")
_STRAY = " .,;:_*'\"“”"
_PIECE = re.compile(r"[^\W\d_]+")
_CERTAIN = re.compile(
    "^(?:" + "|".join(f"({words})" for words, _ in _TITLES) + r")(?:[\s.:,]+)(?=\w)", re.IGNORECASE
)
_KIN_TITLE = re.compile(rf"^({'|'.join(_KIN)})(\s?[.:]\s?|\s)(?=\w)", re.IGNORECASE)
_BARE_KIN = {unaccent(kin): kin for kin in _KIN}
_BARE_KIN_TITLE = re.compile(rf"^({'|'.join(_BARE_KIN)})(\s?[.:]\s?|\s)(?=\w)", re.IGNORECASE)

FAMILY_NAMES = frozenset(family.lower() for family in _FAMILY_NAMES.split())
_BARE_FAMILY_NAMES = frozenset(unaccent(family) for family in FAMILY_NAMES)
_FIRST_OF_TITLE = frozenset(
    {
        *_KIN, *_BARE_KIN, "đồng", "đ", "đc", "d", "ô", "bs", "y", "dược", "điều", "kỹ", "luật", "giáo", "gv",
        "học", "phó", "pgs", "bố", "mẹ", "cha", "chủ", "họ", "gvcn", "phụ", "phhs", "ph", "vợ",
        "chồng", "gia", "hộ", "gs", "bsck", "bscki", "bsckii", "ck", "cki", "ckii", "cn", "ks", "ls", "lm",
        "nsưt", "nsnd", "ngưt", "ngnd", "qncn", "nghệ", "kính", "ni", "sư", "linh", "mục", "đại", "thượng",
        "hoà", "hòa", "giám", "tiến", "ts", "thạc", "ths", "mr", "mrs", "ms", "miss",
    }
)  # fmt: skip
_FAMILIES_ONLY = FAMILY_NAMES - _MIDDLES
_INNER_WORDS = frozenset({"Và", "Tức"})
_NEED_A_LOOK = _FIRST_OF_TITLE | (name_cells.FIRST_WORDS - FAMILY_NAMES)


CELL_LENGTH_MAX = 1000  # longer than any name with what stands beside it: it is told, and not taken apart


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonName:
    """A name as it should be written.

    `given` is what a person is called by ("bà Hương"); the full name where that is not certain.
    `honorific` is the title found ("ông", "bà", "cô", "đồng chí" ...) or "". `note` is what stood beside the
    name, to be looked through for "đã mất" and the like. `repairs` are codes of REPAIRS.
    """

    full: str
    given: str
    honorific: str = ""
    note: str = ""
    repairs: tuple[str, ...] = ()


def parse(raw: str) -> PersonName:
    """Read the name in a cell whose encoding has been repaired; an empty cell gives an empty name."""
    name = clean(raw)
    if len(name) > CELL_LENGTH_MAX:
        return PersonName(full="", given="", note=name, repairs=("note",))
    words = [*map(_capitalised, name.split(" "))]
    if all(map(_is_plain, words)) and words[0].lower() not in _NEED_A_LOOK and _INNER_WORDS.isdisjoint(words):
        full = " ".join(words)  # most cells, at a third of the cost
        return PersonName(full=full, given=_given(full, words), repairs=("capitals",) if full != name else ())
    repairs: list[str] = []
    name = _step(name, name.translate(_FOREIGN_LETTERS), "letters", repairs).strip(_STRAY)
    name = _step(name, _without_signs(name), "note", repairs)
    name = _step(name, _NUMBERING.sub("", name), "numbering", repairs)
    name = _TITLE_IN_BRACKETS.sub(r"\1 ", name)
    if (other := _not_one_person(name, repairs)) is not None:
        return other
    rest, family = name_cells.without_family(name)
    name = _step(name, rest, "note", repairs)
    rest, honorific = _without_titles(name)
    name = _step(name, rest, "title", repairs)
    rest, note = _without_note(_ALSO_CALLED.sub("", _BORN.sub("", name)))
    name = rest if "note" in repairs else _step(name, rest, "note", repairs)
    full = _step(name, " ".join(map(_capitalised, name.split())), "capitals", repairs)
    given = _given(full, full.split())
    note = ", ".join(filter(None, (note, family)))
    return PersonName(full=full, given=given, honorific=honorific, note=note, repairs=tuple(repairs))


def _not_one_person(name: str, repairs: list[str]) -> PersonName | None:
    """Read what names a relative of somebody, an office or a couple; None for the name of one person."""
    if _RELATIVE.fullmatch(name.lower() if name.isupper() else name) or name_cells.is_of_somebody(name):
        return PersonName(full="", given="", note=name, repairs=("note",))
    if name_cells.is_organisation(name):
        return PersonName(full=name, given="", repairs=tuple(repairs))
    if both := name_cells.couple(name, FAMILY_NAMES):
        full = " và ".join(" ".join(map(_capitalised, one.split())) for one in both)
        return PersonName(full=full, given=full, repairs=tuple(repairs))
    return None


def _without_signs(name: str) -> str:
    """Take out pictures and ticks, and what joins the words of a name in place of spaces."""
    name = " ".join("".join(" " if category(sign) == "So" else sign for sign in name).split())
    if _JOINED.fullmatch(name) and _PIECE.findall(name)[0].lower() in FAMILY_NAMES:
        return " ".join(_PIECE.findall(name))
    return name


@lru_cache(maxsize=32_768)
def _is_plain(word: str) -> bool:
    return word.isalpha() and word == word.translate(_FOREIGN_LETTERS)


def _step(before: str, after: str, repair: str, repairs: list[str]) -> str:
    if after != before:
        repairs.append(repair)
    return after


def _without_note(name: str) -> tuple[str, str]:
    match = _NOTE.search(name)
    if match is None:
        return name, ""
    rest = name[match.end() :].lstrip()
    if match[0].strip() == ":" and rest.partition(" ")[0].lower() in FAMILY_NAMES:
        return rest, name[: match.start()]  # "Trưởng thôn: Trần Văn Hai"
    return name[: match.start()].rstrip(" .-–—"), name[match.start() :].strip(" .,;:()[]-–—/=")


def _without_titles(name: str) -> tuple[str, str]:
    """Take titles off the front, one after another; the first that says how to address wins."""
    name, honorific = name_cells.without_household(name, _FAMILIES_ONLY)
    rest, of_initial = name_cells.without_initial(name)
    name, honorific = name_cells.without_position(rest, _FAMILIES_ONLY), honorific or of_initial
    while (first := _PIECE.match(name)) and first[0].lower() in _FIRST_OF_TITLE:
        rest, title = _without_title(name)
        if rest == name:
            break
        name, honorific = name_cells.without_position(rest, _FAMILIES_ONLY), honorific or title
    return name, honorific


def _without_title(name: str) -> tuple[str, str]:
    if match := _CERTAIN.match(name):
        return name[match.end() :], _TITLES[(match.lastindex or 1) - 1][1]
    match = _KIN_TITLE.match(name)
    if match is None and name.isascii():
        match = _BARE_KIN_TITLE.match(name)
    if match is None:
        return name, ""
    kin = match[1].lower()
    rest = name[match.end() :]
    if match[2].isspace() and not (_CERTAIN.match(rest) or _is_title(kin, _PIECE.findall(rest))):
        return name, ""
    return rest, kin if kin in _KIN else _BARE_KIN[kin]


def _is_title(kin: str, rest: list[str]) -> bool:
    """Judge a word such as "Anh" before a name: "Anh Nguyễn Văn Đức" yes, "Anh Đức" and "Anh Thư Lê" no."""
    first = rest[0].lower()
    if len(rest) < 2:
        return kin in _KIN and kin not in _KIN_OR_NAME
    if kin not in _KIN:  # written without accents: "Ba" may be anything, unless a family follows
        return first in _BARE_FAMILY_NAMES
    if kin == "ông" and first in _MIDDLES_OR_FAMILIES and len(rest) == 2:
        return False  # Ông is a family too: Ông Cao Thắng
    return kin not in _KIN_OR_NAME or (first in FAMILY_NAMES and first not in _MIDDLES)


@lru_cache(maxsize=32_768)
def _capitalised(word: str) -> str:
    """Mend the capitals of one word, around apostrophes and hyphens: "H’HEN" is "H’Hen"."""
    return _PIECE.sub(_capitalised_piece, word)


def _capitalised_piece(match: re.Match[str]) -> str:
    piece = match[0]
    if piece[0].islower() or (len(piece) > 1 and all(c.isupper() for c in piece if c.isascii())):
        return piece[0].upper() + piece[1:].lower()  # "NGUYễN" as well: a capital font shows ễ as a capital
    if not piece[1:].islower() and is_syllable(piece.lower()):  # "NguyễN"
        return piece[0].upper() + piece[1:].lower()
    return piece


@lru_cache(maxsize=32_768)
def _is_name_syllable(word: str) -> bool:
    return is_syllable(word) or is_bare_syllable(word)


def _given(full: str, words: list[str]) -> str:
    """Return the last word, or the full name where the last word may not be what the person is called by."""
    if len(words) < 2 or words[0].lower() in _HIGHLAND_FIRST or not all(map(_is_name_syllable, words)):
        return full
    # "Nguyễn Văn Hùng A" is how lists tell two of one name apart.
    return full if words[-1] in {"A", "I"} and len(words) > 3 else words[-1]


_MALE = frozenset({"nam", "male", "m", "trai", "ông"})
_FEMALE = frozenset({"nữ", "nu", "nử", "female", "f", "gái", "bà"})
_TICK = re.compile(r"[x✓✔☑v1*+]|(?:\d{1,2}[/.-]\d{1,2}[/.-])?(?:19|20)\d\d", re.IGNORECASE)


def honorific_from_gender(value: str, heading: str = "") -> str:
    """Return "ông" or "bà" for a gender that the list states, else "".

    `value` is the cell ("Nam", "Nữ"). Under a `heading` that is itself a gender a tick or a year of birth
    counts: "x" or "1965" under "Nữ" is a woman.
    """
    stated = clean(value).lower()
    if _TICK.fullmatch(stated):
        stated = clean(heading).lower()
    if stated in _MALE:
        return "ông"
    return "bà" if stated in _FEMALE else ""


_COLLECTIVE = {"staff": "đồng chí", "party": "đồng chí", "parents": "quý phụ huynh", "residents": "bà con"}
_NEUTRAL = "ông/bà"


def form_of_address(honorific: str, name: str, audience: str) -> str:
    """Return the words by which a message addresses a person: "ông Nguyễn Văn An", "bà con".

    Without a name it is what the whole audience is called. "Đồng chí" is kept to staff and party: others
    may read a shared telephone. Kin words of speech (anh, chị, bác, chú) become ông or bà in writing.
    """
    if not name:
        return _COLLECTIVE.get(audience, _NEUTRAL)
    if audience == "party":
        return f"đồng chí {name}"
    if honorific == "đồng chí" and audience != "staff":
        honorific = ""
    return f"{_WRITTEN.get(honorific, honorific) or _NEUTRAL} {name}"


_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONE_ORDER = {"": "0"} | {tone: str(place) for place, tone in enumerate(TONES, 1)}
# Letters sort above tones, tones above the space, so that a plain comparison of keys is the dictionary's.
_LETTER_ORDER = {ord(letter): chr(0x41 + place) for place, letter in enumerate(_ALPHABET)}


@lru_cache(maxsize=32_768)
def _word_key(word: str) -> str:
    letters, tone = split_tone(word.lower())
    return letters.translate(_LETTER_ORDER) + _TONE_ORDER[tone]


def sort_key(full: str) -> str:
    """Return the key that sorts people as Vietnamese lists do: given name, then family, then what is between.

    Letters in the order a ă â b c d đ e ê ..., tones level, huyền, hỏi, ngã, sắc, nặng within a word. Keys
    are compared by code point (ASCII), whatever the collation of a database. A name whose given name is
    not certain sorts by its words in order.
    """
    full = clean(full)
    words = full.split()
    if _given(full, words) != full:
        words = [words[-1], *words[:-1]]
    return " ".join(map(_word_key, words))
