"""The hand that spoils `played_books`: writes what none of our code would write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from dispatcher.ledger.schema.tables import message, occurrence
from dispatcher.ledger.sending.recount import recount_shards
from dispatcher.sandbox import provider_log
from tests.played_books import Books

MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
SMS, MAIL = provider_log.SMS_FILE, provider_log.MAIL_FILE
Spoil = Callable[[Books], Any]


def ids(books: Books, step: str = "daily", *, channel: str = "sms", status: str = "sending") -> list[int]:
    """Messages of a step, by id."""
    return books.select(
        sa.select(message.c.id)
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(occurrence.c.step == step, message.c.channel == channel, message.c.status == status)
        .order_by(message.c.id)
    )


def write(one: int, **values: Any) -> sa.Update:
    return sa.update(message).where(message.c.id == one).values(**values)


def both(*spoils: Spoil) -> Spoil:
    return lambda books: [spoil(books) for spoil in spoils]


def changed(step: str = "daily", *, channel: str = "sms", which: int = 0, **values: Any) -> Spoil:
    """Write other values into one message that left."""
    return lambda books: books.spoil(write(ids(books, step, channel=channel)[which], **values))


def left_at(at: time, step: str = "daily", *, channel: str = "sms", days: int = 0, **extra: Any) -> Spoil:
    """Let one message have left at a local time of its day, `days` later."""

    def spoil(books: Books) -> None:
        one = ids(books, step, channel=channel)[0]
        (due_at,) = books.select(
            sa.select(occurrence.c.due_at)
            .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
            .where(message.c.id == one)
        )
        day = books.schedules.to_local(due_at).date() + timedelta(days=days)  # type: ignore[arg-type]
        moment = datetime.combine(day, at, tzinfo=books.schedules.timezone).astimezone(UTC)
        books.spoil(write(one, submitted_at=moment, **extra))

    return spoil


def without_uniqueness(books: Books) -> None:
    """Take away what keeps the database from holding two messages of one occurrence to one address."""
    with books.ledger.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE spoilt AS SELECT * FROM message")
        connection.exec_driver_sql("DROP TABLE message")
        connection.exec_driver_sql("ALTER TABLE spoilt RENAME TO message")


def written_again(books: Books, **values: Any) -> int:
    """Write one message a second time."""
    without_uniqueness(books)
    one, new = ids(books)[0], max(books.select(sa.select(message.c.id))) + 1
    kept = [column for column in message.c if column.name not in {"id", *values}]
    copied = sa.select(sa.literal(new), *kept, *(sa.literal(value) for value in values.values())).where(
        message.c.id == one
    )
    names = ["id", *(column.name for column in kept), *values]
    return books.spoil(sa.insert(message).from_select(names, copied))


def recount(books: Books) -> None:
    while recount_shards(books.ledger, offset=timedelta(hours=7)):
        pass


def log_lines(books: Books, file: str, change: Callable[[list[str]], list[str]]) -> None:
    path = books.sandbox / file
    path.write_text("".join(change(path.read_text().splitlines(keepends=True))))


def log_without_first(file: str) -> Spoil:
    return lambda books: log_lines(books, file, lambda lines: lines[1:])


def log_with_first_twice(file: str, outcome: str = "") -> Spoil:
    def twice(lines: list[str]) -> list[str]:
        return [*lines, lines[0].replace('"outcome":"delivered"', f'"outcome":"{outcome or "delivered"}"')]

    return lambda books: log_lines(books, file, twice)
