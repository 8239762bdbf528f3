"""JSON lines: one value a line on standard input, one object a line as the answer, in order."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
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


def answer_lines(
    function: Callable[[object], dict[str, Any]],
    *,
    texts_only: bool = False,
    unreadable: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Answer every line of standard input, an empty one too, then exit: 1 when a line could not be read.

    What is said of such a line is `unreadable` with the `problem`. With `texts_only` all but a JSON string
    is such.
    """
    from dispatcher.cli import console

    wrong = 0
    for value, problem in _read_json_lines(texts_only=texts_only):
        if problem:
            wrong += 1
            console.print_json_line({**unreadable, "problem": problem})
        else:
            console.print_json_line(function(value))
    sys.stdout.flush()
    raise typer.Exit(1 if wrong else 0)


def _read_json_lines(*, texts_only: bool) -> Iterator[tuple[object, str]]:
    for place, line in enumerate(sys.stdin.buffer, 1):
        try:
            value = json.loads(line.decode("utf-8", "surrogatepass"))
        except (ValueError, RecursionError):  # the latter for brackets within brackets without end
            yield None, _("line {line} is not JSON", line=place)
        else:
            is_wrong = texts_only and not isinstance(value, str)
            yield value, _("line {line} is not a JSON string", line=place) if is_wrong else ""
