"""Collects what is wrong with schedules.toml, each with its line, its key and the value found there."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from types import MappingProxyType
from typing import Any

from dispatcher.campaign.line_numbers import KeyPath, LineNumbers
from dispatcher.errors import Problem, Severity
from dispatcher.i18n import _

VALUE_LENGTH_MAX = 80


class ProblemCollector:
    """The problems of one file; `raw` is what its TOML holds.

    `original_indices` is for those who look at a part of it: of lists that lost entries, which ones are left.
    """

    def __init__(
        self,
        file: str,
        raw: dict[str, Any],
        positions: LineNumbers,
        original_indices: Mapping[KeyPath, Sequence[int]] = MappingProxyType({}),
    ) -> None:
        self.file, self.raw, self.positions, self.original_indices = file, raw, positions, original_indices
        self.problems: list[Problem] = []

    def with_original_indices(self, original_indices: Mapping[KeyPath, Sequence[int]]) -> ProblemCollector:
        """Return the same findings for somebody who counts the entries that are left."""
        same = ProblemCollector(self.file, self.raw, self.positions, original_indices)
        same.problems = self.problems
        return same

    def add(
        self,
        path: Sequence[str | int],
        what: str,
        remedy: str = "",
        *,
        value: object = None,
        severity: Severity = "error",
    ) -> None:
        """Add a problem at `path`; `value` is looked up there unless given."""
        path = self._original(path)
        value_in_file = value_at(self.raw, path) if value is None else value
        self.problems.append(
            Problem(
                file=self.file,
                line=self.positions.line_of(path),
                where=format_path(path),
                value=format_value(value_in_file),
                what=what,
                remedy=remedy,
                severity=severity,
            )
        )

    def present_key(self, path: Sequence[str | int], *keys: str) -> str | None:
        """Return the first of `keys` that the table at `path` has in the file; None when it has none."""
        table = value_at(self.raw, self._original(path))
        return next((key for key in keys if isinstance(table, dict) and key in table), None)

    def _original(self, path: Sequence[str | int]) -> KeyPath:
        original: KeyPath = ()
        for index, part in enumerate(path):
            left = self.original_indices.get(tuple(path[:index]))
            original = (*original, left[part] if left is not None and isinstance(part, int) else part)
        return original

    def sorted(self) -> tuple[Problem, ...]:
        """Return every problem once, in the order of the file."""
        return tuple(sorted(dict.fromkeys(self.problems), key=_line_and_path))


def _line_and_path(problem: Problem) -> tuple[int, str]:
    return (problem.line, problem.where) if problem.line else (0, "")


def value_at(raw: object, path: Sequence[str | int]) -> object:
    """Return what stands at `path`; None when nothing does."""
    for part in path:
        if isinstance(raw, list):
            raw = raw[part] if isinstance(part, int) and part < len(raw) else None
        else:
            raw = raw.get(part) if isinstance(raw, dict) else None
    return raw


def format_path(path: Sequence[str | int]) -> str:
    """Write a key path for people, who count from 1: `campaign.x.step[2].at`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            quoted = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part, ensure_ascii=False)
            text += f".{quoted}" if text else quoted
    return text


def format_value(value: object) -> str:
    """Write a value as the file has it, cut where it is long; tables say nothing."""
    tables = isinstance(value, list) and any(isinstance(item, dict) for item in value)
    if value is None or isinstance(value, dict) or tables:
        return ""
    if isinstance(value, str):
        text = value
    elif isinstance(value, date | time):
        text = value.isoformat()
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= VALUE_LENGTH_MAX else text[: VALUE_LENGTH_MAX - 1] + "…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Ask for the likeliest of `known`, or list them all."""
    known = sorted(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return _('Did you mean "{word}"?', word=near[0])
    return _("Known here: {words}.", words=", ".join(known)) if known else ""
