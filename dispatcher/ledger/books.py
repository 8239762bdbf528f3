"""The sums: how many were promised, how each stands, and the proof that nothing is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.tables import (
    Instant,
    address,
    attempt,
    campaign,
    contact,
    event,
    message,
    occurrence,
    participation,
    person,
    shard,
    suppression,
    wording,
)

PAGE = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Sum:
    """Messages of one kind, counted."""

    campaign: str
    step: str
    key: str
    kind: str
    due_at: datetime
    audience: str
    channel: str
    status: str
    reason: str
    messages: int
    parts: int
    vnd: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaSum:
    """Messages of one area, by status and reason."""

    area: str
    audience: str
    status: str
    reason: str
    messages: int


def sums(ledger: Ledger, *, campaign_name: str = "") -> tuple[Sum, ...]:
    """Count messages by campaign, occurrence, audience, channel, status and reason."""
    by = (
        occurrence.c.campaign,
        occurrence.c.step,
        occurrence.c.key,
        occurrence.c.kind,
        occurrence.c.due_at,
        message.c.audience,
        message.c.channel,
        message.c.status,
        message.c.reason,
    )
    question = (
        sa.select(
            *by,
            sa.func.count().label("messages"),
            sa.func.sum(message.c.parts).label("parts"),
            sa.func.sum(message.c.vnd).label("vnd"),
        )
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .group_by(*by)
        .order_by(occurrence.c.due_at, occurrence.c.step, message.c.audience, message.c.status)
    )
    if campaign_name:
        question = question.where(occurrence.c.campaign == campaign_name)
    with ledger.read() as connection:
        return tuple(
            Sum(
                campaign=row.campaign,
                step=row.step,
                key=row.key,
                kind=row.kind,
                due_at=row.due_at,
                audience=row.audience,
                channel=row.channel,
                status=row.status,
                reason=row.reason,
                messages=row.messages,
                parts=int(row.parts or 0),
                vnd=int(row.vnd or 0),
            )
            for row in connection.execute(question)
        )


def by_area(ledger: Ledger, campaign_name: str, *, until: datetime | None = None) -> tuple[AreaSum, ...]:
    """Count a campaign's messages by area, audience, status and reason."""
    by = (message.c.area, message.c.audience, message.c.status, message.c.reason)
    question = (
        sa.select(*by, sa.func.count().label("messages"))
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(occurrence.c.campaign == campaign_name, occurrence.c.kind != "digest")
        .group_by(*by)
    )
    if until is not None:
        question = question.where(message.c.status_at <= until)
    with ledger.read() as connection:
        return tuple(
            AreaSum(
                area=row.area,
                audience=row.audience,
                status=row.status,
                reason=row.reason,
                messages=row.messages,
            )
            for row in connection.execute(question)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LifeMessage:
    """One message in the life of an address."""

    message_id: int
    campaign: str
    step: str
    kind: str
    due_at: datetime
    audience: str
    channel: str
    address: str
    status: str
    reason: str
    attempt: int
    submitted_at: datetime | None
    provider_id: str
    parts: int
    vnd: int
    words: str
    conflict: bool
    attempts: tuple[tuple[int, str, str, str], ...]  # no, outcome, code, detail
    events: tuple[tuple[datetime, str, str, str], ...]  # received, status, code, result

    @property
    def began(self) -> datetime:
        """Its moment; thanks are due from the first day on, but go when there is cause."""
        return self.submitted_at or self.due_at if self.kind == "thanks" else self.due_at


@dataclass(frozen=True, kw_only=True, slots=True)
class LifePerson:
    """One person behind an address, and the lists that have them."""

    person_id: int
    name: str
    area: str
    addresses: tuple[tuple[str, str, int], ...]  # channel, address, rank
    lists: tuple[tuple[str, str, str, int, str, str], ...]  # audience, file, sheet, row, state, note
    participations: tuple[tuple[str, datetime, str], ...]  # campaign, at, source


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """Everything the ledger knows about one address."""

    address: str
    people: tuple[LifePerson, ...]
    messages: tuple[LifeMessage, ...]
    suppressions: tuple[tuple[str, str, datetime, str, str], ...]  # scope, reason, at, who, how


def life(ledger: Ledger, addressed: str) -> Life:
    """Tell the life of one address: who is behind it, each message and why, what came back."""
    with ledger.read() as connection:
        ids = connection.scalars(
            sa.select(address.c.person_id).where(address.c.address == addressed).distinct()
        ).all()
        people = tuple(_life_person(connection, person_id) for person_id in ids)
        rows = connection.execute(
            sa.select(message, occurrence.c.campaign, occurrence.c.step, occurrence.c.kind,
                      occurrence.c.due_at, wording.c.body)
            .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
            .outerjoin(wording, wording.c.body_hash == message.c.body_hash)
            .where(sa.or_(message.c.address == addressed, message.c.person_id.in_(ids)))
            .order_by(occurrence.c.due_at, message.c.id)
        ).all()  # fmt: skip
        stops = connection.execute(sa.select(suppression).where(suppression.c.address == addressed)).all()
        return Life(
            address=addressed,
            people=people,
            messages=tuple(
                sorted((_life_message(connection, row) for row in rows), key=lambda told: told.began)
            ),
            suppressions=tuple((row.scope, row.reason, row.at, row.who, row.how) for row in stops),
        )


def _life_person(connection: sa.Connection, person_id: int) -> LifePerson:
    row = connection.execute(sa.select(person).where(person.c.id == person_id)).one()
    addresses = connection.execute(
        sa.select(address).where(address.c.person_id == person_id).order_by(address.c.channel, address.c.rank)
    )
    lists = connection.execute(sa.select(contact).where(contact.c.person_id == person_id))
    took = connection.execute(sa.select(participation).where(participation.c.person_id == person_id))
    return LifePerson(
        person_id=person_id,
        name=row.name,
        area=row.area,
        addresses=tuple((item.channel, item.address, item.rank) for item in addresses),
        lists=tuple(
            (item.audience, item.file, item.sheet, item.row, item.state, item.note) for item in lists
        ),
        participations=tuple((item.campaign, item.at, item.source) for item in took),
    )


def _life_message(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> LifeMessage:
    tries = connection.execute(
        sa.select(attempt).where(attempt.c.message_id == row.id).order_by(attempt.c.no)
    )
    events = connection.execute(sa.select(event).where(event.c.message_id == row.id).order_by(event.c.id))
    return LifeMessage(
        message_id=row.id,
        campaign=row.campaign,
        step=row.step,
        kind=row.kind,
        due_at=row.due_at,
        audience=row.audience,
        channel=row.channel,
        address=row.address,
        status=row.status,
        reason=row.reason,
        attempt=row.attempt,
        submitted_at=row.submitted_at,
        provider_id=row.provider_id or "",
        parts=row.parts,
        vnd=row.vnd,
        words=row.body or "",
        conflict=bool(row.conflict),
        attempts=tuple((item.no, item.outcome, item.code, item.detail) for item in tries),
        events=tuple((item.received_at, item.status, item.code, item.result) for item in events),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Contacts of one area, counted by person."""

    area: str
    audience: str
    people: int
    took_part: int


def people_by_area(ledger: Ledger, campaign_name: str, audiences: Sequence[str]) -> tuple[People, ...]:
    """Count an area's active contacts, and how many of them took part."""
    took = sa.exists().where(
        participation.c.campaign == campaign_name, participation.c.person_id == contact.c.person_id
    )
    question = (
        sa.select(
            person.c.area,
            contact.c.audience,
            sa.func.count().label("people"),
            sa.func.sum(sa.case((took, 1), else_=0)).label("took_part"),
        )
        .join_from(contact, person, person.c.id == contact.c.person_id)
        .where(contact.c.state == "active", contact.c.audience.in_(audiences))
        .group_by(person.c.area, contact.c.audience)
    )
    with ledger.read() as connection:
        return tuple(
            People(area=row.area, audience=row.audience, people=row.people, took_part=int(row.took_part or 0))
            for row in connection.execute(question)
        )


def spent(ledger: Ledger, campaign_name: str) -> int:
    """VND reserved or charged in a campaign so far."""
    with ledger.read() as connection:
        return (
            connection.scalar(sa.select(campaign.c.budget_used).where(campaign.c.name == campaign_name)) or 0
        )


def last_campaign(ledger: Ledger, addressed: str) -> str | None:
    """Tell which campaign an address was last written to about."""
    with ledger.read() as connection:
        name: str | None = connection.scalar(
            sa.select(occurrence.c.campaign)
            .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
            .where(message.c.address == addressed, message.c.submitted_at.is_not(None))
            .order_by(message.c.submitted_at.desc())
            .limit(1)
        )
    return name


@dataclass(frozen=True, kw_only=True, slots=True)
class Went:
    """A message that left, as far as an observer needs."""

    message_id: int
    person_id: int
    channel: str
    address: str
    campaign: str
    step: str
    kind: str
    due_at: datetime
    submitted_at: datetime


def went(ledger: Ledger, *, since: datetime, until: datetime) -> Iterator[Went]:
    """Go through what left in (since, until], oldest occurrence first, a page at a time."""
    after = 0
    while True:
        with ledger.read() as connection:
            rows = connection.execute(_WENT, {"after": after, "since": since, "until": until}).all()
        if not rows:
            return
        for row in rows:
            yield Went(
                message_id=row.id,
                person_id=row.person_id,
                channel=row.channel,
                address=row.address,
                campaign=row.campaign,
                step=row.step,
                kind=row.kind,
                due_at=row.due_at,
                submitted_at=row.submitted_at,
            )
        after = rows[-1].id


_WENT = (
    sa.select(
        message.c.id,
        message.c.person_id,
        message.c.channel,
        message.c.address,
        message.c.submitted_at,
        occurrence.c.campaign,
        occurrence.c.step,
        occurrence.c.kind,
        occurrence.c.due_at,
    )
    .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
    .where(
        message.c.id > sa.bindparam("after"),
        message.c.submitted_at > sa.bindparam("since", type_=Instant),
        message.c.submitted_at <= sa.bindparam("until", type_=Instant),
        message.c.status.in_(("sending", "sent", "delivered")),
    )
    .order_by(message.c.id)
    .limit(PAGE)
)


def open_work(ledger: Ledger) -> datetime | None:
    """Tell when the next shard of an active campaign wants a worker; None when there is no open shard."""
    with ledger.read() as connection:
        moment: datetime | None = connection.scalar(
            sa.select(sa.func.min(shard.c.not_before))
            .join_from(shard, occurrence, occurrence.c.id == shard.c.occurrence_id)
            .join(campaign, campaign.c.name == occurrence.c.campaign)
            .where(shard.c.state == "open", campaign.c.state == "active")
        )
    return moment
