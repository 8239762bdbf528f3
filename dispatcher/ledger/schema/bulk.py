"""One statement for many rows, on both databases, at the price of the database alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler

Parameters = Mapping[str, object]
_DriverRows: TypeAlias = list[dict[str, object]] | list[tuple[object, ...]]
Insert = sqlite.Insert | postgresql.Insert


class BulkStatement:
    """A statement with named blanks, for many rows at a time.

    SQLAlchemy looks at every value of every row, which costs more than SQLite takes to store it. So its
    words are made once, and the rows go to the driver as they are: moments as microseconds, JSON as text.
    """

    def __init__(self, statement: sa.Update | Callable[[str], Insert]) -> None:
        self._statement = statement
        self._prepared: dict[str, Callable[[sa.Connection, Sequence[Parameters]], int]] = {}

    def __call__(self, connection: sa.Connection, rows: Sequence[Parameters]) -> int:
        """Run it for every row; gives how many rows of the table it touched."""
        if not rows:
            return 0
        dialect = connection.dialect
        run = self._prepared.get(dialect.name)
        if run is None:
            run = self._prepared[dialect.name] = self._prepare(dialect)
        return run(connection, rows)

    def _prepare(self, dialect: sa.Dialect) -> Callable[[sa.Connection, Sequence[Parameters]], int]:
        statement = self._statement
        compiled = (statement(dialect.name) if callable(statement) else statement).compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        words = compiled.string
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        if compiled.positiontup is None:
            return lambda connection, rows: _run(connection, words, [{**fixed, **row} for row in rows])
        in_order = itemgetter(*compiled.positiontup)
        return lambda connection, rows: _run(connection, words, [in_order({**fixed, **row}) for row in rows])


def _run(connection: sa.Connection, words: str, rows: _DriverRows) -> int:
    return connection.exec_driver_sql(words, rows).rowcount


def insert_into(dialect: str, table: sa.Table) -> Insert:
    """Start an INSERT that knows ON CONFLICT."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


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
    placeholder = "?" if connection.dialect.name == "sqlite" else "%s"
    names = ", ".join(f'"{name}"' for name in columns)
    placeholders = ", ".join([placeholder] * len(columns))
    conflict = " ON CONFLICT DO NOTHING" if ignore else ""
    statement = f"INSERT INTO {table} ({names}) VALUES ({placeholders}){conflict}"  # noqa: S608 - our own names only
    connection.exec_driver_sql(statement, list(rows))
