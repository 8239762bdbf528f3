"""Trial and real use are apart, on every database: each refuses the other's ledger; one way leads across."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dispatcher.ledger import Ledger, audit_log, stage
from dispatcher.ledger.queries import message_counts, to_do
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.tables import message, shard
from dispatcher.ledger.sending import campaign_states
from dispatcher.ledger.stage import NotReadyForLive, WrongStage
from tests.engine_fixture import MORNING, EngineFixture, contact_row, load_rows, open_engine, schedules
from tests.engine_fixture import ten_day_campaign as campaign
from tests.ledger_fixture import phone_number

TRIAL_ENDS = MORNING + timedelta(hours=2)
CAP_TIME = timedelta(hours=24)


@pytest.fixture
def engine(database_url: str) -> Iterator[EngineFixture]:
    """A campaign of which the first of its daily steps went to the sandbox, to three people."""
    made = open_engine(
        database_url,
        schedules(campaign(), campaign({"name": "once", "at": "2025-11-04T08:00", "template": "daily"})),
    )
    stage.enter(made.ledger, "trial")
    load_rows(made, *(contact_row(n) for n in range(3)))
    made.run_until_sync(TRIAL_ENDS)
    assert len(made.sms.sent) == 3
    yield made
    made.close()


def go_live(engine: EngineFixture) -> stage.TrialRecords:
    return stage.go_live(engine.ledger, who="Lan", now=engine.clock.now())


def numbers(engine: EngineFixture) -> list[str]:
    return sorted(item.envelope.to for item in engine.sms.sent[3:])


def test_a_ledger_belongs_to_the_world_that_used_it_first(database_url: str) -> None:
    for mine, other in (("trial", "live"), ("live", "trial")):
        ledger = Ledger.open(database_url)
        with ledger.begin() as connection:
            connection.exec_driver_sql("DELETE FROM meta")
        stage.enter(ledger, mine)  # type: ignore[arg-type]  # a word of the two
        stage.enter(ledger, mine)  # type: ignore[arg-type]  # a word of the two
        with pytest.raises(WrongStage) as refused:
            stage.enter(ledger, other)  # type: ignore[arg-type]  # a word of the two
        assert (stage.current(ledger), refused.value.exit_code) == (mine, 2)
        ledger.close()


def test_what_went_to_the_sandbox_goes_to_people_once_it_is_live(engine: EngineFixture) -> None:
    done = go_live(engine)
    assert (done.messages, stage.current(engine.ledger)) == (3, "live")
    engine.run_until_sync(TRIAL_ENDS + timedelta(minutes=30))  # the step of the morning is still in its grace
    assert numbers(engine) == [phone_number(n) for n in range(3)]
    stage.enter(engine.ledger, "live")


def test_nothing_of_the_trial_is_asked_about_counted_or_sent_again(engine: EngineFixture) -> None:
    with engine.ledger.begin() as connection:
        ids = connection.scalars(sa.select(message.c.id).order_by(message.c.id)).all()
        for message_id, facts in zip(
            ids,
            (
                {"status": "submitting", "lookup_at": MORNING},
                {"status": "in-doubt", "lookup_at": None},
                {"status": "temporary-failure", "next_at": MORNING},
            ),
            strict=True,
        ):
            connection.execute(sa.update(message).where(message.c.id == message_id).values(**facts))
        connection.execute(sa.update(shard).values(state="open"))
    go_live(engine)
    with engine.ledger.read() as connection:
        rows = connection.execute(sa.select(message.c.status, message.c.reason, message.c.address)).all()
    assert {(row.status, row.reason) for row in rows} == {("cancelled", "trial")}
    assert not [row.address for row in rows if row.address.startswith("+")]
    assert message_counts.totals(engine.ledger) == ()
    engine.run_until_sync(TRIAL_ENDS + timedelta(minutes=30))
    assert len(numbers(engine)) == 3


def test_a_no_of_somebodys_own_stays_and_one_that_the_sandbox_made_up_goes(engine: EngineFixture) -> None:
    stops = [
        OptOut(channel="sms", address=phone_number(0), how="keyword", words="TC"),
        OptOut(channel="sms", address=phone_number(1), how="provider", reason="opted-out"),
        OptOut(channel="sms", address=phone_number(2), how="provider", reason="dead-address"),
        OptOut(channel="email", address="x@hatay.example", how="bounce", reason="dead-address"),
        OptOut(
            channel="sms", address=phone_number(7), how="import", scope="advertising", reason="do-not-call"
        ),
    ]
    suppressions.opt_out(engine.ledger, stops, now=TRIAL_ENDS)
    done = go_live(engine)
    assert (done.made_up_stops, done.kept_opt_outs) == (3, 1)
    assert [one.address for one in suppressions.find(engine.ledger)] == [phone_number(0), phone_number(7)]
    engine.run_until_sync(TRIAL_ENDS + timedelta(minutes=30))
    assert numbers(engine) == [phone_number(1), phone_number(2)]


def test_who_took_part_in_the_trial_is_reminded(engine: EngineFixture) -> None:
    (known,) = participation.people_by_address(engine.ledger, "sms", [phone_number(0)]).values()
    took_part = Participation(campaign="a", person_id=known[0].person_id, at=MORNING, source="link")
    participation.record(engine.ledger, [took_part], now=TRIAL_ENDS)
    assert go_live(engine).participations == 1
    engine.run_until_sync(TRIAL_ENDS + timedelta(minutes=30))
    assert phone_number(0) in numbers(engine)


def test_answers_and_reports_of_the_trial_wait_for_nobody(engine: EngineFixture) -> None:
    said = {"from": phone_number(0), "body": "Ai đấy?"}
    events = [
        Event(kind="inbound", dedupe_key="1", gateway="noting-sms", raw=said),
        Event(kind="status", dedupe_key="2", gateway="noting-sms", status="delivered", provider_id="SM-x"),
    ]
    event_inbox.record(engine.ledger, events, now=TRIAL_ENDS)
    go_live(engine)
    assert (event_inbox.count_unprocessed(engine.ledger), to_do.counts(engine.ledger).unread_replies) == (
        0,
        0,
    )


def test_what_people_decided_about_a_campaign_stays_and_what_came_of_itself_goes(
    engine: EngineFixture,
) -> None:
    campaign_states.pause(engine.ledger, "a", reason="Chờ chỉ đạo", who="Lan", now=TRIAL_ENDS)
    campaign_states.pause(engine.ledger, "b", reason="failures", who="dispatcher", now=TRIAL_ENDS)
    go_live(engine)
    assert {one.name: one.state for one in campaign_states.all_states(engine.ledger)} == {
        "a": "paused",
        "b": "active",
    }


def test_it_is_done_once_and_written_down(engine: EngineFixture) -> None:
    go_live(engine)
    with pytest.raises(NotReadyForLive):
        go_live(engine)
    (entry,) = [one for one in audit_log.entries(engine.ledger) if one.action == "golive"]
    assert (entry.who, entry.detail["messages"]) == ("Lan", 3)


def test_a_ledger_of_before_the_marks_asks_what_it_was(engine: EngineFixture) -> None:
    with engine.ledger.begin() as connection:
        connection.exec_driver_sql("DELETE FROM meta WHERE key = 'stage'")
    with pytest.raises(WrongStage, match="--already-live"):
        stage.enter(engine.ledger, "live")
    stage.mark_live(engine.ledger, who="Lan", now=TRIAL_ENDS)
    stage.enter(engine.ledger, "live")
    assert len(message_counts.exact_by_step(engine.ledger, campaign_name="a")) == 1


def test_a_trial_cannot_be_passed_off_as_real(engine: EngineFixture) -> None:
    with pytest.raises(NotReadyForLive):
        stage.mark_live(engine.ledger, who="Lan", now=TRIAL_ENDS)
