"""The migrated database is the one the tables describe, on both databases, whoever comes first."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from dispatcher.errors import DispatcherError
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import migrate
from dispatcher.ledger.schema.tables import metadata


def test_an_empty_database_has_no_revision(bare_database_url):
    assert migrate.current_revision(sa.create_engine(bare_database_url)) == ""


def test_upgrading_makes_exactly_the_tables_described(bare_database_url):
    engine = sa.create_engine(bare_database_url)
    migrate.upgrade(engine)
    assert migrate.current_revision(engine) == migrate.latest_revision()
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    migrated = _as_found(engine)
    metadata.drop_all(engine)
    metadata.create_all(engine)
    assert migrated == _as_found(engine)


def _as_found(engine: sa.Engine) -> dict[str, list[str]]:
    """Tell of each table everything the database itself knows of it."""
    inspector = sa.inspect(engine)
    return {
        table: sorted(
            json.dumps(part, default=str, sort_keys=True)
            for ask in (
                inspector.get_columns,
                inspector.get_indexes,
                inspector.get_foreign_keys,
                inspector.get_unique_constraints,
                inspector.get_check_constraints,
                lambda name: [inspector.get_pk_constraint(name)],
            )
            for part in ask(table)
        )
        for table in metadata.tables
    }


def test_upgrading_again_changes_nothing(database_url):
    engine = sa.create_engine(database_url)
    statements = []
    sa.event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    migrate.upgrade(engine)
    assert not [text for text in statements if not text.lstrip().upper().startswith(("SELECT", "PRAGMA"))]


def test_many_may_open_a_new_ledger_at_once(bare_database_url):
    def upgrade(_number: int) -> str:
        ledger = Ledger.open(bare_database_url)
        try:
            return migrate.current_revision(ledger.engine)
        finally:
            ledger.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(upgrade, range(8))) == {migrate.latest_revision()}


def test_a_failed_upgrade_leaves_nothing_behind(bare_database_url):
    engine = sa.create_engine(bare_database_url)
    with engine.begin() as connection:  # stands in the way of the migration, late in it
        connection.exec_driver_sql("CREATE TABLE rate_limit (gateway TEXT)")
    with pytest.raises(sa.exc.DBAPIError):
        migrate.upgrade(engine)
    assert sa.inspect(engine).get_table_names() == ["rate_limit"]


def test_a_database_of_a_newer_version_is_refused(database_url):
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DispatcherError, match="9999"):
        migrate.upgrade(engine)


def test_the_newest_file_is_the_head_alembic_sees():
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.latest_revision()]
