"""What is decided when a batch is claimed: participation, opt-outs, caps, hours, pause, leases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dispatcher.errors import LeaseLost
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import integrity
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.message_status import RANK
from dispatcher.ledger.schema.tables import message, shard
from dispatcher.ledger.sending import campaign_states, claims
from dispatcher.message import Draft, Recipient
from tests.ledger_fixture import CAMPAIGN, HOUR, NOON, add_people, add_residents, phone_number
from tests.sending_fixture import MINUTE, claim, fire, one, settle, statuses, take, words


def test_who_took_part_a_second_ago_is_not_reminded(ledger: Ledger) -> None:
    ids = add_people(
        ledger, ("residents", "Nhanh", phone_number(1), ""), ("residents", "Chậm", phone_number(2), "")
    )
    fire(ledger)
    participation.record(
        ledger, [Participation(campaign=CAMPAIGN, person_id=ids[0], at=NOON, source="t")], now=NOON
    )
    batch = claim(ledger, take(ledger))
    assert [item.recipient.name for item in batch.claimed] == ["Chậm"]
    assert statuses(ledger) == {"cancelled/participated": 1, "submitting": 1}


@pytest.mark.parametrize("scope", ["all", f"campaign:{CAMPAIGN}", "audience:residents"])
def test_an_opt_out_a_second_before_stops_the_text(ledger: Ledger, scope: str) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    suppressions.opt_out(ledger, [OptOut(channel="sms", address=phone_number(0), scope=scope)], now=NOON)
    assert claim(ledger, take(ledger)).claimed == ()
    assert statuses(ledger) == {"cancelled/opted-out": 1}


@pytest.mark.parametrize("scope", ["campaign:other", "audience:staff", "advertising"])
@pytest.mark.parametrize("is_known", [True, False])
def test_an_opt_out_of_something_else_stops_nothing_unless_its_name_is_gone(
    ledger: Ledger, scope: str, is_known: bool
) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    suppressions.opt_out(ledger, [OptOut(channel="sms", address=phone_number(0), scope=scope)], now=NOON)
    batch = claim(ledger, take(ledger), other_scopes={scope} if is_known else set())
    assert len(batch.claimed) == is_known


def test_an_opt_out_of_a_campaign_that_has_ended_stops_no_other(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    campaign_states.ensure(ledger, "last-year", now=NOON)
    campaign_states.end(ledger, "last-year", now=NOON)
    wish = OptOut(channel="sms", address=phone_number(0), scope="campaign:last-year")
    suppressions.opt_out(ledger, [wish], now=NOON)
    assert len(claim(ledger, take(ledger)).claimed) == 1


@pytest.mark.parametrize("is_known", [True, False])
def test_who_was_dropped_from_an_audience_that_is_gone_waits_for_a_decision(
    ledger: Ledger, is_known: bool
) -> None:
    add_people(ledger, ("former", "Người 0", phone_number(0), ""), state="dropped")
    add_residents(ledger, 1)
    fire(ledger)
    batch = claim(ledger, take(ledger), other_scopes={"audience:former"} if is_known else set())
    assert len(batch.claimed) == is_known


def test_nothing_is_claimed_after_it_expired(ledger: Ledger) -> None:
    add_residents(ledger, 2)
    fire(ledger)
    late = NOON + 9 * HOUR
    assert claim(ledger, take(ledger, now=late), now=late).claimed == ()
    assert statuses(ledger) == {"expired/expired": 2}


def test_the_cap_counts_every_campaign_and_waits_only_for_minutes(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    yesterday = NOON - timedelta(hours=23, minutes=58)
    fire(ledger, key="1", due_at=yesterday)
    first = take(ledger, now=yesterday)
    settle(ledger, claim(ledger, first, now=yesterday), now=yesterday)
    claims.release_shard(ledger, first, now=yesterday)
    fire(ledger, key="2")
    lease = take(ledger)
    batch = claim(ledger, lease, cap_per_day=1)
    assert (batch.claimed, batch.deferred) == ((), 1)
    again = claims.release_shard(ledger, lease, now=NOON)
    assert again == yesterday + timedelta(hours=24, seconds=1)
    assert len(claim(ledger, take(ledger, now=again), now=again, cap_per_day=1).claimed) == 1


def test_a_text_over_the_cap_is_cancelled_when_the_cap_stays(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger, key="1")
    first = take(ledger)
    settle(ledger, claim(ledger, first))
    claims.release_shard(ledger, first, now=NOON)
    fire(ledger, key="2")
    assert claim(ledger, take(ledger), cap_per_day=1).claimed == ()
    assert statuses(ledger) == {"sending": 1, "cancelled/frequency-cap": 1}


def test_a_paused_campaign_is_not_claimed_even_under_a_lease(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    lease = take(ledger)
    campaign_states.pause(ledger, CAMPAIGN, reason="look", who="lan", now=NOON)
    assert claim(ledger, lease).stop_reason == "paused"
    claims.release_shard(ledger, lease, now=NOON)
    assert claims.lease_shard(ledger, owner="a", now=NOON, lease=MINUTE, channels=("sms",)) is None


def test_cancelling_leaves_nothing_waiting(ledger: Ledger) -> None:
    add_residents(ledger, 3)
    fire(ledger)
    assert campaign_states.cancel(ledger, CAMPAIGN, reason="", who="lan", now=NOON) == 3
    assert statuses(ledger) == {"cancelled/campaign-cancelled": 3}
    with ledger.read() as connection:
        assert {*connection.scalars(sa.select(message.c.rank))} == {RANK["cancelled"]}
    assert integrity.violations(ledger, now=NOON) == ()


def test_whoever_holds_a_shard_changes_nothing_of_it_once_its_campaign_is_over(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    lease = take(ledger)
    campaign_states.cancel(ledger, CAMPAIGN, reason="", who="lan", now=NOON)
    assert claims.release_shard(ledger, lease, now=NOON) is None
    with ledger.read() as connection:
        assert connection.execute(sa.select(shard.c.state, shard.c.owner)).one() == ("cancelled", "")


def test_a_text_that_waits_for_another_try_is_cancelled_as_well(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    lease = take(ledger)
    settle(ledger, claim(ledger, lease), kind="later", status="", code="30008", error_class="temporary")
    claims.release_shard(ledger, lease, now=NOON)
    assert campaign_states.cancel(ledger, CAMPAIGN, reason="", who="lan", now=NOON) == 1
    assert (one(ledger).status, one(ledger).rank) == ("cancelled", RANK["cancelled"])


def test_a_text_that_still_waits_was_not_the_first_one(ledger: Ledger) -> None:
    """The first text carries the line on how to refuse: it is the first that left, not that was planned."""
    add_residents(ledger, 1)
    fire(ledger, key="1")
    fire(ledger, key="2")
    seen: list[bool] = []

    def note(recipient: Recipient, first: bool) -> Draft:
        seen.append(first)
        return words(recipient, first)

    for _ in range(2):
        lease = take(ledger)
        settle(ledger, claim(ledger, lease, compose=note))
        claims.release_shard(ledger, lease, now=NOON)
    assert seen == [True, False]


def test_an_older_holder_is_fenced(ledger: Ledger) -> None:
    add_residents(ledger, 3)
    fire(ledger)
    old = take(ledger)
    later = NOON + 2 * MINUTE
    new = take(ledger, now=later, owner="b")
    assert new.token > old.token
    with pytest.raises(LeaseLost):
        claim(ledger, old, now=later)
    assert len(claim(ledger, new, now=later).claimed) == 3
