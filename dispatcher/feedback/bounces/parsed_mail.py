"""Takes a mail apart, whatever it looks like: nothing that anyone may send to the mailbox raises here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from email.utils import getaddresses

BYTES_MAX = 256 << 10  # a report says what it has to say at its beginning; the rest is our own mail
PARTS_MAX = 50
HEADER_LENGTH_MAX = 1000
HTML_LENGTH_MAX = 20_000
FIELD_LENGTH_MAX = 8000  # beyond, the time to take a field apart grows with the square of its length
# What mails are written in. Python decodes more, and some of that takes time that grows with the square.
CHARSETS = re.compile(
    r"utf-?8|us-ascii|ascii|iso-?8859-\d{1,2}|latin-?1|windows-125\d|cp125\d|utf-?16(?:le|be)?|gb(?:k|2312|18030)"
    r"|big5(?:-hkscs)?|koi8-[ru]|iso-2022-(?:jp|kr)|euc-(?:jp|kr)|shift_jis|tis-620",
    re.IGNORECASE,
)
_TAGS = re.compile(r"<[^>]{1,2000}>")


class _BoundedHeaders(Compat32):
    """The parser's usual policy, but for header fields beyond all measure."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return name and value of one field, the value cut where nobody reads it any more."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:FIELD_LENGTH_MAX]


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedMail:
    """A mail taken apart."""

    raw: bytes
    root: Message
    parts: tuple[Message, ...]  # all of them, outermost first

    def header(self, name: str) -> str:
        """Return one header field of the mail itself, on one line; empty when it has none."""
        return header_of(self.root, name)

    def headers(self, *names: str) -> str:
        """Return all values of some header fields, one a line."""
        return "\n".join(_one_line(value) for name in names for value in _header_values(self.root, name))

    def subject(self) -> str:
        """Return the subject as a reader sees it."""
        written = self.header("Subject")
        try:
            pieces = decode_header(written)
        except (MessageError, ValueError, LookupError):
            return written
        return "".join(
            _decode(piece, charset) if isinstance(piece, bytes) else piece for piece, charset in pieces
        )

    def addresses(self, *names: str) -> list[str]:
        """Return the mail addresses that some header fields hold."""
        try:
            found = getaddresses(
                [_one_line(value) for name in names for value in _header_values(self.root, name)]
            )
        except (ValueError, IndexError, TypeError, RecursionError):
            return []
        return [address for _name, address in found if "@" in address]

    def first_part(self, content_type: str) -> Message | None:
        """Return the first part of a content type."""
        return next((part for part in self.parts if _content_type(part) == content_type), None)

    def text_parts(self) -> Iterator[str]:
        """Yield every part that is text, decoded."""
        for part in self.parts:
            if not part.is_multipart():
                yield text_of(part)

    def body_text(self) -> str:
        """Return what a reader would see first: plain text, else HTML without its marks."""
        for kind in ("text/plain", "text/html"):
            part = self.first_part(kind)
            if part is not None and not part.is_multipart():
                text = text_of(part)
                return text if kind == "text/plain" else _TAGS.sub(" ", text[:HTML_LENGTH_MAX])
        # Parts that were announced and never came: what there is stands as it is.
        payloads = (part.get_payload() for part in self.parts)
        return next((payload for payload in payloads if isinstance(payload, str)), "")


def parse_mail(raw: bytes) -> ParsedMail:
    """Take a mail apart. A line `From sender date` before it, as pipes have it, is no part of it."""
    raw = raw[:BYTES_MAX]
    if raw.startswith((b"From ", b">From ")):
        raw = raw.partition(b"\n")[2]
    try:
        top = message_from_bytes(raw, policy=_BoundedHeaders())
        parts = tuple(_walk(top))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, IndexError, AssertionError):
        # Made to be unreadable, or nearly: its header lines must do.
        top = BytesHeaderParser(policy=_BoundedHeaders()).parsebytes(raw)
        parts = (top,)
    return ParsedMail(raw=raw, root=top, parts=parts)


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


def header_of(part: Message, name: str) -> str:
    """Return one header field on one line; empty when there is none."""
    return _one_line(next(iter(_header_values(part, name)), ""))


def headers_of(part: Message, name: str) -> list[str]:
    """Return all values of a header field, each on one line."""
    return [_one_line(value) for value in _header_values(part, name)]


def text_of(part: Message) -> str:
    """Return a part's text, decoded as far as it can be."""
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError):
        payload = None
    raw = payload if isinstance(payload, bytes) else b""
    try:
        charset = part.get_content_charset("utf-8")
    except (LookupError, ValueError, UnicodeError, TypeError, AttributeError):
        charset = ""
    return _decode(raw, charset)


def file_name_of(part: Message) -> str:
    """Return the name of the file that a part brings; empty when it has none or none can be made out."""
    try:
        return part.get_filename("")
    except (LookupError, ValueError, UnicodeError, TypeError, AttributeError):
        return ""


def _decode(raw: bytes, charset: str | None) -> str:
    """Decode what a mail says is in `charset`, if mails are written in it."""
    if not CHARSETS.fullmatch(charset or "utf-8"):
        return raw.decode("latin-1")
    try:
        return raw.decode(charset or "utf-8", "replace")
    except (LookupError, UnicodeError):
        return raw.decode("latin-1")


def _content_type(part: Message) -> str:
    try:
        return part.get_content_type()
    except (ValueError, TypeError, IndexError, AttributeError):
        return ""


def _header_values(part: Message, name: str) -> list[str]:
    """Return the values of a header field as they came; the parser keeps bytes beyond ASCII as surrogates."""
    lower_name = name.lower()
    return [
        str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        for found, value in part.raw_items()
        if found.lower() == lower_name
    ]


def _one_line(value: str) -> str:
    return " ".join(value[: 2 * HEADER_LENGTH_MAX].split())[:HEADER_LENGTH_MAX]
