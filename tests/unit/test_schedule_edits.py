"""An edit is an edit: what waits is held against the schedules in force, and nothing is said twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatcher.ledger import renames, told_apart
from dispatcher.ledger.queries import integrity, message_counts
from dispatcher.ledger.recipients import participation
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.sending import campaign_states
from dispatcher.report import schedule_problems
from tests import engine_fixture
from tests.engine_fixture import (
    DAILY,
    MORNING,
    EngineFixture,
    contact_row,
    load_rows,
    schedules,
    ten_day_campaign,
)
from tests.ledger_fixture import HOUR, phone_number
from tests.schedules_factory import audience_toml

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PEOPLE = 110  # three shards of fifty at most, of which a test lets the first go out
TODAY = MORNING.date()
LAUNCH = {"name": "launch", "at": datetime(2025, 11, 3, 8), "template": "daily"}  # noqa: DTZ001 - local time
TWO = {name: audience_toml(place, channels=["sms"]) for place, name in enumerate(("residents", "staff"), 1)}


def open_with(url: str, *campaigns: dict[str, Any], people: int = PEOPLE) -> EngineFixture:
    """Open an engine a minute before the first morning, with people in both audiences."""
    opened = engine_fixture.open_engine(url, edition(*campaigns), rate=2.5, now=MORNING - MINUTE)
    load_rows(
        opened,
        *(contact_row(n) for n in range(people)),
        *(contact_row(n, audience="staff") for n in range(people, people + 2)),
    )
    return opened


def edition(*campaigns: dict[str, Any]) -> Any:
    return schedules(*campaigns, audiences=TWO)


def contest(*steps: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return ten_day_campaign(
        *steps, **{"audiences": ["residents"], "cap_per_day": 3, "cap_per_week": 9, **keys}
    )


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[EngineFixture]:
    opened = open_with(sqlite_url, contest(LAUNCH))
    yield opened
    assert integrity.violations(opened.ledger, now=opened.clock.now()) == ()
    opened.close()


def tick(engine: EngineFixture) -> None:
    engine.step_runner.tick(engine.clock.now())


def send_first_shard(engine: EngineFixture) -> int:
    """Let the first of several shards go out; gives how many texts that were."""
    engine.clock.advance_to(MORNING)
    tick(engine)
    assert asyncio.run(engine.delivery.serve_next_shard("sms"))
    assert 0 < len(engine.sms.sent) < PEOPLE
    return len(engine.sms.sent)


def edit(engine: EngineFixture, *campaigns: dict[str, Any]) -> None:
    engine.replace_config(edition(*campaigns))
    tick(engine)


def statuses(engine: EngineFixture) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in message_counts.exact_by_step(engine.ledger):
        word = f"{item.status}/{item.reason}" if item.reason else item.status
        found[word] = found.get(word, 0) + item.messages
    return found


def numbers(engine: EngineFixture) -> list[str]:
    return [one.envelope.to for one in engine.sms.sent]


def told(engine: EngineFixture) -> list[tuple[str, str, str]]:
    problems = schedule_problems.find(engine.ledger, engine.config.schedules, now=engine.clock.now())
    return [(one.severity, one.where, f"{one.what} → {one.remedy}") for one in problems]


# --- what waits and fits no more -----------------------------------------------------------------------


def at(hour: int, minute: int = 0) -> dict[str, Any]:
    return {**LAUNCH, "at": datetime(2025, 11, 3, hour, minute)}  # noqa: DTZ001 - local time


@pytest.mark.parametrize(
    "edited",
    [
        contest({**DAILY, "since": TODAY + DAY}),  # the step is gone
        contest(LAUNCH, audiences=["staff"]),  # the audience is
        contest({**LAUNCH, "audiences": ["staff"]}, audiences=["residents", "staff"]),
        contest({**LAUNCH, "channels": ["email"]}),
        contest(LAUNCH, starts=TODAY + DAY),  # it lies before the start
    ],
    ids=["step", "audience", "audience-of-step", "channel", "start"],
)
def test_what_the_schedules_have_no_more_is_not_sent(
    engine: EngineFixture, edited: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    sent = send_first_shard(engine)
    with caplog.at_level(logging.WARNING):
        edit(engine, edited)
    engine.run_until_sync(MORNING + 2 * HOUR)
    residents = {phone_number(n) for n in range(PEOPLE)}
    assert len(residents.intersection(numbers(engine))) == sent
    assert statuses(engine)["cancelled/schedule-changed"] == PEOPLE - sent
    assert f"{PEOPLE - sent} messages that waited are not sent" in caplog.text
    assert any(str(PEOPLE - sent) in sentence for _severity, _where, sentence in told(engine))


def test_an_audience_added_to_what_goes_out_gets_it_too_and_nobody_twice(engine: EngineFixture) -> None:
    engine.run_until_sync(MORNING + HOUR)
    load_rows(  # one of the staff is among the residents as well
        engine,
        *(contact_row(n, audience="staff") for n in (0, 900)),
        *(contact_row(n) for n in range(PEOPLE)),
    )
    edit(engine, contest(LAUNCH, audiences=["residents", "staff"]))
    engine.run_until_sync(MORNING + 2 * HOUR)
    assert numbers(engine)[PEOPLE:] == [phone_number(900)]


def test_an_audience_added_too_late_is_left_alone(engine: EngineFixture) -> None:
    engine.run_until_sync(MORNING + 7 * HOUR)
    edit(engine, contest(LAUNCH, audiences=["residents", "staff"]))
    engine.run_until_sync(MORNING + 8 * HOUR)
    assert len(engine.sms.sent) == PEOPLE


def test_a_deadline_moved_while_its_warning_goes_out_stops_the_rest(sqlite_url: str) -> None:
    warning = {"name": "deadline", "before": ["2h"], "template": "daily"}
    ends = datetime(2025, 11, 3, 10)  # noqa: DTZ001 - local time
    engine = open_with(sqlite_url, contest(warning, ends=ends))
    sent = send_first_shard(engine)
    edit(engine, contest(warning, ends=TODAY + 5 * DAY))
    engine.run_until_sync(MORNING + 4 * DAY)
    assert len(engine.sms.sent) == sent
    engine.run_until_sync(MORNING + 6 * DAY)
    assert len(engine.sms.sent) == sent + PEOPLE  # everybody is warned of the new one
    engine.close()


def test_a_deadline_moved_earlier_ends_what_goes_out(sqlite_url: str) -> None:
    engine = open_with(sqlite_url, contest(LAUNCH))
    sent = send_first_shard(engine)
    ends = engine.clock.now() + 7 * HOUR + MINUTE
    edit(engine, contest(LAUNCH, ends=ends.replace(tzinfo=None)))
    engine.clock.advance(2 * MINUTE)
    engine.run_until_sync(MORNING + HOUR)
    assert len(engine.sms.sent) == sent
    assert statuses(engine)["expired/expired"] == PEOPLE - sent
    engine.close()


def test_a_step_moved_on_its_way_reaches_the_rest_at_its_new_time(engine: EngineFixture) -> None:
    sent = send_first_shard(engine)
    edit(engine, contest(at(10)))
    load_rows(
        engine,
        *(contact_row(n) for n in range(PEOPLE + 1)),
        *(contact_row(n, audience="staff") for n in range(900, 902)),
    )
    assert told(engine) == []  # nobody is forgotten: it is to come
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert sorted(numbers(engine)) == sorted(set(numbers(engine)))
    assert len(engine.sms.sent) == PEOPLE + 1
    assert all(one.at >= MORNING + 2 * HOUR for one in engine.sms.sent[sent:])


def test_a_step_that_went_out_is_not_said_again_when_its_time_is_edited(engine: EngineFixture) -> None:
    engine.run_until_sync(MORNING + HOUR)
    edit(engine, contest(at(10)))
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert len(engine.sms.sent) == PEOPLE


def test_two_times_a_day_of_one_step_both_go_out(sqlite_url: str) -> None:
    twice = {"name": "daily", "every": ["daily 08:00", "daily 17:00"], "template": "daily"}
    engine = open_with(sqlite_url, contest(twice), people=1)
    engine.run_until_sync(MORNING + 12 * HOUR)
    assert len(engine.sms.sent) == 2
    engine.close()


def test_an_edit_taken_back_lets_the_rest_go_out(engine: EngineFixture) -> None:
    send_first_shard(engine)
    edit(engine, contest({**DAILY, "since": TODAY + DAY}))
    edit(engine, contest(LAUNCH))
    engine.run_until_sync(MORNING + 2 * HOUR)
    assert len(engine.sms.sent) == len(set(numbers(engine))) == PEOPLE
    assert told(engine) == []


def test_moved_to_and_fro_it_reaches_everybody_once(database_url: str) -> None:
    engine = open_with(database_url, contest(LAUNCH))
    send_first_shard(engine)
    edit(engine, contest(at(9)))
    engine.clock.advance_to(MORNING + HOUR)
    tick(engine)
    assert asyncio.run(engine.delivery.serve_next_shard("sms"))
    edit(engine, contest(LAUNCH))
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert len(engine.sms.sent) == len(set(numbers(engine))) == PEOPLE
    assert integrity.violations(engine.ledger, now=engine.clock.now()) == ()
    engine.close()


def test_a_campaign_taken_out_sends_no_more(engine: EngineFixture) -> None:
    sent = send_first_shard(engine)
    other = contest({**DAILY, "since": TODAY + DAY}, audiences=["staff"])
    engine.replace_config(
        edition(other).model_copy(update={"campaigns": {"b": edition(other, other).campaigns["b"]}})
    )
    tick(engine)
    engine.run_until_sync(MORNING + 2 * HOUR)
    assert len(engine.sms.sent) == sent
    assert statuses(engine)["cancelled/schedule-changed"] == PEOPLE - sent


def test_new_words_are_what_the_rest_is_told(sqlite_url: str) -> None:
    engine = open_with(sqlite_url, contest(LAUNCH))
    sent = send_first_shard(engine)
    engine.replace_config(
        edition(contest({**LAUNCH, "template": "other"})), {"other.sms.j2": "Khac {{ recipient.name }}"}
    )
    engine.run_until_sync(MORNING + HOUR)
    assert {one.envelope.body.split()[0] for one in engine.sms.sent[sent:]} == {"Khac"}
    engine.close()


def test_who_has_an_older_edition_undoes_nothing(sqlite_url: str) -> None:
    engine = open_with(sqlite_url, contest(LAUNCH))
    sent = send_first_shard(engine)
    newer = engine_fixture.open_engine(sqlite_url, edition(contest(at(10))), now=engine.clock.now())
    newer.app.live_config.config = engine_fixture.make_configuration(
        edition(contest(at(10))), fingerprint="newer"
    )
    tick(newer)
    tick(engine)
    assert statuses(engine)["cancelled/schedule-changed"] == PEOPLE - sent
    newer.close()
    engine.close()


# --- what looks renamed --------------------------------------------------------------------------------


def test_a_renamed_step_is_held_until_somebody_decides(
    engine: EngineFixture, caplog: pytest.LogCaptureFixture
) -> None:
    engine.run_until_sync(MORNING + MINUTE * 10)
    edit(engine, contest({**LAUNCH, "name": "mo-dau"}))
    engine.run_until_sync(MORNING + HOUR)
    assert len(engine.sms.sent) == PEOPLE
    assert "looks like a/launch renamed" in caplog.text
    ((severity, where, sentence),) = told(engine)
    assert (severity, where) == ("error", "campaign.a.step.mo-dau")
    assert "dispatcher rename step launch mo-dau --campaign a" in sentence
    renames.rename_step(engine.ledger, "a", "launch", "mo-dau", who="lan", now=engine.clock.now())
    engine.run_until_sync(MORNING + 2 * HOUR)
    assert len(engine.sms.sent) == PEOPLE
    assert told(engine) == []


def test_a_step_renamed_on_its_way_goes_on_once_that_is_said(engine: EngineFixture) -> None:
    sent = send_first_shard(engine)
    edit(engine, contest({**LAUNCH, "name": "mo-dau"}))
    engine.run_until_sync(MORNING + 10 * MINUTE)
    assert len(engine.sms.sent) == sent
    renames.rename_step(engine.ledger, "a", "launch", "mo-dau", who="lan", now=engine.clock.now())
    engine.run_until_sync(MORNING + HOUR)
    assert len(engine.sms.sent) == len(set(numbers(engine))) == PEOPLE


def test_a_step_told_apart_goes_out_as_well(engine: EngineFixture) -> None:
    engine.run_until_sync(MORNING + 10 * MINUTE)
    edit(engine, contest({**LAUNCH, "name": "mo-dau"}))
    engine.run_until_sync(MORNING + 20 * MINUTE)
    assert len(engine.sms.sent) == PEOPLE
    assert "dispatcher rename apart launch mo-dau --campaign a" in told(engine)[0][2]
    assert not told_apart.tell_apart(engine.ledger, "a", "x", "mo-dau", who="lan", now=engine.clock.now())
    assert told_apart.tell_apart(engine.ledger, "a", "launch", "mo-dau", who="lan", now=engine.clock.now())
    engine.run_until_sync(MORNING + HOUR)
    assert len(engine.sms.sent) == 2 * PEOPLE
    assert told(engine) == []


def test_what_was_told_apart_stays_so_under_a_new_name_of_its_campaign(engine: EngineFixture) -> None:
    engine.run_until_sync(MORNING + MINUTE)
    told_apart.tell_apart(engine.ledger, "a", "launch", "mo-dau", who="lan", now=engine.clock.now())
    renames.rename_campaign(engine.ledger, "a", "b", who="lan", now=engine.clock.now())
    assert told_apart.pairs(engine.ledger) == {("b", "launch", "mo-dau")}


def test_a_name_given_to_another_step_hides_nothing(sqlite_url: str) -> None:
    engine = open_with(sqlite_url, contest(LAUNCH), people=2)
    engine.run_until_sync(MORNING + MINUTE)
    edit(engine, contest({**LAUNCH, "name": "mo-dau"}, at(15)))
    engine.run_until_sync(MORNING + 4 * HOUR)
    engine.replace_config(
        edition(contest({**LAUNCH, "name": "mo-dau"}, {**LAUNCH, "template": "other"})), {"daily.sms.j2": "x"}
    )
    engine.run_until_sync(MORNING + 9 * HOUR)
    assert len(engine.sms.sent) == 2
    assert [sentence for _severity, _where, sentence in told(engine) if "rename step" in sentence] == []
    engine.close()


@pytest.mark.parametrize(
    "edited",
    [
        contest(LAUNCH, {**at(8, 30), "name": "again"}),  # another time: it is to be said again
        contest({**at(8, 30), "name": "again"}),
        contest(
            {**LAUNCH, "audiences": ["residents"]},
            {**LAUNCH, "name": "to-staff", "audiences": ["staff"]},
            audiences=["residents", "staff"],
        ),
        contest({**LAUNCH, "name": "other-words", "template": "other"}),
    ],
    ids=["another-time", "instead", "other-people", "other-words"],
)
def test_what_is_new_goes_out(sqlite_url: str, edited: dict[str, Any]) -> None:
    engine = open_with(sqlite_url, contest(LAUNCH), people=2)
    engine.run_until_sync(MORNING + MINUTE)
    engine.replace_config(edition(edited), {**engine_fixture.TEMPLATE_SOURCES, "other.sms.j2": "Khac"})
    engine.run_until_sync(MORNING + HOUR)
    assert len(engine.sms.sent) == 4
    engine.close()


def test_a_repeated_step_renamed_goes_on_next_day_and_says_nothing_twice(sqlite_url: str) -> None:
    engine = open_with(sqlite_url, contest(DAILY), people=2)
    engine.run_until_sync(MORNING + DAY + HOUR)
    edit(engine, contest({**DAILY, "name": "hang-ngay"}))
    engine.run_until_sync(MORNING + DAY + 2 * HOUR)
    assert len(engine.sms.sent) == 4
    engine.run_until_sync(MORNING + 2 * DAY + HOUR)
    assert len(engine.sms.sent) == 6
    assert (
        renames.rename_step(
            engine.ledger, "a", "daily", "hang-ngay", who="lan", now=engine.clock.now()
        ).occurrences
        == 2
    )
    assert told(engine) == []
    engine.close()


def test_thanks_under_a_new_name_go_to_nobody_twice(sqlite_url: str) -> None:
    thanks = {"name": "thanks", "after": "participation", "template": "daily"}
    engine = open_with(sqlite_url, contest(thanks), people=2)
    took_part = Participation(campaign="a", person_id=1, at=MORNING, source="x")
    participation.record(engine.ledger, [took_part], now=MORNING)
    engine.run_until_sync(MORNING + HOUR)
    assert len(engine.sms.sent) == 1
    edit(engine, contest({**thanks, "name": "cam-on"}))
    engine.run_until_sync(MORNING + 2 * HOUR)
    assert len(engine.sms.sent) == 1
    renames.rename_step(engine.ledger, "a", "thanks", "cam-on", who="lan", now=engine.clock.now())
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert len(engine.sms.sent) == 1
    engine.close()


def renamed_campaign(engine: EngineFixture, *steps: dict[str, Any]) -> None:
    """Let the campaign of the test be called b from now on."""
    both = edition(contest(*steps), contest(*steps))
    engine.replace_config(both.model_copy(update={"campaigns": {"b": both.campaigns["b"]}}))
    tick(engine)


def test_a_renamed_campaign_is_paused_and_the_new_name_takes_over(engine: EngineFixture) -> None:
    sent = send_first_shard(engine)
    renamed_campaign(engine, LAUNCH, {**at(10), "name": "second"})
    engine.run_until_sync(MORNING + 10 * MINUTE)
    assert len(engine.sms.sent) == sent
    state = campaign_states.state_of(engine.ledger, "b")
    assert state is not None
    assert (state.state, state.reason) == ("paused", "renamed")
    (severity, where, sentence), *_rest = told(engine)
    assert (severity, where) == ("error", "campaign.b")
    assert "dispatcher rename campaign a b" in sentence
    renames.rename_campaign(engine.ledger, "a", "b", who="lan", now=engine.clock.now())
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert len(engine.sms.sent) == 2 * PEOPLE  # the rest of the first, and the second
    assert told(engine) == []


def test_a_campaign_that_is_another_one_goes_on_when_resumed(sqlite_url: str) -> None:
    engine = open_with(sqlite_url, contest(LAUNCH), people=2)
    engine.run_until_sync(MORNING + MINUTE)
    renamed_campaign(engine, LAUNCH)
    campaign_states.resume(engine.ledger, "b", who="lan", now=engine.clock.now())
    engine.run_until_sync(MORNING + HOUR)
    assert len(engine.sms.sent) == 4
    engine.close()


# --- names that are used up, times that are past -------------------------------------------------------


@pytest.mark.parametrize("over", ["cancelled", "ended"])
def test_a_name_that_is_over_is_used_up(sqlite_url: str, over: str) -> None:
    engine = open_with(sqlite_url, contest(LAUNCH), people=1)
    engine.run_until_sync(MORNING + MINUTE)
    if over == "cancelled":
        campaign_states.cancel(engine.ledger, "a", reason="", who="lan", now=engine.clock.now())
    else:
        campaign_states.end(engine.ledger, "a", now=engine.clock.now())
    assert [severity for severity, _where, _what in told(engine)] == (
        ["advice"] if over == "cancelled" else []
    )
    edit(engine, contest(at(10)))
    ((severity, where, sentence),) = told(engine)
    assert (severity, where) == ("error", "campaign.a")
    assert "[campaign.a-2]" in sentence
    engine.close()


def test_times_that_are_past_are_told(sqlite_url: str) -> None:
    engine = open_with(sqlite_url, contest(LAUNCH, {**DAILY, "since": TODAY + DAY}), people=1)
    engine.clock.advance_to(MORNING + 7 * HOUR)
    ((severity, where, sentence),) = told(engine)
    assert (severity, where) == ("advice", "campaign.a.step.launch")
    assert "lies in the past" in sentence
    engine.clock.advance_to(MORNING + 400 * DAY)
    ((severity, where, sentence),) = told(engine)
    assert (severity, where) == ("advice", "campaign.a")
    assert "all its times" in sentence
    engine.close()


# --- a deadline that was moved -------------------------------------------------------------------------

WORDS = {
    **engine_fixture.TEMPLATE_SOURCES,
    "extended.sms.j2": "Gia han den {{ deadline|short_date }}",
    "shortened.sms.j2": "Rut ngan den {{ deadline|short_date }}",
}


def telling(days: int, **keys: Any) -> dict[str, Any]:
    """A campaign of two texts with so many days to go, which tells of a new deadline."""
    return contest(
        LAUNCH, {**at(8), "at": TODAY + 2 * DAY, "name": "second"}, ends=TODAY + days * DAY,
        **{"moved": "tell", **keys},
    )  # fmt: skip


def bodies(engine: EngineFixture) -> list[str]:
    return [one.envelope.body for one in engine.sms.sent]


def move_deadline(engine: EngineFixture, days: int, **keys: Any) -> None:
    engine.replace_config(edition(telling(days, **keys)), WORDS)
    tick(engine)


@pytest.fixture
def announced(sqlite_url: str) -> Iterator[EngineFixture]:
    """Two people who were told of a deadline nine days ahead."""
    opened = open_with(sqlite_url, telling(9), people=2)
    opened.run_until_sync(MORNING + HOUR)
    assert len(opened.sms.sent) == 2
    yield opened
    assert integrity.violations(opened.ledger, now=opened.clock.now()) == ()
    opened.close()


@pytest.mark.parametrize(("days", "words"), [(20, "Gia han den 23/11/2025"), (5, "Rut ngan den 08/11/2025")])
def test_who_was_told_the_old_deadline_is_told_the_new_one_once(
    announced: EngineFixture, days: int, words: str
) -> None:
    load_rows(
        announced,
        *(contact_row(n) for n in range(3)),  # the third was told nothing
        *(contact_row(n, audience="staff") for n in range(900, 902)),
    )
    move_deadline(announced, days)
    announced.run_until_sync(MORNING + DAY)
    assert bodies(announced)[2:] == [words, words]
    announced.run_until_sync(MORNING + 4 * DAY)
    assert len(bodies(announced)) == 4 + 3  # nothing more but the second step
    assert bodies(announced).count(words) == 2


def test_a_deadline_put_right_at_once_is_not_heard_of(announced: EngineFixture) -> None:
    move_deadline(announced, 20)
    announced.clock.advance(5 * MINUTE)
    move_deadline(announced, 9)
    announced.run_until_sync(MORNING + DAY)
    assert len(bodies(announced)) == 2


def test_who_took_part_is_not_told_of_a_new_deadline(announced: EngineFixture) -> None:
    took_part = Participation(campaign="a", person_id=1, at=MORNING, source="x")
    participation.record(announced.ledger, [took_part], now=announced.clock.now())
    move_deadline(announced, 20)
    announced.run_until_sync(MORNING + DAY)
    assert bodies(announced)[2:] == ["Gia han den 23/11/2025"]


def test_moved_twice_each_is_told_what_is_true_of_what_they_heard(database_url: str) -> None:
    engine = open_with(database_url, telling(9), people=2)
    engine.run_until_sync(MORNING + HOUR)
    move_deadline(engine, 20)
    engine.run_until_sync(MORNING + 2 * HOUR)
    move_deadline(engine, 15)
    engine.run_until_sync(MORNING + DAY)
    assert bodies(engine)[2:] == ["Gia han den 23/11/2025"] * 2 + ["Rut ngan den 18/11/2025"] * 2
    engine.close()


def test_without_leave_nobody_is_told(announced: EngineFixture) -> None:
    move_deadline(announced, 20, moved="silent")
    announced.run_until_sync(MORNING + DAY)
    assert len(bodies(announced)) == 2
