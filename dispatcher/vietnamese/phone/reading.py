"""A cell read with care: its numbers, or the one reason why there is none.

The rule above all rules: never a different number than a careful clerk would read. What can be read in
two ways is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dispatcher.vietnamese.phone import beside, cells
from dispatcher.vietnamese.phone.cutting import NOTE, PIECE_DIGITS_MIN, Found, cut
from dispatcher.vietnamese.phone.numbering import Judge
from dispatcher.vietnamese.phone.segments import is_date, segments, set_aside
from dispatcher.vietnamese.phone.words import REASONS


class PhoneReading(NamedTuple):
    """What a cell says. A named tuple because a million are made: a third of the time of a dataclass.

    `numbers`: mobiles as E.164, in the order written, each once. `reason`: a word of `REASONS`, "" when
    there are numbers. `repairs` and `flags`: words of `REPAIRS` and `FLAGS`. `note`: the words that stood
    beside the number, without long digits; whoever holds people back for "đã mất" must look here too.
    """

    numbers: tuple[str, ...] = ()
    reason: str = ""
    repairs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    note: str = ""


def read_carefully(cell: object, judge: Judge) -> PhoneReading:
    """Read any cell; `judge` says which national numbers are mobiles."""
    plain = cells.plain(cell)
    if not plain.text:
        return PhoneReading(reason=plain.reason or "empty")
    if is_date(plain.text):
        return PhoneReading(reason="date")
    text, repairs = set_aside(plain.text)
    found = [one for segment in segments(text) for one in cut(segment, judge)]
    note = ""
    if beside.has_words(plain.text):
        found = beside.without_wrong_ones(text, found)
        note = beside.note(text, found)
    if any(one.piece.number for one in found):
        return _numbers(plain, repairs, found, note)
    return PhoneReading(reason=_reason(plain, found, note), note=note)


def _numbers(plain: cells.Plain, repairs: list[str], found: list[Found], note: str) -> PhoneReading:
    taken = [one.piece for one in found if one.piece.number]
    words = [*plain.repairs, *repairs, *(word for piece in taken for word in piece.repairs)]
    if len(taken) > 1:
        words.append("several-numbers")
    words += [_left_out(one) for one in found if one.piece.reason]
    if plain.reason:
        words.append("part-left-out")
    if note:
        words.append("note-left-out")
    flags = (*plain.flags, *(flag for piece in taken for flag in piece.flags))
    return PhoneReading(
        _distinct(piece.number for piece in taken), "", _distinct(filter(None, words)), _distinct(flags), note
    )


def _left_out(one: Found) -> str:
    if one.piece.reason in {"landline", "may-be-old-landline"}:
        return "landline-left-out"
    # Up to four digits on their own are a house, a class or an hour and no number that was lost.
    aside = one.piece.reason == NOTE or (one.length < 5 and one.piece.reason != "unclear")
    return "note-left-out" if aside else "part-left-out"


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


_ORDER = {reason: place for place, reason in enumerate(REASONS)}


def _reason(plain: cells.Plain, found: list[Found], note: str) -> str:
    reasons = [
        one.piece.reason
        for one in found
        if one.piece.reason != NOTE and (one.length >= PIECE_DIGITS_MIN or not note)
    ]
    if plain.reason:
        reasons.append(plain.reason)
    return min(reasons, key=_ORDER.__getitem__, default="no-number")
