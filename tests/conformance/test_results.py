"""What an answer or a report does to a message, in whatever order they come."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dispatcher.gateways import SENDING_STOPPED
from dispatcher.ledger import Ledger
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.schema.tables import message
from dispatcher.ledger.sending import claims
from dispatcher.ledger.sending.claim_types import ClaimResult
from tests.ledger_fixture import NOON, add_residents, phone_number
from tests.sending_fixture import claim, fire, one, report, settle, statuses, take


@pytest.mark.parametrize(
    ("facts", "tries", "end"),
    [
        ({"code": "30008", "error_class": "temporary"}, 3, "technical-failure/retries-used-up"),
        ({"code": "31337", "error_class": ""}, 2, "technical-failure/31337"),
    ],
)
def test_what_is_refused_for_now_is_tried_again_and_then_given_up(
    ledger: Ledger, facts: dict[str, str], tries: int, end: str
) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    now = NOON
    for _ in range(tries):
        assert statuses(ledger) in ({"created": 1}, {f"temporary-failure/{facts['code']}": 1})
        lease = take(ledger, now=now)
        settle(ledger, claim(ledger, lease, now=now), now=now, kind="later", status="", **facts)
        now = claims.release_shard(ledger, lease, now=now) or now
    assert statuses(ledger) == {end: 1}
    assert one(ledger).counted_attempts == tries


@pytest.mark.parametrize(
    "facts",
    [
        {"code": "20429", "error_class": "throttled"},
        {"code": "63038", "error_class": "account"},
        {"code": "connect", "error_class": "transport"},
        {"code": SENDING_STOPPED, "error_class": "transport"},
        {"code": SENDING_STOPPED},
    ],
    ids=lambda facts: "/".join(facts.values()),
)
def test_what_was_never_looked_at_costs_no_patience_and_no_two_offers_share_a_number(
    ledger: Ledger, facts: dict[str, str]
) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    now, offers = NOON, []
    for _ in range(9):
        lease = take(ledger, now=now)
        batch = claim(ledger, lease, now=now)
        offers += [item.attempt for item in batch.claimed]
        settle(ledger, batch, now=now, kind="later", status="", **facts)
        now = claims.release_shard(ledger, lease, now=now) or now
    assert offers == list(range(1, 10))
    assert (one(ledger).counted_attempts, one(ledger).status) == (0, "temporary-failure")


def test_an_early_callback_proves_acceptance_and_the_late_answer_only_adds(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    batch = claim(ledger, take(ledger))
    report(ledger, batch, "delivered")
    settle(ledger, batch)
    assert statuses(ledger) == {"delivered": 1}
    assert one(ledger).provider_id == "SM1-1"


def test_repeats_of_a_report_are_no_news(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    batch = claim(ledger, take(ledger))
    settle(ledger, batch)
    event = Event(kind="status", dedupe_key="x", message_id=batch.claimed[0].message_id, status="sent")
    assert event_inbox.record(ledger, [event, event], now=NOON) == 1
    assert event_inbox.record(ledger, [event], now=NOON) == 0


def test_a_late_sent_never_overwrites_delivered(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    batch = claim(ledger, take(ledger))
    settle(ledger, batch)
    report(ledger, batch, "delivered", "sent", "sending")
    assert statuses(ledger) == {"delivered": 1}


def test_failed_and_delivered_is_a_conflict_and_delivered_stands(ledger: Ledger) -> None:
    add_residents(ledger, 2)
    fire(ledger)
    batch = claim(ledger, take(ledger))
    settle(ledger, batch)
    first, second = batch.claimed
    report(ledger, ClaimResult(claimed=(first,)), "delivered", "permanent-failure")
    report(ledger, ClaimResult(claimed=(second,)), "permanent-failure", "delivered")
    assert statuses(ledger) == {"delivered": 2}
    with ledger.read() as connection:
        assert connection.scalars(sa.select(message.c.conflict)).all() == [1, 1]


def test_the_providers_block_list_becomes_an_opt_out(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    batch = claim(ledger, take(ledger))
    settle(ledger, batch)
    report(ledger, batch, "permanent-failure", code="21610", error_class="opt-out")
    assert [(item.address, item.reason) for item in suppressions.find(ledger)] == [
        (phone_number(0), "opted-out")
    ]
