"""The line of every key, checked against what tomllib makes of the same text."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.campaign import line_numbers
from dispatcher.campaign.line_numbers import KeyPath
from tests.schedules_factory import ROOT

TEXT = '''# a note with [brackets] = "and quotes
title = "a # that is no note" # one that is
"quoted key" = 1
[office]
name = """two
lines with ] and }""" # after
sender.short = 'x'
sender.long = "\\"]"

[audience.staff]
lists = ["a", # first
  "b",
  # between
  "c"]
[audience.staff.columns."lop-*.xlsx"]
holds = { D = "phone", "E F" = "ignore" }
[[campaign.x.step]]
name = "one"
at = 2025-10-16T08:00:00
[[campaign.x.step]]
name = "two"
before = [ "7d", [1, [2]], { a = 1 },
  {b = {c = 2}} ]
[campaign.y]
empty = []
none = {}
step = [
  { name = "one" },
  { name = "two", every = ["mon", "tue"] },
]
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("quoted key",), 3),
        (("office",), 4),
        (("office", "name"), 5),
        (("office", "sender"), 7),
        (("office", "sender", "long"), 8),
        (("audience",), 10),
        (("audience", "staff"), 10),
        (("audience", "staff", "lists"), 11),
        (("audience", "staff", "lists", 0), 11),
        (("audience", "staff", "lists", 1), 12),
        (("audience", "staff", "lists", 2), 14),
        (("audience", "staff", "columns", "lop-*.xlsx"), 15),
        (("audience", "staff", "columns", "lop-*.xlsx", "holds", "E F"), 16),
        (("campaign", "x", "step"), 17),
        (("campaign", "x", "step", 0), 17),
        (("campaign", "x", "step", 0, "at"), 19),
        (("campaign", "x", "step", 1, "name"), 21),
        (("campaign", "x", "step", 1, "before", 1, 1, 0), 22),
        (("campaign", "x", "step", 1, "before", 3, "b", "c"), 23),
        (("campaign", "y", "step", 1, "every", 1), 29),
        (("campaign", "y", "step", 1, "never"), 29),
        (("campaign", "y", "missing"), 24),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_the_line_of_a_key_or_of_the_table_around_it(path: KeyPath, line: int | None) -> None:
    assert line_numbers.find_lines(TEXT).line_of(path) == line


def test_windows_line_ends_count_the_same() -> None:
    crlf = TEXT.replace("\n", "\r\n")
    assert line_numbers.find_lines(crlf).lines == line_numbers.find_lines(TEXT).lines


def test_the_real_schedules() -> None:
    text = (ROOT / "schedules.toml").read_text(encoding="utf-8")
    found = line_numbers.find_lines(text).lines
    assert set(found) == set(_paths(tomllib.loads(text), ()))


def _paths(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _paths(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _paths(item, (*path, place))


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, (*path, key))
    else:
        yield path, value


# Every way of writing the same thing: sections, dotted keys, inline tables, lists over several lines.
KEYS = st.one_of(st.from_regex(r"[A-Za-z0-9_-]{1,4}", fullmatch=True), st.text("a.[]{}#=\"' é", max_size=5))
SHAPES = st.recursive(
    st.none(),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=12,
)
TABLES = st.dictionaries(KEYS, SHAPES, max_size=4)


class Writer:
    """Writes a table as TOML, choosing among the ways of writing; every leaf becomes a number of its own."""

    def __init__(self, data: st.DataObject) -> None:
        self.data, self.numbers, self.lines = data, count(1000), list[str]()

    def coin(self) -> bool:
        return self.data.draw(st.booleans())

    def key(self, key: str) -> str:
        bare = key.isascii() and key.replace("-", "a").replace("_", "a").isalnum()
        if bare and self.coin():
            return key
        return f"'{key}'" if "'" not in key and self.coin() else json.dumps(key)

    def table(self, table: dict[str, Any], prefix: tuple[str, ...]) -> None:
        nested = {key: item for key, item in table.items() if isinstance(item, dict) and self.coin()}
        arrays = {
            key: item
            for key, item in table.items()
            if isinstance(item, list)
            and item
            and all(isinstance(entry, dict) for entry in item)
            and self.coin()
        }
        for key, item in table.items():
            if key not in nested and key not in arrays:
                self.lines.append(f"{self.key(key)} = {self.value(item, several_lines=True)}{self.note()}")
        for key, item in nested.items():
            self.lines.append(f"[{self.path((*prefix, key))}]{self.note()}")
            self.table(item, (*prefix, key))
        for key, items in arrays.items():
            for item in items:
                self.lines.append(f"[[ {self.path((*prefix, key))} ]]{self.note()}")
                self.table(item, (*prefix, key))

    def path(self, keys: tuple[str, ...]) -> str:
        return (" . " if self.coin() else ".").join(self.key(key) for key in keys)

    def note(self) -> str:
        return ' # ]} "' if self.coin() else ""

    def value(self, value: Any, *, several_lines: bool) -> str:
        if isinstance(value, dict):
            pairs = [
                f"{self.key(key)}={self.value(item, several_lines=False)}" for key, item in value.items()
            ]
            return "{ " + ", ".join(pairs) + " }"
        if isinstance(value, list):
            between = ",\n  # ]\n" if several_lines and self.coin() else ", "
            return f"[{between.join(self.value(item, several_lines=several_lines) for item in value)}]"
        return self.leaf(next(self.numbers))

    def leaf(self, number: int) -> str:
        return self.data.draw(
            st.sampled_from([f"{number}", f'"{number}\\""', f"'{number}#'", f'"""{number}]"""'])
        )


@given(TABLES, st.data())
def test_every_key_that_tomllib_finds_has_its_line_and_no_other(
    table: dict[str, Any], data: st.DataObject
) -> None:
    writer = Writer(data)
    writer.table(table, ())
    text = "\n".join(writer.lines) + "\n"
    raw = tomllib.loads(text)
    found = line_numbers.find_lines(text)
    assert set(found.lines) == set(_paths(raw, ()))
    lines = text.split("\n")
    for path, leaf in _leaves(raw, ()):
        line = found.line_of(path)
        assert line is not None
        assert str(leaf)[:4] in lines[line - 1]
