"""What the environment says: read once at start, failing with the name, the value and the remedy.

Each setting may also be given as `NAME_FILE`, a file that holds the value: the way secrets are mounted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from dispatcher.errors import ConfigurationError, Problem, os_error_message
from dispatcher.i18n import _

DEFAULTS: Mapping[str, str] = {
    "DISPATCHER_DATABASE_URL": "sqlite:///dispatcher.sqlite3",
    "DISPATCHER_SCHEDULES": "schedules.toml",
    "DISPATCHER_CONTACTS": "contacts",
    "DISPATCHER_TEMPLATES": "templates",
    "DISPATCHER_PUBLIC_URL": "",
    "DISPATCHER_SECRET_KEY": "",
    "DISPATCHER_LANG": "vi",
    "DISPATCHER_BIND": "127.0.0.1:8025",
    "DISPATCHER_SMTP_URL": "",
    "DISPATCHER_MAIL_FROM": "",
    "DISPATCHER_BOUNCE_ADDRESS": "",
    "DISPATCHER_BOUNCE_MAILBOX": "",
    "DISPATCHER_SMS_RATE": "",
    "DISPATCHER_MAIL_RATE": "",
    "DISPATCHER_PATIENCE": "1",
    "TWILIO_ACCOUNT_SID": "",
    "TWILIO_AUTH_TOKEN": "",
    "TWILIO_MESSAGING_SERVICE_SID": "",
    "TWILIO_FROM": "",
    "DISPATCHER_TWILIO_BASE_URL": "",
}

SETTING_NAMES = tuple(DEFAULTS)
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

SECRET_LENGTH_MIN = 16
# A local part has 64 characters, and +KEY may need 35 of them.
_BOUNCE_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,28}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting, as text where the outside world gives text."""

    database_url: str
    schedules: Path
    contacts: Path
    templates: Path
    public_url: str  # without a trailing slash; empty: made from `bind`
    secret_key: str  # empty: made once and kept in the ledger
    lang: str
    bind: str
    smtp_url: str
    mail_from: str
    bounce_address: str  # mails return to bounce+KEY@domain; empty: to the sender
    bounce_mailbox: str  # imaps URL of what arrives there; empty: nobody looks
    sms_rate: float | None  # messages a second; None: the gateway's own
    mail_rate: float | None
    timeout_scale: float  # factor on every waiting time; 1 but for drills and tests
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_messaging_service_sid: str
    twilio_from: str
    twilio_base_url: str

    def __repr__(self) -> str:
        """Show no secret in a traceback or a log."""
        public_names = {field.name for field in fields(self)} - {
            "secret_key",
            "twilio_auth_token",
            "smtp_url",
            "bounce_mailbox",
            "database_url",
        }
        return f"Settings({', '.join(f'{name}={getattr(self, name)!r}' for name in sorted(public_names))})"

    @property
    def host(self) -> str:
        """The address the web face binds to."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port the web face binds to; 0 lets the system choose."""
        return int(self.bind.rpartition(":")[2])

    @property
    def has_twilio(self) -> bool:
        """Whether an SMS provider is configured."""
        return bool(self.twilio_account_sid)

    @property
    def has_smtp(self) -> bool:
        """Whether a mail server is configured."""
        return bool(self.smtp_url)


def host_of(url: str) -> str:
    """Return the host that `url` names; empty when it names none, or cannot be read at all."""
    try:
        parts = urlsplit(url)
        reachable = parts.port != 0
    except ValueError:  # a bracket that is not closed, a port that is no number
        return ""
    return (parts.hostname or "") if reachable else ""


def is_loopback(url: str) -> bool:
    """Return whether `url` stays on this machine."""
    return host_of(url) in LOOPBACK_HOSTS


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read every setting.

    Raises ConfigurationError naming each setting that is wrong, all at once.
    """
    problems: list[Problem] = []
    raw = {name: _value(environ, name, problems) for name in SETTING_NAMES}
    _check(raw, problems)
    rates = {
        name: _rate(name, raw[name], problems) for name in ("DISPATCHER_SMS_RATE", "DISPATCHER_MAIL_RATE")
    }
    timeout_scale = _timeout_scale(raw["DISPATCHER_PATIENCE"], problems)
    if problems:
        raise ConfigurationError(problems)
    return Settings(
        database_url=raw["DISPATCHER_DATABASE_URL"],
        schedules=Path(raw["DISPATCHER_SCHEDULES"]),
        contacts=Path(raw["DISPATCHER_CONTACTS"]),
        templates=Path(raw["DISPATCHER_TEMPLATES"]),
        public_url=raw["DISPATCHER_PUBLIC_URL"].rstrip("/"),
        secret_key=raw["DISPATCHER_SECRET_KEY"],
        lang=raw["DISPATCHER_LANG"],
        bind=raw["DISPATCHER_BIND"],
        smtp_url=raw["DISPATCHER_SMTP_URL"],
        mail_from=raw["DISPATCHER_MAIL_FROM"],
        bounce_address=raw["DISPATCHER_BOUNCE_ADDRESS"],
        bounce_mailbox=raw["DISPATCHER_BOUNCE_MAILBOX"],
        sms_rate=rates["DISPATCHER_SMS_RATE"],
        mail_rate=rates["DISPATCHER_MAIL_RATE"],
        timeout_scale=timeout_scale,
        twilio_account_sid=raw["TWILIO_ACCOUNT_SID"],
        twilio_auth_token=raw["TWILIO_AUTH_TOKEN"],
        twilio_messaging_service_sid=raw["TWILIO_MESSAGING_SERVICE_SID"],
        twilio_from=raw["TWILIO_FROM"],
        twilio_base_url=raw["DISPATCHER_TWILIO_BASE_URL"].rstrip("/"),
    )


def _problem(name: str, what: str, remedy: str, value: str = "") -> Problem:
    return Problem(file=_("environment"), where=name, value=value, what=what, remedy=remedy)


def _value(environ: Mapping[str, str], name: str, problems: list[Problem]) -> str:
    path = environ.get(f"{name}_FILE")
    if not path:
        return environ.get(name, "").strip() or DEFAULTS[name]
    if environ.get(name):
        problems.append(
            _problem(name, _("{name} and {name}_FILE are both set", name=name), _("Keep one of the two."))
        )
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = os_error_message(error) if isinstance(error, OSError) else _("the file is not in UTF-8")
        what = _("{name}_FILE cannot be read: {error}", name=name, error=why)
        problems.append(_problem(f"{name}_FILE", what, _("Give the path of a readable file."), path))
        return DEFAULTS[name]


def _rate(name: str, value: str, problems: list[Problem]) -> float | None:
    if not value:
        return None
    try:
        rate = float(value)
    except ValueError:
        rate = 0.0
    if not 0 < rate < math.inf:
        remedy = _("Give messages a second as a number above 0, for example 10.")
        problems.append(_problem(name, _("{name} is not a rate", name=name), remedy, value))
        return None
    return rate


def _timeout_scale(value: str, problems: list[Problem]) -> float:
    try:
        factor = float(value)
    except ValueError:
        factor = 0.0
    if not 0.001 <= factor <= 10:
        remedy = _("Leave it out; for a drill give a number such as 0.05.")
        problems.append(
            _problem("DISPATCHER_PATIENCE", _("this is no factor on waiting times"), remedy, value)
        )
        return 1.0
    return factor


def _check(raw: Mapping[str, str], problems: list[Problem]) -> None:
    bind = raw["DISPATCHER_BIND"]
    port = bind.rpartition(":")[2]
    if ":" not in bind or not port.isdecimal() or int(port) > 65535:
        remedy = _("Write host:port, for example 127.0.0.1:8025.")
        problems.append(
            _problem("DISPATCHER_BIND", _("the address to listen on cannot be read"), remedy, bind)
        )
    if raw["DISPATCHER_LANG"].lower() not in {"vi", "en"}:
        remedy = _("Write vi or en.")
        problems.append(_problem("DISPATCHER_LANG", _("unknown language"), remedy, raw["DISPATCHER_LANG"]))
    _check_url("DISPATCHER_PUBLIC_URL", raw, ("http", "https"), "https://nhac.example.gov.vn", problems)
    _check_url("DISPATCHER_TWILIO_BASE_URL", raw, ("http", "https"), "http://127.0.0.1:8080", problems)
    _check_url("DISPATCHER_SMTP_URL", raw, ("smtp", "smtps"), "smtp://user@host:587?starttls=1", problems)
    _check_url("DISPATCHER_BOUNCE_MAILBOX", raw, ("imap", "imaps"), "imaps://user:pass@host/INBOX", problems)
    _check_twilio(raw, problems)
    if 0 < len(raw["DISPATCHER_SECRET_KEY"]) < SECRET_LENGTH_MIN:
        remedy = _("Give at least {n} random characters.", n=SECRET_LENGTH_MIN)
        problems.append(_problem("DISPATCHER_SECRET_KEY", _("the secret key is too short"), remedy))
    if raw["DISPATCHER_BOUNCE_ADDRESS"] and not _BOUNCE_ADDRESS.fullmatch(raw["DISPATCHER_BOUNCE_ADDRESS"]):
        remedy = _("Give a plain address without +, for example bounce@hatay.example.")
        what = _("what comes back by mail cannot be sent to this address")
        problems.append(_problem("DISPATCHER_BOUNCE_ADDRESS", what, remedy, raw["DISPATCHER_BOUNCE_ADDRESS"]))
    if raw["DISPATCHER_SMTP_URL"] and not raw["DISPATCHER_MAIL_FROM"]:
        remedy = _("Give the sender's address, for example nhac@hatay.example.")
        problems.append(_problem("DISPATCHER_MAIL_FROM", _("a mail server is set but no sender"), remedy))


def _check_twilio(raw: Mapping[str, str], problems: list[Problem]) -> None:
    if not raw["TWILIO_ACCOUNT_SID"]:
        return
    if not raw["TWILIO_AUTH_TOKEN"]:
        remedy = _("Give the auth token of this account, best as TWILIO_AUTH_TOKEN_FILE.")
        problems.append(_problem("TWILIO_AUTH_TOKEN", _("a Twilio account is set but no token"), remedy))


def _check_url(
    name: str, raw: Mapping[str, str], schemes: tuple[str, ...], example: str, problems: list[Problem]
) -> None:
    value = raw[name]
    if not value:
        return
    scheme, host = value.partition(":")[0].lower(), host_of(value)
    if scheme not in schemes or not host:
        masked = value if "@" not in value else f"{scheme}://…@{host}"
        remedy = _("Write it like {example}.", example=example)
        problems.append(_problem(name, _("{name} is not an address we can use", name=name), remedy, masked))
