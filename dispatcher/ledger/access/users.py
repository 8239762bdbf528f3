"""Who may look and act: accounts, sessions, API tokens, and the failed attempts that close the door a while.

Nothing here can be used by whoever reads the database: of sessions and tokens only hashes are kept.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import sqlalchemy as sa

from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import account, api_token, login_attempt, session

Role = Literal["viewer", "lead", "organiser", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "lead", "organiser", "admin")

NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")

SESSION_IDLE_MAX = timedelta(hours=12)
LOGIN_ATTEMPT_WINDOW = timedelta(minutes=15)
TOKEN_USE_RESOLUTION = timedelta(minutes=5)  # a token's last use is written down so often, not at every call


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Somebody who may sign in. `area` is the only area a lead sees."""

    name: str
    role: Role
    area: str
    created_at: datetime
    password_hash: str = ""

    def __repr__(self) -> str:
        """Show no hash in a log."""
        return f"Account(name={self.name!r}, role={self.role!r}, area={self.area!r})"


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiToken:
    """A machine that may ask. `used_at` is exact to five minutes."""

    id: int
    label: str
    role: Role
    created_at: datetime
    created_by: str
    used_at: datetime | None
    revoked_at: datetime | None


def hash_secret(secret: str) -> str:
    """Hash a random secret for keeping; it is long, so one round is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


# --- accounts ----------------------------------------------------------------------------------------


def save(
    ledger: Ledger, name: str, *, role: Role, area: str = "", password_hash: str, who: str, now: datetime
) -> bool:
    """Write an account, new or changed; end its sessions, forget failed attempts. True when it is new."""
    values = {"role": role, "area": area, "password_hash": password_hash, "changed_at": now}
    with ledger.begin() as connection:
        known = connection.scalar(sa.select(account.c.name).where(account.c.name == name)) is not None
        if known:
            connection.execute(sa.update(account).where(account.c.name == name).values(**values))
        else:
            connection.execute(sa.insert(account).values(name=name, created_at=now, **values))
        connection.execute(sa.delete(session).where(session.c.account == name))
        connection.execute(sa.delete(login_attempt).where(login_attempt.c.account == name))
        action = "change-user" if known else "add-user"
        audit_log.insert(
            connection, who=who, action=action, subject=name, detail={"role": role, "area": area}, now=now
        )
    return not known


def remove(ledger: Ledger, name: str, *, who: str, now: datetime) -> bool:
    """Take an account away, and its sessions with it; False when there was none."""
    with ledger.begin() as connection:
        gone = connection.execute(sa.delete(account).where(account.c.name == name)).rowcount
        connection.execute(sa.delete(session).where(session.c.account == name))
        if gone:
            audit_log.insert(connection, who=who, action="remove-user", subject=name, now=now)
    return bool(gone)


def find(ledger: Ledger, name: str) -> Account | None:
    """Return one account."""
    with ledger.read() as connection:
        return records.first(connection, Account, _ACCOUNT.where(account.c.name == name))


def accounts(ledger: Ledger) -> tuple[Account, ...]:
    """List who may sign in, by name."""
    with ledger.read() as connection:
        return records.read(connection, Account, _ACCOUNT.order_by(account.c.name))


_ACCOUNT = sa.select(*records.columns_of(Account, account))


# --- sessions ----------------------------------------------------------------------------------------


def create_session(ledger: Ledger, name: str, token: str, *, now: datetime) -> None:
    """Open a session under a token that is new each time; what has expired is swept out."""
    with ledger.begin() as connection:
        connection.execute(sa.delete(session).where(session.c.expires_at <= now))
        connection.execute(
            sa.insert(session).values(
                token_hash=hash_secret(token), account=name, created_at=now, expires_at=now + SESSION_IDLE_MAX
            )
        )
        audit_log.insert(connection, who=name, action="sign-in", subject=name, now=now)


def session_account(ledger: Ledger, token: str, *, now: datetime) -> Account | None:
    """Return who holds this token; None when nobody does, or not any more."""
    mine = session.c.token_hash == hash_secret(token)
    with ledger.read() as connection:
        expires_at = connection.scalar(
            sa.select(session.c.expires_at).where(mine, session.c.expires_at > now)
        )
        holder = sa.select(session.c.account).where(mine).scalar_subquery()
        found = records.first(connection, Account, _ACCOUNT.where(account.c.name == holder))
    if expires_at is None:
        return None
    if expires_at - now < SESSION_IDLE_MAX / 2:
        with ledger.begin() as connection:
            connection.execute(sa.update(session).where(mine).values(expires_at=now + SESSION_IDLE_MAX))
    return found


def end_session(ledger: Ledger, token: str) -> None:
    """End a session."""
    with ledger.begin() as connection:
        connection.execute(sa.delete(session).where(session.c.token_hash == hash_secret(token)))


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


# --- API tokens --------------------------------------------------------------------------------------


def add_token(ledger: Ledger, token: str, *, label: str, role: Role, who: str, now: datetime) -> int:
    """Let the machine that holds `token` in; gives the number by which it is revoked."""
    with ledger.begin() as connection:
        made: int = connection.execute(
            sa.insert(api_token)
            .values(token_hash=hash_secret(token), label=label, role=role, created_at=now, created_by=who)
            .returning(api_token.c.id)
        ).scalar_one()
        audit_log.insert(
            connection, who=who, action="add-token", subject=label, detail={"role": role}, now=now
        )
    return made


def revoke_token(ledger: Ledger, token_id: int, *, who: str, now: datetime) -> bool:
    """Turn a machine away from now on; False when it was before."""
    with ledger.begin() as connection:
        label = connection.scalar(
            sa.update(api_token)
            .where(api_token.c.id == token_id, api_token.c.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(api_token.c.label)
        )
        if label is not None:
            audit_log.insert(connection, who=who, action="revoke-token", subject=label, now=now)
    return label is not None


def find_token(ledger: Ledger, secret: str, *, now: datetime) -> ApiToken | None:
    """Return which machine holds this token; None when none does."""
    mine = sa.and_(api_token.c.token_hash == hash_secret(secret), api_token.c.revoked_at.is_(None))
    with ledger.read() as connection:
        found = records.first(connection, ApiToken, _TOKEN.where(mine))
    if found is not None and (found.used_at is None or now - found.used_at > TOKEN_USE_RESOLUTION):
        with ledger.begin() as connection:
            connection.execute(sa.update(api_token).where(mine).values(used_at=now))
    return found


def tokens(ledger: Ledger) -> tuple[ApiToken, ...]:
    """List the machines, the latest first."""
    with ledger.read() as connection:
        return records.read(connection, ApiToken, _TOKEN.order_by(api_token.c.id.desc()))


_TOKEN = sa.select(*records.columns_of(ApiToken, api_token))
