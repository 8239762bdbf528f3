"""The few people of the tests, made up, written straight into a ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from dispatcher.campaign.step_kinds import Kind
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import address, contact, contact_import, person
from dispatcher.ledger.sending import campaign_states, rate_limits
from dispatcher.plan import Occurrence
from dispatcher.vietnamese.text import fold

NOON = datetime(2025, 11, 8, 5, 0, tzinfo=UTC)  # 12:00 in Việt Nam
CAMPAIGN = "cong-dan-so"
HOUR = timedelta(hours=1)


def phone_number(n: int) -> str:
    """A made-up mobile."""
    return f"+84900{n:06d}"


def add_people(
    ledger: Ledger,
    *people: tuple[str, str, str, str],
    state: str = "active",
    held_reason: str = "",
    area: str = "Thôn Đông",
) -> list[int]:
    """Write (audience, name, phone, mail) rows; the same name is the same person. Gives person ids."""
    ids = []
    with ledger.begin() as connection:
        if connection.scalar(sa.select(sa.func.count()).select_from(contact_import)) == 0:
            connection.execute(sa.insert(contact_import).values(id=1, at=NOON, who="test", summary={}))
        for audience, name, phone, mail in people:
            found = connection.scalar(sa.select(person.c.id).where(person.c.name == name))
            if found is None:
                found = connection.execute(
                    sa.insert(person)
                    .values(name=name, name_key=fold(name), area=area, area_key=fold(area))
                    .returning(person.c.id)
                ).scalar_one()
                for channel, value in (("sms", phone), ("email", mail)):
                    if value:
                        row = {"person_id": found, "channel": channel, "address": value}
                        connection.execute(sa.insert(address).values(**row))
            connection.execute(
                sa.insert(contact).values(
                    person_id=found, audience=audience, import_id=1, state=state, held_reason=held_reason
                )
            )
            ids.append(found)
    return ids


def add_residents(ledger: Ledger, count: int, *, audience: str = "residents", first: int = 0) -> None:
    """Write `count` residents with a number each."""
    add_people(ledger, *((audience, f"Người {n}", phone_number(n), "") for n in range(first, first + count)))


def start_campaign(ledger: Ledger, *, rate: float = 1000.0) -> None:
    """Let the campaign of the tests begin, over a gateway named test."""
    campaign_states.ensure(ledger, CAMPAIGN, now=NOON)
    rate_limits.set_max_rate(ledger, "test", rate)


def make_occurrence(
    step: str = "3-days",
    *,
    key: str = "k",
    kind: Kind = "warning",
    due_at: datetime = NOON,
    expires_at: datetime = NOON + 8 * HOUR,
    audiences: tuple[str, ...] = ("residents",),
    leads_only: bool = False,
) -> Occurrence:
    """An occurrence that is due."""
    return Occurrence(
        campaign=CAMPAIGN,
        step=step,
        key=key,
        kind=kind,
        template=step,
        due_at=due_at,
        expires_at=expires_at,
        audiences=audiences,
        leads_only=leads_only,
    )
