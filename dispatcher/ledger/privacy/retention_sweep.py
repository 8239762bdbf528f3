"""Forgetting what is no longer needed: messages, people, answers, old versions, the log; the counts stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.campaign.model import Schedules
from dispatcher.ledger import Ledger, audit_log, scrubbing
from dispatcher.ledger.privacy import retention
from dispatcher.ledger.recipients.contact_fields import PERSON_COLUMNS
from dispatcher.ledger.schema import key_values
from dispatcher.ledger.schema.event_results import UNREAD_RESULTS
from dispatcher.ledger.schema.message_status import UNRESOLVED
from dispatcher.ledger.schema.tables import (
    address,
    campaign,
    consent,
    contact,
    contact_import,
    contact_snapshot,
    correction,
    event,
    login_attempt,
    message,
    occurrence,
    person,
    rights_request,
    suppression,
)

# Of what has left the schedules: as of what says nothing.
DEFAULT_CAMPAIGN_DAYS, DEFAULT_AUDIENCE_DAYS = 90, 365
PAGE = 1000
SNAPSHOTS_GONE = "snapshots-gone"  # meta: the last load that can no longer be undone


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """How much was forgotten, or would be. `unread`: answers whose time is over and that nobody has read."""

    messages: int = 0
    people: int = 0
    answers: int = 0
    unread: int = 0
    snapshots: int = 0
    audit: int = 0
    consent: int = 0
    requests: int = 0

    @property
    def total(self) -> int:
        """All that goes."""
        return sum(getattr(self, one.name) for one in fields(self) if one.name != "unread")


def forget_due(ledger: Ledger, schedules: Schedules, *, now: datetime, dry_run: bool = False) -> Forgotten:
    """Forget everything whose time is over; with `dry_run` only tell what that is. Again does nothing."""
    keeping = schedules.retention
    with ledger.begin() as connection:
        answers, unread = _forget_answers(connection, before=_days_ago(now, keeping.answers_days))
        done = Forgotten(
            messages=_forget_messages(connection, schedules, now=now),
            people=_forget_people(connection, schedules, now=now),
            answers=answers,
            unread=unread,
            snapshots=_forget_snapshots(connection, before=_days_ago(now, keeping.imports_days)),
            audit=audit_log.purge(connection, before=_days_ago(now, keeping.audit_days)),
            consent=_forget_consent(connection, before=_days_ago(now, keeping.consent_days)),
            requests=_forget_requests(connection, before=_days_ago(now, keeping.requests_days)),
        )
        transaction = connection.get_transaction()
        if dry_run and transaction is not None:
            transaction.rollback()
        elif done.total:
            scrubbing.mark(connection)
            facts = asdict(done)
            audit_log.insert(
                connection,
                who="dispatcher",
                action="retention",
                subject="ledger",
                detail=facts,
                now=now,
            )
    if not dry_run:
        scrubbing.scrub(ledger)  # also after an erasure during which somebody was reading
    return done


def _days_ago(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


def _forget_messages(connection: sa.Connection, schedules: Schedules, *, now: datetime) -> int:
    """Forget the messages of campaigns that are over for as long as they say, those of no file included."""
    over = connection.scalars(
        sa.select(campaign.c.name).where(campaign.c.state.in_(("ended", "cancelled")))
    ).all()
    ended_at = {
        name: found.deadline + timedelta(days=found.retention_days)
        for name, found in schedules.campaigns.items()
        if name in over
    }
    last = (
        sa.select(occurrence.c.campaign, sa.func.max(occurrence.c.expires_at).label("at"))
        .where(occurrence.c.campaign.not_in(schedules.campaigns))
        .group_by(occurrence.c.campaign)
    )
    for row in connection.execute(last):
        ended_at[row.campaign] = row.at + timedelta(days=DEFAULT_CAMPAIGN_DAYS)
    return sum(
        retention.anonymise_messages(connection, retention.is_readable(name))
        for name, at in ended_at.items()
        if at <= now
    )


def _forget_people(connection: sa.Connection, schedules: Schedules, *, now: datetime) -> int:
    """Forget the lists that no campaign has needed for long, and whoever stood in no other; gives how many.

    Their no stays, by its address, and who was dropped by a decision stays dropped: another list must not
    bring them back. They are no erased people: a later list may have them again.
    """
    expired = tuple(_expired_audiences(connection, schedules, now=now))
    decided = sa.union_all(
        sa.select(contact.c.person_id).where(contact.c.state == "dropped"),
        sa.select(person.c.id).where(person.c.restricted_at.is_not(None)),
    )
    doubtful = sa.select(message.c.person_id).where(message.c.status.in_(UNRESOLVED))
    gone = connection.execute(
        sa.delete(contact)
        .where(
            contact.c.audience.in_(expired),
            contact.c.person_id.not_in(decided),
            contact.c.person_id.not_in(doubtful),
        )
        .returning(contact.c.id, contact.c.person_id)
    ).all()
    if not gone:
        return 0
    lists, people = {row.id for row in gone}, {row.person_id for row in gone}
    for page in _pages(sorted(lists)):
        connection.execute(sa.delete(contact_snapshot).where(contact_snapshot.c.contact_id.in_(page)))
        audit_log.redact(connection, [f"contact {contact_id}" for contact_id in page])
    return sum(_blank_unlisted(connection, page) for page in _pages(sorted(people)))


def _expired_audiences(connection: sa.Connection, schedules: Schedules, *, now: datetime) -> Iterator[str]:
    """Yield the audiences that no campaign has spoken to, and no list was loaded for, as long as they say."""
    loaded = connection.execute(
        sa.select(contact.c.audience, sa.func.max(contact_import.c.at).label("at"))
        .join_from(contact, contact_import, contact_import.c.id == contact.c.import_id)
        .group_by(contact.c.audience)
    )
    for row in loaded:
        needed = [
            planned.deadline
            for planned in schedules.campaigns.values()
            if any(row.audience in audiences for audiences, _channels in planned.addressed())
        ]
        known = schedules.audiences.get(row.audience)
        days = known.retention_days if known else DEFAULT_AUDIENCE_DAYS
        if max([row.at, *needed]) + timedelta(days=days) <= now:
            yield row.audience


def _blank_unlisted(connection: sa.Connection, page: Sequence[int]) -> int:
    """Take name and addresses of those of a page whom no list has any more, out of their messages too."""
    listed = sa.select(contact.c.person_id).where(contact.c.person_id.in_(page))
    people = connection.scalars(
        sa.select(person.c.id).where(person.c.id.in_(page), person.c.id.not_in(listed))
    ).all()
    retention.anonymise_messages(connection, message.c.person_id.in_(people))
    connection.execute(sa.delete(address).where(address.c.person_id.in_(people)))
    connection.execute(sa.delete(correction).where(correction.c.person_id.in_(people)))
    blank = dict.fromkeys(PERSON_COLUMNS, "")
    connection.execute(sa.update(person).where(person.c.id.in_(people)).values(blank))
    return len(people)


def _pages(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))


def _forget_answers(connection: sa.Connection, *, before: datetime) -> tuple[int, int]:
    """Forget what people wrote, and reports about no message; gives how many, and how many are unread."""
    old = (
        event.c.message_id.is_(None),
        event.c.received_at < before,
        event.c.processed_at.is_not(None),
        sa.cast(event.c.raw, sa.Text) != "{}",
    )
    unread = connection.scalar(
        sa.select(sa.func.count()).select_from(event).where(*old, event.c.result.in_(UNREAD_RESULTS))
    )
    done = connection.execute(
        sa.update(event).where(*old, event.c.result.not_in(UNREAD_RESULTS)).values(raw={}, provider_id="")
    )
    connection.execute(sa.delete(login_attempt).where(login_attempt.c.at < before))
    return done.rowcount, unread or 0


def _forget_snapshots(connection: sa.Connection, *, before: datetime) -> int:
    """Forget how rows stood before old loads, and which loads these are: none of them can be undone."""
    old = sa.select(contact_import.c.id).where(contact_import.c.at < before)
    latest = connection.scalar(
        sa.select(sa.func.max(contact_import.c.id)).where(contact_import.c.at < before)
    )
    done = connection.execute(sa.delete(contact_snapshot).where(contact_snapshot.c.import_id.in_(old)))
    if done.rowcount:
        key_values.write(connection, SNAPSHOTS_GONE, str(latest))
    return done.rowcount


def _forget_consent(connection: sa.Connection, *, before: datetime) -> int:
    """Forget old wishes, except where one still stops messages: that is its proof."""
    stands = sa.exists().where(
        suppression.c.channel == consent.c.channel, suppression.c.address == consent.c.address
    )
    return connection.execute(sa.delete(consent).where(consent.c.at < before, ~stands)).rowcount


def _forget_requests(connection: sa.Connection, *, before: datetime) -> int:
    """Forget what people asked long ago; a restriction that holds is none of it."""
    holds = sa.and_(
        rights_request.c.kind == "restriction",
        rights_request.c.state == "done",
        rights_request.c.lifted_at.is_(None),
    )
    old = (rights_request.c.closed_at < before, rights_request.c.answered_at < before, ~holds)
    return connection.execute(sa.delete(rights_request).where(*old)).rowcount


def last_load_without_snapshots(connection: sa.Connection) -> int:
    """Return the number of the last load whose old rows are forgotten; 0: none."""
    return int(key_values.read(connection, SNAPSHOTS_GONE) or 0)
