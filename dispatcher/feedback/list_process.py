"""Reads a list that somebody uploads in a process of its own, and hands its rows on a page at a time.

    reading = list_process.read_list(path)
    for row, verdict in reading: ...
    reading.problems, reading.status_columns

Run as a module it is that process: it writes a line of JSON for the figures of each thôn, if the file is a
table of such, else a line for each page of rows, and at the end one for what was found out meanwhile.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from dispatcher import child_process, i18n
from dispatcher.contacts import ParsedRow
from dispatcher.contacts.list_reader import SheetResult, read_file
from dispatcher.errors import Problem
from dispatcher.feedback.participation.area_table import AreaTable, read_area_table
from dispatcher.feedback.participation.status_columns import (
    RowVerdict,
    StatusColumn,
    StatusReading,
    read_statuses,
)
from dispatcher.i18n import _

PAGE_ROWS = 200


class JudgedRow(NamedTuple):
    """A row of a list, and whether it says that somebody took part."""

    row: ParsedRow
    verdict: RowVerdict


class ListFindings(NamedTuple):
    """What stopped the reading, which columns said who took part, and what each column was taken for."""

    problems: list[Problem]
    status_columns: list[StatusColumn]
    column_account: list[str]


_FIGURES = TypeAdapter(AreaTable | None)
_PAGE = TypeAdapter(list[JudgedRow])
_FINDINGS = TypeAdapter(ListFindings)
_END = b"end "


class ListInProcess:
    """The rows of one file, to be iterated once; `area_table` is there from the start, findings afterwards.

    Nothing is raised for what the file holds, nor for a process that its limits have ended.
    """

    def __init__(self, path: Path, *, name: str, everybody: bool) -> None:
        self._path = path
        self.problems: list[Problem] = []
        self.status_columns: list[StatusColumn] = []
        self.column_account: list[str] = []
        self._child = child_process.start(
            __name__, str(path.resolve()), i18n.current_language(), name, "everybody" if everybody else ""
        )
        assert self._child.stdout is not None
        self._lines = iter(self._child.stdout)
        self.area_table = self._read_figures()
        self._rows = self._read_rows()

    def __iter__(self) -> Iterator[JudgedRow]:
        return self._rows

    def __next__(self) -> JudgedRow:
        return next(self._rows)

    def _read_figures(self) -> AreaTable | None:
        try:
            return _FIGURES.validate_json(next(self._lines))
        except (StopIteration, ValidationError):
            return None  # ended by its limits: there are no rows either, which is told below

    def _read_rows(self) -> Iterator[JudgedRow]:
        try:
            for line in self._lines:
                if line.startswith(_END):
                    findings = _FINDINGS.validate_json(line[len(_END) :])
                    self.problems, self.status_columns, self.column_account = findings
                    return
                yield from _PAGE.validate_json(line)
        except ValidationError:
            pass  # a line that was cut off
        finally:
            child_process.stop(self._child)
        self.problems = [self._given_up()]

    def _given_up(self) -> Problem:
        return Problem(
            file=self._path.name,
            what=_("reading this file takes more time or memory than any list needs; it was given up"),
            remedy=_("Delete empty rows, columns and pictures, or save the sheet as CSV UTF-8."),
        )


def read_list(path: Path, *, name: str = "", everybody: bool = True) -> ListInProcess:
    """Read the list at `path`, or the figures of each thôn, in a process of its own.

    `name` is what the file is called where it lies under another name. Without `everybody` its titles and
    columns are asked who of its people took part.
    """
    return ListInProcess(path, name=name, everybody=everybody)


def _account(sheets: Iterable[SheetResult]) -> Iterator[str]:
    for sheet in sheets:
        yield from (f"{sheet.sheet}: {said}" if sheet.sheet else said for said in sheet.describe())


def main(path: str, language: str, name: str, everybody: str) -> None:
    """Be that process."""
    child_process.limit_self()
    i18n.set_language(language)
    file, write = Path(path), sys.stdout.buffer.write
    figures = read_area_table(file)
    write(_FIGURES.dump_json(figures) + b"\n")
    findings = ListFindings([], [], [])
    if figures is None:
        reading = read_file(file, audience="")
        rows = list(reading)
        statuses = StatusReading()
        if not everybody and any(row.status != "skipped" for row in rows):
            statuses = read_statuses(file, rows, reading.sheets, name=name)
        for start in range(0, len(rows), PAGE_ROWS):
            page = [JudgedRow(row, statuses.of(row)) for row in rows[start : start + PAGE_ROWS]]
            write(_PAGE.dump_json(page) + b"\n")
        findings = ListFindings(reading.problems, statuses.columns, [*_account(reading.sheets)])
    write(_END + _FINDINGS.dump_json(findings) + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
