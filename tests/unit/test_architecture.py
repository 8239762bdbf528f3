"""The pictures in docs/architecture.md are what the code is: its rooms, its imports, its statuses."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import grimp
import pytest

import dispatcher
from dispatcher.ledger.schema.message_status import RANK, RANK_NOT_ACCEPTED

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROOMS, LIFE = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)


def layers() -> list[list[str]]:
    """Return the contract's layers, from the lowest up."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    rows = contracts["contracts"][0]["layers"]
    return [row.split(" : ") for row in reversed(rows) if row != "(__main__)"]


def arrows(picture: str) -> list[tuple[str, str]]:
    return re.findall(r"^ +(\w+)[^\n]*? --> (\w+)", re.sub(r"\[[^\n]*?\]", "", picture), re.MULTILINE)


@cache
def imports() -> set[tuple[str, str]]:
    """Return which room imports which."""
    graph = grimp.build_graph("dispatcher", cache_dir=None)
    pairs = (
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if importer != "dispatcher" != imported
    )
    return {(importer.split(".")[1], imported.split(".")[1]) for importer, imported in pairs}


def test_the_package_names_the_layers_of_the_contract():
    rows = re.findall(r"^ {4}(\S.*)$", dispatcher.__doc__ or "", re.MULTILINE)
    assert [sorted(row.split()) for row in rows] == [sorted(row) for row in layers()]


def test_every_room_is_described_and_drawn():
    known = {room for row in layers() for room in row}
    described = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    beside = set(re.findall(r"`(\w+)`", PAGE.partition("single files")[2].partition("\n")[0]))
    assert described | beside == known
    assert described & beside == set()
    assert {room for arrow in arrows(ROOMS) for room in arrow} == described


@pytest.mark.parametrize("arrow", arrows(ROOMS), ids="->".join)
def test_every_arrow_between_rooms_is_an_import(arrow: tuple[str, str]):
    assert arrow in imports()


def test_every_file_told_of_exists():
    files = re.findall(r"`((?:dispatcher/)?[a-z_/]+\.py)`", PAGE)
    assert [
        file for file in files if not (ROOT / "dispatcher" / file.removeprefix("dispatcher/")).exists()
    ] == []


# --- the life of a message -------------------------------------------------------------------------------

MOVES = [tuple(name.replace("_", "-") for name in arrow) for arrow in arrows(LIFE)]


BEGINNINGS = {"created", "submitting"}


def test_every_status_is_drawn():
    assert {name for move in MOVES for name in move} == set(RANK)


@pytest.mark.parametrize("move", [move for move in MOVES if move[1] not in BEGINNINGS], ids="->".join)
def test_within_an_attempt_the_rank_never_falls(move: tuple[str, str]):
    before, after = move
    rank = RANK_NOT_ACCEPTED if before == "temporary-failure" else RANK[before]
    assert rank <= RANK[after]


def test_a_new_attempt_begins_where_nothing_is_in_doubt():
    assert {before for before, after in MOVES if after == "submitting"} == {"created", "temporary-failure"}


# --- names -----------------------------------------------------------------------------------------------


def test_a_class_name_is_used_once():
    found = Counter(
        node.name
        for file in (ROOT / "dispatcher").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, times in found.items() if times > 1] == []
