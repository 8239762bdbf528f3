"""What people ask about their data, on every database: by when, what it does, what stays of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from dispatcher.campaign.model import VIETNAM
from dispatcher.campaign.rights import RequestKind, Rights
from dispatcher.ledger import audit_log
from dispatcher.ledger.privacy import erasure, retention_sweep, rights_requests
from dispatcher.ledger.privacy.rights_requests import CannotDo, NewRequest, RightsRequest
from dispatcher.ledger.queries import subject_access, to_do
from dispatcher.ledger.recipients import corrections, import_undo, imports, suppressions
from dispatcher.ledger.recipients.corrections import CannotCorrect
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.tables import contact, message, metadata, person
from dispatcher.vietnamese.text import fold
from tests.engine_fixture import (
    MORNING,
    EngineFixture,
    contact_row,
    load_rows,
    open_engine,
    schedules,
    ten_day_campaign,
)
from tests.ledger_fixture import phone_number

ONE, NEW = phone_number(1), phone_number(501)
DAY = timedelta(days=1)
RIGHTS = Rights()


@pytest.fixture
def engine(database_url: str) -> Iterator[EngineFixture]:
    opened = open_engine(database_url, schedules(ten_day_campaign()))
    load_rows(opened, *(contact_row(n) for n in (1, 2, 3)))
    yield opened
    opened.close()


def person_of(engine: EngineFixture, number: str) -> int:
    return next((one.person_id for one in erasure.owners_of(engine.ledger, number)), 0)


def ask(engine: EngineFixture, kind: RequestKind, number: str = ONE, **facts: object) -> RightsRequest:
    now = engine.clock.now()
    asked = NewRequest(
        kind=kind, channel="sms", address=number, received_at=now,
        **{"person_id": person_of(engine, number), **facts},  # type: ignore[arg-type]  # what a test wants
    )  # fmt: skip
    return rights_requests.take(engine.ledger, asked, RIGHTS, zone=VIETNAM, who="Lan", how="cli", now=now)


def do(engine: EngineFixture, request: RightsRequest) -> None:
    rights_requests.carry_out(engine.ledger, request.id, who="Lan", now=engine.clock.now())


def sent_to(engine: EngineFixture) -> list[str]:
    return [one.envelope.to for one in engine.sms.sent]


def local(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"


# --- the days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        ("access", "13/11/2025"), ("correction", "13/11/2025"), ("restriction", "18/11/2025"),
        ("objection", "18/11/2025"), ("erasure", "23/11/2025"),
    ],
)  # fmt: skip
def test_each_kind_has_its_days(kind: RequestKind, due: str) -> None:
    came = datetime(2025, 11, 3, 2, 0, tzinfo=UTC)
    assert local(RIGHTS.due_at(kind, came, VIETNAM)) == f"{due} 23:59:59"


@pytest.mark.parametrize(
    ("came", "answer"),
    [
        (datetime(2025, 11, 3, 2, 0, tzinfo=UTC), "05/11/2025"),  # Monday
        (datetime(2025, 11, 6, 18, 0, tzinfo=UTC), "11/11/2025"),  # Friday 01:00 in Việt Nam
        (datetime(2025, 11, 8, 2, 0, tzinfo=UTC), "11/11/2025"),  # Saturday
        (datetime(2026, 4, 29, 2, 0, tzinfo=UTC), "05/05/2026"),  # two holidays, a weekend
    ],
)
def test_the_answer_is_counted_in_working_days(came: datetime, answer: str) -> None:
    assert local(RIGHTS.answer_by(came, VIETNAM)) == f"{answer} 23:59:59"


def test_a_day_is_put_off_once_and_with_a_reason(engine: EngineFixture) -> None:
    asked = ask(engine, "access")
    now = engine.clock.now()
    with pytest.raises(CannotDo, match="reason"):
        rights_requests.extend(engine.ledger, asked.id, " ", RIGHTS, who="Lan", now=now)
    rights_requests.extend(engine.ledger, asked.id, "nhiều hồ sơ", RIGHTS, who="Lan", now=now)
    assert rights_requests.find(engine.ledger, asked.id).due_at == asked.due_at + 10 * DAY
    with pytest.raises(CannotDo, match="once"):
        rights_requests.extend(engine.ledger, asked.id, "nữa", RIGHTS, who="Lan", now=now)


def test_what_is_near_and_past_its_day_is_counted(engine: EngineFixture) -> None:
    asked = ask(engine, "access")

    def counted(after: timedelta) -> tuple[int, int]:
        found = to_do.counts(engine.ledger, now=engine.clock.now() + after, warning=RIGHTS.warning)
        return found.rights_near, found.rights_overdue

    assert counted(timedelta()) == (1, 0)  # they are to be told within two working days
    rights_requests.mark_answered(engine.ledger, asked.id, who="Lan", now=engine.clock.now())
    assert counted(timedelta()) == (0, 0)
    assert counted(8 * DAY) == (1, 0)
    assert counted(11 * DAY) == (0, 1)
    do(engine, asked)
    assert counted(11 * DAY) == (0, 0)
    assert not rights_requests.waiting(engine.ledger)


def test_a_refusal_has_its_reason_and_is_told(engine: EngineFixture) -> None:
    asked = ask(engine, "erasure")
    with pytest.raises(CannotDo):
        rights_requests.refuse(engine.ledger, asked.id, "", who="Lan", now=engine.clock.now())
    rights_requests.refuse(
        engine.ledger, asked.id, "không chứng minh được", who="Lan", now=engine.clock.now()
    )
    (stands,) = rights_requests.waiting(engine.ledger)
    assert (stands.state, stands.refused_because, stands.closed_by) == (
        "refused",
        "không chứng minh được",
        "Lan",
    )
    with pytest.raises(CannotDo, match="already"):
        do(engine, asked)


def test_the_log_tells_who_dealt_with_it(engine: EngineFixture) -> None:
    do(engine, ask(engine, "access"))
    told = [
        one.detail["decision"] for one in audit_log.entries(engine.ledger) if one.action == "rights-request"
    ]
    assert told == ["done", "take"]


# --- restriction, objection ---------------------------------------------------------------------------


def test_nobody_writes_to_them_until_it_is_lifted(engine: EngineFixture) -> None:
    asked = ask(engine, "restriction")
    assert asked.state == "done"
    engine.run_until_sync(MORNING + timedelta(hours=1))
    assert sorted(sent_to(engine)) == [phone_number(2), phone_number(3)]
    rights_requests.lift(engine.ledger, asked.id, who="Lan", now=engine.clock.now())
    engine.run_until_sync(MORNING + timedelta(hours=25))
    assert ONE in sent_to(engine)
    with pytest.raises(CannotDo):
        rights_requests.lift(engine.ledger, asked.id, who="Lan", now=engine.clock.now())


def test_what_waits_for_them_is_not_sent(engine: EngineFixture) -> None:
    engine.step_runner.tick(MORNING)
    ask(engine, "restriction")
    engine.run_until_sync(MORNING + timedelta(hours=1))
    assert ONE not in sent_to(engine)
    with engine.ledger.read() as connection:
        stands = sa.select(message.c.status, message.c.reason).where(message.c.address == ONE)
        assert connection.execute(stands).all() == [("cancelled", "restricted")]


@pytest.mark.parametrize(
    "facts",
    [
        {"phones": (NEW,)},  # another number
        {"phones": (ONE, NEW)},
        {"name": "Người Một", "name_key": fold("Người Một")},  # another name at the same number
    ],
)
def test_no_list_brings_them_back(engine: EngineFixture, facts: dict[str, object]) -> None:
    ask(engine, "restriction")
    load_rows(engine, contact_row(1, **facts), contact_row(2), contact_row(3))
    engine.run_until_sync(MORNING + timedelta(hours=1))
    assert not {ONE, NEW} & {*sent_to(engine)}


def test_neither_does_a_list_that_is_taken_back_and_loaded_again(engine: EngineFixture) -> None:
    ask(engine, "restriction")
    import_undo.undo(engine.ledger, 1, who="Lan", now=engine.clock.now())
    load_rows(engine, contact_row(1), contact_row(2))
    engine.run_until_sync(MORNING + timedelta(hours=1))
    assert sent_to(engine) == [phone_number(2)]


def test_two_restrictions_are_lifted_one_by_one(engine: EngineFixture) -> None:
    first, second = ask(engine, "restriction"), ask(engine, "restriction")
    rights_requests.lift(engine.ledger, first.id, who="Lan", now=engine.clock.now())
    engine.run_until_sync(MORNING + timedelta(hours=1))
    assert ONE not in sent_to(engine)
    assert [one.id for one in rights_requests.past(engine.ledger)] == []  # nobody was told yet
    assert rights_requests.find(engine.ledger, second.id).is_restricting


def test_a_person_who_may_not_be_written_to_is_not_forgotten(engine: EngineFixture) -> None:
    ask(engine, "restriction")
    later = engine.clock.now() + 1000 * DAY
    retention_sweep.forget_due(engine.ledger, engine.config.schedules, now=later)
    with engine.ledger.read() as connection:
        kept = connection.execute(sa.select(person.c.name, person.c.restricted_at)).all()
    assert [name for name, since in kept if since] == ["Người 1"]
    assert [name for name, since in kept if not since] == ["", ""]


def test_an_objection_stops_what_they_object_to_at_all_their_addresses(engine: EngineFixture) -> None:
    ask(engine, "objection", scope="campaign:a", words="đừng nhắn về đợt này")
    stops = {
        (one.address, one.scope): one.reason
        for value in (ONE, "nguoi1@hatay.example")
        for one in suppressions.find(engine.ledger, address=value)
    }
    assert stops == {
        (ONE, "campaign:a"): "opted-out", ("nguoi1@hatay.example", "campaign:a"): "opted-out"
    }  # fmt: skip
    engine.run_until_sync(MORNING + timedelta(hours=1))
    assert ONE not in sent_to(engine)


def test_nothing_can_be_restricted_of_whom_no_list_has(engine: EngineFixture) -> None:
    with pytest.raises(CannotDo, match="objection"):
        ask(engine, "restriction", phone_number(88))
    assert not rights_requests.waiting(engine.ledger)


# --- correction ---------------------------------------------------------------------------------------


def correct(engine: EngineFixture, **wanted: str) -> None:
    do(engine, ask(engine, "correction", wanted=wanted))


def load_again(engine: EngineFixture, *, dry: bool = False) -> imports.ImportSummary:
    """Load the list as it was, through what puts rows right."""
    right = corrections.registry(engine.ledger)
    rows = [contact_row(n) for n in (1, 2, 3)]
    rows = [row._replace(contact=right.apply(row.contact)) for row in rows if row.contact]
    sources = [imports.ListSource(audience="residents", file="residents.csv")]
    act = imports.preview if dry else imports.import_contacts
    return act(engine.ledger, rows, sources=sources, who="Lan", now=engine.clock.now())


def test_the_right_number_is_written_to_and_takes_the_no_along(engine: EngineFixture) -> None:
    no = OptOut(channel="sms", address=ONE, scope="advertising", who=ONE)
    suppressions.opt_out(engine.ledger, [no], now=engine.clock.now())
    correct(engine, phone="0900 000 501")
    engine.run_until_sync(MORNING + timedelta(hours=1))
    assert NEW in sent_to(engine)
    assert ONE not in sent_to(engine)
    assert [one.scope for one in suppressions.find(engine.ledger, address=NEW)] == ["advertising"]


def test_what_waits_goes_to_the_right_number(engine: EngineFixture) -> None:
    engine.step_runner.tick(MORNING)
    correct(engine, phone=NEW)
    engine.run_until_sync(MORNING + timedelta(hours=1))
    assert sorted(sent_to(engine)) == sorted([NEW, phone_number(2), phone_number(3)])


def test_the_same_list_does_not_bring_the_mistake_back(engine: EngineFixture) -> None:
    correct(engine, phone=NEW, name="Phạm Thị Đúng", area="Thôn Đoài")
    done = load_again(engine)
    assert (done.total("new"), done.total("gone"), done.total("changed")) == (0, 0, 0)
    (found,) = erasure.owners_of(engine.ledger, NEW)
    assert (found.name, found.area) == ("Phạm Thị Đúng", "Thôn Đoài")
    assert not erasure.owners_of(engine.ledger, ONE)


def test_a_correction_is_corrected(engine: EngineFixture) -> None:
    correct(engine, phone=NEW)
    do(engine, ask(engine, "correction", NEW, wanted={"phone": phone_number(502)}))
    assert load_again(engine).total("unchanged") == 3
    assert person_of(engine, phone_number(502))


def test_a_list_that_says_something_else_is_believed(engine: EngineFixture) -> None:
    correct(engine, phone=NEW)
    right = corrections.registry(engine.ledger)
    newer = contact_row(1, phones=(phone_number(777),)).contact
    assert newer is not None
    assert right.apply(newer) == newer


def test_a_namesake_with_the_wrong_number_is_somebody_else(engine: EngineFixture) -> None:
    correct(engine, phone=NEW)
    stranger = contact_row(9, phones=(ONE,)).contact
    assert stranger is not None
    assert corrections.registry(engine.ledger).apply(stranger) == stranger


def test_taking_a_load_back_does_not_bring_the_mistake_back(engine: EngineFixture) -> None:
    load_rows(engine, contact_row(1, note="đổi"), contact_row(2), contact_row(3))
    correct(engine, phone=NEW, name="Phạm Thị Đúng")
    import_undo.undo(engine.ledger, 2, who="Lan", now=engine.clock.now())
    assert [one.name for one in erasure.owners_of(engine.ledger, NEW)] == ["Phạm Thị Đúng"]
    with engine.ledger.read() as connection:
        assert ONE not in connection.scalars(sa.select(contact.c.phones)).all()


def test_a_mail_address_that_lacked_is_added(engine: EngineFixture) -> None:
    load_rows(engine, contact_row(1, email=""), contact_row(2), contact_row(3))
    correct(engine, email="Lan@HaTay.example")
    assert person_of(engine, "lan@hatay.example")


@pytest.mark.parametrize(
    "wanted", [{"phone": "0123"}, {"phone": "ai@hatay.example"}, {"email": "0900000501"}, {"name": "  "}]
)
def test_what_cannot_be_used_changes_nothing(engine: EngineFixture, wanted: dict[str, str]) -> None:
    with pytest.raises(CannotCorrect):
        correct(engine, **wanted)
    assert person_of(engine, ONE)


def test_nobody_is_given_the_number_of_whoever_was_erased(engine: EngineFixture) -> None:
    erasure.erase(
        engine.ledger, phone_number(2), people=[person_of(engine, phone_number(2))], who="Lan",
        now=engine.clock.now(),
    )  # fmt: skip
    with pytest.raises(CannotCorrect, match="erased"):
        correct(engine, phone=phone_number(2))


# --- access, erasure, the end -------------------------------------------------------------------------


def test_what_they_asked_stands_in_what_is_held_on_them(engine: EngineFixture) -> None:
    ask(engine, "restriction", words="đang kiện")
    (asked,) = subject_access.load(engine.ledger, ONE).requests
    assert (asked.kind, asked.state, asked.words) == ("restriction", "done", "đang kiện")


def test_of_an_erased_person_stays_that_they_asked(engine: EngineFixture) -> None:
    correct(engine, phone=NEW, name="Phạm Thị Đúng")
    asked = ask(engine, "erasure", NEW, words="xoá tên Phạm Thị Đúng")
    do(engine, asked)
    with engine.ledger.read() as connection:
        left = "\n".join(
            str(row) for table in metadata.sorted_tables for row in connection.execute(sa.select(table))
        )
    assert not [
        word for word in ("Phạm Thị Đúng", fold("Phạm Thị Đúng"), ONE, NEW, "nguoi1@") if word in left
    ]
    stands = rights_requests.find(engine.ledger, asked.id)
    assert (stands.state, stands.name, stands.words) == ("done", "", "")
    with pytest.raises(CannotDo, match="erased"):
        ask(engine, "objection", NEW)


def test_what_was_asked_is_forgotten_in_the_end(engine: EngineFixture) -> None:
    for kind in ("access", "restriction"):
        asked = ask(engine, kind)  # type: ignore[arg-type]  # two of the kinds
        rights_requests.mark_answered(engine.ledger, asked.id, who="Lan", now=engine.clock.now())
        if kind == "access":
            do(engine, asked)
    later = engine.clock.now() + 1826 * DAY
    assert (
        retention_sweep.forget_due(engine.ledger, engine.config.schedules, now=later, dry_run=True).requests
        == 1
    )
    retention_sweep.forget_due(engine.ledger, engine.config.schedules, now=later)
    assert [one.kind for one in rights_requests.past(engine.ledger)] == ["restriction"]
