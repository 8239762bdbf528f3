"""Compares every message of the ledger with the provider's own log, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dispatcher.feedback.in_doubt_resolver import IN_DOUBT_MAX
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import integrity
from dispatcher.ledger.queries.message_log import MessageState, states
from dispatcher.ledger.schema.message_status import ACCEPTED_STATUSES, UNRESOLVED
from dispatcher.sandbox import provider_log
from dispatcher.signed_links import SignedLinks
from dispatcher.simulation.drill.drill_fixture import HOLD_CAMPAIGN, RESEND_CAMPAIGN


@dataclass(frozen=True, kw_only=True, slots=True)
class DrillVerification:
    """What a drill came to. Everything that must not be is named by message number."""

    planned: int
    accepted: int  # messages the provider has
    lost: tuple[int, ...]  # planned, and neither with the provider nor held in doubt
    imagined: tuple[int, ...]  # the ledger says the provider has it, and it has not
    unknown: tuple[int, ...]  # the provider has it, and the ledger says that it does not
    twice: tuple[int, ...]
    repeated: tuple[int, ...]  # mails sent again under their own Message-ID, as their campaign wishes
    held: tuple[
        int, ...
    ]  # mails left in doubt, as their campaign wishes or after so many: somebody has to look
    stuck: tuple[int, ...]  # in doubt, and no campaign wishes it so
    asked: int  # doubts after a kill that the provider of texts was asked about
    there: int  # of these, found there
    again: int  # of these, clearly not there: sent again
    groundless: tuple[int, ...]  # in doubt though no kill fell between its intent and its result
    flaws: tuple[str, ...]  # what does not add up in the ledger itself

    @property
    def is_sound(self) -> bool:
        """Return whether nothing was lost or sent twice, and every doubt that can be settled was."""
        missing = self.lost or self.imagined or self.stuck
        return not (missing or self.unknown or self.twice or self.groundless or self.flaws)


def verify(
    ledger: Ledger,
    links: SignedLinks,
    sandbox_folder: Path,
    *,
    in_doubt: Collection[tuple[int, int]] = (),
    now: datetime,
) -> DrillVerification:
    """Compare message by message what the ledger says with what the provider wrote down.

    `in_doubt` names, by message and attempt, what the kills left without an answer.
    """
    doubts: dict[int, set[int]] = {}
    for message_id, attempt in in_doubt:
        doubts.setdefault(message_id, set()).add(attempt)
    times_accepted = Counter(_logged_ids(links, sandbox_folder))
    ids_by_kind: dict[str, list[int]] = {
        name: []
        for name in ("lost", "imagined", "unknown", "twice", "repeated", "held", "stuck", "groundless")
    }
    planned = accepted = asked = again = 0
    for fate in states(ledger):
        times = times_accepted.pop(fate.message_id, 0)
        is_in_doubt = fate.status in UNRESOLVED
        planned += 1
        accepted += times > 0
        if times > 1:
            ids_by_kind["repeated" if _may_repeat(fate) else "twice"].append(fate.message_id)
        after_kill = doubts.get(fate.message_id, set())
        if fate.unknown_attempts + is_in_doubt > len(after_kill):
            ids_by_kind["groundless"].append(fate.message_id)
        if fate.channel == "sms":
            asked += len(after_kill)
            again += sum(attempt < fate.attempt for attempt in after_kill)
        if is_in_doubt:
            ids_by_kind["held" if _may_hold(fate) else "stuck"].append(fate.message_id)
        elif not times:
            ids_by_kind["imagined" if fate.status in ACCEPTED_STATUSES else "lost"].append(fate.message_id)
        elif fate.status not in ACCEPTED_STATUSES:
            ids_by_kind["unknown"].append(fate.message_id)
    ids_by_kind["unknown"] += times_accepted
    return DrillVerification(
        planned=planned,
        accepted=accepted,
        asked=asked,
        there=asked - again,
        again=again,
        flaws=tuple(f"{flaw.rule} x{flaw.count}" for flaw in integrity.violations(ledger, now=now)),
        **{name: tuple(ids) for name, ids in ids_by_kind.items()},
    )


def _logged_ids(links: SignedLinks, sandbox: Path) -> Iterator[int]:
    """Go through the provider's log by message number; a key that is not ours counts as message 0."""
    for text in provider_log.read_texts(sandbox):
        yield (links.parse_message_key(text.message_key) or (0, 0))[0]
    for mail in provider_log.read_mails(sandbox):
        yield (links.parse_message_key(mail.message_id.partition("@")[0]) or (0, 0))[0]


def _may_hold(fate: MessageState) -> bool:
    """Return whether a doubt is left to a person: the campaign's wish, or in doubt too often before."""
    return fate.channel == "email" and (
        fate.campaign == HOLD_CAMPAIGN or fate.unknown_attempts >= IN_DOUBT_MAX
    )


def _may_repeat(fate: MessageState) -> bool:
    """Return whether sending it again was the campaign's wish: a mail in doubt, under its own Message-ID."""
    return fate.channel == "email" and fate.campaign == RESEND_CAMPAIGN and fate.unknown_attempts > 0
