"""Which occurrences were fired or missed, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import is_withdrawn
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import message, occurrence, shard


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedOccurrence:
    """An occurrence as it was fired, or recorded as missed."""

    id: int
    campaign: str
    step: str
    key: str
    kind: str
    template: str
    due_at: datetime
    state: str  # open | missed
    has_withdrawn: bool  # something of it waited when the schedules were changed

    @property
    def is_fired(self) -> bool:
        """Return whether messages were made of it."""
        return self.state != "missed"


def recorded(ledger: Ledger) -> tuple[RecordedOccurrence, ...]:
    """Return every occurrence of every campaign that was fired or missed."""
    withdrawn = sa.exists().where(shard.c.occurrence_id == occurrence.c.id, shard.c.state == "cancelled")
    columns = records.columns_of(
        RecordedOccurrence, occurrence, template=occurrence.c.moment, has_withdrawn=withdrawn
    )
    with ledger.read() as connection:
        return records.read(connection, RecordedOccurrence, sa.select(*columns).order_by(occurrence.c.id))


def audiences_served(ledger: Ledger, occurrence_ids: Collection[int]) -> Mapping[int, frozenset[str]]:
    """Return for each of these occurrences the audiences of which it has, or had, messages."""
    question = sa.select(shard.c.occurrence_id, shard.c.audience).distinct()
    return _by_occurrence(ledger, question.where(shard.c.occurrence_id.in_(occurrence_ids)))


def audiences_reached(ledger: Ledger, occurrence_ids: Collection[int]) -> Mapping[int, frozenset[str]]:
    """Return for each of these occurrences the audiences of which a message has left, or may have."""
    left = sa.exists().where(
        message.c.occurrence_id == shard.c.occurrence_id,
        message.c.shard_id == shard.c.id,
        message.c.submitted_at.is_not(None),
    )
    question = (
        sa.select(shard.c.occurrence_id, shard.c.audience)
        .where(shard.c.occurrence_id.in_(occurrence_ids), left)
        .distinct()
    )
    return _by_occurrence(ledger, question)


def count_left(ledger: Ledger, occurrence_id: int) -> int:
    """Count the messages of an occurrence that have left, or may have."""
    question = sa.select(sa.func.count()).where(
        message.c.occurrence_id == occurrence_id, message.c.submitted_at.is_not(None)
    )
    with ledger.read() as connection:
        return connection.scalar(question) or 0


def _by_occurrence(ledger: Ledger, question: sa.Select[int, str]) -> Mapping[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    with ledger.read() as connection:
        for row in connection.execute(question):
            found.setdefault(row[0], set()).add(row[1])
    return {key: frozenset(names) for key, names in found.items()}


def count_withdrawn(ledger: Ledger, occurrence_ids: Collection[int]) -> Mapping[int, int]:
    """Count what was withdrawn of each of these; those without any are left out."""
    question = (
        sa.select(shard.c.occurrence_id, sa.func.count())
        .join_from(shard, message, message.c.id.between(shard.c.first_id, shard.c.last_id))
        .where(
            shard.c.occurrence_id.in_(occurrence_ids),
            shard.c.state == "cancelled",
            message.c.shard_id == shard.c.id,
            is_withdrawn(message),
        )
        .group_by(shard.c.occurrence_id)
    )
    with ledger.read() as connection:
        return {row[0]: row[1] for row in connection.execute(question)}
