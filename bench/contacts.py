"""Lists: rows a second from CSV to people, on into the ledger, and from .xlsx beside openpyxl; and memory.

Every figure comes from a process of its own, so that its peak memory (VmHWM) is its own. Workbooks are read
by both libraries in turns, in the same run; the ratio is of the medians.
"""

from __future__ import annotations

import importlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

NOW = datetime(2025, 11, 8, tzinfo=UTC)
SIZES = (100_000, 1_000_000)
WORKBOOK_ROWS, TURNS = 40_000, 5
CSV_RATE_MIN, CSV_MEMORY_MB_MAX, XLSX_RATIO_MIN = 100_000, 60, 6.0

FAMILIES = "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý".split()  # noqa: SIM905 - read as a line
MIDDLES = "Văn Thị Đình Ngọc Thanh Hữu Quốc Minh Thuỳ Đức Xuân Bá".split()  # noqa: SIM905 - the same
GIVEN = "An Bình Cường Dũng Đức Hà Hạnh Hằng Hường Hưng Lượng Mỹ Oanh Phượng Quỳnh Thuỷ Yến".split()  # noqa: SIM905 - the same
HEADINGS = ("STT", "Họ và tên", "Ngày sinh", "Thôn", "Số điện thoại", "Ghi chú")


def people(count: int) -> object:
    """Make up residents, always the same."""
    dice = random.Random(7)
    for number in range(1, count + 1):
        name = f"{dice.choice(FAMILIES)} {dice.choice(MIDDLES)} {dice.choice(GIVEN)} {dice.choice(GIVEN)}"
        year = dice.randrange(1940, 2007)
        yield number, name, f"01/02/{year}", f"Thôn {number % 307}", f"09{number * 7919 % 10**8:08d}", ""


def write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(HEADINGS) + "\n")
        file.writelines(",".join(map(str, row)) + "\n" for row in people(count))


def write_xlsx(path: Path, count: int) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Danh sách")
        sheet.write_row(0, 0, HEADINGS)
        for number, row in enumerate(people(count), 1):
            sheet.write_row(number, 0, row)


# --- what runs in a process of its own ------------------------------------------------------------------


def read_csv(path: Path, _database: Path) -> int:
    from dispatcher.contacts.list_reader import read_file

    return sum(row.status == "accepted" for row in read_file(path, audience="residents"))


def load_csv(path: Path, database: Path) -> int:
    from dispatcher.contacts.list_reader import read_file
    from dispatcher.ledger import Ledger
    from dispatcher.ledger.recipients import imports

    ledger = Ledger.open(f"sqlite:///{database}")
    rows = read_file(path, audience="residents")
    source = imports.ListSource(audience="residents", file=path.name)
    return imports.import_contacts(ledger, rows, sources=[source], who="bench", now=NOW).total("new")


def read_xlsx(path: Path, _database: Path) -> int:
    from dispatcher.contacts import sheets

    return sum(len(rows) for sheet in sheets.open_sheets(path) for _first, rows in sheet.pages)


def people_of_xlsx(path: Path, _database: Path) -> int:
    return read_csv(path, _database)


def read_openpyxl(path: Path, _database: Path) -> int:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    return sum(1 for sheet in book for row in sheet.iter_rows(values_only=True) if row)


PARTS: dict[str, Callable[[Path, Path], int]] = {
    part.__name__: part for part in (read_csv, load_csv, read_xlsx, people_of_xlsx, read_openpyxl)
}


def child(name: str, path: Path, database: Path) -> None:
    """Run one part and say what it took. Imports come before the clock: they are paid once a process."""
    importlib.import_module("dispatcher.contacts.list_reader")
    if name == "load_csv":
        importlib.import_module("dispatcher.ledger.recipients.imports")
    started, used = time.perf_counter(), time.process_time()
    rows = PARTS[name](path, database)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    memory = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    print(json.dumps({"rows": rows, "seconds": seconds, "cpu": cpu, "mb": int(memory) / 1024}))


# --- the measurement --------------------------------------------------------------------------------------


def measure(name: str, path: Path, database: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.contacts", name, str(path), str(database)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(answer.stdout)
    return measured


def show(what: str, measured: dict[str, float]) -> None:
    rate, cpu = measured["rows"] / measured["seconds"], 1e6 * measured["cpu"] / measured["rows"]
    print(
        f"{what:44} {measured['rows']:>9,.0f} rows {measured['seconds']:7.2f} s {rate:>9,.0f} rows/s"
        f" {cpu:5.1f} us CPU a row {measured['mb']:6.1f} MB"
    )


def fresh_ledger(folder: Path) -> Path:
    """Make an empty ledger: making its tables is not what is measured."""
    from dispatcher.ledger import Ledger

    database = folder / f"{time.monotonic_ns()}.sqlite3"
    Ledger.open(f"sqlite:///{database}").close()
    return database


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peaks = []
        for size in SIZES:
            path = folder / f"{size}.csv"
            write_csv(path, size)
            measured = max((measure("read_csv", path, path) for _ in range(3)), key=lambda m: -m["seconds"])
            show("CSV -> people", measured)
            peaks.append(measured["mb"])
            if measured["rows"] / measured["seconds"] < CSV_RATE_MIN or measured["mb"] > CSV_MEMORY_MB_MAX:
                failed.append(f"CSV: at least {CSV_RATE_MIN:,} rows/s in at most {CSV_MEMORY_MB_MAX} MB")
            show("CSV -> people -> ledger (SQLite, FULL)", measure("load_csv", path, fresh_ledger(folder)))
        more = (peaks[1] - peaks[0]) * 2**20 / (SIZES[1] - SIZES[0])
        print(f"memory of the reading: {more:.0f} bytes more a row, by which repeated people are found")
        failed += workbooks(folder)
    for goal in failed:
        print(f"MISSED: {goal}")
    return len(failed)


def workbooks(folder: Path) -> list[str]:
    path = folder / "list.xlsx"
    write_xlsx(path, WORKBOOK_ROWS)
    seen: dict[str, list[dict[str, float]]] = {"read_openpyxl": [], "read_xlsx": [], "people_of_xlsx": []}
    for _turn in range(TURNS):
        for name, measured in seen.items():
            measured.append(measure(name, path, path))
    titles = ("openpyxl read_only: rows", "ours, child process: rows", "ours: rows -> people")
    for title, measured in zip(titles, seen.values(), strict=True):
        show(f".xlsx {title}", sorted(measured, key=lambda m: m["seconds"])[TURNS // 2])
    seconds = {name: statistics.median(m["seconds"] for m in measured) for name, measured in seen.items()}
    ratio = seconds["read_openpyxl"] / seconds["read_xlsx"]
    whole = seconds["read_openpyxl"] / seconds["people_of_xlsx"]
    print(f".xlsx: {ratio:.1f} times openpyxl; with people made of the rows {whole:.1f} times")
    return [] if ratio >= XLSX_RATIO_MIN else [f".xlsx: at least {XLSX_RATIO_MIN} times openpyxl"]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        raise SystemExit(main())
