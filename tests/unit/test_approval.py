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
def town(sqlite_url: str) -> Iterator[EngineFixture]:
    opened = engine_fixture.open_engine(sqlite_url, schedules(APPROVED))
    load_rows(opened, contact_row(1), contact_row(2))
    yield opened
    opened.close()


def approve(town: EngineFixture) -> None:
    approval.approve(town.ledger, town.config, "a", who="lan", now=town.clock.now())


def differs(town: EngineFixture) -> tuple[str, ...]:
    return approval.approval_of(town.ledger, town.config, "a").changed_parts


def stands(town: EngineFixture) -> tuple[str, str]:
    standing = campaign_states.state_of(town.ledger, "a")
    assert standing is not None
    return standing.state, standing.reason


def test_nothing_is_even_promised_before_the_approval(town: EngineFixture) -> None:
    town.run_until_sync(MORNING + HOUR)
    assert message_counts.exact_by_step(town.ledger) == ()
    assert stands(town) == ("paused", "approval")
    assert not approval.approval_of(town.ledger, town.config, "a").approved


def test_an_approval_lets_the_campaign_go(town: EngineFixture) -> None:
    town.run_until_sync(MORNING + HOUR)
    approve(town)
    assert stands(town) == ("active", "")
    town.run_until_sync(MORNING + 2 * HOUR)
    assert len(town.sms.sent) == 2


def test_what_nobody_approved_in_time_is_missed_and_not_made_up_for(town: EngineFixture) -> None:
    town.run_until_sync(MORNING + 7 * HOUR)
    approve(town)
    town.run_until_sync(MORNING + 8 * HOUR)
    assert town.sms.sent == []
    town.run_until_sync(MORNING + DAY + HOUR)
    assert len(town.sms.sent) == 2


def other_plan(town: EngineFixture) -> None:
    town.replace_config(
        schedules(ten_day_campaign({**DAILY, "every": "daily 09:00"}, requires_approval=True))
    )


def other_texts(town: EngineFixture) -> None:
    town.replace_config(
        town.config.schedules, {**TEMPLATE_SOURCES, "daily.sms.j2": "Moi {{ recipient.name }}"}
    )


def other_lists(town: EngineFixture) -> None:
    load_rows(town, contact_row(1), contact_row(2), contact_row(3))


CHANGES = {"plan": other_plan, "texts": other_texts, "lists": other_lists}


@pytest.mark.parametrize("part", CHANGES)
def test_a_later_change_waits_for_a_new_approval_and_is_named(town: EngineFixture, part: str) -> None:
    approve(town)
    town.run_until_sync(MORNING + HOUR)
    assert len(town.sms.sent) == 2
    CHANGES[part](town)
    assert differs(town) == (part,)
    town.run_until_sync(MORNING + DAY + 2 * HOUR)
    assert len(town.sms.sent) == 2
    assert stands(town) == ("paused", "approval")
    approve(town)
    town.run_until_sync(MORNING + DAY + 3 * HOUR)
    assert len(town.sms.sent) == (5 if part == "lists" else 4)


@pytest.mark.parametrize("part", ["plan", "texts"])
def test_a_claim_under_way_stops_at_a_changed_edition_before_any_sweep_has_looked(
    town: EngineFixture, part: str
) -> None:
    approve(town)
    town.clock.advance_to(MORNING)
    town.step_runner.tick(MORNING)
    CHANGES[part](town)
    campaign = town.config.schedules.campaigns["a"]
    lease = claims.lease_shard(town.ledger, owner="a", now=MORNING, lease=HOUR, channels=("sms",))
    assert lease is not None
    facts: dict[str, Any] = {
        "now": MORNING,
        "lease_until": MORNING,
        "latest_send_at": MORNING,
        "lookup_at": MORNING,
    }
    limits = claims.Limits(batch_size=10, approved_hashes=town.config.approval_hashes(campaign.name))
    batch = claims.claim_messages(
        town.ledger, lease, gateway="t", limits=limits, compose=lambda *_: pytest.fail("written"), **facts
    )
    assert batch.stop_reason == "approval"


def test_a_resume_by_hand_is_no_approval(town: EngineFixture) -> None:
    approve(town)
    town.run_until_sync(MORNING - timedelta(minutes=1))
    other_texts(town)
    town.run_until_sync(MORNING + HOUR)
    assert campaign_states.resume(town.ledger, "a", who="lan", now=town.clock.now())
    town.run_until_sync(MORNING + 2 * HOUR)
    assert town.sms.sent == []
    assert stands(town) == ("paused", "approval")


def test_an_approval_does_not_end_a_pause_by_hand(town: EngineFixture) -> None:
    approve(town)
    campaign_states.pause(town.ledger, "a", reason="look", who="lan", now=MORNING)
    approve(town)
    assert stands(town) == ("paused", "look")


def test_what_is_as_it_was_approved_needs_no_second_look(town: EngineFixture) -> None:
    approve(town)
    load_rows(town, contact_row(1), contact_row(2))  # the same list again
    added = load_rows(town, contact_row(1), contact_row(2), contact_row(3))
    assert differs(town) == ("lists",)
    import_undo.undo(town.ledger, added, who="lan", now=MORNING)
    town.replace_config(
        schedules(APPROVED, ten_day_campaign()),
        {**TEMPLATE_SOURCES, "b/daily.sms.j2": "for another campaign only"},
    )
    suppressions.opt_out(town.ledger, [OptOut(channel="sms", address=phone_number(1))], now=MORNING)
    assert differs(town) == ()


def test_releasing_somebody_who_was_held_changes_the_list(town: EngineFixture) -> None:
    load_rows(town, contact_row(1), contact_row(2), contact_row(3, hold="dead", note="đã mất"))
    approve(town)
    (held,) = review.held_contacts(town.ledger)
    review.release(town.ledger, held.contact_id, who="lan", now=MORNING)
    assert differs(town) == ("lists",)


def test_all_parts_are_named_at_once_in_the_readers_language(database_url: str) -> None:
    town = engine_fixture.open_engine(database_url, schedules(APPROVED))
    load_rows(town, contact_row(1), contact_row(2))
    approve(town)
    assert differs(town) == ()
    for change in CHANGES.values():
        change(town)
    town.replace_config(
        schedules(ten_day_campaign({**DAILY, "every": "daily 09:00"}, requires_approval=True)),
        {**TEMPLATE_SOURCES, "x.j2": ""},
    )
    found = approval.approval_of(town.ledger, town.config, "a")
    assert found.changed_labels == ("the plan", "the texts", "the lists")
    town.close()


def test_a_campaign_without_need_of_it_is_never_asked(sqlite_url: str) -> None:
    town = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign()))
    load_rows(town, contact_row(1))
    town.run_until_sync(MORNING + HOUR)
    assert approval.approval_of(town.ledger, town.config, "a").is_valid
    assert len(town.sms.sent) == 1
    town.close()


def test_the_first_few_go_out_then_somebody_has_to_look(sqlite_url: str) -> None:
    """The canary: so many people, then a pause with its reason, and after `resume` the rest."""
    town = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign(canary=3)))
    load_rows(town, *(contact_row(n) for n in range(10)))
    town.run_until_sync(MORNING + HOUR)
    assert len(town.sms.sent) == 3
    assert stands(town) == ("paused", "canary")
    assert campaign_states.resume(town.ledger, "a", who="lan", now=town.clock.now())
    town.run_until_sync(MORNING + 2 * HOUR)
    assert len(town.sms.sent) == 10
    town.run_until_sync(MORNING + DAY + 2 * HOUR)  # it does not fly again; the cap lets them go an hour later
    assert len(town.sms.sent) == 20
    town.close()
