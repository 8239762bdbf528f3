"""Who is signed in, and the failed attempts that close the door a while. Of sessions only hashes are kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.access.users import ACCOUNT, Account
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import account, login_attempt, session

SESSION_IDLE_MAX = timedelta(hours=12)
SESSION_LIFETIME_MAX = timedelta(days=7)  # however busy: then the password is asked for again
LOGIN_ATTEMPT_WINDOW = timedelta(minutes=15)
ID_LENGTH = 16  # of a session's hash, to name it by: enough to tell one's own apart, useless as a key


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """Somebody signed in somewhere."""

    token_hash: str
    account: str
    created_at: datetime
    expires_at: datetime
    source: str
    browser: str

    @property
    def id(self) -> str:
        """What it is named by on its owner's page."""
        return self.token_hash[:ID_LENGTH]

    def __repr__(self) -> str:
        """Show no hash in a log."""
        return f"Session(account={self.account!r}, source={self.source!r})"


class SignedIn(NamedTuple):
    """An account and the session it is used in."""

    account: Account
    session: Session


def hash_secret(secret: str) -> str:
    """Hash a random secret for keeping; it is long, so one round is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_session(
    ledger: Ledger, name: str, token: str, *, source: str = "", browser: str = "", now: datetime
) -> None:
    """Open a session under a token that is new each time; what has expired is swept out."""
    with ledger.begin() as connection:
        connection.execute(sa.delete(session).where(session.c.expires_at <= now))
        connection.execute(
            sa.insert(session).values(
                token_hash=hash_secret(token),
                account=name,
                created_at=now,
                expires_at=now + SESSION_IDLE_MAX,
                source=source,
                browser=browser,
            )
        )
        audit_log.insert(
            connection, who=name, action="sign-in", subject=name,
            detail={"source": source} if source else {}, now=now,
        )  # fmt: skip


def find_session(ledger: Ledger, token: str, *, now: datetime) -> SignedIn | None:
    """Return who holds this token; None when nobody does, or not any more."""
    mine = session.c.token_hash == hash_secret(token)
    with ledger.read() as connection:
        found = records.first(connection, Session, _SESSION.where(mine, session.c.expires_at > now))
        if found is None:
            return None
        holder = records.first(connection, Account, ACCOUNT.where(account.c.name == found.account))
    if holder is None:
        return None
    last = min(now + SESSION_IDLE_MAX, found.created_at + SESSION_LIFETIME_MAX)
    if found.expires_at - now < SESSION_IDLE_MAX / 2 and last > found.expires_at:
        with ledger.begin() as connection:
            connection.execute(sa.update(session).where(mine).values(expires_at=last))
    return SignedIn(holder, found)


def sessions_of(ledger: Ledger, name: str, *, now: datetime) -> tuple[Session, ...]:
    """List the sessions of an account that stand, the latest first."""
    question = _SESSION.where(session.c.account == name, session.c.expires_at > now)
    with ledger.read() as connection:
        return records.read(connection, Session, question.order_by(session.c.created_at.desc()))


def end_session(ledger: Ledger, token: str) -> None:
    """End a session."""
    with ledger.begin() as connection:
        connection.execute(sa.delete(session).where(session.c.token_hash == hash_secret(token)))


def end_session_by_id(ledger: Ledger, name: str, session_id: str) -> None:
    """End one of an account's sessions, named by its `id`."""
    with ledger.begin() as connection:
        connection.execute(
            sa.delete(session).where(
                session.c.account == name, sa.func.substr(session.c.token_hash, 1, ID_LENGTH) == session_id
            )
        )


class FailedLogins(NamedTuple):
    """Recent failed attempts, by what they share with the one at hand."""

    by_name: int
    by_source: int
    by_name_and_source: int


def failed_logins(ledger: Ledger, *, name: str, source: str, now: datetime) -> FailedLogins:
    """Count the failed attempts of the last LOGIN_ATTEMPT_WINDOW for this name, and from this source."""
    same_name, same_source = login_attempt.c.account == name, login_attempt.c.source == source
    counts = [
        sa.func.count(sa.case((same, 1)))
        for same in (same_name, same_source, sa.and_(same_name, same_source))
    ]
    recent = sa.and_(login_attempt.c.at > now - LOGIN_ATTEMPT_WINDOW, login_attempt.c.failed == 1)
    with ledger.read() as connection:
        row = connection.execute(sa.select(*counts).where(recent)).one()
    return FailedLogins._make(row)


def record_login_attempt(ledger: Ledger, *, name: str, source: str, ok: bool, now: datetime) -> None:
    """Write an attempt down; one that succeeds clears the name, older ones are forgotten."""
    with ledger.begin() as connection:
        old = login_attempt.c.at <= now - LOGIN_ATTEMPT_WINDOW
        mine = login_attempt.c.account == name
        connection.execute(sa.delete(login_attempt).where(sa.or_(old, mine) if ok else old))
        if not ok:
            connection.execute(sa.insert(login_attempt).values(at=now, account=name, source=source, failed=1))


_SESSION = sa.select(*records.columns_of(Session, session))
