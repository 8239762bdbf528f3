"""Inserts many rows with one statement, on both databases."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa


def insert(
    connection: sa.Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[tuple[object, ...]],
    *,
    ignore: bool = False,
) -> None:
    """Insert plain tuples: building a dictionary a row would cost as much as SQLite itself.

    Values go to the driver as they are: moments as microseconds, JSON as text. `ignore` passes over rows
    that are there already.
    """
    if not rows:
        return
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join([mark] * len(columns))
    conflict = " ON CONFLICT DO NOTHING" if ignore else ""
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks}){conflict}"  # noqa: S608 - our own names only
    connection.exec_driver_sql(statement, list(rows))
