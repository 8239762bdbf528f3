"""The outside witness as a command; its exit code is 1 when something is wrong.

    python -m tests.witness                     odd answers, lost ones, refusals: every case on both databases
    python -m tests.witness decisions           what arrives after somebody has decided, by kind of decision
    python -m tests.witness pace                the rate kept and the worst ten seconds

Lists are given with commas: --workers 1,3,5 --rates 5,50. Without --database both are tried, SQLite with one
worker, which is all it takes.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests import postgres
from tests.witness import decisions, pace
from tests.witness.cases import CASES
from tests.witness.services import a_crowd, services, slow_provider

DATABASES = ("sqlite", "postgresql")


class _Place(NamedTuple):
    """A folder and an empty database."""

    folder: Path
    url: str


def main() -> None:
    """Try what was asked for."""
    given = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # services and servers end with us
    server = postgres.PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            wrong = {"cases": _cases, "decisions": _decisions, "pace": _pace}[given.what](
                given, _Places(Path(folder), server)
            )
    finally:
        server.stop()
    print(f"{wrong} wrong")
    sys.exit(1 if wrong else 0)


def _arguments() -> argparse.Namespace:
    def numbers(text: str) -> list[float]:
        return [float(part) for part in text.split(",")]

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", default="cases", choices=("cases", "decisions", "pace"))
    parser.add_argument("--database", choices=DATABASES, action="append", help="one of them only")
    parser.add_argument("--workers", type=numbers, default=[1, 3, 5], help="services on PostgreSQL")
    parser.add_argument("--rates", type=numbers, default=[5, 50], help="texts a second")
    parser.add_argument("--answers", type=float, default=28, help="seconds that one answer in twenty takes")
    parser.add_argument("--seconds", type=float, default=40, help="how long the pace is looked at")
    parser.add_argument("--commits", type=numbers, default=[0, 12], help="milliseconds that a commit takes")
    return parser.parse_args()


class _Places:
    """Hands out folders with a database each."""

    def __init__(self, folder: Path, server: postgres.PostgresServer) -> None:
        self._folder, self._server, self._count = folder, server, 0

    def make(self, database: str) -> _Place:
        self._count += 1
        name = f"witness_{self._count}"
        folder = self._folder / name
        if database == "postgresql":
            self._server.create(name)
            return _Place(folder, self._server.url(name))
        return _Place(folder, f"sqlite:///{folder / 'ledger.sqlite3'}")


def _crews(given: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """Give each database with each number of workers."""
    for database in given.database or DATABASES:
        for workers in [1] if database == "sqlite" else given.workers:
            yield database, int(workers)


def _cases(given: argparse.Namespace, places: _Places) -> int:
    wrong = 0
    for case in CASES.values():
        for database in given.database or DATABASES:
            for finding in case(*places.make(database)):
                wrong += not finding.is_right
                _print((database, _verdict(finding.is_right), finding.what, finding.seen))
    return wrong


def _decisions(given: argparse.Namespace, places: _Places) -> int:
    wrong = 0
    _print(("database", "workers", "rate", "", "latest", "came after", "else", "decision"))
    for database, workers in _crews(given):
        for rate in given.rates:
            folder, url = places.make(database)
            crowd = a_crowd(
                folder,
                url,
                failures=slow_provider(given.answers),
                rate=rate,
                waves=12,
                texts=max(60, round(rate * 20)),
            )
            with crowd as office, services(office, workers):
                for one in decisions.play(office, services=workers, pace=min(rate, 15)):
                    wrong += not one.is_right
                    latest = f"{one.latest.total_seconds():.2f} s"
                    _print((
                        database, workers, rate, _verdict(one.is_right), latest, one.arrived_after,
                        one.came_between, one.what,
                    ))  # fmt: skip
    return wrong


def _pace(given: argparse.Namespace, places: _Places) -> int:
    wrong = 0
    _print(("database", "workers", "commit", "asked", "", "kept", "worst 10 s", "texts"))
    for database, workers in _crews(given):
        for commit in given.commits:
            for rate in given.rates:
                one = pace.measure(
                    *places.make(database), workers=workers, rate=rate, seconds=given.seconds,
                    commit_seconds=commit / 1000,
                )  # fmt: skip
                wrong += not one.is_kept
                _print((
                    database, workers, f"{commit:g} ms", f"{rate:g}", _verdict(one.is_kept),
                    f"{one.kept:.2f}", f"{one.worst_of_ten_seconds:.2f}", f"{one.texts} of {one.expected}",
                ))  # fmt: skip
    return wrong


def _verdict(is_right: bool) -> str:
    return "right" if is_right else "WRONG"


def _print(cells: Sequence[object]) -> None:
    print("  ".join(f"{cell!s:10}" for cell in cells).rstrip(), flush=True)


if __name__ == "__main__":
    main()
