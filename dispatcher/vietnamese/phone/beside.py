"""The words beside a number: what they say against it, and what is handed on as a note."""

from __future__ import annotations

import re

from dispatcher.vietnamese.phone.cutting import Found
from dispatcher.vietnamese.phone.pieces import Piece
from dispatcher.vietnamese.phone.segments import LETTER

_LETTERS = re.compile(LETTER)
_SAYS_SOMETHING = re.compile(rf"{LETTER}|[?>→⇒➔]")

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
            r"\b(?:đã|bị) (?:đổi|bỏ|hủy|huỷ|khóa|khoá|cắt)\b|(?<!chuyển )\b(?:đổi|bỏ|mất) (?:số|sim|máy)\b",
            rf"\b{_NOT} (?:còn )?(?:sử dụng|dùng) nữa\b|\b{_NOT} còn (?:sử dụng|dùng)\b",
            rf"\b{_NOT} (?:liên lạc|gọi) được\b|\b{_NOT} đúng\b",
        )
    ),
    re.IGNORECASE,
)
# "chuyển đổi số" is the digital transformation, not a new number.
_CHANGED = re.compile(r"(?<!chuyển )\b(?:đổi|thay) (?:số|sim|máy)\b", re.IGNORECASE)
_REPLACED_BY = re.compile(
    r"[-=]+>|[→⇒➔]|\b(?:đổi|chuyển|thay)(?: số)? (?:thành|sang|bằng|qua)\b|\b(?:nay|giờ|số mới) là\b",
    re.IGNORECASE,
)
_FIELD_ENDS = re.compile(r"[;,/|\n)]")
_DOUBTED = re.compile(r"\s*\(?\?+\)?\s*(?:$|[;,/\n])|\?+[0-9]")


def has_words(text: str) -> bool:
    """Tell whether there is anything beside numbers that may say something about them."""
    return _SAYS_SOMETHING.search(text) is not None


def without_wrong_ones(text: str, found: list[Found]) -> list[Found]:
    """Refuse the numbers that the words beside them call old, wrong or doubtful.

    Words belong to the number in the same field. Between two numbers without a mark they belong to both;
    a label before a colon belongs to what follows; an arrow or "đổi thành" makes the first one old.
    """
    if sum(bool(one.piece.number) for one in found) > 1 and _CHANGED.search(text):
        return [_refused(one, "marked-wrong") for one in found]
    return [_judged(text, found, place) for place in range(len(found))]


def _judged(text: str, found: list[Found], place: int) -> Found:
    one = found[place]
    last = place + 1 == len(found)
    before = text[found[place - 1].end if place else 0 : one.start]
    after = text[one.end : len(text) if last else found[place + 1].start]
    if _DOUBTED.match(text, one.end):
        return _refused(one, "unclear")
    if not last and _REPLACED_BY.search(after):
        return _refused(one, "marked-wrong")
    if _REPLACED_BY.search(before):
        before = ""
    own_before = _FIELD_ENDS.split(before)[-1] if place else before
    own_after = "" if not last and after.rstrip().endswith(":") else _FIELD_ENDS.split(after)[0]
    if any(_AGAINST.search(" ".join(words.split())) for words in (own_before, own_after)):
        return _refused(one, "marked-wrong")
    return one


def _refused(one: Found, reason: str) -> Found:
    return one._replace(piece=Piece(reason=reason)) if one.piece.number else one


_NOT_WORDS = re.compile(r"[()\[\]{};,/|:=#*>\"\n]+")


def note(text: str, found: list[Found]) -> str:
    """Give the words of a cell without its long digits (identity numbers must not travel)."""
    without = list(text)
    for one in found:
        if one.length >= 5:
            without[one.start : one.end] = ";" * one.length
    parts = (" ".join(part.split()).strip(" .-_+'?") for part in _NOT_WORDS.split("".join(without)))
    return ", ".join(part for part in parts if _LETTERS.search(part))
