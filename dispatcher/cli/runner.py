"""Runs the application; turns errors into a sentence and an exit code, without a traceback."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from typer.exceptions import Abort, TyperException
from typer.main import get_command

from dispatcher.cli import help_texts
from dispatcher.errors import ConfigurationError, DispatcherError, os_error_message
from dispatcher.i18n import N_, _

# What typer says about wrong use, and how we say it; groups fill the blanks.
EXTRA_ARGUMENTS = N_("too much: {name}. Put a text that has spaces between quotation marks.")
USAGE_MESSAGES: tuple[tuple[str, str], ...] = (
    (r"Missing command\.?", N_("which verb? dispatcher --help lists them")),
    (r"Missing argument '?(?P<name>\S+?)'?\.", N_("{name} is missing")),
    (r"Missing (?:option|parameter) '?(?P<name>.+?)'?\.", N_("{name} is missing")),
    (
        r"No such command '(?P<name>.*?)'\. Did you mean (?P<near>.*)\?",
        N_("there is no verb {name}; {near}?"),
    ),
    (r"No such command '(?P<name>.*?)'\.(?P<rest>.*)", N_("there is no verb {name}")),
    (r"No such option: (?P<name>\S+) \(Possible options: (?P<near>.*)\)", N_("there is no {name}; {near}?")),
    (r"No such option: (?P<name>\S+)(?P<rest>.*)", N_("there is no option {name}")),
    (r"Got unexpected extra arguments? \((?P<name>.*)\)", EXTRA_ARGUMENTS),
    (r"Got unexpected extra argument\(s\) \((?P<name>.*)\)", EXTRA_ARGUMENTS),
    (r"Option '(?P<name>.*?)' requires an argument\.", N_("{name} wants a value after it")),
    (r"Option '(?P<name>.*?)' does not take a value\.", N_("{name} takes no value")),
    (
        r"Invalid value for '?(?P<name>.*?)'?: Input should be a valid integer.*",
        N_("{name} is a whole number"),
    ),
    (
        r"Invalid value for (?P<name>.*?): (?:File|Directory|Path) '(?P<value>.*)' does not exist\.",
        N_("{name}: there is no {value}"),
    ),
    (r"Invalid value for (?P<name>.*?): (?P<value>.*)", "{name}: {value}"),
    (r"Invalid value: (?P<value>.*)", "{value}"),
)


def run(arguments: Sequence[str]) -> int:
    """Run the app; gives the exit code."""
    from dispatcher.cli.application import app

    if unreadable := next(filter(_is_unreadable, arguments), ""):
        _print_error(_("{words}: this is no UTF-8 text", words=ascii(unreadable)))
        return 2
    command = get_command(app)
    help_texts.translate_help(command)
    try:
        code = command.main(list(arguments), prog_name="dispatcher", standalone_mode=False)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (head, less) has seen enough; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        exit_code = _report_error(error)
        if exit_code is None:
            raise
        return exit_code
    return code if isinstance(code, int) else 0


def _is_unreadable(argument: str) -> bool:
    """Return whether an argument is no text at all; the name of a file that is there may be any bytes."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return not Path(argument).exists()
    return False


def _report_error(error: Exception) -> int | None:
    """Return what went wrong and give the exit code; None for a fault of ours, which shows its traceback."""
    if isinstance(error, ConfigurationError):
        from dispatcher.cli import console, context

        console.print_problems(context.located(error.problems))
        return 2
    if isinstance(error, TyperException):
        return _report_usage_error(error)
    if isinstance(error, Abort):
        _print_error(_("Stopped."))
        return 1
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        _print_error(f"{named}{os_error_message(error)}")
        return 2
    # The sandbox's own error is named, not imported: few verbs need the sandbox.
    if isinstance(error, DispatcherError) or type(error).__name__ == "SandboxError":
        _print_error(str(error))
        return getattr(error, "exit_code", 2)
    return None


def _report_usage_error(error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stdout.write(f"{error.format_message()}\n")
        return 2
    _print_error(translate_usage_error(error.format_message()))
    if context is not None:
        _print_error(_("dispatcher {verb} --help tells more", verb=_command_of(context)).replace("  ", " "))
    return error.exit_code


def translate_usage_error(message: str) -> str:
    """Return one of typer's sentences in the reader's language; an unknown one stays as it is."""
    for pattern, sentence in USAGE_MESSAGES:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return _(sentence, **{key: value or "" for key, value in match.groupdict().items()}).strip()
    return message


def _command_of(context: typer.Context) -> str:
    return context.command_path.partition(" ")[2]


def _print_error(words: str) -> None:
    sys.stderr.write(f"{words}\n")
