"""Lets typer's own words on help pages speak the reader's language too."""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from typing import Any

from dispatcher.i18n import CATALOGUES, N_, _, language

# What typer looks up through gettext when it draws a help page.
TYPERS = (N_("Arguments"), N_("Options"), N_("Commands"), N_("[default: {}]"), N_("[required]"), N_("Error"))
HELP = ("--help", "-h")
OWN: dict[str, str] = {
    "help": N_("Show this and stop."),
    "install_completion": N_("Let the shell complete verbs and options."),
    "show_completion": N_("Show what would be installed for that."),
}


def speak() -> None:
    """Point typer's gettext to our catalogue; before typer is imported."""
    os.environ["LANGUAGE"] = language()
    gettext.bindtextdomain("dispatcher", str(CATALOGUES))
    gettext.textdomain("dispatcher")


def translate(command: Any) -> None:
    """Put our words to the options that typer adds to every verb."""
    import typer

    for one in _all(command):
        parameters = [*one.params, one.get_help_option(typer.Context(one, help_option_names=list(HELP)))]
        for parameter in parameters:
            if parameter is not None and parameter.name in OWN:
                parameter.help = _(OWN[parameter.name])


def _all(command: Any) -> Iterator[Any]:
    yield command
    for inner in getattr(command, "commands", {}).values():
        yield from _all(inner)
