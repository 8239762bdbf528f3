"""Of an erased person no byte is left: in the ledger's files, beside them, in what the ledger hands out.

SQLite overwrites by itself. Of PostgreSQL the how-to says what an administrator does; here it is done.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from dispatcher import kept_configuration
from dispatcher.campaign.model import VIETNAM
from dispatcher.campaign.rights import Rights
from dispatcher.ledger import Ledger, open_ledger, scrubbing, sqlite_file
from dispatcher.ledger.access import webhooks
from dispatcher.ledger.privacy import erasure, rights_requests
from dispatcher.ledger.privacy.rights_requests import NewRequest
from dispatcher.ledger.queries import subject_access
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.vietnamese.text import fold
from tests import ledger_fixture
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

NAME, NUMBER, NEW_NUMBER, MAIL = (
    "Tạ Thị Mộng Điệp",
    phone_number(4711),
    phone_number(4712),
    "mongdiep@hatay.example",
)
WORDS = ("Mộng Điệp", fold(NAME), NUMBER, NUMBER[1:], f"0{NUMBER[3:]}", NEW_NUMBER, MAIL)


@pytest.fixture
def engine(database_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[EngineFixture]:
    """A ledger that knows them in every way there is, on paper and in its statistics."""
    caplog.set_level(logging.DEBUG)
    opened = open_engine(database_url, schedules(ten_day_campaign()))
    them = {"name": NAME, "given_name": "Điệp", "name_key": fold(NAME), "phones": (NUMBER,), "email": MAIL}
    ledger, now = opened.ledger, opened.clock.now()
    kept_configuration.keep(ledger, opened.config)
    kinds = tuple(webhooks.EVENT_KINDS)
    webhooks.add(
        ledger,
        "hook",
        direction="out",
        url="https://x.example",
        secret="whsec_x",
        kinds=kinds,
        who="t",
        now=now,
    )
    load_rows(opened, contact_row(1, **them), contact_row(2))
    load_rows(opened, contact_row(1, **them, note="đã chuyển", unit="Tổ của Mộng Điệp"), contact_row(2))
    no = OptOut(channel="email", address=MAIL, who=MAIL, words=f"Tôi là {NAME}", scope="advertising")
    suppressions.opt_out(ledger, [no], now=now)
    opened.run_until_sync(MORNING + timedelta(hours=1))
    said = Event(kind="inbound", dedupe_key="1", raw={"from": NUMBER, "body": f"{NAME} đây"})
    event_inbox.record(ledger, [said], now=opened.clock.now())
    (them_id,) = {one.person_id for one in erasure.owners_of(ledger, NUMBER)}
    asked = NewRequest(
        kind="correction", channel="sms", address=NUMBER, person_id=them_id, wanted={"phone": NEW_NUMBER},
        words=f"{NAME} đổi số", received_at=opened.clock.now(),
    )  # fmt: skip
    request = rights_requests.take(
        ledger, asked, Rights(), zone=VIETNAM, who="Lan", how="cli", now=opened.clock.now()
    )
    rights_requests.carry_out(ledger, request.id, who="Lan", now=opened.clock.now())
    webhooks.enqueue_new(ledger, now=opened.clock.now())
    if ledger.dialect == "postgresql":
        vacuum(ledger, "ANALYZE", "CHECKPOINT")
    yield opened
    opened.close()


def vacuum(ledger: Ledger, *statements: str) -> None:
    with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def on_disk(ledger: Ledger) -> bytes:
    """Return every byte of the database's files."""
    file = sqlite_file(ledger.url)
    if file is not None:
        return b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    files = sa.text(
        "SELECT pg_read_binary_file(pg_relation_filepath(oid), 0, pg_relation_size(oid)) FROM pg_class "
        "WHERE relkind IN ('r', 'i', 't', 'm', 'S') AND NOT relisshared AND relfilenode <> 0 "
        "AND pg_relation_size(oid) > 0"
    )
    with ledger.engine.connect() as connection:
        return b"".join(bytes(row) for row in connection.scalars(files))


def left(content: bytes) -> list[str]:
    return [word for word in WORDS if word.encode() in content]


def test_no_byte_of_them_is_left(
    engine: EngineFixture, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    ledger = engine.ledger
    assert len(left(on_disk(ledger))) >= len(WORDS) - 2  # spelt with a plus, a zero is seen in no column
    people = {one.person_id for one in erasure.owners_of(ledger, NEW_NUMBER)}
    erasure.erase(ledger, NEW_NUMBER, people=people, who="Lan", now=engine.clock.now())
    if ledger.dialect == "postgresql":
        vacuum(
            ledger,
            "DELETE FROM pg_statistic",  # of a table that is empty now the old ones would stay
            "VACUUM (FULL, ANALYZE)",
            "VACUUM FULL pg_statistic",
            "CHECKPOINT",
        )
    assert left(on_disk(ledger)) == []
    assert left("\n".join(record.getMessage() for record in caplog.records).encode()) == []
    assert all(subject_access.load(ledger, value).is_empty for value in (NUMBER, NEW_NUMBER, MAIL))
    told = [item.payload for item in webhooks.due_items(ledger, now=engine.clock.now())]
    assert left(str(told).encode()) == []
    beside = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    assert left(beside) == []


@pytest.mark.parametrize("size", ["small", "large"])
def test_no_copy_is_left_in_the_gaps_of_pages_either(tmp_path: Path, size: str) -> None:
    """Where rows moved between pages, SQLite leaves copies that it does not overwrite."""
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    numbers = [phone_number(n * 7) for n in range(1, 1001)]
    random.Random(7).shuffle(numbers)
    everybody = ledger_fixture.add_people(ledger, *(("party", f"Ai {one}", one, "") for one in numbers))
    gone = dict(zip(everybody[::5], numbers[::5], strict=True))
    with pytest.MonkeyPatch.context() as patch:
        if size == "large":  # as if it were too large to be written anew while others wait
            patch.setattr(scrubbing.scrub, "__kwdefaults__", {"at_most": 0})
        erasure.erase(ledger, "", people=gone.keys(), who="Lan", now=MORNING)
    if size == "large":
        assert scrubbing.is_due(ledger)
        assert copies(ledger, gone.values())  # there are some: the trial tries something
        assert scrubbing.scrub(ledger, at_most=None)
    assert not scrubbing.is_due(ledger)
    assert copies(ledger, gone.values()) == []
    ledger.close()


def copies(ledger: Ledger, numbers: Iterable[str]) -> list[str]:
    content = on_disk(ledger)
    return [number for number in numbers if number.encode() in content]
