"""What tables are made of, one text for SQLite and PostgreSQL.

Moments are microseconds since 1970 in UTC (`Instant`): both databases compare and add them the same way.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY_MICROS = timedelta(days=1) // MICROSECOND


def to_micros(moment: datetime) -> int:
    """Express an aware moment in microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Express microseconds since 1970 as an aware moment in UTC."""
    return EPOCH + timedelta(microseconds=micros)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware moment, stored as microseconds since 1970 in UTC."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


class LocalDay(sa.types.TypeDecorator[date]):
    """A day, stored as days since 1970; 0 stands for none."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: sa.Dialect) -> int:
        return 0 if value is None else value.toordinal() - EPOCH.toordinal()

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> date | None:
        return date.fromordinal(EPOCH.toordinal() + value) if value else None


def day_of(instant: sa.ColumnElement[datetime], offset: timedelta) -> sa.ColumnElement[date]:
    """Return the local day of a moment; `offset` is what local time is ahead of UTC."""
    micros = sa.type_coerce(instant, sa.BigInteger) + offset // MICROSECOND
    return sa.type_coerce(micros // DAY_MICROS, LocalDay)


# SQLite counts rows by itself only in a column that is exactly INTEGER.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Text = sa.Text()
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def table(name: str, *items: sa.schema.SchemaItem, sqlite_with_rowid: bool = True) -> sa.Table:
    """Make a table of the ledger."""
    return sa.Table(name, metadata, *items, sqlite_with_rowid=sqlite_with_rowid)


def text(name: str, *, default: str = "", unique: bool | None = None) -> sa.Column[str]:
    """Make a column of text that is never null."""
    return sa.Column(name, Text, nullable=False, server_default=default, unique=unique)


def count(name: str, *, default: int = 0) -> sa.Column[int]:
    """Make a column of a small whole number that is never null."""
    return sa.Column(name, sa.Integer, nullable=False, server_default=str(default))
