"""What can still be looked at when a part of schedules.toml cannot be read: no mistake hides another."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from dispatcher.campaign import wording
from dispatcher.campaign.findings import lookup
from dispatcher.campaign.model import Schedules
from dispatcher.campaign.positions import Path

# What stands in for keys that could not be read, where leaving them out would take too much along.
STAND_INS: Mapping[str, object] = {
    "title": "-",
    "supplied_by": "-",
    "basis": "public_task",
    "default": 0,
    "sender": "X",
    "office": {"name": "-", "sender": "X"},
    "prices": {"default": 0},
}
Kept = Mapping[Path, Sequence[int]]


def readable(raw: dict[str, Any]) -> tuple[Schedules | None, Kept]:
    """Take out what cannot be read until the rest can.

    Gives None when nothing is left; tells of each list that lost entries which ones are left.
    """
    rest = copy.deepcopy(raw)
    lists = {id(found): (found, list(range(len(found)))) for _path, found in _lists(rest, ())}
    replaced: set[Path] = set()
    while True:
        try:
            schedules = Schedules.model_validate(rest)
        except ValidationError as error:
            bad = [(path, detail["type"]) for path, detail in wording.details(rest, error)]
        else:
            kept = {path: lists[id(found)][1] for path, found in _lists(rest, ()) if id(found) in lists}
            return schedules, kept
        # The last entries of a list go first, so that the places of the others stay right.
        for path, kind in sorted(bad, key=lambda item: _place(item[0]), reverse=True):
            if not _take_out(rest, lists, path, replaced if kind != "extra_forbidden" else None):
                return None, {}


def _lists(value: object, path: Path) -> Iterator[tuple[Path, list[Any]]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _lists(item, (*path, key))
    elif isinstance(value, list):
        yield path, value
        for place, item in enumerate(value):
            yield from _lists(item, (*path, place))


def _place(path: Path) -> tuple[tuple[bool, int | str], ...]:
    return tuple((isinstance(part, str), part) for part in path)


def _take_out(
    rest: dict[str, Any],
    lists: Mapping[int, tuple[list[Any], list[int]]],
    path: Path,
    replaced: set[Path] | None,
) -> bool:
    """Take one thing out, or put a stand-in for it, once and if it may; False when nothing would be left.

    Every call makes the rest smaller or adds to `replaced`, so taking out comes to an end.
    """
    if not path:
        return False
    *around, last = path
    holder = lookup(rest, around)
    if isinstance(holder, list) and isinstance(last, int) and last < len(holder):
        del holder[last], lists[id(holder)][1][last]
    elif isinstance(holder, dict) and isinstance(last, str):
        if last in STAND_INS and replaced is not None and path not in replaced:
            holder[last] = copy.deepcopy(STAND_INS[last])
            replaced.add(path)
        elif last in holder:
            del holder[last]
        else:
            return _take_out(rest, lists, tuple(around), replaced)
    return True
