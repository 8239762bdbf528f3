"""Where reports lie as files: one mail, an mbox, a maildir, or standard input from a mail server's pipe.

Each gives pages of mails, and goes on when the page has been taken in: only then a maildir's mails are
marked as seen, so that a crash in between means reading them again, which changes nothing. What nobody
understands is flagged and stays unread, for a person.
"""

from __future__ import annotations

import mailbox
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

from dispatcher.errors import DispatcherError
from dispatcher.feedback.bounces.parsed_mail import BYTES_MAX
from dispatcher.i18n import _

PAGE_SIZE = 100
SEEN_FLAG = "S"

FLAGGED_FLAG = "F"

T = TypeVar("T")


class MailPage(list[bytes]):
    """Some mails; whoever takes them in says which of them (by place) nobody understands."""

    unread: Collection[int] = ()


class NotAMaildir(DispatcherError):
    """A folder that is no maildir."""


def read_mails(path: Path) -> Iterator[list[bytes]]:
    """Return the mails at `path`, of a maildir only the new ones. Raises NotAMaildir, OSError."""
    if path.is_dir():
        if not (path / "new").is_dir() or not (path / "cur").is_dir():
            raise NotAMaildir(_("{path} is a folder, but no maildir: new and cur are missing", path=path))
        return _maildir(path)
    with path.open("rb") as file:
        raw = file.read(BYTES_MAX)
    return _mbox(path) if raw.startswith(b"From ") else iter([[raw]])


def read_pipe(stream: BinaryIO) -> bytes:
    """Read the one mail that a mail server pipes in, to its end: a pipe left full is an error to it."""
    raw = stream.read(BYTES_MAX)
    while stream.read(1 << 16):
        pass
    return raw


def _maildir(path: Path) -> Iterator[list[bytes]]:
    unseen = [
        file for part in ("new", "cur") for file in sorted((path / part).iterdir()) if not _is_taken_in(file)
    ]
    for files in _pages(unseen):
        readable = {file: raw for file in files if (raw := _start_of(file))}
        page = MailPage(readable.values())
        yield page
        unread = {file for place, file in enumerate(readable) if place in page.unread}
        for file in files:
            with suppress(FileNotFoundError):  # somebody else tidies here too
                _mark(file, path / "cur", FLAGGED_FLAG if file in unread else SEEN_FLAG)


def _start_of(file: Path) -> bytes:
    with suppress(FileNotFoundError), file.open("rb") as opened:
        return opened.read(BYTES_MAX)
    return b""


def _is_taken_in(file: Path) -> bool:
    return not {SEEN_FLAG, FLAGGED_FLAG}.isdisjoint(file.name.partition(":2,")[2])


def _mark(file: Path, folder: Path, flag: str) -> None:
    name, _colon, flags = file.name.partition(":2,")
    file.rename(folder / f"{name}:2,{''.join(sorted({*flags, flag}))}")


def _mbox(path: Path) -> Iterator[list[bytes]]:
    box = mailbox.mbox(path, create=False)
    try:
        for keys in _pages(box.iterkeys()):
            yield [box.get_bytes(key)[:BYTES_MAX] for key in keys]
    finally:
        box.close()


def _pages(items: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(items)
    while page := list(islice(waiting, PAGE_SIZE)):
        yield page
