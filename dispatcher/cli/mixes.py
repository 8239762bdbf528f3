"""What goes wrong out there, as named on the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import typer

from dispatcher.i18n import _
from dispatcher.sandbox.failures import Failures
from dispatcher.simulation.weather import MIXES


def read(words: str, seed: int) -> Failures:
    """Give the mix of failures called `words`, or described in that JSON file. Raises BadParameter."""
    if words in MIXES:
        return replace(MIXES[words], seed=seed)
    path = Path(words)
    if not path.is_file():
        choices = ", ".join(MIXES)
        raise typer.BadParameter(
            _("{words} is none of {choices}, and no file either", words=repr(words), choices=choices),
            param_hint="--failures",
        )
    try:
        return Failures.read(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="--failures") from error
