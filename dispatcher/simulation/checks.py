"""Checks what a simulation left behind for broken rules: the ledger, and the sandbox's log."""

from __future__ import annotations

from array import array
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path

from dispatcher import plan
from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import Schedules
from dispatcher.i18n import N_, _
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import integrity, message_log
from dispatcher.ledger.queries.message_log import MessageState
from dispatcher.ledger.schema.message_status import UNRESOLVED
from dispatcher.sandbox import provider_log
from dispatcher.sandbox.failures import TEXT_OUTCOMES
from dispatcher.signed_links import SignedLinks

EXAMPLES = 3
ARRIVED = frozenset({"delivered", "sent"})

RULE_LABELS = {
    "window": N_("texts left outside the hours allowed"),
    "cap": N_("numbers got more texts in 24 hours than their cap"),
    "cap-week": N_("numbers got more texts in 7 days than their cap"),
    "twice": N_("addresses got two messages of one occurrence"),
    "after-opt-out": N_("messages went to people who had said no"),
    "after-hold": N_("messages went to people whom a list holds or who were dropped"),
    "after-participation": N_("reminders went to people who had taken part"),
    "day": N_("deadline warnings went out on another day than theirs"),
    "deadline": N_("reminders went out after the deadline"),
    "flaw": N_("the ledger does not add up"),
}


CAPS = (("cap", timedelta(hours=24), "cap_per_day"), ("cap-week", timedelta(days=7), "cap_per_week"))
MESSAGES_FOUND = (
    ("after-opt-out", integrity.after_opt_out),
    ("after-hold", integrity.after_hold),
    ("after-participation", integrity.after_participation),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleViolation:
    """A rule that was broken, how often, and a few cases."""

    rule: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        return f"{_(RULE_LABELS[self.rule])}: {self.count} ({', '.join(self.examples)})"


class _ViolationCollector:
    def __init__(self) -> None:
        self._found: dict[str, list[str]] = defaultdict(list)
        self._counts: dict[str, int] = defaultdict(int)

    def add(self, rule: str, example: str) -> None:
        self._counts[rule] += 1
        if len(self._found[rule]) < EXAMPLES:
            self._found[rule].append(example)

    def all(self) -> tuple[RuleViolation, ...]:
        return tuple(
            RuleViolation(rule=rule, count=count, examples=tuple(self._found[rule]))
            for rule, count in self._counts.items()
        )


def rule_violations(ledger: Ledger, schedules: Schedules, *, now: datetime) -> tuple[RuleViolation, ...]:
    """Check every message that left against every rule; empty when none was broken."""
    violations = _ViolationCollector()
    for sent in message_log.sent(ledger):
        _check(sent, schedules, violations)
    for address, count in integrity.duplicate_messages(ledger):
        violations.add("twice", f"{_masked(address)} x{count}")
    for rule, span, key in CAPS:
        caps = {name: getattr(campaign, key) for name, campaign in schedules.campaigns.items()}
        for address, most in _over_cap(message_log.sms_times(ledger), caps, span):
            violations.add(rule, f"{_masked(address)} x{most}")
    for rule, find in MESSAGES_FOUND:
        for message_id in find(ledger):
            violations.add(rule, str(message_id))
    for flaw in integrity.violations(ledger, now=now):
        violations.add("flaw", f"{flaw.rule} x{flaw.count}")
    return violations.all()


def _check(sent: MessageState, schedules: Schedules, violations: _ViolationCollector) -> None:
    campaign, at = schedules.campaigns[sent.campaign], sent.sent_at
    local = campaign.to_local(at)
    if sent.channel == "sms" and not plan.sending_window(schedules, campaign, sent.audience, at).is_open:
        violations.add("window", f"{local:%d/%m %H:%M:%S}")
    if sent.kind in step_kinds.BOUND_TO_DAY and local.date() != campaign.to_local(sent.due_at).date():
        violations.add("day", f"{sent.step} {local:%d/%m %H:%M}")
    if sent.kind in step_kinds.REMINDING and at > campaign.deadline:
        violations.add("deadline", f"{sent.step} {local:%d/%m %H:%M}")


def _over_cap(
    texts: Iterable[tuple[str, datetime, str]], caps: Mapping[str, int], span: timedelta
) -> Iterator[tuple[str, int]]:
    """Yield numbers with more texts within `span` than allowed, and how many those were.

    `texts` come by number, then time. Allowed is the highest cap of the campaigns that wrote meanwhile: which
    of two texts of one minute was decided first, nobody knows any more.
    """
    for address, mine in groupby(texts, key=itemgetter(0)):
        recent: deque[tuple[datetime, int]] = deque()
        most = 0
        for _address, at, campaign in mine:
            recent.append((at, caps[campaign]))
            while recent[0][0] <= at - span:
                recent.popleft()
            if len(recent) > max(cap for _at, cap in recent):
                most = max(most, len(recent))
        if most:
            yield address, most


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderComparison:
    """The ledger beside the sandbox's own log."""

    accepted: int  # messages the sandbox took
    known: int  # messages the ledger says were taken
    lost: int  # the ledger says taken, the sandbox has none
    twice: int  # reached the same phone or mailbox more than once
    repeated: int  # mails sent again under their own Message-ID, for the answer to the first was lost
    in_doubt: int
    unexpected: int  # the sandbox has one that the ledger says never left, or never planned

    @property
    def is_balanced(self) -> bool:
        """Return whether both agree, message by message."""
        return not (self.lost or self.twice or self.in_doubt or self.unexpected)


class _ProviderCounts:
    """How often each message was taken, and how often it arrived: a byte each, however many there are."""

    def __init__(self) -> None:
        self.accepted = array("B")
        self.arrived = array("B")

    def add(self, message_id: int, *, arrived: bool) -> None:
        for counts in (self.accepted, self.arrived):
            if message_id >= len(counts):
                counts.frombytes(bytes(max(message_id + 1 - len(counts), len(counts))))
        self.accepted[message_id] = min(self.accepted[message_id] + 1, 255)
        self.arrived[message_id] = min(self.arrived[message_id] + arrived, 255)

    def has(self, message_id: int) -> bool:
        return message_id < len(self.accepted) and self.accepted[message_id] > 0

    @property
    def messages(self) -> int:
        return sum(count > 0 for count in self.accepted)


def compare_with_log(ledger: Ledger, links: SignedLinks, folder: Path) -> ProviderComparison:
    """Compare message by message; the sandbox's log names each by our own key.

    A text that the carrier failed to deliver may be taken again; what counts is what arrived.
    """
    provider_counts = _ProviderCounts()
    keys = chain(
        (
            (text.message_key, TEXT_OUTCOMES[text.outcome].final_status in ARRIVED)
            for text in provider_log.read_texts(folder)
        ),
        ((mail.message_id.partition("@")[0], True) for mail in provider_log.read_mails(folder)),
    )
    for key, arrived in keys:
        ours = links.parse_message_key(key)
        if ours is not None:
            provider_counts.add(ours[0], arrived=arrived)
    return _compare(ledger, provider_counts)


def _compare(ledger: Ledger, provider_counts: _ProviderCounts) -> ProviderComparison:
    lost = in_doubt = unexpected = known = planned = 0
    for item in message_log.states(ledger):
        is_with_provider = provider_counts.has(item.message_id)
        planned += is_with_provider
        if item.status in UNRESOLVED:
            in_doubt += 1
        elif item.is_accepted:
            known += 1
            lost += not is_with_provider
        else:
            unexpected += is_with_provider
    doubled = [message_id for message_id, count in enumerate(provider_counts.arrived) if count > 1]
    repeated = integrity.mails_without_answer(ledger).intersection(doubled)
    return ProviderComparison(
        accepted=provider_counts.messages,
        known=known,
        lost=lost,
        twice=len(doubled) - len(repeated),
        repeated=len(repeated),
        in_doubt=in_doubt,
        unexpected=unexpected + provider_counts.messages - planned,
    )


def _masked(address: str) -> str:
    return f"…{address[-3:]}" if address.startswith("+") else f"{address[:2]}…"
