"""Erasing a person, on every database: nothing of them is left, the sums are, no list brings them back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from dispatcher.contacts import Contact
from dispatcher.ledger import Ledger
from dispatcher.ledger.privacy import erasure
from dispatcher.ledger.privacy.erasure import NotErasable
from dispatcher.ledger.queries import message_counts
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.message_status import SUBMITTING
from dispatcher.ledger.schema.tables import message, metadata
from dispatcher.ledger.sending import occurrences
from dispatcher.ledger.sending.occurrences import Target
from dispatcher.vietnamese.text import fold
from tests.ledger_fixture import CAMPAIGN, NOON, add_people, make_occurrence, phone_number, start_campaign

ALONE, SHARED = phone_number(1), phone_number(2)


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(database_url)
    start_campaign(opened)
    add_people(
        opened,
        ("residents", "Nguyễn Văn Hoà", ALONE, "hoa@hatay.example"),
        ("residents", "Trần Thị Lan", SHARED, ""),
        ("residents", "Lê Văn Nam", SHARED, ""),
    )
    suppressions.opt_out(opened, [OptOut(channel="sms", address=ALONE, words="TC", who=ALONE)], now=NOON)
    occurrences.start(
        opened, make_occurrence(), [Target(audience="residents", channels=("sms",))], shard_size=10, now=NOON
    )
    yield opened
    opened.close()


def everything(ledger: Ledger) -> str:
    """All that stands in the ledger, as one text."""
    with ledger.read() as connection:
        return "\n".join(
            str(row) for table in metadata.sorted_tables for row in connection.execute(sa.select(table))
        )


def ids(ledger: Ledger, address: str) -> list[int]:
    return [one.person_id for one in erasure.owners_of(ledger, address)]


def row(name: str, *phones: str) -> Contact:
    return Contact(name, "", "", phones, "", "", "", "", "", "", "residents", "", fold(name))


def forget(ledger: Ledger, address: str, people: list[int]) -> erasure.ErasureSummary:
    return erasure.erase(ledger, address, people=people, who="Lan", now=NOON)


def test_nothing_of_them_is_left(ledger: Ledger) -> None:
    done = forget(ledger, ALONE, ids(ledger, ALONE))
    assert (done.people, done.addresses, done.messages) == (1, 2, 1)
    left = everything(ledger)
    assert not [word for word in ("Hoà", fold("Nguyễn Văn Hoà"), ALONE, "hoa@hatay", "'TC'") if word in left]


def test_the_sums_stay_and_what_waited_is_cancelled(ledger: Ledger) -> None:
    before = sum(one.messages for one in message_counts.exact_by_step(ledger))
    forget(ledger, ALONE, ids(ledger, ALONE))
    found = {(one.status, one.reason): one.messages for one in message_counts.exact_by_step(ledger)}
    assert sum(found.values()) == before
    assert found["cancelled", "erased"] == 1


def test_no_list_brings_them_back(ledger: Ledger) -> None:
    forget(ledger, ALONE, ids(ledger, ALONE))
    gone = erasure.erased_registry(ledger)
    assert gone.matches(row("Nguyễn Văn Hoà", ALONE))
    assert gone.matches(row("Ai Khác", phone_number(9), ALONE))
    assert not gone.matches(row("Nguyễn Văn Hoà", phone_number(9)))


def test_the_rest_of_the_family_stays(ledger: Ledger) -> None:
    forget(ledger, SHARED, ids(ledger, SHARED)[:1])
    gone = erasure.erased_registry(ledger)
    assert gone.matches(row("Trần Thị Lan", SHARED))
    assert not gone.matches(row("Lê Văn Nam", SHARED))
    assert [one.name for one in erasure.owners_of(ledger, SHARED)] == ["Lê Văn Nam"]


def test_they_may_come_back_when_they_ask_for_it(ledger: Ledger) -> None:
    forget(ledger, ALONE, ids(ledger, ALONE))
    assert erasure.allow_reimport(ledger, ALONE, who="Lan", now=NOON) == 1
    assert not erasure.erased_registry(ledger).matches(row("Nguyễn Văn Hoà", ALONE))


def test_nobody_is_erased_while_a_message_to_them_is_in_doubt(ledger: Ledger) -> None:
    with ledger.begin() as connection:
        connection.execute(sa.update(message).where(message.c.address == ALONE).values(status=SUBMITTING))
    with pytest.raises(NotErasable):
        forget(ledger, ALONE, ids(ledger, ALONE))
    assert ids(ledger, ALONE)


def test_an_address_nobody_has_is_remembered_as_well(ledger: Ledger) -> None:
    assert forget(ledger, phone_number(77), []).people == 0
    assert erasure.erased_registry(ledger).matches(row("Ai Đó", phone_number(77)))


def test_the_campaign_goes_on_for_the_others(ledger: Ledger) -> None:
    forget(ledger, ALONE, ids(ledger, ALONE))
    again = make_occurrence(key="later")
    fired = occurrences.start(
        ledger, again, [Target(audience="residents", channels=("sms",))], shard_size=10, now=NOON
    )
    assert (CAMPAIGN, fired and fired.messages) == (again.campaign, 1)
