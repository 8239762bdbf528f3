"""What pages count is what stands in the ledger, after everything that changes a message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from dispatcher.ledger import Ledger, books, campaigns, claims, doubts, events, participation, tally
from dispatcher.ledger.participation import Took
from tests.conformance.test_ledger import claim, fire, report, settle, take
from tests.town import CAMPAIGN, HOUR, NOON, crowd, open_campaign

ZONE = timedelta(hours=7)


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(database_url)
    open_campaign(opened)
    crowd(opened, 12)
    yield opened
    opened.close()


def counted(ledger: Ledger) -> Counter[tuple[str, str, str, str, str]]:
    while tally.refresh(ledger, offset=ZONE, limit=2):
        pass
    found: Counter[tuple[str, str, str, str, str]] = Counter()
    for item in tally.counts(ledger, CAMPAIGN):
        found[item.step, item.audience, item.channel, item.status, item.reason] += item.messages
    return found


def standing(ledger: Ledger) -> Counter[tuple[str, str, str, str, str]]:
    found: Counter[tuple[str, str, str, str, str]] = Counter()
    for item in books.sums(ledger, campaign_name=CAMPAIGN):
        found[item.step, item.audience, item.channel, item.status, item.reason] += item.messages
    return found


def fold(ledger: Ledger) -> None:
    events.fold(ledger, now=NOON, retry_at=lambda _: NOON + HOUR)


def test_the_tally_follows_everything_that_happens_to_a_message(ledger: Ledger) -> None:
    def look() -> None:
        assert counted(ledger) == standing(ledger)

    fire(ledger, shard_size=5)
    look()
    participation.record(ledger, [Took(campaign=CAMPAIGN, person_id=2, at=NOON, source="test")], now=NOON)
    lease = take(ledger)
    batch = claim(ledger, lease)
    look()
    settle(ledger, batch)
    claims.finish(ledger, lease, now=NOON)
    look()
    report(ledger, batch, "delivered")
    fold(ledger)
    look()
    lease = take(ledger)
    second = claim(ledger, lease)
    later = NOON + HOUR
    unanswered = doubts.overdue(ledger, now=later)
    look()
    assert any(status == "in-doubt" for _step, _audience, _channel, status, _reason in counted(ledger))
    doubts.resend(ledger, unanswered[:2], now=later)
    look()
    doubts.give_up(ledger, unanswered[2:4], reason="not-found", now=later)
    look()
    doubts.asked(ledger, unanswered[4:], now=later)
    look()
    report(ledger, second, "failed", code="30003")
    fold(ledger)
    look()
    campaigns.cancel(ledger, CAMPAIGN, reason="test", who="test", now=later)
    look()
    assert sum(item.messages for item in tally.by_area(ledger, CAMPAIGN)) == 12
    assert sum(item.messages for item in tally.totals(ledger)) == 12


def test_a_day_is_the_local_day_of_going_out(ledger: Ledger) -> None:
    fire(ledger)
    lease = take(ledger)
    settle(ledger, claim(ledger, lease))
    counted(ledger)
    assert {item.day for item in tally.counts(ledger, CAMPAIGN)} == {date(2025, 11, 8)}
    while tally.refresh(ledger, offset=timedelta(hours=13)):
        pass
    claims.finish(ledger, lease, now=NOON)
    tally.refresh(ledger, offset=timedelta(hours=20))
    assert {item.day for item in tally.counts(ledger, CAMPAIGN)} == {date(2025, 11, 9)}


def test_nothing_changed_is_nothing_to_count(ledger: Ledger) -> None:
    fire(ledger, shard_size=5)
    assert tally.lagging(ledger) == 3
    assert tally.refresh(ledger, offset=ZONE) == 3
    assert tally.refresh(ledger, offset=ZONE) == 0
