"""Who may sign in: accounts with their role, the hash of their password and what their second factor is from.

Nothing here can be used by whoever reads the database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import account, api_token, login_attempt, password_reset, session

Role = Literal["viewer", "lead", "organiser", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "lead", "organiser", "admin")

NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class LastAdministrator(Exception):
    """Nobody would be left who may manage accounts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Somebody who may sign in. `area` is the only area a lead sees.

    `must_change`: somebody else knows the password. `totp_salt`: of the second factor, empty without one;
    `totp_step` is that of the last code used, which counts no second time. `email`: where links for a new
    password and news of the account go; empty: nowhere.
    """

    name: str
    role: Role
    area: str
    created_at: datetime
    password_hash: str = ""
    must_change: int = 0
    totp_salt: str = ""
    totp_step: int = 0
    email: str = ""

    def __repr__(self) -> str:
        """Show no hash in a log."""
        return f"Account(name={self.name!r}, role={self.role!r}, area={self.area!r})"


def save(
    ledger: Ledger,
    name: str,
    *,
    role: Role,
    area: str = "",
    password_hash: str,
    must_change: bool = False,
    who: str,
    now: datetime,
) -> bool:
    """Write an account, new or changed; end its sessions, forget failed attempts. True when it is new."""
    values = {
        "role": role,
        "area": area,
        "password_hash": password_hash,
        "must_change": int(must_change),
        "changed_at": now,
    }
    with ledger.begin() as connection:
        known = _exists(connection, name)
        if known:
            connection.execute(sa.update(account).where(account.c.name == name).values(**values))
        else:
            connection.execute(sa.insert(account).values(name=name, created_at=now, **values))
        _let_in_anew(connection, name)
        action = "change-user" if known else "add-user"
        audit_log.insert(
            connection, who=who, action=action, subject=name, detail={"role": role, "area": area}, now=now
        )
    return not known


def change_role(ledger: Ledger, name: str, *, role: Role, area: str, who: str, now: datetime) -> bool:
    """Give an account another role or area; its password stays, its sessions end. False when there is none.

    Raises LastAdministrator.
    """
    with ledger.begin() as connection:
        if role != "admin":
            _require_another_admin(connection, name)
        changed = connection.execute(
            sa.update(account)
            .where(account.c.name == name)
            .values(role=role, area=area, changed_at=now)
            .returning(account.c.name)
        ).first()
        if changed is None:
            return False
        connection.execute(sa.delete(session).where(session.c.account == name))
        audit_log.insert(
            connection, who=who, action="change-user", subject=name, detail={"role": role, "area": area},
            now=now,
        )  # fmt: skip
    return True


def set_password(
    ledger: Ledger, name: str, *, password_hash: str, must_change: bool, who: str, now: datetime
) -> bool:
    """Give an account another password; its sessions end, the door is open again. False without account."""
    with ledger.begin() as connection:
        return write_password(
            connection, name, password_hash=password_hash, must_change=must_change, who=who, now=now
        )


def write_password(
    connection: sa.Connection, name: str, *, password_hash: str, must_change: bool, who: str, now: datetime
) -> bool:
    """Do what `set_password` does, within a transaction of the caller's."""
    if not _exists(connection, name):
        return False
    connection.execute(
        sa.update(account)
        .where(account.c.name == name)
        .values(password_hash=password_hash, must_change=int(must_change), changed_at=now)
    )
    _let_in_anew(connection, name)
    audit_log.insert(connection, who=who, action="change-password", subject=name, now=now)
    return True


def set_email(ledger: Ledger, name: str, email: str, *, who: str, now: datetime) -> bool:
    """Say where links for a new password go (empty: nowhere); those sent before end. False: no account."""
    with ledger.begin() as connection:
        if not _exists(connection, name):
            return False
        connection.execute(
            sa.update(account).where(account.c.name == name).values(email=email, changed_at=now)
        )
        connection.execute(sa.delete(password_reset).where(password_reset.c.account == name))
        action = "set-email" if email else "remove-email"
        audit_log.insert(connection, who=who, action=action, subject=name, now=now)
    return True


def set_second_factor(ledger: Ledger, name: str, *, salt: str, step: int, who: str, now: datetime) -> bool:
    """Ask for a second factor from now on, or no more (empty `salt`); `step`: of the code that proved it."""
    with ledger.begin() as connection:
        changed = connection.execute(
            sa.update(account)
            .where(account.c.name == name)
            .values(totp_salt=salt, totp_step=step, changed_at=now)
            .returning(account.c.name)
        ).first()
        if changed is not None:
            action = "add-second-factor" if salt else "remove-second-factor"
            audit_log.insert(connection, who=who, action=action, subject=name, now=now)
    return changed is not None


def use_code(ledger: Ledger, name: str, step: int) -> bool:
    """Note that a code of the second factor was used; False when it, or a later one, was before."""
    with ledger.begin() as connection:
        used = connection.execute(
            sa.update(account)
            .where(account.c.name == name, account.c.totp_step < step)
            .values(totp_step=step)
            .returning(account.c.name)
        ).first()
    return used is not None


def remove(ledger: Ledger, name: str, *, who: str, now: datetime) -> bool:
    """Take an account away, its sessions and the tokens it made; False when there was none."""
    with ledger.begin() as connection:
        gone = connection.execute(sa.delete(account).where(account.c.name == name)).rowcount
        _end_ways_in(connection, name)
        if not gone:
            return False
        ended = connection.execute(
            sa.update(api_token)
            .where(api_token.c.created_by == name, api_token.c.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(api_token.c.label)
        ).scalars()
        for label in ended.all():
            audit_log.insert(connection, who=who, action="revoke-token", subject=label, now=now)
        audit_log.insert(connection, who=who, action="remove-user", subject=name, now=now)
    return True


def find(ledger: Ledger, name: str) -> Account | None:
    """Return one account."""
    with ledger.read() as connection:
        return records.first(connection, Account, ACCOUNT.where(account.c.name == name))


def accounts(ledger: Ledger) -> tuple[Account, ...]:
    """List who may sign in, by name."""
    with ledger.read() as connection:
        return records.read(connection, Account, ACCOUNT.order_by(account.c.name))


def _exists(connection: sa.Connection, name: str) -> bool:
    return connection.scalar(sa.select(account.c.name).where(account.c.name == name)) is not None


def _let_in_anew(connection: sa.Connection, name: str) -> None:
    _end_ways_in(connection, name)
    connection.execute(sa.delete(login_attempt).where(login_attempt.c.account == name))


def _end_ways_in(connection: sa.Connection, name: str) -> None:
    connection.execute(sa.delete(session).where(session.c.account == name))
    connection.execute(sa.delete(password_reset).where(password_reset.c.account == name))


def _require_another_admin(connection: sa.Connection, name: str) -> None:
    is_admin = account.c.role == "admin"
    admins = connection.scalars(sa.select(account.c.name).where(is_admin)).all()
    if list(admins) == [name]:
        raise LastAdministrator


ACCOUNT = sa.select(*records.columns_of(Account, account))
