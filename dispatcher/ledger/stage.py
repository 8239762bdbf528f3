"""Trial or live: whether what leaves a ledger reaches the sandbox or people, and the way across.

A ledger that has once served the sandbox is marked `trial`, one that has served a provider `live`, and each
refuses the other: a step that was fired into the sandbox counts as sent, so that the people it was meant for
would hear nothing, and a live ledger would call sent what nobody got. `go_live` is the only bridge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from dispatcher.errors import DispatcherError
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, audit_log, scrubbing
from dispatcher.ledger.privacy import retention, secret_key
from dispatcher.ledger.schema import key_values
from dispatcher.ledger.schema.bulk import insert_into
from dispatcher.ledger.schema.message_status import CANCELLED, RANK, UNRESOLVED
from dispatcher.ledger.schema.tables import (
    Instant,
    campaign,
    event,
    failure_window,
    message,
    message_count,
    meta,
    occurrence,
    participation,
    participation_count,
    rate_limit,
    shard,
    suppression,
    webhook_outbox,
)

Stage = Literal["", "trial", "live"]  # empty: nothing has been served yet
KEY = "stage"
PREFIX = "trial:"  # goes before the campaign of what is set aside; no campaign of a file has a colon
# Stops that the sandbox made up: its error codes and its reports by mail. What somebody said themselves, on
# a link, by an answer or to an officer, stays: a no too many is better than one that is lost.
MADE_UP = ("provider", "bounce", "complaint")


class WrongStage(DispatcherError):
    """The ledger belongs to the other world; the message says what to do."""


class NotReadyForLive(DispatcherError):
    """Something still works on the ledger, or it is live already."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialRecords:
    """What `go_live` sets aside, and what people said during the trial, which stays."""

    messages: int
    reports: int
    participations: int
    made_up_stops: int
    kept_opt_outs: int


def current(ledger: Ledger) -> Stage:
    """Return whether the ledger is for trials or for people; empty when it has not been used yet."""
    return _word(key_values.get(ledger, KEY))


def is_of_trial(campaign_name: str) -> bool:
    """Return whether this is the name of what `go_live` has set aside."""
    return campaign_name.startswith(PREFIX)


def enter(ledger: Ledger, wanted: Literal["trial", "live"]) -> None:
    """Mark the ledger as `wanted` at its first use. Raises WrongStage when it belongs to the other world.

    A ledger from before there were marks, from which something has left, is for a person to decide about.
    """
    with ledger.begin() as connection:
        found = _read(connection)
        if not found and wanted == "live" and _has_sent(connection):
            raise WrongStage(
                _(
                    "messages have left from this ledger, and it does not say whether to the sandbox or to "
                    "people. If that was a trial: dispatcher golive. If they went to people: dispatcher "
                    "golive --already-live"
                )
            )
        if not found:
            mark = insert_into(connection.dialect.name, meta).values(key=KEY, value=wanted)
            connection.execute(mark.on_conflict_do_nothing())
            found = _read(connection)
    if found != wanted:
        raise WrongStage(_EXPLANATIONS[wanted]())


_EXPLANATIONS = {
    "live": lambda: _(
        "this ledger has sent to the sandbox: what was sent there counts as sent, and people would get "
        "nothing. dispatcher golive sets the trial aside and keeps lists, users, opt-outs and decisions; to "
        "go on trying, unset the provider"
    ),
    "trial": lambda: _(
        "this ledger is in real use, and no provider is configured: what goes to the sandbox would count as "
        "sent. Set the provider's settings; to try something, name another ledger in DISPATCHER_DATABASE_URL"
    ),
}


def preview(ledger: Ledger) -> TrialRecords:
    """Count what `go_live` would set aside; changes nothing."""
    with ledger.read() as connection:
        return _count(connection)


def mark_live(ledger: Ledger, *, who: str, now: datetime) -> None:
    """Write down that what left this ledger went to people. Raises NotReadyForLive for a trial's."""
    with ledger.begin() as connection:
        if _read(connection) == "trial":
            raise NotReadyForLive(_("this ledger has sent to the sandbox; --already-live would hide that"))
        _write_live(connection, {"already": True}, who=who, now=now)


def go_live(ledger: Ledger, *, who: str, now: datetime) -> TrialRecords:
    """Set aside what the trial wrote: messages, reports, participation. The plan begins anew.

    Lists, users, decisions, approvals and what people said themselves stay. Messages are kept as figures of
    campaigns called `trial:NAME`, without addresses and texts. Raises NotReadyForLive while another process
    sends, or when the ledger is live.
    """
    if secret_key.is_simulated(ledger):
        raise NotReadyForLive(_("a simulation played this ledger; load your lists into a new one"))
    with ledger.begin() as connection:
        if _read(connection) == "live":
            raise NotReadyForLive(_("this ledger is live already; nothing was changed"))
        _require_idle(connection, now)
        done = _count(connection)
        _set_messages_aside(connection, now=now)
        _set_reports_aside(connection, now=now)
        _set_participation_aside(connection)
        connection.execute(sa.delete(suppression).where(_IS_MADE_UP))
        _reset_campaigns(connection)
        _write_live(connection, {"messages": done.messages, "reports": done.reports}, who=who, now=now)
        scrubbing.mark(connection)
    scrubbing.scrub(ledger, at_most=None)  # nobody serves it meanwhile
    return done


def _word(value: str) -> Stage:
    return "trial" if value == "trial" else "live" if value == "live" else ""


def _read(connection: sa.Connection) -> Stage:
    return _word(key_values.read(connection, KEY))


def _write_live(connection: sa.Connection, facts: Mapping[str, object], *, who: str, now: datetime) -> None:
    key_values.write(connection, KEY, "live")
    audit_log.insert(connection, who=who, action="golive", subject="ledger", detail=facts, now=now)


def _has_sent(connection: sa.Connection) -> bool:
    sent = sa.select(message.c.id).where(message.c.submitted_at.is_not(None)).limit(1)
    return connection.scalar(sent) is not None


_OF_TRIAL = sa.select(occurrence.c.id).where(occurrence.c.campaign.like(f"{PREFIX}%"))
_IS_MADE_UP = sa.and_(suppression.c.how.in_(MADE_UP), suppression.c.reason != "erased")


def _count(connection: sa.Connection) -> TrialRecords:
    def rows(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions)) or 0

    own_word = sa.and_(suppression.c.reason == "opted-out", ~_IS_MADE_UP)
    return TrialRecords(
        messages=rows(message),
        reports=rows(event),
        participations=rows(participation),
        made_up_stops=rows(suppression, _IS_MADE_UP),
        kept_opt_outs=rows(suppression, own_word),
    )


def _require_idle(connection: sa.Connection, now: datetime) -> None:
    busy = sa.select(shard.c.id).where(shard.c.state == "open", shard.c.lease_until > now).limit(1)
    if connection.dialect.name != "sqlite" and connection.scalar(busy) is not None:
        raise NotReadyForLive(_("another process is sending from this ledger; stop it first"))


def _set_messages_aside(connection: sa.Connection, *, now: datetime) -> None:
    connection.execute(
        sa.update(occurrence).values(campaign=sa.literal(PREFIX) + occurrence.c.campaign, state="cancelled")
    )
    # What is in doubt as well: nobody asks the sandbox about it any more.
    unsettled = sa.or_(message.c.next_at.is_not(None), message.c.status.in_(UNRESOLVED))
    connection.execute(
        sa.update(message)
        .where(unsettled)
        .values(status=CANCELLED, rank=RANK[CANCELLED], reason="trial", status_at=now)
    )
    connection.execute(sa.update(message).values(next_at=None, lookup_at=None))
    connection.execute(
        sa.update(shard).values(state="cancelled", lease_until=None, owner="", needs_recount=0)
    )
    connection.execute(sa.delete(message_count))
    retention.anonymise_messages(connection, message.c.occurrence_id.in_(_OF_TRIAL))


def _set_reports_aside(connection: sa.Connection, *, now: datetime) -> None:
    """Close the inbox: what it holds came from made-up phones, or is about messages that nobody got."""
    processed_at = sa.func.coalesce(event.c.processed_at, sa.literal(now, Instant))
    connection.execute(
        sa.update(event).values(raw={}, provider_id="", result="trial", processed_at=processed_at)
    )
    connection.execute(
        sa.update(webhook_outbox)
        .where(webhook_outbox.c.next_at.is_not(None))
        .values(next_at=None, outcome="trial")
    )


def _set_participation_aside(connection: sa.Connection) -> None:
    for table in (participation, participation_count):
        connection.execute(sa.update(table).values(campaign=sa.literal(PREFIX) + table.c.campaign))


def _reset_campaigns(connection: sa.Connection) -> None:
    """Let every campaign begin anew, but for what somebody decided; providers are tried afresh."""
    connection.execute(sa.update(campaign).values(budget_used=0, canary_sent=0, canary_passed=0))
    by_itself = campaign.c.changed_by == "dispatcher"  # paused by the brake, ended by the calendar
    connection.execute(sa.update(campaign).where(by_itself).values(state="active", reason=""))
    connection.execute(sa.delete(failure_window))
    rested = {"blocked_until": None, "blocked_reason": "", "failures": 0, "circuit_openings": 0}
    connection.execute(sa.update(rate_limit).values(rate=rate_limit.c.rate_max, **rested))
