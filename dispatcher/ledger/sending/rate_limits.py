"""The rate of each gateway, one row for all workers: GCRA, reserved in blocks.

`tat` is the theoretical arrival time of the next message; reserving n messages moves it on by n/rate.
A provider that asks for quiet is given it by every worker. One that does not answer is left alone for a
while, each time longer; then a single message goes to see whether it is back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import Instant, from_micros, rate_limit, to_micros

SLOWDOWN_FACTOR = 0.7
RECOVERY_FACTOR = 1.05  # each quiet minute
RECOVERY_INTERVAL = timedelta(minutes=1)
RECOVERY_STEPS_MAX = 200  # 1.05 ** 200 is 17,000: more than any slowing down
RATE_MIN = 0.1
RESERVATION_SPAN = timedelta(seconds=2)  # slots reserved at a time reach so far
GAP_MIN = timedelta(microseconds=1)
CIRCUIT_OPENS_AT = 5  # calls in a row that nobody answers: then the gateway is left alone
CIRCUIT_BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 600, 900))
PROBE_TIMEOUT = timedelta(seconds=60)  # while one message is on its way to see, nobody else tries
# Nobody reserves so far ahead, and nobody is told to wait so long: such a moment is from a clock that was set
# back since.
AHEAD_MAX = timedelta(minutes=10)
BLOCKED_MAX = timedelta(hours=25)


@dataclass(frozen=True, kw_only=True, slots=True)
class Slots:
    """`count` moments at which one message each may go on the wire, `gap` apart."""

    first: datetime
    gap: timedelta
    count: int
    failures: int = 0  # calls in a row that nobody answered, before these
    is_probe: bool = False  # one message, to see whether a gateway is back

    def __getitem__(self, index: int) -> datetime:
        return self.first + self.gap * index

    @property
    def last(self) -> datetime:
        """The moment of the last one."""
        return self[self.count - 1]


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayRate:
    """A gateway's rate as it stands."""

    gateway: str
    rate: float
    rate_max: float
    blocked_until: datetime | None
    blocked_reason: str
    circuit_open: bool  # nobody answers there


class _RateRow(Protocol):
    """What `_recovered` needs of a row."""

    rate: float
    rate_max: float
    blocked_until: datetime | None


def set_max_rate(ledger: Ledger, gateway: str, rate: float) -> None:
    """Set the rate a gateway may have at most."""
    with ledger.begin() as connection:
        statement = ledger.insert(rate_limit).values(gateway=gateway, rate=rate, rate_max=rate)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["gateway"],
                set_={"rate_max": rate, "rate": rate},
                where=rate_limit.c.rate_max != rate,
            )
        )


def reserve(
    ledger: Ledger, gateway: str, count: int, *, now: datetime, within: timedelta = RESERVATION_SPAN
) -> Slots | datetime:
    """Reserve slots for `count` messages, or for as many as leave `within` this span.

    A moment instead when the gateway is blocked until then.
    """
    micros = to_micros(now)
    with ledger.begin() as connection:
        row = connection.execute(_ROW, {"of": gateway}).one()
        if row.blocked_until is not None and now < row.blocked_until <= now + BLOCKED_MAX:
            return row.blocked_until  # type: ignore[no-any-return]  # Instant gives datetime
        rate, quiet_since = _recovered(row, now)
        count = max(1, min(count, round(rate * within.total_seconds())))
        if row.circuit_openings:
            count, quiet_since = 1, now + PROBE_TIMEOUT
        first = row.tat if micros < row.tat <= to_micros(now + AHEAD_MAX) else micros
        connection.execute(
            _RESERVE,
            {
                "of": gateway,
                "next": first + round(count * 1_000_000 / rate),
                "now_rate": rate,
                "since": quiet_since,
            },
        )
    return Slots(
        first=from_micros(first),
        gap=max(GAP_MIN, timedelta(seconds=1 / rate)),
        count=count,
        failures=row.failures,
        is_probe=bool(row.circuit_openings),
    )


def _recovered(row: _RateRow, now: datetime) -> tuple[float, datetime | None]:
    """Return the rate after the quiet minutes since the provider last complained, and up to when they count.

    Time decides and no alarm does, so that a fast clock recovers as the real one does.
    """
    if row.blocked_until is None or row.rate >= row.rate_max:
        return row.rate, row.blocked_until
    minutes = (now - row.blocked_until) // RECOVERY_INTERVAL
    rate = min(row.rate_max, row.rate * RECOVERY_FACTOR ** min(minutes, RECOVERY_STEPS_MAX))
    return rate, row.blocked_until + minutes * RECOVERY_INTERVAL


def release_slots(ledger: Ledger, gateway: str, slots: Slots, used: int) -> None:
    """Return the slots at the end of a block that nobody needed, unless others have reserved after it."""
    end = to_micros(slots.first) + round(slots.count * 1_000_000 * slots.gap.total_seconds())
    with ledger.begin() as connection:
        connection.execute(
            _GIVE_BACK, {"of": gateway, "end": end, "about": slots.count, "next": to_micros(slots[used])}
        )
        if slots.is_probe and not used:  # there was nothing to try it with
            connection.execute(
                sa.update(rate_limit).where(rate_limit.c.gateway == gateway).values(blocked_until=slots.first)
            )


def record_no_answer(
    ledger: Ledger, gateway: str, count: int, *, in_a_row: bool, reason: str, now: datetime
) -> datetime | None:
    """Note calls that nobody answered; gives until when the gateway is left alone, if it is.

    `in_a_row`: nothing was answered before them either, since those noted last.
    """
    with ledger.begin() as connection:
        row = connection.execute(_ROW, {"of": gateway}).one()
        failures = row.failures + count if in_a_row else count
        is_open = failures >= CIRCUIT_OPENS_AT
        values: dict[str, object] = {"failures": failures}
        blocked_until = None
        if is_open:
            pause = CIRCUIT_BACKOFF[min(row.circuit_openings, len(CIRCUIT_BACKOFF) - 1)]
            values |= {
                "circuit_openings": row.circuit_openings + 1,
                "blocked_until": now + pause,
                "blocked_reason": reason,
            }
        connection.execute(sa.update(rate_limit).where(rate_limit.c.gateway == gateway).values(values))
    return blocked_until


def record_answer(ledger: Ledger, gateway: str, *, now: datetime) -> None:
    """The gateway is back: everybody may send again."""
    with ledger.begin() as connection:
        is_ours = sa.and_(
            rate_limit.c.circuit_openings > 0, rate_limit.c.blocked_until <= now + PROBE_TIMEOUT
        )
        connection.execute(
            sa.update(rate_limit)
            .where(rate_limit.c.gateway == gateway)
            .values(
                failures=0,
                circuit_openings=0,
                blocked_until=sa.case(
                    (is_ours, sa.bindparam("now", now, Instant)), else_=rate_limit.c.blocked_until
                ),
            )
        )


def throttle(ledger: Ledger, gateway: str, *, until: datetime, reason: str, now: datetime) -> None:
    """The provider said "too many": go slower, and not before `until`.

    Workers who are told so at the same time slow it down once.
    """
    slower = sa.case(
        (rate_limit.c.rate * SLOWDOWN_FACTOR > RATE_MIN, rate_limit.c.rate * SLOWDOWN_FACTOR), else_=RATE_MIN
    )
    is_known = rate_limit.c.blocked_until > sa.bindparam("now", now, Instant)
    with ledger.begin() as connection:
        connection.execute(
            sa.update(rate_limit)
            .where(rate_limit.c.gateway == gateway)
            .values(rate=sa.case((is_known, rate_limit.c.rate), else_=slower))
        )
        extend_block(connection, gateway, until=until, reason=reason)


def block(ledger: Ledger, gateway: str, *, until: datetime, reason: str) -> None:
    """Offer this gateway nothing until then; a longer pause that is on already stays."""
    with ledger.begin() as connection:
        extend_block(connection, gateway, until=until, reason=reason)


def extend_block(connection: sa.Connection, gateway: str, *, until: datetime, reason: str) -> None:
    """Do what `block` does, within the caller's transaction."""
    is_longer = sa.or_(rate_limit.c.blocked_until.is_(None), rate_limit.c.blocked_until < until)
    connection.execute(
        sa.update(rate_limit)
        .where(rate_limit.c.gateway == gateway, is_longer)
        .values(blocked_until=until, blocked_reason=reason)
    )


def gateway_rates(ledger: Ledger) -> tuple[GatewayRate, ...]:
    """Return how fast each gateway may go."""
    columns = records.columns_of(GatewayRate, rate_limit, circuit_open=rate_limit.c.circuit_openings > 0)
    with ledger.read() as connection:
        return records.read(connection, GatewayRate, sa.select(*columns).order_by(rate_limit.c.gateway))


_MINE = rate_limit.c.gateway == sa.bindparam("of")
_ROW = sa.select(rate_limit).where(_MINE).with_for_update()
_RESERVE = (
    sa.update(rate_limit)
    .where(_MINE)
    .values(
        tat=sa.bindparam("next"),
        rate=sa.bindparam("now_rate"),
        blocked_until=sa.bindparam("since", type_=Instant),
    )
)
_GIVE_BACK = (
    sa.update(rate_limit)
    .where(_MINE, sa.func.abs(rate_limit.c.tat - sa.bindparam("end")) <= sa.bindparam("about"))
    .values(tat=sa.bindparam("next"))
)
