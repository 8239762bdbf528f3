"""What somebody decided about a person holds when their number, or they themselves, come back otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from dispatcher.contacts import ParsedRow
from dispatcher.ledger.recipients import import_undo, review
from dispatcher.ledger.schema.tables import contact, person
from dispatcher.vietnamese.text import fold
from tests.engine_fixture import (
    EngineFixture,
    contact_row,
    load_rows,
    open_engine,
    schedules,
    ten_day_campaign,
)
from tests.ledger_fixture import phone_number

NAME, SHORT, OTHER = "Nguyễn Văn Bình", "Ng. Văn Bình", "Trần Thị Hòa"


def row(name: str, *, n: int = 1, audience: str = "residents", **facts: Any) -> ParsedRow:
    named = {"name": name, "name_key": fold(name), "given_name": name.rpartition(" ")[2], "email": ""}
    return contact_row(n, audience=audience, **(named | facts))


BESIDE = contact_row(2)


@pytest.fixture
def listed(database_url: str) -> Iterator[EngineFixture]:
    """One person with a number only, and somebody beside them."""
    opened = open_engine(database_url, schedules(ten_day_campaign()))
    load_rows(opened, row(NAME), BESIDE)
    yield opened
    opened.close()


def hold(engine: EngineFixture, reason: str) -> None:
    with engine.ledger.begin() as connection:
        review.hold(connection, [1], reason, who="chi Lan", now=engine.clock.now())


def drop(engine: EngineFixture, reason: str = "dead") -> None:
    hold(engine, reason)
    [waiting] = review.held_contacts(engine.ledger)
    review.drop(engine.ledger, waiting.contact_id, who="chi Lan", now=engine.clock.now())


def states(engine: EngineFixture, *names: str, audience: str = "residents") -> list[tuple[str, str]]:
    question = sa.select(person.c.name, contact.c.state, contact.c.held_reason).join_from(contact, person)
    with engine.ledger.read() as connection:
        rows = connection.execute(question.where(contact.c.audience == audience).order_by(contact.c.id)).all()
    return [(one.state, one.held_reason) for one in rows if one.name in names]


@pytest.mark.parametrize("reason", ["dead", "moved", "number"])
@pytest.mark.parametrize("spelling", [SHORT, "Bình", "", "Nguyễn Văn Bihn"])
def test_another_spelling_at_the_number_is_held_as_well(
    listed: EngineFixture, reason: str, spelling: str
) -> None:
    hold(listed, reason)
    load_rows(listed, row(spelling), BESIDE)
    assert states(listed, spelling) == [("held", reason)]
    load_rows(listed, row(spelling, unit="Chi bộ 2"), BESIDE)
    assert states(listed, spelling) == [("held", reason)]
    assert states(listed, "Người 2") == [("active", "")]


def test_another_spelling_of_whom_somebody_dropped_is_dropped(listed: EngineFixture) -> None:
    drop(listed)
    load_rows(listed, row(SHORT), BESIDE)
    assert states(listed, SHORT) == [("dropped", "dead")]


def test_a_number_that_is_wrong_is_wrong_for_its_list_whoever_is_named(listed: EngineFixture) -> None:
    hold(listed, "number")
    load_rows(listed, row(OTHER), BESIDE)
    load_rows(listed, row(OTHER, audience="staff"), row(SHORT, n=1, audience="staff"))
    assert states(listed, OTHER) == [("held", "number")]
    assert states(listed, SHORT, audience="staff") == [("held", "number")]


def test_a_number_wrong_for_one_list_may_be_right_for_another(listed: EngineFixture) -> None:
    hold(listed, "number")
    load_rows(listed, row(OTHER, audience="staff"))
    assert states(listed, OTHER, audience="staff") == [("active", "")]


@pytest.mark.parametrize("decision", ["held", "dropped"])
def test_somebody_else_at_the_number_of_the_dead_is_asked_about(listed: EngineFixture, decision: str) -> None:
    hold(listed, "dead") if decision == "held" else drop(listed)
    load_rows(listed, row(OTHER), BESIDE)
    assert states(listed, OTHER) == [("held", "same-number")]
    [asked] = [one for one in review.held_contacts(listed.ledger) if one.name == OTHER]
    review.release(listed.ledger, asked.contact_id, who="chi Lan", now=listed.clock.now())
    load_rows(listed, row(OTHER, unit="Chi bộ 2"), BESIDE)
    assert states(listed, OTHER) == [("active", "")]  # once answered it is not asked again


def test_who_shared_the_number_before_is_not_asked_about(listed: EngineFixture) -> None:
    load_rows(listed, row(NAME), row(OTHER), BESIDE)
    hold(listed, "dead")
    load_rows(listed, row(NAME), row(OTHER, unit="Chi bộ 2"), BESIDE)
    assert states(listed, OTHER) == [("active", "")]
    load_rows(listed, row(OTHER, audience="staff"))
    assert states(listed, OTHER, audience="staff") == [("active", "")]


def test_somebody_known_who_takes_the_number_over_is_asked_about(listed: EngineFixture) -> None:
    drop(listed)
    mailbox = {"name": "Người 2", "email": "nguoi2@hatay.example"}
    load_rows(listed, row(NAME), contact_row(2, phones=(phone_number(1),), **mailbox))
    assert states(listed, "Người 2") == [("held", "same-number")]


def test_who_was_gone_and_comes_back_under_the_other_spelling_is_held(listed: EngineFixture) -> None:
    load_rows(listed, row(SHORT), BESIDE)
    load_rows(listed, row(NAME), BESIDE)
    hold(listed, "moved")
    load_rows(listed, row(SHORT), BESIDE)
    assert states(listed, SHORT) == [("held", "moved")]


def test_nothing_is_carried_over_from_what_a_list_says(listed: EngineFixture) -> None:
    load_rows(listed, row(NAME, hold="dead", note="đã mất"), BESIDE)
    load_rows(listed, row(OTHER), BESIDE)
    assert states(listed, OTHER) == [("active", "")]


def test_undoing_the_load_takes_the_newcomer_away_and_leaves_the_decision(listed: EngineFixture) -> None:
    hold(listed, "dead")
    load = load_rows(listed, row(SHORT), BESIDE)
    import_undo.undo(listed.ledger, load, who="test", now=listed.clock.now())
    assert states(listed, SHORT) == []
    assert states(listed, NAME) == [("held", "dead")]


# --- the same person at another number, where only name and thôn tell ----------------------------------

ELSEWHERE = {"phones": (phone_number(99),)}


@pytest.mark.parametrize("reason", ["dead", "moved"])
def test_who_was_held_stays_held_at_a_corrected_number(listed: EngineFixture, reason: str) -> None:
    hold(listed, reason)
    load_rows(listed, row(NAME, **ELSEWHERE), BESIDE)
    assert states(listed, NAME) == [("held", reason)]


def test_who_was_dropped_is_asked_about_at_a_corrected_number(listed: EngineFixture) -> None:
    drop(listed)
    load_rows(listed, row(NAME, **ELSEWHERE), BESIDE)
    assert states(listed, NAME) == [("held", "dead")]


def test_a_wrong_number_that_is_corrected_sets_its_owner_free(listed: EngineFixture) -> None:
    hold(listed, "number")
    load_rows(listed, row(NAME, **ELSEWHERE), BESIDE)
    assert states(listed, NAME) == [("active", "")]
