"""Other machines: whom we tell what happens, who may tell us, and the outbox between us and them.

The outbox holds no copy of what happened, only where it stands; so erasing a person erases them here too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.i18n import N_
from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import consent, occurrence, webhook, webhook_outbox

EVENT_KINDS: Mapping[str, str] = {
    "campaign": N_("a campaign was paused, resumed, cancelled, approved or has ended"),
    "step": N_("a step went out or was missed"),
    "opt-out": N_("somebody said no, or came back"),
}
CAMPAIGN_ACTIONS = ("active", "paused", "cancelled", "ended", "approve")
ID_OVERLAP = 500  # ids: one that was given out earlier may be committed later
DUE_MAX = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """A connection. `secret` signs what goes over it."""

    name: str
    direction: str
    url: str
    secret: str
    kinds: tuple[str, ...] = records.spaced()
    created_at: datetime
    created_by: str
    disabled_at: datetime | None
    disabled_reason: str

    def __repr__(self) -> str:
        """Show no secret in a log."""
        return f"Hook(name={self.name!r}, direction={self.direction!r})"


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxItem:
    """One thing to tell one hook. `facts` is what the ledger says now."""

    id: int
    webhook: Webhook
    kind: str
    source: str
    source_id: int
    at: datetime
    attempts: int
    payload: Mapping[str, object]


def add(
    ledger: Ledger,
    name: str,
    *,
    direction: str,
    url: str,
    secret: str,
    kinds: Sequence[str],
    who: str,
    now: datetime,
) -> bool:
    """Connect a machine; it hears of what happens from now on. False when there is one of this name."""
    with ledger.begin() as connection:
        since = {
            table.name: connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
            for table in _SOURCES.values()
        }
        inserted = connection.execute(
            ledger.insert(webhook)
            .values(
                name=name,
                direction=direction,
                url=url,
                secret=secret,
                kinds=" ".join(kinds),
                created_at=now,
                created_by=who,
                since=since,
            )
            .on_conflict_do_nothing()
            .returning(webhook.c.name)
        ).first()
        if inserted is not None:
            audit_log.insert(connection, who=who, action="add-hook", subject=name, now=now)
    return inserted is not None


def remove(ledger: Ledger, name: str, *, who: str, now: datetime) -> bool:
    """Disconnect a machine; what it was still to be told is forgotten."""
    with ledger.begin() as connection:
        connection.execute(sa.delete(webhook_outbox).where(webhook_outbox.c.webhook == name))
        gone = connection.execute(sa.delete(webhook).where(webhook.c.name == name)).rowcount
        if gone:
            audit_log.insert(connection, who=who, action="remove-hook", subject=name, now=now)
    return bool(gone)


def find(ledger: Ledger, *, direction: str = "") -> tuple[Webhook, ...]:
    """List the connections, by name."""
    question = _WEBHOOK.order_by(webhook.c.name)
    if direction:
        question = question.where(webhook.c.direction == direction)
    with ledger.read() as connection:
        return records.read(connection, Webhook, question)


_WEBHOOK = sa.select(*records.columns_of(Webhook, webhook))


def disable(ledger: Ledger, name: str, *, reason: str, now: datetime) -> None:
    """Tell a hook nothing more: it is gone, or has not answered for days."""
    with ledger.begin() as connection:
        connection.execute(
            sa.update(webhook)
            .where(webhook.c.name == name, webhook.c.disabled_at.is_(None))
            .values(disabled_at=now, disabled_reason=reason)
        )
        connection.execute(
            sa.update(webhook_outbox)
            .where(webhook_outbox.c.webhook == name, webhook_outbox.c.next_at.is_not(None))
            .values(next_at=None, outcome="disabled")
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookTrouble:
    """What a hook was not told yet though it was tried, and what came of the last try."""

    waiting: int
    outcome: str


def troubles(ledger: Ledger) -> Mapping[str, WebhookTrouble]:
    """Return by name which hooks do not answer now."""
    waits = webhook_outbox.c.next_at.is_not(None)
    tried = sa.func.max(sa.case((webhook_outbox.c.attempts > 0, webhook_outbox.c.outcome), else_=""))
    question = (
        sa.select(webhook_outbox.c.webhook, sa.func.count(), tried.label("outcome"))
        .where(waits)
        .group_by(webhook_outbox.c.webhook)
        .having(sa.func.max(webhook_outbox.c.attempts) > 0)
    )
    with ledger.read() as connection:
        return {
            name: WebhookTrouble(waiting=waiting, outcome=outcome)
            for name, waiting, outcome in connection.execute(question)
        }


def enqueue_new(ledger: Ledger, *, now: datetime) -> int:
    """Put into the outbox whatever happened since the last look; gives how much that is.

    Looking twice at the same is harmless: a thing stands in the outbox once a hook.
    """
    count = 0
    with ledger.begin() as connection:
        question = _WATCH.where(webhook.c.direction == "out", webhook.c.disabled_at.is_(None))
        for watch in records.read(connection, _Watch, question):
            for kind in watch.kinds:
                count += _enqueue_kind(connection, ledger, watch, kind, now)
    return count


@dataclass(frozen=True, kw_only=True, slots=True)
class _Watch:
    """What a receiver is told of, and after which row of each table."""

    name: str
    kinds: tuple[str, ...] = records.spaced()
    since: Mapping[str, int]


_WATCH = sa.select(*records.columns_of(_Watch, webhook))


def _enqueue_kind(connection: sa.Connection, ledger: Ledger, watch: _Watch, kind: str, now: datetime) -> int:
    table = _SOURCES[kind]
    since = watch.since.get(table.name, 0)
    last = connection.scalar(
        sa.select(sa.func.max(webhook_outbox.c.source_id)).where(
            webhook_outbox.c.webhook == watch.name, webhook_outbox.c.source == table.name
        )
    )
    after = max(since, (last or 0) - ID_OVERLAP)
    question = sa.select(
        sa.literal(watch.name),
        sa.literal(table.name),
        table.c.id,
        sa.literal(kind),
        sa.literal(now, webhook_outbox.c.at.type),
        sa.literal(now, webhook_outbox.c.at.type),
    ).where(table.c.id > after)
    columns = ("webhook", "source", "source_id", "kind", "at", "next_at")
    done = connection.execute(
        ledger.insert(webhook_outbox).from_select(columns, question).on_conflict_do_nothing()
    )
    return max(0, done.rowcount)


_SOURCES: Mapping[str, sa.Table | sa.Subquery] = {
    "campaign": audit_log.source(CAMPAIGN_ACTIONS),
    "step": occurrence,
    "opt-out": consent,
}


def due_items(ledger: Ledger, *, now: datetime) -> tuple[OutboxItem, ...]:
    """Return what is to be told now, oldest first."""
    question = (
        sa.select(webhook_outbox)
        .where(webhook_outbox.c.next_at <= now)
        .order_by(webhook_outbox.c.id)
        .limit(DUE_MAX)
    )
    with ledger.read() as connection:
        rows = connection.execute(question).all()
        receivers = {one.name: one for one in records.read(connection, Webhook, _WEBHOOK)}
        return tuple(
            OutboxItem(
                id=row.id,
                webhook=receivers[row.webhook],
                kind=row.kind,
                source=row.source,
                source_id=row.source_id,
                at=row.at,
                attempts=row.attempts,
                payload=_payload(connection, row.source, row.source_id),
            )
            for row in rows
        )


def mark_sent(ledger: Ledger, item_id: int, *, outcome: str, next_at: datetime | None) -> None:
    """Write down what came of telling, and when to try again; None: not again."""
    with ledger.begin() as connection:
        connection.execute(
            sa.update(webhook_outbox)
            .where(webhook_outbox.c.id == item_id)
            .values(next_at=next_at, outcome=outcome[:200], attempts=webhook_outbox.c.attempts + 1)
        )


def defer(ledger: Ledger, name: str, *, until: datetime, now: datetime) -> None:
    """Let everything that is due at `now` for a webhook wait until a receiver that failed is tried again."""
    with ledger.begin() as connection:
        connection.execute(
            sa.update(webhook_outbox)
            .where(webhook_outbox.c.webhook == name, webhook_outbox.c.next_at <= now)
            .values(next_at=until)
        )


def _payload(connection: sa.Connection, source: str, source_id: int) -> dict[str, object]:
    table = next(table for table in _SOURCES.values() if table.name == source)
    row = connection.execute(sa.select(table).where(table.c.id == source_id)).mappings().first()
    if row is None:
        return {}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in {"id", "words"}
    }
