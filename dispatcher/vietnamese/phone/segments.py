"""Splits a line into groups of digits; dates, addresses and list marks set aside, O and l as digits.

A segment is a stretch in which numbers may run on: between its groups stand only spaces, points, dashes,
brackets, commas, slashes. Anything else (a word, a colon, a semicolon) ends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dispatcher.vietnamese.phone.cell_text import EXCEL_SERIALS
from dispatcher.vietnamese.phone.classification import DigitGroup

LETTER = r"[^\W\d_]"

_TIME = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
_YEAR = r"(?:19|20)[0-9]{2}"
_DAY_MONTH = r"(?:0?[1-9]|[12][0-9]|3[01])([/.\-])(?:0?[1-9]|1[0-2])"
_ISO = rf"{_YEAR}([/.\-])(?:0?[1-9]|1[0-2])\2(?:0?[1-9]|[12][0-9]|3[01])"
_DATE = re.compile(
    rf"(?:{_DAY_MONTH}\1(?:{_YEAR}|[0-9]{{2}})|{_ISO}|(?:0?[1-9]|1[0-2])[/\-]{_YEAR}|{_YEAR}){_TIME}"
    rf"|(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2]){_YEAR}|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
)
_DATE_IN_WORDS = re.compile(r"ngày\s+[0-9]{1,2}\s+tháng\s+[0-9]{1,2}\s+năm\s+[0-9]{4}", re.IGNORECASE)
# Beside a number only what cannot be part of it: a full date, or a day and a month between spaces.
_DATE_INSIDE = re.compile(
    rf"(?<![0-9./\-])(?:{_DAY_MONTH}\1{_YEAR}|{_ISO}){_TIME}(?![0-9./\-])"
    r"|(?<![^\s(])(?:0?[1-9]|[12][0-9]|3[01])/(?:0?[1-9]|1[0-2])(?![^\s),;])"
)
_HOUR = re.compile(r"(?<![0-9.])[0-2]?[0-9](?::[0-5][0-9]|h(?:[0-5][0-9])?)(?![0-9])")

_MAIL = re.compile(r"\S+@\S+")
# "1. 0912…", "2) 0987…", "1:0912… 2:0987…". Dashes, slashes and spaces also stand inside numbers: such a mark
# counts only at the start or behind a whole number, and before a whole one.
_LIST_MARK = re.compile(
    r"(^|[\s;,(/])\(?[1-9][0-9]?[.):]\s*(?=\(?\+?(?:0|84)[0-9])"
    r"|(^|[;,\n]|(?<=[0-9]{10})\s)\s*[1-9](?:\s?[-–/]\s?(?=\+?(?:0|84)[0-9](?:[ .\-]?[0-9]){8,})"
    r"|[ ,]\s*(?=0[0-9]{9}(?![0-9])))"
)
_LOOKS_LIKE_DIGIT = re.compile("[OolI]")
_LOOK_ALIKE = re.compile(rf"(?<!{LETTER})(?=[0-9.\-]*[OolI])[0-9OolI][0-9OolI.\-]*+(?!{LETTER})")
_AS_DIGITS = str.maketrans("OolI", "0011")

MASK = "#"  # stands for each character of a date or an address that was set aside


def is_date(text: str) -> bool:
    """Return whether the whole of `text` is a date, in figures, in words or as a spreadsheet's day number."""
    if len(text) == 5 and text.isdecimal():
        return int(text) in EXCEL_SERIALS
    return _DATE.fullmatch(text) is not None or _DATE_IN_WORDS.search(text) is not None


def mask_non_numbers(text: str) -> tuple[str, list[str]]:
    """Blank out what is not a phone number and read letters as digits; give the text and the repair words.

    The text keeps its length, so that places in it stay true.
    """
    repairs = []
    masked = _MAIL.sub(_blank, text) if "@" in text else text
    if "/" in text or "." in text or "-" in text:
        masked = _DATE_INSIDE.sub(_blank, masked)
    if ":" in text or "h" in text:
        masked = _HOUR.sub(_blank, masked)
    if masked != text:
        repairs.append("note-left-out")
    masked = _LIST_MARK.sub(_separated, masked)
    if _LOOKS_LIKE_DIGIT.search(masked):
        changed = _LOOK_ALIKE.sub(_digits_for_letters, masked)
        if changed != masked:
            repairs.append("letters-for-digits")
        masked = changed
    return masked, repairs


def _separated(mark: re.Match[str]) -> str:
    kept = mark[1] or mark[2] or ""
    return kept + ";" * (len(mark[0]) - len(kept))


def _blank(match: re.Match[str]) -> str:
    return MASK * len(match[0])


def _digits_for_letters(match: re.Match[str]) -> str:
    token = match[0]
    letters = sum(character in "OolI" for character in token)
    digits = sum(character.isdigit() for character in token)
    return token.translate(_AS_DIGITS) if letters <= 3 and letters <= digits else token


# --- groups and segments --------------------------------------------------------------------------------

_DIGITS = re.compile(r"[0-9]+")
_ENDS_SEGMENT = re.compile(r"[^ .\-_()+',/\\\n\t]")
_PLUS = re.compile(r"\+\s*\(?\s*$")
_WORD_BEFORE = re.compile(rf"{LETTER}[ .]*$")
_WORD_AFTER = re.compile(rf" *{LETTER}")


class Segment(NamedTuple):
    """Groups that may belong together, and whether a word touches the first or the last."""

    groups: tuple[DigitGroup, ...]
    word_before: bool
    word_after: bool


def find_segments(text: str) -> Iterator[Segment]:
    """Cut `text` into segments, in order."""
    run: list[DigitGroup] = []
    end = 0
    for match in _DIGITS.finditer(text):
        gap = text[end : match.start()]
        if run and _ENDS_SEGMENT.search(gap):
            yield _segment(run, text)
            run = []
        closed = text[match.end() : match.end() + 2].lstrip(" ").startswith(")")
        run.append(DigitGroup(match[0], gap, _PLUS.search(gap) is not None, closed, match.start()))
        end = match.end()
    if run:
        yield _segment(run, text)


def _segment(run: list[DigitGroup], text: str) -> Segment:
    return Segment(
        tuple(run),
        _WORD_BEFORE.search(run[0].gap) is not None,
        _WORD_AFTER.match(text, run[-1].end) is not None,
    )
