"""Which files of the contacts folder belong to an audience."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

SUFFIXES = (".xlsx", ".xls", ".ods", ".csv", ".tsv", ".txt")


def files(contacts: Path, patterns: Iterable[str]) -> tuple[Path, ...]:
    """Give the list files below `contacts` that match any of `patterns`, each once, sorted.

    Hidden files and the lock files that office programs leave beside an open list ("~$…") are none.
    """
    return tuple(sorted({path for pattern in patterns for path in _matching(contacts, pattern)}))


def stays_inside(pattern: str) -> bool:
    """Tell whether a pattern cannot lead out of the contacts folder."""
    path = PurePosixPath(pattern)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in pattern and ":" not in pattern


def _matching(contacts: Path, pattern: str) -> Iterator[Path]:
    if not stays_inside(pattern):
        return
    for path in contacts.glob(pattern):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(contacts).parts)
        if not hidden and path.suffix.lower() in SUFFIXES and path.is_file():
            yield path
