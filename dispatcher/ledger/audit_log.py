"""The audit log: who did what, and when. Nothing else writes or reads the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import audit


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One line of the audit log."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    detail: dict[str, object]


def entries(ledger: Ledger, *, limit: int = 200, subject: str = "") -> tuple[AuditEntry, ...]:
    """List who did what, the latest first."""
    question = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
    if subject:
        question = question.where(audit.c.subject == subject)
    with ledger.read() as connection:
        return tuple(
            AuditEntry(
                id=row.id,
                at=row.at,
                who=row.who,
                action=row.action,
                subject=row.subject,
                detail=row.detail or {},
            )
            for row in connection.execute(question)
        )


def write(
    ledger: Ledger, *, who: str, action: str, subject: str, detail: dict[str, object], now: datetime
) -> None:
    """Write one line of the audit log."""
    with ledger.begin() as connection:
        insert(connection, who=who, action=action, subject=subject, detail=detail, now=now)


def insert(
    connection: sa.Connection,
    *,
    who: str,
    action: str,
    subject: str,
    detail: dict[str, object],
    now: datetime,
) -> None:
    connection.execute(
        sa.insert(audit).values(at=now, who=who, action=action, subject=subject, detail=detail)
    )
