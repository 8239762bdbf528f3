"""Links for a new password that were mailed: of each only a hash is kept, for a short while, for one use."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.access import users
from dispatcher.ledger.access.sessions import hash_secret
from dispatcher.ledger.access.users import ACCOUNT, Account
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import account, password_reset

VALID = timedelta(minutes=30)
COUNTED = timedelta(hours=1)
PER_ACCOUNT_MAX = 3  # within COUNTED: nobody's mailbox is flooded through us


def accounts_meant(ledger: Ledger, typed: str) -> tuple[Account, ...]:
    """Return the accounts with a mail address that somebody means who typed a name, or that address."""
    if not typed:
        return ()
    meant = sa.or_(account.c.name == typed, account.c.email == typed.lower())
    question = ACCOUNT.where(meant, account.c.email != "").order_by(account.c.name)
    with ledger.read() as connection:
        return records.read(connection, Account, question)


def add(ledger: Ledger, name: str, token: str, *, now: datetime) -> bool:
    """Keep a new link's token; False when there were enough of them lately."""
    with ledger.begin() as connection:
        connection.execute(sa.delete(password_reset).where(password_reset.c.created_at <= now - COUNTED))
        recent = connection.scalar(
            sa.select(sa.func.count()).select_from(password_reset).where(password_reset.c.account == name)
        )
        if (recent or 0) >= PER_ACCOUNT_MAX:
            return False
        connection.execute(
            sa.insert(password_reset).values(token_hash=hash_secret(token), account=name, created_at=now)
        )
        audit_log.insert(connection, who=name, action="send-reset", subject=name, now=now)
    return True


def find(ledger: Ledger, token: str, *, now: datetime) -> Account | None:
    """Return whose link this is; None when it is nobody's, too old, or was used."""
    question = ACCOUNT.join(password_reset, password_reset.c.account == account.c.name)
    with ledger.read() as connection:
        return records.first(connection, Account, question.where(_stands(token, now)))


def redeem(ledger: Ledger, token: str, *, password_hash: str, now: datetime) -> bool:
    """Set the password by a link, once: it and all others of the account end with it. False: it is none."""
    with ledger.begin() as connection:
        name = connection.scalar(
            sa.delete(password_reset).where(_stands(token, now)).returning(password_reset.c.account)
        )
        return name is not None and users.write_password(
            connection, name, password_hash=password_hash, must_change=False, who=name, now=now
        )


def _stands(token: str, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        password_reset.c.token_hash == hash_secret(token), password_reset.c.created_at > now - VALID
    )
