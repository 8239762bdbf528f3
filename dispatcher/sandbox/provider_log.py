"""The sandbox's log on disk: one JSON line for each message it accepted, written before it answers.

Append-only, so that it survives the sandbox being killed; a line torn by a kill is the last one and is
skipped. What the ledger says is compared with this, message by message.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

SMS_FILE = "sms.jsonl"
MAIL_FILE = "mail.jsonl"
MAIL_TEXTS_FILE = "mail.mbox"  # one file: making a file a mail costs more than all the rest together
INBOUND_FILE = "inbound.jsonl"


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedText:
    """One text the sandbox took; `at` is the sandbox's clock, `n` counts the tries to this number."""

    at: datetime
    sid: str
    to: str
    sender: str  # From, or the Messaging Service
    body: str
    callback: str
    validity: int  # seconds
    outcome: str  # a name of failures.OUTCOMES
    parts: int
    n: int

    @property
    def message_key(self) -> str:
        """The key at the end of its callback's path: the caller's own name for the message."""
        return self.callback.partition("#")[0].rpartition("/")[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedMail:
    """One mail the sandbox took; `offset` is its place in `mail.mbox`, -1 when texts are not kept."""

    at: datetime
    message_id: str  # without <>
    sender: str  # envelope
    recipients: tuple[str, ...]  # envelope
    subject: str
    headers: Mapping[str, str] = field(default_factory=dict)
    size: int  # octets as received
    sha256: str
    outcome: str  # a name of failures.MAIL_OUTCOMES
    offset: int = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class LoggedInbound:
    """One text a phone sent to us, or (`reply`) what our webhook answered it in TwiML."""

    at: datetime
    sid: str
    phone: str
    body: str
    reply: bool = False


class AppendOnlyFile:
    """Appends lines to one file and tells where each one is; nothing counts before `flush`."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = _end_of_last_line(self._file)
        os.ftruncate(self._file, self._size)  # a torn line would glue itself to the next one
        self._pending: list[bytes] = []

    def append(self, line: bytes) -> int:
        """Take `line`, which ends in a newline; gives its offset in the file."""
        offset = self._size
        self._size += len(line)
        self._pending.append(line)
        return offset

    def flush(self) -> None:
        """Hand everything taken so far to the operating system, in one call."""
        if not self._pending:
            return
        rest = memoryview(b"".join(self._pending))
        self._pending.clear()
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def read_at(self, offset: int, length: int) -> dict[str, Any]:
        """Read one line back."""
        line: dict[str, Any] = json.loads(self.bytes_at(offset, length))
        return line

    def bytes_at(self, offset: int, length: int) -> bytes:
        """Read any stretch back."""
        self.flush()
        return os.pread(self._file, length, offset)

    def close(self) -> None:
        """Flush and close."""
        self.flush()
        os.close(self._file)


def _end_of_last_line(file: int) -> int:
    size = os.fstat(file).st_size
    while size:
        start = max(0, size - 65536)
        newline = os.pread(file, size - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        size = start
    return 0


def format_time(at: datetime) -> str:
    """Write a moment as the log does."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def text_line(
    *,
    at: str,
    sid: str,
    to: str,
    sender: str,
    body: str,
    callback: str,
    validity: int,
    outcome: str,
    parts: int,
    n: int,
) -> bytes:
    """Make the line of one text. By hand: a third of the time of json.dumps, and this is the hot path."""
    return (
        f'{{"at":"{at}","sid":"{sid}","to":"{to}","sender":{encode_basestring(sender)},'
        f'"callback":{encode_basestring(callback)},"validity":{validity},"outcome":"{outcome}",'
        f'"parts":{parts},"n":{n},"body":{encode_basestring(body)}}}\n'
    ).encode("utf-8", "surrogatepass")


def json_line(values: Mapping[str, Any]) -> bytes:
    """Make any other line."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def read_texts(path: Path) -> Iterator[AcceptedText]:
    """Read the texts accepted, oldest first; `path` is the sandbox's folder or the file in it."""
    for values in read_lines(path / SMS_FILE if path.is_dir() else path):
        yield AcceptedText(**{**values, "at": datetime.fromisoformat(values["at"])})


def read_mails(path: Path) -> Iterator[AcceptedMail]:
    """Read the mails accepted, oldest first; `path` is the sandbox's folder or the file in it."""
    for values in read_lines(path / MAIL_FILE if path.is_dir() else path):
        moment = datetime.fromisoformat(values["at"])
        yield AcceptedMail(**{**values, "at": moment, "recipients": tuple(values["recipients"])})


def read_mail_text(path: Path, mail: AcceptedMail) -> bytes:
    """Read one mail as it was received; `path` is the sandbox's folder. Empty when texts were not kept."""
    if mail.offset < 0:
        return b""
    with (path / MAIL_TEXTS_FILE).open("rb") as file:
        file.seek(mail.offset)
        return file.read(mail.size)


def read_inbound(path: Path) -> Iterator[LoggedInbound]:
    """Read what phones sent, oldest first; `path` is the sandbox's folder or the file in it."""
    for values in read_lines(path / INBOUND_FILE if path.is_dir() else path):
        yield LoggedInbound(**{**values, "at": datetime.fromisoformat(values["at"])})


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Read whole lines as they are; a file that is not there has none."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for text in file:
            if text.endswith(b"\n"):
                yield json.loads(text)
