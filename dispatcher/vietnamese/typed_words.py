"""Vietnamese as people type it on a telephone: accents half or wholly left out, short forms, slips.

A written accent counts: "đúng" and "Dũng" are not "đừng", though all three are "dung" without accents. So
words become keys that keep their accents, and a pattern's word takes every spelling that leaves some out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from dispatcher.vietnamese.text import clean, unaccent

_TONES = {"\u0300": "1", "\u0301": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_SHAPES = re.compile("[\u0302\u0306\u031b]")
_LOOKALIKES = str.maketrans({"ð": "đ", "ɖ": "đ"})
_SIGN = re.compile(r"[?]|[^\w\s]+(?=\s|$)|[\n\r]+")
_REPEATED = re.compile(r"([^\W\d_])\1+")
_PIECE = re.compile(r"<\w+>|_|[^\W_]+!?|\]\*|[^\s\w]")
_SIGNS = {
    "[": "(?:",
    "]": ")?",
    "]*": ")*",
    "(": "(?:",
    ")": ")",
    "#": r"\d+ ",
    "_": r"[^\s|_]+ ",
    "?": r"\? ",
    "{": "(?!",
    "}": ")",
    "^": r"(?<![^|] )",
    "$": r"(?=\||$)",
    "~": r"(?:\| )?",
    **{sign: sign for sign in "|*+"},
}

# Other ways to write a word, beside leaving out its accents. Each is taken wherever the word stands.
OTHER_SPELLINGS: dict[str, str] = {
    "không": "ko k kg kh khg hok hk hông hong hổng hem hẻm khum kô kông khôg 0 k0",
    "nữa": "nx nứa nựa nhữa",
    "rồi": "r rr rui rùi ròi ròi dồi zồi zoi zòi òi ời ùi",
    "đừng": "đừg dừng dug đg dg đựng đùng đưng",
    "dừng": "dừg",
    "ngừng": "ngưng ngừg ngưg",
    "nhận": "nhân",
    "nhắn": "nhăn nhắng nhán nt",
    "gửi": "gởi gừi",
    "tin": "tn tín",
    "đăng": "đang",
    "ký": "kí ki",
    "xong": "xog xông",
    "từ": "tù tứ",
    "chối": "trối chói trôi",
    "tôi": "toi tui t tớ",
    "chưa": "cha chx",
    "được": "đc dc đk dk",
    "cảm": "cám cãm",
    "nhé": "nha nhá nhen nghen nghe hen",
    "ạ": "ah ak á",
    "làm": "lm",
    "phiền": "fiền fien",
}


def keys(text: str) -> str:
    """Return the words of `text` as keys, a space behind each; a sign that parts clauses is "|", "?" itself.

    A key is the word in small letters, its tone as a figure behind it, letters never doubled: "Đừng" is
    "đưng1", "STOPPP" is "stop". Invisible and control characters go, whatever was sent.
    """
    lines = "\n".join(clean(line) for line in text.splitlines())
    parted = _SIGN.sub(lambda sign: " ? " if sign[0] == "?" else " | ", lines)
    return "".join(f"{key(word)} " for word in re.findall(r"[^\W_]+|[|?]", parted))


@lru_cache(maxsize=32_768)
def key(word: str) -> str:
    """Return the key of one word."""
    letters = unicodedata.normalize("NFKD", word.casefold().translate(_LOOKALIKES))
    tones = "".join(_TONES.get(letter, "") for letter in letters)
    bare = "".join(letter for letter in letters if letter not in _TONES)
    composed = unicodedata.normalize("NFC", bare)
    composed = composed.replace("j", "i") if composed.isalpha() else composed
    return _REPEATED.sub(r"\1", composed) + tones[:1]


def expression(
    pattern: str,
    parts: Mapping[str, str] = MappingProxyType({}),
    others: Mapping[str, str] = OTHER_SPELLINGS,
    *,
    exact: bool = False,
) -> str:
    """Return a regular expression over `keys` for a phrase: "không [phải] (nhận|lấy)+ <message> #".

    Each word stands for all its spellings (`others` beside those without accents), with ! behind it for
    those with accents only; where all is `exact`, every word has its accents. [ ] may be missing, ( ) groups,
    { } must not follow, ^ and $ are where a clause begins and ends, ~ where one may, | * + are as ever, # is
    a number, _ any word, <name> one of `parts`. Every word takes the space behind it.
    """
    return "".join(_piece(found[0], parts, others, exact) for found in _PIECE.finditer(pattern))


def _piece(piece: str, parts: Mapping[str, str], others: Mapping[str, str], exact: bool) -> str:
    if piece.startswith("<"):
        return f"(?:{expression(parts[piece[1:-1]], parts, others, exact=exact)})"
    if piece in _SIGNS:
        return _SIGNS[piece]
    keys_of_word = spellings(piece, others.get(piece, ""), exact=exact)
    return f"(?:{'|'.join(sorted(keys_of_word, key=len, reverse=True))}) "


@lru_cache(maxsize=8192)
def spellings(word: str, others: str = "", *, exact: bool = False) -> frozenset[str]:
    """Return the keys of the ways to type a word: those of `others`, parted by spaces, and without accents.

    With ! behind the word, or `exact`, its accents must be there.
    """
    accented_only = word.endswith("!")
    full = key(word.rstrip("!"))
    # Hook and tilde sound alike to half the country.
    found = {full, full.translate(str.maketrans("34", "43"))}
    if not accented_only:
        found |= {key(other) for other in others.split()}
    if not (accented_only or exact):
        toneless = full.rstrip("12345")
        shapeless = _SHAPES.sub("", unicodedata.normalize("NFD", toneless))
        found |= {toneless, shapeless, toneless.replace("đ", "d"), unaccent(shapeless)}
    return frozenset(_REPEATED.sub(r"\1", spelling) for spelling in found)
