"""A ledger of every earlier revision, with a row in every table, loses nothing on its way to today's."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from dispatcher.ledger.schema import migrate

SNAPSHOT = {"load_id": 7, "person_id": 3, "phones": "+84900000001", "note": "đã chuyển"}


def run_migrations(engine: sa.Engine, direction: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        getattr(command, direction)(config, revision)


def fill(engine: sa.Engine) -> None:
    """Write one row into every table, each value another."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    number = 6
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name == "alembic_version":
                continue
            row: dict[str, object] = {}
            for column in table.c:
                number += 1
                if column.foreign_keys:
                    (key,) = column.foreign_keys
                    row[column.name] = connection.scalar(sa.select(key.column))
                elif column.name == "before":
                    row[column.name] = SNAPSHOT
                elif isinstance(column.type, sa.JSON):
                    row[column.name] = {"of": number}
                else:
                    row[column.name] = f"word {number}" if isinstance(column.type, sa.Text) else number
            connection.execute(sa.insert(table).values(row))


def contents(engine: sa.Engine) -> dict[str, list[object]]:
    """Return every table's values in the order of its columns, without the names."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(sa.select(table))]
            for name, table in metadata.tables.items()
            if name != "alembic_version"
        }


RENAMED = {
    "load": "contact_import",
    "contact_before": "contact_snapshot",
    "wording": "message_text",
    "hook": "webhook",
    "outgoing": "webhook_outbox",
    "tally": "message_count",
    "run": "failure_window",
}


@pytest.fixture
def engine(bare_database_url: str):
    made = sa.create_engine(bare_database_url)
    yield made
    made.dispose()


def test_renaming_tables_and_columns_keeps_every_value(engine):
    run_migrations(engine, "upgrade", "0001")
    fill(engine)
    before = contents(engine)
    assert all(before.values())
    run_migrations(engine, "upgrade", "0002")
    after = contents(engine)
    ((*key, fields),) = after["contact_snapshot"]
    assert fields == {**{k: v for k, v in SNAPSHOT.items() if k != "load_id"}, "import_id": 7}
    expected = {RENAMED.get(name, name): rows for name, rows in before.items()}
    assert after == {**expected, "contact_snapshot": [(*key, fields)]}
    run_migrations(engine, "downgrade", "0001")
    assert contents(engine) == before


def test_what_counts_its_rows_goes_on_counting_after_the_upgrade(engine):
    run_migrations(engine, "upgrade", "0001")
    fill(engine)
    migrate.upgrade(engine)
    inserts = (
        "contact_import (at, summary) VALUES (1, '{}')",
        "webhook_outbox (webhook, source_id, at) SELECT name, 1, 1 FROM webhook",
        "message_count (shard_id, occurrence_id) VALUES (1, 1)",
    )
    with engine.begin() as connection:
        for insert in inserts:
            assert connection.exec_driver_sql(f"INSERT INTO {insert} RETURNING id").scalar_one()


@pytest.mark.parametrize(
    ("left", "sent", "expected"),
    [(-1, 0, (0, 0)), (-1, 1, (0, 1)), (3, 1, (1, 0)), (0, 1, (1, 0)), (2, 0, (0, 0))],
    ids=["not begun", "under way", "canaries fly", "waits for somebody", "canary to come"],
)
def test_a_canary_goes_on_where_it_was(engine, left, sent, expected):
    run_migrations(engine, "upgrade", "0002")
    with engine.begin() as connection:
        columns = "occurrence_id, shard_id, person_id, contact_id, status_at, attempt, status"
        for row in (
            f"campaign (name, changed_at, canary_left) VALUES ('c', 1, {left})",
            "occurrence (id, campaign, kind, due_at, expires_at) VALUES (1, 'c', 'reminder', 1, 2)",
            "shard (id, occurrence_id, not_before, needs_recount) VALUES (65536, 1, 1, 0)",
            f"message ({columns}) VALUES (1, 65536, 1, 1, 1, {sent}, 'temporary-failure')",
        ):
            connection.exec_driver_sql(f"INSERT INTO {row}")
    migrate.upgrade(engine)
    with engine.connect() as connection:
        canary = connection.exec_driver_sql("SELECT canary_sent, canary_passed FROM campaign").one()
        assert tuple(canary) == expected
        assert connection.exec_driver_sql("SELECT needs_recount FROM shard").scalar() == 1
