"""Who is one person and who is not: namesakes, corrected numbers, people whom no message reaches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dispatcher.contacts import ParsedRow
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.queries import people_counts, people_search
from dispatcher.ledger.recipients import audience_hash, import_undo, people_joins, suppressions
from dispatcher.ledger.recipients.imports import ListSource
from dispatcher.ledger.recipients.people_joins import CannotSplit
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.tables import contact, message, person
from dispatcher.ledger.sending import occurrences
from tests.conformance.test_imports import RESIDENTS, STAFF, a_row, figures, listed, load, reached
from tests.ledger_fixture import CAMPAIGN, NOON, make_occurrence, phone_number

BOTH = (STAFF, RESIDENTS)
WEST = ListSource(audience="residents", file="residents/tay.csv")


def without(name: str, *, row: int = 2, **facts: Any) -> ParsedRow:
    """Make a row of somebody of whom the list has no usable address, as the reader gives it."""
    reasons = ("row:no-address",)
    return a_row(name, row=row, **facts)._replace(status="rejected", reasons=reasons, cells=(name, ""))


def people(ledger: Ledger) -> int:
    with ledger.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(person)) or 0


# --- whom no message reaches --------------------------------------------------------------------------


def test_people_without_an_address_are_people(ledger: Ledger) -> None:
    rows = (a_row("Nguyễn Văn An", 1), without("Trần Thị Bình", row=3), without("Lê Văn Cường", row=4))
    summary = load(ledger, *rows)
    assert (figures(summary), summary.total("without_address")) == ((3, 0, 0, 0), 2)
    [east] = people_counts.by_area(ledger, CAMPAIGN, ["residents"], earlier_than=NOON)
    assert (east.area, east.people, east.without_address) == ("Thôn Đông", 3, 2)
    visits = people_counts.unreached_people(ledger, CAMPAIGN, ["residents"], open_audiences=["residents"])
    assert {(one.name, one.address, one.reason) for one in visits} == {
        ("Trần Thị Bình", "", "no-address"), ("Lê Văn Cường", "", "no-address"),
    }  # fmt: skip
    assert [one.addresses for one in people_search.by_name(ledger, "tran thi binh")] == [()]
    totals = people_counts.audience_totals(ledger)
    assert (totals.people, totals.without_address) == (1, 2)


def test_nothing_is_ever_sent_to_them(ledger: Ledger) -> None:
    before = load(ledger, a_row("Nguyễn Văn An", 1))
    approved = audience_hash.compute(ledger, ["residents"])
    load(ledger, a_row("Nguyễn Văn An", 1), without("Trần Thị Bình", row=3))
    assert audience_hash.compute(ledger, ["residents"]) == approved  # and nobody need approve it
    target = Target(audience="residents", channels=("sms", "email"))
    occurrences.start(ledger, make_occurrence(), [target], shard_size=10, now=NOON)
    with ledger.read() as connection:
        assert connection.scalars(sa.select(message.c.address)).all() == [phone_number(1)]
    assert before.import_id


def test_loading_them_again_changes_nothing(ledger: Ledger) -> None:
    rows = (
        without("Trần Thị Bình"),
        without("Trần Thị Bình", row=3),  # a namesake, or the same: the list has two
        without("Lê Văn Cường", row=4, area=""),
        a_row("Nguyễn Văn An", 1, row=5),
    )
    assert figures(load(ledger, *rows)) == (4, 0, 0, 0)
    for _turn in range(2):
        assert figures(load(ledger, *rows)) == (0, 0, 4, 0)
    assert people(ledger) == 4


def test_a_number_found_and_a_number_lost_are_the_same_person(ledger: Ledger) -> None:
    load(ledger, without("Trần Thị Bình"))
    assert figures(load(ledger, a_row("Trần Thị Bình", 5))) == (0, 1, 0, 0)
    assert reached(ledger, "Trần Thị Bình") == [(phone_number(5), 0)]
    assert figures(load(ledger, without("Trần Thị Bình"))) == (0, 1, 0, 0)
    assert (reached(ledger, "Trần Thị Bình"), people(ledger)) == ([], 1)


def test_another_list_that_knows_the_number_reaches_them(ledger: Ledger) -> None:
    load(ledger, a_row("Trần Thị Bình", 1, source=STAFF), sources=(STAFF,))
    summary = load(ledger, without("Trần Thị Bình"))
    assert [(one.name, one.because) for one in summary.joined] == [("Trần Thị Bình", "name-area")]
    assert people(ledger) == 1
    split = people_joins.split(ledger, summary.joined[0].id, who="Lan", now=NOON)
    assert split.split_at == NOON
    assert people(ledger) == 2
    assert figures(load(ledger, without("Trần Thị Bình"))) == (0, 0, 1, 0)  # and so they stay
    assert people(ledger) == 2


def test_a_further_list_without_numbers_takes_none_away(ledger: Ledger) -> None:
    load(ledger, a_row("Trần Thị Bình", 1))
    for _turn in range(2):
        load(
            ledger,
            without("Trần Thị Bình", source=WEST),
            a_row("Trần Thị Bình", 1),
            sources=(WEST, RESIDENTS),
        )
        assert reached(ledger, "Trần Thị Bình") == [(phone_number(1), 0)]
    assert people(ledger) == 1


@pytest.mark.parametrize("reason", ["text:lossy", "row:name-missing", "row:stray-quote"])
def test_a_row_that_is_wrong_otherwise_is_nobody(ledger: Ledger, reason: str) -> None:
    load(ledger, without("Trần Thị Bình")._replace(reasons=(reason,)))
    assert people(ledger) == 0


def test_they_go_with_the_load_that_brought_them(ledger: Ledger) -> None:
    load(ledger, a_row("Nguyễn Văn An", 1))
    summary = load(ledger, a_row("Nguyễn Văn An", 1), without("Trần Thị Bình", row=3))
    import_undo.undo(ledger, summary.import_id, who="Lan", now=NOON)
    assert listed(ledger) == {("residents", "Nguyễn Văn An")}


# --- namesakes ----------------------------------------------------------------------------------------


def namesakes(**resident: Any) -> tuple[ParsedRow, ParsedRow]:
    official = a_row("Nguyễn Văn Nam", email="nam@hatay.example", source=STAFF, role="Công chức")
    return official, a_row("Nguyễn Văn Nam", 401, **resident)


def test_two_rows_taken_for_one_are_told_and_can_be_parted(ledger: Ledger) -> None:
    summary = load(ledger, *namesakes(), sources=BOTH)
    [told] = summary.joined
    assert (told.name, told.area, told.because) == ("Nguyễn Văn Nam", "Thôn Đông", "name-area")
    assert people(ledger) == 1
    people_joins.split(ledger, told.id, who="Lan", now=NOON)
    assert people(ledger) == 2
    again = load(ledger, *namesakes(), sources=BOTH)
    assert (again.joined, figures(again), people(ledger)) == ((), (0, 0, 2, 0), 2)
    assert [one.split_at for one in people_joins.past_joins(ledger)] == [NOON]
    with pytest.raises(CannotSplit):
        people_joins.split(ledger, told.id, who="Lan", now=NOON)


@pytest.mark.parametrize(
    ("official", "resident", "because"),
    [
        ({"birth_year": 1985}, {"birth_year": 1948}, "birth-year"),
        ({}, {"birth_year": 1948}, "age"),  # no man of 77 is in office
        ({"honorific": "ông"}, {"honorific": "bà"}, "sex"),
        ({"birth_year": 1985}, {"birth_year": 1985}, ""),
        ({}, {"birth_year": 1985}, ""),
        ({"role": "Bí thư chi bộ"}, {"birth_year": 1948}, ""),
    ],
)
def test_year_of_birth_sex_and_age_speak_against_it(
    ledger: Ledger, official: dict[str, Any], resident: dict[str, Any], because: str
) -> None:
    staff, other = namesakes(**resident)
    assert staff.contact is not None
    summary = load(ledger, staff._replace(contact=staff.contact._replace(**official)), other, sources=BOTH)
    assert [one.because for one in summary.kept_apart] == ([because] if because else [])
    assert people(ledger) == (2 if because else 1)


def test_a_corrected_number_is_told_and_can_be_parted(ledger: Ledger) -> None:
    load(ledger, a_row("Lê Thị Thu", 402))
    suppressions.opt_out(
        ledger, [OptOut(channel="sms", address=phone_number(402), who="x", how="cli")], now=NOON
    )
    summary = load(ledger, a_row("Lê Thị Thu", 499), a_row("Lê Thị Thu", 7, area="Thôn Tây", row=3))
    [told] = summary.joined
    assert told.because == "number-changed"
    assert suppressions.find(ledger, address=phone_number(499))  # her no goes with her
    people_joins.split(ledger, told.id, who="Lan", now=NOON + timedelta(hours=1))
    assert suppressions.find(ledger, address=phone_number(499)) == ()
    assert suppressions.find(ledger, address=phone_number(402))
    with ledger.read() as connection:
        active = connection.execute(sa.select(contact.c.phones).where(contact.c.state == "active")).all()
    assert {row[0] for row in active} == {phone_number(499), phone_number(7)}


def test_a_corrected_number_is_told_beside_a_namesake(ledger: Ledger) -> None:
    namesake = a_row("Lê Thị Thu", 9, row=9)
    load(ledger, a_row("Lê Thị Thu", 402), namesake)
    summary = load(ledger, a_row("Lê Thị Thu", 499), namesake)
    assert (figures(summary), people(ledger)) == ((0, 1, 1, 0), 2)


def test_a_corrected_number_of_somebody_without_a_thon(ledger: Ledger) -> None:
    load(ledger, a_row("Lê Thị Thu", 402, source=STAFF, area="", unit="Trường A"), sources=(STAFF,))
    summary = load(ledger, a_row("Lê Thị Thu", 499, source=STAFF, area="", unit="Trường A"), sources=(STAFF,))
    assert (figures(summary), people(ledger)) == ((0, 1, 0, 0), 1)


def test_two_numbers_of_one_name_corrected_at_once_are_left_alone(ledger: Ledger) -> None:
    load(ledger, a_row("Lê Thị Thu", 1), a_row("Lê Thị Thu", 2, row=3))
    summary = load(ledger, a_row("Lê Thị Thu", 11), a_row("Lê Thị Thu", 12, row=3))
    assert (summary.joined, figures(summary)) == ((), (2, 0, 0, 2))


def test_a_preview_tells_it_without_a_number(ledger: Ledger) -> None:
    from dispatcher.ledger.recipients import imports

    seen = imports.preview(ledger, namesakes(), sources=BOTH, now=NOON)
    assert [(one.id, one.name) for one in seen.joined] == [(0, "Nguyễn Văn Nam")]
    assert people(ledger) == 0
