"""What the ledger knows about mail that came back: whom we wrote to lately, and who never gets anything."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import was_sent
from dispatcher.ledger.schema.tables import event, message

SOFT_BOUNCES_MAX = 5  # mails in a row that came back for the moment's sake: then the address is dead


def last_mail_to(ledger: Ledger, address: str, *, since: datetime) -> int | None:
    """Return the message that was mailed to `address` last, if that was after `since`."""
    with ledger.read() as connection:
        message_id: int | None = connection.scalar(
            sa.select(message.c.id)
            .where(
                message.c.address.in_({address, address.lower()}),
                message.c.channel == "email",
                message.c.submitted_at > since,
                was_sent(),
            )
            .order_by(message.c.submitted_at.desc(), message.c.id.desc())
            .limit(1)
        )
    return message_id


def repeated_soft_bounces(connection: sa.Connection, addresses: Collection[str]) -> list[str]:
    """Return those of `addresses` whose last five mails all came back for the moment's sake.

    What counts is what was reported of each mail's present attempt, not how it stands now: that makes the
    answer the same in whatever order the reports came.
    """
    if not addresses:
        return []
    soft = sa.exists().where(
        event.c.message_id == message.c.id,
        event.c.kind == "bounce",
        event.c.error_class == "temporary",
        event.c.processed_at.is_not(None),
        event.c.attempt.in_((0, message.c.attempt)),
    )
    position = sa.func.row_number().over(
        partition_by=message.c.address, order_by=(message.c.submitted_at.desc(), message.c.id.desc())
    )
    last = (
        sa.select(message.c.address, sa.case((soft, 1), else_=0).label("soft"), position.label("place"))
        .where(
            message.c.address.in_(addresses),
            message.c.channel == "email",
            was_sent(),
        )
        .subquery()
    )
    return list(
        connection.scalars(
            sa.select(last.c.address)
            .where(last.c.place <= SOFT_BOUNCES_MAX)
            .group_by(last.c.address)
            .having(sa.func.sum(last.c.soft) == SOFT_BOUNCES_MAX)
        )
    )
