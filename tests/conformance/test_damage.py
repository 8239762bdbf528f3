"""A database whose pages do not fit together is not believed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from dispatcher.ledger import Ledger, LedgerDamaged, require_undamaged
from dispatcher.report import integrity_report
from tests.command import command_in
from tests.ledger_fixture import NOON, add_residents

PAGE_BYTES = 4096
TABLES = ("person", "address", "message_text", "audit", "message")


def overwrite_page(ledger: Ledger, file: Path, table: str, fill: bytes) -> None:
    """Write `fill` over the first page of a table, and close the ledger."""
    with ledger.read() as connection:
        root = connection.execute(
            sa.text("SELECT rootpage FROM sqlite_master WHERE name = :name"), {"name": table}
        ).scalar_one()
    ledger.close()
    content = bytearray(file.read_bytes())
    start = (root - 1) * PAGE_BYTES
    content[start : start + PAGE_BYTES] = (fill * PAGE_BYTES)[:PAGE_BYTES]
    file.write_bytes(content)


def test_a_ledger_as_it_is_passes(database_url: str) -> None:
    ledger = Ledger.open(database_url)
    add_residents(ledger, 10)
    require_undamaged(ledger)
    ledger.close()


def test_postgresql_checks_its_indexes_where_it_can(postgres_url: str) -> None:
    ledger = Ledger.open(postgres_url)
    with ledger.begin() as connection:
        connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS amcheck"))
    require_undamaged(ledger)
    ledger.close()


@pytest.mark.parametrize("fill", [b"\x00", b"\xff", b"\x0d\x00\x05"], ids=["zeros", "ones", "noise"])
@pytest.mark.parametrize("table", TABLES)
def test_a_page_that_was_overwritten_is_found(sqlite_url: str, table: str, fill: bytes) -> None:
    ledger = Ledger.open(sqlite_url)
    add_residents(ledger, 10)
    file = Path(str(sa.make_url(sqlite_url).database))
    overwrite_page(ledger, file, table, fill)
    ledger = Ledger.open(sqlite_url)
    with pytest.raises(LedgerDamaged, match="the ledger is damaged: "):
        integrity_report.check_integrity(ledger, now=NOON)
    ledger.close()


@pytest.mark.parametrize("table", TABLES)
def test_reconcile_names_the_damage_and_believes_nothing(tmp_path: Path, table: str) -> None:
    office = command_in(tmp_path)
    assert office.run("db", "upgrade").returncode == 0
    assert office.run("reconcile", "--offline").returncode == 0
    file = tmp_path / "dispatcher.sqlite3"
    overwrite_page(Ledger.open(f"sqlite:///{file}"), file, table, b"\xff")
    done = office.run("reconcile", "--offline", "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["sound"], "damaged" in said["damage"]) == (1, False, True)
    done = office.run("reconcile", "--offline")
    assert (done.returncode, done.stdout, "damaged" in done.stderr) == (1, "", True)


@pytest.mark.parametrize("verb", [["reconcile", "--offline"], ["status"]], ids=" ".join)
@pytest.mark.parametrize("content", [b"\x8f\x13no database" * 700, b"SQLite format 3\x00" + b"\xff" * 9000])
def test_of_a_file_that_is_no_ledger_json_says_so(tmp_path: Path, verb: list[str], content: bytes) -> None:
    office = command_in(tmp_path)
    (tmp_path / "dispatcher.sqlite3").write_bytes(content)
    done = office.run(*verb, "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["sound"], "the ledger is damaged" in said["damage"]) == (1, False, True)


def test_over_a_damaged_page_status_says_so_first_and_then_what_can_be_read(tmp_path: Path) -> None:
    office = command_in(tmp_path)
    assert office.run("contacts", "load", "--yes").returncode == 0
    file = tmp_path / "dispatcher.sqlite3"
    sound = office.run("status")
    assert office.json("status")["damage"] == ""
    overwrite_page(Ledger.open(f"sqlite:///{file}"), file, "audit", b"\xff")
    done = office.run("status")
    assert (done.returncode, done.stdout) == (1, sound.stdout)
    assert done.stderr.startswith("the ledger is damaged: ")
    told = office.json("status")
    assert (told["sound"], "damaged" in told["damage"], bool(told["campaigns"])) == (False, True, True)


@pytest.mark.parametrize("table", ["person", "address", "campaign"])
def test_what_a_verb_cannot_read_is_damage_with_its_remedy(tmp_path: Path, table: str) -> None:
    office = command_in(tmp_path)
    assert office.run("contacts", "load", "--yes").returncode == 0
    file = tmp_path / "dispatcher.sqlite3"
    overwrite_page(Ledger.open(f"sqlite:///{file}"), file, table, b"\xff")
    for verb in (["why", "0990000115"], ["status"]):
        done = office.run(*verb)
        assert "permissions" not in done.stderr, done.stderr
        assert done.returncode != 0 or table == "campaign"
        assert "restore the last backup" in done.stderr or done.returncode == 0
    assert json.loads(office.run("status", "--json").stdout)["sound"] is False
