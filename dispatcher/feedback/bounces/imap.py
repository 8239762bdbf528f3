"""Reads the mailbox that reports arrive in, over IMAP, with the standard library's own client.

A mail is marked as seen only after what it says is in the ledger: a crash in between means reading it
again, which changes nothing. What nobody understands is flagged and stays unread, for a person.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from dispatcher.errors import ConfigurationError, DispatcherError, Problem
from dispatcher.feedback.bounces.ingestion import BounceOutcome, IngestedReports, ingest_page, sum_pages
from dispatcher.feedback.bounces.mail_process import MailReader
from dispatcher.feedback.bounces.parsed_mail import BYTES_MAX
from dispatcher.i18n import _
from dispatcher.ledger import Ledger
from dispatcher.settings import Settings, is_loopback
from dispatcher.signed_links import SignedLinks

TIMEOUT_SECONDS = 30
PAGE_SIZE = 50  # mails fetched at once, at most BYTES_MAX each
MAILS_MAX = 1000  # at one poll; the next takes the rest
SEEN, FLAGGED = r"(\Seen)", r"(\Flagged)"


class MailboxUnavailable(DispatcherError):
    """The mailbox cannot be read now; it will be tried again."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class MailboxConfig:
    """Where the mailbox is, as its URL says."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    tls: bool  # from the first byte; else STARTTLS, except on this machine
    starttls: bool
    context: ssl.SSLContext | None

    def __repr__(self) -> str:
        return f"Place({self.host}:{self.port}/{self.folder})"


def parse_url(url: str) -> MailboxConfig:
    """Read `imaps://user:password@host:port/INBOX?ca_file=…&verify=0`. Raises ConfigurationError."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    try:
        port = parts.port or (993 if parts.scheme == "imaps" else 143)
        if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not parts.username:
            raise ValueError(_("it must begin with imap:// or imaps:// and name user and host"))
        if unknown := sorted(set(options) - {"ca_file", "verify"}):
            raise ValueError(_("unknown option: {names}", names=", ".join(unknown)))
        starttls = parts.scheme == "imap" and not is_loopback(url)
        context = _context(options) if starttls or parts.scheme == "imaps" else None
    except (ValueError, OSError) as error:
        what = _("DISPATCHER_BOUNCE_MAILBOX cannot be used: {error}", error=str(error))
        remedy = _("Write it like {example}.", example="imaps://user:pass@host/INBOX")
        problem = Problem(file=_("environment"), where="DISPATCHER_BOUNCE_MAILBOX", what=what, remedy=remedy)
        raise ConfigurationError([problem]) from error
    return MailboxConfig(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        tls=parts.scheme == "imaps",
        starttls=starttls,
        context=context,
    )


def _context(options: dict[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=options.get("ca_file") or None)
    if options.get("verify") == "0":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def poll(settings: Settings, ledger: Ledger, links: SignedLinks, *, now: datetime) -> IngestedReports:
    """Take in what is unseen in the mailbox of the settings; nothing when they name none.

    Blocks for the length of the network's answers: to be called in a thread of its own. Raises
    ConfigurationError for a URL that cannot be used, MailboxUnavailable when the mailbox does not answer,
    MailReaderUnavailable when its mails cannot be read: they stay unseen.
    """
    if not settings.bounce_mailbox:
        return IngestedReports(outcomes={}, new=0)
    with _open(parse_url(settings.bounce_mailbox)) as box, MailReader() as reader:
        return sum_pages(_pages(box, ledger, links, reader=reader, now=now))


def _pages(
    box: imaplib.IMAP4, ledger: Ledger, links: SignedLinks, *, reader: MailReader, now: datetime
) -> Iterator[tuple[Sequence[BounceOutcome], int]]:
    unseen = _checked(box.uid("SEARCH", "UNSEEN", "UNFLAGGED"))[0].split()[:MAILS_MAX]
    for start in range(0, len(unseen), PAGE_SIZE):
        mails = _fetched(box, unseen[start : start + PAGE_SIZE])
        outcomes, new = ingest_page(ledger, links, list(mails.values()), reader=reader, now=now)
        odd = [uid for uid, outcome in zip(mails, outcomes, strict=True) if outcome == "other"]
        _mark(box, [uid for uid in mails if uid not in odd], SEEN)
        _mark(box, odd, FLAGGED)
        yield outcomes, new


def _fetched(box: imaplib.IMAP4, uids: Sequence[bytes]) -> dict[bytes, bytes]:
    """Fetch the beginnings of some mails without marking them; gives uid → mail."""
    data = _checked(box.uid("FETCH", b",".join(uids).decode("ascii"), f"(UID BODY.PEEK[]<0.{BYTES_MAX}>)"))
    mails: dict[bytes, bytes] = {}
    for place, item in enumerate(data):
        if isinstance(item, tuple):
            # The UID stands before the mail or, with some servers, after it.
            after = data[place + 1] if place + 1 < len(data) else b""
            around = item[0] + (after if isinstance(after, bytes) else b"")
            words = around.replace(b"(", b" ").replace(b")", b" ").split()
            if b"UID" in words[:-1]:
                mails[words[words.index(b"UID") + 1]] = item[1]
    return mails


def _mark(box: imaplib.IMAP4, uids: Sequence[bytes], flags: str) -> None:
    if uids:
        _checked(box.uid("STORE", b",".join(uids).decode("ascii"), "+FLAGS.SILENT", flags))


def _checked(answer: tuple[str, list[Any]]) -> list[Any]:
    word, data = answer
    if word != "OK":
        raise imaplib.IMAP4.error(f"{word} {data!r:.200}")
    return [item for item in data if item is not None] or [b""]


@contextmanager
def _open(config: MailboxConfig) -> Iterator[imaplib.IMAP4]:
    """Log in and select the folder for a while. Raises MailboxUnavailable."""
    try:
        with _connected(config) as box:
            _log_in(box, config)
            yield box
    except (imaplib.IMAP4.error, OSError, EOFError) as error:
        words = _(
            "the mailbox at {host} cannot be read now: {error}", host=config.host, error=_error_message(error)
        )
        raise MailboxUnavailable(words) from error


def _log_in(box: imaplib.IMAP4, config: MailboxConfig) -> None:
    quoted = config.folder.replace("\\", "\\\\").replace('"', '\\"')
    try:
        box.login(config.user, config.password)
        _checked(box.select(f'"{quoted}"'))
    except UnicodeError as error:  # older servers' names and passwords are ASCII, and imaplib keeps to it
        raise imaplib.IMAP4.error("user, password or folder is not ASCII") from error


@contextmanager
def _connected(config: MailboxConfig) -> Iterator[imaplib.IMAP4]:
    if config.tls:
        box: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            config.host, config.port, ssl_context=config.context, timeout=TIMEOUT_SECONDS
        )
    else:
        box = imaplib.IMAP4(config.host, config.port, timeout=TIMEOUT_SECONDS)
    try:
        if config.starttls:
            box.starttls(config.context)
        yield box
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            box.logout()


def _error_message(error: Exception) -> str:
    if isinstance(error, imaplib.IMAP4.error):
        return str(error)[:200]
    return f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}"[:200]
