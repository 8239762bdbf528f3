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
from dispatcher.ledger import Ledger, audit
from dispatcher.ledger.audit import Sent
from dispatcher.links import Links
from dispatcher.sandbox import log
from dispatcher.sandbox.failures import OUTCOMES

DAY = timedelta(hours=24)
EXAMPLES = 3
ARRIVED = frozenset({"delivered", "sent"})
# A text handed over in its second is logged by the provider within this.
SLACK = timedelta(seconds=2)

RULES = {
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
class Broken:
    """A rule that was broken, how often, and a few cases."""

    rule: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        return f"{_(RULES[self.rule])}: {self.count} ({', '.join(self.examples)})"


class _Findings:
    def __init__(self) -> None:
        self._found: dict[str, list[str]] = defaultdict(list)
        self._counts: dict[str, int] = defaultdict(int)

    def add(self, rule: str, example: str) -> None:
        self._counts[rule] += 1
        if len(self._found[rule]) < EXAMPLES:
            self._found[rule].append(example)

    def all(self) -> tuple[Broken, ...]:
        return tuple(
            Broken(rule=rule, count=count, examples=tuple(self._found[rule]))
            for rule, count in self._counts.items()
        )


def broken(ledger: Ledger, schedules: Schedules, *, now: datetime) -> tuple[Broken, ...]:
    """Check every message that left against every rule; empty when none was broken."""
    findings = _Findings()
    for sent in audit.sent(ledger):
        _check(sent, schedules, findings)
    for address, count in audit.doubled(ledger):
        findings.add("twice", f"{_masked(address)} x{count}")
    for address, most in _over_cap(audit.texts(ledger), _cap(schedules)):
        findings.add("cap", f"{_masked(address)} x{most}")
    for message_id in audit.after_opt_out(ledger):
        findings.add("after-opt-out", str(message_id))
    for message_id in audit.after_participation(ledger):
        findings.add("after-participation", str(message_id))
    for flaw in audit.flaws(ledger, now=now):
        findings.add("flaw", f"{flaw.what} x{flaw.count}")
    return findings.all()


def _check(sent: Sent, schedules: Schedules, findings: _Findings) -> None:
    campaign = schedules.campaigns[sent.campaign]
    if sent.channel == "sms" and not plan.window(schedules, campaign, sent.audience, sent.at).open:
        findings.add("window", f"{campaign.local(sent.at):%d/%m %H:%M:%S}")
    if sent.kind == "warning" and campaign.local(sent.at).date() != campaign.local(sent.due_at).date():
        findings.add("day", f"{sent.step} {campaign.local(sent.at):%d/%m %H:%M}")
    if sent.kind in {"reminder", "warning"} and sent.at > campaign.deadline:
        findings.add("deadline", f"{sent.step} {campaign.local(sent.at):%d/%m %H:%M}")


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
class Reconciliation:
    """The ledger beside the sandbox's own log."""

    accepted: int  # messages the sandbox took
    known: int  # messages the ledger says were taken
    lost: int  # the ledger says taken, the sandbox has none
    twice: int  # reached the same phone or mailbox more than once
    repeated: int  # mails sent again under their own Message-ID, for the answer to the first was lost
    in_doubt: int
    unexpected: int  # the sandbox has one that the ledger says never left

    @property
    def balanced(self) -> bool:
        """Whether both agree, message by message."""
        return not (self.lost or self.twice or self.in_doubt or self.unexpected)


class _Log:
    """How often each message was taken, and how often it arrived: a byte each, however many there are."""

    def __init__(self) -> None:
        self.taken = array("B")
        self.arrived = array("B")

    def add(self, message_id: int, *, arrived: bool) -> None:
        for counts in (self.taken, self.arrived):
            if message_id >= len(counts):
                counts.frombytes(bytes(max(message_id + 1 - len(counts), len(counts))))
        self.taken[message_id] = min(self.taken[message_id] + 1, 255)
        self.arrived[message_id] = min(self.arrived[message_id] + arrived, 255)

    def has(self, message_id: int) -> bool:
        return message_id < len(self.taken) and self.taken[message_id] > 0


def reconcile(ledger: Ledger, links: Links, folder: Path) -> Reconciliation:
    """Compare message by message; the sandbox's log names each by our own key.

    A text that the carrier failed to deliver may be taken again; what counts is what arrived.
    """
    found = _Log()
    keys = chain(
        (
            (text.callback.rpartition("/")[2], OUTCOMES[text.outcome].fate in ARRIVED)
            for text in log.read(folder)
        ),
        ((mail.message_id.partition("@")[0], True) for mail in log.read_mails(folder)),
    )
    for key, arrived in keys:
        ours = links.read_message_key(key)
        if ours is not None:
            found.add(ours[0], arrived=arrived)
    return _compare(ledger, found)


def _compare(ledger: Ledger, found: _Log) -> Reconciliation:
    lost = in_doubt = unexpected = known = 0
    for item in audit.standings(ledger):
        there = found.has(item.message_id)
        if item.status in {"in-doubt", "submitting"}:
            in_doubt += 1
        elif item.taken:
            known += 1
            lost += not there
        else:
            unexpected += there
    doubled = [message_id for message_id, count in enumerate(found.arrived) if count > 1]
    repeated = audit.unanswered_mails(ledger).intersection(doubled)
    return Reconciliation(
        accepted=sum(count > 0 for count in found.taken),
        known=known,
        lost=lost,
        twice=len(doubled) - len(repeated),
        repeated=len(repeated),
        in_doubt=in_doubt,
        unexpected=unexpected,
    )


def _masked(address: str) -> str:
    return f"…{address[-3:]}" if address.startswith("+") else f"{address[:2]}…"
