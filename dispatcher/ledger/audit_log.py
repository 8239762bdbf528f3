"""The audit log: who did what, and when. Nothing else writes or reads the table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import audit

VIEW = "view"
VIEW_INTERVAL = timedelta(minutes=10)  # looking again within it is the same look


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEntry:
    """One line of the audit log."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    detail: dict[str, object]


PAGE = 200


def entries(
    ledger: Ledger, *, before: int = 0, limit: int = PAGE, subject: str = ""
) -> tuple[AuditEntry, ...]:
    """List who did what, the latest first; `before` is the number of one that was listed: what is older."""
    question = sa.select(*records.columns_of(AuditEntry, audit)).order_by(audit.c.id.desc()).limit(limit)
    if subject:
        question = question.where(audit.c.subject == subject)
    if before:
        question = question.where(audit.c.id < before)
    with ledger.read() as connection:
        return records.read(connection, AuditEntry, question)


def newest_id() -> sa.ScalarSelect[int]:
    """Return the number of the newest line, as a value to ask for within another query."""
    return sa.select(sa.func.max(audit.c.id)).scalar_subquery()


def write(
    ledger: Ledger, *, who: str, action: str, subject: str, detail: Mapping[str, object], now: datetime
) -> None:
    """Write one line of the audit log."""
    with ledger.begin() as connection:
        insert(connection, who=who, action=action, subject=subject, detail=detail, now=now)


def record_view(ledger: Ledger, *, who: str, what: str, subject: str = "", now: datetime) -> None:
    """Write down that somebody looked at personal data in bulk or in full; once a while for the same look."""
    same = (
        audit.c.who == who,
        audit.c.action == VIEW,
        audit.c.subject == subject,
        audit.c.at > now - VIEW_INTERVAL,
        audit.c.at <= now,
    )
    with ledger.begin() as connection:
        recent = connection.scalars(sa.select(audit.c.detail).where(*same))
        if not any(detail.get("what") == what for detail in recent):
            insert(connection, who=who, action=VIEW, subject=subject, detail={"what": what}, now=now)


def insert(
    connection: sa.Connection,
    *,
    who: str,
    action: str,
    subject: str,
    detail: Mapping[str, object] | None = None,
    now: datetime,
) -> None:
    """Write one line within the caller's transaction."""
    facts = {"at": now, "who": who, "action": action, "subject": subject, "detail": dict(detail or {})}
    connection.execute(sa.insert(audit).values(facts))


def purge(connection: sa.Connection, *, before: datetime) -> int:
    """Forget what was done before a moment; gives how many lines that were."""
    return connection.execute(sa.delete(audit).where(audit.c.at < before)).rowcount


def redact(connection: sa.Connection, subjects: Collection[str]) -> None:
    """Take out what was noted about these subjects; that something was done to them stays."""
    connection.execute(sa.update(audit).where(audit.c.subject.in_(subjects)).values(detail={}))


def source(actions: Collection[str]) -> sa.Subquery:
    """Return the lines about these actions, as a table to ask within another query."""
    return sa.select(audit).where(audit.c.action.in_(actions)).subquery("audit")
