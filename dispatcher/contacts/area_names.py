"""How the name of a thôn is written: one way for what lists write in many, and one key.

"TDP số 03", "T.D.P 3" and "Tổ dân phố III" are "Tổ dân phố 3". The key of "Thôn Dong" is not that of
"Thôn Đông", for "Hà Vân" and "Hạ Vạn" are two places; `find_area` tells which of those that exist is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from dispatcher.vietnamese import text
from dispatcher.vietnamese.syllables import split_tone

# What a place is called, the wider kind first, since a thôn has leads and a xóm is a part of it; how lists
# write it; how without accents, where a number must follow, for "to", "ban" and "lang" are other words too.
KINDS: tuple[tuple[str, str, str], ...] = (
    ("Thôn", r"thôn|thon|th\.|t\.(?! ?[dk]\b)", ""),
    ("Tổ dân phố", r"tổ dân phố|to dan pho|tổ dp|to dp|tổ d\.p|t\.? ?d\.? ?p\.?", ""),
    ("Khu dân cư", r"khu dân cư|khu dan cu|khu dc|k\.? ?d\.? ?c\.?", ""),
    ("Khu phố", r"khu phố|khu pho|k\.? ?phố|k\.? ?p\.?", ""),
    ("Tiểu khu", r"tiểu khu|tieu khu|t\.? ?k\.?", ""),
    ("Khóm", "khóm|khom", ""),
    ("Làng", "làng", "lang"),
    ("Ấp", "ấp", "ap"),
    ("Bản", "bản", "ban"),
    ("Buôn", "buôn|buon", ""),
    ("Bon", "bon", ""),
    ("Plei", "plei|plây|pley", ""),
    ("Khu", "khu", ""),
    ("Xóm", "xóm|xom", ""),
    ("Cụm", "cụm", "cum"),
    ("Đội", "đội(?: sản xuất)?", "doi(?: san xuat)?"),
    ("Tổ", "tổ", "to"),
)
_NUMBER = r"(?:[0-9]{1,3}[A-Za-z]?|[IVX]{1,5})\b"
_LETTER = r"[^\W\d_]"


def _spelling(written: str, bare: str) -> str:
    """Return a pattern for one kind; abbreviations that end in a letter may touch a number: "KP2"."""
    needs_number = rf"|(?:{bare})(?=[ .:]*(?:so )?{_NUMBER})" if bare else ""
    return rf"(?:{written}{needs_number})(?:(?<=\.)|(?!{_LETTER}))"


# The longer spelling first: "Khu phố" before "Khu".
KIND = "|".join(_spelling(written, bare) for _kind, written, bare in KINDS)
_BY_KIND = tuple(
    (kind, re.compile(rf"(?:{_spelling(written, bare)})", re.IGNORECASE)) for kind, written, bare in KINDS
)
# A "Tổ công nghệ số cộng đồng" is people, not a place.
BEGINS = re.compile(rf"^(?!tổ (?:công nghệ|cns)|to cong nghe)({KIND})[ .:–-]*", re.IGNORECASE)
_TWICE = re.compile(rf"^({KIND})[ .:]+(?={KIND})", re.IGNORECASE)
_NUMBERED = re.compile(rf"\b(?:số|so)\s*(?={_NUMBER})", re.IGNORECASE)
_LEADING_ZEROS = re.compile(r"\b0+(?=[0-9])")
_INITIAL = r"{}(?:\.\s*(?=\w)|\s?(?=[0-9]))"
_DECIMAL_ZERO = re.compile(r"^([0-9]{1,3})\.0$")
_ROMAN = {
    "I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8", "IX": "9",
    "X": "10", "XI": "11", "XII": "12",
}  # fmt: skip
_IN_WORDS = {
    "một": "1", "hai": "2", "ba": "3", "bốn": "4", "năm": "5", "sáu": "6", "bảy": "7", "bẩy": "7", "tám": "8",
    "chín": "9", "mười": "10",
}  # fmt: skip
_COUNTED = frozenset({"Tổ dân phố", "Khu phố", "Khu", "Khóm", "Đội", "Cụm", "Tổ"})  # "Tổ ba", but "Thôn Ba"


def _kind_of(words: str) -> str:
    """Return the kind of place that `words` begin with: "Khu phố" for "KP2"."""
    return KINDS[width(words)][0]


def width(place: str) -> int:
    """Return how wide the kind of a place is: 0 for a thôn, more for its parts."""
    return next(index for index, (_kind, pattern) in enumerate(_BY_KIND) if pattern.match(place))


def is_place(words: str) -> bool:
    """Return whether words begin as a place does: "Thôn Đông", "Tổ 3"."""
    return BEGINS.match(words) is not None


def write(place: str, kind: str = "") -> str:
    """Write a place the one way: "THÔN ĐÔNG" is "Thôn Đông"; `kind` is put before a bare name ("Đông")."""
    while twice := _TWICE.match(place):  # "Thôn thôn Đông"
        place = place[twice.end() :]
    if begins := BEGINS.match(place):
        own = _kind_of(place)
        # "Tổ 3" in a column of tổ dân phố, "Khu 5" in one of tiểu khu
        kind = kind if own.lower() in kind.lower().split() else own
        place = place[begins.end() :]
    elif kind and (initial := re.match(_INITIAL.format(kind[0]), place, re.IGNORECASE)):
        place = place[initial.end() :]  # "X3" and "X. Đình" in a column of xóm
    place = _DECIMAL_ZERO.sub(r"\1", place)
    name = _LEADING_ZEROS.sub("", _NUMBERED.sub("", place)).strip(" .,:;–-")
    if kind in _COUNTED and name.lower() in _IN_WORDS:
        name = _IN_WORDS[name.lower()]
    words = name.split()
    if words and words[-1] in _ROMAN and (kind or len(words) > 1):
        words[-1] = _ROMAN[words[-1]]
    return " ".join(filter(None, [kind, *map(_written_word, words)]))


def _written_word(word: str) -> str:
    """Mend the capitals of one word: "ĐÔNG", "đông" and "ĐôNG" are "Đông"; "3a" is "3A"."""
    if any(map(str.isdigit, word)):
        return word.upper()
    return "".join(_written_piece(piece) for piece in re.split(r"([^\w]+)", word))


def _written_piece(piece: str) -> str:
    return piece[:1].upper() + piece[1:].lower()


@lru_cache(maxsize=8192)
def area_key(area: str) -> str:
    """Return the key of an area: the same whatever the case, the spaces and where the tone mark stands.

    Tones and letters count: "Hà Vân" is not "Hạ Vạn". "Lý" is "Lí".
    """
    return " ".join(map(_word_key, re.findall(r"\w+", text.clean(area).lower())))


def _word_key(word: str) -> str:
    letters, tone = split_tone(word)
    if len(letters) > 1 and letters.endswith("y") and letters[-2] not in "aâeuươôo":
        letters = f"{letters[:-1]}i"
    return letters + tone


def find_area(wanted: str, known: Iterable[str]) -> str:
    """Return the one of the `known` areas that `wanted` means; empty when none does, or more than one may.

    In this order: the same key; accents lost on either side; only the name given ("Đông" of "Thôn Đông").
    """
    if not wanted:
        return ""
    places = list(dict.fromkeys(filter(None, known)))
    for alike in (_same_key, _accents_lost, _name_only, _name_only_accents_lost):
        found = [place for place in places if alike(wanted, place)]
        if len(found) == 1:
            return found[0]
        if found:
            return wanted if wanted in found else ""
    return ""


def exact_area(wanted: str, known: Iterable[str]) -> str:
    """Return the one of the `known` areas that `wanted` is, or is the bare name of; empty when none is.

    Never one whose accents differ: for what lets somebody see a thôn and no other.
    """
    places = list(dict.fromkeys(filter(None, known)))
    if wanted in places:
        return wanted
    for alike in (_same_key, _name_only):
        found = [place for place in places if alike(wanted, place)]
        if found:
            return found[0] if len(found) == 1 else ""
    return ""


def same_area(one: str, other: str) -> bool:
    """Return whether two names may be one place: alike, or alike but for accents that one has lost."""
    return _same_key(one, other) or _accents_lost(one, other)


def _same_key(one: str, other: str) -> bool:
    return area_key(one) == area_key(other)


def _accents_lost(one: str, other: str) -> bool:
    return text.fold(one) == text.fold(other) and (has_lost_accents(one) or has_lost_accents(other))


def _name_only(one: str, other: str) -> bool:
    return not is_place(one) and area_key(one) == area_key(name_of(other))


def _name_only_accents_lost(one: str, other: str) -> bool:
    return not is_place(one) and _accents_lost(one, name_of(other))


def name_of(area: str) -> str:
    """Return the bare name of a place: "Đông" of "Thôn Đông"."""
    begins = BEGINS.match(area)
    return area[begins.end() :] if begins else area


def has_lost_accents(area: str) -> bool:
    """Return whether the name of a place is written without any accent, which it may have had."""
    return name_of(area).isascii()
