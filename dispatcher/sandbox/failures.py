"""What goes wrong in the sandbox, how often, and for whom: a pure function of seed, address and attempt.

Two doors lead to a failure. `Failures` gives each outcome a share, drawn from (seed, address, n-th try), so
that the same run fails in the same places. A magic number or a magic local part always fails its own way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import accumulate
from struct import unpack
from typing import Any, Literal, NamedTuple

ResponseMode = Literal["at-once", "slow", "never", "drop", "error"]
CALLBACK_FAULTS = ("lost", "doubled", "shuffled", "early", "contradicted")


@dataclass(frozen=True, kw_only=True, slots=True)
class TextOutcome:
    """What becomes of one create request.

    `http_status` and `error_code` are what is answered when nothing is created (`creates` false).
    `response_mode` is how the answer comes. `final_status` is the last status a created message reaches, with
    `final_code` as its ErrorCode.
    """

    creates: bool = True
    http_status: int = 201
    error_code: int = 0
    response_mode: ResponseMode = "at-once"
    final_status: str = "delivered"
    final_code: int = 0


TEXT_OUTCOMES: Mapping[str, TextOutcome] = {
    # created, and how it ends
    "delivered": TextOutcome(),
    "no-receipt": TextOutcome(final_status="sent"),
    "late-receipt": TextOutcome(),  # hours later: the phone was off
    "unreachable": TextOutcome(final_status="undelivered", final_code=30003),
    "blocked": TextOutcome(final_status="undelivered", final_code=30004),
    "unknown-handset": TextOutcome(final_status="undelivered", final_code=30005),
    "landline-late": TextOutcome(final_status="undelivered", final_code=30006),
    "filtered": TextOutcome(final_status="undelivered", final_code=30007),
    "carrier-unknown": TextOutcome(final_status="undelivered", final_code=30008),
    "queue-overflow": TextOutcome(final_status="failed", final_code=30001),
    "suspended": TextOutcome(final_status="failed", final_code=30002),
    "ambiguous": TextOutcome(final_status="failed", final_code=30410),
    "daily-limit": TextOutcome(final_status="failed", final_code=63038),
    # refused, and so not created
    "invalid": TextOutcome(creates=False, http_status=400, error_code=21211),
    "landline": TextOutcome(creates=False, http_status=400, error_code=21614),
    "opted-out": TextOutcome(creates=False, http_status=400, error_code=21610),
    "queue-full": TextOutcome(creates=False, http_status=400, error_code=21611),
    "sender-refused": TextOutcome(creates=False, http_status=400, error_code=21606),
    "pair-refused": TextOutcome(creates=False, http_status=400, error_code=21612),
    "region-closed": TextOutcome(creates=False, http_status=400, error_code=21408),
    "unauthorised": TextOutcome(creates=False, http_status=401, error_code=20003),
    "busy": TextOutcome(creates=False, http_status=429, error_code=20429),
    # the answer is the trouble
    "error-before": TextOutcome(creates=False, http_status=500, error_code=20500),
    "error-after": TextOutcome(response_mode="error"),
    "unavailable": TextOutcome(creates=False, http_status=503, error_code=0),
    "drop-before": TextOutcome(creates=False, http_status=0, response_mode="drop"),
    "drop-after": TextOutcome(response_mode="drop"),
    "slow": TextOutcome(response_mode="slow"),
    "never": TextOutcome(response_mode="never"),
}

# What belongs to the number or the mailbox and not to the moment: the same at every try.
PERMANENT_OUTCOMES = frozenset(
    {"invalid", "landline", "opted-out", "blocked", "unknown-handset", "landline-late", "region-closed"}
)

# A number that starts so fails its own way; the last three digits say how, try by try (the last repeats).
# Far from where made-up people's numbers count up from.
MAGIC_NUMBERS_START = "+84999000"
MAGIC_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "211": ("invalid",),
    "614": ("landline",),
    "610": ("opted-out",),
    "606": ("sender-refused",),
    "612": ("pair-refused",),
    "408": ("region-closed",),
    "611": ("queue-full", "delivered"),
    "429": ("busy", "delivered"),
    "420": ("busy",),
    "500": ("error-before", "delivered"),
    "501": ("error-after", "delivered"),
    "503": ("unavailable", "delivered"),
    "010": ("drop-before", "delivered"),
    "011": ("drop-after", "delivered"),
    "012": ("slow",),
    "013": ("never", "delivered"),
    "001": ("queue-overflow", "delivered"),
    "002": ("suspended",),
    "003": ("unreachable",),
    "103": ("unreachable", "delivered"),
    "004": ("blocked",),
    "005": ("unknown-handset",),
    "006": ("landline-late",),
    "007": ("filtered",),
    "008": ("carrier-unknown",),
    "410": ("ambiguous",),
    "038": ("daily-limit",),
    "020": ("no-receipt",),
    "021": ("late-receipt",),
}
MAGIC_CALLBACK_FAULTS: Mapping[str, str] = {
    "030": "lost",
    "031": "doubled",
    "032": "shuffled",
    "033": "early",
    "034": "contradicted",
}

# Mail: a reply of the SMTP server, or a word for what happens instead of one.
MAIL_REPLIES: Mapping[str, str] = {
    "5.1.1": "550 5.1.1 The mailbox you tried to reach does not exist",
    "5.1.2": "550 5.1.2 Bad destination system",
    "5.2.1": "550 5.2.1 The mailbox is disabled",
    "5.2.2": "552 5.2.2 The mailbox is full",
    "5.3.4": "552 5.3.4 Message too big for system",
    "5.4.1": "550 5.4.1 Recipient address rejected: access denied",
    "5.7.1": "554 5.7.1 Rejected by policy",
    "4.2.1": "450 4.2.1 Greylisted, please try again later",
    "4.2.2": "452 4.2.2 The mailbox is full",
    "4.3.2": "421 4.3.2 Service shutting down",
    "4.4.5": "451 4.4.5 Server busy",
    "4.7.1": "451 4.7.1 Please try again later",
}
MAIL_OUTCOMES: tuple[str, ...] = (
    "delivered",
    *(f"refuse-{code}" for code in MAIL_REPLIES),  # at RCPT; 4.3.2 hangs up after its reply
    *(f"data-{code}" for code in MAIL_REPLIES),  # after the text was taken
    *(f"bounce-{code}" for code in MAIL_REPLIES if code[0] == "5"),  # taken, sent back by a delivery report
    "greylist",  # 450 4.2.1 on the first try, taken on the second
    "drop-before",  # hangs up instead of an answer; nothing kept
    "drop-after",  # kept, then hangs up instead of an answer
    "slow",
    "complaint",  # taken; the reader's provider reports it as spam (RFC 5965)
)


class Draw(NamedTuple):
    """What was drawn for one create request: outcome, delays in seconds, and what befalls its callbacks."""

    outcome: str
    sent_after: float
    receipt_after: float
    callback_fault: str  # one of MISCHIEFS, or empty
    reports_done_date: bool  # RawDlrDoneDate is often missing


_Span = tuple[float, float]
_Cumulative = tuple[tuple[str, float], ...]  # name, and the share of it and all before it


def _check(kind: str, shares: Mapping[str, float], known: tuple[str, ...]) -> None:
    for name, share in shares.items():
        if name not in known:
            raise ValueError(f"{kind}: no outcome is called {name!r}; there are {', '.join(known)}")
        if not 0 <= share <= 1:
            raise ValueError(f"{kind}.{name}: a share lies between 0 and 1, not {share}")
    if sum(shares.values()) > 1 + 1e-9:
        raise ValueError(f"{kind}: the shares add up to {sum(shares.values()):g}, more than 1")


@dataclass(frozen=True, kw_only=True, slots=True)
class Failures:
    """How often what goes wrong. Shares lie between 0 and 1; what remains goes well.

    `sms` and `mail` map outcome to share, `callbacks` maps mischief to share. Spans are seconds, drawn
    evenly: from acceptance to `sent`, and from `sent` to the receipt. Slowness is always in real seconds.
    """

    seed: int = 0
    sms: Mapping[str, float] = field(default_factory=dict)
    mail: Mapping[str, float] = field(default_factory=dict)
    callbacks: Mapping[str, float] = field(default_factory=dict)
    sent_after: _Span = (0.2, 2.0)
    receipt_after: _Span = (0.5, 20.0)
    late_receipt_seconds: float = 6 * 3600.0
    slow_seconds: float = 5.0
    retry_after_seconds: int = 1
    every_status: bool = False  # also the callbacks queued and sending, which few need

    def __post_init__(self) -> None:
        _check("sms", self.sms, tuple(TEXT_OUTCOMES))
        _check("mail", self.mail, MAIL_OUTCOMES)
        _check("callbacks", self.callbacks, CALLBACK_FAULTS)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Failures:
        """Make one of parsed JSON with the same names; ValueError says what is wrong with it."""
        unknown = set(values) - set(cls.__dataclass_fields__)
        if unknown:
            raise ValueError(f"not known: {', '.join(sorted(unknown))}")
        spans = {
            name: (float(values[name][0]), float(values[name][1]))
            for name in ("sent_after", "receipt_after")
            if name in values
        }
        return cls(**{**values, **spans})

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values for JSON; `from_json` takes them back."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


_MAGIC_LENGTH = len(MAGIC_NUMBERS_START) + 3


class FailureSampler:
    """`Failures` made ready for many draws."""

    def __init__(self, failures: Failures) -> None:
        self.failures = failures
        self._salt = str(failures.seed).encode()
        self._sms = _WeightedChoice(failures.sms)
        self._mail = _WeightedChoice(failures.mail)
        self._callbacks = _cumulative(failures.callbacks)

    def sample_text(self, to: str, attempt: int) -> Draw:
        """Draw for the `n`-th try (from 1) to the number `to`."""
        failures = self.failures
        one, two, three, four = self._draw(to, attempt)
        outcome = self._sms.choose(one, lambda: self._draw(to, 0)[0])
        callback_fault = _pick(self._callbacks, four, "")
        if len(to) == _MAGIC_LENGTH and to.startswith(MAGIC_NUMBERS_START):
            ways = MAGIC_NUMBERS.get(to[-3:])
            outcome = ways[min(attempt, len(ways)) - 1] if ways else outcome
            callback_fault = MAGIC_CALLBACK_FAULTS.get(to[-3:], callback_fault)
        low, high = failures.sent_after
        first, last = failures.receipt_after
        receipt = (
            failures.late_receipt_seconds if outcome == "late-receipt" else first + (last - first) * three
        )
        return Draw(outcome, low + (high - low) * two, receipt, callback_fault, two * 1000 % 1 < 0.5)

    def sample_mail(self, address: str, attempt: int) -> str:
        """Draw for the `n`-th try (from 1) to `address`: a name of `MAIL_OUTCOMES`."""
        local = address.partition("@")[0].lower()
        for part in (local, local.rpartition("+")[2]):
            if part in MAIL_OUTCOMES:
                return "delivered" if part == "greylist" and attempt > 1 else part
        outcome = self._mail.choose(self._draw(address, attempt)[0], lambda: self._draw(address, 0)[0])
        return "delivered" if outcome == "greylist" and attempt > 1 else outcome

    def _draw(self, address: str, n: int) -> tuple[float, float, float, float]:
        """Throw four even numbers in [0, 1) that depend on nothing but seed, address and n."""
        digest = blake2b(b"%s|%s|%d" % (self._salt, address.encode(), n), digest_size=16).digest()
        one, two, three, four = unpack("<4I", digest)
        return one / 2**32, two / 2**32, three / 2**32, four / 2**32


def _is_permanent(outcome: str) -> bool:
    return outcome in PERMANENT_OUTCOMES or outcome.startswith(("refuse-5.", "bounce-5."))


class _WeightedChoice:
    """Shares of outcomes: the lasting ones are drawn once an address, the others at every try."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        lasting = {name: share for name, share in shares.items() if _is_permanent(name)}
        others = 1 - sum(lasting.values())
        self._lasting = _cumulative(lasting)
        self._passing = _cumulative(
            {name: s / others for name, s in shares.items() if name not in lasting and s}
        )

    def choose(self, at: float, at_always: Callable[[], float]) -> str:
        """Return the outcome for the try drawn `at`, of the address drawn `at_always`."""
        always = _pick(self._lasting, at_always(), "") if self._lasting else ""
        return always or _pick(self._passing, at, "delivered")


def _cumulative(shares: Mapping[str, float]) -> _Cumulative:
    return tuple(zip(shares, accumulate(shares.values()), strict=True))


def _pick(steps: _Cumulative, at: float, otherwise: str) -> str:
    place = bisect_right(steps, at, key=lambda step: step[1]) if steps else 0
    return steps[place][0] if place < len(steps) else otherwise
