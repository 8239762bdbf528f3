"""Nothing leaves before plan, texts and lists were approved, nor after one of them has changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from dispatcher.ledger import books, campaigns, claims, consent, people_held, people_undo
from dispatcher.ledger.consent import OptOut
from dispatcher.report import approval
from tests import office
from tests.office import DAILY, MORNING, WORDS, Office, load, neighbour, schedules, weeks
from tests.town import HOUR, number

DAY = timedelta(days=1)
APPROVED = weeks(requires_approval=True)


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Office]:
    opened = office.open_office(sqlite_url, schedules(APPROVED))
    load(opened, neighbour(1), neighbour(2))
    yield opened
    opened.close()


def approve(town: Office) -> None:
    approval.approve(town.ledger, town.edition, "a", who="lan", now=town.clock.now())


def differs(town: Office) -> tuple[str, ...]:
    return approval.approval(town.ledger, town.edition, "a").differs


def stands(town: Office) -> tuple[str, str]:
    standing = campaigns.standing(town.ledger, "a")
    assert standing is not None
    return standing.state, standing.reason


def test_nothing_is_even_promised_before_the_approval(town: Office) -> None:
    town.play(MORNING + HOUR)
    assert books.sums(town.ledger) == ()
    assert stands(town) == ("paused", "approval")
    assert not approval.approval(town.ledger, town.edition, "a").given


def test_an_approval_lets_the_campaign_go(town: Office) -> None:
    town.play(MORNING + HOUR)
    approve(town)
    assert stands(town) == ("active", "")
    town.play(MORNING + 2 * HOUR)
    assert len(town.sms.left) == 2


def test_what_nobody_approved_in_time_is_missed_and_not_made_up_for(town: Office) -> None:
    town.play(MORNING + 7 * HOUR)
    approve(town)
    town.play(MORNING + 8 * HOUR)
    assert town.sms.left == []
    town.play(MORNING + DAY + HOUR)
    assert len(town.sms.left) == 2


def other_plan(town: Office) -> None:
    town.publish(schedules(weeks({**DAILY, "every": "daily 09:00"}, requires_approval=True)))


def other_texts(town: Office) -> None:
    town.publish(town.edition.schedules, {**WORDS, "daily.sms.j2": "Moi {{ recipient.name }}"})


def other_lists(town: Office) -> None:
    load(town, neighbour(1), neighbour(2), neighbour(3))


CHANGES = {"plan": other_plan, "texts": other_texts, "lists": other_lists}


@pytest.mark.parametrize("part", CHANGES)
def test_a_later_change_waits_for_a_new_approval_and_is_named(town: Office, part: str) -> None:
    approve(town)
    town.play(MORNING + HOUR)
    assert len(town.sms.left) == 2
    CHANGES[part](town)
    assert differs(town) == (part,)
    town.play(MORNING + DAY + 2 * HOUR)
    assert len(town.sms.left) == 2
    assert stands(town) == ("paused", "approval")
    approve(town)
    town.play(MORNING + DAY + 3 * HOUR)
    assert len(town.sms.left) == (5 if part == "lists" else 4)


@pytest.mark.parametrize("part", ["plan", "texts"])
def test_a_claim_under_way_stops_at_a_changed_edition_before_any_sweep_has_looked(
    town: Office, part: str
) -> None:
    approve(town)
    town.clock.move_to(MORNING)
    town.calendar.tick(MORNING)
    CHANGES[part](town)
    campaign = town.edition.schedules.campaigns["a"]
    lease = claims.take_shard(town.ledger, owner="a", now=MORNING, lease=HOUR, channels=("sms",))
    assert lease is not None
    facts: dict[str, Any] = {"now": MORNING, "lease_until": MORNING, "wire_by": MORNING, "ask_at": MORNING}
    limits = claims.Limits(batch=10, approved=town.edition.frozen(campaign.name))
    batch = claims.claim(
        town.ledger, lease, gateway="t", limits=limits, compose=lambda *_: pytest.fail("written"), **facts
    )
    assert batch.stopped == "approval"


def test_a_resume_by_hand_is_no_approval(town: Office) -> None:
    approve(town)
    town.play(MORNING - timedelta(minutes=1))
    other_texts(town)
    town.play(MORNING + HOUR)
    assert campaigns.resume(town.ledger, "a", who="lan", now=town.clock.now())
    town.play(MORNING + 2 * HOUR)
    assert town.sms.left == []
    assert stands(town) == ("paused", "approval")


def test_an_approval_does_not_end_a_pause_by_hand(town: Office) -> None:
    approve(town)
    campaigns.pause(town.ledger, "a", reason="look", who="lan", now=MORNING)
    approve(town)
    assert stands(town) == ("paused", "look")


def test_what_is_as_it_was_approved_needs_no_second_look(town: Office) -> None:
    approve(town)
    load(town, neighbour(1), neighbour(2))  # the same list again
    added = load(town, neighbour(1), neighbour(2), neighbour(3))
    assert differs(town) == ("lists",)
    people_undo.undo(town.ledger, added, who="lan", now=MORNING)
    town.publish(schedules(APPROVED, weeks()), {**WORDS, "b/daily.sms.j2": "for another campaign only"})
    consent.opt_out(town.ledger, [OptOut(channel="sms", address=number(1))], now=MORNING)
    assert differs(town) == ()


def test_releasing_somebody_who_was_held_changes_the_list(town: Office) -> None:
    load(town, neighbour(1), neighbour(2), neighbour(3, hold="dead", note="đã mất"))
    approve(town)
    (held,) = people_held.held(town.ledger)
    people_held.release(town.ledger, held.contact_id, who="lan", now=MORNING)
    assert differs(town) == ("lists",)


def test_all_parts_are_named_at_once_in_the_readers_language(database_url: str) -> None:
    town = office.open_office(database_url, schedules(APPROVED))
    load(town, neighbour(1), neighbour(2))
    approve(town)
    assert differs(town) == ()
    for change in CHANGES.values():
        change(town)
    town.publish(
        schedules(weeks({**DAILY, "every": "daily 09:00"}, requires_approval=True)), {**WORDS, "x.j2": ""}
    )
    found = approval.approval(town.ledger, town.edition, "a")
    assert found.changed == ("the plan", "the texts", "the lists")
    town.close()


def test_a_campaign_without_need_of_it_is_never_asked(sqlite_url: str) -> None:
    town = office.open_office(sqlite_url, schedules(weeks()))
    load(town, neighbour(1))
    town.play(MORNING + HOUR)
    assert approval.approval(town.ledger, town.edition, "a").stands
    assert len(town.sms.left) == 1
    town.close()


def test_the_first_few_go_out_then_somebody_has_to_look(sqlite_url: str) -> None:
    """The canary: so many people, then a pause with its reason, and after `resume` the rest."""
    town = office.open_office(sqlite_url, schedules(weeks(canary=3)))
    load(town, *(neighbour(n) for n in range(10)))
    town.play(MORNING + HOUR)
    assert len(town.sms.left) == 3
    assert stands(town) == ("paused", "canary")
    assert campaigns.resume(town.ledger, "a", who="lan", now=town.clock.now())
    town.play(MORNING + 2 * HOUR)
    assert len(town.sms.left) == 10
    town.play(MORNING + DAY + 2 * HOUR)  # it does not fly again; the cap lets them go an hour later
    assert len(town.sms.left) == 20
    town.close()
