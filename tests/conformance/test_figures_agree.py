"""Whatever is known of people, the figures about them agree: one base, and sums that are sums."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import people_counts
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema import tables
from dispatcher.report.ranking import rank_areas
from tests.ledger_fixture import CAMPAIGN, HOUR, NOON, add_people, phone_number

AREAS = ("Thôn Đông", "Thôn Tây", "Thôn Dong", "")
ZONE = timedelta(hours=7)
# area, has a number, state, hours since they took part (None: they have not), said no
PERSON = st.tuples(
    st.sampled_from(AREAS),
    st.booleans(),
    st.sampled_from(("active", "active", "active", "held", "gone")),
    st.sampled_from((None, None, 0, 1, 30, 60)),
    st.booleans(),
)


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(database_url)
    yield opened
    opened.close()


def empty(ledger: Ledger) -> None:
    with ledger.begin() as connection:
        for table in ("participation_claim", "participation", "suppression", "contact", "address", "person"):
            connection.execute(sa.delete(tables.metadata.tables[table]))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(PERSON, max_size=12))
def test_figures_agree_whatever_is_known(
    ledger: Ledger, people: list[tuple[str, bool, str, int | None, bool]]
) -> None:
    empty(ledger)
    for n, (area, has_number, state, hours, said_no) in enumerate(people):
        number = phone_number(n) if has_number else ""
        [one] = add_people(ledger, ("residents", f"Người {n}", number, ""), state=state, area=area)
        if hours is not None:
            learnt = NOON - hours * HOUR
            fact = Participation(campaign=CAMPAIGN, person_id=one, at=learnt, source=f"list {n % 2}")
            participation.record(ledger, [fact], now=learnt)
        if said_no and has_number:
            suppressions.opt_out(
                ledger, [OptOut(channel="sms", address=number, who="x", how="cli")], now=NOON
            )
    audiences = ["residents"]
    by_area = people_counts.by_area(ledger, CAMPAIGN, audiences, earlier_than=NOON - 24 * HOUR)
    growth = people_counts.participation_by_day(ledger, CAMPAIGN, audiences, offset=ZONE)
    today = (NOON + ZONE).date()
    found = rank_areas(by_area, growth, start=today - timedelta(days=9), today=today, last_day=today)
    names = (
        "people",
        "reached",
        "unreachable",
        "opted_out",
        "took_part",
        "since_yesterday",
        "without_address",
    )
    for name in names:
        assert sum(getattr(row, name) for row in found.areas) == getattr(found.total, name), name
    active = [one for one in people if one[2] == "active"]
    assert found.total.people == len(active)
    assert found.total.without_address == sum(not has_number for _area, has_number, *_rest in active)
    for row in (*found.areas, found.total):
        assert 0 <= row.since_yesterday <= row.took_part <= row.people
        assert row.without_address <= row.people
    assert sum(count for _day, count in found.per_day) == found.total.took_part
    sources = people_counts.participation_sources(ledger, CAMPAIGN, audiences)
    assert sum(count for _source, count in sources) == found.total.took_part
    others = people_counts.participants_not_counted(ledger, CAMPAIGN, audiences)
    assert others + found.total.took_part == sum(hours is not None for *_rest, hours, _no in people)
