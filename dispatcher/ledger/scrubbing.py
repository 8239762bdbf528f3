"""Lets what was deleted be gone from the disk as well.

SQLite overwrites a row that goes. But where it has moved rows between pages before, it has left copies in the
gaps of these, which nobody overwrites: only a file written anew (VACUUM) has none. That takes the write lock
and the file's size twice, so a large ledger waits for a quiet time; until then a mark says that it is due.
PostgreSQL keeps what was deleted until its own housekeeping comes by: that is said where people erase.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import sqlite3

import sqlalchemy as sa

from dispatcher.ledger import Ledger, sqlite_file
from dispatcher.ledger.schema import key_values
from dispatcher.ledger.schema.tables import meta

logger = logging.getLogger(__name__)

DUE = "scrub-due"
AT_ONCE_BYTES = 32 * 2**20  # written anew within a second: nobody who writes waits for longer
ROOM_FACTOR = 2  # the copy, and the log by which it takes the place of the file


def mark(connection: sa.Connection) -> None:
    """Write down, in the caller's transaction, that something was deleted for good."""
    if connection.dialect.name != "sqlite":
        return
    # Each its own value: who scrubs takes down only what was there when it began.
    key_values.write(connection, DUE, secrets.token_hex(8))


def is_due(ledger: Ledger) -> bool:
    """Return whether copies of what was deleted may still stand in the ledger's file."""
    return bool(key_values.get(ledger, DUE))


def scrub(ledger: Ledger, *, at_most: int | None = AT_ONCE_BYTES) -> bool:
    """Write the file anew where a mark says so; gives whether nothing is left to do.

    Left for later is a file of more than `at_most` bytes (None: any will do), one that others use just now,
    and one for which the disk has no room.
    """
    due = key_values.get(ledger, DUE)
    if not due:
        return True
    with ledger.engine.connect() as connection:
        line = connection.connection.driver_connection  # SQLite's own: outside a transaction
        assert isinstance(line, sqlite3.Connection)
        try:
            is_rewritten = _rewrite(ledger, line, at_most)
            is_cut_off = not line.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError as error:
            logger.warning(
                "the ledger cannot be written anew now: %s", error, extra={"action": "scrub-waits"}
            )
            return False
    if is_rewritten and is_cut_off:
        with ledger.begin() as writing:
            writing.execute(sa.delete(meta).where(meta.c.key == DUE, meta.c.value == due))
    return is_rewritten and is_cut_off


def _rewrite(ledger: Ledger, line: sqlite3.Connection, at_most: int | None) -> bool:
    (pages,) = line.execute("PRAGMA page_count").fetchone()
    (page_bytes,) = line.execute("PRAGMA page_size").fetchone()
    size, file = pages * page_bytes, sqlite_file(ledger.url)
    if at_most is not None and size > at_most:
        return False
    if file is not None and shutil.disk_usage(file.parent).free < size * ROOM_FACTOR:
        logger.warning("no room to write the ledger anew: %d bytes are needed", size * ROOM_FACTOR,
                       extra={"action": "scrub-waits"})  # fmt: skip
        return False
    line.execute("VACUUM")
    return True
