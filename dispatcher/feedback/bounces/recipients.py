"""Finds whom a report in free words is about: an address in it, else whom the returned mail was for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dispatcher.feedback.bounces.parsed_mail import ParsedMail, header_of, text_of

REPORTERS = frozenset(
    {"mailer-daemon", "mailerdaemon", "postmaster", "post_master", "mail-daemon", "mmdf", "mdaemon"}
)
COUNT_MAX = 20
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"'=@]{1,100}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}")
# What stands before an address that is somebody else's: who sent, who reports, what it is called.
_NO_RECIPIENT = re.compile(
    r"(?:message-?id|from|sender|reply-to|return-path|reporting|contact|postmaster at)\W{0,4}$", re.IGNORECASE
)
_RETURNED_TO = re.compile(r"^[\s>]{0,4}To:([^\n]{1,300})", re.IGNORECASE | re.MULTILINE)


def find(mail: ParsedMail, words: str, returned: str) -> tuple[str, ...]:
    """Return the addresses that a report names, likeliest first.

    `words` is its own text, `returned` the mail of ours it quotes.
    """
    ours = {address.lower() for address in mail.addresses("From", "To", "Sender", "Reply-To")}
    named = [address for address in _addresses_in(words) if address.lower() not in ours]
    found = mail.addresses("X-Failed-Recipients") or named or returned_to(mail, returned)
    return tuple(dict.fromkeys(found))[:COUNT_MAX]


def returned_to(mail: ParsedMail, returned: str = "") -> tuple[str, ...]:
    """Return whom the mail was written to that a report quotes, as a part, as header lines, or as text."""
    quoted: Iterable[str] = (header_of(part, "To") for part in mail.parts[1:])
    headers = [text_of(part) for part in mail.parts[1:] if part.get_content_type() == "text/rfc822-headers"]
    lines = (match[1] for text in (*headers, returned) for match in _RETURNED_TO.finditer(text))
    return tuple(dict.fromkeys(address for line in (*quoted, *lines) for address in _addresses_in(line)))


def _addresses_in(text: str) -> Iterator[str]:
    for match in _ADDRESS.finditer(text):
        address = match[0].strip(".")
        local = address.partition("@")[0].lower()
        if local not in REPORTERS and not _NO_RECIPIENT.search(
            text, max(0, match.start() - 30), match.start()
        ):
            yield address
