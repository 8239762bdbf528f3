"""Nothing leaves before plan, texts and lists were approved, nor after one of them has changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from dispatcher.ledger.queries import message_counts
from dispatcher.ledger.recipients import import_undo, review, suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.sending import campaign_states, claims
from dispatcher.report import approval
from tests import engine_fixture
from tests.engine_fixture import (
    DAILY,
    MORNING,
    TEMPLATE_SOURCES,
    EngineFixture,
    contact_row,
    load_rows,
    schedules,
    ten_day_campaign,
)
from tests.ledger_fixture import HOUR, phone_number

DAY = timedelta(days=1)
APPROVED = ten_day_campaign(requires_approval=True)


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[EngineFixture]:
    opened = engine_fixture.open_engine(sqlite_url, schedules(APPROVED))
    load_rows(opened, contact_row(1), contact_row(2))
    yield opened
    opened.close()


def approve(engine: EngineFixture) -> None:
    approval.approve(engine.ledger, engine.config, "a", who="lan", now=engine.clock.now())


def differs(engine: EngineFixture) -> tuple[str, ...]:
    return approval.approval_of(engine.ledger, engine.config, "a").changed_parts


def stands(engine: EngineFixture) -> tuple[str, str]:
    standing = campaign_states.state_of(engine.ledger, "a")
    assert standing is not None
    return standing.state, standing.reason


def test_nothing_is_even_promised_before_the_approval(engine: EngineFixture) -> None:
    engine.run_until_sync(MORNING + HOUR)
    assert message_counts.exact_by_step(engine.ledger) == ()
    assert stands(engine) == ("paused", "approval")
    assert not approval.approval_of(engine.ledger, engine.config, "a").approved


def test_an_approval_lets_the_campaign_go(engine: EngineFixture) -> None:
    engine.run_until_sync(MORNING + HOUR)
    approve(engine)
    assert stands(engine) == ("active", "")
    engine.run_until_sync(MORNING + 2 * HOUR)
    assert len(engine.sms.sent) == 2


def test_what_nobody_approved_in_time_is_missed_and_not_made_up_for(engine: EngineFixture) -> None:
    engine.run_until_sync(MORNING + 7 * HOUR)
    approve(engine)
    engine.run_until_sync(MORNING + 8 * HOUR)
    assert engine.sms.sent == []
    engine.run_until_sync(MORNING + DAY + HOUR)
    assert len(engine.sms.sent) == 2


def other_plan(engine: EngineFixture) -> None:
    engine.replace_config(
        schedules(ten_day_campaign({**DAILY, "every": "daily 09:00"}, requires_approval=True))
    )


def other_texts(engine: EngineFixture) -> None:
    engine.replace_config(
        engine.config.schedules, {**TEMPLATE_SOURCES, "daily.sms.j2": "Moi {{ recipient.name }}"}
    )


def other_lists(engine: EngineFixture) -> None:
    load_rows(engine, contact_row(1), contact_row(2), contact_row(3))


CHANGES = {"plan": other_plan, "texts": other_texts, "lists": other_lists}


@pytest.mark.parametrize("part", CHANGES)
def test_a_later_change_waits_for_a_new_approval_and_is_named(engine: EngineFixture, part: str) -> None:
    approve(engine)
    engine.run_until_sync(MORNING + HOUR)
    assert len(engine.sms.sent) == 2
    CHANGES[part](engine)
    assert differs(engine) == (part,)
    engine.run_until_sync(MORNING + DAY + 2 * HOUR)
    assert len(engine.sms.sent) == 2
    assert stands(engine) == ("paused", "approval")
    approve(engine)
    engine.run_until_sync(MORNING + DAY + 3 * HOUR)
    assert len(engine.sms.sent) == (5 if part == "lists" else 4)


@pytest.mark.parametrize("part", ["plan", "texts"])
def test_a_claim_under_way_stops_at_a_changed_edition_before_any_sweep_has_looked(
    engine: EngineFixture, part: str
) -> None:
    approve(engine)
    engine.clock.advance_to(MORNING)
    engine.step_runner.tick(MORNING)
    CHANGES[part](engine)
    campaign = engine.config.schedules.campaigns["a"]
    lease = claims.lease_shard(engine.ledger, owner="a", now=MORNING, lease=HOUR, channels=("sms",))
    assert lease is not None
    facts: dict[str, Any] = {
        "now": MORNING,
        "lease_until": MORNING,
        "latest_send_at": MORNING,
        "lookup_at": MORNING,
    }
    limits = claims.Limits(batch_size=10, approved_hashes=engine.config.approval_hashes(campaign.name))
    batch = claims.claim_messages(
        engine.ledger, lease, gateway="t", limits=limits, compose=lambda *_: pytest.fail("written"), **facts
    )
    assert batch.stop_reason == "approval"


def test_a_resume_by_hand_is_no_approval(engine: EngineFixture) -> None:
    approve(engine)
    engine.run_until_sync(MORNING - timedelta(minutes=1))
    other_texts(engine)
    engine.run_until_sync(MORNING + HOUR)
    assert campaign_states.resume(engine.ledger, "a", who="lan", now=engine.clock.now())
    engine.run_until_sync(MORNING + 2 * HOUR)
    assert engine.sms.sent == []
    assert stands(engine) == ("paused", "approval")


def test_an_approval_does_not_end_a_pause_by_hand(engine: EngineFixture) -> None:
    approve(engine)
    campaign_states.pause(engine.ledger, "a", reason="look", who="lan", now=MORNING)
    approve(engine)
    assert stands(engine) == ("paused", "look")


def test_what_is_as_it_was_approved_needs_no_second_look(engine: EngineFixture) -> None:
    approve(engine)
    load_rows(engine, contact_row(1), contact_row(2))  # the same list again
    added = load_rows(engine, contact_row(1), contact_row(2), contact_row(3))
    assert differs(engine) == ("lists",)
    import_undo.undo(engine.ledger, added, who="lan", now=MORNING)
    engine.replace_config(
        schedules(APPROVED, ten_day_campaign()),
        {**TEMPLATE_SOURCES, "b/daily.sms.j2": "for another campaign only"},
    )
    suppressions.opt_out(engine.ledger, [OptOut(channel="sms", address=phone_number(1))], now=MORNING)
    assert differs(engine) == ()


def test_releasing_somebody_who_was_held_changes_the_list(engine: EngineFixture) -> None:
    load_rows(engine, contact_row(1), contact_row(2), contact_row(3, hold="dead", note="đã mất"))
    approve(engine)
    (held,) = review.held_contacts(engine.ledger)
    review.release(engine.ledger, held.contact_id, who="lan", now=MORNING)
    assert differs(engine) == ("lists",)


def test_all_parts_are_named_at_once_in_the_readers_language(database_url: str) -> None:
    engine = engine_fixture.open_engine(database_url, schedules(APPROVED))
    load_rows(engine, contact_row(1), contact_row(2))
    approve(engine)
    assert differs(engine) == ()
    for change in CHANGES.values():
        change(engine)
    engine.replace_config(
        schedules(ten_day_campaign({**DAILY, "every": "daily 09:00"}, requires_approval=True)),
        {**TEMPLATE_SOURCES, "x.j2": ""},
    )
    found = approval.approval_of(engine.ledger, engine.config, "a")
    assert found.changed_labels == ("the plan", "the texts", "the lists")
    engine.close()


def test_a_campaign_without_need_of_it_is_never_asked(sqlite_url: str) -> None:
    engine = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign()))
    load_rows(engine, contact_row(1))
    engine.run_until_sync(MORNING + HOUR)
    assert approval.approval_of(engine.ledger, engine.config, "a").is_valid
    assert len(engine.sms.sent) == 1
    engine.close()


def test_a_canary_added_after_the_campaign_was_seen_is_in_force(sqlite_url: str) -> None:
    """Weeks before its first step a sweep has seen the campaign; what counts is the file as it is then."""
    engine = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign()))
    load_rows(engine, *(contact_row(n) for n in range(10)))
    engine.run_until_sync(MORNING - HOUR)
    assert stands(engine) == ("active", "")
    engine.close()
    engine = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign(canary=2)))
    engine.run_until_sync(MORNING + HOUR)
    assert len(engine.sms.sent) == 2
    assert stands(engine) == ("paused", "canary")
    engine.close()


def test_the_first_few_go_out_then_somebody_has_to_look(sqlite_url: str) -> None:
    """The canary: so many people, then a pause with its reason, and after `resume` the rest."""
    engine = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign(canary=3)))
    load_rows(engine, *(contact_row(n) for n in range(10)))
    engine.run_until_sync(MORNING + HOUR)
    assert len(engine.sms.sent) == 3
    assert stands(engine) == ("paused", "canary")
    assert campaign_states.resume(engine.ledger, "a", who="lan", now=engine.clock.now())
    engine.run_until_sync(MORNING + 2 * HOUR)
    assert len(engine.sms.sent) == 10
    engine.run_until_sync(
        MORNING + DAY + 2 * HOUR
    )  # there is no second canary; the cap lets them go an hour later
    assert len(engine.sms.sent) == 20
    engine.close()
