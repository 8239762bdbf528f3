"""The outside witness's short form: the real service hears a no, and odd answers lose and double nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.witness.cases import CASES

SHORT = ("answers", "sqlite_url")


@pytest.mark.parametrize(
    ("case", "database"),
    [
        pytest.param(case, database, marks=() if (case, database) == SHORT else pytest.mark.torture)
        for case in CASES
        for database in ("sqlite_url", "postgres_url")
    ],
)
def test_all_is_right_as_seen_from_outside(
    tmp_path: Path, request: pytest.FixtureRequest, case: str, database: str
) -> None:
    findings = CASES[case](tmp_path, request.getfixturevalue(database))
    assert [one for one in findings if not one.is_right] == []
    assert findings
