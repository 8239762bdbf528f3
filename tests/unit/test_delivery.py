"""What the sending path makes of a provider's answers: the real parts, and a provider that takes notes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import chain, pairwise, repeat

import pytest

from dispatcher.feedback.doubts import DOUBTS_MAX
from dispatcher.gateways import Envelope, Result
from dispatcher.ledger import audit, books, campaigns, consent, events, rates
from dispatcher.ledger.events import Event
from dispatcher.ledger.rates import LEFT_ALONE, Throttle
from tests import office
from tests.campaigns import audience
from tests.office import MORNING, SECOND, Office, accepted, load, neighbour, schedules, weeks
from tests.town import HOUR, number
from tests.unit.test_limits import fail

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Office]:
    opened = office.open_office(sqlite_url, schedules(weeks(cap_per_week=9)), rate=10.0)
    yield opened
    assert audit.flaws(opened.ledger, now=opened.clock.now()) == ()
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


def throttle(town: Office) -> Throttle:
    (found,) = rates.throttles(town.ledger)
    return found


def stands(town: Office) -> tuple[str, str]:
    standing = campaigns.standing(town.ledger, "a")
    assert standing is not None
    return standing.state, standing.reason


def statuses(town: Office) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in books.sums(town.ledger):
        word = f"{item.status}/{item.reason}" if item.reason else item.status
        found[word] = found.get(word, 0) + item.messages
    return found


# --- too many, enough for now ------------------------------------------------------------------------


def test_too_many_slows_the_gateway_and_uses_up_nothing(town: Office) -> None:
    load(town, *(neighbour(n) for n in range(20)))
    town.sms.answer = in_turn(*[later("20429", "throttled", 7.0)] * 3)
    town.play(MORNING + MINUTE)
    assert statuses(town) == {"sending": 20}
    assert town.sms.left[-1].at >= MORNING + 7 * SECOND
    assert throttle(town).rate == pytest.approx(7.0)
    keys = [left.envelope.key for left in town.sms.left]
    assert len(set(keys)) == len(keys) == 23


@pytest.mark.parametrize(("code", "wait"), [("21611", 600.0), ("60728", 3600.0), ("63038", 86_400.0)])
@pytest.mark.parametrize("how", ["at once", "by a report"])
def test_an_account_that_has_had_enough_is_left_in_peace_and_the_reason_is_shown(
    town: Office, code: str, wait: float, how: str
) -> None:
    load(town, *(neighbour(n) for n in range(3)))
    if how == "at once":
        town.sms.answer = in_turn(later(code, "account", wait))
    else:

        def answer(envelope: Envelope) -> Result:
            if len(town.sms.left) == 0:
                report(town, envelope, code, wait)
            return accepted(envelope)

        town.sms.answer = answer
    town.play(MORNING + 2 * SECOND)
    asked = throttle(town)
    assert (asked.blocked_reason, asked.rate) == (code, 10.0)
    assert asked.blocked_until is not None
    assert asked.blocked_until >= MORNING + timedelta(seconds=wait)
    before = len(town.sms.left)
    town.play(min(MORNING + timedelta(seconds=wait), MORNING + 12 * HOUR) - SECOND)
    assert len(town.sms.left) == before


def report(town: Office, envelope: Envelope, code: str, wait: float) -> None:
    message_id, attempt = town.delivery.post.links.read_message_key(envelope.key) or (0, 0)
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
    events.record(town.ledger, [told], now=town.clock.now())


# --- nobody there ------------------------------------------------------------------------------------


def test_a_gateway_that_is_gone_is_left_alone_longer_each_time_and_tried_with_one_message(
    town: Office,
) -> None:
    load(town, *(neighbour(n) for n in range(40)))
    back_at = MORNING + 20 * MINUTE
    town.sms.answer = lambda envelope: (
        accepted(envelope) if town.clock.now() >= back_at else later("connect", "transport")(envelope)
    )
    town.play(MORNING + 10 * SECOND)
    assert throttle(town).is_left_alone
    assert throttle(town).blocked_reason == "connect"
    first_round = len(town.sms.left)
    town.play(MORNING + 2 * HOUR)
    tries = [left.at for left in town.sms.left[first_round:] if left.at < back_at]
    waits = [after - before for before, after in pairwise(tries)]
    assert len(tries) == len(set(tries))  # one at a time
    assert all(wait >= pause for wait, pause in zip(waits, LEFT_ALONE[1:], strict=False))
    assert statuses(town) == {"sending": 40}
    assert not throttle(town).is_left_alone
    assert throttle(town).rate == 10.0


def test_a_few_lost_answers_among_good_ones_stop_nobody(town: Office) -> None:
    load(town, *(neighbour(n) for n in range(30)))
    town.sms.answer = in_turn(*([accepted] * 9 + [lost]) * 2)
    town.play(MORNING + 10 * SECOND)
    assert len(town.sms.left) == 30
    assert not throttle(town).is_left_alone


def test_a_probe_without_a_message_to_try_it_with_holds_nobody_up(town: Office) -> None:
    rates.unanswered(town.ledger, "noting-sms", 5, in_a_row=True, reason="connect", now=MORNING)
    after = MORNING + LEFT_ALONE[0]
    probe = rates.reserve(town.ledger, "noting-sms", 100, now=after)
    assert isinstance(probe, rates.Slots)
    assert (probe.count, probe.is_probe) == (1, True)
    assert not isinstance(rates.reserve(town.ledger, "noting-sms", 100, now=after), rates.Slots)
    rates.give_back(town.ledger, "noting-sms", probe, 0)
    assert isinstance(rates.reserve(town.ledger, "noting-sms", 100, now=after), rates.Slots)


# --- a run that goes wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "error_class"), [("21606", "config"), ("21617", "content")])
def test_nothing_but_our_own_mistakes_from_the_start_stops_the_run(
    town: Office, code: str, error_class: str
) -> None:
    load(town, *(neighbour(n) for n in range(300)))
    town.sms.answer = refused(code, error_class)
    town.play(MORNING + HOUR)
    assert stands(town) == ("paused", "configuration-errors")
    assert len(town.sms.left) <= 100  # the first batch


def test_four_mistakes_and_one_good_answer_do_not(town: Office) -> None:
    load(town, *(neighbour(n) for n in range(40)))
    town.sms.answer = in_turn(accepted, *[refused("21612", "config")] * 4)
    town.play(MORNING + HOUR)
    assert stands(town) == ("active", "")


def test_failures_that_jump_stop_the_run(town: Office) -> None:
    load(town, *(neighbour(n) for n in range(400)))
    town.sms.answer = in_turn(*[accepted] * 80, *[refused("21614", "number")] * 11)
    town.play(MORNING + HOUR)
    assert stands(town) == ("paused", "failures-jumped")


@pytest.mark.parametrize(
    ("bad", "of", "error_class"), [(10, 40, "number"), (11, 120, "number"), (60, 100, "opt-out")]
)
def test_few_failures_or_many_refusals_of_people_themselves_do_not(
    town: Office, bad: int, of: int, error_class: str
) -> None:
    load(town, *(neighbour(n) for n in range(of)))
    town.sms.answer = in_turn(*[accepted] * (of - bad), *[refused("x", error_class)] * bad)
    town.play(MORNING + HOUR)
    assert stands(town) == ("active", "")


def test_failures_reported_later_stop_the_run_as_well(town: Office) -> None:
    load(town, *(neighbour(n) for n in range(30)))

    def answer(envelope: Envelope) -> Result:
        if len(town.sms.left) < 11:
            fail(town, envelope, "permanent-failure", "30007", "content")
        return accepted(envelope)

    town.sms.answer = answer
    town.play(MORNING + HOUR)
    assert stands(town) == ("paused", "failures-jumped")


def test_after_a_look_the_run_is_judged_afresh_by_whichever_process(town: Office) -> None:
    load(town, *(neighbour(n) for n in range(300)))
    town.sms.answer = refused("21606", "config")
    town.play(MORNING + HOUR)
    assert stands(town) == ("paused", "configuration-errors")
    campaigns.resume(town.ledger, "a", who="lan", now=town.clock.now())  # what CLI and pages call
    town.sms.answer = accepted
    town.play(MORNING + 2 * HOUR)
    assert stands(town) == ("active", "")
    assert statuses(town)["sending"] >= 200


# --- single messages ---------------------------------------------------------------------------------


def test_an_unknown_code_is_tried_once_more_then_fails_and_is_reported(
    town: Office, caplog: pytest.LogCaptureFixture
) -> None:
    load(town, neighbour(1))
    town.sms.answer = later("31337", "")
    town.play(MORNING + 3 * HOUR)
    assert len(town.sms.left) == 2
    assert statuses(town) == {"technical-failure/31337": 1}
    assert "31337" in caplog.text


@pytest.mark.parametrize(
    ("code", "error_class", "offers"),
    [("30003", "temporary", 3), ("31337", "", 2), ("30410", "ambiguous", 1)],
)
def test_what_fails_after_it_was_taken_is_tried_again_by_its_code(
    town: Office, caplog: pytest.LogCaptureFixture, code: str, error_class: str, offers: int
) -> None:
    """What may have arrived all the same is not sent a second time."""
    load(town, neighbour(1))

    def answer(envelope: Envelope) -> Result:
        fail(town, envelope, "temporary-failure", code, error_class)
        return accepted(envelope)

    town.sms.answer = answer
    town.play(MORNING + 12 * HOUR)
    assert len(town.sms.left) == offers
    assert statuses(town) == {f"temporary-failure/{code}": 1}
    assert ("31337" in caplog.text) == (code == "31337")


@pytest.mark.parametrize(
    ("code", "error_class", "reason"),
    [("21610", "opt-out", "opted-out"), ("30004", "blocked", "blocked"), ("21614", "number", "dead-address")],
)
@pytest.mark.parametrize("how", ["at once", "by a report"])
def test_who_cannot_or_will_not_be_reached_is_not_written_to_again(
    town: Office, code: str, error_class: str, reason: str, how: str
) -> None:
    load(town, neighbour(1))

    def by_a_report(envelope: Envelope) -> Result:
        fail(town, envelope, "permanent-failure", code, error_class)
        return accepted(envelope)

    town.sms.answer = refused(code, error_class) if how == "at once" else by_a_report
    town.play(MORNING + 3 * DAY)
    assert len(town.sms.left) == 1
    assert [(item.address, item.reason) for item in consent.suppressed(town.ledger)] == [(number(1), reason)]


def test_a_provider_that_asks_to_wait_is_waited_for(town: Office) -> None:
    load(town, neighbour(1))
    town.sms.answer = in_turn(later("4.2.1", wait=1800.0))
    town.play(MORNING + HOUR)
    first, second = (left.at for left in town.sms.left)
    assert second - first >= timedelta(seconds=1800)


def test_patience_ends_and_the_message_with_it(town: Office) -> None:
    load(town, neighbour(1))
    town.sms.answer = later("30008")
    town.play(MORNING + 12 * HOUR)
    assert len(town.sms.left) == 6
    assert statuses(town) == {"technical-failure/retries-used-up": 1}


def test_what_is_in_doubt_is_asked_about_before_it_is_sent_again(town: Office) -> None:
    load(town, neighbour(1), neighbour(2))

    def answer(envelope: Envelope) -> Result:
        if envelope.to == number(1):
            return lost(envelope)  # it has arrived, as a look-up will tell
        return accepted(envelope)

    town.sms.answer = answer
    town.play(MORNING + HOUR)
    assert len(town.sms.left) == 2
    assert statuses(town) == {"sending": 2}


def test_a_mail_that_stays_in_doubt_is_repeated_so_often_and_then_left_to_a_person(sqlite_url: str) -> None:
    audiences = {"residents": audience(channels=["email"])}
    town = office.open_office(
        sqlite_url, schedules(weeks(in_doubt_mail="resend"), audiences=audiences), channels=("email",)
    )
    load(town, neighbour(1, email="mot@hatay.example"))
    town.gateways["email"].answer = lost
    town.play(MORNING + 12 * HOUR)
    assert len(town.gateways["email"].left) == 1 + DOUBTS_MAX
    assert statuses(town) == {"in-doubt": 1}
    town.close()


def test_expired_messages_are_settled_though_the_gateway_is_blocked(town: Office) -> None:
    town.publish(schedules(weeks(ends=datetime.fromisoformat("2025-11-03T09:00"))))
    load(town, *(neighbour(n) for n in range(3)))
    rates.block(town.ledger, "noting-sms", until=MORNING + 23 * HOUR, reason="63038")
    town.play(MORNING + 2 * HOUR)
    assert town.sms.left == []
    assert set(statuses(town)) == {"expired/expired"}
    assert asyncio.run(town.delivery.work("sms")) is False
