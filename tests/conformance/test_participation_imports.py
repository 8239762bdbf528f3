"""Imports of who took part are taken back: what only they said goes, what others said stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dispatcher.contacts.area_names import area_key
from dispatcher.ledger import Ledger, audit_log, renames
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.queries import people_counts
from dispatcher.ledger.recipients import participation, participation_imports
from dispatcher.ledger.recipients.participation import AreaParticipation, Participation
from dispatcher.ledger.recipients.participation_imports import CannotUndoParticipation
from dispatcher.ledger.schema.tables import message
from dispatcher.ledger.sending import occurrences
from tests import sending_fixture
from tests.ledger_fixture import CAMPAIGN, HOUR, NOON, add_residents, make_occurrence


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    add_residents(ledger, 6)
    return ledger


def take(ledger: Ledger, *people: int, source: str = "list", hours: int = 0) -> int:
    facts = [Participation(campaign=CAMPAIGN, person_id=one, at=NOON, source=source) for one in people]
    done = participation_imports.record_import(
        ledger, CAMPAIGN, facts, (), source=source, who="Lan", now=NOON + hours * HOUR
    )
    return done.import_id


def undo(ledger: Ledger, number: int) -> participation_imports.UndoneParticipation:
    return participation_imports.undo(ledger, number, who="Mai", now=NOON + HOUR)


def known(ledger: Ledger) -> dict[int, str]:
    return {one.person_id: one.source for one in participation.participations(ledger, CAMPAIGN)}


def test_an_import_is_taken_back(ledger: Ledger) -> None:
    number = take(ledger, 1, 2)
    done = undo(ledger, number)
    assert (done.removed, done.kept, known(ledger)) == (2, 0, {})
    past = participation_imports.past_imports(ledger, CAMPAIGN)
    assert [(one.id, one.counts["recorded"], one.undone_by) for one in past] == [(number, 2, "Mai")]
    entry = audit_log.entries(ledger)[0]
    assert (entry.action, entry.who, entry.detail["people"]) == ("undo-participation", "Mai", 2)


@pytest.mark.parametrize("batch", [1, 2, 5, 6, 500])
def test_it_is_one_import_in_however_many_batches(
    ledger: Ledger, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(participation_imports, "BATCH", batch)
    take(ledger, 3, source="before")
    number = take(ledger, 1, 2, 3, 4, 5, 6)
    past = participation_imports.past_imports(ledger, CAMPAIGN)[0]
    assert (past.id, past.counts["recorded"], past.counts["known"]) == (number, 5, 1)
    done = undo(ledger, number)
    assert (done.removed, done.kept, known(ledger)) == (5, 0, {3: "before"})


def test_taken_back_while_it_is_written_it_ends_there(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(participation_imports, "BATCH", 2)

    class Facts(list[Participation]):
        """Somebody takes the import back before its third batch is asked for."""

        def __getitem__(self, part: Any) -> Any:
            if isinstance(part, slice) and part.start == 4:
                undo(ledger, participation_imports.past_imports(ledger, CAMPAIGN)[0].id)
            return super().__getitem__(part)

    facts = Facts(
        Participation(campaign=CAMPAIGN, person_id=one, at=NOON, source="list") for one in range(1, 7)
    )
    done = participation_imports.record_import(
        ledger, CAMPAIGN, facts, (), source="list", who="Lan", now=NOON
    )
    assert (done.recorded, known(ledger)) == (4, {})


def test_every_import_can_be_found_part_by_part(ledger: Ledger) -> None:
    numbers = [take(ledger, 1 + n % 6, source=str(n)) for n in range(7)]
    past, before = [], 0
    while part := participation_imports.past_imports(ledger, CAMPAIGN, before=before, limit=3):
        past += [one.id for one in part]
        before = past[-1]
    assert past == numbers[::-1] == [one.id for one in participation_imports.past_imports(ledger)]


@pytest.mark.parametrize("gone", ["first", "second"])
def test_what_another_list_says_stays(ledger: Ledger, gone: str) -> None:
    first, second = take(ledger, 1, 2, source="first"), take(ledger, 2, 3, source="second", hours=1)
    done = undo(ledger, first if gone == "first" else second)
    if gone == "first":
        assert (done.removed, done.kept, known(ledger)) == (1, 1, {2: "second", 3: "second"})
    else:
        assert (done.removed, done.kept, known(ledger)) == (1, 0, {1: "first", 2: "first"})
    undo(ledger, second if gone == "first" else first)
    assert known(ledger) == {}


@pytest.mark.parametrize("order", ["before", "after"])
def test_what_somebody_said_themselves_stays(ledger: Ledger, order: str) -> None:
    said = Participation(campaign=CAMPAIGN, person_id=1, at=NOON, source="sms")
    if order == "before":
        participation.record(ledger, [said], now=NOON)
    number = take(ledger, 1, 2)
    if order == "after":
        participation.record(ledger, [said], now=NOON + HOUR)
    undo(ledger, number)
    assert known(ledger) == {1: "sms"}


def test_it_is_taken_back_once(ledger: Ledger) -> None:
    number = take(ledger, 1)
    undo(ledger, number)
    for wrong in (number, number + 1):
        with pytest.raises(CannotUndoParticipation):
            undo(ledger, wrong)


@pytest.mark.parametrize("one_has_failed", [False, True])
def test_thanks_that_wait_are_not_sent(ledger: Ledger, one_has_failed: bool) -> None:
    participation.record(
        ledger, [Participation(campaign=CAMPAIGN, person_id=5, at=NOON, source="sms")], now=NOON
    )
    number = take(ledger, 1, 2)
    step = make_occurrence("thanks", kind="thanks", expires_at=NOON + timedelta(days=9))
    target = Target(audience="residents", channels=("sms",))
    occurrences.start(ledger, step, [target], shard_size=10, now=NOON)
    if one_has_failed:
        batch = sending_fixture.claim(ledger, sending_fixture.take(ledger), batch_size=1)
        sending_fixture.settle(ledger, batch, kind="later", status="", code="30008", error_class="temporary")
        assert sending_fixture.statuses(ledger) == {"created": 2, "temporary-failure/30008": 1}
    assert undo(ledger, number).thanks == 2
    with ledger.read() as connection:
        rows = connection.execute(sa.select(message.c.person_id, message.c.status, message.c.reason)).all()
    undone = ("cancelled", "participation-undone")
    assert {row[0]: (row[1], row[2]) for row in rows} == {1: undone, 2: undone, 5: ("created", "")}


def figure(area: str, registered: int, day: str = "2025-11-08") -> AreaParticipation:
    return AreaParticipation(
        campaign=CAMPAIGN, area=area, area_key=area_key(area), day=day, registered=registered, finished=None,
        source="",
    )  # fmt: skip


def take_figures(ledger: Ledger, *figures: AreaParticipation) -> int:
    done = participation_imports.record_import(
        ledger, CAMPAIGN, (), figures, source="table", who="Lan", now=NOON
    )
    return done.import_id


def registered(ledger: Ledger) -> dict[str, int]:
    return {
        area: count for area, count, _f, _day in people_counts.latest_area_totals(ledger, CAMPAIGN).values()
    }


def test_figures_are_as_before(ledger: Ledger) -> None:
    take_figures(ledger, figure("Thôn Đông", 5))
    second = take_figures(ledger, figure("Thôn Đông", 50), figure("Thôn Tây", 7))
    assert registered(ledger) == {"Thôn Đông": 50, "Thôn Tây": 7}
    assert undo(ledger, second).figures == 2
    assert registered(ledger) == {"Thôn Đông": 5}


def test_figures_that_a_later_list_changed_are_not_taken_back(ledger: Ledger) -> None:
    first = take_figures(ledger, figure("Thôn Đông", 5))
    second = take_figures(ledger, figure("Thôn Đông", 6))
    with pytest.raises(CannotUndoParticipation):
        undo(ledger, first)
    undo(ledger, second)
    undo(ledger, first)
    assert registered(ledger) == {}


def test_a_place_that_stands_twice_in_one_import_is_taken_back(ledger: Ledger) -> None:
    take_figures(ledger, figure("Thôn Đông", 5))
    number = take_figures(ledger, figure("Thôn Đông", 6), figure("Thôn Đông", 7))
    assert participation_imports.past_imports(ledger)[0].counts["figures"] == 1
    assert undo(ledger, number).figures == 1
    assert registered(ledger) == {"Thôn Đông": 5}


def test_the_import_to_take_back_first_is_named(ledger: Ledger) -> None:
    first, second, third = (take_figures(ledger, figure("Thôn Đông", number)) for number in (5, 6, 7))
    with pytest.raises(CannotUndoParticipation, match=f"undo {second} first"):
        undo(ledger, first)
    with pytest.raises(CannotUndoParticipation, match=f"undo {third} first"):
        undo(ledger, second)
    for number in (third, second, first):
        undo(ledger, number)
    assert registered(ledger) == {}


def test_figures_come_back_under_the_name_that_a_campaign_has_now(ledger: Ledger) -> None:
    take_figures(ledger, figure("Thôn Đông", 5))
    second = take_figures(ledger, figure("Thôn Đông", 6))
    renames.rename_campaign(ledger, CAMPAIGN, "digital", who="Lan", now=NOON)
    undo(ledger, second)
    found = people_counts.latest_area_totals(ledger, "digital").values()
    assert [(area, count) for area, count, _finished, _day in found] == [("Thôn Đông", 5)]


def test_imports_go_with_a_campaign_that_is_renamed(ledger: Ledger) -> None:
    number = take(ledger, 1)
    renames.rename_campaign(ledger, CAMPAIGN, "digital", who="Lan", now=NOON)
    done = undo(ledger, number)
    assert (done.campaign, done.removed) == ("digital", 1)
    assert participation.participations(ledger, "digital") == ()


def test_the_share_of_an_audience_is_told(ledger: Ledger) -> None:
    take(ledger, 1)
    shares = participation_imports.shares_of_audiences(ledger, CAMPAIGN, ["residents", "staff"], {2, 3, 99})
    assert [(one.audience, one.people, one.known, one.marked) for one in shares] == [
        ("residents", 6, 1, 2), ("staff", 0, 0, 0),
    ]  # fmt: skip
