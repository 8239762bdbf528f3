"""Takes a mail apart, whatever it looks like: nothing that anyone may send to the mailbox raises here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses

BYTES_MAX = 256 << 10  # a report says what it has to say at its beginning; the rest is our own mail
PARTS_MAX = 50
FIELD_LENGTH_MAX = 1000
HTML_LENGTH_MAX = 20_000
_TAGS = re.compile(r"<[^>]{1,2000}>")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """A mail taken apart."""

    raw: bytes
    top: Message
    parts: tuple[Message, ...]  # all of them, outermost first

    def field(self, name: str) -> str:
        """Give one header field of the mail itself, on one line; empty when it has none."""
        return field(self.top, name)

    def fields(self, *names: str) -> str:
        """Give all values of some header fields, one a line."""
        return "\n".join(_line(value) for name in names for value in _values(self.top, name))

    def subject(self) -> str:
        """Give the subject as a reader sees it."""
        written = self.field("Subject")
        try:
            return str(make_header(decode_header(written))) if "=?" in written else written
        except (MessageError, ValueError, LookupError):
            return written

    def addresses(self, *names: str) -> list[str]:
        """Give the mail addresses that some header fields hold."""
        try:
            found = getaddresses([_line(value) for name in names for value in _values(self.top, name)])
        except (ValueError, IndexError, TypeError, RecursionError):
            return []
        return [address for _name, address in found if "@" in address]

    def of_type(self, kind: str) -> Message | None:
        """Give the first part of a content type."""
        return next((part for part in self.parts if _kind(part) == kind), None)

    def texts(self) -> Iterator[str]:
        """Give every part that is text, decoded."""
        for part in self.parts:
            if not part.is_multipart():
                yield text_of(part)

    def words(self) -> str:
        """Give what a reader would see first: plain text, else HTML without its marks."""
        for kind in ("text/plain", "text/html"):
            part = self.of_type(kind)
            if part is not None and not part.is_multipart():
                text = text_of(part)
                return text if kind == "text/plain" else _TAGS.sub(" ", text[:HTML_LENGTH_MAX])
        return ""


def read(raw: bytes) -> Mail:
    """Take a mail apart. A line `From sender date` before it, as pipes have it, is no part of it."""
    raw = raw[:BYTES_MAX]
    if raw.startswith((b"From ", b">From ")):
        raw = raw.partition(b"\n")[2]
    try:
        top = message_from_bytes(raw)
        parts = tuple(_walk(top))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, IndexError, AssertionError):
        # Made to be unreadable, or nearly: its header lines must do.
        top = BytesHeaderParser().parsebytes(raw)
        parts = (top,)
    return Mail(raw=raw, top=top, parts=parts)


def _walk(top: Message) -> Iterator[Message]:
    waiting = [top]
    for _count in range(PARTS_MAX):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        inner = part.get_payload()
        if isinstance(inner, list):
            waiting[:0] = [child for child in inner if isinstance(child, Message)]


def field(part: Message, name: str) -> str:
    """Give one header field on one line; empty when there is none."""
    return _line(next(iter(_values(part, name)), ""))


def text_of(part: Message) -> str:
    """Give a part's text, decoded as far as it can be."""
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError):
        payload = None
    raw = payload if isinstance(payload, bytes) else b""
    try:
        return raw.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError, UnicodeError, TypeError, AttributeError):
        return raw.decode("latin-1")


def _kind(part: Message) -> str:
    try:
        return part.get_content_type()
    except (ValueError, TypeError, IndexError, AttributeError):
        return ""


def _values(part: Message, name: str) -> list[str]:
    """Give the values of a header field as they came; the parser keeps bytes beyond ASCII as surrogates."""
    wanted = name.lower()
    return [
        str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        for found, value in part.raw_items()
        if found.lower() == wanted
    ]


def _line(value: str) -> str:
    return " ".join(value[: 2 * FIELD_LENGTH_MAX].split())[:FIELD_LENGTH_MAX]
