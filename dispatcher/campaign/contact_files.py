"""Which files of the contacts folder belong to an audience."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path, PurePosixPath
from typing import Literal

from dispatcher.vietnamese.text import nfc

LIST_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".txt")
UnreadKind = Literal[
    "spreadsheet", "document", "picture", "archive", "other",
    "in-root", "wrong-folder", "subfolder", "not-wanted",
]  # fmt: skip
# What an office may put there instead of a list; anything else is "other".
_KINDS_BY_SUFFIX: dict[UnreadKind, tuple[str, ...]] = {
    "spreadsheet": (".xlsb", ".numbers", ".gsheet", ".xltx", ".xltm", ".xlt", ".fods", ".et", ".dbf", ".mdb"),
    "document": (".docx", ".doc", ".docm", ".pdf", ".rtf", ".odt", ".html", ".htm", ".pptx", ".ppt", ".wps"),
    "picture": (".jpg", ".jpeg", ".png", ".heic", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
    "archive": (".zip", ".rar", ".7z", ".gz", ".tar"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreadFile:
    """A file of the contacts folder that no audience reads: its place there, and why."""

    file: str
    kind: UnreadKind


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


def find_unread(contacts: Path, lists: Iterable[Path], folders: Collection[str]) -> tuple[UnreadFile, ...]:
    """Return the files below `contacts` that are none of `lists`, sorted; hidden and lock files are none.

    `folders` are those the audiences read, as patterns name them ("residents").
    """
    read = {path.resolve() for path in lists}
    return tuple(
        UnreadFile(file=path.relative_to(contacts).as_posix(), kind=_unread_kind(path, contacts, folders))
        for path in sorted(_every_file(contacts))
        if path.resolve() not in read
    )


def folders_of(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return the folders that patterns read from: "residents/*.xlsx" reads "residents"."""
    return tuple(
        dict.fromkeys(nfc(PurePosixPath(pattern).parent.as_posix()) for pattern in patterns if "/" in pattern)
    )


def _every_file(contacts: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(contacts):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(folder, name) for name in files if not name.startswith((".", "~$")))


def _unread_kind(path: Path, contacts: Path, folders: Collection[str]) -> UnreadKind:
    suffix = path.suffix.lower()
    if suffix not in LIST_SUFFIXES:
        return next((kind for kind, suffixes in _KINDS_BY_SUFFIX.items() if suffix in suffixes), "other")
    parent = nfc(path.parent.relative_to(contacts).as_posix())
    if parent == ".":
        return "in-root"
    if parent in folders:
        return "not-wanted"
    return "subfolder" if any(parent.startswith(f"{folder}/") for folder in folders) else "wrong-folder"


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
