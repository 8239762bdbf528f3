"""The schedules are edited while a batch is on its way: nobody is written to twice, nobody is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from dispatcher.gateways import Envelope, Result
from dispatcher.ledger.queries import integrity
from tests import engine_fixture
from tests.engine_fixture import (
    MORNING,
    EngineFixture,
    accepted,
    contact_row,
    load_rows,
    schedules,
    ten_day_campaign,
)
from tests.ledger_fixture import HOUR, phone_number
from tests.schedules_factory import audience_toml

MINUTE = timedelta(minutes=1)
PEOPLE, RATE = 60, 10.0
EDITED_AT = 15  # messages that had left when somebody edited
LAUNCH = datetime(2025, 11, 3, 8)  # noqa: DTZ001 - local time
AUDIENCES = {
    name: audience_toml(place, channels=["sms"]) for place, name in enumerate(("residents", "staff"), 1)
}


def edition(*steps: tuple[str, datetime], **keys: Any) -> Any:
    """Return schedules whose campaign has these steps of one template."""
    campaign = ten_day_campaign(
        *({"name": name, "at": at, "template": "daily"} for name, at in steps),
        **{"audiences": ["residents"], "cap_per_day": 3, **keys},
    )
    return schedules(campaign, audiences=AUDIENCES)


@pytest.fixture(params=[True, False], ids=["asks for each", "asks for none"])
def engine(sqlite_url: str, request: pytest.FixtureRequest) -> Iterator[EngineFixture]:
    opened = engine_fixture.open_engine(
        sqlite_url, edition(("launch", LAUNCH)), rate=RATE, confirms=request.param
    )
    load_rows(opened, *(contact_row(n) for n in range(PEOPLE)), contact_row(PEOPLE, audience="staff"))
    yield opened
    assert integrity.violations(opened.ledger, now=opened.clock.now()) == ()
    opened.close()


def edit_in_flight(engine: EngineFixture, *editions: Any, at_once: bool = True) -> None:
    """Let each edition be put in force, and looked at, while a batch is on its way: the same, or the next."""
    coming = list(editions)

    def answer(envelope: Envelope) -> Result:
        if len(engine.sms.sent) >= EDITED_AT:
            for _ in range(len(coming) if at_once else min(1, len(coming))):
                engine.replace_config(coming.pop(0))
                engine.step_runner.tick(engine.clock.now())
        return accepted(envelope)

    engine.sms.answer = answer


def assert_everybody_once(engine: EngineFixture) -> None:
    numbers = [one.envelope.to for one in engine.sms.sent]
    assert sorted(numbers) == sorted({phone_number(n) for n in range(PEOPLE)})


EARLIER = LAUNCH - 2 * MINUTE
ON_THE_NEXT_BATCH = {
    "to a time already due": [edition(("launch", EARLIER))],
    "to and fro": [edition(("launch", EARLIER)), edition(("launch", LAUNCH))],
    "twice": [edition(("launch", EARLIER)), edition(("launch", EARLIER - 2 * MINUTE))],
}
MOVES = {
    **ON_THE_NEXT_BATCH,
    "to a later time": [edition(("launch", LAUNCH + HOUR))],
    "later and back": [edition(("launch", LAUNCH + HOUR)), edition(("launch", LAUNCH))],
    "out of the file and back": [edition(("other", LAUNCH + 9 * HOUR)), edition(("launch", LAUNCH))],
}


@pytest.mark.parametrize("move", MOVES)
def test_a_step_moved_while_it_is_in_flight_reaches_everybody_once(engine: EngineFixture, move: str) -> None:
    edit_in_flight(engine, *MOVES[move])
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert_everybody_once(engine)


@pytest.mark.parametrize("move", ["to a time already due", "to and fro"])
def test_it_does_on_either_database(database_url: str, move: str) -> None:
    engine = engine_fixture.open_engine(database_url, edition(("launch", LAUNCH)), rate=RATE, confirms=True)
    load_rows(engine, *(contact_row(n) for n in range(PEOPLE)))
    edit_in_flight(engine, *MOVES[move], at_once=False)
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert_everybody_once(engine)
    engine.close()


@pytest.mark.parametrize("move", ON_THE_NEXT_BATCH)
def test_so_does_one_moved_again_while_the_rest_is_in_flight(engine: EngineFixture, move: str) -> None:
    edit_in_flight(engine, *ON_THE_NEXT_BATCH[move], at_once=False)
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert_everybody_once(engine)


def test_who_comes_to_the_lists_meanwhile_is_not_caught_up_with(engine: EngineFixture) -> None:
    """Moved or not: a step that went out speaks to those it was fired for."""
    edit_in_flight(engine, edition(("launch", EARLIER)))
    engine.run_until_sync(MORNING + HOUR)
    load_rows(engine, *(contact_row(n) for n in range(PEOPLE + 3)))
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert_everybody_once(engine)


def test_what_is_moved_beyond_its_end_is_settled_and_told(engine: EngineFixture) -> None:
    edit_in_flight(engine, edition(("launch", LAUNCH), ends=date(2025, 11, 2), starts=date(2025, 11, 1)))
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert len(engine.sms.sent) < PEOPLE
