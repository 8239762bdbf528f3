"""Which machines may ask: API tokens, of which only hashes are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.i18n import N_
from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.access.sessions import hash_secret
from dispatcher.ledger.access.users import Role
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import api_token

USE_RESOLUTION = timedelta(minutes=5)  # a token's last use is written down so often, not at every call
SCOPES: Mapping[str, str] = {
    "campaigns": N_("campaigns: their plan and how they stand; with the right to act: pause and resume"),
    "participation": N_("who took part: the figures; with the right to act: report it"),
    "opt-outs": N_("opt-outs, with their numbers: read and report"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiToken:
    """A machine that may ask. `used_at` is exact to five minutes.

    `scopes` are parted by spaces, none: whatever its role may; `campaign` is the only one it may ask about.
    """

    id: int
    label: str
    role: Role
    created_at: datetime
    created_by: str
    used_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None = None
    scopes: str = ""
    campaign: str = ""

    def has_scope(self, scope: str) -> bool:
        """Return whether it was made for this."""
        return not self.scopes or scope in self.scopes.split()

    def may_ask_about(self, campaign: str) -> bool:
        """Return whether it was made for this campaign (empty: for things that belong to none)."""
        return self.campaign in ("", campaign)


def add(
    ledger: Ledger,
    token: str,
    *,
    label: str,
    role: Role,
    scopes: str = "",
    campaign: str = "",
    expires_at: datetime | None = None,
    who: str,
    now: datetime,
) -> int:
    """Let the machine that holds `token` in; gives the number by which it is revoked."""
    values = {"label": label, "role": role, "scopes": scopes, "campaign": campaign, "expires_at": expires_at}
    with ledger.begin() as connection:
        made: int = connection.execute(
            sa.insert(api_token)
            .values(token_hash=hash_secret(token), created_at=now, created_by=who, **values)
            .returning(api_token.c.id)
        ).scalar_one()
        detail = {"role": role} | ({"scopes": scopes} if scopes else {}) | (
            {"campaign": campaign} if campaign else {}
        )  # fmt: skip
        audit_log.insert(connection, who=who, action="add-token", subject=label, detail=detail, now=now)
    return made


def revoke(ledger: Ledger, token_id: int, *, who: str, now: datetime) -> bool:
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


def find(ledger: Ledger, secret: str, *, now: datetime) -> ApiToken | None:
    """Return which machine holds this token; None when none does, or its time is over."""
    mine = api_token.c.token_hash == hash_secret(secret)
    stands = sa.and_(
        api_token.c.revoked_at.is_(None),
        sa.or_(api_token.c.expires_at.is_(None), api_token.c.expires_at > now),
    )
    with ledger.read() as connection:
        found = records.first(connection, ApiToken, _TOKEN.where(mine, stands))
    if found is not None and (found.used_at is None or now - found.used_at > USE_RESOLUTION):
        with ledger.begin() as connection:
            connection.execute(sa.update(api_token).where(mine).values(used_at=now))
    return found


def tokens(ledger: Ledger) -> tuple[ApiToken, ...]:
    """List the machines, the latest first."""
    with ledger.read() as connection:
        return records.read(connection, ApiToken, _TOKEN.order_by(api_token.c.id.desc()))


_TOKEN = sa.select(*records.columns_of(ApiToken, api_token))
