"""What had no answer is asked about, and never for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import integrity
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.sending import campaign_states, claims, lookups
from dispatcher.ledger.sending.claim_types import ClaimResult
from tests.ledger_fixture import CAMPAIGN, HOUR, NOON, add_residents, phone_number
from tests.sending_fixture import MINUTE, claim, fire, record, settle, statuses, take


def test_an_unanswered_intent_becomes_a_doubt_and_is_sent_again_only_when_it_is_not_there(
    ledger: Ledger,
) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    lease = take(ledger)
    claim(ledger, lease)
    assert lookups.lease_due(ledger, now=NOON + MINUTE) == ()
    later = NOON + 3 * MINUTE
    (doubt,) = lookups.lease_due(ledger, now=later)
    assert (doubt.status, doubt.address, doubt.text) == ("in-doubt", phone_number(0), "Mời Người 0")
    assert claims.lease_shard(ledger, owner="b", now=later, lease=MINUTE, channels=("sms",)) is not None
    lookups.requeue(ledger, [doubt], now=later)
    assert statuses(ledger) == {"temporary-failure/not-found": 1}


def test_nothing_of_a_cancelled_campaign_waits_for_a_second_try(ledger: Ledger) -> None:
    """Neither what failed nor what was in doubt comes back to life after its campaign was cancelled."""
    add_residents(ledger, 2)
    fire(ledger)
    batch = claim(ledger, take(ledger))
    settle(ledger, ClaimResult(claimed=batch.claimed[:1]))
    campaign_states.cancel(ledger, CAMPAIGN, reason="", who="lan", now=NOON)
    record(ledger, ClaimResult(claimed=batch.claimed[:1]), "temporary-failure")
    event_inbox.apply_events(ledger, now=NOON, retry_at=lambda _failure: NOON + HOUR)
    (doubt,) = lookups.lease_due(ledger, now=NOON + 3 * MINUTE)
    assert doubt.campaign_is_over
    assert integrity.violations(ledger, now=NOON) == ()


def test_a_doubt_without_a_clear_answer_is_asked_again_later_and_never_for_ever(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    claim(ledger, take(ledger))
    now = NOON + HOUR
    for _ in range(5):
        page = lookups.lease_due(ledger, now=now)
        lookups.postpone(ledger, page, now=now)
        now += timedelta(days=4)
    assert lookups.lease_due(ledger, now=now) == ()
    assert statuses(ledger) == {"in-doubt": 1}


def test_a_digest_tells_of_the_doubts_of_its_own_campaign(ledger: Ledger) -> None:
    add_residents(ledger, 2)
    fire(ledger)
    claim(ledger, take(ledger))
    lookups.postpone(ledger, lookups.lease_due(ledger, now=NOON + HOUR), now=NOON + HOUR)
    assert lookups.count_unresolved(ledger) == lookups.count_unresolved(ledger, CAMPAIGN) == {"in-doubt": 2}
    assert lookups.count_unresolved(ledger, "another") == {}


def test_each_question_about_a_doubt_waits_longer_than_the_one_before(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    claim(ledger, take(ledger))
    now = NOON + 3 * MINUTE
    for pause in (2 * MINUTE, 10 * MINUTE, HOUR, 4 * HOUR):
        (doubt,) = lookups.lease_due(ledger, now=now)
        lookups.postpone(ledger, [doubt], now=now)
        assert lookups.next_due_at(ledger) == now + pause
        now += pause


@pytest.mark.parametrize(("attempt", "is_of_another"), [(0, False), (1, False), (2, True)])
def test_a_report_that_names_no_attempt_makes_its_text_nobody_elses(
    ledger: Ledger, attempt: int, is_of_another: bool
) -> None:
    """Else the provider's list would hold nothing of ours, and the text would go again."""
    add_residents(ledger, 1)
    fire(ledger)
    record(ledger, claim(ledger, take(ledger)), "sent", attempt=attempt)
    (doubt,) = lookups.lease_due(ledger, now=NOON + 3 * MINUTE)
    others = lookups.other_provider_ids(ledger, [doubt])[doubt.message_id]
    assert others == ({f"SM{doubt.message_id}-2"} if is_of_another else set())
