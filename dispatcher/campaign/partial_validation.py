"""What can still be looked at when a part of schedules.toml cannot be read: no mistake hides another."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from dispatcher.campaign import validation_messages
from dispatcher.campaign.line_numbers import KeyPath
from dispatcher.campaign.model import Schedules
from dispatcher.campaign.problem_collector import value_at

# What stands in for keys that could not be read, where leaving them out would take too much along.
PLACEHOLDERS: Mapping[str, object] = {
    "title": "-",
    "supplied_by": "-",
    "basis": "public_task",
    "default": 0,
    "sender": "X",
    "office": {"name": "-", "sender": "X"},
    "prices": {"default": 0},
}
OriginalIndices = Mapping[KeyPath, Sequence[int]]


def validate_rest(raw: dict[str, Any]) -> tuple[Schedules | None, OriginalIndices]:
    """Take out what cannot be read until the rest can.

    Return None when nothing is left, and for each list that lost entries the indices of those left.
    """
    rest = copy.deepcopy(raw)
    lists = {id(entries): (entries, list(range(len(entries)))) for _path, entries in _lists(rest, ())}
    replaced: set[KeyPath] = set()
    while True:
        try:
            schedules = Schedules.model_validate(rest)
        except ValidationError as error:
            invalid = [
                (path, detail["type"]) for path, detail in validation_messages.error_details(rest, error)
            ]
        else:
            original_indices = {
                path: lists[id(entries)][1] for path, entries in _lists(rest, ()) if id(entries) in lists
            }
            return schedules, original_indices
        # The last entries of a list go first, so that the places of the others stay right.
        for path, kind in sorted(invalid, key=lambda item: _sort_key(item[0]), reverse=True):
            if not _remove(rest, lists, path, replaced if kind != "extra_forbidden" else None):
                return None, {}


def _lists(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, list[Any]]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _lists(item, (*path, key))
    elif isinstance(value, list):
        yield path, value
        for index, item in enumerate(value):
            yield from _lists(item, (*path, index))


def _sort_key(path: KeyPath) -> tuple[tuple[bool, int | str], ...]:
    return tuple((isinstance(part, str), part) for part in path)


def _remove(
    rest: dict[str, Any],
    lists: Mapping[int, tuple[list[Any], list[int]]],
    path: KeyPath,
    replaced: set[KeyPath] | None,
) -> bool:
    """Take one thing out, or put a stand-in for it, once and if it may; False when nothing would be left.

    Every call makes the rest smaller or adds to `replaced`, so taking out comes to an end.
    """
    if not path:
        return False
    *around, last = path
    container = value_at(rest, around)
    if isinstance(container, list) and isinstance(last, int) and last < len(container):
        del container[last], lists[id(container)][1][last]
    elif isinstance(container, dict) and isinstance(last, str):
        if last in PLACEHOLDERS and replaced is not None and path not in replaced:
            container[last] = copy.deepcopy(PLACEHOLDERS[last])
            replaced.add(path)
        elif last in container:
            del container[last]
        else:
            return _remove(rest, lists, tuple(around), replaced)
    return True
