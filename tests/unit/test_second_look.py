"""What was decided while a batch is on its way holds for what has not left yet, on a clock of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dispatcher.delivery.clearance import LEAD_MAX, LOOK_INTERVAL
from dispatcher.gateways import Envelope, Result
from dispatcher.ledger.queries import integrity, message_counts
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.tables import attempt, message
from dispatcher.ledger.sending import campaign_states, rate_limits
from tests import engine_fixture
from tests.engine_fixture import (
    MORNING,
    SECOND,
    TEMPLATE_SOURCES,
    EngineFixture,
    accepted,
    contact_row,
    load_rows,
    schedules,
    ten_day_campaign,
)
from tests.ledger_fixture import HOUR, phone_number

PEOPLE, RATE = 60, 10.0
DECIDED_AT = 15  # messages that had left when somebody decided
LATEST = DECIDED_AT + RATE * LOOK_INTERVAL.total_seconds() + 1  # messages that may leave all the same


@pytest.fixture(params=[True, False], ids=["asks for each", "asks for none"])
def engine(sqlite_url: str, request: pytest.FixtureRequest) -> Iterator[EngineFixture]:
    """An engine over a gateway that asks before each message, or over one that knows only the permit."""
    opened = engine_fixture.open_engine(
        sqlite_url, schedules(ten_day_campaign()), rate=RATE, confirms=request.param
    )
    load_rows(opened, *(contact_row(n) for n in range(PEOPLE)))
    yield opened
    assert integrity.violations(opened.ledger, now=opened.clock.now()) == ()
    opened.close()


def decide_in_the_middle(engine: EngineFixture, decide: Callable[[], object]) -> None:
    def answer(envelope: Envelope) -> Result:
        if len(engine.sms.sent) == DECIDED_AT:
            decide()
        return accepted(envelope)

    engine.sms.answer = answer


def statuses(engine: EngineFixture) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in message_counts.exact_by_step(engine.ledger):
        word = f"{item.status}/{item.reason}" if item.reason else item.status
        found[word] = found.get(word, 0) + item.messages
    return found


def opt_out(engine: EngineFixture, numbers: range) -> None:
    wishes = [OptOut(channel="sms", address=phone_number(n)) for n in numbers]
    suppressions.opt_out(engine.ledger, wishes, now=engine.clock.now())


def take_part(engine: EngineFixture, numbers: range) -> None:
    found = participation.people_by_address(engine.ledger, "sms", [phone_number(n) for n in numbers])
    facts = [
        Participation(campaign="a", person_id=person.person_id, at=engine.clock.now(), source="t")
        for people in found.values()
        for person in people
    ]
    participation.record(engine.ledger, facts, now=engine.clock.now())


def hold(engine: EngineFixture, numbers: range) -> None:
    rows = (contact_row(n, **({"hold": "dead"} if n in numbers else {})) for n in range(PEOPLE))
    load_rows(engine, *rows)


def take_off_the_list(engine: EngineFixture, numbers: range) -> None:
    load_rows(engine, *(contact_row(n) for n in range(PEOPLE) if n not in numbers))


@pytest.mark.parametrize(
    ("decide", "reason"),
    [
        (opt_out, "opted-out"),
        (take_part, "participated"),
        (hold, "held"),
        (take_off_the_list, "held"),
    ],
)
def test_whoever_is_decided_about_gets_nothing_more_and_the_others_their_text(
    engine: EngineFixture, decide: Callable[[EngineFixture, range], None], reason: str
) -> None:
    """Also those whose text is claimed already: the slots of two seconds."""
    concerned = range(DECIDED_AT + 1, PEOPLE, 2)
    decide_in_the_middle(engine, lambda: decide(engine, concerned))
    engine.run_until_sync(MORNING + HOUR)
    left = [sent.envelope.to for sent in engine.sms.sent]
    numbers = {phone_number(n) for n in concerned}
    late = [place for place, to in enumerate(left) if to in numbers]
    assert all(place <= LATEST for place in late)
    assert statuses(engine) == {"sending": len(left), f"cancelled/{reason}": PEOPLE - len(left)}
    assert len(left) == len(set(left)) == PEOPLE - len(numbers) + len(late)


def test_a_pause_stops_what_is_claimed_and_resuming_lets_it_go_on(engine: EngineFixture) -> None:
    decide_in_the_middle(
        engine,
        lambda: campaign_states.pause(engine.ledger, "a", reason="look", who="lan", now=engine.clock.now()),
    )
    engine.run_until_sync(MORNING + HOUR)
    stopped = len(engine.sms.sent)
    assert stopped <= LATEST
    assert statuses(engine) == {"sending": stopped, "created": PEOPLE - stopped}
    engine.sms.answer = accepted
    campaign_states.resume(engine.ledger, "a", who="lan", now=engine.clock.now())
    engine.run_until_sync(MORNING + 2 * HOUR)
    assert statuses(engine) == {"sending": PEOPLE}
    assert len({sent.envelope.to for sent in engine.sms.sent}) == len(engine.sms.sent) == PEOPLE


def test_what_is_claimed_when_its_campaign_is_cancelled_is_cancelled_too(engine: EngineFixture) -> None:
    decide_in_the_middle(
        engine,
        lambda: campaign_states.cancel(engine.ledger, "a", reason="", who="lan", now=engine.clock.now()),
    )
    engine.run_until_sync(MORNING + HOUR)
    left = len(engine.sms.sent)
    assert left <= LATEST
    assert statuses(engine) == {"sending": left, "cancelled/campaign-cancelled": PEOPLE - left}


def test_an_edit_holds_for_what_was_written_before_it(engine: EngineFixture) -> None:
    edited = {**TEMPLATE_SOURCES, "daily.sms.j2": "Khac {{ recipient.name }}"}
    decide_in_the_middle(engine, lambda: engine.replace_config(schedules(ten_day_campaign()), edited))
    engine.run_until_sync(MORNING + HOUR)
    old = [place for place, sent in enumerate(engine.sms.sent) if sent.envelope.body.startswith("Nhac")]
    assert max(old) <= LATEST
    assert statuses(engine) == {"sending": PEOPLE}


def test_what_was_put_back_was_no_attempt(engine: EngineFixture) -> None:
    decide_in_the_middle(engine, lambda: opt_out(engine, range(PEOPLE - 1, PEOPLE)))
    engine.run_until_sync(MORNING + HOUR)
    with engine.ledger.read() as connection:
        tries = connection.execute(sa.select(message.c.counted_attempts).where(message.c.status == "sending"))
        assert set(tries.scalars()) == {1}
        assert set(connection.scalars(sa.select(attempt.c.outcome))) == {"accepted"}


def test_changes_all_the_time_cost_no_slots(engine: EngineFixture) -> None:
    """Somebody says no between any two texts: the rate is kept, and everybody else gets their text."""
    noes = iter(range(PEOPLE, 10 * PEOPLE))

    def answer(envelope: Envelope) -> Result:
        number = next(noes)
        opt_out(engine, range(number, number + 1))
        return accepted(envelope)

    engine.sms.answer = answer
    engine.run_until_sync(MORNING + HOUR)
    moments = [sent.at for sent in engine.sms.sent]
    assert len(moments) == PEOPLE
    assert moments[-1] - moments[0] <= timedelta(seconds=1.5 * PEOPLE / RATE)


def test_no_look_gets_so_old_that_the_promise_breaks() -> None:
    """Two seconds, of which the way to the provider takes some."""
    oldest = LOOK_INTERVAL + LEAD_MAX
    assert oldest <= timedelta(seconds=1.5)


def test_nobody_claims_more_slots_than_two_seconds_or_than_there_are_messages(sqlite_url: str) -> None:
    at = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign()), rate=RATE)
    load_rows(at, *(contact_row(n) for n in range(25)))
    claimed: list[int] = []

    def answer(envelope: Envelope) -> Result:
        with at.ledger.read() as connection:
            under_way = sa.select(sa.func.count()).where(message.c.status == "submitting")
            claimed.append(connection.scalar(under_way) or 0)
        return accepted(envelope)

    at.sms.answer = answer
    at.run_until_sync(MORNING + 2.6 * SECOND)
    assert len(claimed) == 25
    assert max(claimed) <= 2 * RATE + 3  # what goes out while the next ones are claimed
    reserved = rate_limits.reserve(at.ledger, "noting-sms", 1, now=at.clock.now())
    assert isinstance(reserved, rate_limits.Slots)
    assert reserved.first <= MORNING + 2.6 * SECOND
    at.close()
