"""What is true of a kind of step stands in one table, and nobody asks for a kind by name."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest

import dispatcher
from dispatcher.campaign.step_kinds import STEP_KINDS, Kind

PACKAGE = Path(dispatcher.__file__).parent
MODULES = [file for file in PACKAGE.rglob("*.py") if "migrations" not in file.parts]


def named_kinds(code: str) -> list[int]:
    """Return the lines that compare something called `kind` with the name of a kind."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Compare) and _is_kind(node.left) and _names(node) & STEP_KINDS.keys()
    ]


def _is_kind(node: ast.expr) -> bool:
    return "kind" in (getattr(node, "attr", ""), getattr(node, "id", ""))


def _names(node: ast.Compare) -> set[object]:
    return {
        part.value for side in node.comparators for part in ast.walk(side) if isinstance(part, ast.Constant)
    }


def test_every_kind_has_its_line() -> None:
    assert tuple(STEP_KINDS) == get_args(Kind)


def test_no_module_asks_for_a_kind_by_name() -> None:
    asking = {file.relative_to(PACKAGE): named_kinds(file.read_text(encoding="utf-8")) for file in MODULES}
    assert {file: lines for file, lines in asking.items() if lines} == {}


@pytest.mark.parametrize(
    "code",
    ['item.kind == "thanks"', 'kind != "digest"', 'a.b.kind in {"reminder", "x"}', 'kind in ("warning",)'],
)
def test_whoever_does_is_found(code: str) -> None:
    assert named_kinds(f"x = 1\ny = {code}") == [2]
