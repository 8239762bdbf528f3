"""Lets typer's own words on help pages speak the reader's language too."""

from __future__ import annotations

import gettext
import os
import re
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
# What stands for a value, on help pages and in errors. Others (N, URL, max) are the same in every language.
PLACES = (
    N_("ADDRESS"), N_("ADDRESSES"), N_("AREA"), N_("AUDIENCE"), N_("CAMPAIGN"), N_("CONTACTS"), N_("DATE"),
    N_("DIR"), N_("FILE"), N_("FILES"), N_("LEVEL"), N_("LOAD"), N_("NAME"), N_("NUMBER"), N_("OUT"),
    N_("PORT"), N_("RAW"), N_("SCOPE"), N_("STEP"), N_("TEXT"), N_("WHO"), N_("WORDS"),
)  # fmt: skip


def speak() -> None:
    """Point typer's gettext to our catalogue; before typer is imported."""
    os.environ["LANGUAGE"] = language()
    gettext.bindtextdomain("dispatcher", str(CATALOGUES))
    gettext.textdomain("dispatcher")


def translate(command: Any) -> None:
    """Put our words to what typer has no gettext for: the line of use, the names of values, its options."""
    import typer

    drawn = typer.Context.formatter_class

    class Formatter(drawn):  # type: ignore[misc,valid-type]  # typer keeps its class in a private module
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, args, prefix or _("Usage: "))

    class Context(typer.Context):
        formatter_class = Formatter

    for one in _all(command):
        one.context_class = Context
        one.options_metavar = _("[OPTIONS]")
        if hasattr(one, "commands"):
            one.subcommand_metavar = _("COMMAND [ARGUMENTS]...")
        for parameter in (*one.params, one.get_help_option(Context(one, help_option_names=list(HELP)))):
            _name(parameter)


def place(words: str) -> str:
    """Say what stands for a value in the reader's language: `OUT.xlsx`, `none|FILE`."""
    return re.sub(r"[A-Z]+", lambda found: _(found[0]) if found[0] in PLACES else found[0], words)


def _name(parameter: Any) -> None:
    """Name the value of an option or argument; the types of Python (<str>, <bool>) help nobody."""
    if parameter.name in OWN:
        parameter.help = _(OWN[parameter.name])
    if parameter.param_type_name == "argument":
        parameter.metavar = place(parameter.metavar or parameter.name.upper())
        parameter.display_type_rich = lambda ctx: None
    else:
        parameter.metavar = "" if parameter.is_flag else place(parameter.metavar or parameter.name.upper())


def _all(command: Any) -> Iterator[Any]:
    yield command
    for inner in getattr(command, "commands", {}).values():
        yield from _all(inner)
