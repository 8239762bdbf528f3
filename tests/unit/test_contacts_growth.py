"""Twice as long a list never costs four times as much to read, whatever stands in it."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dispatcher.feedback.list_process import read_list

HEAD = "Họ và tên,Thôn,Số điện thoại,Email,Ghi chú\n"


def column(**cells: Callable[[int], str]) -> Callable[[int], str]:
    """A list of one row, with one long cell."""
    return lambda n: (
        HEAD
        + ",".join(cells.get(name, lambda _n: "")(n) for name in ("name", "area", "phone", "email", "note"))
    )


HOSTILE: dict[str, Callable[[int], str]] = {
    "rows": lambda n: HEAD + "".join(f"Lê Văn An,Thôn Đông,09{i:08d},,\n" for i in range(n // 40)),
    "same rows": lambda n: HEAD + "Lê Văn An,Thôn Đông,0990000001,,\n" * (n // 40),
    "empty rows": lambda n: HEAD + ",,,,\n" * (n // 5),
    "columns": lambda n: HEAD.strip() + ",Cột" * min(n // 5, 16_000) + "\nLê Văn An,Thôn Đông,0990000001\n",
    "headings": lambda n: HEAD * (n // 60) + "Lê Văn An,Thôn Đông,0990000001\n",
    "open quote": lambda n: HEAD + '"' + "Lê Văn An,\n" * (n // 12),
    "quotes": lambda n: HEAD + '"' * n,
    "stray quotes": lambda n: HEAD + 'Lê "Văn" An,Thôn Đông,"0990000001\n' * (n // 40),
    "blanks": lambda n: HEAD + " " * n,
    "letters": column(name=lambda n: "a" * n),
    "words of a name": column(name=lambda n: "Nguyễn " * (n // 8)),
    "brackets of a name": column(name=lambda n: "An" + "(" * n),
    "digits": column(phone=lambda n: "0" * n),
    "numbers": column(phone=lambda n: "0990000001 / " * (n // 13)),
    "spaced digits": column(phone=lambda n: "0 9 " * (n // 4)),
    "address": column(email=lambda n: "a" * (n // 2) + "@" + "b." * (n // 4)),
    "ats": column(email=lambda n: "@" * n),
    "points": column(email=lambda n: "a." * (n // 2) + "@b.example"),
    "reasons": column(note=lambda n: "đã " * (n // 3)),
    "denied reasons": column(note=lambda n: "không mất " * (n // 10)),
    "reasons behind a name": column(name=lambda n: "Lê Văn An " + "mất | " * (n // 6)),
    "harmless reasons": column(note=lambda n: "mất sổ " * (n // 7)),
    "a long thôn": column(area=lambda n: "Thôn " * (n // 5)),
}


def cost(path: Path) -> float:
    """CPU seconds of this process and of the one that reads."""

    def spent() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    gc.collect()
    began = spent()
    for _row in read_list(path):
        pass
    gc.collect()
    return spent() - began


@pytest.fixture(scope="module")
def cost_of_nothing(tmp_path_factory: pytest.TempPathFactory) -> float:
    """What the process that reads costs by itself."""
    path = tmp_path_factory.mktemp("nothing") / "list.csv"
    path.write_text(HEAD, encoding="utf-8")
    return min(cost(path) for _ in range(2))


@pytest.mark.parametrize("kind", HOSTILE)
def test_twice_as_long_a_list_never_costs_four_times_as_much(
    tmp_path: Path, cost_of_nothing: float, kind: str
) -> None:
    path, took = tmp_path / "list.csv", []
    for length in (100_000, 200_000):
        path.write_text(HOSTILE[kind](length), encoding="utf-8")
        took.append(cost(path) - cost_of_nothing)
    half, whole = took
    assert whole < max(3.0 * half, 1.0), took
