"""Translates typer's own words on help pages."""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Iterator
from typing import Any

from dispatcher.i18n import LOCALE_DIR, N_, _, current_language

# What typer looks up through gettext when it draws a help page.
TYPER_MSGIDS = (
    N_("Arguments"),
    N_("Options"),
    N_("Commands"),
    N_("[default: {}]"),
    N_("[required]"),
    N_("Error"),
)
HELP_OPTIONS = ("--help", "-h")
BUILTIN_OPTIONS: dict[str, str] = {
    "help": N_("Show this and stop."),
    "install_completion": N_("Let the shell complete verbs and options."),
    "show_completion": N_("Show what would be installed for that."),
}
# What stands for a value, on help pages and in errors. Others (N, URL, max) are the same in every language.
METAVARS = (
    N_("ADDRESS"), N_("ADDRESSES"), N_("AREA"), N_("AUDIENCE"), N_("CAMPAIGN"), N_("CONTACTS"), N_("DATE"),
    N_("DIR"), N_("FILE"), N_("FILES"), N_("LEVEL"), N_("LOAD"), N_("NAME"), N_("NUMBER"), N_("OUT"),
    N_("PORT"), N_("RAW"), N_("SCOPE"), N_("STEP"), N_("TEXT"), N_("WHO"), N_("WORDS"),
)  # fmt: skip


def bind_catalogue() -> None:
    """Point typer's gettext to our catalogue; before typer is imported."""
    os.environ["LANGUAGE"] = current_language()
    gettext.bindtextdomain("dispatcher", str(LOCALE_DIR))
    gettext.textdomain("dispatcher")


def translate_help(command: Any) -> None:
    """Translate what typer has no gettext for: the usage line, the names of values, its options."""
    import typer

    drawn = typer.Context.formatter_class

    class Formatter(drawn):  # type: ignore[misc,valid-type]  # typer keeps its class in a private module
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, args, prefix or _("Usage: "))

    class Context(typer.Context):
        formatter_class = Formatter

    for one in _walk_commands(command):
        one.context_class = Context
        one.options_metavar = _("[OPTIONS]")
        if hasattr(one, "commands"):
            one.subcommand_metavar = _("COMMAND [ARGUMENTS]...")
        for parameter in (
            *one.params,
            one.get_help_option(Context(one, help_option_names=list(HELP_OPTIONS))),
        ):
            _translate_parameter(parameter)


def translate_metavar(words: str) -> str:
    """Return what stands for a value in the reader's language: `OUT.xlsx`, `none|FILE`."""
    return re.sub(r"[A-Z]+", lambda match: _(match[0]) if match[0] in METAVARS else match[0], words)


def _translate_parameter(parameter: Any) -> None:
    """Translate the metavar of a parameter; the types of Python (<str>, <bool>) help nobody."""
    if parameter.name in BUILTIN_OPTIONS:
        parameter.help = _(BUILTIN_OPTIONS[parameter.name])
    if parameter.param_type_name == "argument":
        parameter.metavar = translate_metavar(parameter.metavar or parameter.name.upper())
        parameter.display_type_rich = lambda ctx: None
    else:
        parameter.metavar = (
            "" if parameter.is_flag else translate_metavar(parameter.metavar or parameter.name.upper())
        )


def _walk_commands(command: Any) -> Iterator[Any]:
    yield command
    for inner in getattr(command, "commands", {}).values():
        yield from _walk_commands(inner)
