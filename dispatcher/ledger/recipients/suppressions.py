"""Who must not be written to: opt-outs, dead addresses, and the record of who said what, when, how."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.privacy import erasure
from dispatcher.ledger.schema import records, revision
from dispatcher.ledger.schema.bulk import insert_into
from dispatcher.ledger.schema.tables import consent, suppression

# Whose fault a failure is, in the words of the gateways, where that says something about the address.
SUPPRESSION_REASONS = {"opt-out": "opted-out", "number": "dead-address", "blocked": "blocked"}
REASON_PRECEDENCE = {
    "do-not-call": 1, "dead-address": 2, "blocked": 3, "opted-out": 4, "complaint": 5, "erased": 6,
}  # fmt: skip
OWN_WORD = ("opted-out", "complaint")  # what somebody said themselves, and not what is true of an address
CARRIED = "new-address"  # how a no came to an address: its holder had said it at the one before


@dataclass(frozen=True, kw_only=True, slots=True)
class OptOut:
    """A wish, or a fact, that stops messages to one address."""

    channel: str  # sms | email
    address: str
    scope: str = "all"  # all | audience:NAME | campaign:NAME | advertising
    reason: str = "opted-out"  # a word of WEIGHTS
    who: str = ""
    how: str = ""  # keyword | link | one-click | provider | import | cli | web | bounce | new-address
    words: str = ""  # what they wrote, or what was shown to them


@dataclass(frozen=True, kw_only=True, slots=True)
class Suppression:
    """One stop as it stands."""

    channel: str
    address: str
    scope: str
    reason: str
    at: datetime
    who: str
    how: str


def opt_out(ledger: Ledger, opt_outs: Sequence[OptOut], *, now: datetime) -> int:
    """Stop messages; gives how many were new. Saying no twice is saying it once.

    Who was erased is stopped for good, and their address is not written down again.
    """
    erased = erasure.erased_among(ledger, {wish.address for wish in opt_outs})
    with ledger.begin() as connection:
        return sum(suppress(connection, wish, now=now) for wish in opt_outs if wish.address not in erased)


def suppress(connection: sa.Connection, request: OptOut, *, now: datetime) -> bool:
    """Stop messages within the caller's transaction; False when they were stopped as firmly already.

    A number that was dead may come to life again, its owner's no must not be lost with it: the weightier
    reason stays, in whatever order they are learnt.
    """
    facts = asdict(request) | {"at": now}
    statement = insert_into(connection.dialect.name, suppression).values(**facts)
    weightier = statement.on_conflict_do_update(
        index_elements=["channel", "address", "scope"],
        set_={name: facts[name] for name in ("reason", "at", "who", "how", "words")},
        where=sa.case(REASON_PRECEDENCE, value=suppression.c.reason, else_=0)
        < REASON_PRECEDENCE.get(request.reason, 0),
    )
    is_new = connection.scalar(weightier.returning(suppression.c.address)) is not None
    if is_new:
        connection.execute(sa.insert(consent).values(action="opt-out", **facts))
        revision.mark(connection)
    return is_new


def carry_over(
    connection: sa.Connection, moves: Mapping[tuple[str, str], Sequence[str]], *, now: datetime
) -> int:
    """Let a person's own no follow them: (channel, address before) → the addresses in its place.

    Gives how many stops were new. What is true of the old address only, a dead number, stays with it.
    """
    if not moves:
        return 0
    key = sa.tuple_(suppression.c.channel, suppression.c.address)
    before = connection.execute(
        sa.select(suppression).where(key.in_(list(moves)), suppression.c.reason.in_(OWN_WORD))
    ).all()
    return sum(
        suppress(
            connection,
            OptOut(
                channel=row.channel,
                address=address,
                scope=row.scope,
                reason=row.reason,
                who=row.who,
                how=CARRIED,
                words=row.words,
            ),
            now=now,
        )
        for row in before
        for address in moves[row.channel, row.address]
    )


def take_back_carried(
    connection: sa.Connection, *, at: datetime, now: datetime, addresses: Collection[str] | None = None
) -> None:
    """Lift the stops that followed people to new addresses at `at`, or to these `addresses` only."""
    carried = [suppression.c.how == CARRIED, suppression.c.at == at]
    if addresses is not None:
        carried.append(suppression.c.address.in_(addresses))
    rows = connection.execute(sa.select(suppression).where(*carried)).mappings().all()
    if rows:
        connection.execute(sa.delete(suppression).where(*carried))
        connection.execute(sa.insert(consent), [{**row, "at": now, "action": "return"} for row in rows])


def opt_in(
    ledger: Ledger, *, channel: str, address: str, scope: str = "", who: str, how: str, now: datetime
) -> int:
    """Lift a person's own opt-outs (of one scope, or all of them); gives how many were lifted.

    Only what the person said is theirs to take back: a dead number or a complaint stays.
    """
    mine = [
        suppression.c.channel == channel,
        suppression.c.address == address,
        suppression.c.reason == "opted-out",
    ]
    if scope:
        mine.append(suppression.c.scope == scope)
    with ledger.begin() as connection:
        scopes = connection.scalars(sa.select(suppression.c.scope).where(*mine)).all()
        if scopes:
            connection.execute(sa.delete(suppression).where(*mine))
            connection.execute(
                sa.insert(consent),
                [
                    {
                        "at": now,
                        "action": "return",
                        "channel": channel,
                        "address": address,
                        "scope": lifted,
                        "reason": "opted-out",
                        "who": who,
                        "how": how,
                        "words": "",
                    }
                    for lifted in scopes
                ],
            )
    return len(scopes)


def remove(ledger: Ledger, *, channel: str, address: str, scope: str, who: str, now: datetime) -> bool:
    """Lift any one suppression by an officer's decision, whatever its reason."""
    this = (
        suppression.c.channel == channel,
        suppression.c.address == address,
        suppression.c.scope == scope,
    )
    with ledger.begin() as connection:
        row = connection.execute(sa.select(suppression).where(*this)).first()
        if row is None:
            return False
        connection.execute(sa.delete(suppression).where(*this))
        facts = {"channel": channel, "address": address, "scope": scope, "reason": row.reason, "who": who}
        connection.execute(sa.insert(consent).values(at=now, action="return", how="cli", words="", **facts))
    return True


def find(
    ledger: Ledger,
    *,
    address: str = "",
    limit: int = 1000,
    skip: int = 0,
    after: tuple[str, str, str] | None = None,
) -> tuple[Suppression, ...]:
    """List what is stopped, by address; `after` (channel, address, scope) or `skip` pages on."""
    key = (suppression.c.channel, suppression.c.address, suppression.c.scope)
    question = (
        sa.select(*records.columns_of(Suppression, suppression)).order_by(*key).limit(limit).offset(skip)
    )
    if address:
        question = question.where(suppression.c.address == address)
    if after:
        question = question.where(sa.tuple_(*key) > sa.tuple_(*(sa.literal(part) for part in after)))
    with ledger.read() as connection:
        return records.read(connection, Suppression, question)


def count_opt_outs(ledger: Ledger) -> dict[str, int]:
    """Count every opt-out there ever was: keyword, link, one-click, provider, import, web, bounce."""
    question = (
        sa.select(consent.c.how, sa.func.count()).where(consent.c.action == "opt-out").group_by(consent.c.how)
    )
    with ledger.read() as connection:
        return {row[0] or "-": row[1] for row in connection.execute(question)}
