"""Opens connections with aiosmtplib (TLS, STARTTLS, AUTH) and picks how to talk over them."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib

from dispatcher.gateways import ErrorClass
from dispatcher.gateways.smtp.codes import SmtpFailure, SmtpReply, classify, redact
from dispatcher.gateways.smtp.pipeline import SmtpPipeline, SmtpStream
from dispatcher.i18n import _
from dispatcher.settings import is_loopback

BOOL_OPTIONS = frozenset({"starttls", "verify", "pipelining"})
TEXT_OPTIONS = frozenset({"ca_file", "helo"})
INT_OPTIONS = frozenset({"connections"})
FLOAT_OPTIONS = frozenset({"patience_seconds", "answer_patience_seconds", "idle_seconds"})


class NotConnected(Exception):
    """No connection could be opened; `verdict` says what that means for the mails."""

    def __init__(self, failure: SmtpFailure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


@dataclass(frozen=True, kw_only=True, slots=True)
class SmtpConfig:
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
    command_timeout_seconds: float
    data_timeout_seconds: float
    idle_seconds: float
    loopback: bool

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port})"

    def scaled(self, factor: float) -> SmtpConfig:
        """Return the same with every time-out `factor` times as long."""
        return replace(
            self,
            command_timeout_seconds=self.command_timeout_seconds * factor,
            data_timeout_seconds=self.data_timeout_seconds * factor,
        )


def parse_url(url: str) -> SmtpConfig:
    """Read `smtp[s]://user:password@host:port?starttls=1&connections=4`.

    With a user name and no word about STARTTLS, it is required, except on this machine. Raises ValueError,
    in the reader's language.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError(_("it must begin with smtp:// or smtps:// and name a host"))
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(set(options) - BOOL_OPTIONS - TEXT_OPTIONS - INT_OPTIONS - FLOAT_OPTIONS):
        raise ValueError(_("unknown option: {names}", names=", ".join(unknown)))
    tls, loopback = parts.scheme == "smtps", is_loopback(url)
    starttls = _parse_bool(options, "starttls")
    if starttls is None and not tls:
        # Never a password over a line that anyone may read, unless told so; this machine's own line is ours.
        starttls = False if loopback else True if parts.username else None
    if starttls and tls:
        raise ValueError(_("smtps:// and starttls=1 exclude each other"))
    return SmtpConfig(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587 if starttls else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        starttls=False if tls else starttls,
        verify=_parse_bool(options, "verify") is not False,
        ca_file=options.get("ca_file", ""),
        helo=options.get("helo", "") or ("localhost" if loopback else ""),
        pipelining=_parse_bool(options, "pipelining") is not False,
        connections=int(_parse_positive(options, "connections", 4)),
        command_timeout_seconds=_parse_positive(options, "patience_seconds", 60),
        # RFC 5321 allows ten minutes: impatience makes doubt, and doubt makes duplicates.
        data_timeout_seconds=_parse_positive(options, "answer_patience_seconds", 600),
        idle_seconds=_parse_positive(options, "idle_seconds", 60),
        loopback=loopback,
    )


def _parse_bool(options: dict[str, str], name: str) -> bool | None:
    value = options.get(name)
    if value not in {None, "0", "1"}:
        raise ValueError(_("{name} is 0 or 1", name=name))
    return None if value is None else value == "1"


def _parse_positive(options: dict[str, str], name: str, default: float) -> float:
    try:
        value = float(options.get(name, default))
    except ValueError:
        value = 0
    if not 0 < value <= 3600 or (name in INT_OPTIONS and value != int(value)):
        raise ValueError(_("{name} is a number above 0", name=name))
    return value


async def connect(config: SmtpConfig) -> SmtpPipeline:
    """Open a connection, ready for mail. Raises NotConnected."""
    smtp = aiosmtplib.SMTP(
        hostname=config.host,
        port=config.port,
        username=config.user or None,
        password=config.password or None,
        local_hostname=config.helo or None,
        timeout=config.command_timeout_seconds,
        use_tls=config.tls,
        start_tls=config.starttls,
        validate_certs=config.verify,
        cert_bundle=config.ca_file or None,
    )
    try:
        await smtp.connect()
        if smtp.is_ehlo_or_helo_needed:
            await _say_hello(smtp)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        smtp.close()
        raise NotConnected(_connect_failure(error)) from error
    return _to_pipeline(smtp, config)


async def _say_hello(smtp: aiosmtplib.SMTP) -> None:
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError:
        await smtp.helo()


def _to_pipeline(smtp: aiosmtplib.SMTP, config: SmtpConfig) -> SmtpPipeline:
    """Hand the open transport, encrypted or not, to our own protocol; aiosmtplib's part is done."""
    transport = cast("asyncio.Transport", smtp.transport)
    stream = SmtpStream(transport)
    transport.set_protocol(stream)
    return SmtpPipeline(
        stream,
        command_timeout_seconds=config.command_timeout_seconds,
        data_timeout_seconds=config.data_timeout_seconds,
        with_dsn=smtp.supports_extension("dsn"),
        pipelining=config.pipelining and smtp.supports_extension("pipelining"),
    )


def _connect_failure(error: Exception) -> SmtpFailure:
    """Return what a failed connection means: nothing went, and somebody may have to mend a setting."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        failure = classify(SmtpReply(error.code, error.message), "connect")
        error_class: ErrorClass = "transport" if failure.error_class == "temporary" else failure.error_class
        return SmtpFailure("later", error_class, failure.code, failure.detail)
    causes = (error, error.__cause__)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return SmtpFailure("later", "config", "tls", redact(str(error)))
    if isinstance(error, ConnectionError | TimeoutError | OSError):
        return SmtpFailure("later", "transport", "connect", f"no connection: {type(error).__name__}")
    return SmtpFailure("later", "config", "connect", redact(str(error)))
