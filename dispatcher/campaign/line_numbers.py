"""Finds the line on which each key of a TOML text stands; `tomllib` gives values without their place.

Reads a text that `tomllib` has accepted, so it may take the grammar for granted.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence

KeyPath = tuple[str | int, ...]
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\r\n]*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'",
    re.DOTALL,
)


class LineNumbers:
    """Line numbers, from 1, by key path: `("campaign", "x", "step", 0, "at")`."""

    def __init__(self, lines: Mapping[KeyPath, int]) -> None:
        self.lines = lines

    def line_of(self, path: Sequence[str | int]) -> int | None:
        """Return the line of `path`, or of the nearest table around it; None when neither stands there."""
        for length in range(len(path), 0, -1):
            number = self.lines.get(tuple(path[:length]))
            if number is not None:
                return number
        return None


def find_lines(text: str) -> LineNumbers:
    """Find every key of `text`, which must be valid TOML."""
    return LineNumbers(_Scanner(text).scan())


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.lines: dict[KeyPath, int] = {}
        self._starts = [found.end() for found in re.finditer("\n", text)]
        self._sizes: dict[KeyPath, int] = {}  # arrays of tables, and how many tables each has by now

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)
        return self.lines

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"not valid TOML at character {self.at}")
        self.at = match.end()
        return match[0]

    def _record(self, path: KeyPath, at: int) -> None:
        self.lines.setdefault(path, bisect_right(self._starts, at) + 1)

    def _header(self) -> KeyPath:
        start = self.at
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        *parents, last = self._key()
        self.at += brackets
        path: KeyPath = ()
        for name in parents:
            path = self._enter_table((*path, name), start)
        path = (*path, last)
        if brackets == 2:
            self._sizes[path] = self._sizes.get(path, 0) + 1
        self._record(path, start)
        return self._enter_table(path, start)

    def _enter_table(self, path: KeyPath, start: int) -> KeyPath:
        """Enter a table by its name: of an array of tables that is the last one."""
        self._record(path, start)
        if path in self._sizes:
            path = (*path, self._sizes[path] - 1)
            self._record(path, start)
        return path

    def _key(self) -> list[str]:
        """Read a dotted key, up to what follows it."""
        names = []
        while True:
            self._skip(_SPACE)
            if self.text[self.at] in "\"'":
                names.append(str(tomllib.loads(f"key = {self._skip(_STRING)}")["key"]))
            else:
                names.append(self._skip(_BARE_KEY))
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return names
            self.at += 1

    def _pair(self, table: KeyPath) -> None:
        start = self.at
        path = table
        for name in self._key():
            path = (*path, name)
            self._record(path, start)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        first = self.text[self.at]
        if first in "\"'":
            self._skip(_STRING)
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._skip(_BARE_VALUE)

    def _array(self, path: KeyPath) -> None:
        place = 0
        while not self._closed("]"):
            self._record((*path, place), self.at)
            self._value((*path, place))
            place += 1

    def _inline_table(self, path: KeyPath) -> None:
        while not self._closed("}"):
            self._pair(path)

    def _closed(self, bracket: str) -> bool:
        """Step over an opening bracket or a comma; tell whether the closing one came (and step over it)."""
        self._skip(_BLANK)
        if self.text[self.at] in "[{," and self.text[self.at] != bracket:
            self.at += 1
            self._skip(_BLANK)
        if self.text[self.at] != bracket:
            return False
        self.at += 1
        return True
