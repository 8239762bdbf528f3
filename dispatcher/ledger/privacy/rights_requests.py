"""What people ask the office to do with their data: taken down with the days the law gives, done or refused.

To be given what is held on them (access), to have it put right (correction), not to be written to
(restriction), that something stops (objection), to be erased (erasure). A restriction and an objection hold
at once. A request is dealt with when it is done or refused, and whoever asked was told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Literal, get_args

import sqlalchemy as sa

from dispatcher.campaign.rights import RequestKind, Rights
from dispatcher.errors import DispatcherError
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.privacy import erasure
from dispatcher.ledger.recipients import corrections, suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema import records, revision
from dispatcher.ledger.schema.tables import address, person, rights_request

KINDS: tuple[RequestKind, ...] = get_args(RequestKind)
AT_ONCE = frozenset({"restriction", "objection"})


class CannotDo(DispatcherError):
    """This cannot be done about a request; the message says why."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRequest:
    """What somebody asks. `person_id` 0: about the address alone, which no list has.

    `scope` is what an objection is about, `wanted` what is right: name, phone, email or area, by field.
    """

    kind: RequestKind
    channel: str
    address: str
    person_id: int = 0
    scope: str = "all"
    wanted: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    received_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RightsRequest:
    """A request as it stands; `name` is the person's of today, empty once they were erased."""

    id: int
    kind: RequestKind
    person_id: int
    name: str
    channel: str
    address: str
    scope: str
    wanted: dict[str, str]
    words: str
    received_at: datetime
    taken_by: str
    answer_by: datetime
    answered_at: datetime | None
    answered_by: str
    due_at: datetime
    extended_because: str
    state: Literal["open", "done", "refused"]
    closed_at: datetime | None
    closed_by: str
    refused_because: str
    lifted_at: datetime | None
    lifted_by: str

    @property
    def next_due(self) -> datetime | None:
        """The nearest day by which something is still to be done; None when nothing is."""
        waits = [self.answer_by] if self.answered_at is None else []
        waits += [self.due_at] if self.state == "open" else []
        return min(waits, default=None)

    @property
    def is_restricting(self) -> bool:
        """Whether nobody writes to them because of this request."""
        return self.kind == "restriction" and self.state == "done" and self.lifted_at is None


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestsDue:
    """How many requests wait, and how many of these are past their day, or near it."""

    waiting: int
    near: int
    overdue: int


def take(
    ledger: Ledger, asked: NewRequest, rights: Rights, *, zone: tzinfo, who: str, how: str, now: datetime
) -> RightsRequest:
    """Write a request down, and do at once what can be. Raises CannotDo where nothing could be done.

    `how` is by which way it came to us: cli or web.
    """
    if erasure.erased_among(ledger, [asked.address]):
        raise CannotDo(
            _("whoever had this address was erased: nothing is held on them, and nobody writes to it")
        )
    if asked.kind == "restriction" and not asked.person_id:
        raise CannotDo(_("no list has this address, so nobody writes to it; an objection keeps it so"))
    if asked.kind == "correction":
        _require_correctable(asked)
    facts = {
        "kind": asked.kind, "person_id": asked.person_id, "channel": asked.channel, "address": asked.address,
        "scope": asked.scope if asked.kind == "objection" else "", "wanted": dict(asked.wanted),
        "words": asked.words, "received_at": asked.received_at, "taken_by": who,
        "answer_by": rights.answer_by(asked.received_at, zone),
        "due_at": rights.due_at(asked.kind, asked.received_at, zone),
    }  # fmt: skip
    with ledger.begin() as connection:
        number = connection.execute(
            sa.insert(rights_request).values(**facts).returning(rights_request.c.id)
        ).scalar_one()
        if asked.kind in AT_ONCE:
            _stop(connection, asked, who=who, how=how, now=now)
            _close(connection, number, "done", who=who, now=now)
        _note(connection, number, "take", asked.kind, who=who, now=now)
    return find(ledger, number)


def _require_correctable(asked: NewRequest) -> None:
    if not asked.wanted:
        raise CannotDo(_("a correction says what is right: a name, a number, a mail address or a thôn"))
    if not asked.person_id:
        raise CannotDo(_("no list has this address: there is nothing to correct"))


def _stop(connection: sa.Connection, asked: NewRequest, *, who: str, how: str, now: datetime) -> None:
    if asked.kind == "restriction":
        mine = sa.and_(person.c.id == asked.person_id, person.c.restricted_at.is_(None))
        connection.execute(sa.update(person).where(mine).values(restricted_at=now))
        revision.mark(connection)
        return
    places = connection.execute(
        sa.select(address.c.channel, address.c.address).where(address.c.person_id == asked.person_id)
    )
    for channel, value in {(asked.channel, asked.address), *(tuple(row) for row in places)}:
        wish = OptOut(channel=channel, address=value, scope=asked.scope, who=who, how=how, words=asked.words)
        suppressions.suppress(connection, wish, now=now)


def carry_out(ledger: Ledger, number: int, *, areas: Collection[str] = (), who: str, now: datetime) -> None:
    """Do what an open request asks: put right, erase; of an access it says that the data was handed over.

    `areas` are the thôn of the office, where it has listed them. Raises CannotDo, NotErasable and
    CannotCorrect with the reason.
    """
    asked = _open_request(ledger, number)
    if asked.kind == "erasure" and not asked.address.startswith(erasure.ERASED_PREFIX):
        people = [asked.person_id] if asked.person_id else []
        erasure.erase(ledger, asked.address, people=people, who=who, now=now)
    if asked.kind == "correction":
        corrections.correct(
            ledger, asked.person_id, asked.address, asked.wanted, areas=areas, who=who, now=now
        )
    with ledger.begin() as connection:
        _close(connection, number, "done", who=who, now=now)
        _note(connection, number, "done", asked.kind, who=who, now=now)


def refuse(ledger: Ledger, number: int, because: str, *, who: str, now: datetime) -> None:
    """Refuse an open request, with the reason that whoever asked is told."""
    asked = _open_request(ledger, number)
    if not because.strip():
        raise CannotDo(_("a refusal needs its reason: whoever asked is told"))
    with ledger.begin() as connection:
        _close(connection, number, "refused", refused_because=because.strip(), who=who, now=now)
        _note(connection, number, "refuse", asked.kind, who=who, now=now)


def extend(ledger: Ledger, number: int, because: str, rights: Rights, *, who: str, now: datetime) -> None:
    """Put the day of an open request off, once, by as many days again. Raises CannotDo."""
    asked = _open_request(ledger, number)
    if asked.extended_because:
        raise CannotDo(_("request {n} was extended once; the law allows no second time", n=number))
    if not because.strip():
        raise CannotDo(_("an extension needs its reason: whoever asked is told"))
    later = asked.due_at + timedelta(days=rights.days_for(asked.kind))
    with ledger.begin() as connection:
        _update(connection, number, due_at=later, extended_because=because.strip())
        _note(connection, number, "extend", asked.kind, who=who, now=now)


def mark_answered(ledger: Ledger, number: int, *, who: str, now: datetime) -> None:
    """Write down that whoever asked was told how their request stands."""
    asked = find(ledger, number)
    if asked.answered_at is not None:
        return
    with ledger.begin() as connection:
        _update(connection, number, answered_at=now, answered_by=who)
        _note(connection, number, "answer", asked.kind, who=who, now=now)


def lift(ledger: Ledger, number: int, *, who: str, now: datetime) -> None:
    """Let a restriction end: they are written to again, unless another one stands. Raises CannotDo."""
    asked = find(ledger, number)
    if not asked.is_restricting:
        raise CannotDo(_("request {n} restricts nothing", n=number))
    with ledger.begin() as connection:
        _update(connection, number, lifted_at=now, lifted_by=who)
        others = sa.select(rights_request.c.id).where(
            _RESTRICTS, rights_request.c.person_id == asked.person_id
        )
        if connection.scalar(others) is None:
            connection.execute(
                sa.update(person).where(person.c.id == asked.person_id).values(restricted_at=None)
            )
            revision.mark(connection)
        _note(connection, number, "lift", asked.kind, who=who, now=now)


def find(ledger: Ledger, number: int) -> RightsRequest:
    """Return a request. Raises CannotDo when there is none of this number."""
    with ledger.read() as connection:
        found = records.first(connection, RightsRequest, _question().where(rights_request.c.id == number))
    if found is None:
        raise CannotDo(_("there is no request {n}", n=number))
    return found


def waiting(ledger: Ledger) -> tuple[RightsRequest, ...]:
    """List what is still to be done or answered, what is due next first."""
    with ledger.read() as connection:
        found = records.read(connection, RightsRequest, _question().where(_WAITS))
    return tuple(sorted(found, key=lambda one: (one.next_due or one.due_at, one.id)))


def past(ledger: Ledger, *, limit: int = 200) -> tuple[RightsRequest, ...]:
    """List what was dealt with, the latest first; restrictions that still hold before all others."""
    question = (
        _question()
        .where(~_WAITS)
        .order_by(sa.case((_RESTRICTS, 0), else_=1), rights_request.c.id.desc())
        .limit(limit)
    )
    with ledger.read() as connection:
        return records.read(connection, RightsRequest, question)


def _question() -> records.Query:
    columns = records.columns_of(
        RightsRequest, rights_request, name=sa.func.coalesce(person.c.name, sa.literal(""))
    )
    return sa.select(*columns).join_from(
        rights_request, person, person.c.id == rights_request.c.person_id, isouter=True
    )


def _open_request(ledger: Ledger, number: int) -> RightsRequest:
    asked = find(ledger, number)
    if asked.state != "open":
        raise CannotDo(_("request {n} was dealt with already", n=number))
    return asked


def _close(
    connection: sa.Connection, number: int, state: str, *, refused_because: str = "", who: str, now: datetime
) -> None:
    _update(connection, number, state=state, refused_because=refused_because, closed_at=now, closed_by=who)


def _update(connection: sa.Connection, number: int, **facts: object) -> None:
    connection.execute(sa.update(rights_request).where(rights_request.c.id == number).values(**facts))


def _note(
    connection: sa.Connection, number: int, decision: str, kind: str, *, who: str, now: datetime
) -> None:
    facts = {"request": kind, "decision": decision}
    audit_log.insert(
        connection, who=who, action="rights-request", subject=f"request {number}", detail=facts, now=now
    )


_WAITS = sa.or_(rights_request.c.state == "open", rights_request.c.answered_at.is_(None))
_RESTRICTS = sa.and_(
    rights_request.c.kind == "restriction",
    rights_request.c.state == "done",
    rights_request.c.lifted_at.is_(None),
)
