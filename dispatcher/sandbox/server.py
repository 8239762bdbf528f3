"""Runs the sandbox in an event loop: both servers, their clock, their logs."""

from __future__ import annotations

import ipaddress
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from dispatcher.sandbox import callbacks, failures
from dispatcher.sandbox.control_api import ControlApi
from dispatcher.sandbox.http_server import HttpServer
from dispatcher.sandbox.smtp_server import MailServer
from dispatcher.sandbox.twilio_server import ACCOUNT_SID, TwilioServer
from dispatcher.sandbox.virtual_clock import VirtualClock


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxOptions:
    """How a sandbox is opened. `now` hands its clock over from the start; port 0 means any free one."""

    folder: Path
    host: str = "127.0.0.1"
    http_port: int = 0
    smtp_port: int = 0
    now: datetime | None = None
    failures: failures.Failures = field(default_factory=failures.Failures)
    account_sid: str = ACCOUNT_SID
    # Whoever holds it can sign callbacks that a service believes: a new one at each start.
    auth_token: str = field(default_factory=lambda: secrets.token_hex(16))
    inbound_url: str = ""
    webhooks_to: str = ""  # host:port that takes all webhooks, whatever host their URLs name
    keep_mail: bool = True
    smtp_user: str = ""
    smtp_password: str = ""
    tls_certificate: Path | None = None  # PEM with key: offers STARTTLS
    require_tls: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningSandbox:
    """A sandbox that is open: where it listens, and its live parts for tests in the same loop."""

    http_port: int
    smtp_port: int
    texts: TwilioServer
    mails: MailServer
    control: ControlApi


@asynccontextmanager
async def serve(options: SandboxOptions) -> AsyncIterator[RunningSandbox]:
    """Open the sandbox and close it at the end. ValueError when `host` is not on loopback."""
    if options.host != "localhost" and not ipaddress.ip_address(options.host).is_loopback:
        raise ValueError(f"the sandbox listens on loopback only, not on {options.host}")
    options.folder.mkdir(parents=True, exist_ok=True)
    clock = VirtualClock(options.now)
    sampler = failures.FailureSampler(options.failures)
    hooks = callbacks.CallbackSender(options.auth_token, route=_route(options.webhooks_to))
    texts = TwilioServer(
        folder=options.folder,
        clock=clock,
        hooks=hooks,
        sampler=sampler,
        account_sid=options.account_sid,
        auth_token=options.auth_token,
        inbound_url=options.inbound_url,
    )
    mails = MailServer(
        folder=options.folder,
        clock=clock,
        sampler=sampler,
        keep_texts=options.keep_mail,
        user=options.smtp_user,
        password=options.smtp_password,
        tls=_tls(options.tls_certificate),
        require_tls=options.require_tls,
    )
    control = ControlApi(texts, mails)
    http = HttpServer(control.handle, texts.flush)
    try:
        yield RunningSandbox(
            http_port=await http.open(options.host, options.http_port),
            smtp_port=await mails.open(options.host, options.smtp_port),
            texts=texts,
            mails=mails,
            control=control,
        )
    finally:
        clock.close()
        hooks.close()
        await http.close()
        await mails.close()
        texts.close()


def _route(where: str) -> tuple[str, int] | None:
    if not where:
        return None
    host, _, port = where.rpartition(":")
    if not callbacks.LOOPBACK.fullmatch(host) or not port.isdigit():
        raise ValueError(f"webhooks go to host:port on loopback, not to {where!r}")
    return host, int(port)


def _tls(certificate: Path | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
