"""Whatever comes in is handled one by one: what cannot be read is set aside, and the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dispatcher.feedback import inbox_processor
from dispatcher.ledger.queries import message_log, to_do
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.schema import event_results
from dispatcher.ledger.schema.tables import event, message
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
from tests.schedules_factory import audience_toml

PEOPLE = 4
CAMPAIGN = ten_day_campaign()


@pytest.fixture
def engine(database_url: str) -> Iterator[EngineFixture]:
    """Two campaigns that ran at the same hour, over people who were written to."""
    opened = open_engine(database_url, schedules(CAMPAIGN, CAMPAIGN))
    load_rows(opened, *(contact_row(n) for n in range(PEOPLE)))
    opened.run_until_sync(MORNING + timedelta(minutes=5))
    yield opened
    opened.close()


def answer(n: int, body: str, *, sid: str = "", **raw: Any) -> Event:
    """A text from the `n`th person, as the webhook writes it down."""
    key = sid or f"SM{n}-{body}"
    return Event(
        kind="inbound",
        dedupe_key=key,
        gateway="noting-sms",
        provider_id=key,
        raw={"from": phone_number(n), "body": body, "opt_out_type": "", **raw},
    )


def take(engine: EngineFixture, *events: Event) -> None:
    """Write events into the inbox and read it."""
    event_inbox.record(engine.ledger, events, now=engine.clock.now())
    inbox_processor.process(engine.ledger, engine.config, now=engine.clock.now())


def stopped(engine: EngineFixture) -> set[str]:
    """The addresses with a stop."""
    return {item.address for item in suppressions.find(engine.ledger)}


def results(engine: EngineFixture) -> dict[str, str]:
    """What was made of each event, by its key."""
    with engine.ledger.read() as connection:
        rows = connection.execute(sa.select(event.c.dedupe_key, event.c.result)).all()
    return {row[0]: row[1] for row in rows}


def break_event(engine: EngineFixture, key: str, raw: str) -> None:
    """Spoil what was received, behind the back of the door that cleans it."""
    with engine.ledger.begin() as connection:
        connection.execute(sa.update(event).where(event.c.dedupe_key == key).values(raw=json.loads(raw)))


# --- answers -----------------------------------------------------------------------------------------


def test_an_answer_to_a_campaign_that_left_the_file_does_not_stop_the_opt_outs(engine: EngineFixture) -> None:
    last = message_log.last_campaign(engine.ledger, phone_number(0))
    left = engine.config.schedules.model_copy(
        update={
            "campaigns": {
                name: one for name, one in engine.config.schedules.campaigns.items() if name != last
            }
        }
    )
    engine.replace_config(left)
    take(engine, answer(0, "Xong"), answer(1, "STOP"), answer(2, "tc"))
    assert stopped(engine) == {phone_number(1), phone_number(2)}
    assert [item.source for item in participation.participations(engine.ledger, last)] == ["sms"]


def test_done_counts_for_the_campaign_last_texted_about(engine: EngineFixture) -> None:
    take(engine, answer(0, "Xong"))
    counts = {name: len(participation.participations(engine.ledger, name)) for name in "ab"}
    assert sum(counts.values()) == 1


def test_done_from_a_number_nobody_has_is_for_a_person(engine: EngineFixture) -> None:
    take(engine, answer(77, "Xong", sid="SM-stranger"))
    assert results(engine)["SM-stranger"] == "to-read"


@pytest.mark.parametrize(
    "body",
    ["ST\0OP", "\0STOP\0", "STOP\x01", "\ud800STOP", "S\x00T\x00O\x00P", "TC\x7f", "TC\x9f"],
    ids=ascii,
)
def test_a_refusal_with_what_no_database_takes_is_a_refusal(engine: EngineFixture, body: str) -> None:
    take(engine, answer(0, body, sid="SM-odd"), answer(1, "tc"))
    assert stopped(engine) == {phone_number(0), phone_number(1)}


@pytest.mark.parametrize(
    ("word", "body", "is_stopped"),
    [
        ("STOP", "END", True),
        ("STOP", "Cút", True),
        ("stop", "", True),
        ("START", "TC", False),
        ("HELP", "TC", True),
    ],
)
def test_the_providers_own_word_goes_first(
    engine: EngineFixture, word: str, body: str, is_stopped: bool
) -> None:
    take(engine, answer(0, body, sid="SM-word", opt_out_type=word))
    assert (phone_number(0) in stopped(engine)) == is_stopped


@pytest.mark.parametrize("written", ["0900 000 003", "84900000003", "+84 900 000 003", " +84900000003 "])
def test_a_number_in_any_spelling_is_stopped_as_we_write_to_it(engine: EngineFixture, written: str) -> None:
    take(engine, answer(3, "TC", **{"from": written}))
    assert stopped(engine) == {phone_number(3)}


@pytest.mark.parametrize("sender", ["VIETTEL", "", "191", "x" * 5000, None, ["+84900000003"], {"a": 1}])
def test_a_refusal_from_no_number_is_for_a_person(engine: EngineFixture, sender: object) -> None:
    take(engine, answer(3, "TC", sid="SM-who", **{"from": sender}), answer(1, "tc"))
    assert stopped(engine) == {phone_number(1)}
    assert results(engine)["SM-who"] == "to-read"


@pytest.mark.parametrize("raw", ["[]", "7", '"text"', "null", "{}", '{"from": 7, "body": [1]}'])
def test_an_answer_that_cannot_be_read_does_not_stop_the_rest(engine: EngineFixture, raw: str) -> None:
    event_inbox.record(engine.ledger, [answer(0, "x", sid="SM-broken")], now=engine.clock.now())
    break_event(engine, "SM-broken", raw)
    take(engine, answer(1, "STOP"))
    assert stopped(engine) == {phone_number(1)}
    assert results(engine)["SM-broken"] in {"to-read", "set-aside"}
    assert to_do.counts(engine.ledger).unread_replies == 1


# --- receipts ----------------------------------------------------------------------------------------


def a_message(engine: EngineFixture, place: int = 0) -> int:
    """The id of a text that left."""
    with engine.ledger.read() as connection:
        ids = connection.scalars(
            sa.select(message.c.id).where(message.c.provider_id.is_not(None)).order_by(message.c.id)
        ).all()
    return ids[place]


def receipt(engine: EngineFixture, *, status: str, key: str, place: int = 0, **facts: Any) -> Event:
    """A report about a text that left."""
    return Event(
        kind=facts.pop("kind", "status"),
        dedupe_key=key,
        gateway="noting-sms",
        message_id=a_message(engine, place),
        attempt=1,
        status=status,
        **facts,
    )


def status_of(engine: EngineFixture, place: int) -> str:
    with engine.ledger.read() as connection:
        return str(
            connection.scalar(sa.select(message.c.status).where(message.c.id == a_message(engine, place)))
        )


@pytest.mark.parametrize(
    "facts",
    [
        {"parts": 10**30},
        {"parts": -1},
        {"vnd": 10**30},
        {"vnd": 2**40},
        {"retry_after_seconds": 1e300},
        {"retry_after_seconds": float("inf")},
        {"retry_after_seconds": float("nan")},
        {"code": "3\0" * 500, "error_class": "number\0"},
        {"raw": {"status": "\ud800\0", "deep": [[[[[[[[1]]]]]]]], "big": 10**400, "nan": float("nan")}},
        {"provider_id": "SM\0" + "9" * 10_000},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_absurd_values_are_cut_at_the_door_and_the_report_counts(
    engine: EngineFixture, facts: dict[str, Any]
) -> None:
    take(engine, receipt(engine, status="delivered", key="odd", **facts))
    take(engine, receipt(engine, status="delivered", key="next", place=1))
    assert [status_of(engine, place) for place in (0, 1)] == ["delivered", "delivered"]
    assert results(engine)["odd"] == "raised"


@pytest.mark.parametrize(
    "raw",
    ['{"parts": "many"}', '{"vnd": "1e400"}', '{"parts": 1e300}', "[]", "null", '{"retry_after": {"a": 1}}'],
)
def test_a_receipt_that_cannot_be_folded_is_set_aside_and_the_rest_is_folded(
    engine: EngineFixture, raw: str
) -> None:
    broken = receipt(engine, status="temporary-failure", key="broken", error_class="account")
    others = [receipt(engine, status="delivered", key=f"good{n}", place=n) for n in (1, 2)]
    event_inbox.record(engine.ledger, [others[0], broken, others[1]], now=engine.clock.now())
    break_event(engine, "broken", raw)
    take(engine)
    assert [status_of(engine, place) for place in (1, 2)] == ["delivered", "delivered"]
    assert event_inbox.count_unprocessed(engine.ledger) == 0
    if results(engine)["broken"] == "set-aside":
        assert to_do.counts(engine.ledger).set_aside == 1
        [item] = to_do.set_aside(engine.ledger)
        assert (item.kind, bool(item.reason)) == ("status", True)


def test_a_failure_for_an_audience_that_left_the_file_is_final(engine: EngineFixture) -> None:
    engine.replace_config(
        schedules(
            ten_day_campaign(audiences=["others"]), audiences={"others": audience_toml(channels=["sms"])}
        )
    )
    take(engine, receipt(engine, status="temporary-failure", key="late", code="30003"))
    assert results(engine)["late"] == "raised"


@pytest.mark.parametrize(
    "conditions", [to_do.IS_UNREAD_ANSWER, [event_results.IS_SET_ASIDE]], ids=["answers", "reports"]
)
def test_what_waits_for_a_person_is_found_by_its_index(
    engine: EngineFixture, conditions: Sequence[sa.ColumnElement[bool]]
) -> None:
    with engine.ledger.read() as connection:
        dialect = connection.dialect
        question = sa.select(event.c.id).where(*conditions).order_by(event.c.id.desc())
        text = str(question.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        explain = "EXPLAIN QUERY PLAN" if dialect.name == "sqlite" else "EXPLAIN"
        if dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the table is small here
        plan = connection.exec_driver_sql(f"{explain} {text}").all()
    assert "ix_event_for_a_person" in str(plan)
