"""Keeping has an end, on every database: what goes when, what stays, and that trying changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dispatcher.ledger import audit_log
from dispatcher.ledger.privacy import retention_sweep
from dispatcher.ledger.privacy.retention_sweep import Forgotten
from dispatcher.ledger.queries import address_history
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import import_undo, suppressions
from dispatcher.ledger.recipients.import_undo import CannotUndo
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.tables import contact, event, person
from dispatcher.ledger.sending import campaign_states
from tests.engine_fixture import MORNING, EngineFixture, contact_row, load_rows, open_engine, schedules
from tests.engine_fixture import ten_day_campaign as campaign
from tests.ledger_fixture import phone_number

DAY = timedelta(days=1)
OVER = MORNING + 10 * DAY


@pytest.fixture
def engine(database_url: str) -> Iterator[EngineFixture]:
    """A campaign of ten days that spoke to three people on its first one, and has ended."""
    made = open_engine(database_url, schedules(campaign()))
    load_rows(made, *(contact_row(n) for n in range(3)))
    made.run_until_sync(MORNING + timedelta(hours=1))
    campaign_states.end(made.ledger, "a", now=OVER)
    yield made
    made.close()


def forget(engine: EngineFixture, days: int, *, dry_run: bool = False) -> Forgotten:
    """Forget what is over its time so many days after the campaign."""
    now = OVER + days * DAY
    return retention_sweep.forget_due(engine.ledger, engine.config.schedules, now=now, dry_run=dry_run)


def names(engine: EngineFixture) -> list[str]:
    with engine.ledger.read() as connection:
        return sorted(connection.scalars(sa.select(person.c.name)))


def test_trying_tells_what_doing_does_and_changes_nothing(engine: EngineFixture) -> None:
    tried = forget(engine, 400, dry_run=True)
    assert (tried.messages, tried.people) == (3, 3)
    assert names(engine) == ["Người 0", "Người 1", "Người 2"]
    assert forget(engine, 400) == tried
    assert forget(engine, 400).total == 0
    assert [one.action for one in audit_log.entries(engine.ledger) if one.action == "retention"] == [
        "retention"
    ]


def test_nothing_goes_before_its_time(engine: EngineFixture) -> None:
    assert forget(engine, 80) == Forgotten()
    assert forget(engine, 100).messages == 3
    assert names(engine) == ["Người 0", "Người 1", "Người 2"]


def test_people_go_and_their_no_stays(engine: EngineFixture) -> None:
    wish = OptOut(channel="sms", address=phone_number(0), how="keyword")
    suppressions.opt_out(engine.ledger, [wish], now=OVER)
    forget(engine, 400)
    assert names(engine) == ["", "", ""]
    assert address_history.load(engine.ledger, phone_number(1)).people == ()
    assert [one.address for one in suppressions.find(engine.ledger)] == [phone_number(0)]


def test_a_later_list_may_have_them_again(engine: EngineFixture) -> None:
    forget(engine, 400)
    load_rows(engine, contact_row(1))
    assert names(engine) == ["", "", "", "Người 1"]


def test_who_was_dropped_by_a_decision_stays_dropped(engine: EngineFixture) -> None:
    with engine.ledger.begin() as connection:
        first = sa.select(sa.func.min(contact.c.id)).scalar_subquery()
        dropped = {"state": "dropped", "decided_by": "Lan"}
        connection.execute(sa.update(contact).where(contact.c.id == first).values(dropped))
    assert forget(engine, 400).people == 2


def test_answers_go_once_somebody_has_read_them(engine: EngineFixture) -> None:
    said = [Event(kind="inbound", dedupe_key=key, raw={"from": "+84900000001", "body": key}) for key in "ab"]
    event_inbox.record(engine.ledger, said, now=OVER)
    with engine.ledger.begin() as connection:
        done = sa.update(event).where(event.c.dedupe_key == "a").values(processed_at=OVER, result="read")
        waits = sa.update(event).where(event.c.dedupe_key == "b").values(processed_at=OVER, result="to-read")
        connection.execute(done)
        connection.execute(waits)
    found = forget(engine, 95)
    assert (found.answers, found.unread) == (1, 1)
    with engine.ledger.read() as connection:
        texts = connection.execute(
            sa.select(event.c.dedupe_key, event.c.raw).where(event.c.kind == "inbound")
        )
        assert {row.dedupe_key: bool(row.raw) for row in texts} == {"a": False, "b": True}


def test_a_load_whose_old_rows_are_forgotten_cannot_be_undone(engine: EngineFixture) -> None:
    changed = load_rows(engine, *(contact_row(n, unit="Tổ 1") for n in range(3)))
    assert forget(engine, 200).snapshots == 3
    with pytest.raises(CannotUndo, match="too old"):
        import_undo.undo(engine.ledger, changed, who="Lan", now=OVER)


def test_the_record_of_a_no_stays_while_it_stops_messages(engine: EngineFixture) -> None:
    for number in (phone_number(0), phone_number(1)):
        suppressions.opt_out(engine.ledger, [OptOut(channel="sms", address=number, how="web")], now=OVER)
    facts = {"channel": "sms", "address": phone_number(1), "who": "Lan", "how": "web", "now": OVER}
    suppressions.opt_in(engine.ledger, **facts)  # type: ignore[arg-type]  # facts of several types
    assert forget(engine, 3700).consent == 2  # the no and the return of the one who is written to again


def test_a_campaign_that_left_the_schedules_is_forgotten_too(engine: EngineFixture) -> None:
    with engine.ledger.begin() as connection:
        connection.exec_driver_sql("UPDATE occurrence SET campaign = 'gone'")
    assert forget(engine, 100).messages == 3
