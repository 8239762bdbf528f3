"""Output: tables and sentences on standard output, or JSON alone.

What a person should know beside the answer goes to standard error, so that JSON stays one value.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from dispatcher.errors import Problem
from dispatcher.i18n import _, current_language, ngettext
from dispatcher.report import formatting

WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
format_number, format_money = (
    formatting.format_number,
    formatting.format_money,
)  # verbs say everything through this module
WIDTH_PIPED = 160  # a pipe has no width; a table squeezed to 80 columns helps nobody


@cache
def stdout() -> Console:
    """Return the console of the answers."""
    return _console(stderr=False)


@cache
def stderr() -> Console:
    """Return the console of everything that is not the answer."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDTH_PIPED
    return Console(stderr=stderr, highlight=False, emoji=False, markup=False, width=width, soft_wrap=False)


def print_line(text: str | Text, *, style: str = "") -> None:
    """Print one line of the answer on standard output."""
    stdout().print(text, style=style or None, soft_wrap=True)


def print_note(text: str | Text, *, style: str = "") -> None:
    """Print one line on standard error."""
    stderr().print(text, style=style or None, soft_wrap=True)


def print_trial_note() -> None:
    """Say above figures that they are of a trial."""
    words = _("TRIAL: everything went to the sandbox, nobody was written to. For real: dispatcher golive")
    print_line(words, style="bold yellow")


def print_heading(text: str) -> None:
    """Begin a part of the answer."""
    stdout().print()
    stdout().print(text, style="bold")


def print_json(value: Any) -> None:
    """Print the one JSON value."""
    sys.stdout.write(to_json(value) + "\n")


def to_json(value: Any) -> str:
    """Write a value as `--json` does; moments and days in their ISO form."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_json_default)


def _json_default(value: object) -> str:
    """Write what JSON has no form for."""
    return value.isoformat() if isinstance(value, date) else str(value)


def print_json_line(value: Any) -> None:
    """Print one JSON value on a line of its own."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right_aligned: Sequence[int] = (),
    footer: Sequence[object] | None = None,
    hide_if_empty: Sequence[int] = (),
) -> None:
    """Draw a table; `right_aligned` are the places of columns of numbers, `footer` is a last row set apart.

    Columns in `hide_if_empty` are left out when nothing stands in them.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    last = None if footer is None else [_cell(value) for value in footer]
    kept = [
        place
        for place in range(len(columns))
        if place not in hide_if_empty or any(row[place] for row in cells)
    ]
    grid = Table(box=_lines(), padding=(0, 1, 0, 0), pad_edge=False, header_style="bold", show_edge=False)
    for place in kept:
        column = [row[place] for row in (*cells, *([last] if last else []))]
        # In a narrow window headings wrap between words; numbers never break.
        least = max((text.cell_len for text in column), default=1) if place in right_aligned else None
        justify: Literal["right", "left"] = "right" if place in right_aligned else "left"
        grid.add_column(Text(columns[place]), justify=justify, min_width=least, overflow="fold")
    for row in cells:
        grid.add_row(*(row[place] for place in kept))
    if last is not None:
        grid.add_section()
        grid.add_row(*(last[place] for place in kept), style="bold")
    stdout().print(grid)


def print_pairs(rows: Iterable[tuple[str, str]]) -> None:
    """Draw names with their values, without headings."""
    grid = Table.grid(padding=(0, 2))
    for name, value in rows:
        grid.add_row(Text(name, "dim"), Text(value))
    stdout().print(grid)


def _lines() -> Any:
    from rich import box

    return box.SIMPLE_HEAD


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, bool) or value is None:
        return Text("✓" if value else "")
    return Text(format_number(value) if isinstance(value, int | float) else str(value))


def print_problems(problems: Iterable[Problem], *, to_stdout: bool = False) -> None:
    """Print problems, errors first; on standard output when they are the answer (`to_stdout`)."""
    terminal = stdout() if to_stdout else stderr()
    for problem in sorted(problems, key=lambda problem: problem.severity == "advice"):
        terminal.print(_problem_text(problem), soft_wrap=True)


def _problem_text(problem: Problem) -> Text:
    error = problem.severity == "error"
    place = ":".join(filter(None, (problem.file, str(problem.line or ""))))
    text = Text()
    label = _("ERROR") if error else _("advice")
    text.append(f"{label} ", "bold red" if error else "yellow")
    text.append(place, "bold")
    named = " = ".join(filter(None, (problem.where, problem.value)))
    if named:
        text.append(f"  {named}", "cyan")
    text.append(f"\n    {problem.what}")
    if problem.remedy:
        text.append(f"\n    → {problem.remedy}", "green")
    return text


def problem_count(problems: Sequence[Problem]) -> str:
    """Return how many errors and pieces of advice there are."""
    errors = sum(problem.severity == "error" for problem in problems)
    advice = len(problems) - errors
    return ", ".join(
        (
            ngettext("{n} error", "{n} errors", errors),
            ngettext("{n} piece of advice", "{n} pieces of advice", advice),
        )
    )


def problems_as_json(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return problems for machines."""
    return [asdict(problem) for problem in problems]


def channel_label(code: str) -> str:
    """Return a channel's short name."""
    return {"sms": _("SMS"), "email": _("E-mail")}.get(code, code)


def format_weekday_time(local: datetime) -> str:
    """Write a local moment shortly, with its weekday: T5 16/10 08:00."""
    if current_language() == "en":
        return f"{local:%a %d/%m %H:%M}"
    return f"{WEEKDAYS[local.weekday()]} {local:%d/%m %H:%M}"


def format_parts(count: int) -> str:
    """Return how many parts a text has."""
    return ngettext("{n} part", "{n} parts", count)


def format_scope(scope: str, protected: Collection[str]) -> str:
    """Say what an opt-out holds for, without the name of a protected audience."""
    from dispatcher.report import labels

    kind, _colon, name = scope.partition(":")
    return _("a protected list") if kind == "audience" and name in protected else labels.scope(scope)


def format_address(address: str, *, full: bool) -> str:
    """Return an address, masked unless asked for in full."""
    return address if full or not address else formatting.mask_address(address)


def print_bubble(text: str, *, title: str, footer: str = "") -> None:
    """Draw a text as a phone shows it."""
    from rich import box
    from rich.padding import Padding
    from rich.panel import Panel

    panel = Panel(
        Text(text), title=escape(title), subtitle=escape(footer) or None, title_align="left",
        subtitle_align="right", box=box.ROUNDED, width=min(64, stdout().width - 2), padding=(0, 1),
    )  # fmt: skip
    stdout().print(Padding(panel, (0, 0, 0, 2), expand=False))


Confirmation = Literal["yes", "no", "nobody"]


def confirm(question: str) -> Confirmation:
    """Ask a person; "nobody" when there is no terminal to ask at."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return "nobody"
    stderr().print(f"{question} ", end="")
    reply = sys.stdin.readline().strip().lower()
    return "yes" if reply in {"y", "yes", "c", "co", "có", "đồng ý"} else "no"


def is_confirmed(question: str, *, yes: bool) -> bool:
    """Return whether to go on: with --yes, or when a person says so; else say that nothing was changed."""
    if yes or confirm(question) == "yes":
        return True
    print_note(_("Nothing was changed; --yes does it without asking."))
    return False


def require_confirmation(question: str, *, yes: bool) -> None:
    """Go on as `is_confirmed` says. Raises typer.Exit(1)."""
    if not is_confirmed(question, yes=yes):
        raise typer.Exit(1)
