"""Opens connections with aiosmtplib (TLS, STARTTLS, AUTH) and picks how to talk over them."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib

from dispatcher.gateways import Class
from dispatcher.gateways.smtp_codes import Reply, Verdict, judge, scrub
from dispatcher.gateways.smtp_plain import LockStep
from dispatcher.gateways.smtp_protocol import Pipeline, Wire
from dispatcher.i18n import _
from dispatcher.settings import is_loopback

Session = Pipeline | LockStep

SWITCHES = frozenset({"starttls", "verify", "pipelining"})
WORDS = frozenset({"ca_file", "helo"})
COUNTS = frozenset({"connections"})
SECONDS = frozenset({"patience_seconds", "answer_patience_seconds", "idle_seconds"})


class NotConnected(Exception):
    """No connection could be opened; `verdict` says what that means for the mails."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.detail)
        self.verdict = verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Where the mail goes in, as the URL says it."""

    host: str
    port: int
    user: str
    password: str
    tls: bool  # from the first byte
    starttls: bool | None  # True: required; False: never; None: when offered
    verify: bool
    ca_file: str
    helo: str
    pipelining: bool
    connections: int
    patience_seconds: float
    answer_patience_seconds: float
    idle_seconds: float
    loopback: bool

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port})"

    def shortened(self, factor: float) -> Server:
        """Give the same with every time-out `factor` times as long."""
        return replace(
            self,
            patience_seconds=self.patience_seconds * factor,
            answer_patience_seconds=self.answer_patience_seconds * factor,
        )


def read_url(url: str) -> Server:
    """Read `smtp[s]://user:password@host:port?starttls=1&connections=4`.

    With a user name and no word about STARTTLS, it is required, except on this machine. Raises ValueError,
    in the reader's language.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError(_("it must begin with smtp:// or smtps:// and name a host"))
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(set(options) - SWITCHES - WORDS - COUNTS - SECONDS):
        raise ValueError(_("unknown option: {names}", names=", ".join(unknown)))
    tls, loopback = parts.scheme == "smtps", is_loopback(url)
    starttls = _switch(options, "starttls")
    if starttls is None and not tls:
        # Never a password over a line that anyone may read, unless told so; this machine's own line is ours.
        starttls = False if loopback else True if parts.username else None
    if starttls and tls:
        raise ValueError(_("smtps:// and starttls=1 exclude each other"))
    return Server(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587 if starttls else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        starttls=False if tls else starttls,
        verify=_switch(options, "verify") is not False,
        ca_file=options.get("ca_file", ""),
        helo=options.get("helo", "") or ("localhost" if loopback else ""),
        pipelining=_switch(options, "pipelining") is not False,
        connections=int(_positive(options, "connections", 4)),
        patience_seconds=_positive(options, "patience_seconds", 60),
        # RFC 5321 allows ten minutes: impatience makes doubt, and doubt makes duplicates.
        answer_patience_seconds=_positive(options, "answer_patience_seconds", 600),
        idle_seconds=_positive(options, "idle_seconds", 60),
        loopback=loopback,
    )


def _switch(options: dict[str, str], name: str) -> bool | None:
    value = options.get(name)
    if value not in {None, "0", "1"}:
        raise ValueError(_("{name} is 0 or 1", name=name))
    return None if value is None else value == "1"


def _positive(options: dict[str, str], name: str, default: float) -> float:
    try:
        value = float(options.get(name, default))
    except ValueError:
        value = 0
    if not 0 < value <= 3600 or (name in COUNTS and value != int(value)):
        raise ValueError(_("{name} is a number above 0", name=name))
    return value


async def connect(server: Server) -> Session:
    """Open a connection, ready for mail. Raises NotConnected."""
    smtp = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user or None,
        password=server.password or None,
        local_hostname=server.helo or None,
        timeout=server.patience_seconds,
        use_tls=server.tls,
        start_tls=server.starttls,
        validate_certs=server.verify,
        cert_bundle=server.ca_file or None,
    )
    try:
        await smtp.connect()
        if smtp.is_ehlo_or_helo_needed:
            await _greet(smtp)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        smtp.close()
        raise NotConnected(_verdict(error)) from error
    if not (server.pipelining and smtp.supports_extension("pipelining")):
        return LockStep(
            smtp,
            answer_patience_seconds=server.answer_patience_seconds,
            tracked=smtp.supports_extension("dsn"),
        )
    return _take_over(smtp, server)


async def _greet(smtp: aiosmtplib.SMTP) -> None:
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError:
        await smtp.helo()


def _take_over(smtp: aiosmtplib.SMTP, server: Server) -> Pipeline:
    """Hand the open transport, encrypted or not, to our own protocol; aiosmtplib's part is done."""
    transport = cast("asyncio.Transport", smtp.transport)
    wire = Wire(transport)
    transport.set_protocol(wire)
    return Pipeline(
        wire,
        patience_seconds=server.patience_seconds,
        answer_patience_seconds=server.answer_patience_seconds,
        tracked=smtp.supports_extension("dsn"),
    )


def _verdict(error: Exception) -> Verdict:
    """Say what a failed connection means: nothing went, and somebody may have to mend a setting."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        verdict = judge(Reply(error.code, error.message), "connect")
        error_class: Class = "transport" if verdict.error_class == "temporary" else verdict.error_class
        return Verdict("later", error_class, verdict.code, verdict.detail)
    causes = (error, error.__cause__)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Verdict("later", "config", "tls", scrub(str(error)))
    if isinstance(error, ConnectionError | TimeoutError | OSError):
        return Verdict("later", "transport", "connect", f"no connection: {type(error).__name__}")
    return Verdict("later", "config", "connect", scrub(str(error)))
