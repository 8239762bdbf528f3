"""Collects what is wrong with schedules.toml, each with its line, its key and the value found there."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from types import MappingProxyType
from typing import Any

from dispatcher.campaign.positions import Path, Positions
from dispatcher.errors import Problem, Severity
from dispatcher.i18n import _

VALUE_LENGTH_MAX = 80


class Findings:
    """The problems of one file; `raw` is what its TOML holds.

    `kept` is for those who look at a part of it: of lists that lost entries, which ones are left.
    """

    def __init__(
        self,
        file: str,
        raw: dict[str, Any],
        positions: Positions,
        kept: Mapping[Path, Sequence[int]] = MappingProxyType({}),
    ) -> None:
        self.file, self.raw, self.positions, self.kept = file, raw, positions, kept
        self.problems: list[Problem] = []

    def through(self, kept: Mapping[Path, Sequence[int]]) -> Findings:
        """Give the same findings for somebody who counts the entries that are left."""
        same = Findings(self.file, self.raw, self.positions, kept)
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
        """Say that something is wrong at `path`; `value` is looked up there unless given."""
        path = self._original(path)
        found = lookup(self.raw, path) if value is None else value
        self.problems.append(
            Problem(
                file=self.file,
                line=self.positions.line(path),
                where=write_path(path),
                value=write_value(found),
                what=what,
                remedy=remedy,
                severity=severity,
            )
        )

    def _original(self, path: Sequence[str | int]) -> Path:
        original: Path = ()
        for place, part in enumerate(path):
            left = self.kept.get(tuple(path[:place]))
            original = (*original, left[part] if left is not None and isinstance(part, int) else part)
        return original

    def sorted(self) -> tuple[Problem, ...]:
        """Give every problem once, in the order of the file."""
        return tuple(sorted(dict.fromkeys(self.problems), key=_place))


def _place(problem: Problem) -> tuple[int, str]:
    return (problem.line, problem.where) if problem.line else (0, "")


def lookup(raw: object, path: Sequence[str | int]) -> object:
    """Give what stands at `path`; None when nothing does."""
    for part in path:
        if isinstance(raw, list):
            raw = raw[part] if isinstance(part, int) and part < len(raw) else None
        else:
            raw = raw.get(part) if isinstance(raw, dict) else None
    return raw


def write_path(path: Sequence[str | int]) -> str:
    """Write a key path for people, who count from 1: `campaign.x.step[2].at`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            quoted = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part, ensure_ascii=False)
            text += f".{quoted}" if text else quoted
    return text


def write_value(value: object) -> str:
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
