"""Looks for broken rules in what a simulation left behind: in the ledger and in the sandbox's own log."""

from __future__ import annotations

from array import array
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from dispatcher import plan
from dispatcher.campaign.model import Schedules
from dispatcher.i18n import N_, _
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import integrity, message_log
from dispatcher.ledger.queries.message_log import SendTime
from dispatcher.sandbox import provider_log
from dispatcher.sandbox.failures import TEXT_OUTCOMES
from dispatcher.signed_links import SignedLinks

DAY = timedelta(hours=24)
EXAMPLES = 3
ARRIVED = frozenset({"delivered", "sent"})
# A text handed over in its second is logged by the provider within this.
HANDOVER_SLACK = timedelta(seconds=2)

RULE_LABELS = {
    "window": N_("texts left outside the hours allowed"),
    "cap": N_("numbers got more texts in 24 hours than their cap"),
    "twice": N_("addresses got two messages of one occurrence"),
    "after-opt-out": N_("messages went to people who had said no"),
    "after-participation": N_("reminders went to people who had taken part"),
    "day": N_("deadline warnings went out on another day than theirs"),
    "deadline": N_("reminders went out after the deadline"),
    "flaw": N_("the ledger does not add up"),
}


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
    for sent in message_log.send_times(ledger):
        _check(sent, schedules, violations)
    for address, count in integrity.duplicate_messages(ledger):
        violations.add("twice", f"{_masked(address)} x{count}")
    for address, most in _over_cap(message_log.sms_times(ledger), _cap(schedules)):
        violations.add("cap", f"{_masked(address)} x{most}")
    for message_id in integrity.after_opt_out(ledger):
        violations.add("after-opt-out", str(message_id))
    for message_id in integrity.after_participation(ledger):
        violations.add("after-participation", str(message_id))
    for flaw in integrity.violations(ledger, now=now):
        violations.add("flaw", f"{flaw.rule} x{flaw.count}")
    return violations.all()


def _check(sent: SendTime, schedules: Schedules, violations: _ViolationCollector) -> None:
    campaign = schedules.campaigns[sent.campaign]
    if sent.channel == "sms" and not plan.sending_window(schedules, campaign, sent.audience, sent.at).is_open:
        violations.add("window", f"{campaign.to_local(sent.at):%d/%m %H:%M:%S}")
    if sent.kind == "warning" and campaign.to_local(sent.at).date() != campaign.to_local(sent.due_at).date():
        violations.add("day", f"{sent.step} {campaign.to_local(sent.at):%d/%m %H:%M}")
    if sent.kind in {"reminder", "warning"} and sent.at > campaign.deadline:
        violations.add("deadline", f"{sent.step} {campaign.to_local(sent.at):%d/%m %H:%M}")


def _cap(schedules: Schedules) -> int:
    return max(campaign.cap_per_day for campaign in schedules.campaigns.values())


def _over_cap(texts: Iterable[tuple[str, datetime]], cap: int) -> Iterator[tuple[str, int]]:
    """Find numbers with more than `cap` texts in some 24 hours; `texts` come by number, then time."""
    recent: deque[datetime] = deque()
    current, most = "", 0
    for address, at in texts:
        if address != current:
            if most > cap:
                yield current, most
            recent.clear()
            current, most = address, 0
        recent.append(at)
        while recent[0] <= at - DAY:
            recent.popleft()
        most = max(most, len(recent))
    if most > cap:
        yield current, most


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderComparison:
    """The ledger beside the sandbox's own log."""

    accepted: int  # messages the sandbox took
    known: int  # messages the ledger says were taken
    lost: int  # the ledger says taken, the sandbox has none
    twice: int  # reached the same phone or mailbox more than once
    repeated: int  # mails sent again under their own Message-ID, for the answer to the first was lost
    in_doubt: int
    unexpected: int  # the sandbox has one that the ledger says never left

    @property
    def is_balanced(self) -> bool:
        """Whether both agree, message by message."""
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


def compare_with_log(ledger: Ledger, links: SignedLinks, folder: Path) -> ProviderComparison:
    """Compare message by message; the sandbox's log names each by our own key.

    A text that the carrier failed to deliver may be taken again; what counts is what arrived.
    """
    provider_counts = _ProviderCounts()
    keys = chain(
        (
            (text.callback.rpartition("/")[2], TEXT_OUTCOMES[text.outcome].final_status in ARRIVED)
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
    lost = in_doubt = unexpected = known = 0
    for item in message_log.acceptance_states(ledger):
        is_with_provider = provider_counts.has(item.message_id)
        if item.status in {"in-doubt", "submitting"}:
            in_doubt += 1
        elif item.is_accepted:
            known += 1
            lost += not is_with_provider
        else:
            unexpected += is_with_provider
    doubled = [message_id for message_id, count in enumerate(provider_counts.arrived) if count > 1]
    repeated = integrity.mails_without_answer(ledger).intersection(doubled)
    return ProviderComparison(
        accepted=sum(count > 0 for count in provider_counts.accepted),
        known=known,
        lost=lost,
        twice=len(doubled) - len(repeated),
        repeated=len(repeated),
        in_doubt=in_doubt,
        unexpected=unexpected,
    )


def _masked(address: str) -> str:
    return f"…{address[-3:]}" if address.startswith("+") else f"{address[:2]}…"
