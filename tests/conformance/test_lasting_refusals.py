"""A no lasts: it follows the person to a new address, and outlives the renaming of what it was about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dispatcher.campaign.model import Schedules
from dispatcher.feedback import opt_out_lists
from dispatcher.ledger import renames
from dispatcher.ledger.queries import integrity
from dispatcher.ledger.recipients import import_undo, participation, review, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.tables import contact
from dispatcher.ledger.sending import campaign_states
from dispatcher.report import orphans
from tests.engine_fixture import (
    MORNING,
    EngineFixture,
    contact_row,
    load_rows,
    open_engine,
    schedules,
    ten_day_campaign,
)
from tests.ledger_fixture import phone_number
from tests.schedules_factory import OFFICE, audience_toml


@pytest.fixture
def listed(database_url: str) -> Iterator[EngineFixture]:
    """One person with a number and a mailbox, who said no at the number."""
    opened = open_engine(database_url, schedules(ten_day_campaign()))
    load_rows(opened, contact_row(1), contact_row(2))
    yield opened
    opened.close()


def say_no(engine: EngineFixture, *, reason: str = "opted-out", scope: str = "all", n: int = 1) -> None:
    wish = OptOut(channel="sms", address=phone_number(n), scope=scope, reason=reason, how="keyword")
    suppressions.opt_out(engine.ledger, [wish], now=engine.clock.now())


def stops_at(engine: EngineFixture, n: int) -> list[tuple[str, str, str]]:
    found = suppressions.find(engine.ledger, address=phone_number(n))
    return [(item.scope, item.reason, item.how) for item in found]


CORRECTED = {
    "only the number is hers": {"email": "", "phones": (phone_number(99),)},
    "her mailbox stays": {"phones": (phone_number(99),)},
    "the old number stands second": {"phones": (phone_number(99), phone_number(1))},
}


@pytest.mark.parametrize("facts", CORRECTED.values(), ids=CORRECTED)
@pytest.mark.parametrize("scope", ["all", "campaign:a", "audience:residents"])
def test_a_no_follows_a_person_to_a_corrected_number(
    listed: EngineFixture, facts: dict[str, Any], scope: str
) -> None:
    load_rows(listed, contact_row(1, email=facts.get("email", "nguoi1@hatay.example")), contact_row(2))
    say_no(listed, scope=scope)
    load_rows(listed, contact_row(1, **facts), contact_row(2))
    assert stops_at(listed, 99) == [(scope, "opted-out", "new-address")]
    assert stops_at(listed, 2) == []
    listed.run_until_sync(MORNING + timedelta(minutes=5))
    assert [item.envelope.to for item in listed.sms.sent] == [phone_number(2)]


@pytest.mark.parametrize("reason", ["dead-address", "blocked", "do-not-call"])
def test_what_is_true_of_the_old_number_stays_with_it(listed: EngineFixture, reason: str) -> None:
    say_no(listed, reason=reason)
    load_rows(listed, contact_row(1, phones=(phone_number(99),)), contact_row(2))
    assert stops_at(listed, 99) == []


def test_a_no_follows_over_two_corrections_and_back_with_an_undone_load(listed: EngineFixture) -> None:
    say_no(listed)
    load_rows(listed, contact_row(1, phones=(phone_number(98),)), contact_row(2))
    listed.clock.advance(timedelta(hours=1))
    second = load_rows(listed, contact_row(1, phones=(phone_number(99),)), contact_row(2))
    assert stops_at(listed, 99) == [("all", "opted-out", "new-address")]
    import_undo.undo(listed.ledger, second, who="test", now=listed.clock.now())
    assert stops_at(listed, 99) == []
    assert stops_at(listed, 98) == [("all", "opted-out", "new-address")]


# --- what somebody said of a person -------------------------------------------------------------------


def hold(engine: EngineFixture, reason: str) -> None:
    with engine.ledger.begin() as connection:
        review.hold(connection, [1], reason, who="chi Lan", now=engine.clock.now())


def states(engine: EngineFixture) -> dict[int, tuple[str, str]]:
    with engine.ledger.read() as connection:
        rows = connection.execute(sa.select(contact.c.person_id, contact.c.state, contact.c.held_reason))
        return {row[0]: (row[1], row[2]) for row in rows}


OTHER_NUMBER = {"phones": (phone_number(99),)}


@pytest.mark.parametrize("reason", ["dead", "moved", "number"])
def test_no_list_takes_back_what_somebody_said(listed: EngineFixture, reason: str) -> None:
    hold(listed, reason)
    load_rows(listed, contact_row(1, unit="Chi bộ 2"), contact_row(2))  # changed
    load_rows(listed, contact_row(2))  # left out
    load_rows(listed, contact_row(1, unit="Chi bộ 3"), contact_row(2))  # there again
    assert states(listed) == {1: ("held", reason), 2: ("active", "")}
    listed.run_until_sync(MORNING + timedelta(minutes=5))
    assert [item.envelope.to for item in listed.sms.sent] == [phone_number(2)]


def test_a_wrong_number_is_wrong_until_it_is_another_and_the_dead_stay_dead(listed: EngineFixture) -> None:
    hold(listed, "number")
    load_rows(listed, contact_row(1, **OTHER_NUMBER), contact_row(2))
    assert states(listed)[1] == ("active", "")
    hold(listed, "dead")
    load_rows(listed, contact_row(1, phones=(phone_number(98),)), contact_row(2))
    assert states(listed)[1] == ("held", "dead")


@pytest.mark.parametrize("decision", ["held", "dropped"])
def test_undoing_a_load_leaves_what_was_decided_since(listed: EngineFixture, decision: str) -> None:
    load = load_rows(listed, contact_row(1, unit="Chi bộ 2"), contact_row(2), contact_row(3))
    listed.clock.advance(timedelta(minutes=1))
    hold(listed, "dead")
    if decision == "dropped":
        [waiting] = review.held_contacts(listed.ledger)
        review.drop(listed.ledger, waiting.contact_id, who="chi Lan", now=listed.clock.now())
    import_undo.undo(listed.ledger, load, who="test", now=listed.clock.now())
    assert states(listed) == {1: (decision, "dead"), 2: ("active", "")}


def test_somebody_held_by_an_answer_is_decided_about_as_others(listed: EngineFixture) -> None:
    hold(listed, "moved")
    [waiting] = review.held_contacts(listed.ledger)
    assert (waiting.reason, waiting.decided_by) == ("moved", "chi Lan")
    assert review.held_contacts(listed.ledger, decided=True) == ()
    review.release(listed.ledger, waiting.contact_id, who="anh Ba", now=listed.clock.now())
    assert review.held_contacts(listed.ledger) == ()
    load_rows(listed, contact_row(1, unit="Chi bộ 2"), contact_row(2))
    assert states(listed)[1][0] == "active"


# --- names that change --------------------------------------------------------------------------------


def renamed(*, audience: str = "residents", campaign: str = "a", step: str = "daily") -> Schedules:
    """The schedules of the tests with other names."""
    daily = {"name": step, "every": "daily 08:00", "moment": "daily"}
    return Schedules.model_validate(
        {
            "office": OFFICE,
            "prices": {"default": 400},
            "audience": {audience: audience_toml(channels=["sms"])},
            "campaign": {campaign: ten_day_campaign(daily, audiences=[audience])},
        }
    )


def receivers(engine: EngineFixture, days: float) -> list[str]:
    """Who is written to in the days to come, with what is sent to them."""
    before = len(engine.sms.sent)
    engine.run_until_sync(engine.clock.now() + timedelta(days=days))
    return [item.envelope.to for item in engine.sms.sent[before:]]


NAMES = {
    "campaign": ({"campaign": "b"}, "campaign:a"),
    "audience": ({"audience": "nhandan"}, "audience:residents"),
}


@pytest.mark.parametrize(("names", "scope"), NAMES.values(), ids=NAMES)
def test_who_said_no_to_a_name_that_is_gone_is_not_written_to_until_it_is_decided(
    listed: EngineFixture, names: dict[str, str], scope: str
) -> None:
    say_no(listed, scope=scope)
    listed.replace_config(renamed(**names))
    audience = names.get("audience", "residents")
    load_rows(listed, contact_row(1, audience=audience), contact_row(2, audience=audience))
    [told] = orphans.find_problems(listed.ledger, listed.config.schedules)
    new = names.get("campaign", audience)
    assert f"dispatcher rename {scope.replace(':', ' ')} {new}" in told.remedy
    assert phone_number(1) not in receivers(listed, 1)
    renames.end_scope(listed.ledger, scope, who="test", now=listed.clock.now())
    assert orphans.find_problems(listed.ledger, listed.config.schedules) == []
    assert set(receivers(listed, 1)) == {phone_number(1), phone_number(2)}


def test_the_name_is_guessed_by_its_people_and_never_from_those_that_stood_beside(
    listed: EngineFixture,
) -> None:
    load_rows(listed, contact_row(1), contact_row(2), contact_row(3, audience="residents2"))
    say_no(listed, scope="audience:residents")
    named = {
        name: audience_toml(n, channels=["sms"]) for n, name in enumerate(("residents2", "nhandan", "moi"), 1)
    }
    daily = {"name": "daily", "every": "daily 08:00", "moment": "daily"}
    campaign = ten_day_campaign(daily, audiences=list(named))
    facts = {"office": OFFICE, "prices": {"default": 400}, "audience": named, "campaign": {"a": campaign}}
    schedules_now = Schedules.model_validate(facts)
    [told] = orphans.find_problems(listed.ledger, schedules_now)
    assert "rename audience residents NEW." in told.remedy  # two new ones, neither alike, none loaded
    load_rows(listed, contact_row(1, audience="nhandan"), contact_row(2, audience="nhandan"))
    [told] = orphans.find_problems(listed.ledger, schedules_now)
    assert "rename audience residents nhandan." in told.remedy
    with pytest.raises(renames.CannotRename):
        renames.rename_audience(listed.ledger, "residents", "residents2", who="test", now=listed.clock.now())


def test_a_renamed_campaign_keeps_what_was_said_and_done(listed: EngineFixture) -> None:
    assert len(receivers(listed, 0.1)) == 2  # the first day's text
    say_no(listed, scope="campaign:a")
    participation.record(
        listed.ledger,
        [Participation(campaign="a", person_id=2, at=listed.clock.now(), source="test")],
        now=listed.clock.now(),
    )
    listed.replace_config(renamed(campaign="b"))
    campaign_states.ensure(listed.ledger, "b", now=listed.clock.now())  # a sweep has seen it already
    done = renames.rename_campaign(listed.ledger, "a", "b", who="test", now=listed.clock.now())
    assert (done.opt_outs, done.participations, done.occurrences) == (1, 1, 1)
    assert [item[0] for item in stops_at(listed, 1)] == ["campaign:b"]
    assert receivers(listed, 2) == []
    assert orphans.find_problems(listed.ledger, listed.config.schedules) == []
    assert renames.current_campaign(listed.ledger, "a") == "b"
    assert integrity.violations(listed.ledger, now=listed.clock.now()) == ()


def test_a_renamed_audience_keeps_stops_and_decisions_also_after_its_lists_were_loaded(
    listed: EngineFixture,
) -> None:
    rows = [contact_row(n) for n in (1, 2, 3)]
    load_rows(listed, *rows)
    say_no(listed, scope="audience:residents")
    with listed.ledger.begin() as connection:
        connection.execute(
            sa.update(contact).where(contact.c.row == 2).values(state="dropped", decided_by="chi Lan")
        )
    listed.replace_config(renamed(audience="nhandan"))
    load_rows(listed, *(contact_row(n, audience="nhandan") for n in (1, 2, 3)))
    done = renames.rename_audience(listed.ledger, "residents", "nhandan", who="test", now=listed.clock.now())
    assert (done.opt_outs, done.decisions) == (1, 1)
    assert set(receivers(listed, 1)) == {phone_number(3)}
    assert orphans.find_problems(listed.ledger, listed.config.schedules) == []
    with listed.ledger.read() as connection:
        assert set(connection.scalars(sa.select(contact.c.audience))) == {"nhandan"}


@pytest.mark.parametrize(
    ("former", "present", "kept"),
    [
        (("dropped", "", "chi Lan"), ("active", "", ""), "dropped"),
        (("held", "retired", ""), ("active", "", ""), "held"),
        (("active", "", ""), ("held", "dead", ""), "held"),
        (("active", "moved", "chi Lan"), ("held", "dead", ""), "held"),  # released for another reason
        (("active", "dead", "chi Lan"), ("held", "dead", ""), "active"),
        (("active", "dead", "chi Lan"), ("held", "dead", "anh Ba"), "held"),  # said since
        (("held", "moved", ""), ("active", "moved", "anh Ba"), "active"),  # released since
    ],
)
def test_of_two_words_about_a_person_the_later_counts_when_audiences_become_one(
    listed: EngineFixture, former: tuple[str, str, str], present: tuple[str, str, str], kept: str
) -> None:
    load_rows(listed, contact_row(1), contact_row(2))
    load_rows(listed, contact_row(1, audience="nhandan"), contact_row(2, audience="nhandan"))
    for hours, audience, (state, reason, who) in ((0, "residents", former), (1, "nhandan", present)):
        at = listed.clock.now() + timedelta(hours=hours) if who else None
        facts = {"state": state, "held_reason": reason, "decided_by": who, "decided_at": at}
        with listed.ledger.begin() as connection:
            connection.execute(
                sa.update(contact)
                .where(contact.c.person_id == 1, contact.c.audience == audience)
                .values(facts)
            )
    renames.rename_audience(listed.ledger, "residents", "nhandan", who="test", now=listed.clock.now())
    assert states(listed)[1][0] == kept


def test_a_renamed_step_does_not_go_out_twice(listed: EngineFixture) -> None:
    receivers(listed, 0.05)
    listed.replace_config(renamed(step="every-day"))
    renames.rename_step(listed.ledger, "a", "daily", "every-day", who="test", now=listed.clock.now())
    listed.run_until_sync(listed.clock.now() + timedelta(minutes=30))
    assert len(listed.sms.sent) == 2


def test_a_name_with_messages_of_its_own_is_no_new_name(listed: EngineFixture) -> None:
    receivers(listed, 0.1)
    with pytest.raises(renames.CannotRename):
        renames.rename_campaign(listed.ledger, "other", "a", who="test", now=listed.clock.now())
    assert integrity.violations(listed.ledger, now=listed.clock.now()) == ()


# --- the Do-Not-Call list ------------------------------------------------------------------------------


@pytest.mark.parametrize("class_", ["advertising", "public_notice"])
def test_the_do_not_call_list_stops_advertising_and_warns_of_notices(
    listed: EngineFixture, tmp_path: Path, class_: str
) -> None:
    file = tmp_path / "dnc.csv"
    file.write_text(f"Số điện thoại\n0{phone_number(1)[3:]}\n", encoding="utf-8")
    opt_out_lists.import_list(listed.ledger, file, scope="advertising", who="test", now=listed.clock.now())
    assert [item[:2] for item in stops_at(listed, 1)] == [("advertising", "do-not-call")]
    consented = {"residents": audience_toml(channels=["sms"], basis="consent")}
    listed.replace_config(
        schedules(ten_day_campaign(**{"class": class_}, opt_out="always"), audiences=consented)
    )
    problems = orphans.find_problems(listed.ledger, listed.config.schedules)
    expected = {phone_number(2)} if class_ == "advertising" else {phone_number(1), phone_number(2)}
    assert set(receivers(listed, 0.1)) == expected
    assert len(problems) == (class_ == "public_notice")
    suppressions.opt_in(
        listed.ledger, channel="sms", address=phone_number(1), who="x", how="keyword", now=MORNING
    )
    assert len(stops_at(listed, 1)) == 1  # it is taken back at the national list, not with us
