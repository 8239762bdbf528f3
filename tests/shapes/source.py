"""What only the code knows: verbs, settings, log actions, and tables of code words."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dispatcher
from scripts.reference import filled
from tests.shapes.comparing import WORD, Found

SOURCE = Path(dispatcher.__file__).parent
# Tables of words that nobody sees, known by their first word.
INSIDE = frozenset({"act", "connect", "fail", "help", "idle_in_transaction_session_timeout", "no"})


def documented() -> Found:
    """Read the parts of the reference that the code writes: verbs, keys of TOML, values and filters."""

    def part(name: str) -> str:
        return filled(f"<!-- {name}: written by make docs -->\n<!-- end -->")

    verbs, verb = [], ""
    for line in part("verbs").splitlines():
        if found := re.match(r"#### `dispatcher (.+)`", line):
            verb = re.sub(r" [A-Z\[].*", "", found[1])
            verbs.append(found[1])
        elif found := re.match(r"- `(-[^`]+)`", line):
            verbs.append(f"{verb} {found[1]}")
    rows = {name: re.findall(r"^\| `([^`]+)` \| ([^|]*) \|", part(name), re.MULTILINE) for name in PARTS}
    asked = [re.findall(rf"(?:\b{name}|[ ,])(\.[a-z_]+)", meaning) for name, meaning in rows["values"]]
    return {
        "verbs": sorted(verbs),
        "keys of schedules.toml": sorted(f"{name}: {kind}" for name, kind in _keys(part("keys"))),
        "filters": sorted(name for name, _meaning in rows["filters"]),
        "values of templates": sorted(
            {name for name, _meaning in rows["values"]}
            | {
                name + dotted
                for (name, _m), found in zip(rows["values"], asked, strict=True)
                for dotted in found
            }
        ),
    }


PARTS = ("values", "filters")


def _keys(table: str) -> list[tuple[str, str]]:
    return re.findall(r"^\| `([^`]+)` \| ((?:\\\||[^|])+) \|", table, re.MULTILINE)


def written() -> Found:
    """Read the source: names of settings, and of what log lines carry."""
    settings, actions, fields = set(), set(), set()
    for file in SOURCE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        settings |= set(re.findall(r'"((?:DISPATCHER|TWILIO)_[A-Z_]*[A-Z])"', text))
        for extra in _extras(ast.parse(text)):
            for name, value in zip(extra.keys, extra.values, strict=True):
                if isinstance(name, ast.Constant):
                    fields.add(name.value)
                if (
                    isinstance(name, ast.Constant)
                    and name.value == "action"
                    and isinstance(value, ast.Constant)
                ):
                    actions.add(value.value)
    return {"settings": sorted(settings), "log actions": sorted(actions), "log fields": sorted(fields)}


def _extras(tree: ast.Module) -> Iterator[ast.Dict]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "extra" and isinstance(node.value, ast.Dict):
            yield node.value


def tables() -> list[list[str]]:
    """Collect sets of code words: what a Literal allows, and what a table gives people's words for.

    They have no names here: a set is found again by what is in it.
    """
    found = set()
    for module in pkgutil.walk_packages(dispatcher.__path__, "dispatcher."):
        if "__main__" in module.name or ".migrations" in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if not name.startswith("_"):
                found.add(frozenset(_set_of_words(value)))
    return sorted(sorted(one) for one in found if len(one) > 1 and min(one) not in INSIDE)


def _set_of_words(value: object) -> tuple[str, ...]:
    said: tuple[Any, ...] = ()
    if typing.get_origin(value) is typing.Literal:
        said = typing.get_args(value)
    elif isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values()):
        said = tuple(value)
    return said if all(isinstance(one, str) and WORD.fullmatch(one) for one in said) else ()
