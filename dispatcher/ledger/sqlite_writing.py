"""SQLite's one writer: who waits for it looks often, who writes batch after batch lets others in between.

SQLite has no queue of writers. Waiting by itself it looks ten times a second in the end, and a list that is
taken in batch by batch is gone before it looks and back when it does: sending stood still for five seconds.
"""

from __future__ import annotations

import sqlite3
import time

import sqlalchemy as sa

WAIT_SECONDS = 10.0
LOOK_MILLISECONDS = 5  # SQLite looks three times within these
PAUSE_SECONDS = 0.02  # between batches: whoever waits has looked


def begin(connection: sa.Connection) -> None:
    """Begin a transaction that writes, after whoever does. Raises OperationalError after WAIT_SECONDS."""
    line = connection.connection.driver_connection
    assert isinstance(line, sqlite3.Connection)
    until = time.monotonic() + WAIT_SECONDS
    line.execute(f"PRAGMA busy_timeout={LOOK_MILLISECONDS}")
    try:
        while time.monotonic() < until:
            try:
                line.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    break
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # what stands in its way, in SQLAlchemy's words
    finally:
        line.execute(f"PRAGMA busy_timeout={int(WAIT_SECONDS * 1000)}")


def pause() -> None:
    """Let others write, between two batches."""
    time.sleep(PAUSE_SECONDS)
