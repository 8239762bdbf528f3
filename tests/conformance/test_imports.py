"""The promises about people, on every database: recognised across lists, changed, gone, held, undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dispatcher.contacts import Contact, ParsedRow
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.recipients import import_undo, imports, review, suppressions
from dispatcher.ledger.recipients.imports import ListSource
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.tables import address, contact, person, suppression
from dispatcher.ledger.sending import occurrences
from dispatcher.vietnamese.text import fold
from tests.ledger_fixture import NOON, make_occurrence, phone_number

STAFF = ListSource(audience="staff", file="staff/a.xlsx", basis="public_task", supplied_by="Văn phòng")
RESIDENTS = ListSource(
    audience="residents", file="residents/dong.csv", basis="public_task", supplied_by="Thôn"
)


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(database_url)
    yield opened
    opened.close()


def a_row(
    name: str,
    *phones: int,
    email: str = "",
    area: str = "Thôn Đông",
    source: ListSource = RESIDENTS,
    row: int = 2,
    hold: str = "",
    note: str = "",
    **facts: Any,
) -> ParsedRow:
    said = {
        "name": name,
        "given_name": name.rsplit(maxsplit=1)[-1] if name else "",
        "honorific": "",
        "phones": tuple(map(phone_number, phones)),
        "email": email,
        "area": area,
        "unit": "",
        "role": "",
        "lead": "",
        "note": note,
        "audience": source.audience,
        "hold": hold,
        "name_key": fold(name),
    } | facts
    return ParsedRow(source.file, "", row, "held" if hold else "accepted", Contact(**said))


def load(
    ledger: Ledger, *rows: ParsedRow, sources: tuple[ListSource, ...] = (RESIDENTS,), **facts: Any
) -> imports.ImportSummary:
    return imports.import_contacts(ledger, rows, sources=sources, who="Lan", now=NOON, **facts)


def listed(ledger: Ledger, state: str = "active") -> set[tuple[str, str]]:
    """Give (audience, name) of every contact in `state`."""
    with ledger.read() as connection:
        rows = connection.execute(
            sa.select(contact.c.audience, person.c.name)
            .join_from(contact, person, person.c.id == contact.c.person_id)
            .where(contact.c.state == state)
        )
        return {(row[0], row[1]) for row in rows}


def reached(ledger: Ledger, name: str) -> list[tuple[str, int]]:
    """Give (address, rank) of everybody called `name`."""
    with ledger.read() as connection:
        rows = connection.execute(
            sa.select(address.c.address, address.c.rank)
            .join_from(address, person, person.c.id == address.c.person_id)
            .where(person.c.name == name)
            .order_by(address.c.channel.desc(), address.c.rank)
        )
        return [(row[0], row[1]) for row in rows]


def how_many(ledger: Ledger, table: sa.Table) -> int:
    with ledger.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def figures(summary: imports.ImportSummary) -> tuple[int, int, int, int]:
    return summary.total("new"), summary.total("changed"), summary.total("unchanged"), summary.total("gone")


def test_one_person_in_two_lists_is_one_person(ledger: Ledger) -> None:
    load(
        ledger,
        a_row("Trần Thị Hoà", 1, email="hoa@hatay.example", source=STAFF, area=""),
        a_row("Trần Thị Hòa", 1),
        a_row("TRAN THI HOA", 2, email="hoa@hatay.example", source=RESIDENTS, row=3),
        sources=(STAFF, RESIDENTS),
    )
    assert how_many(ledger, person) == 1
    assert reached(ledger, "Trần Thị Hoà") == [(phone_number(1), 0), ("hoa@hatay.example", 0)]
    with ledger.read() as connection:
        assert connection.scalar(sa.select(person.c.area)) == "Thôn Đông"


def test_a_family_that_shares_a_number_stays_several_people(ledger: Ledger) -> None:
    load(
        ledger, a_row("Nguyễn Văn An", 1), a_row("Phạm Thị Bình", 1, row=3), a_row("Nguyễn Văn An", 2, row=4)
    )
    assert how_many(ledger, person) == 3


def test_loading_the_same_again_changes_nothing(ledger: Ledger) -> None:
    rows = [a_row("Nguyễn Văn An", 1), a_row("Phạm Thị Bình", 2, 3, row=3, email="binh@hatay.example")]
    assert figures(load(ledger, *rows)) == (2, 0, 0, 0)
    assert figures(load(ledger, *rows)) == (0, 0, 2, 0)
    shifted = [row._replace(row=row.row + 1) for row in rows]
    assert figures(load(ledger, *shifted)) == (0, 0, 2, 0)
    with ledger.read() as connection:
        assert set(connection.scalars(sa.select(contact.c.row))) == {3, 4}


def test_a_corrected_number_replaces_the_wrong_one(ledger: Ledger) -> None:
    load(ledger, a_row("Nguyễn Văn An", 1), a_row("Phạm Thị Bình", 2, row=3))
    summary = load(ledger, a_row("Nguyễn Văn An", 7), a_row("Phạm Thị Bình", 2, row=3))
    assert figures(summary) == (0, 1, 1, 0)
    assert [(one.kind, one.name, one.what) for one in summary.examples] == [
        ("changed", "Nguyễn Văn An", ("phones",))
    ]
    assert how_many(ledger, person) == 2
    assert reached(ledger, "Nguyễn Văn An") == [(phone_number(7), 0)]


def test_a_wrong_number_leaves_also_when_the_mail_tells_who_it_is(ledger: Ledger) -> None:
    load(ledger, a_row("Nguyễn Văn An", 1, 2, email="an@hatay.example"))
    summary = load(ledger, a_row("Nguyễn Văn An", 3, 2, email="an@hatay.example"))
    assert figures(summary) == (0, 1, 0, 0)
    assert summary.examples[0].what == ("phones",)
    assert reached(ledger, "Nguyễn Văn An") == [
        (phone_number(3), 0),
        (phone_number(2), 1),
        ("an@hatay.example", 0),
    ]


def test_a_number_that_another_list_still_has_stays(ledger: Ledger) -> None:
    load(
        ledger, a_row("Nguyễn Văn An", 1, source=STAFF), a_row("Nguyễn Văn An", 1), sources=(STAFF, RESIDENTS)
    )
    load(ledger, a_row("Nguyễn Văn An", 1, 2, source=STAFF), sources=(STAFF,))
    load(ledger, a_row("Nguyễn Văn An", 2, source=STAFF), sources=(STAFF,))
    assert reached(ledger, "Nguyễn Văn An") == [(phone_number(2), 0), (phone_number(1), 1)]


def test_two_of_one_name_in_one_area_stay_two(ledger: Ledger) -> None:
    load(
        ledger, a_row("Nguyễn Văn An", 1, source=STAFF), a_row("Nguyễn Văn An", 2), sources=(STAFF, RESIDENTS)
    )
    assert how_many(ledger, person) == 2


def test_name_and_area_join_a_mail_and_a_number_when_nobody_else_fits(ledger: Ledger) -> None:
    load(
        ledger,
        a_row("Nguyễn Văn An", email="an@hatay.example", source=STAFF),
        a_row("Nguyễn Văn An", 1),
        a_row("Lê Thị Cúc", email="cuc@hatay.example", source=STAFF, row=3),
        a_row("Lê Thị Cúc", 2, row=3),
        a_row("Lê Thị Cúc", 3, row=4),
        sources=(STAFF, RESIDENTS),
    )
    assert reached(ledger, "Nguyễn Văn An") == [(phone_number(1), 0), ("an@hatay.example", 0)]
    with ledger.read() as connection:
        cuc = sa.select(sa.func.count()).where(person.c.name == "Lê Thị Cúc")
        assert connection.scalar(cuc) == 3


def test_who_is_no_longer_listed_is_gone_and_comes_back(ledger: Ledger) -> None:
    load(ledger, a_row("Nguyễn Văn An", 1), a_row("Phạm Thị Bình", 2, row=3))
    assert figures(load(ledger, a_row("Nguyễn Văn An", 1))) == (0, 0, 1, 1)
    assert listed(ledger, "gone") == {("residents", "Phạm Thị Bình")}
    assert figures(load(ledger, a_row("Nguyễn Văn An", 1), a_row("Phạm Thị Bình", 2, row=3))) == (1, 0, 1, 0)
    assert how_many(ledger, person) == 2


def test_a_list_that_is_not_loaded_keeps_its_people(ledger: Ledger) -> None:
    west = ListSource(audience="residents", file="residents/tay.csv")
    load(ledger, a_row("Nguyễn Văn An", 1), a_row("Phạm Thị Bình", 2, source=west), sources=(RESIDENTS, west))
    assert figures(load(ledger, a_row("Nguyễn Văn An", 1))) == (0, 0, 1, 0)
    gone = load(ledger, a_row("Nguyễn Văn An", 1), complete=["residents"])
    assert figures(gone) == (0, 0, 1, 1)
    assert [source.file for source in gone.sources] == ["residents/dong.csv", "residents/tay.csv"]


def test_the_difference_is_told_without_writing(ledger: Ledger) -> None:
    load(ledger, a_row("Nguyễn Văn An", 1), a_row("Phạm Thị Bình", 2, row=3))
    rows = [a_row("Nguyễn Văn An", 1, role="Trưởng thôn"), a_row("Lê Thị Cúc", 3, row=5)]
    seen = imports.preview(ledger, rows, sources=(RESIDENTS,), now=NOON)
    assert figures(seen) == (1, 1, 0, 1)
    assert {(one.kind, one.name, one.what) for one in seen.examples} == {
        ("changed", "Nguyễn Văn An", ("role",)),
        ("new", "Lê Thị Cúc", ()),
        ("gone", "Phạm Thị Bình", ()),
    }
    assert listed(ledger) == {("residents", "Nguyễn Văn An"), ("residents", "Phạm Thị Bình")}
    assert len(imports.past_imports(ledger)) == 1


def test_a_load_is_remembered_with_its_lists(ledger: Ledger) -> None:
    load(
        ledger,
        a_row("Nguyễn Văn An", 1),
        ParsedRow(RESIDENTS.file, "", 3, "rejected", None, ("phone:landline",)),
    )
    (past,) = imports.past_imports(ledger)
    assert past.who == "Lan"
    assert past.at == NOON
    assert past.sources[0].rows == {"accepted": 1, "rejected": 1}
    assert past.sources[0].new == 1


def test_held_people_wait_for_a_decision(ledger: Ledger) -> None:
    dead = a_row("Vũ Văn Ba", 1, hold="dead", note="đã mất")
    load(ledger, dead, a_row("Nguyễn Văn An", 2, row=3, hold="moved", note="chuyển đi"))
    assert [(one.name, one.reason, one.note) for one in review.held_contacts(ledger)] == [
        ("Nguyễn Văn An", "moved", "chuyển đi"),
        ("Vũ Văn Ba", "dead", "đã mất"),
    ]
    an, ba = review.held_contacts(ledger)
    review.release(ledger, an.contact_id, who="Lan", now=NOON)
    review.drop(ledger, ba.contact_id, who="Lan", now=NOON)
    assert review.held_contacts(ledger) == ()
    assert {one.state for one in review.held_contacts(ledger, decided=True)} == {"active", "dropped"}


def test_a_decision_stands_while_the_row_says_the_same(ledger: Ledger) -> None:
    moved = a_row("Nguyễn Văn An", 1, hold="moved", note="chuyển đi")
    load(ledger, moved)
    review.release(ledger, review.held_contacts(ledger)[0].contact_id, who="Lan", now=NOON)
    load(ledger, moved)
    load(ledger, a_row("Nguyễn Văn An", 1, hold="moved", note="chuyển đi", role="Tổ viên"))
    assert listed(ledger) == {("residents", "Nguyễn Văn An")}
    load(ledger, a_row("Nguyễn Văn An", 1, hold="dead", note="đã mất"))
    assert listed(ledger, "held") == {("residents", "Nguyễn Văn An")}


def test_somebody_dropped_stays_dropped(ledger: Ledger) -> None:
    load(ledger, a_row("Nguyễn Văn An", 1, hold="refuses", note="không nhận"))
    review.drop(ledger, review.held_contacts(ledger)[0].contact_id, who="Lan", now=NOON)
    load(ledger, a_row("Nguyễn Văn An", 1, role="Trưởng thôn"))
    load(ledger)
    load(ledger, a_row("Nguyễn Văn An", 1))
    assert listed(ledger, "dropped") == {("residents", "Nguyễn Văn An")}


def test_a_note_taken_out_of_the_list_ends_the_holding(ledger: Ledger) -> None:
    load(ledger, a_row("Nguyễn Văn An", 1, hold="dead", note="đã mất"))
    load(ledger, a_row("Nguyễn Văn An", 1))
    assert listed(ledger) == {("residents", "Nguyễn Văn An")}


def test_the_second_row_about_somebody_may_hold_them(ledger: Ledger) -> None:
    load(ledger, a_row("Nguyễn Văn An", 1), a_row("Nguyễn Văn An", 1, row=9, hold="dead", note="đã mất"))
    assert listed(ledger, "held") == {("residents", "Nguyễn Văn An")}


def test_nobody_can_decide_about_who_was_never_held(ledger: Ledger) -> None:
    load(ledger, a_row("Nguyễn Văn An", 1))
    with pytest.raises(review.NotHeld):
        review.drop(ledger, 1, who="Lan", now=NOON)
    with pytest.raises(review.NotHeld):
        review.release(ledger, 99, who="Lan", now=NOON)


def test_a_held_person_without_number_is_known_by_name_and_area(ledger: Ledger) -> None:
    load(ledger, a_row("Nguyễn Văn An", 1))
    party = ListSource(audience="party", file="party/a.xls")
    for _turn in range(2):
        load(ledger, a_row("Nguyễn Văn An", source=party, hold="dead", note="đã mất"), sources=(party,))
    assert how_many(ledger, person) == 1
    assert listed(ledger, "held") == {("party", "Nguyễn Văn An")}


def test_undoing_the_first_load_leaves_nothing(ledger: Ledger) -> None:
    first = load(ledger, a_row("Nguyễn Văn An", 1), a_row("Phạm Thị Bình", 2, row=3))
    done = import_undo.undo(ledger, first.import_id, who="Lan", now=NOON)
    assert (done.removed, done.restored, done.kept) == (2, 0, 0)
    assert [how_many(ledger, table) for table in (person, contact, address)] == [0, 0, 0]
    assert imports.past_imports(ledger)[0].undone_at == NOON
    assert figures(load(ledger, a_row("Nguyễn Văn An", 1))) == (1, 0, 0, 0)


def test_undoing_restores_what_was_changed_and_gone(ledger: Ledger) -> None:
    load(ledger, a_row("Nguyễn Văn An", 1), a_row("Phạm Thị Bình", 2, row=3))
    wrong = load(
        ledger,
        a_row("Nguyễn Văn Ân", 1),
        a_row("Nguyễn Văn An", 1, 5, email="an@hatay.example"),
        a_row("Lê Thị Cúc", 3),
    )
    done = import_undo.undo(ledger, wrong.import_id, who="Lan", now=NOON)
    assert done.restored == 2
    assert listed(ledger) == {("residents", "Nguyễn Văn An"), ("residents", "Phạm Thị Bình")}
    assert reached(ledger, "Nguyễn Văn An") == [(phone_number(1), 0)]
    again = load(ledger, a_row("Nguyễn Văn An", 1), a_row("Phạm Thị Bình", 2, row=3))
    assert figures(again) == (0, 0, 2, 0)


def test_undoing_out_of_order_is_refused(ledger: Ledger) -> None:
    first = load(ledger, a_row("Nguyễn Văn An", 1))
    second = load(ledger, a_row("Nguyễn Văn An", 1, role="Trưởng thôn"))
    with pytest.raises(import_undo.CannotUndo):
        import_undo.undo(ledger, first.import_id, who="Lan", now=NOON)
    import_undo.undo(ledger, second.import_id, who="Lan", now=NOON)
    import_undo.undo(ledger, first.import_id, who="Lan", now=NOON)
    with pytest.raises(import_undo.CannotUndo):
        import_undo.undo(ledger, first.import_id, who="Lan", now=NOON)
    with pytest.raises(import_undo.CannotUndo):
        import_undo.undo(ledger, 99, who="Lan", now=NOON)


def test_an_opt_out_survives_loading_and_undoing(ledger: Ledger) -> None:
    load(ledger, a_row("Nguyễn Văn An", 1))
    suppressions.opt_out(
        ledger,
        [OptOut(channel="sms", address=phone_number(1), how="cli")],
        now=NOON,
    )
    load(ledger)
    again = load(ledger, a_row("Nguyễn Văn An", 1))
    import_undo.undo(ledger, again.import_id, who="Lan", now=NOON + timedelta(hours=1))
    assert how_many(ledger, suppression) == 1


def test_many_pages_load_as_one(ledger: Ledger) -> None:
    rows = [a_row(f"Nguyễn Văn {n}", n, row=n + 2, area=f"Thôn {n % 7}") for n in range(4500)]
    assert figures(load(ledger, *rows, *rows[:10])) == (4500, 0, 0, 0)
    assert figures(load(ledger, *rows[5:])) == (0, 0, 4495, 5)
    assert how_many(ledger, address) == 4500


def test_whom_a_message_went_to_stays_in_the_books(ledger: Ledger) -> None:
    first = load(ledger, a_row("Nguyễn Văn An", 1), a_row("Phạm Thị Bình", 2, row=3))
    slices = [Target(audience="residents", channels=("sms",))]
    fired = occurrences.start(ledger, make_occurrence(), slices, shard_size=10, now=NOON)
    assert fired is not None
    assert fired.messages == 2
    done = import_undo.undo(ledger, first.import_id, who="Lan", now=NOON)
    assert (done.removed, done.kept) == (0, 2)
    assert listed(ledger, "gone") == {("residents", "Nguyễn Văn An"), ("residents", "Phạm Thị Bình")}
    assert figures(load(ledger, a_row("Nguyễn Văn An", 1))) == (1, 0, 0, 0)
    assert how_many(ledger, person) == 2


def test_the_indexes_of_the_first_load_are_all_there_again(ledger: Ledger) -> None:
    before = indexes(ledger)
    imports.preview(ledger, [a_row("Nguyễn Văn An", 1)], sources=(RESIDENTS,), now=NOON)
    assert indexes(ledger) == before
    load(ledger, a_row("Nguyễn Văn An", 1))
    assert indexes(ledger) == before


def indexes(ledger: Ledger) -> set[str]:
    with ledger.read() as connection:
        look = sa.inspect(connection)
        return {
            str(one["name"]) for table in ("person", "address", "contact") for one in look.get_indexes(table)
        }
