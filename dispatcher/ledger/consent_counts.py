"""Opt-outs counted by the way they came."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.tables import consent


def opt_outs(ledger: Ledger) -> dict[str, int]:
    """Count every opt-out there ever was: keyword, link, one-click, provider, import, web, bounce."""
    question = (
        sa.select(consent.c.how, sa.func.count()).where(consent.c.action == "opt-out").group_by(consent.c.how)
    )
    with ledger.read() as connection:
        return {row[0] or "-": row[1] for row in connection.execute(question)}
