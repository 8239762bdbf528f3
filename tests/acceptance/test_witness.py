"""The outside witness's short form: the real service hears a no, and odd answers lose and double nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.witness.cases import CASES

SHORT = "answers"


@pytest.mark.parametrize(
    "case", [name if name == SHORT else pytest.param(name, marks=pytest.mark.torture) for name in CASES]
)
def test_all_is_right_as_seen_from_outside(tmp_path: Path, database_url: str, case: str) -> None:
    findings = CASES[case](tmp_path, database_url)
    assert [one for one in findings if not one.is_right] == []
    assert findings
