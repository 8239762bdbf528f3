"""What the sending path makes of a provider's answers: the real parts, and a provider that takes notes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, pairwise, repeat

import pytest
import sqlalchemy as sa

from dispatcher.feedback.in_doubt_resolver import IN_DOUBT_MAX
from dispatcher.gateways import Envelope, Result, SendPermit
from dispatcher.ledger.queries import integrity, message_counts
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.schema.tables import message
from dispatcher.ledger.sending import campaign_states, rate_limits, shards
from dispatcher.ledger.sending.rate_limits import CIRCUIT_BACKOFF, GatewayRate
from tests import engine_fixture
from tests.engine_fixture import (
    MORNING,
    SECOND,
    EngineFixture,
    accepted,
    contact_row,
    load_rows,
    schedules,
    ten_day_campaign,
)
from tests.ledger_fixture import HOUR, phone_number
from tests.schedules_factory import audience_toml
from tests.unit.test_limits import fail

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[EngineFixture]:
    opened = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign(cap_per_week=9)), rate=10.0)
    yield opened
    assert integrity.violations(opened.ledger, now=opened.clock.now()) == ()
    opened.close()


def later(
    code: str, error_class: str = "temporary", wait: float | None = None
) -> Callable[[Envelope], Result]:
    return lambda envelope: Result(
        key=envelope.key,
        kind="later",
        code=code,
        error_class=error_class,
        retry_after_seconds=wait,  # type: ignore[arg-type]
    )


def refused(code: str, error_class: str) -> Callable[[Envelope], Result]:
    return lambda envelope: Result(
        key=envelope.key,
        kind="refused",
        code=code,
        error_class=error_class,  # type: ignore[arg-type]
    )


def lost(envelope: Envelope) -> Result:
    return Result(key=envelope.key, kind="unknown", code="no-answer", error_class="ambiguous")


def in_turn(*answers: Callable[[Envelope], Result]) -> Callable[[Envelope], Result]:
    """Give these answers one after the other, then accept."""
    following = chain(answers, repeat(accepted))

    def answer(envelope: Envelope) -> Result:
        return next(following)(envelope)

    return answer


def throttle(engine: EngineFixture) -> GatewayRate:
    (found,) = rate_limits.gateway_rates(engine.ledger)
    return found


def stands(engine: EngineFixture) -> tuple[str, str]:
    standing = campaign_states.state_of(engine.ledger, "a")
    assert standing is not None
    return standing.state, standing.reason


def statuses(engine: EngineFixture) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in message_counts.exact_by_step(engine.ledger):
        word = f"{item.status}/{item.reason}" if item.reason else item.status
        found[word] = found.get(word, 0) + item.messages
    return found


# --- too many, enough for now ------------------------------------------------------------------------


def test_too_many_slows_the_gateway_and_uses_up_nothing(engine: EngineFixture) -> None:
    load_rows(engine, *(contact_row(n) for n in range(20)))
    engine.sms.answer = in_turn(*[later("20429", "throttled", 7.0)] * 3)
    engine.run_until_sync(MORNING + MINUTE)
    assert statuses(engine) == {"sending": 20}
    assert engine.sms.sent[-1].at >= MORNING + 7 * SECOND
    assert throttle(engine).rate == pytest.approx(7.0)
    keys = [left.envelope.key for left in engine.sms.sent]
    assert len(set(keys)) == len(keys) == 23


@pytest.mark.parametrize(("code", "wait"), [("21611", 600.0), ("60728", 3600.0), ("63038", 86_400.0)])
@pytest.mark.parametrize("how", ["at once", "by a report"])
def test_an_account_that_has_had_enough_is_left_in_peace_and_the_reason_is_shown(
    engine: EngineFixture, code: str, wait: float, how: str
) -> None:
    load_rows(engine, *(contact_row(n) for n in range(3)))
    if how == "at once":
        engine.sms.answer = in_turn(later(code, "account", wait))
    else:

        def answer(envelope: Envelope) -> Result:
            if len(engine.sms.sent) == 0:
                report(engine, envelope, code, wait)
            return accepted(envelope)

        engine.sms.answer = answer
    engine.run_until_sync(MORNING + 2 * SECOND)
    asked = throttle(engine)
    assert (asked.blocked_reason, asked.rate) == (code, 10.0)
    assert asked.blocked_until is not None
    assert asked.blocked_until >= MORNING + timedelta(seconds=wait)
    before = len(engine.sms.sent)
    engine.run_until_sync(min(MORNING + timedelta(seconds=wait), MORNING + 12 * HOUR) - SECOND)
    assert len(engine.sms.sent) == before


def report(engine: EngineFixture, envelope: Envelope, code: str, wait: float) -> None:
    message_id, attempt = engine.delivery.envelope_builder.links.parse_message_key(envelope.key) or (0, 0)
    told = Event(
        kind="status",
        dedupe_key=envelope.key,
        gateway="noting-sms",
        message_id=message_id,
        attempt=attempt,
        status="temporary-failure",
        code=code,
        error_class="account",
        retry_after_seconds=wait,
    )
    event_inbox.record(engine.ledger, [told], now=engine.clock.now())


# --- nobody there ------------------------------------------------------------------------------------


def test_a_gateway_that_is_gone_is_left_alone_longer_each_time_and_tried_with_one_message(
    engine: EngineFixture,
) -> None:
    load_rows(engine, *(contact_row(n) for n in range(40)))
    back_at = MORNING + 20 * MINUTE
    engine.sms.answer = lambda envelope: (
        accepted(envelope) if engine.clock.now() >= back_at else later("connect", "transport")(envelope)
    )
    engine.run_until_sync(MORNING + 10 * SECOND)
    assert throttle(engine).circuit_open
    assert throttle(engine).blocked_reason == "connect"
    first_round = len(engine.sms.sent)
    engine.run_until_sync(MORNING + 2 * HOUR)
    tries = [left.at for left in engine.sms.sent[first_round:] if left.at < back_at]
    waits = [after - before for before, after in pairwise(tries)]
    assert len(tries) == len(set(tries))  # one at a time
    assert all(wait >= pause for wait, pause in zip(waits, CIRCUIT_BACKOFF[1:], strict=False))
    assert statuses(engine) == {"sending": 40}
    assert not throttle(engine).circuit_open
    assert throttle(engine).rate == 10.0


def test_a_few_lost_answers_among_good_ones_stop_nobody(engine: EngineFixture) -> None:
    load_rows(engine, *(contact_row(n) for n in range(30)))
    engine.sms.answer = in_turn(*([accepted] * 9 + [lost]) * 2)
    engine.run_until_sync(MORNING + 10 * SECOND)
    assert len(engine.sms.sent) == 30
    assert not throttle(engine).circuit_open


def test_a_probe_without_a_message_to_try_it_with_holds_nobody_up(engine: EngineFixture) -> None:
    rate_limits.record_no_answer(engine.ledger, "noting-sms", 5, in_a_row=True, reason="connect", now=MORNING)
    after = MORNING + CIRCUIT_BACKOFF[0]
    probe = rate_limits.reserve(engine.ledger, "noting-sms", 100, now=after)
    assert isinstance(probe, rate_limits.Slots)
    assert (probe.count, probe.is_probe) == (1, True)
    assert not isinstance(rate_limits.reserve(engine.ledger, "noting-sms", 100, now=after), rate_limits.Slots)
    rate_limits.release_slots(engine.ledger, "noting-sms", probe, 0)
    assert isinstance(rate_limits.reserve(engine.ledger, "noting-sms", 100, now=after), rate_limits.Slots)


# --- a run that goes wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "error_class"), [("21606", "config"), ("21617", "content")])
def test_nothing_but_our_own_mistakes_from_the_start_stops_the_run(
    engine: EngineFixture, code: str, error_class: str
) -> None:
    load_rows(engine, *(contact_row(n) for n in range(300)))
    engine.sms.answer = refused(code, error_class)
    engine.run_until_sync(MORNING + HOUR)
    assert stands(engine) == ("paused", "configuration-errors")
    assert len(engine.sms.sent) <= 100  # the first batch


@pytest.mark.parametrize("left", [6, 10, 300])
@pytest.mark.parametrize(("code", "error_class"), [("20003", "config"), ("29998", "")])
def test_settings_that_go_wrong_on_the_way_are_called_so(
    engine: EngineFixture, caplog: pytest.LogCaptureFixture, code: str, error_class: str, left: int
) -> None:
    load_rows(engine, *(contact_row(n) for n in range(20 + left)))
    wrong = Result(
        key="", kind="later", code=code, error_class=error_class, detail="HTTP 401: authentication failed"
    )  # type: ignore[arg-type]
    engine.sms.answer = in_turn(*[accepted] * 20, *[lambda to: replace(wrong, key=to.key)] * 400)
    engine.run_until_sync(MORNING + HOUR)
    assert stands(engine) == ("paused", "configuration-errors")
    assert f"{code} (HTTP 401: authentication failed); mend the settings" in caplog.text
    assert statuses(engine).get("technical-failure/20003", 0) == 0


def test_numbers_that_a_setting_stands_in_the_way_of_stop_nobody(engine: EngineFixture) -> None:
    load_rows(engine, *(contact_row(n) for n in range(40)))
    bad = {phone_number(n) for n in (3, 7, 9, 12)}
    engine.sms.answer = lambda to: later("21408", "config")(to) if to.to in bad else accepted(to)
    engine.run_until_sync(MORNING + 8 * HOUR)
    assert stands(engine) == ("active", "")
    assert statuses(engine)["sending"] == 36


def test_four_mistakes_and_one_good_answer_do_not(engine: EngineFixture) -> None:
    load_rows(engine, *(contact_row(n) for n in range(40)))
    engine.sms.answer = in_turn(accepted, *[refused("21612", "config")] * 4)
    engine.run_until_sync(MORNING + HOUR)
    assert stands(engine) == ("active", "")


@pytest.mark.parametrize("people", [2, 40, 300])
def test_an_error_that_no_table_knows_burns_no_list(engine: EngineFixture, people: int) -> None:
    """An error of the account or the sender meets every message alike: nobody's tries are used up by it."""
    load_rows(engine, *(contact_row(n) for n in range(people)))
    engine.sms.answer = later("29998", "")
    engine.run_until_sync(MORNING + 5 * MINUTE)
    assert set(statuses(engine)) <= {"temporary-failure/29998", "created"}
    assert people < 5 or stands(engine) == ("paused", "configuration-errors")
    campaign_states.resume(engine.ledger, "a", who="lan", now=engine.clock.now())
    engine.sms.answer = accepted
    engine.run_until_sync(MORNING + HOUR)
    assert statuses(engine) == {"sending": people}


@pytest.mark.parametrize(
    ("code", "error_class"), [("29998", ""), ("http-403", "config"), ("21606", "config")]
)
def test_nor_does_it_where_a_batch_is_one_message(sqlite_url: str, code: str, error_class: str) -> None:
    """Before the fault and after it all is well: nobody's tries were used up between."""
    engine = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign()), rate=0.05)
    load_rows(engine, *(contact_row(n) for n in range(12)))
    engine.sms.answer = in_turn(*[accepted] * 3, *[later(code, error_class)] * 60)
    engine.run_until_sync(MORNING + 15 * MINUTE)
    burnt = {name for name in statuses(engine) if name.startswith(("technical", "permanent"))}
    assert burnt == set()
    assert statuses(engine)["sending"] == 3
    engine.sms.answer = accepted
    campaign_states.resume(engine.ledger, "a", who="lan", now=engine.clock.now())
    engine.run_until_sync(MORNING + HOUR)
    assert statuses(engine) == {"sending": 12}
    assert tries(engine) == {1, 2} if not error_class else {1}


def tries(engine: EngineFixture) -> set[int]:
    with engine.ledger.read() as connection:
        return set(connection.scalars(sa.select(message.c.counted_attempts)))


def test_an_unknown_code_beside_good_answers_is_the_messages_own(engine: EngineFixture) -> None:
    load_rows(engine, *(contact_row(n) for n in range(20)))
    bad = {phone_number(n) for n in (3, 7)}
    engine.sms.answer = lambda to: later("29998", "")(to) if to.to in bad else accepted(to)
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert stands(engine) == ("active", "")
    assert statuses(engine)["sending"] == 18


def test_failures_that_jump_stop_the_run(engine: EngineFixture) -> None:
    load_rows(engine, *(contact_row(n) for n in range(400)))
    engine.sms.answer = in_turn(*[accepted] * 80, *[refused("21614", "number")] * 11)
    engine.run_until_sync(MORNING + HOUR)
    assert stands(engine) == ("paused", "failures-jumped")


@pytest.mark.parametrize(
    ("bad", "of", "error_class"), [(10, 40, "number"), (11, 120, "number"), (60, 100, "opt-out")]
)
def test_few_failures_or_many_refusals_of_people_themselves_do_not(
    engine: EngineFixture, bad: int, of: int, error_class: str
) -> None:
    load_rows(engine, *(contact_row(n) for n in range(of)))
    engine.sms.answer = in_turn(*[accepted] * (of - bad), *[refused("x", error_class)] * bad)
    engine.run_until_sync(MORNING + HOUR)
    assert stands(engine) == ("active", "")


def test_failures_reported_later_stop_the_run_as_well(engine: EngineFixture) -> None:
    load_rows(engine, *(contact_row(n) for n in range(30)))

    def answer(envelope: Envelope) -> Result:
        if len(engine.sms.sent) < 11:
            fail(engine, envelope, "permanent-failure", "30007", "content")
        return accepted(envelope)

    engine.sms.answer = answer
    engine.run_until_sync(MORNING + HOUR)
    assert stands(engine) == ("paused", "failures-jumped")


def test_after_a_look_the_run_is_judged_afresh_by_whichever_process(engine: EngineFixture) -> None:
    load_rows(engine, *(contact_row(n) for n in range(300)))
    engine.sms.answer = refused("21606", "config")
    engine.run_until_sync(MORNING + HOUR)
    assert stands(engine) == ("paused", "configuration-errors")
    campaign_states.resume(engine.ledger, "a", who="lan", now=engine.clock.now())  # what CLI and pages call
    engine.sms.answer = accepted
    engine.run_until_sync(MORNING + 2 * HOUR)
    assert stands(engine) == ("active", "")
    assert statuses(engine)["sending"] >= 200


# --- answers that are odd, or that the ledger will not take ------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [{"provider_id": "SM\0x"}, {"provider_id": "\ud800"}, {"provider_id": "x" * 500}, {"provider_id": "a b"}],
)
def test_an_id_that_cannot_be_kept_puts_its_own_message_in_doubt_and_no_other(
    database_url: str, odd: dict[str, str]
) -> None:
    engine = engine_fixture.open_engine(database_url, schedules(ten_day_campaign()), rate=10.0)
    load_rows(engine, *(contact_row(n) for n in range(8)))
    engine.sms.answer = in_turn(accepted, lambda to: replace(accepted(to), **odd))
    engine.run_until_sync(MORNING + 10 * SECOND)
    assert statuses(engine) == {"sending": 7, "in-doubt": 1}
    engine.close()


@pytest.mark.parametrize(
    "odd",
    [{"code": "9" * 400}, {"code": "1\0"}, {"detail": "\ud800\0" * 300}, {"status": "fly\0ing"}],
)
def test_an_odd_word_beside_an_answer_costs_nobody_an_answer(database_url: str, odd: dict[str, str]) -> None:
    engine = engine_fixture.open_engine(database_url, schedules(ten_day_campaign()), rate=10.0)
    load_rows(engine, *(contact_row(n) for n in range(8)))
    engine.sms.answer = in_turn(accepted, lambda to: replace(accepted(to), **odd))
    engine.run_until_sync(MORNING + 10 * SECOND)
    assert statuses(engine) == {"sending": 8}
    engine.close()


def test_an_answer_that_the_ledger_will_not_take_costs_no_other_message_its_own(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign()), rate=10.0)
    load_rows(engine, *(contact_row(n) for n in range(8)))
    refusal = sa.DDL(
        "CREATE TRIGGER refusal BEFORE UPDATE ON message WHEN new.provider_id = 'SM-odd' "
        "BEGIN SELECT RAISE(ABORT, 'not as it is'); END"
    )
    with engine.ledger.begin() as connection:
        connection.execute(refusal)
    engine.sms.answer = in_turn(accepted, lambda to: replace(accepted(to), provider_id="SM-odd"))
    engine.run_until_sync(MORNING + 10 * SECOND)
    assert statuses(engine) == {"sending": 7, "submitting": 1}
    assert "not as it is" in caplog.text
    engine.close()


# --- several gateways, and none ----------------------------------------------------------------------


def test_the_next_gateway_steps_in_while_the_first_wants_nothing(sqlite_url: str) -> None:
    engine = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign()), rate=10.0, spares=("sms",))
    load_rows(engine, *(contact_row(n) for n in range(30)))
    rate_limits.block(engine.ledger, "noting-sms", until=MORNING + HOUR, reason="63038")
    engine.run_until_sync(MORNING + 2 * HOUR)
    assert (len(engine.sms.sent), len(engine.spares["sms"].sent)) == (0, 30)
    assert statuses(engine) == {"sending": 30}
    engine.run_until_sync(MORNING + 25 * HOUR)  # the next day: the first choice is back
    assert len(engine.sms.sent) == 30
    engine.close()


def test_a_doubt_is_asked_of_the_gateway_that_had_it(sqlite_url: str) -> None:
    engine = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign()), spares=("sms",))
    load_rows(engine, contact_row(1))
    engine.sms.answer = lost
    engine.run_until_sync(MORNING + MINUTE)
    rate_limits.block(engine.ledger, "noting-sms", until=MORNING + 9 * HOUR, reason="63038")
    engine.run_until_sync(MORNING + HOUR)
    assert (len(engine.sms.sent), len(engine.spares["sms"].sent)) == (1, 0)
    assert statuses(engine) == {"sending": 1}
    engine.close()


def test_a_doubt_of_a_gateway_that_is_gone_is_left_to_a_person(engine: EngineFixture) -> None:
    load_rows(engine, contact_row(1))
    engine.sms.answer, engine.sms.shows = lost, lambda: False
    engine.run_until_sync(MORNING + MINUTE)
    with engine.ledger.begin() as connection:
        connection.execute(sa.update(message).values(gateway="of-last-year"))
    engine.run_until_sync(MORNING + 12 * HOUR)
    assert len(engine.sms.sent) == 1
    assert statuses(engine) == {"in-doubt": 1}


def test_what_waits_on_a_channel_that_was_closed_runs_out_of_time(sqlite_url: str) -> None:
    before = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign()))
    load_rows(before, contact_row(1))
    before.step_runner.tick(MORNING)
    before.close()
    engine = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign()), channels=("email",))
    closed = schedules(ten_day_campaign())
    closed.close_channels({"sms"})
    engine.replace_config(closed)
    engine.run_until_sync(MORNING + 25 * HOUR)
    assert statuses(engine)["expired/expired"] == 1
    engine.close()


# --- single messages ---------------------------------------------------------------------------------


def test_an_unknown_code_is_tried_once_more_then_fails_and_is_reported(
    engine: EngineFixture, caplog: pytest.LogCaptureFixture
) -> None:
    load_rows(engine, contact_row(1))
    engine.sms.answer = later("31337", "")
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert len(engine.sms.sent) == 2
    assert statuses(engine) == {"technical-failure/31337": 1}
    assert "31337" in caplog.text


@pytest.mark.parametrize(
    ("code", "error_class", "offers"),
    [("30003", "temporary", 3), ("31337", "", 2), ("30410", "ambiguous", 1)],
)
def test_what_fails_after_it_was_taken_is_tried_again_by_its_code(
    engine: EngineFixture, caplog: pytest.LogCaptureFixture, code: str, error_class: str, offers: int
) -> None:
    """What may have arrived all the same is not sent a second time."""
    load_rows(engine, contact_row(1))

    def answer(envelope: Envelope) -> Result:
        fail(engine, envelope, "temporary-failure", code, error_class)
        return accepted(envelope)

    engine.sms.answer = answer
    engine.run_until_sync(MORNING + 12 * HOUR)
    assert len(engine.sms.sent) == offers
    assert statuses(engine) == {f"permanent-failure/{code}": 1}
    assert ("31337" in caplog.text) == (code == "31337")


@pytest.mark.parametrize(
    ("code", "error_class", "reason"),
    [("21610", "opt-out", "opted-out"), ("30004", "blocked", "blocked"), ("21614", "number", "dead-address")],
)
@pytest.mark.parametrize("how", ["at once", "by a report"])
def test_who_cannot_or_will_not_be_reached_is_not_written_to_again(
    engine: EngineFixture, code: str, error_class: str, reason: str, how: str
) -> None:
    load_rows(engine, contact_row(1))

    def by_a_report(envelope: Envelope) -> Result:
        fail(engine, envelope, "permanent-failure", code, error_class)
        return accepted(envelope)

    engine.sms.answer = refused(code, error_class) if how == "at once" else by_a_report
    engine.run_until_sync(MORNING + 3 * DAY)
    assert len(engine.sms.sent) == 1
    assert [(item.address, item.reason) for item in suppressions.find(engine.ledger)] == [
        (phone_number(1), reason)
    ]


def test_a_provider_that_asks_to_wait_is_waited_for(engine: EngineFixture) -> None:
    load_rows(engine, contact_row(1))
    engine.sms.answer = in_turn(later("4.2.1", wait=1800.0))
    engine.run_until_sync(MORNING + HOUR)
    first, second = (left.at for left in engine.sms.sent)
    assert second - first >= timedelta(seconds=1800)


def test_patience_ends_and_the_message_with_it(engine: EngineFixture) -> None:
    load_rows(engine, contact_row(1))
    engine.sms.answer = later("30008")
    engine.run_until_sync(MORNING + 12 * HOUR)
    assert len(engine.sms.sent) == 6
    assert statuses(engine) == {"technical-failure/retries-used-up": 1}


def test_what_is_in_doubt_is_asked_about_before_it_is_sent_again(engine: EngineFixture) -> None:
    load_rows(engine, contact_row(1), contact_row(2))

    def answer(envelope: Envelope) -> Result:
        if envelope.to == phone_number(1):
            return lost(envelope)  # it has arrived, as a look-up will tell
        return accepted(envelope)

    engine.sms.answer = answer
    engine.run_until_sync(MORNING + HOUR)
    assert len(engine.sms.sent) == 2
    assert statuses(engine) == {"sending": 2}


@pytest.mark.parametrize("hears", [True, False])
def test_a_list_that_lags_behind_is_believed_late_unless_reports_come_in(
    engine: EngineFixture, hears: bool
) -> None:
    """A text taken without an answer, and shown by the provider only ten minutes later."""
    load_rows(engine, contact_row(1))
    if hears:
        stray = Event(kind="status", dedupe_key="x", gateway="noting-sms", provider_id="SM-x", status="sent")
        event_inbox.record(engine.ledger, [stray], now=MORNING)
    engine.sms.answer = in_turn(lost)
    shown_at = MORNING + 10 * MINUTE
    engine.sms.shows = lambda: engine.clock.now() >= shown_at
    engine.run_until_sync(MORNING + HOUR)
    assert len(engine.sms.sent) == (2 if hears else 1)
    assert statuses(engine) == {"sending": 1}


def test_a_text_that_was_never_there_goes_again_when_that_is_believed(engine: EngineFixture) -> None:
    load_rows(engine, contact_row(1))
    engine.sms.answer = in_turn(lost)
    engine.sms.shows = lambda: False
    engine.run_until_sync(MORNING + HOUR)
    first, second = (item.at for item in engine.sms.sent)
    assert 12 * MINUTE <= second - first <= 17 * MINUTE
    assert statuses(engine) == {"sending": 1}


def test_a_text_nobody_can_be_asked_about_is_left_to_a_person(sqlite_url: str) -> None:
    engine = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign()), supports_lookup=False)
    load_rows(engine, contact_row(1))
    engine.sms.answer = lost
    engine.run_until_sync(MORNING + 12 * HOUR)
    assert len(engine.sms.sent) == 1
    assert statuses(engine) == {"in-doubt": 1}
    engine.close()


def test_a_mail_that_stays_in_doubt_is_repeated_so_often_and_then_left_to_a_person(sqlite_url: str) -> None:
    audiences = {"residents": audience_toml(channels=["email"])}
    engine = engine_fixture.open_engine(
        sqlite_url,
        schedules(ten_day_campaign(in_doubt_mail="resend"), audiences=audiences),
        channels=("email",),
    )
    load_rows(engine, contact_row(1, email="mot@hatay.example"))
    engine.gateways["email"].answer = lost
    engine.run_until_sync(MORNING + 12 * HOUR)
    assert len(engine.gateways["email"].sent) == 1 + IN_DOUBT_MAX
    assert statuses(engine) == {"in-doubt": 1}
    engine.close()


def test_expired_messages_are_settled_though_the_gateway_is_blocked(engine: EngineFixture) -> None:
    engine.replace_config(schedules(ten_day_campaign(ends=datetime.fromisoformat("2025-11-03T09:00"))))
    load_rows(engine, *(contact_row(n) for n in range(3)))
    rate_limits.block(engine.ledger, "noting-sms", until=MORNING + 23 * HOUR, reason="63038")
    engine.run_until_sync(MORNING + 2 * HOUR)
    assert engine.sms.sent == []
    assert set(statuses(engine)) == {"expired/expired"}
    assert asyncio.run(engine.delivery.serve_next_shard("sms")) is False


def test_a_clock_that_is_put_right_while_texts_are_on_the_wire_lets_their_shard_wait_no_longer(
    engine: EngineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When to look again is worked out before the last answers are in: by then it may be hours too late."""
    load_rows(engine, *(contact_row(n) for n in range(3)))
    engine.sms.answer = later("30001")
    send = engine.sms.send

    async def send_slowly(envelopes: Sequence[Envelope], *, acquire_permit: SendPermit) -> Sequence[Result]:
        results = await send(envelopes, acquire_permit=acquire_permit)
        await asyncio.sleep(0.2)  # meanwhile it is found that nothing more waits
        engine.clock._now = MORNING + MINUTE  # nobody else can set a simulated clock back
        engine.delivery.clock_set_back()
        return results

    monkeypatch.setattr(engine.sms, "send", send_slowly)
    engine.clock.advance_to(MORNING + 3 * HOUR)
    engine.step_runner.tick(engine.clock.now())
    assert asyncio.run(engine.delivery.serve_next_shard("sms"))
    opens_at = shards.next_open_at(engine.ledger)
    assert opens_at is not None
    assert opens_at < MORNING + HOUR
