"""The command line: one command a task, text in the reader's language, or JSON for machines.

`main` is the console entry. The language is decided before `app` is built: its help texts are translated
where they stand.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

    app: typer.Typer


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line asks and exit: 0 fine, 1 problems found, 2 wrong use or configuration."""
    import os

    from dispatcher.cli import help_texts, language

    os.umask(0o077)  # ledgers, exports and logs hold people: for their owner only
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # both are text files here
    rest, wrong = language.select_language(words, os.environ)
    if wrong:
        sys.stderr.write(f"{wrong}\n")
        sys.exit(2)
    if rest == ["--version"]:
        from dispatcher import __version__

        sys.stdout.write(f"dispatcher {__version__}\n")
        sys.exit(0)
    help_texts.bind_catalogue()
    from dispatcher.cli import runner

    sys.exit(runner.run(rest))


def __getattr__(name: str) -> object:
    if name == "app":
        from dispatcher.cli import application

        return application.app
    raise AttributeError(name)
