"""Parses the option `--failures`: a profile by name, or a JSON file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import typer

from dispatcher.i18n import _
from dispatcher.sandbox.failures import Failures
from dispatcher.simulation.failure_profiles import PROFILES


def load_failures(name_or_path: str, seed: int) -> Failures:
    """Return the failures of a profile, or of a JSON file. Raises BadParameter."""
    if name_or_path in PROFILES:
        return replace(PROFILES[name_or_path], seed=seed)
    path = Path(name_or_path)
    if not path.is_file():
        choices = ", ".join(PROFILES)
        raise typer.BadParameter(
            _("{words} is none of {choices}, and no file either", words=repr(name_or_path), choices=choices),
            param_hint="--failures",
        )
    try:
        return Failures.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="--failures") from error
