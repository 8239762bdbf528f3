"""Who asks the ledger writes nothing, and the audit log has one door: what imports alone cannot show."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LEDGER = Path(__file__).parent.parent.parent / "dispatcher" / "ledger"
TABLES = "dispatcher.ledger.schema.tables"
WRITES = {"insert", "update", "delete", "begin", "text", "exec_driver_sql"}


def writes_in(source: str) -> list[str]:
    """Return every call by which SQL is written, or could be."""
    return [
        node.func.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
    ]


def tables_in(source: str) -> Iterator[str]:
    """Yield the tables that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(TABLES):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize(
    "line",
    [
        "connection.execute(sa.update(event).values(result='read'))",
        "sa.delete(message_count)",
        "connection.execute(ledger.insert(meta))",
        "with ledger.begin() as connection: pass",
        "connection.exec_driver_sql('DELETE FROM person')",
    ],
)
def test_a_write_is_found(line: str) -> None:
    assert writes_in(line)


def test_queries_only_read() -> None:
    files = [*(LEDGER / "queries").glob("*.py"), LEDGER / "eligibility.py"]
    assert len(files) > 8
    assert {file.name: found for file in files if (found := writes_in(file.read_text()))} == {}


def test_the_table_of_the_audit_log_is_known_to_the_audit_log_only() -> None:
    for address in (TABLES, f"{TABLES}.running"):
        assert list(tables_in(f"from {address} import meta, audit")) == ["meta", "audit"]
    files = {file for file in LEDGER.rglob("*.py") if file.parent.name != "tables"}
    users = {file.name for file in files if "audit" in tables_in(file.read_text())}
    assert users == {"audit_log.py"}
