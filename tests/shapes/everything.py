"""Plays a small campaign in a folder, and asks everything there is to ask."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import openpyxl

from tests.command import COMMAND, Command, CommandResult, command_in
from tests.shapes.asking_the_command import ask_the_command, ask_the_sandbox, read_logs
from tests.shapes.asking_the_pages import TOLD, ask_the_pages, listening, wait_until
from tests.shapes.comparing import Found, Taken, found_in
from tests.shapes.source import documented, tables, written

DAYS = ("--from", "2025-11-10", "--to", "2025-11-11")


def look(folder: Path) -> Found:
    """Ask everything there is to ask."""
    taken, names, here = Taken(), {**documented(), **written()}, command_in(folder)
    with ExitStack() as stack:
        drilled = stack.enter_context(_drilled(here))
        said, _out = stack.enter_context(running(here, "sandbox", "serve", until="MAIL_FROM"))
        names |= ask_the_sandbox(said, taken)
        played = ("simulate", *DAYS, "--keep", "played", "--stay", "--json")
        said, out = stack.enter_context(running(here, *played, until="Sign in as", err=True))
        taken.add("simulate --json", json.loads(out.read_text(encoding="utf-8")))
        door = re.search(r"(http://127\.0\.0\.1:\d+).*Sign in as (\S+) with (\S+);", said, re.DOTALL)
        assert door, said
        copy = _copied(folder / "played" / "ledger.sqlite3", folder / "copy.sqlite3")
        listener, heard = stack.enter_context(listening())
        names |= ask_the_pages(*door.groups(), listener, taken)
        over = {"DISPATCHER_DATABASE_URL": f"sqlite:///{copy}"}
        ask_the_command(Command(folder=folder, settings={**here.settings, **over}), taken)
        read_logs(folder / "played" / "sandbox", taken)
        names |= _told(heard, taken)
        names |= {f"rejects.xlsx {lang}": _rejects(here, lang) for lang in ("en", "vi")}
    assert drilled[0].stdout, drilled[0].stderr
    fate = json.loads(drilled[0].stdout)
    taken.add("drill --json", {**fate, "points": fate["points"] or {"none": 0}})  # may end before a kill
    return found_in(taken, names, tables())


@contextmanager
def _drilled(cli: Command) -> Iterator[list[CommandResult]]:
    """Let a drill, which lasts longest, run beside the block; what it came to is there after it."""
    came: list[CommandResult] = []
    beside = Thread(target=lambda: came.append(cli.run_in_process("drill", "--minutes", "0.1", "--json")))
    beside.start()
    try:
        yield came
    finally:
        beside.join()


def _told(heard: list[tuple[list[str], Any]], taken: Taken) -> Found:
    wait_until(lambda: {one["type"] for _headers, one in heard} >= TOLD)
    for _headers, one in heard:
        taken.add(f"tells {one['type']}", one)
    return {"tells": sorted({word for headers, one in heard for word in (one["type"], *headers)})}


def _copied(ledger: Path, to: Path) -> Path:
    with closing(sqlite3.connect(ledger)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
    return to


def _rejects(cli: Command, lang: str) -> list[str]:
    cli.run("contacts", "check", "--rejects", "out.xlsx", "--lang", lang)
    book = openpyxl.load_workbook(cli.folder / "out.xlsx", read_only=True)
    return sorted({str(cell) for sheet in book for row in sheet.iter_rows(max_row=1, values_only=True)
                   for cell in row if cell})  # fmt: skip


@contextmanager
def running(cli: Command, *said: str, until: str, err: bool = False) -> Iterator[tuple[str, Path]]:
    """Run the command until the block ends; gives what it said up to the word `until`, and its output."""
    out = cli.folder / f"{said[0]}.out"
    environ = cli.environ({"DISPATCHER_BIND": "127.0.0.1:0", "PYTHONUNBUFFERED": "1"})
    with out.open("wb") as file, (cli.folder / f"{said[0]}.err").open("wb") as errors:
        process = subprocess.Popen([*COMMAND, *said], cwd=cli.folder, env=environ, stdout=file, stderr=errors)
        try:
            yield _heard(process, Path(errors.name) if err else out, until), out
        finally:
            process.terminate()
            process.wait(30)


def _heard(process: subprocess.Popen[bytes], file: Path, until: str) -> str:
    for _try in range(2400):
        said = file.read_text(encoding="utf-8")
        if until in said:
            return said
        assert process.poll() is None, said
        time.sleep(0.05)
    raise AssertionError(said)
