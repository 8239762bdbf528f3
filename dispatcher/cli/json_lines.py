"""JSON lines: one value a line on standard input, one object a line as the answer, in order."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer

from dispatcher.i18n import _

JsonLinesOption = Annotated[
    bool,
    typer.Option(
        "--jsonl",
        help=_("Read one JSON value a line from standard input and answer one JSON object a line."),
    ),
]


def read_stdin() -> str:
    """Read what is piped in. Raises BadParameter at a terminal, where nothing is."""
    if sys.stdin.isatty():
        raise typer.BadParameter(_("say what to look at, or pipe it in"))
    return sys.stdin.read()


def answer_lines(function: Callable[[object], dict[str, Any]]) -> None:
    """Answer every line of standard input, then exit: 1 when a line was no JSON."""
    from dispatcher.cli import console

    wrong = 0
    for value, problem in _read_json_lines():
        if problem:
            wrong += 1
            console.print_json_line({"problem": problem})
        else:
            console.print_json_line(function(value))
    sys.stdout.flush()
    raise typer.Exit(1 if wrong else 0)


def _read_json_lines() -> Iterator[tuple[object, str]]:
    for place, line in enumerate(sys.stdin.buffer, 1):
        if line.strip():
            try:
                yield json.loads(line.decode("utf-8", "surrogatepass")), ""
            except ValueError:
                yield None, _("line {line} is not JSON", line=place)
