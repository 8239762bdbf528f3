"""The promises of the ledger, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from dispatcher.delivery.result_mapping import map_result
from dispatcher.errors import LeaseLost
from dispatcher.gateways import SENDING_STOPPED, Result
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.queries import address_history, integrity, message_counts
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.message_status import RANK
from dispatcher.ledger.schema.tables import consent as consent_log
from dispatcher.ledger.schema.tables import message
from dispatcher.ledger.sending import (
    attempt_results,
    budgets,
    campaign_states,
    claims,
    lookups,
    occurrences,
    put_back,
    rate_limits,
)
from dispatcher.ledger.sending.claim_types import ClaimResult, Compose, Lease, Limits
from dispatcher.message import Draft, Recipient
from tests.ledger_fixture import (
    CAMPAIGN,
    HOUR,
    NOON,
    add_people,
    add_residents,
    make_occurrence,
    phone_number,
    start_campaign,
)

RESIDENTS = [Target(audience="residents", channels=("sms",))]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(database_url)
    start_campaign(opened)
    yield opened
    opened.close()


def words(recipient: Recipient, first: bool) -> Draft:
    return Draft(body=f"Mời {recipient.name}", parts=1, encoding="GSM-7", body_hash=recipient.name)


def fire(ledger: Ledger, slices: list[Target] = RESIDENTS, *, shard_size: int = 100, **facts: object) -> int:
    fired = occurrences.start(ledger, make_occurrence(**facts), slices, shard_size=shard_size, now=NOON)
    assert fired is not None
    return fired.messages


def take(ledger: Ledger, *, now: datetime = NOON, owner: str = "a", channel: str = "sms") -> Lease:
    lease = claims.lease_shard(ledger, owner=owner, now=now, lease=MINUTE, channels=(channel,))
    assert lease is not None
    return lease


def claim(
    ledger: Ledger, lease: Lease, *, now: datetime = NOON, compose: Compose = words, **limits: object
) -> ClaimResult:
    return claims.claim_messages(
        ledger,
        lease,
        now=now,
        lease_until=now + MINUTE,
        latest_send_at=now,
        lookup_at=now + 2 * MINUTE,
        gateway="test",
        limits=Limits(**{"batch_size": 500, **limits}),  # type: ignore[arg-type]
        compose=compose,
    )


def settle(ledger: Ledger, batch: ClaimResult, *, now: datetime = NOON, **result: object) -> None:
    facts = {"kind": "accepted", "status": "sending", **result}
    verdicts = [
        map_result(
            item,
            Result(
                key="k",
                provider_id=f"SM{item.message_id}-{item.attempt}" if facts["kind"] == "accepted" else "",
                **facts,
            ),  # type: ignore[arg-type]
            gateway="test",
            started_at=now,
            now=now,
            next_retry_at=lambda attempt, least: now + 5 * MINUTE if attempt < 3 else None,
        )
        for item in batch.claimed
    ]
    attempt_results.store(
        ledger,
        [verdict.attempt_result for verdict in verdicts],
        opt_outs=[verdict.opt_out for verdict in verdicts if verdict.opt_out],
        now=now,
    )


def statuses(ledger: Ledger) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in message_counts.exact_by_step(ledger):
        word = f"{item.status}/{item.reason}" if item.reason else item.status
        found[word] = found.get(word, 0) + item.messages
    return found


def one(ledger: Ledger) -> sa.Row[tuple[object, ...]]:
    with ledger.read() as connection:
        return connection.execute(sa.select(message)).one()


def test_firing_twice_is_firing_once(ledger: Ledger) -> None:
    add_residents(ledger, 5)
    assert fire(ledger) == 5
    assert occurrences.start(ledger, make_occurrence(), RESIDENTS, shard_size=100, now=NOON) is None
    assert statuses(ledger) == {"created": 5}


def test_shards_hold_everybody_once(ledger: Ledger) -> None:
    add_residents(ledger, 25)
    fired = occurrences.start(ledger, make_occurrence(), RESIDENTS, shard_size=10, now=NOON)
    assert fired is not None
    assert (fired.messages, fired.shards) == (25, 3)
    seen = []
    for _ in range(3):
        lease = take(ledger)
        seen.append(len(claim(ledger, lease).claimed))
        claims.release_shard(ledger, lease, now=NOON)
    assert sorted(seen) == [5, 10, 10]
    assert claims.lease_shard(ledger, owner="a", now=NOON, lease=MINUTE, channels=("sms",)) is None


def test_a_number_shared_by_a_family_gets_one_text(ledger: Ledger) -> None:
    add_people(
        ledger, ("residents", "Bà Tư", phone_number(1), ""), ("residents", "Cháu Năm", phone_number(1), "")
    )
    assert fire(ledger) == 1


def test_a_person_in_several_lists_is_written_to_as_the_first(ledger: Ledger) -> None:
    add_people(
        ledger,
        ("staff", "Trần Văn Lúa", phone_number(1), "lua@hatay.example"),
        ("residents", "Trần Văn Lúa", phone_number(1), "lua@hatay.example"),
        ("residents", "Phạm Thị Cấy", phone_number(2), ""),
    )
    slices = [
        Target(audience="staff", channels=("email", "sms")),
        Target(audience="residents", channels=("sms",)),
    ]
    assert fire(ledger, slices, audiences=("staff", "residents")) == 2
    assert {(item.audience, item.channel) for item in message_counts.exact_by_step(ledger)} == {
        ("staff", "email"),
        ("residents", "sms"),
    }


def test_the_first_channel_a_person_has_is_used(ledger: Ledger) -> None:
    add_people(
        ledger, ("staff", "Một", phone_number(1), "mot@hatay.example"), ("staff", "Hai", phone_number(2), "")
    )
    fire(ledger, [Target(audience="staff", channels=("email", "sms"))], audiences=("staff",))
    assert {(item.channel, item.messages) for item in message_counts.exact_by_step(ledger)} == {
        ("email", 1),
        ("sms", 1),
    }


@pytest.mark.parametrize(("reason", "written"), [("dead", 0), ("retired", 1)])
def test_whoever_is_held_in_one_list_is_held_in_all_unless_only_retired(
    ledger: Ledger, reason: str, written: int
) -> None:
    add_people(ledger, ("staff", "Cụ Bảy", phone_number(1), ""), state="held", held_reason=reason)
    add_people(ledger, ("residents", "Cụ Bảy", phone_number(1), ""))
    assert fire(ledger) == written


def test_digests_go_to_leads_only(ledger: Ledger) -> None:
    add_people(ledger, ("staff", "Không", "", "khong@hatay.example"))
    slices = [Target(audience="staff", channels=("email",), leads_only=True)]
    assert fire(ledger, slices, kind="digest", audiences=("staff",)) == 0


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


def test_a_text_that_waits_for_another_try_is_cancelled_as_well(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    lease = take(ledger)
    settle(ledger, claim(ledger, lease), kind="later", status="", code="30008", error_class="temporary")
    claims.release_shard(ledger, lease, now=NOON)
    assert campaign_states.cancel(ledger, CAMPAIGN, reason="", who="lan", now=NOON) == 1
    assert (one(ledger).status, one(ledger).rank) == ("cancelled", RANK["cancelled"])


def test_who_leads_nothing_is_not_served_by_what_goes_to_leads_only(ledger: Ledger) -> None:
    add_people(
        ledger,
        ("staff", "Trần Văn Lúa", phone_number(1), ""),
        ("residents", "Trần Văn Lúa", phone_number(1), ""),
    )
    slices = [Target(audience="staff", channels=("sms",), leads_only=True), *RESIDENTS]
    assert fire(ledger, slices, audiences=("staff", "residents")) == 1
    assert [item.audience for item in message_counts.exact_by_step(ledger)] == ["residents"]


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


def test_a_new_rate_is_taken_over_and_an_old_one_keeps_what_it_learnt(ledger: Ledger) -> None:
    rate_limits.set_max_rate(ledger, "slow", 10.0)
    rate_limits.set_max_rate(ledger, "slow", 20.0)
    assert [item.rate_max for item in rate_limits.gateway_rates(ledger) if item.gateway == "slow"] == [20.0]


def test_the_slowest_gateway_gives_one_slot_at_a_time(ledger: Ledger) -> None:
    rate_limits.set_max_rate(ledger, "slow", 0.01)
    slots = rate_limits.reserve(ledger, "slow", 20, now=NOON)
    assert isinstance(slots, rate_limits.Slots)
    assert slots.count == 1


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


def test_an_early_callback_proves_acceptance_and_the_late_answer_only_adds(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    batch = claim(ledger, take(ledger))
    report(ledger, batch, "delivered")
    settle(ledger, batch)
    assert statuses(ledger) == {"delivered": 1}
    assert one(ledger).provider_id == "SM1-1"


def record(ledger: Ledger, batch: ClaimResult, *words: str, attempt: int = 1, **facts: object) -> None:
    event_inbox.record(
        ledger,
        [
            Event(
                kind="status",
                dedupe_key=f"{item.message_id}|{attempt}|{word}",
                message_id=item.message_id,
                attempt=attempt,
                provider_id=f"SM{item.message_id}-{attempt}",
                status=word,
                **facts,  # type: ignore[arg-type]
            )
            for item in batch.claimed
            for word in words
        ],
        now=NOON,
    )


def report(ledger: Ledger, batch: ClaimResult, *words: str, attempt: int = 1, **facts: object) -> None:
    record(ledger, batch, *words, attempt=attempt, **facts)
    event_inbox.apply_events(ledger, now=NOON, retry_at=lambda _failure: None)


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


def test_a_life_tells_thanks_when_they_went(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    (person,) = address_history.load(ledger, phone_number(0)).people
    told = [Participation(campaign=CAMPAIGN, person_id=person.person_id, at=NOON, source="t")]
    participation.record(ledger, told, now=NOON)
    thanks = make_occurrence("thanks", key="*", kind="thanks", due_at=NOON - HOUR)
    occurrences.add_recipients(ledger, thanks, RESIDENTS, shard_size=10, now=NOON)
    settle(ledger, claim(ledger, take(ledger)))
    fire(ledger, due_at=NOON - MINUTE)
    life = address_history.load(ledger, phone_number(0))
    assert [one.kind for one in life.messages] == ["warning", "thanks"]
    assert [one.scheduled_at for one in life.messages] == [NOON - MINUTE, NOON]


def test_only_a_persons_own_no_can_be_taken_back_by_them(ledger: Ledger) -> None:
    wish = OptOut(channel="sms", address=phone_number(0), who=phone_number(0), how="keyword", words="TC")
    assert suppressions.opt_out(ledger, [wish, wish], now=NOON) == 1
    dead = OptOut(channel="sms", address=phone_number(1), reason="dead-address", how="provider")
    suppressions.opt_out(ledger, [dead], now=NOON)
    for n in (0, 1):
        suppressions.opt_in(ledger, channel="sms", address=phone_number(n), who="x", how="keyword", now=NOON)
    assert [item.address for item in suppressions.find(ledger)] == [phone_number(1)]


@pytest.mark.parametrize("reasons", [("dead-address", "opted-out"), ("opted-out", "dead-address")])
def test_a_dead_number_that_comes_to_life_does_not_forget_its_owners_no(
    ledger: Ledger, reasons: tuple[str, str]
) -> None:
    for reason in reasons:
        suppressions.opt_out(
            ledger, [OptOut(channel="sms", address=phone_number(0), reason=reason)], now=NOON
        )
    assert [item.reason for item in suppressions.find(ledger)] == ["opted-out"]
    with ledger.read() as connection:
        told = connection.scalars(sa.select(consent_log.c.reason).order_by(consent_log.c.id)).all()
    assert tuple(told) == reasons[: 1 + (reasons[1] == "opted-out")]


def test_slots_are_even_and_unused_ones_come_back(ledger: Ledger) -> None:
    rate_limits.set_max_rate(ledger, "slow", 10.0)
    first = rate_limits.reserve(ledger, "slow", 20, now=NOON)
    assert isinstance(first, rate_limits.Slots)
    assert first.last == NOON + timedelta(seconds=1.9)
    rate_limits.release_slots(ledger, "slow", first, 5)
    second = rate_limits.reserve(ledger, "slow", 1, now=NOON)
    assert isinstance(second, rate_limits.Slots)
    assert second.first == NOON + timedelta(seconds=0.5)


def test_a_provider_that_asks_for_quiet_gets_it(ledger: Ledger) -> None:
    rate_limits.throttle(ledger, "test", until=NOON + MINUTE, reason="20429", now=NOON)
    assert rate_limits.reserve(ledger, "test", 1, now=NOON) == NOON + MINUTE
    assert isinstance(rate_limits.reserve(ledger, "test", 1, now=NOON + MINUTE), rate_limits.Slots)
    assert rate_limits.gateway_rates(ledger)[0].rate == pytest.approx(700)


def test_the_life_of_an_address_is_told(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    batch = claim(ledger, take(ledger))
    settle(ledger, batch)
    report(ledger, batch, "delivered")
    life = address_history.load(ledger, phone_number(0))
    assert [person.name for person in life.people] == ["Người 0"]
    (told,) = life.messages
    assert (told.status, told.words, told.attempts[0][1]) == ("delivered", "Mời Người 0", "accepted")
    assert [event[1] for event in told.events] == ["delivered"]
