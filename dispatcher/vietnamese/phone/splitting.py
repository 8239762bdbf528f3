"""Splits groups of digits into numbers.

A run of groups is cut so that every piece is a complete number. One way of cutting: taken. Two ways:
refused. None: what surely is a note is put aside and the rest must stand on its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dispatcher.vietnamese.phone.classification import Classification, DigitGroup, classify
from dispatcher.vietnamese.phone.numbering import IsMobile
from dispatcher.vietnamese.phone.segments import Segment

_SEPARATOR = re.compile(r"[,/\\\n]")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_BEGINS_NUMBER = re.compile(r"0[0-9]|84")

NUMBER_DIGITS_MIN = 7
NUMBER_DIGITS_MAX = 14
GROUPS_MAX = 60  # a cell with more is a text, not a number


class ClassifiedRun(NamedTuple):
    """A piece and where its digits begin and end in the text."""

    classification: Classification
    start: int
    end: int

    @property
    def length(self) -> int:
        """How much text it covers: at least as many characters as digits."""
        return self.end - self.start


NOTE = "note"  # not a reason: digits that belong to words, such as a class, an hour, a year


def split_numbers(segment: Segment, is_mobile: IsMobile) -> list[ClassifiedRun]:
    """Find the numbers of one segment."""
    groups, notes = _without_notes_at_the_ends(segment)
    if not groups:
        return notes
    if len(groups) > GROUPS_MAX:
        return [_classified(groups, Classification(reason="unclear"))]
    runs = list(_runs(groups))
    cuts = [_split_exactly(run, is_mobile) for run in runs]
    if len(runs) > 1 and not all(cuts):
        across = _split_exactly(groups, is_mobile)  # 0912,345,678
        if across:
            return notes + across
    if any(_may_be_cut_off(run) for run in runs[1:]):
        return [*notes, _classified(groups, Classification(reason="unclear"))]
    salvaged = [pieces or _salvage(run, is_mobile) for run, pieces in zip(runs, cuts, strict=True)]
    return notes + [_reject_stub(one) if len(runs) > 1 else one for pieces in salvaged for one in pieces]


def _reject_stub(run: ClassifiedRun) -> ClassifiedRun:
    """Call a few digits behind a slash unclear: in 0912345678/79 a second number is meant, not said."""
    if run.length < NUMBER_DIGITS_MIN and not run.classification.is_recognised:
        return run._replace(classification=Classification(reason="unclear"))
    return run


def _may_be_cut_off(run: Sequence[DigitGroup]) -> bool:
    """A few digits after a line end or a bare comma may belong to the number before: "0912345678,9"."""
    return len(run) == 1 and len(run[0].digits) <= 3 and run[0].gap in {"\n", ","}


def _runs(groups: Sequence[DigitGroup]) -> Iterator[tuple[DigitGroup, ...]]:
    """Cut at commas, slashes and line ends."""
    start = 0
    for index in range(1, len(groups)):
        if _SEPARATOR.search(groups[index].gap):
            yield tuple(groups[start:index])
            start = index
    yield tuple(groups[start:])


def _classified(groups: Sequence[DigitGroup], classification: Classification) -> ClassifiedRun:
    return ClassifiedRun(classification, groups[0].start, groups[-1].end)


# --- cutting where every piece is complete --------------------------------------------------------------


def _split_exactly(groups: Sequence[DigitGroup], is_mobile: IsMobile) -> list[ClassifiedRun]:
    """Cut `groups` so that nothing is left over; empty when that cannot be done, or not in one way only."""
    whole = _classify(groups, is_mobile)
    if whole is not None and whole.is_recognised:
        return [_classified(groups, whole)]
    if len(groups) == 1:
        return _split_joined_pair(groups[0], is_mobile)
    ways = _possible_splits(groups, is_mobile)
    return ways[0] if len(ways) == 1 else []


def _possible_splits(groups: Sequence[DigitGroup], is_mobile: IsMobile) -> list[list[ClassifiedRun]]:
    """Every way of cutting `groups` into complete pieces; two are enough to know that it is unclear."""
    ways: list[list[list[ClassifiedRun]]] = [[] for _ in groups] + [[[]]]
    for start in reversed(range(len(groups))):
        length = 0
        for end in range(start + 1, len(groups) + 1):
            length += len(groups[end - 1].digits)
            if length > NUMBER_DIGITS_MAX or len(ways[start]) > 1:
                break
            if length < NUMBER_DIGITS_MIN or not ways[end]:
                continue
            piece = _classify(groups[start:end], is_mobile)
            if piece is not None and piece.is_recognised:
                ways[start] += [[_classified(groups[start:end], piece), *rest] for rest in ways[end]]
    return ways[0]


def _classify(groups: Sequence[DigitGroup], is_mobile: IsMobile) -> Classification | None:
    """Understand `groups` as one number, or None where they cannot be one."""
    if any(group.plus for group in groups[1:]):
        return None
    if any(_SEPARATOR.search(group.gap) for group in groups[1:]) and not _joinable(groups):
        return None
    if len(groups) > 1 and groups[-1].in_brackets and len(groups[-1].digits) < 3:
        return None  # 0912 345 678 (2)
    return classify(groups, is_mobile)


def _joinable(groups: Sequence[DigitGroup]) -> bool:
    """Commas and slashes inside one number: 0912,345,678 or 09/12/34/56/78, but never 091234567/8."""
    sizes = [len(group.digits) for group in groups]
    if sizes[0] == 1 and groups[0].digits == "0":  # 0,912,345,678
        sizes = sizes[1:]
    return set(sizes) == {2} or (max(sizes[0], 2) <= 5 and min(sizes) >= 2 and sizes[-1] >= 3)


def _split_joined_pair(group: DigitGroup, is_mobile: IsMobile) -> list[ClassifiedRun]:
    """Two numbers whose line break was lost."""
    if len(group.digits) != 20 or group.plus:
        return []
    halves = (group._replace(digits=group.digits[:10]), group._replace(digits=group.digits[10:]))
    pieces = [classify((half,), is_mobile) for half in halves]
    if not all(piece.number and half.digits[0] == "0" for piece, half in zip(pieces, halves, strict=True)):
        return []
    return [_classified((group,), piece) for piece in pieces]


# --- notes ----------------------------------------------------------------------------------------------


def _without_notes_at_the_ends(segment: Segment) -> tuple[tuple[DigitGroup, ...], list[ClassifiedRun]]:
    """Put aside digits that belong to a word: "thôn 3 0912 345 678", "0912… (2)", "… 2 con", "… (02 số)"."""
    groups = segment.groups
    notes: list[ClassifiedRun] = []
    if len(groups) == 1 or all(len(group.digits) == 1 for group in groups):
        return groups, notes
    first, last = groups[0], groups[-1]
    if segment.word_before and len(first.digits) <= 2 and first.digits[0] != "0" and first.digits != "84":
        notes.append(_classified((first,), Classification(reason=NOTE)))
        groups = groups[1:]
    few_digits = 2 if "(" in last.gap else 1
    if segment.word_after and len(last.digits) <= few_digits and len(groups) > 1:
        notes.append(_classified((last,), Classification(reason=NOTE)))
        groups = groups[:-1]
    return groups, notes


def _salvage(groups: tuple[DigitGroup, ...], is_mobile: IsMobile) -> list[ClassifiedRun]:
    """Take what is sure out of a run that does not come out even."""
    trimmed = groups
    while len(trimmed) > 1 and (trimmed[-1].in_brackets and len(trimmed[-1].digits) <= 4):
        trimmed = trimmed[:-1]
    if len(trimmed) > 1 and _YEAR.fullmatch(trimmed[-1].digits):
        trimmed = trimmed[:-1]
    if len(trimmed) > 1 and _YEAR.fullmatch(trimmed[0].digits) and _BEGINS_NUMBER.match(trimmed[1].digits):
        trimmed = trimmed[1:]
    if trimmed != groups and (pieces := _split_exactly(trimmed, is_mobile)):
        return [*pieces, _classified(groups[-1:], Classification(reason=NOTE))]
    return _one_by_one(groups, is_mobile)


def _one_by_one(groups: tuple[DigitGroup, ...], is_mobile: IsMobile) -> list[ClassifiedRun]:
    """Cut before every zero or plus that follows enough digits; a spoilt neighbour spoils only itself."""
    parts: list[list[DigitGroup]] = [[]]
    for group in groups:
        length = sum(len(earlier.digits) for earlier in parts[-1])
        if length >= NUMBER_DIGITS_MIN and (group.plus or _BEGINS_NUMBER.match(group.digits)):
            parts.append([])
        parts[-1].append(group)
    whole = _classify(groups, is_mobile) or Classification(reason="unclear")
    if len(parts) == 1 or any(sum(len(group.digits) for group in part) < NUMBER_DIGITS_MIN for part in parts):
        return [_classified(groups, whole if not whole.number else Classification(reason="unclear"))]
    return [
        _classified(part, _classify(part, is_mobile) or Classification(reason="unclear")) for part in parts
    ]
