"""Settings, read once at start; errors name the setting, the value and the remedy.

One table: each setting is a row (name, default, parser, secret or not). Ours stand beside the attributes of
`Settings`; a gateway brings the rows of its own. Each setting may also be given as `NAME_FILE`, a file that
holds the value: the way secrets are mounted.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import time
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from dispatcher.errors import ConfigurationError, Problem, os_error_message
from dispatcher.i18n import _

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
SECRET_LENGTH_MIN = 16
SECRET_CHARACTERS_MIN = 8  # different ones
_FLAGS = {"": False, "0": False, "no": False, "false": False, "1": True, "yes": True, "true": True}
OFF = ("off",)  # for a channel's gateways: the office does not use this channel
# A local part has 64 characters, and +KEY may need 35 of them.
# A relative one: no slash at its beginning, and no drive.
_SQLITE_PATH = re.compile(r"(?P<scheme>sqlite(\+\w+)?:///)(?P<path>(?!/|[A-Za-z]:|:memory:).+)")
_DAILY = re.compile(r"(daily )?(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)")
COUNT_MAX = 10_000
_BOUNCE_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,28}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class InvalidSetting(ValueError):
    """A value that cannot be used: why, and what to write instead, in the reader's language."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One row of the table; `parse` turns text into a value, or raises InvalidSetting."""

    name: str
    default: str = ""
    parse: Callable[[str], Any] = str
    is_secret: bool = False
    # How a relative value counts from a folder: that of the settings file it stands in. None: it is no path.
    in_folder: Callable[[Path, str], str] | None = None


# --- parsers ------------------------------------------------------------------------------------------


def url_parser(*schemes: str, example: str) -> Callable[[str], str]:
    """Make a parser of addresses of these schemes, without a trailing slash."""

    def parse(text: str) -> str:
        if text and (text.partition(":")[0].lower() not in schemes or not host_of(text)):
            raise InvalidSetting(
                _("this is not an address we can use"), _("Write it like {example}.", example=example)
            )
        return text.rstrip("/")

    return parse


def _parse_rate(text: str) -> float | None:
    if not text:
        return None
    rate = _to_float(text)
    if not 0 < rate < math.inf:
        raise InvalidSetting(
            _("this is not a rate"), _("Give messages a second as a number above 0, for example 10.")
        )
    return rate


def _parse_timeout_scale(text: str) -> float:
    factor = _to_float(text)
    if not 0.001 <= factor <= 10:
        raise InvalidSetting(
            _("this is no factor on waiting times"),
            _("Leave it out; for a drill give a number such as 0.05."),
        )
    return factor


def _to_float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _parse_bind(text: str) -> str:
    port = text.rpartition(":")[2]
    if ":" not in text or not port.isdecimal() or int(port) > 65535:
        raise InvalidSetting(
            _("the address to listen on cannot be read"), _("Write host:port, for example 127.0.0.1:8025.")
        )
    return text


def _parse_flag(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise InvalidSetting(_("this is neither yes nor no"), _("Write 1 for yes, 0 for no."))
    return _FLAGS[text.lower()]


def _parse_lang(text: str) -> str:
    if text.lower() not in {"vi", "en"}:
        raise InvalidSetting(_("unknown language"), _("Write vi or en."))
    return text


def _parse_secret_key(text: str) -> str:
    if 0 < len(text) < SECRET_LENGTH_MIN:
        raise InvalidSetting(
            _("the secret key is too short"), _("Give at least {n} random characters.", n=SECRET_LENGTH_MIN)
        )
    return text


def _parse_new_secret_key(text: str) -> str:
    """Read the key that is in force; an old one may be as poor as it was."""
    if text and len(set(text)) < SECRET_CHARACTERS_MIN and len(text) >= SECRET_LENGTH_MIN:
        raise InvalidSetting(
            _("the secret key is too simple: whoever tries a few keys has it"),
            _("Write what this makes: openssl rand -base64 32"),
        )
    return _parse_secret_key(text)


def _parse_bounce_address(text: str) -> str:
    if text and not _BOUNCE_ADDRESS.fullmatch(text):
        raise InvalidSetting(
            _("what comes back by mail cannot be sent to this address"),
            _("Give a plain address without +, for example bounce@hatay.example."),
        )
    return text


def _parse_networks(text: str) -> tuple[str, ...]:
    """Read networks and addresses; each IPv4 one also as IPv6 writes it, which listening on [::] meets."""
    found: list[str] = []
    for word in filter(None, re.split(r"[\s,]+", text)):
        try:
            network = ipaddress.ip_network(word, strict=False)
        except ValueError:
            raise InvalidSetting(
                _("{word} is no address and no network", word=word),
                _("Write addresses or networks, for example 127.0.0.1, 172.17.0.0/16."),
            ) from None
        if not network.prefixlen:
            raise InvalidSetting(
                _("this would believe everybody"), _("Name the proxy's own address or network only.")
            )
        found.append(str(network))
        if network.version == 4:
            found.append(f"::ffff:{network.network_address}/{96 + network.prefixlen}")
    return tuple(found)


def _parse_switch(text: str) -> bool:
    if text.lower() not in {"", "0", "1", "no", "yes", "false", "true"}:
        raise InvalidSetting(_("this is neither yes nor no"), _("Write 1, or leave it out."))
    return text.lower() in {"1", "yes", "true"}


def _parse_daily(text: str) -> time | None:
    if not text:
        return None
    found = _DAILY.fullmatch(text.strip())
    if found is None:
        raise InvalidSetting(_("this is no time of the day"), _("Write it like: daily 02:00"))
    return time(int(found["hour"]), int(found["minute"]))


def _parse_count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= COUNT_MAX:
        raise InvalidSetting(_("this is no number of files"), _("Write a whole number from 1, such as 14."))
    return int(text)


def _parse_second_factor(text: str) -> Literal["", "admin", "all"]:
    if text.lower() == "all":
        return "all"
    try:
        return "admin" if _parse_switch(text) else ""
    except InvalidSetting:
        what, remedy = _("nobody knows of whom that is"), _("Write 1 for administrators, all for everybody.")
        raise InvalidSetting(what, remedy) from None


def _parse_names(text: str) -> tuple[str, ...]:
    names = tuple(name for name in re.split(r"[\s,]+", text.lower()) if name)
    if "off" in names and names != OFF:
        raise InvalidSetting(
            _("off stands beside the name of a gateway"), _("Write off, or names in order, not both.")
        )
    return tuple(dict.fromkeys(names))


def _path_in(folder: Path, text: str) -> str:
    return str(folder / text)


def _database_in(folder: Path, text: str) -> str:
    """Let the relative path of a SQLite file count from `folder`; any other address stays as it is."""
    found = _SQLITE_PATH.fullmatch(text)
    return f"{found['scheme']}{(folder / found['path']).as_posix()}" if found else text


# --- the table ----------------------------------------------------------------------------------------


def _row(
    name: str,
    default: str = "",
    parse: Callable[[str], Any] = str,
    *,
    secret: bool = False,
    in_folder: Callable[[Path, str], str] | None = None,
) -> Any:  # what a dataclass field takes
    row = Setting(name=name, default=default, parse=parse, is_secret=secret, in_folder=in_folder)
    return field(metadata={"row": row})


_web_url = url_parser("http", "https", example="https://nhac.example.gov.vn")
_mailbox_url = url_parser("imap", "imaps", example="imaps://user:pass@host/INBOX")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting, as text where the outside world gives text."""

    database_url: str = _row(
        "DISPATCHER_DATABASE_URL", "sqlite:///dispatcher.sqlite3", secret=True, in_folder=_database_in
    )
    schedules: Path = _row("DISPATCHER_SCHEDULES", "schedules.toml", Path, in_folder=_path_in)
    contacts: Path = _row("DISPATCHER_CONTACTS", "contacts", Path, in_folder=_path_in)
    templates: Path = _row("DISPATCHER_TEMPLATES", "templates", Path, in_folder=_path_in)
    public_url: str = _row("DISPATCHER_PUBLIC_URL", "", _web_url)  # empty: made from `bind`
    # Empty: made once and kept in the ledger.
    secret_key: str = _row("DISPATCHER_SECRET_KEY", "", _parse_new_secret_key, secret=True)
    # Still valid for what it signed, while a new one takes its place.
    old_secret_key: str = _row("DISPATCHER_OLD_SECRET_KEY", "", _parse_secret_key, secret=True)
    lang: str = _row("DISPATCHER_LANG", "vi", _parse_lang)
    bind: str = _row("DISPATCHER_BIND", "127.0.0.1:8025", _parse_bind)
    # Networks of proxies that are believed for whom they speak, and whether that one came over HTTPS.
    trusted_proxies: tuple[str, ...] = _row("DISPATCHER_TRUSTED_PROXIES", "", _parse_networks)
    allow_http: bool = _row("DISPATCHER_ALLOW_HTTP", "", _parse_switch)  # passwords over open lines
    # Networks of our own that outgoing webhooks may reach; without it only public addresses.
    webhook_networks: tuple[str, ...] = _row("DISPATCHER_WEBHOOK_NETWORKS", "", _parse_networks)
    # Of whom a second factor is demanded.
    require_second_factor: Literal["", "admin", "all"] = _row(
        "DISPATCHER_REQUIRE_SECOND_FACTOR", "", _parse_second_factor
    )
    # Names in order of preference; OFF closes the channel; empty: whatever is configured.
    sms_gateway: tuple[str, ...] = _row("DISPATCHER_SMS_GATEWAY", "", _parse_names)
    mail_gateway: tuple[str, ...] = _row("DISPATCHER_MAIL_GATEWAY", "", _parse_names)
    mail_from: str = _row("DISPATCHER_MAIL_FROM")
    # Mails return to bounce+KEY@domain; empty: to the sender.
    bounce_address: str = _row("DISPATCHER_BOUNCE_ADDRESS", "", _parse_bounce_address)
    # What arrives there is read; empty: nobody looks.
    bounce_mailbox: str = _row("DISPATCHER_BOUNCE_MAILBOX", "", _mailbox_url, secret=True)
    sms_rate: float | None = _row("DISPATCHER_SMS_RATE", "", _parse_rate)  # a second; None: the gateway's own
    mail_rate: float | None = _row("DISPATCHER_MAIL_RATE", "", _parse_rate)
    # When the service backs its ledger up, every day, in local time; None: it does not.
    backup_at: time | None = _row("DISPATCHER_BACKUP", "", _parse_daily)
    backup_folder: Path = _row("DISPATCHER_BACKUP_FOLDER", "backups", Path, in_folder=_path_in)
    backup_keep: int = _row("DISPATCHER_BACKUP_KEEP", "14", _parse_count)  # the newest so many
    # Nobody real is written to: the gateways are servers on this machine, and the ledger is one for trials.
    trial: bool = _row("DISPATCHER_TRIAL", "", _parse_flag)
    # Factor on every waiting time; 1 but for drills and tests.
    timeout_scale: float = _row("DISPATCHER_PATIENCE", "1", _parse_timeout_scale)
    gateway_values: Mapping[str, Any] = field(default_factory=dict)  # by name: what the gateways' rows say

    def __repr__(self) -> str:
        """Return the settings without secrets: this may reach a traceback or a log."""
        shown = {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if "row" in one.metadata and not one.metadata["row"].is_secret
        }
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in sorted(shown.items()))})"

    @property
    def stage(self) -> Literal["trial", "live"]:
        """Whom the gateways reach: nobody real, or people."""
        return "trial" if self.trial else "live"

    @property
    def host(self) -> str:
        """The address the web face binds to."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port the web face binds to; 0 lets the system choose."""
        return int(self.bind.rpartition(":")[2])

    @property
    def gateway_names(self) -> Mapping[str, tuple[str, ...]]:
        """The gateways asked for, by channel."""
        return {"sms": self.sms_gateway, "email": self.mail_gateway}

    @property
    def closed_channels(self) -> frozenset[str]:
        """Channels that the office does not use."""
        return frozenset(channel for channel, names in self.gateway_names.items() if names == OFF)

    def with_gateway_values(self, values: Mapping[str, Any]) -> Settings:
        """Return the same with other values for some of the gateways' rows."""
        return replace(self, gateway_values={**self.gateway_values, **values})


OWN_SETTINGS: tuple[Setting, ...] = tuple(
    one.metadata["row"] for one in fields(Settings) if "row" in one.metadata
)


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


def from_environment(environ: Mapping[str, str], gateway_settings: Iterable[Setting] = ()) -> Settings:
    """Return every setting; `gateways.registry.read_settings` calls this with the rows of all gateways.

    Raises ConfigurationError naming each setting that is wrong, all at once.
    """
    problems: list[Problem] = []
    own = {
        one.name: _read(environ, one.metadata["row"], problems)
        for one in fields(Settings)
        if "row" in one.metadata
    }
    gateway_values = {row.name: _read(environ, row, problems) for row in gateway_settings}
    if problems:
        raise ConfigurationError(problems)
    return Settings(**own, gateway_values=gateway_values)


def problem(name: str, what: str, remedy: str, value: str = "") -> Problem:
    """Make the problem of one setting."""
    return Problem(file=_("environment"), where=name, value=value, what=what, remedy=remedy)


def _read(environ: Mapping[str, str], row: Setting, problems: list[Problem]) -> Any:
    text = _text(environ, row, problems)
    try:
        return row.parse(text)
    except InvalidSetting as invalid:
        problems.append(problem(row.name, invalid.what, invalid.remedy, shown(text, row)))
        return row.parse(row.default)


def shown(text: str, row: Setting) -> str:
    """Return as much of a value as may be seen: no secret, no password in an address."""
    if text.startswith("sqlite:"):
        return text  # the name of a file
    if "://" in text and "@" in text:
        return f"{text.partition(':')[0]}://…@{host_of(text)}"
    return "" if row.is_secret else text


def _text(environ: Mapping[str, str], row: Setting, problems: list[Problem]) -> str:
    name, path = row.name, environ.get(f"{row.name}_FILE")
    if not path:
        return environ.get(name, "").strip() or row.default
    if environ.get(name):
        problems.append(
            problem(name, _("{name} and {name}_FILE are both set", name=name), _("Keep one of the two."))
        )
    try:
        return Path(path).read_text(encoding="utf-8").strip() or row.default
    except (OSError, UnicodeDecodeError) as error:
        why = os_error_message(error) if isinstance(error, OSError) else _("the file is not in UTF-8")
        what = _("{name}_FILE cannot be read: {error}", name=name, error=why)
        problems.append(problem(f"{name}_FILE", what, _("Give the path of a readable file."), path))
        return row.default
