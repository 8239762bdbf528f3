"""The full parser of a cell: its numbers, or the one reason why there is none.

The rule above all rules: never a different number than a careful clerk would read. What can be read in
two ways is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dispatcher.vietnamese.phone import cell_text, context_words
from dispatcher.vietnamese.phone.numbering import IsMobile
from dispatcher.vietnamese.phone.result_codes import REASONS
from dispatcher.vietnamese.phone.segments import find_segments, is_date, mask_non_numbers
from dispatcher.vietnamese.phone.splitting import NOTE, NUMBER_DIGITS_MIN, ClassifiedRun, split_numbers


class ParsedPhones(NamedTuple):
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


def parse_slow(cell: object, is_mobile: IsMobile) -> ParsedPhones:
    """Read any cell; `is_mobile` says which national numbers are mobiles."""
    plain = cell_text.to_text(cell)
    if not plain.text:
        return ParsedPhones(reason=plain.reason or "empty")
    if is_date(plain.text):
        return ParsedPhones(reason="date")
    text, repairs = mask_non_numbers(plain.text)
    runs = [one for segment in find_segments(text) for one in split_numbers(segment, is_mobile)]
    note = ""
    if context_words.has_words(plain.text):
        runs = context_words.reject_marked_wrong(text, runs)
        note = context_words.remarks(text, runs)
    if any(one.classification.number for one in runs):
        return _numbers(plain, repairs, runs, note)
    return ParsedPhones(reason=_reason(plain, runs, note), note=note)


def _numbers(
    plain: cell_text.CellText, repairs: list[str], runs: list[ClassifiedRun], note: str
) -> ParsedPhones:
    classifications = [one.classification for one in runs if one.classification.number]
    codes = [*plain.repairs, *repairs, *(word for piece in classifications for word in piece.repairs)]
    if len(classifications) > 1:
        codes.append("several-numbers")
    codes += [_left_out_repair(one) for one in runs if one.classification.reason]
    if plain.reason:
        codes.append("part-left-out")
    if note:
        codes.append("note-left-out")
    flags = (*plain.flags, *(flag for piece in classifications for flag in piece.flags))
    return ParsedPhones(
        _distinct(piece.number for piece in classifications),
        "",
        _distinct(filter(None, codes)),
        _distinct(flags),
        note,
    )


def _left_out_repair(run: ClassifiedRun) -> str:
    if run.classification.reason in {"landline", "may-be-old-landline"}:
        return "landline-left-out"
    # Up to four digits on their own are a house, a class or an hour and no number that was lost.
    aside = run.classification.reason == NOTE or (run.length < 5 and run.classification.reason != "unclear")
    return "note-left-out" if aside else "part-left-out"


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


_ORDER = {reason: place for place, reason in enumerate(REASONS)}


def _reason(plain: cell_text.CellText, runs: list[ClassifiedRun], note: str) -> str:
    reasons = [
        one.classification.reason
        for one in runs
        if one.classification.reason != NOTE and (one.length >= NUMBER_DIGITS_MIN or not note)
    ]
    if plain.reason:
        reasons.append(plain.reason)
    return min(reasons, key=_ORDER.__getitem__, default="no-number")
