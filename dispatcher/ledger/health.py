"""Whether the database answers, and how far its clock is from ours."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger


def database_now(ledger: Ledger) -> datetime | None:
    """Ask the database what time it is; None for SQLite, which has no clock of its own."""
    with ledger.read() as connection:
        if ledger.dialect == "sqlite":
            connection.execute(sa.select(1))
            return None
        told: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return told.astimezone(UTC)
