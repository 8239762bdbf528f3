"""The words beside a number: what they say against it, and what is handed on as a note."""

from __future__ import annotations

import re

from dispatcher.vietnamese.phone.cutting import Found
from dispatcher.vietnamese.phone.pieces import Piece
from dispatcher.vietnamese.phone.segments import LETTER

_HAS_LETTER = re.compile(LETTER)

_NUMBER_WORD = r"(?:số(?: điện thoại)?|sđt|đt|dđ|sim|máy|so|sdt|dt)"
_NO_GOOD = r"(?:cũ|sai|nhầm|hỏng|hủy|huỷ|khóa|khoá)"
_NOT = r"(?:không|ko|k|hết)"
# "cũ" counts after "số" or alone: "trưởng thôn cũ" is about the man, "chỉ dùng Zalo" about nothing wrong.
_AGAINST = re.compile(
    "|".join(
        (
            rf"\b{_NUMBER_WORD} ?(?:này )?(?:đã |bị )?{_NO_GOOD}\b",
            rf"^\W*(?:đã |bị )?{_NO_GOOD}\W*$",
            r"\b(?:so|sdt|dt) (?:cu|sai|nham)\b|\b(?:sai|nhầm|nham) (?:số|so|máy)\b",
            r"\b(?:đã|bị) (?:đổi|bỏ|hủy|huỷ|khóa|khoá|cắt)\b|\b(?:đổi|bỏ|mất) (?:số|sim|máy)\b",
            rf"\b{_NOT} (?:còn )?(?:sử dụng|dùng) nữa\b|\b{_NOT} còn (?:sử dụng|dùng)\b",
            rf"\b{_NOT} (?:liên lạc|gọi) được\b|\b{_NOT} đúng\b",
        )
    ),
    re.IGNORECASE,
)
_FIELD_ENDS = re.compile(r"[;,/|\n)]")
_DOUBTED = re.compile(r"\s*\(?\?+\)?\s*(?:$|[;,/\n])|\?+[0-9]")


def has_words(text: str) -> bool:
    """Tell whether there are any letters at all."""
    return _HAS_LETTER.search(text) is not None


def without_wrong_ones(text: str, found: list[Found]) -> list[Found]:
    """Refuse the numbers that the words beside them call old, wrong or doubtful.

    Words belong to the number in the same field; between two numbers without a mark they belong to both.
    """
    checked: list[Found] = []
    for place, one in enumerate(found):
        before = text[found[place - 1].end if place else 0 : one.start]
        after = text[one.end : found[place + 1].start if place + 1 < len(found) else len(text)]
        own = (_FIELD_ENDS.split(before)[-1] if place else before, _FIELD_ENDS.split(after)[0])
        if one.piece.number and _DOUBTED.match(text, one.end):
            one = one._replace(piece=Piece(reason="unclear"))  # noqa: PLW2901 - the same find, judged anew
        elif one.piece.number and any(_AGAINST.search(" ".join(words.split())) for words in own):
            one = one._replace(piece=Piece(reason="marked-wrong"))  # noqa: PLW2901 - as above
        checked.append(one)
    return checked


_LONG_DIGITS = re.compile(r"[+(]*[0-9](?:[ .\-_()/]*[0-9]){5,}")
_NOT_WORDS = re.compile(r"[()\[\]{};,/|:=#*\"\n]+")


def note(text: str) -> str:
    """Give the words of a cell without its long digits (identity numbers must not travel)."""
    parts = (" ".join(part.split()).strip(" .-_+'") for part in _NOT_WORDS.split(_LONG_DIGITS.sub(";", text)))
    return ", ".join(part for part in parts if has_words(part))
