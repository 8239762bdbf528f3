"""Small facts the ledger keeps about itself."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger import LastStatement, Ledger
from dispatcher.ledger.schema.bulk import insert_into
from dispatcher.ledger.schema.tables import meta


def setdefault(ledger: Ledger, key: str, value: str) -> str:
    """Write `value` under `key` unless something stands there; gives what stands there."""
    with ledger.begin() as connection:
        connection.execute(ledger.insert(meta).values(key=key, value=value).on_conflict_do_nothing())
        stored: str = connection.execute(sa.select(meta.c.value).where(meta.c.key == key)).scalar_one()
    return stored


def put(ledger: Ledger, key: str, value: str, *, also: LastStatement | None = None) -> None:
    """Write `value` under `key`, whatever stood there; `also` runs in the same transaction."""
    with ledger.begin() as connection:
        write(connection, key, value)
        if also is not None:
            also(connection)


def get(ledger: Ledger, key: str) -> str:
    """Read what stands under `key`; empty when nothing does."""
    with ledger.read() as connection:
        return read(connection, key)


def write(connection: sa.Connection, key: str, value: str) -> None:
    """Do what `put` does, within the caller's transaction."""
    statement = insert_into(connection.dialect.name, meta).values(key=key, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def read(connection: sa.Connection, key: str) -> str:
    """Do what `get` does, within the caller's transaction."""
    return connection.scalar(sa.select(meta.c.value).where(meta.c.key == key)) or ""


def remove(ledger: Ledger, key: str, *, also: LastStatement | None = None) -> None:
    """Take away what stands under `key`; `also` runs in the same transaction."""
    with ledger.begin() as connection:
        connection.execute(sa.delete(meta).where(meta.c.key == key))
        if also is not None:
            also(connection)
