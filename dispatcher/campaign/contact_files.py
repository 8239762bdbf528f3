"""Which files of the contacts folder belong to an audience."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, product
from pathlib import Path, PurePosixPath

from dispatcher.vietnamese.text import nfc

LIST_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".txt")


def find_files(contacts: Path, patterns: Iterable[str]) -> tuple[Path, ...]:
    """Return the list files below `contacts` that match any of `patterns`, each once, sorted.

    Hidden files and the lock files that office programs leave beside an open list ("~$…") are none. A
    pattern that no file system understands ("**.csv", ".") matches nothing.
    """
    paths: set[Path] = set()
    for pattern in patterns:
        with suppress(ValueError, OSError):
            paths |= set(_matching_files(contacts, pattern))
    return tuple(sorted(paths))


def is_inside_folder(pattern: str) -> bool:
    """Return whether a pattern cannot lead out of the contacts folder."""
    path = PurePosixPath(pattern)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in pattern and ":" not in pattern


def matches(path: Path, pattern: str) -> bool:
    """Return whether a list, by its name alone, is one of those that `pattern` means."""
    return PurePosixPath(nfc(path.name)).match(nfc(pattern))


def _matching_files(contacts: Path, pattern: str) -> Iterator[Path]:
    if not is_inside_folder(pattern):
        return
    for path in chain.from_iterable(map(contacts.glob, _spellings(pattern))):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(contacts).parts)
        if not hidden and path.suffix.lower() in LIST_SUFFIXES and path.is_file():
            yield path


def _spellings(pattern: str) -> Iterator[str]:
    """Write a pattern as file systems may: ộ is one character to most, and three to what comes from a Mac."""
    forms = [
        dict.fromkeys((nfc(part), unicodedata.normalize("NFD", part)))
        for part in PurePosixPath(pattern).parts
    ]
    return map("/".join, product(*forms))
