"""One number that moves with every decision about who may be written to, or what.

Whoever opts somebody out, loads a list, pauses a campaign or keeps another edition of the schedules marks it;
what was claimed under an earlier number goes back and is decided about anew. Reading it costs one row.
"""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger import LAST_STATEMENTS
from dispatcher.ledger.schema.bulk import insert_into
from dispatcher.ledger.schema.tables import meta

KEY = "revision"


def mark(connection: sa.Connection) -> None:
    """Let the number move when the caller's transaction (`Ledger.begin`) commits."""
    connection.info[LAST_STATEMENTS].add(_move)


def read(connection: sa.Connection) -> int:
    """Return the number as it stands; read it before what it speaks of."""
    return int(connection.scalar(_CURRENT) or 0)


def _move(connection: sa.Connection) -> None:
    if not connection.execute(_MOVE).rowcount:
        first = insert_into(connection.dialect.name, meta).values(key=KEY, value="1")
        connection.execute(first.on_conflict_do_update(index_elements=["key"], set_={"value": _NEXT}))


_MINE = meta.c.key == KEY
_CURRENT = sa.select(meta.c.value).where(_MINE)
_NEXT = sa.cast(sa.cast(meta.c.value, sa.BigInteger) + 1, sa.Text)
_MOVE = sa.update(meta).where(_MINE).values(value=_NEXT)
