"""Whatever the schedules are edited to between firings, nobody hears one thing twice, or what they lack."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher import plan
from dispatcher.gateways import Envelope, Result
from dispatcher.ledger import renames
from dispatcher.ledger.queries import integrity
from dispatcher.ledger.renames import CannotRename
from dispatcher.ledger.schema.tables import message, occurrence
from tests import engine_fixture
from tests.engine_fixture import (
    MORNING,
    EngineFixture,
    accepted,
    contact_row,
    load_rows,
    schedules,
    ten_day_campaign,
)
from tests.ledger_fixture import phone_number
from tests.schedules_factory import audience_toml

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
AUDIENCES = {
    name: audience_toml(place, channels=["sms"]) for place, name in enumerate(("residents", "staff"), 1)
}
AUDIENCE_OF = {phone_number(n): "residents" if n < 2 else "staff" for n in range(4)}
SOURCES = {f"{word}.sms.j2": f"{word} {{{{ recipient.name }}}}" for word in ("one", "two", "weekly")}
SOME_AUDIENCES = st.sampled_from([["residents"], ["staff"], ["residents", "staff"]])
TIMES = st.sampled_from([8 * 60, 8 * 60 + 30, 9 * 60, 10 * 60, 24 * 60 + 8 * 60])  # local, in minutes


@st.composite
def campaigns(draw: st.DrawFn) -> dict[str, Any]:
    """An edition: a dated step under any of three names, perhaps a daily one, some audiences."""
    dated = {
        "name": draw(st.sampled_from(["a", "b", "c"])),
        "at": datetime(2025, 11, 3) + timedelta(minutes=draw(TIMES)),  # noqa: DTZ001 - local time
        "template": draw(st.sampled_from(["one", "two"])),
        "audiences": draw(SOME_AUDIENCES),
    }
    daily = {"name": "daily", "every": f"daily {draw(st.sampled_from(['08:00', '11:00']))}"}
    return ten_day_campaign(
        dated,
        *([daily] if draw(st.booleans()) else []),
        audiences=["residents", "staff"],
        cap_per_day=3,
        cap_per_week=21,
        window=draw(st.sampled_from(["07:30-20:30", "09:00-20:30"])),
    )


EDITS = st.tuples(
    st.sampled_from([0, 1, 20, 60, 180]),  # minutes that pass before it
    st.sampled_from(["all goes out", "a shard is served", "a batch is in flight"]),  # until it, or at it
    campaigns() | st.sampled_from([("a", "b"), ("b", "c"), ("c", "a")]),  # an edition, or somebody decides
)


@settings(max_examples=6)  # each is a campaign played for two days; the suite has minutes, not hours
@given(campaigns(), st.lists(EDITS, min_size=1, max_size=5))
def test_no_edit_says_a_thing_twice_or_what_the_schedules_lack(
    sqlite_template: Path, first: dict[str, Any], edits: list[tuple[int, str, Any]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = shutil.copy(sqlite_template, Path(folder) / "ledger.sqlite3")
        engine = engine_fixture.open_engine(
            f"sqlite:///{file}", edition(first), now=MORNING - MINUTE, sources=SOURCES
        )
        try:
            load_rows(engine, *(contact_row(n, audience=AUDIENCE_OF[phone_number(n)]) for n in range(4)))
            play(engine, edits)
            assert repeated(engine) == []
            assert integrity.violations(engine.ledger, now=engine.clock.now()) == ()
        finally:
            engine.close()


def edition(campaign: dict[str, Any]) -> Any:
    return schedules(campaign, audiences=AUDIENCES)


def play(engine: EngineFixture, edits: list[tuple[int, str, Any]]) -> None:
    engine.clock.advance_to(MORNING)
    for minutes, how, what in edits:
        in_force = engine.config.schedules
        if how == "all goes out":
            engine.run_until_sync(engine.clock.now() + minutes * MINUTE)
        else:
            edit_in_flight(engine, what if how == "a batch is in flight" else None)
            engine.step_runner.tick(engine.clock.now())
            asyncio.run(engine.delivery.serve_next_shard("sms"))
            engine.sms.answer = accepted
        check_in_force(engine, in_force)
        make(engine, what)
    engine.run_until_sync(engine.clock.now() + 2 * DAY)
    check_in_force(engine, engine.config.schedules)


def edit_in_flight(engine: EngineFixture, what: Any) -> None:
    """Let an edit be made while the next text is with the provider."""

    def answer(envelope: Envelope) -> Result:
        if what is not None:
            engine.sms.answer = accepted
            make(engine, what)
        return accepted(envelope)

    engine.sms.answer = answer


def make(engine: EngineFixture, what: Any) -> None:
    """Put an edition in force, or let somebody decide about a name."""
    if isinstance(what, dict):
        engine.replace_config(edition(what), SOURCES)
    else:
        decide(engine, *what)
    engine.step_runner.tick(engine.clock.now())


def decide(engine: EngineFixture, old: str, new: str) -> None:
    """Let somebody carry a step over to its new name, where the file says so."""
    names = {step.name for step in engine.config.schedules.campaigns["a"].steps}
    if old not in names and new in names:
        try:
            renames.rename_step(engine.ledger, "a", old, new, who="lan", now=engine.clock.now())
        except CannotRename:
            return


def check_in_force(engine: EngineFixture, schedules: Any) -> None:
    """Check what has left under an edition against its plan, and forget it."""
    planned = plan.occurrences(schedules, "a")
    for sent in engine.sms.sent:
        word, audience = sent.envelope.body.split()[0], AUDIENCE_OF[sent.envelope.to]
        assert any(
            item.template == word and audience in item.audiences and item.due_at <= sent.at < item.expires_at
            for item in planned
        ), (sent, planned)
    engine.sms.sent.clear()


def repeated(engine: EngineFixture) -> list[object]:
    """Return who was sent one thing twice: a dated step, a day of a daily one, words of a moment."""
    with engine.ledger.read() as connection:
        rows = connection.execute(
            sa.select(message.c.address, occurrence.c.step, occurrence.c.moment, occurrence.c.due_at)
            .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
            .where(message.c.submitted_at.is_not(None))
        ).all()
    counts: Counter[object] = Counter()
    for row in rows:
        day = engine.config.schedules.to_local(row.due_at).date() if row.step == "daily" else None
        counts[row.address, row.step, day] += 1
        counts[row.address, row.moment, row.due_at] += 1
    return [key for key, count in counts.items() if count > 1]
