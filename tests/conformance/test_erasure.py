"""Erasing a person, on every database: nothing of them is left, the sums are, no list brings them back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from dispatcher.contacts import Contact
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.privacy import erasure
from dispatcher.ledger.privacy.erasure import NotErasable
from dispatcher.ledger.queries import message_counts
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.message_status import SUBMITTING
from dispatcher.ledger.schema.tables import Instant, address, message, metadata
from dispatcher.ledger.sending import occurrences
from dispatcher.vietnamese.text import fold
from tests.ledger_fixture import CAMPAIGN, NOON, add_people, make_occurrence, phone_number

ALONE, SHARED = phone_number(1), phone_number(2)


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    add_people(
        ledger,
        ("residents", "Nguyễn Văn Hoà", ALONE, "hoa@hatay.example"),
        ("residents", "Trần Thị Lan", SHARED, ""),
        ("residents", "Lê Văn Nam", SHARED, ""),
    )
    suppressions.opt_out(ledger, [OptOut(channel="sms", address=ALONE, words="TC", who=ALONE)], now=NOON)
    occurrences.start(
        ledger, make_occurrence(), [Target(audience="residents", channels=("sms",))], shard_size=10, now=NOON
    )
    return ledger


def everything(ledger: Ledger) -> str:
    """All that stands in the ledger, as one text."""
    with ledger.read() as connection:
        return "\n".join(
            str(row) for table in metadata.sorted_tables for row in connection.execute(sa.select(table))
        )


def ids(ledger: Ledger, value: str) -> list[int]:
    return [one.person_id for one in erasure.owners_of(ledger, value)]


def row(name: str, *phones: str) -> Contact:
    return Contact(name, "", "", phones, "", "", "", "", "", "", "residents", "", fold(name))


def forget(ledger: Ledger, value: str, people: list[int]) -> erasure.ErasureSummary:
    return erasure.erase(ledger, value, people=people, who="Lan", now=NOON)


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


def test_who_has_no_address_is_erased_by_number_and_no_list_brings_them_back(ledger: Ledger) -> None:
    person_id = ids(ledger, SHARED)[0]
    with ledger.begin() as connection:
        connection.execute(sa.delete(address).where(address.c.person_id == person_id))
    found = erasure.person_of(ledger, person_id)
    assert found is not None
    done = erasure.erase(ledger, "", people=[person_id], who="Lan", now=NOON)
    # The one address is that of a message of theirs, which somebody else has still.
    assert (done.people, done.addresses, erasure.person_of(ledger, person_id)) == (1, 1, None)
    assert found.name not in everything(ledger)
    gone = erasure.erased_registry(ledger)
    same = row(found.name)._replace(area=found.area)
    assert gone.matches(same)
    assert not gone.matches(same._replace(area="Thôn Khác"))
    assert not gone.matches(row(found.name, phone_number(9)))  # a namesake with a number of their own
    assert not gone.matches(row("Lê Văn Nam")._replace(area=found.area))


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


def test_a_doubt_about_somebody_else_is_no_obstacle(ledger: Ledger) -> None:
    with ledger.begin() as connection:
        connection.execute(sa.update(message).where(message.c.address == SHARED).values(status=SUBMITTING))
    assert forget(ledger, ALONE, ids(ledger, ALONE)).people == 1


def test_letting_back_whom_nobody_erased_is_no_deed(ledger: Ledger) -> None:
    erasure.erased_registry(ledger)  # the key of the ledger is made when it is first asked for
    before = everything(ledger)
    assert erasure.allow_reimport(ledger, phone_number(77), who="Lan", now=NOON) == 0
    assert everything(ledger) == before


def test_their_message_to_a_phone_that_others_have_is_erased(ledger: Ledger) -> None:
    with ledger.read() as connection:
        mine = connection.scalar(sa.select(message.c.person_id).where(message.c.address == SHARED))
    assert mine is not None
    assert forget(ledger, SHARED, [mine]).messages == 1
    with ledger.read() as connection:
        assert SHARED not in connection.scalars(sa.select(message.c.address)).all()


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


# --- whatever the schema holds about somebody -------------------------------------------------------------
#
# One row about the same person in every table, every column filled with a word of its own: what is found
# afterwards was forgotten to be erased. A new table or column is found by itself, and has to be erased or to
# get its reason here.

NOT_ABOUT_A_PERSON = {
    "contact_import": "who loaded which lists when",
    "list_source": "where a list came from and why it may be used",
    "campaign": "plans",
    "occurrence": "plans",
    "shard": "work",
    "message_count": "sums",
    "participation_count": "sums",
    "campaign_deadline": "plans",
    "campaign_draft": "plans",
    "template_version": "words for all",
    "password_reset": "of accounts",
    "person_join": "which rows were taken for one: numbers of rows",
    "participation_import": "who took in which list when",
    "rate_limit": "providers",
    "failure_window": "sums",
    "meta": "settings",
    "account": "officers",
    "session": "officers",
    "login_attempt": "officers",
    "api_token": "machines",
    "webhook": "machines",
    "webhook_outbox": "machines: names rows elsewhere, copies nothing",
}
# What stays of a row: what it counts as, for whom it was counted, and which officer did it when.
STAYS = {
    "person": set(),
    "address": {"rank"},
    "contact": {"audience", "decided_by", "decided_at", "first_import_id"},
    "contact_snapshot": set(),
    "message": {
        "audience", "area", "status", "rank", "reason", "attempt", "counted_attempts", "submitted_at",
        "status_at", "gateway", "parts", "vnd", "vnd_attempt", "conflict", "lookups",
    },
    "attempt": {"started_at", "ended_at", "gateway", "outcome", "code"},
    "message_text": {"first_at"},
    "event": {
        "received_at", "gateway", "source", "dedupe_key", "message_key", "attempt", "status", "code",
        "error_class", "processed_at", "result",
    },
    "suppression": {"at", "how", "reason"},
    "consent": {"at", "action", "scope", "reason", "how"},
    "participation": {"at", "learnt_at", "source", "who", "import_id"},
    "participation_claim": {"at", "learnt_at", "source", "who"},
    "rights_request": {
        "kind", "scope", "received_at", "taken_by", "answer_by", "answered_at", "answered_by", "due_at",
        "state", "closed_at", "closed_by", "lifted_at", "lifted_by",
    },
    "correction": set(),
    "audit": {"at", "who", "action"},
}  # fmt: skip
SECRET_NUMBER = 7_000_000


def about_them(person_id: int) -> dict[str, dict[str, object]]:
    """What makes a row one about the person: keys, and values that mean something to the code."""
    return {
        "person": {"id": person_id},
        "address": {"person_id": person_id, "channel": "sms", "address": ALONE},
        "contact": {
            "id": 501, "person_id": person_id, "audience": "party", "state": "active", "import_id": 1,
        },
        "contact_snapshot": {"import_id": 1, "contact_id": 501},
        "message": {
            "id": 601, "occurrence_id": 1, "shard_id": 9, "person_id": person_id, "contact_id": 501,
            "channel": "email", "address": ALONE, "status": "delivered", "next_at": None, "lookup_at": None,
            "body_hash": "of 601",
        },
        "attempt": {"message_id": 601, "no": 1},
        "message_text": {"body_hash": "of 601"},
        "event": {"id": 701, "message_id": 601, "kind": "status"},
        "suppression": {"channel": "email", "address": ALONE, "scope": "all", "reason": "opted-out"},
        "consent": {"id": 801, "channel": "sms", "address": ALONE, "who": ALONE},
        "participation": {"campaign": CAMPAIGN, "person_id": person_id},
        "participation_claim": {"campaign": CAMPAIGN, "person_id": person_id, "import_id": 3},
        "rights_request": {"id": 851, "person_id": person_id, "channel": "sms", "address": ALONE},
        "correction": {"id": 861, "person_id": person_id, "at": NOON},
        "audit": {"id": 901, "subject": "contact 501"},
    }  # fmt: skip


def filled(table: sa.Table, keys: dict[str, object], number: Iterator[int]) -> dict[str, object]:
    """Make a row of which every column that is no key holds something to be found again."""
    row = dict(keys)
    for column in table.c:
        if column.name in row:
            continue
        mark = f"secret {table.name}.{column.name}"
        stays = column.name in STAYS[table.name]
        match column.type:
            case sa.Text():
                row[column.name] = "stays" if stays else mark
            case sa.JSON():
                row[column.name] = {"said": mark}
            case Instant():
                row[column.name] = NOON if stays else None
            case _:
                row[column.name] = 1 if stays else next(number)
    return row


def put(connection: sa.Connection, table: sa.Table, row: dict[str, object]) -> None:
    same = sa.and_(*(column == row[column.name] for column in table.primary_key))
    if not connection.execute(sa.update(table).where(same).values(row)).rowcount:
        connection.execute(sa.insert(table).values(row))


def test_every_table_is_known_to_be_about_people_or_not() -> None:
    assert {*NOT_ABOUT_A_PERSON, *STAYS} == {table.name for table in metadata.sorted_tables}


def test_no_column_of_the_schema_keeps_anything_of_them(ledger: Ledger) -> None:
    (person_id,) = ids(ledger, ALONE)
    numbers = itertools.count(SECRET_NUMBER)
    secrets = {f"secret event.{name}": f"inbound {name}" for name in ("from", "body")}
    with ledger.begin() as connection:
        for name, keys in about_them(person_id).items():
            row = filled(metadata.tables[name], keys, numbers)
            put(connection, metadata.tables[name], row)
            secrets |= {
                str(row[column]): f"{name}.{column}"
                for column in row.keys() - keys.keys() - STAYS[name]
                if row[column] is not None
            }
        inbound = {"from": ALONE, "body": "secret event.body", "by": "secret event.from"}
        values = {"kind": "inbound", "dedupe_key": "inbound", "received_at": NOON, "raw": inbound}
        connection.execute(sa.insert(metadata.tables["event"]).values(values))
    assert not [where for secret, where in secrets.items() if secret not in everything(ledger)]
    forget(ledger, ALONE, [person_id])
    assert not [where for secret, where in secrets.items() if secret in everything(ledger)]
    assert ALONE not in everything(ledger)
