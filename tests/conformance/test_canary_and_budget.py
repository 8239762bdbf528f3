"""The first few that go ahead of all, and the money that must not be passed."""

from __future__ import annotations

from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import integrity, message_counts
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.sending import budgets, campaign_states, claims, lookups, put_back
from dispatcher.ledger.sending.claim_types import ClaimResult
from tests.ledger_fixture import CAMPAIGN, HOUR, NOON, add_residents
from tests.sending_fixture import MINUTE, claim, fire, one, record, settle, statuses, take


def test_a_canary_sends_so_many_and_waits(ledger: Ledger) -> None:
    add_residents(ledger, 5)
    fire(ledger)
    lease = take(ledger)
    assert len(claim(ledger, lease, canary=2).claimed) == 2
    assert claim(ledger, lease, canary=2).stop_reason == "canary"
    campaign_states.pause(ledger, CAMPAIGN, reason="canary", who="dispatcher", now=NOON)
    assert campaign_states.resume(ledger, CAMPAIGN, who="lan", now=NOON)
    claims.release_shard(ledger, lease, now=NOON)
    assert len(claim(ledger, take(ledger), canary=2).claimed) == 3


def test_until_a_canary_has_passed_the_file_says_how_many_it_is(ledger: Ledger) -> None:
    add_residents(ledger, 6)
    fire(ledger)
    lease = take(ledger)
    assert len(claim(ledger, lease, canary=1).claimed) == 1
    assert claim(ledger, lease, canary=1).stop_reason == "canary"
    assert len(claim(ledger, lease, canary=3).claimed) == 2  # more of them, while they fly
    assert claim(ledger, lease, canary=2).stop_reason == "canary"  # or fewer
    assert len(claim(ledger, lease, canary=0).claimed) == 3  # or none at all
    assert campaign_states.pause(ledger, CAMPAIGN, reason="test", who="lan", now=NOON)


def test_once_people_were_written_to_without_a_canary_none_comes(ledger: Ledger) -> None:
    add_residents(ledger, 3)
    fire(ledger)
    lease = take(ledger)
    assert len(claim(ledger, lease, batch_size=1).claimed) == 1
    assert len(claim(ledger, lease, canary=1).claimed) == 2
    assert not campaign_states.pause(ledger, CAMPAIGN, reason="canary", who="dispatcher", now=NOON)


def test_colleagues_are_no_canaries(ledger: Ledger) -> None:
    """A digest before the first step neither uses the canary up nor takes its place."""
    add_residents(ledger, 3)
    fire(ledger, kind="digest", step="digest", key="d")
    assert len(claim(ledger, take(ledger), canary=1).claimed) == 3
    fire(ledger)
    lease = take(ledger, owner="b")
    assert len(claim(ledger, lease, canary=1).claimed) == 1
    assert claim(ledger, lease, canary=1).stop_reason == "canary"


def test_a_claim_nobody_heard_the_end_of_gives_its_canaries_back(ledger: Ledger) -> None:
    add_residents(ledger, 3)
    fire(ledger)
    lease = take(ledger)
    assert len(claim(ledger, lease, canary=2).claimed) == 2
    put_back.release_unfinished_claim(ledger, lease, lookup_at=NOON + 2 * MINUTE, now=NOON)
    assert len(claim(ledger, take(ledger), canary=2).claimed) == 2


def test_the_budget_stops_before_it_is_passed(ledger: Ledger) -> None:
    add_residents(ledger, 5)
    fire(ledger)
    batch = claim(ledger, take(ledger), budget_vnd=1000, vnd_per_part=lambda _number: 350)
    assert (len(batch.claimed), batch.stop_reason) == (2, "budget")
    assert budgets.used(ledger, CAMPAIGN) == 700
    assert statuses(ledger) == {"submitting": 2, "created": 3}


def test_a_refusal_gives_its_money_back(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    batch = claim(ledger, take(ledger), budget_vnd=1000, vnd_per_part=lambda _number: 350)
    settle(ledger, batch, kind="refused", status="", code="21614", error_class="number")
    assert budgets.used(ledger, CAMPAIGN) == 0
    assert statuses(ledger) == {"permanent-failure/number": 1}
    assert [item.reason for item in suppressions.find(ledger)] == ["dead-address"]


def test_money_follows_what_the_provider_counts_and_charges(ledger: Ledger) -> None:
    add_residents(ledger, 3)
    fire(ledger)
    batch = claim(ledger, take(ledger), budget_vnd=10_000, vnd_per_part=lambda _number: 350)
    dearer, cheaper, refused = (ClaimResult(claimed=(item,)) for item in batch.claimed)
    settle(ledger, dearer, parts=2, vnd=740)
    settle(ledger, cheaper, vnd=300)
    settle(ledger, cheaper, vnd=300)  # written twice is written once
    settle(ledger, refused, kind="refused", status="", code="30007", error_class="content")
    assert budgets.used(ledger, CAMPAIGN) == 1040
    assert [
        (item.parts, item.vnd)
        for item in sorted(message_counts.exact_by_step(ledger), key=lambda item: item.vnd)
    ] == [
        (1, 0),
        (3, 1040),
    ]
    assert integrity.violations(ledger, now=NOON) == ()


def test_every_attempt_that_was_charged_counts(ledger: Ledger) -> None:
    """A phone that was off has cost its text, and the second one costs again."""
    add_residents(ledger, 1)
    fire(ledger)
    price = {"budget_vnd": 1000, "vnd_per_part": lambda _number: 350}
    lease = take(ledger)
    batch = claim(ledger, lease, **price)
    settle(ledger, batch)
    claims.release_shard(ledger, lease, now=NOON)
    later = NOON + HOUR
    record(ledger, batch, "temporary-failure")
    event_inbox.apply_events(ledger, now=NOON, retry_at=lambda _failure: later)
    assert len(claim(ledger, take(ledger, now=later), now=later, **price).claimed) == 1
    assert (budgets.used(ledger, CAMPAIGN), one(ledger).vnd, one(ledger).counted_attempts) == (700, 700, 2)


def test_what_is_clearly_not_there_is_not_paid_for(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    claim(ledger, take(ledger), vnd_per_part=lambda _number: 350)
    later = NOON + 3 * MINUTE
    lookups.requeue(ledger, lookups.lease_due(ledger, now=later), now=later)
    assert (budgets.used(ledger, CAMPAIGN), one(ledger).vnd) == (0, 0)
