"""The door to the outside world: what a gateway is given, and the four kinds of answer it may give.

A gateway never raises for what happened to a message: every envelope comes back as one `Result`. How its
package makes itself known stands in `provider`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from dispatcher.channels import Channel
from dispatcher.clock import Clock, SystemClock
from dispatcher.message.mail_parts import MailParts
from dispatcher.untrusted import clean_text

ResultKind = Literal["accepted", "refused", "later", "unknown"]
ErrorClass = Literal[
    "",  # nobody knows
    "number",
    "opt-out",  # the reader's own will
    "blocked",  # they are shut out, and whether by their own will is not said: somebody has to look
    "content",
    "config",
    "temporary",
    "account",  # nothing more of ours is wanted for a while, whoever it is for
    "throttled",  # too many at once; never looked at
    "transport",  # no way to the provider; never looked at
    "ambiguous",  # it may have arrived all the same
]
# The trouble is all of the gateway's: the message was not even looked at, and no attempt is used up.
GATEWAY_ERRORS: frozenset[ErrorClass] = frozenset({"account", "throttled", "transport"})


# No message has more parts, costs more, or is put off for longer than this: a number beyond it is nonsense.
PARTS_MAX = 100
VND_MAX = 10_000_000
RETRY_AFTER_SECONDS_MAX = 48 * 3600.0
_LIMITS = (("parts", PARTS_MAX), ("vnd", VND_MAX), ("retry_after_seconds", RETRY_AFTER_SECONDS_MAX))
_LENGTHS = (("status", 64), ("code", 64), ("detail", 500))
# An id is asked about as it came, so it is not mended: one that cannot be kept whole is none.
_USABLE_ID = re.compile(r"[!-~]{1,200}")


def bounded(number: float | None, most: float) -> float | None:
    """Return `number` where it can be meant, else None: what providers say is not to be relied upon."""
    return number if number is not None and 0 <= number <= most else None


class ProviderFacts:
    """Mixed into what a gateway hands in: its numbers are in bounds and its texts fit to be stored,
    whatever the provider said.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, most in _LIMITS:
            if (number := getattr(self, name)) is not None:
                object.__setattr__(self, name, bounded(number, most))
        for name, length in _LENGTHS:
            if text := getattr(self, name, ""):
                object.__setattr__(self, name, clean_text(text, limit=length))


# Awaited right before the first byte of a message leaves, after its permit: raises SendingStopped when it
# must not go any more, because somebody said no meanwhile, paused its campaign or edited what it says.
ConfirmSending = Callable[[], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """One message about to go on the wire, its intent already committed."""

    key: str  # ours, unique for ever, at most 50 of [A-Za-z0-9-]
    to: str  # E.164 or mail address
    body: str = ""  # SMS text, NFC; empty for mail
    mail: MailParts | None = None
    to_name: str = ""
    callback_url: str = ""  # status callback, with our key in it
    validity_seconds: int = 36000  # cut to what remains of the window
    message_id: str = ""  # Message-ID without <>, stable over attempts
    date: datetime | None = None  # for the Date header
    envelope_from: str = ""  # VERP return path; empty: the gateway's own
    sensitive: bool = False  # that it went to them says something of them: the provider is to forget it
    confirm: ConfirmSending | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Result(ProviderFacts):
    """What became of one envelope.

    accepted: the provider has it (`status` says how far: sending or sent).
    refused: for good; `error_class` says whose fault.
    later: not taken, certainly; may be offered again after `retry_after_seconds`.
    unknown: nobody knows; ask before any resend. One accepted under an id that cannot be kept is unknown.
    """

    key: str
    kind: ResultKind
    status: str = ""  # ledger word: sending | sent | delivered; found by look_up, also a failure
    provider_id: str = ""
    code: str = ""
    error_class: ErrorClass = ""
    detail: str = ""  # for people and logs; never a full address or a body
    retry_after_seconds: float | None = None
    parts: int | None = None  # as the provider counted
    vnd: int | None = None  # as the provider charged

    def __post_init__(self) -> None:
        ProviderFacts.__post_init__(self)
        if self.provider_id and not _USABLE_ID.fullmatch(str(self.provider_id)):
            object.__setattr__(self, "provider_id", "")
            if self.kind == "accepted":
                odd = {"kind": "unknown", "code": "answer", "error_class": "ambiguous"}
                for name, value in odd.items():
                    object.__setattr__(self, name, value)

    @property
    def is_unanswered(self) -> bool:
        """Whether the call brought no answer: nobody there, or nothing that can be relied on."""
        return self.kind == "unknown" or (self.kind == "later" and self.error_class == "transport")


@dataclass(frozen=True, kw_only=True, slots=True)
class Capabilities:
    """What a gateway can and cannot do; the sending path asks, never guesses."""

    channel: Channel
    rate_per_second: float
    batch_max: int = 500  # envelopes a call; also how many can be in doubt after a kill
    supports_lookup: bool = False  # look_up gives an authoritative answer
    supports_receipts: bool = False
    loopback: bool = False  # it talks to this machine only
    permit_seconds: float = 10  # leave from a `Pace` keeps so long: nothing is written later than that
    confirms: bool = False  # it awaits `Envelope.confirm` where there is one, for each message, in time
    response_timeout_seconds: float = 60  # an answer comes within this, or never


class SendingStopped(Exception):
    """Raised by a `SendPermit`: this envelope and those after it must not go any more; or by a confirmation:
    this one must not.

    The gateway gives them back as `later` with code SENDING_STOPPED, whatever else a permit may raise
    included; nothing of them may be on the wire.
    """


SENDING_STOPPED = "not-now"
SendPermit = Callable[[], Awaitable[None]]  # awaited once before each message goes on the wire


class Gateway(Protocol):
    """Carries envelopes to one provider."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def send(
        self, envelopes: Sequence[Envelope], *, acquire_permit: SendPermit | None = None
    ) -> Sequence[Result]:
        """Send all, concurrently; one result an envelope, in the same order. Never raises for a message."""

    async def look_up(
        self, envelope: Envelope, *, since: datetime, provider_id: str = "", exclude: Collection[str] = ()
    ) -> Result:
        """Ask what became of `envelope`, first offered at `since`; those `known` there are other messages.

        accepted with status: it is there. refused with code `not-found`: clearly not there.
        unknown: cannot be said now.
        """

    async def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class GatewayOptions:
    """What a gateway is opened with: its settings by their names, who speaks, and the clock it rests by."""

    values: Mapping[str, Any] = field(default_factory=dict)
    sender: str = ""  # as the schedules or the settings name it; a provider's own setting may say otherwise
    rate_per_second: float | None = None
    timeout_scale: float = 1  # factor on all time-outs; less than 1 in drills and tests
    clock: Clock = field(default_factory=SystemClock)
