"""The child process that opens one workbook and hands its rows back as JSON lines.

A sheet is held in memory as a whole by the reader below us; in a process of its own that memory goes away
with the sheet, and a broken file can take down nobody else. Run as a script and importing nothing of ours,
it is up in about 20 ms.

Lines: `{"sheet": …, "visible": …, "merged": …}`, then pages `[first row, [[cell, …], …]]`, at the very end
`{"end": true}` or `{"error": "password" | "too-large" | "unreadable", "detail": …}`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time
from itertools import islice
from typing import Any

PAGE_ROWS = 500
MEMORY_MAX_BYTES = 4 << 30
CPU_SECONDS_MAX = 300
WIDE_COLUMNS = 100  # a cell far to the right makes every row above it as wide
CELLS_MAX = 100_000_000  # the rectangle of a sheet, empty ones too: a million rows of a hundred columns

_ERRORS = {"PasswordError": "password", "_TooLargeError": "too-large"}


class _TooLargeError(Exception):
    """More cells than any list has."""


def main(path: str, sheet_names: list[str]) -> None:
    """Write every visible worksheet of the workbook at `path`, and the hidden ones named in `sheet_names`."""
    _limit_self()
    try:
        for line in _lines(path, sheet_names):
            _write(line)
        _write({"end": True})
    except BrokenPipeError:
        return
    except BaseException as error:  # noqa: BLE001 - the reader's panics are no Exceptions
        kind = _ERRORS.get(type(error).__name__, "unreadable")
        with suppress(OSError):
            _write({"error": kind, "detail": f"{type(error).__name__}: {error}"[:300]})


def _limit_self() -> None:
    with suppress(ImportError, ValueError, OSError):  # not every system can
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))


def _lines(path: str, sheet_names: list[str]) -> Iterator[Any]:
    for workbook in _open(path):
        for sheet in workbook.sheets_metadata:
            if not str(sheet.typ).endswith("WorkSheet"):
                continue  # charts, dialogs and macros hold no rows
            visible = str(sheet.visible).endswith(".Visible")
            if not visible and sheet.name.strip() not in sheet_names:
                yield {"sheet": sheet.name, "visible": visible, "merged": None}
                continue
            content = workbook.get_sheet_by_name(sheet.name)
            merged = [[*first, *last] for first, last in content.merged_cell_ranges or ()]
            yield {"sheet": sheet.name, "visible": visible, "merged": merged}
            yield from _pages(content)


def _open(path: str) -> Iterator[Any]:
    """Open by content: people rename files, and the reader trusts the name."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        workbook = CalamineWorkbook.from_path(path)
    except PasswordError:
        raise
    except CalamineError:
        pass
    else:
        yield workbook
        return
    with open(path, "rb") as file, CalamineWorkbook.from_filelike(file) as workbook:  # noqa: PTH123 - a bare file is all we need
        yield workbook


def _pages(content: Any) -> Iterator[Any]:
    if content.start is None:
        return
    if content.height * content.width > CELLS_MAX:
        raise _TooLargeError
    left = [""] * content.start[1]
    rows = content.iter_rows()
    first = 1
    is_wide = content.width + len(left) > WIDE_COLUMNS
    while page := [left + row if left else row for row in islice(rows, PAGE_ROWS)]:
        yield [first, [_without_empty_tail(row) for row in page] if is_wide else page]
        first += len(page)


def _without_empty_tail(row: list[Any]) -> list[Any]:
    """Return a row as far as anything stands in it: one cell in the last column is no reason to be slow."""
    return row[: next((place for place in range(len(row), 0, -1) if row[place - 1] != ""), 0)]


def _write(line: Any) -> None:
    sys.stdout.write(json.dumps(line, default=_as_text, ensure_ascii=False, separators=(",", ":")) + "\n")


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y %H:%M:%S") if value.time() != time() else value.strftime("%d/%m/%Y")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return str(value)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass", newline="\n")  # type: ignore[union-attr]  # a text stream here
    main(sys.argv[1], json.loads(sys.argv[2]))
