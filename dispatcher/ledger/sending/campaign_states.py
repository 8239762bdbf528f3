"""How each campaign stands: may it send, who stopped it, why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from dispatcher import failpoints
from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.schema import records, revision
from dispatcher.ledger.schema.tables import campaign, message, occurrence, shard
from dispatcher.ledger.sending import failure_counts, shards

State = Literal["active", "paused", "cancelled", "ended"]
CANCEL_REASONS = {
    "cancelled": "campaign-cancelled",
    "ended": "campaign-ended",
}  # state -> why a message never went
CANARY = "canary"
ITSELF = "dispatcher"  # who pauses a campaign when no person does
AWAITING_APPROVAL = "approval"  # the reason of a pause that an approval ends
RENAMED = "renamed"  # the reason of a pause until somebody says whether it is another campaign's new name


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignState:
    """One campaign as the ledger has it."""

    name: str
    state: State
    reason: str
    changed_at: datetime
    changed_by: str
    budget_used: int
    approved_hash: str
    approved_hashes: dict[str, str] | None
    calendar_hash: str  # of its dates and steps when it was last open; empty: not known

    @property
    def is_over(self) -> bool:
        """Return whether nothing of it goes out any more."""
        return self.state in CANCEL_REASONS

    @property
    def is_decided(self) -> bool:
        """Return whether a person has said that it goes on, or does not."""
        return self.changed_by not in {"", ITSELF}


def ensure(ledger: Ledger, name: str, *, now: datetime) -> None:
    """Open a campaign in the ledger the first time it is seen."""
    with ledger.begin() as connection:
        connection.execute(
            ledger.insert(campaign).values(name=name, state="active", changed_at=now).on_conflict_do_nothing()
        )


def state_of(ledger: Ledger, name: str) -> CampaignState | None:
    """Return how a campaign stands; None when it has never run."""
    found = [item for item in all_states(ledger) if item.name == name]
    return found[0] if found else None


def all_states(ledger: Ledger) -> tuple[CampaignState, ...]:
    """Return how every campaign stands."""
    question = sa.select(*records.columns_of(CampaignState, campaign)).order_by(campaign.c.name)
    with ledger.read() as connection:
        return records.read(connection, CampaignState, question)


def note_calendar(ledger: Ledger, known: CampaignState, calendar_hash: str) -> None:
    """Note which dates and steps a campaign that is not over has now."""
    if known.calendar_hash == calendar_hash:
        return
    with ledger.begin() as connection:
        connection.execute(
            sa.update(campaign)
            .where(campaign.c.name == known.name, campaign.c.state.not_in(CANCEL_REASONS))
            .values(calendar_hash=calendar_hash)
        )


def pause(ledger: Ledger, name: str, *, reason: str, who: str, now: datetime) -> bool:
    """Stop before the next message leaves; False when it was not active, or somebody has looked meanwhile."""
    return _transition(ledger, name, ("active",), "paused", reason=reason, who=who, now=now)


def resume(ledger: Ledger, name: str, *, who: str, now: datetime) -> bool:
    """Go on; a canary that has flown does not fly again, and what the answers were like is forgotten."""
    with ledger.begin() as connection:
        waits_for_canary = (campaign.c.name == name, campaign.c.reason == CANARY)
        connection.execute(sa.update(campaign).where(*waits_for_canary).values(canary_passed=1))
        if not _transition_within(connection, name, ("paused",), "active", reason="", who=who, now=now):
            return False
        failure_counts.reset(connection, name)
    return True


def cancel(ledger: Ledger, name: str, *, reason: str, who: str, now: datetime) -> int | None:
    """End it for good; gives how many waiting messages were cancelled, None if it was over before."""
    if not _transition(ledger, name, ("active", "paused"), "cancelled", reason=reason, who=who, now=now):
        return None
    return cancel_waiting(ledger, name, now=now)


def end(ledger: Ledger, name: str, *, now: datetime) -> bool:
    """Close a campaign whose time is over."""
    ended = _transition(ledger, name, ("active", "paused"), "ended", reason="", who="dispatcher", now=now)
    if ended:
        cancel_waiting(ledger, name, now=now)
    return ended


def approve(
    ledger: Ledger, name: str, *, hashes: dict[str, str], total_hash: str, who: str, now: datetime
) -> None:
    """Freeze what was approved: one hash over all, and one a part to say later what changed.

    A campaign that waited for this goes on; one that somebody paused stays paused.
    """
    with ledger.begin() as connection:
        connection.execute(
            sa.update(campaign)
            .where(campaign.c.name == name)
            .values(approved_hash=total_hash, approved_hashes=hashes)
        )
        connection.execute(
            sa.update(campaign)
            .where(
                campaign.c.name == name, campaign.c.state == "paused", campaign.c.reason == AWAITING_APPROVAL
            )
            .values(state="active", reason="", changed_at=now, changed_by=who)
        )
        revision.mark(connection)
        audit_log.insert(
            connection, who=who, action="approve", subject=name, detail={"hash": total_hash}, now=now
        )


def _transition(
    ledger: Ledger,
    name: str,
    states: Sequence[State],
    to: State,
    *,
    reason: str,
    who: str,
    now: datetime,
) -> bool:
    with ledger.begin() as connection:
        return _transition_within(connection, name, states, to, reason=reason, who=who, now=now)


def _transition_within(
    connection: sa.Connection,
    name: str,
    states: Sequence[State],
    to: State,
    *,
    reason: str,
    who: str,
    now: datetime,
) -> bool:
    from_here = [campaign.c.name == name, campaign.c.state.in_(states)]
    if reason == CANARY:  # the worker who saw it come home last must not stop what was resumed since
        from_here.append(campaign.c.canary_passed == 0)
    moved = connection.execute(
        sa.update(campaign).where(*from_here).values(state=to, reason=reason, changed_at=now, changed_by=who)
    )
    if moved.rowcount:
        revision.mark(connection)
        audit_log.insert(connection, who=who, action=to, subject=name, detail={"reason": reason}, now=now)
    return bool(moved.rowcount)


def cancel_waiting(ledger: Ledger, name: str, *, now: datetime) -> int:
    """Close what still waits in a campaign that is over; gives how many messages.

    Cancelling and ending do it at once; a sweep does it again, in case a crash came between, or a step was
    fired in that very moment.
    """
    mine = sa.select(occurrence.c.id).where(occurrence.c.campaign == name)
    waiting = (shard.c.occurrence_id.in_(mine), shard.c.state == "open")
    with ledger.read() as connection:
        state = connection.scalar(sa.select(campaign.c.state).where(campaign.c.name == name))
        reason = CANCEL_REASONS.get(state or "")
        if reason is None or connection.scalar(sa.select(shard.c.id).where(*waiting).limit(1)) is None:
            return 0
    failpoints.hit("ended")
    with ledger.begin() as connection:
        shards.cancel(connection, *waiting)
        closed = connection.execute(
            shards.cancel_waiting(reason, now=now).where(message.c.occurrence_id.in_(mine))
        )
        failpoints.hit("ending")
        return closed.rowcount
