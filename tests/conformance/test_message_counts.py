"""What pages count is what stands in the ledger, after everything that changes a message."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import message_counts
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.recipients import participation
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.sending import campaign_states, claims, lookups
from dispatcher.ledger.sending.recount import recount_shards
from dispatcher.report import progress
from tests.ledger_fixture import CAMPAIGN, HOUR, NOON, add_residents
from tests.sending_fixture import claim, fire, record, report, settle, take

ZONE = timedelta(hours=7)


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    add_residents(ledger, 12)
    return ledger


def counted(ledger: Ledger) -> Counter[tuple[str, str, str, str, str]]:
    while recount_shards(ledger, offset=ZONE, limit=2):
        pass
    found: Counter[tuple[str, str, str, str, str]] = Counter()
    for item in message_counts.by_step(ledger, CAMPAIGN):
        found[item.step, item.audience, item.channel, item.status, item.reason] += item.messages
    return found


def standing(ledger: Ledger) -> Counter[tuple[str, str, str, str, str]]:
    found: Counter[tuple[str, str, str, str, str]] = Counter()
    for item in message_counts.exact_by_step(ledger, campaign_name=CAMPAIGN):
        found[item.step, item.audience, item.channel, item.status, item.reason] += item.messages
    return found


def fold(ledger: Ledger) -> None:
    event_inbox.apply_events(ledger, now=NOON, retry_at=lambda _: NOON + HOUR)


def test_the_tally_follows_everything_that_happens_to_a_message(ledger: Ledger) -> None:
    def look() -> None:
        assert counted(ledger) == standing(ledger)

    fire(ledger, shard_size=5)
    look()
    participation.record(
        ledger, [Participation(campaign=CAMPAIGN, person_id=2, at=NOON, source="test")], now=NOON
    )
    lease = take(ledger)
    batch = claim(ledger, lease)
    look()
    settle(ledger, batch)
    claims.release_shard(ledger, lease, now=NOON)
    look()
    report(ledger, batch, "delivered")
    fold(ledger)
    look()
    lease = take(ledger)
    second = claim(ledger, lease)
    later = NOON + HOUR
    unanswered = lookups.lease_due(ledger, now=later)
    look()
    assert any(status == "in-doubt" for _step, _audience, _channel, status, _reason in counted(ledger))
    lookups.requeue(ledger, unanswered[:2], now=later)
    look()
    lookups.fail(ledger, unanswered[2:4], reason="not-found", now=later)
    look()
    lookups.postpone(ledger, unanswered[4:], now=later)
    look()
    report(ledger, second, "failed", code="30003")
    fold(ledger)
    look()
    campaign_states.cancel(ledger, CAMPAIGN, reason="test", who="test", now=later)
    look()
    assert sum(item.messages for item in message_counts.totals(ledger)) == 12


def test_a_day_is_the_local_day_of_going_out(ledger: Ledger) -> None:
    fire(ledger)
    lease = take(ledger)
    settle(ledger, claim(ledger, lease))
    counted(ledger)
    assert {item.day for item in message_counts.by_step(ledger, CAMPAIGN)} == {date(2025, 11, 8)}
    while recount_shards(ledger, offset=timedelta(hours=13)):
        pass
    claims.release_shard(ledger, lease, now=NOON)
    recount_shards(ledger, offset=timedelta(hours=20))
    assert {item.day for item in message_counts.by_step(ledger, CAMPAIGN)} == {date(2025, 11, 9)}


def test_nothing_changed_is_nothing_to_count(ledger: Ledger) -> None:
    fire(ledger, shard_size=5)
    assert message_counts.count_dirty_shards(ledger) == 3
    assert recount_shards(ledger, offset=ZONE) == 3
    assert recount_shards(ledger, offset=ZONE) == 0


@pytest.mark.parametrize(
    ("again", "status", "bucket"),
    [(NOON + HOUR, "temporary-failure", "waiting"), (None, "permanent-failure", "failed")],
)
def test_what_waits_for_its_next_try_waits_and_what_has_none_has_failed(
    ledger: Ledger, again: datetime | None, status: str, bucket: str
) -> None:
    fire(ledger)
    batch = claim(ledger, take(ledger), batch_size=1)
    settle(ledger, batch)
    record(ledger, batch, "temporary-failure", code="30003", error_class="temporary")
    event_inbox.apply_events(ledger, now=NOON, retry_at=lambda _: again)
    assert counted(ledger) == standing(ledger)
    assert {key[3] for key in standing(ledger) if key[4] == "30003"} == {status}
    counts = progress.sum_counts(message_counts.by_step(ledger, CAMPAIGN))
    assert getattr(counts, bucket) == 1 + 11 * (bucket == "waiting")
