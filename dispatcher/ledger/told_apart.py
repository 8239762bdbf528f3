"""Steps that look renamed and are not: somebody has told the new name apart from the old one."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.schema import revision
from dispatcher.ledger.schema.tables import meta, occurrence

KEY = "told-apart"  # meta: "told-apart CAMPAIGN OLD NEW", since when; names have no blanks


def tell_apart(ledger: Ledger, campaign: str, old: str, new: str, *, who: str, now: datetime) -> bool:
    """Let the step `new` be another one than `old`, so that it goes out; False when nobody knows `old`."""
    with ledger.begin() as connection:
        is_known = sa.exists().where(occurrence.c.campaign == campaign, occurrence.c.step == old)
        if not connection.scalar(sa.select(is_known)):
            return False
        statement = ledger.insert(meta).values(key=f"{KEY} {campaign} {old} {new}", value=now.isoformat())
        connection.execute(statement.on_conflict_do_nothing())
        revision.mark(connection)
        audit_log.insert(
            connection, who=who, action="tell-apart", subject=f"step {campaign} {old}", detail={"from": new},
            now=now,
        )  # fmt: skip
    return True


def pairs(ledger: Ledger) -> frozenset[tuple[str, str, str]]:
    """Return what was told apart: campaign, old step, new step."""
    with ledger.read() as connection:
        keys = connection.scalars(
            sa.select(meta.c.key).where(meta.c.key.startswith(f"{KEY} ", autoescape=True))
        )
        return frozenset((campaign, old, new) for _key, campaign, old, new in map(str.split, keys))


def carry_over(connection: sa.Connection, campaign: str, new: str) -> None:
    """Let what was told apart in a campaign hold under its new name."""
    before, after = f"{KEY} {campaign} ", f"{KEY} {new} "
    for key in connection.scalars(
        sa.select(meta.c.key).where(meta.c.key.startswith(before, autoescape=True))
    ).all():
        moved = after + key.removeprefix(before)
        connection.execute(sa.delete(meta).where(meta.c.key == moved))
        connection.execute(sa.update(meta).where(meta.c.key == key).values(key=moved))
