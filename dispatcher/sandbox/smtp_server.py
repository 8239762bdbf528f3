"""An SMTP server on loopback that keeps, refuses, delays, drops or bounces mail on demand (aiosmtpd).

Accepted mails are one line each in `mail.jsonl`, written before the 250; their texts go to `mail.mbox`
unless that is switched off. Delivery reports (RFC 3464) and complaints (RFC 5965) land in the maildir
`bounces/`.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import warnings
from collections import Counter, defaultdict
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from dispatcher.sandbox import failures, mail_reports, provider_log
from dispatcher.sandbox.virtual_clock import VirtualClock

HOSTNAME = "sandbox.invalid"
LINE_LENGTH_MAX = 998  # RFC 5322, without CRLF
KEPT_HEADERS = (
    "From", "To", "Date", "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted",
    "Precedence", "Content-Language", "Feedback-ID",
)  # fmt: skip
_FOLD = re.compile(rb"\r\n(?=[ \t])")
BOUNCES_FOLDER = "bounces"


class _WideBufferSession(SMTP):
    """aiosmtpd, with a read buffer that holds a whole mail: its own 1,001 octets cost a pause a mail."""

    line_length_limit = 1 << 18


class MailServer:
    """Handler and counts of the mail server; every connection shares it."""

    def __init__(
        self,
        *,
        folder: Path,
        clock: VirtualClock,
        sampler: failures.FailureSampler,
        keep_texts: bool = True,
        user: str = "",
        password: str = "",
        tls: ssl.SSLContext | None = None,
        require_tls: bool = False,
        size_max: int = 10 << 20,
    ) -> None:
        self.sampler = sampler
        self.counts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._folder = folder
        self._clock = clock
        self._credentials = (user.encode(), password.encode())
        self._tls = tls
        self._require_tls = require_tls
        self._size_max = size_max
        self._lines = provider_log.AppendOnlyFile(folder / provider_log.MAIL_FILE)
        self._texts = (
            provider_log.AppendOnlyFile(folder / provider_log.MAIL_TEXTS_FILE) if keep_texts else None
        )
        self._offsets: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._attempts: defaultdict[str, int] = defaultdict(int)
        self._server: asyncio.Server | None = None
        self._restore()

    async def open(self, host: str, port: int) -> int:
        """Listen; gives the port, which `port` 0 leaves to the system."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd would log addresses
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, host, port, backlog=256)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """Stop listening and close the log."""
        if self._server is not None:
            self._server.close()
        self._lines.close()
        if self._texts is not None:
            self._texts.close()

    def _session(self) -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that AUTH without TLS is unsafe: not on loopback
            return self._make_session()

    def _make_session(self) -> SMTP:
        return _WideBufferSession(
            self,
            hostname=HOSTNAME,
            ident="ESMTP",
            data_size_limit=self._size_max,
            enable_SMTPUTF8=True,
            tls_context=self._tls,
            require_starttls=self._require_tls,
            auth_required=bool(self._credentials[0]),
            auth_require_tls=self._require_tls,
            authenticator=self._authenticate if self._credentials[0] else None,
            auth_exclude_mechanism=None if self._credentials[0] else ("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
        good = isinstance(given, LoginPassword) and (given.login, given.password) == self._credentials
        return AuthResult(success=good, handled=False)

    # --- aiosmtpd's hooks

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Announce pipelining, which aiosmtpd keeps to but does not mention, and enhanced codes."""
        session.host_name = hostname
        extensions = [
            line for line in responses[:-1] if line.rstrip() != "250-AUTH"
        ]  # with nothing to choose from
        return [*extensions, "250-PIPELINING", "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take or refuse a recipient; the outcome drawn here also decides what DATA will do."""
        self._attempts[address.lower()] += 1
        outcome = self.sampler.sample_mail(address, self._attempts[address.lower()])
        if outcome == "greylist":
            outcome = "refuse-4.2.1"
        if outcome.startswith("refuse-"):
            return self._refuse(server, outcome.removeprefix("refuse-"))
        envelope.rcpt_tos.append(address)
        if outcome != "delivered":
            _outcomes(envelope)[address] = outcome
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail, or do what was drawn for its recipient; the first that fails speaks for all."""
        text = envelope.content
        assert isinstance(text, bytes)
        outcome = next(iter(_outcomes(envelope).values()), "delivered")
        if outcome.startswith("data-"):
            return self._refuse(server, outcome.removeprefix("data-"))
        if outcome == "drop-before":
            return self._hang_up(server)
        if len(max(text.split(b"\r\n"), key=len)) > LINE_LENGTH_MAX:
            self.refused["5.6.0"] += 1
            return f"500 5.6.0 A line is longer than {LINE_LENGTH_MAX} octets"
        accepted = self._store(envelope, text, outcome)
        self._report(envelope, accepted, text)
        if outcome == "drop-after":
            return self._hang_up(server)
        if outcome == "slow":
            await asyncio.sleep(self.sampler.failures.slow_seconds)
        return f"250 2.0.0 OK: kept as {self.counts['accepted']}"

    def _refuse(self, server: SMTP, code: str) -> str:
        self.refused[code] += 1
        reply = failures.MAIL_REPLIES[code]
        if reply.startswith("421"):
            asyncio.get_running_loop().call_soon(_close, server)  # after the reply has been written
        return reply

    def _hang_up(self, server: SMTP) -> str:
        if server.transport is not None:
            cast("asyncio.Transport", server.transport).abort()
        return "421 4.3.2 Gone"  # nobody hears it

    # --- keeping

    def _store(self, envelope: Envelope, text: bytes, outcome: str) -> provider_log.AcceptedMail:
        headers = _headers(text)
        mail = provider_log.AcceptedMail(
            at=self._clock.now(),
            message_id=headers.get("message-id", "").strip("<>"),
            sender="" if envelope.mail_from in {None, "<>"} else envelope.mail_from,
            recipients=tuple(envelope.rcpt_tos),
            subject=headers.get("subject", ""),
            headers={name: headers[name.lower()] for name in KEPT_HEADERS if name.lower() in headers},
            size=len(text),
            sha256=sha256(text).hexdigest(),
            outcome=outcome,
            offset=self._store_text(text),
        )
        values = {name: getattr(mail, name) for name in mail.__dataclass_fields__}
        line = provider_log.json_line({**values, "at": provider_log.format_time(mail.at)})
        place = self._lines.append(line)
        self._lines.flush()
        self.counts["accepted"] += 1
        for recipient in mail.recipients:
            self._offsets[recipient.lower()].append((place, len(line)))
        return mail

    def _store_text(self, text: bytes) -> int:
        if self._texts is None:
            return -1
        self._texts.append(b"From sandbox Thu Jan  1 00:00:00 1970\r\n")
        offset = self._texts.append(text + b"\r\n")
        self._texts.flush()
        return offset

    def _report(self, envelope: Envelope, mail: provider_log.AcceptedMail, text: bytes) -> None:
        """Write the delivery reports and complaints that this mail will cause."""
        for recipient, outcome in _outcomes(envelope).items():
            when = format_datetime(self._clock.now())
            if outcome.startswith("bounce-") and mail.sender:
                reply = failures.MAIL_REPLIES[outcome.removeprefix("bounce-")]
                report = mail_reports.delivery_report(
                    to=mail.sender, recipient=recipient, reply=reply, text=text, date=when
                )
            elif outcome == "complaint":
                report = mail_reports.abuse_report(to=mail.sender, recipient=recipient, text=text, date=when)
            else:
                continue
            mail_reports.deliver_to_maildir(report, self._folder / BOUNCES_FOLDER)
            self.counts["bounced"] += 1

    def mailbox(self, address: str) -> list[dict[str, Any]]:
        """List what `address` received, oldest first: the log's fields, and text and html as read."""
        rows = [self._lines.read_at(*place) for place in self._offsets.get(address.lower(), [])]
        return [{**row, **self._parts(row["offset"], row["size"])} for row in rows]

    def mailboxes(self) -> list[dict[str, Any]]:
        """List the mailboxes that got something, latest first: to, messages, last_at."""
        rows = [
            {"to": to, "messages": len(places), "last_at": self._lines.read_at(*places[-1])["at"]}
            for to, places in self._offsets.items()
        ]
        return sorted(rows, key=lambda row: str(row["last_at"]), reverse=True)

    def _parts(self, offset: int, size: int) -> dict[str, str]:
        if self._texts is None or offset < 0:
            return {"text": "", "html": ""}
        parsed = message_from_bytes(self._texts.bytes_at(offset, size), policy=policy.default)
        bodies = {kind: parsed.get_body((name,)) for kind, name in (("text", "plain"), ("html", "html"))}
        return {
            kind: part.get_content().replace("\r\n", "\n") if part is not None else ""
            for kind, part in bodies.items()
        }

    def _restore(self) -> None:
        """Take over what an earlier run of this sandbox accepted."""
        path = self._folder / provider_log.MAIL_FILE
        offset = 0
        with path.open("rb") as file:
            for line, values in zip(file, provider_log.read_lines(path), strict=False):
                for recipient in values["recipients"]:
                    self._offsets[recipient.lower()].append((offset, len(line)))
                    self._attempts[recipient.lower()] += 1
                self.counts["accepted"] += 1
                offset += len(line)


def _outcomes(envelope: Envelope) -> dict[str, str]:
    """Return what was drawn for the envelope's recipients; aiosmtpd makes a new envelope for every mail."""
    drawn: dict[str, str] = envelope.__dict__.setdefault("sandbox_outcomes", {})
    return drawn


def _close(server: SMTP) -> None:
    if server.transport is not None:
        server.transport.close()


def _headers(text: bytes) -> dict[str, str]:
    """Read the header block: lower-case names, values unfolded and decoded, the first of a name counts.

    The standard parser would be a third of the cost of a mail, and the fields here are plain ones.
    """
    fields: dict[str, str] = {}
    for line in _FOLD.sub(b"", text.partition(b"\r\n\r\n")[0]).split(b"\r\n"):
        name, _, value = line.decode("utf-8", "replace").partition(":")
        fields.setdefault(name.lower(), _decoded(value.strip()))
    return fields


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value))) if "=?" in value else value
    except (LookupError, ValueError):  # an unknown or broken encoding is shown as it came
        return value
