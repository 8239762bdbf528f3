"""Whatever is decided about who may be written to, or what, moves the one number that workers look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dispatcher import kept_configuration
from dispatcher.ledger import renames
from dispatcher.ledger.privacy import erasure
from dispatcher.ledger.recipients import import_undo, participation, review, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema import revision
from dispatcher.ledger.sending import campaign_states
from tests import engine_fixture
from tests.engine_fixture import EngineFixture, contact_row, load_rows, schedules, ten_day_campaign
from tests.ledger_fixture import NOON, phone_number

Decide = Callable[[EngineFixture], object]
WISH = OptOut(channel="sms", address=phone_number(1))


@pytest.fixture
def engine(database_url: str) -> Iterator[EngineFixture]:
    opened = engine_fixture.open_engine(database_url, schedules(ten_day_campaign()))
    load_rows(opened, contact_row(1), contact_row(2, hold="dead", note="đã mất"))
    opened.step_runner.tick(NOON)
    yield opened
    opened.close()


def number(engine: EngineFixture) -> int:
    with engine.ledger.read() as connection:
        return revision.read(connection)


def edit(engine: EngineFixture) -> None:
    engine.replace_config(schedules(ten_day_campaign(cap_per_week=3)))
    kept_configuration.keep(engine.ledger, engine.config)


def decide_held(engine: EngineFixture, decide: Callable[..., object]) -> None:
    (held,) = review.held_contacts(engine.ledger)
    decide(engine.ledger, held.contact_id, who="lan", now=NOON)


def hold(engine: EngineFixture) -> None:
    with engine.ledger.begin() as connection:
        review.hold(connection, [1], "dead", who="lan", now=NOON)


def took_part(engine: EngineFixture) -> int:
    facts = [Participation(campaign="a", person_id=1, at=NOON, source="t")]
    return participation.record(engine.ledger, facts, now=NOON)


def cancel(engine: EngineFixture) -> None:
    campaign_states.cancel(engine.ledger, "a", reason="", who="lan", now=NOON)


def pause(engine: EngineFixture) -> None:
    campaign_states.pause(engine.ledger, "a", reason="look", who="lan", now=NOON)


DECISIONS: dict[str, Decide] = {
    "an opt-out": lambda at: suppressions.opt_out(at.ledger, [WISH], now=NOON),
    "a participation": took_part,
    "a list": lambda at: load_rows(at, contact_row(1)),
    "a list taken back": lambda at: import_undo.undo(at.ledger, 1, who="lan", now=NOON),
    "a drop": lambda at: decide_held(at, review.drop),
    "a release": lambda at: decide_held(at, review.release),
    "an answer of a relative": hold,
    "an erasure": lambda at: erasure.erase(at.ledger, phone_number(1), people=[1], who="lan", now=NOON),
    "a pause": pause,
    "a cancel": cancel,
    "an approval": lambda at: campaign_states.approve(
        at.ledger, "a", hashes={}, total_hash="", who="lan", now=NOON
    ),
    "an edit": edit,
    "a campaign's new name": lambda at: renames.rename_campaign(at.ledger, "a", "b", who="lan", now=NOON),
    "an audience's new name": lambda at: renames.rename_audience(
        at.ledger, "residents", "people", who="lan", now=NOON
    ),
}


@pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS)
def test_a_decision_moves_it(engine: EngineFixture, decide: Decide) -> None:
    before = number(engine)
    decide(engine)
    assert number(engine) > before


def test_what_decides_nothing_leaves_it_alone(engine: EngineFixture) -> None:
    suppressions.opt_out(engine.ledger, [WISH], now=NOON)
    took_part(engine)
    kept_configuration.keep(engine.ledger, engine.config)
    before = number(engine)
    suppressions.opt_out(engine.ledger, [WISH], now=NOON)  # said before
    took_part(engine)
    kept_configuration.keep(engine.ledger, engine.config)
    engine.run_until_sync(NOON)
    assert number(engine) == before
