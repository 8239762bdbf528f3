"""Writing down what a call to a gateway came to.

Every write names the attempt it belongs to and only raises the rank, so a result that arrives late, after
a callback has told more, changes nothing; nor does writing it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from dispatcher import failpoints
from dispatcher.ledger import Ledger
from dispatcher.ledger.recipients.suppressions import OptOut, suppress
from dispatcher.ledger.schema.bulk import BulkStatement, Insert, insert_into
from dispatcher.ledger.schema.message_status import ACCEPTED_STATUSES, DELIVERED, PERMANENT_FAILURE, RANK
from dispatcher.ledger.schema.tables import Instant, attempt, message, to_micros
from dispatcher.ledger.sending import budgets, failure_counts, shards
from dispatcher.ledger.sending.failure_counts import FailureWindow, ResultCounts


class AttemptResult(NamedTuple):
    """One attempt and what became of it, in the ledger's words."""

    message_id: int
    attempt: int
    status: str
    rank: int
    started_at: datetime
    gateway: str
    outcome: str  # accepted | refused | later | unknown
    counted_attempts: int = 1  # that used up the message's patience so far
    reason: str = ""
    next_at: datetime | None = None  # when it may be tried again
    lookup_at: datetime | None = None  # when the provider is asked about it
    left_by: datetime | None = None  # it had left by then; None: by now
    provider_id: str | None = None
    code: str = ""
    detail: str = ""
    parts: int | None = None  # as the provider counted, when it did
    vnd: int | None = None  # what this attempt cost; None: what was reserved for it


def store(
    ledger: Ledger,
    results: Sequence[AttemptResult],
    *,
    opt_outs: Sequence[OptOut] = (),
    counts: ResultCounts | None = None,
    now: datetime,
) -> FailureWindow | None:
    """Write the results of one batch, all of one shard, in one transaction.

    Gives how the run stands with its `answers`.
    """
    with ledger.begin() as connection:
        shards.mark_dirty_by_message(connection, results[0].message_id)
        priced = [item.message_id for item in results if item.vnd is not None]
        with budgets.keep_in_sync(connection, priced):
            _RESULT(connection, [_values(item, to_micros(now)) for item in results])
        _ATTEMPT(connection, [_attempt(item, to_micros(now)) for item in results])
        for opt_out in opt_outs:
            suppress(connection, opt_out, now=now)
        run = failure_counts.add(connection, ledger, counts) if counts else None
        failpoints.hit("settling")
    return run


def _values(item: AttemptResult, now: int) -> dict[str, object]:
    return {
        "m": item.message_id,
        "no": item.attempt,
        "n_tries": item.counted_attempts,
        "to_status": item.status,
        "to_rank": item.rank,
        "why": item.reason,
        "again": None if item.next_at is None else to_micros(item.next_at),
        "ask": None if item.lookup_at is None else to_micros(item.lookup_at),
        "pid": item.provider_id,
        "n_parts": item.parts,
        "n_vnd": item.vnd,
        "left": now if item.left_by is None else to_micros(item.left_by),
        "is_taken": int(item.status in ACCEPTED_STATUSES),
        "now": now,
    }


def _attempt(item: AttemptResult, now: int) -> dict[str, object]:
    return {
        "message_id": item.message_id,
        "no": item.attempt,
        "started_at": to_micros(item.started_at),
        "ended_at": now,
        "gateway": item.gateway,
        "outcome": item.outcome,
        "code": item.code,
        "detail": item.detail,
        "provider_id": item.provider_id,
    }


def _raised(column: sa.Column[object], value: sa.ColumnElement[object]) -> sa.ColumnElement[object]:
    """Take the new value only where it raises the rank."""
    return sa.case((_IS_NEWS, value), else_=column)


_TO_RANK: sa.BindParameter[int] = sa.bindparam("to_rank", type_=sa.Integer)
_LEFT = sa.bindparam("left", type_=Instant)
_IS_NEWS = message.c.rank < _TO_RANK
# What was accepted costs what the provider says; what was not costs nothing, unless a receipt has proved
# meanwhile that the provider had it after all.
_CHARGED_COST = sa.case(
    (
        sa.or_(_IS_NEWS, sa.bindparam("is_taken", type_=sa.Integer) == 1),
        sa.bindparam("n_vnd", type_=sa.Integer),
    )
)

_RESULT = BulkStatement(
    sa.update(message)
    .where(message.c.id == sa.bindparam("m"), message.c.attempt == sa.bindparam("no"))
    .values(
        status=_raised(message.c.status, sa.bindparam("to_status", type_=sa.Text)),
        reason=_raised(message.c.reason, sa.bindparam("why", type_=sa.Text)),
        next_at=_raised(message.c.next_at, sa.bindparam("again", type_=Instant)),
        lookup_at=_raised(message.c.lookup_at, sa.bindparam("ask", type_=Instant)),
        status_at=_raised(message.c.status_at, sa.bindparam("now", type_=Instant)),
        rank=_raised(message.c.rank, sa.bindparam("to_rank", type_=sa.Integer)),
        counted_attempts=sa.bindparam("n_tries"),
        # The claim wrote the latest moment at which it might leave; by now it has left.
        submitted_at=sa.case((message.c.submitted_at > _LEFT, _LEFT), else_=message.c.submitted_at),
        conflict=sa.case(
            (sa.and_(message.c.rank == RANK[DELIVERED], sa.literal(RANK[PERMANENT_FAILURE]) == _TO_RANK), 1),
            else_=message.c.conflict,
        ),
        provider_id=sa.func.coalesce(message.c.provider_id, sa.bindparam("pid", type_=sa.Text)),
        parts=sa.func.coalesce(sa.bindparam("n_parts", type_=sa.Integer), message.c.parts),
        slot_at=sa.null(),
        vnd=message.c.vnd - message.c.vnd_attempt + sa.func.coalesce(_CHARGED_COST, message.c.vnd_attempt),
        vnd_attempt=sa.func.coalesce(_CHARGED_COST, message.c.vnd_attempt),
    )
)


def _write_attempt(dialect: str) -> Insert:
    """Write an attempt down, or, if a report has done so before, complete it."""
    known = ("message_id", "no", "started_at", "gateway")
    learnt = ("ended_at", "outcome", "code", "detail", "provider_id")
    statement = insert_into(dialect, attempt).values({name: sa.bindparam(name) for name in (*known, *learnt)})
    return statement.on_conflict_do_update(
        index_elements=["message_id", "no"], set_={name: statement.excluded[name] for name in learnt}
    )


_ATTEMPT = BulkStatement(_write_attempt)
