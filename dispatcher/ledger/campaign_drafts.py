"""Campaigns in the making: what schedules.toml does not have yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import campaign_draft


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignDraft:
    """A draft. `fragment` is the campaign as the file would have it; `base` the file it was begun on."""

    name: str
    fragment: str
    base: str
    starter: str
    saved_at: datetime
    saved_by: str


def save(ledger: Ledger, draft: CampaignDraft) -> None:
    """Keep a draft, in place of the one of its name."""
    values = {field: getattr(draft, field) for field in CampaignDraft.__slots__}
    statement = ledger.insert(campaign_draft).values(**values)
    with ledger.begin() as connection:
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def find(ledger: Ledger, name: str) -> CampaignDraft | None:
    """Return the draft of a campaign; None when there is none."""
    question = sa.select(*records.columns_of(CampaignDraft, campaign_draft)).where(
        campaign_draft.c.name == name
    )
    with ledger.read() as connection:
        return records.first(connection, CampaignDraft, question)


def all_drafts(ledger: Ledger) -> tuple[CampaignDraft, ...]:
    """Return every draft, the one saved last first."""
    question = sa.select(*records.columns_of(CampaignDraft, campaign_draft)).order_by(
        campaign_draft.c.saved_at.desc(), campaign_draft.c.name
    )
    with ledger.read() as connection:
        return records.read(connection, CampaignDraft, question)


def discard(ledger: Ledger, name: str) -> None:
    """Forget a draft."""
    with ledger.begin() as connection:
        connection.execute(sa.delete(campaign_draft).where(campaign_draft.c.name == name))
