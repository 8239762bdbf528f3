"""How answers look: tables and sentences on standard output, JSON alone there when it is asked for.

What a person should know beside the answer goes to standard error, so that JSON stays one value.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from dispatcher.errors import Problem
from dispatcher.i18n import _, language, ngettext
from dispatcher.report import shown as showing

WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
number, money = showing.number, showing.money  # verbs say everything through this module
WIDTH_PIPED = 160  # a pipe has no width; a table squeezed to 80 columns helps nobody


@cache
def out() -> Console:
    """Give the console of the answers."""
    return _console(stderr=False)


@cache
def aside() -> Console:
    """Give the console of everything that is not the answer."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDTH_PIPED
    return Console(stderr=stderr, highlight=False, emoji=False, markup=False, width=width, soft_wrap=False)


def say(words: str | Text, *, style: str = "") -> None:
    """Say one line of the answer."""
    out().print(words, style=style or None, soft_wrap=True)


def note(words: str | Text, *, style: str = "") -> None:
    """Say one line beside the answer."""
    aside().print(words, style=style or None, soft_wrap=True)


def heading(words: str) -> None:
    """Begin a part of the answer."""
    out().print()
    out().print(words, style="bold")


def answer(value: Any) -> None:
    """Give the one JSON value."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: object) -> str:
    """Write what JSON has no form for."""
    return value.isoformat() if isinstance(value, date) else str(value)


def line(value: Any) -> None:
    """Give one JSON value on a line of its own."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def draw(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Sequence[int] = (),
    total: Sequence[object] | None = None,
    hollow: Sequence[int] = (),
) -> None:
    """Draw a table; `right` are the places of columns of numbers, `total` is a last row set apart.

    Columns in `hollow` are left out when nothing stands in them.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    last = None if total is None else [_cell(value) for value in total]
    kept = [place for place in range(len(columns)) if place not in hollow or any(row[place] for row in cells)]
    grid = Table(box=_lines(), padding=(0, 1, 0, 0), pad_edge=False, header_style="bold", show_edge=False)
    for place in kept:
        column = [row[place] for row in (*cells, *([last] if last else []))]
        # In a narrow window headings wrap between words; numbers never break.
        least = max((text.cell_len for text in column), default=1) if place in right else None
        justify: Literal["right", "left"] = "right" if place in right else "left"
        grid.add_column(Text(columns[place]), justify=justify, min_width=least, overflow="fold")
    for row in cells:
        grid.add_row(*(row[place] for place in kept))
    if last is not None:
        grid.add_section()
        grid.add_row(*(last[place] for place in kept), style="bold")
    out().print(grid)


def facts(rows: Iterable[tuple[str, str]]) -> None:
    """Draw names with their values, without headings."""
    grid = Table.grid(padding=(0, 2))
    for name, value in rows:
        grid.add_row(Text(name, "dim"), Text(value))
    out().print(grid)


def _lines() -> Any:
    from rich import box

    return box.SIMPLE_HEAD


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, bool) or value is None:
        return Text("✓" if value else "")
    return Text(number(value) if isinstance(value, int | float) else str(value))


def problems(found: Iterable[Problem], *, aloud: bool = False) -> None:
    """Show problems, errors first; on standard output when they are the answer (`aloud`)."""
    console = out() if aloud else aside()
    for problem in sorted(found, key=lambda problem: problem.severity == "advice"):
        console.print(_told(problem), soft_wrap=True)


def _told(problem: Problem) -> Text:
    error = problem.severity == "error"
    place = ":".join(filter(None, (problem.file, str(problem.line or ""))))
    told = Text()
    label = _("ERROR") if error else _("advice")
    told.append(f"{label} ", "bold red" if error else "yellow")
    told.append(place, "bold")
    named = " = ".join(filter(None, (problem.where, problem.value)))
    if named:
        told.append(f"  {named}", "cyan")
    told.append(f"\n    {problem.what}")
    if problem.remedy:
        told.append(f"\n    → {problem.remedy}", "green")
    return told


def problem_count(found: Sequence[Problem]) -> str:
    """Say how many errors and pieces of advice there are."""
    errors = sum(problem.severity == "error" for problem in found)
    advice = len(found) - errors
    return ", ".join(
        (
            ngettext("{n} error", "{n} errors", errors),
            ngettext("{n} piece of advice", "{n} pieces of advice", advice),
        )
    )


def problem_values(found: Iterable[Problem]) -> list[dict[str, Any]]:
    """Give problems for machines."""
    return [asdict(problem) for problem in found]


def channel(word: str) -> str:
    """Name a channel, shortly."""
    return {"sms": _("SMS"), "email": _("E-mail")}.get(word, word)


def when(local: datetime) -> str:
    """Write a local moment shortly, with its weekday: T5 16/10 08:00."""
    if language() == "en":
        return f"{local:%a %d/%m %H:%M}"
    return f"{WEEKDAYS[local.weekday()]} {local:%d/%m %H:%M}"


def parts(count: int) -> str:
    """Say how many parts a text has."""
    return ngettext("{n} part", "{n} parts", count)


def shown(address: str, *, full: bool) -> str:
    """Show an address, masked unless asked for in full."""
    return address if full or not address else showing.masked(address)


def bubble(words: str, *, title: str, foot: str = "") -> None:
    """Draw a text as a phone shows it."""
    from rich import box
    from rich.padding import Padding
    from rich.panel import Panel

    panel = Panel(
        Text(words), title=escape(title), subtitle=escape(foot) or None, title_align="left",
        subtitle_align="right", box=box.ROUNDED, width=min(64, out().width - 2), padding=(0, 1),
    )  # fmt: skip
    out().print(Padding(panel, (0, 0, 0, 2), expand=False))


Confirmation = Literal["yes", "no", "nobody"]


def confirm(question: str) -> Confirmation:
    """Ask a person; "nobody" when there is no terminal to ask at."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return "nobody"
    aside().print(f"{question} ", end="")
    reply = sys.stdin.readline().strip().lower()
    return "yes" if reply in {"y", "yes", "c", "co", "có", "đồng ý"} else "no"
