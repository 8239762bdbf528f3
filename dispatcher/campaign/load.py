"""Reads schedules.toml: all of it as frozen values, or everything that is wrong with it at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dispatcher.campaign import (
    line_numbers,
    partial_validation,
    referenced_files,
    rules,
    time_rules,
    validation_messages,
)
from dispatcher.campaign.model import Schedules
from dispatcher.campaign.problem_collector import ProblemCollector
from dispatcher.errors import Problem, os_error_message
from dispatcher.i18n import N_, _
from dispatcher.vietnamese.text import nfc

STRAIGHT_QUOTES = N_('Put texts between straight quotation marks: "…".')
# How tomllib's sentences begin, and what an officer can do about them.
SYNTAX_ERRORS: tuple[tuple[str, str, str], ...] = (
    (
        "Expected '=' after a key",
        N_("a line that is neither a heading nor key = value"),
        N_('Write key = "value".'),
    ),
    ("Invalid value", N_("a value that cannot be read"), STRAIGHT_QUOTES),
    ("Invalid statement", N_("a line that cannot be read"), N_('Write key = "value"; notes begin with #.')),
    ("Unterminated string", N_("a text without its closing quotation mark"), N_('Close it with ".')),
    ("Illegal character", N_("a text without its closing quotation mark"), N_('Close it with ".')),
    (
        "Unclosed array",
        N_("a list without its closing bracket"),
        N_("Close it with ]; a comma parts entries."),
    ),
    ("Cannot overwrite a value", N_("a key that stands here twice"), N_("Take one of the two out.")),
    ("Duplicate inline table key", N_("a key that stands here twice"), N_("Take one of the two out.")),
    (
        "Cannot declare",
        N_("a heading that stands here twice"),
        N_("Keep one of the two; steps have double brackets: [[…]]."),
    ),
    (
        "Expected ']",
        N_("a heading without its closing bracket"),
        N_("Close it: [name] or [[name]]."),
    ),
    ("Expected newline or end of document", N_("more on the line than one value"), STRAIGHT_QUOTES),
    (
        "Invalid initial character for a key",
        N_("a key that cannot be read"),
        N_("Keys have Latin letters, digits, - and _; others go between quotation marks."),
    ),
    ("Invalid date", N_("a day that is not in the calendar"), N_("Check the day and the month.")),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedSchedules:
    """What came of reading: `schedules` is None when a problem is an error; advice may stand beside it."""

    file: str
    schedules: Schedules | None
    problems: tuple[Problem, ...]
    line_numbers: line_numbers.LineNumbers = field(
        default_factory=lambda: line_numbers.LineNumbers({}), repr=False
    )
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    text: str = field(default="", repr=False)


def load(
    path: Path, *, templates: Path, contacts: Path, closed_channels: Collection[str] = ()
) -> LoadedSchedules:
    """Read the file at `path`; `templates` and `contacts` are the folders it counts on.

    `closed_channels` are those that the office does not use; nothing is asked for on their account.

    Never raises for what people wrote: whatever is wrong is a problem with its line.
    """
    file = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        what = _("the file cannot be read: {error}", error=os_error_message(error))
        return _unreadable_file(file, what, _("Check its path (DISPATCHER_SCHEDULES) and its permissions."))
    except UnicodeDecodeError:
        return _unreadable_file(
            file, _("the file is not in UTF-8"), _("Save it again with the encoding UTF-8.")
        )
    return parse(text, file=file, templates=templates, contacts=contacts, closed_channels=closed_channels)


def parse(
    text: str,
    *,
    file: str,
    templates: Path,
    contacts: Path,
    closed_channels: Collection[str] = (),
    planned: Collection[str] = (),
) -> LoadedSchedules:
    """Read the text of a schedules.toml; letters that a Mac keeps in two pieces are put together first.

    `planned` are templates that are not in the folder yet, and will be when this text is in force.
    """
    text = nfc(text)
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return _syntax_error(file, text, str(error))
    collector = ProblemCollector(file, raw, line_numbers.find_lines(text))
    schedules = _validated(collector)
    partial, original_indices = (
        (schedules, {}) if schedules is not None else partial_validation.validate_rest(raw)
    )
    if partial is not None:
        partial.close_channels(closed_channels)
        partial_collector = collector.with_original_indices(original_indices)
        rules.check(partial_collector, partial)
        time_rules.check(partial_collector, partial)
        referenced_files.check(
            partial_collector, partial, templates=templates, contacts=contacts, planned=planned
        )
    problems = collector.sorted()
    return LoadedSchedules(
        file=file,
        schedules=None if any(problem.severity == "error" for problem in problems) else schedules,
        problems=problems,
        line_numbers=collector.positions,
        raw=raw,
        text=text,
    )


def _validated(collector: ProblemCollector) -> Schedules | None:
    try:
        return Schedules.model_validate(collector.raw)
    except ValidationError as error:
        validation_messages.add_problems(collector, error)
        return None


def _unreadable_file(file: str, what: str, remedy: str) -> LoadedSchedules:
    return LoadedSchedules(
        file=file, schedules=None, problems=(Problem(file=file, what=what, remedy=remedy),)
    )


def _syntax_error(file: str, text: str, error: str) -> LoadedSchedules:
    match = re.search(r"\(at line (\d+), column \d+\)", error)
    lines = text.splitlines()
    line = int(match[1]) if match else max(1, len(lines))
    line_text = lines[line - 1].strip() if line <= len(lines) else ""
    what, remedy = next(
        ((what, remedy) for start, what, remedy in SYNTAX_ERRORS if error.startswith(start)),
        (N_("not valid TOML: {error}"), N_("Look at this line and the one above it.")),
    )
    if re.match(r"[^\"'#=\[]*[^\x00-\x7f\"'#=\[][^=]*=", line_text):
        what, remedy = next(
            (what, remedy) for start, what, remedy in SYNTAX_ERRORS if start.startswith("Invalid initial")
        )
    if any(quote in line_text for quote in "“”„«»‘’"):
        remedy = N_('Word\'s curved quotation marks are not understood: write straight ones, "…".')
    problem = Problem(
        file=file, line=line, value=line_text[:80], what=_(what).format(error=error), remedy=_(remedy)
    )
    return LoadedSchedules(file=file, schedules=None, problems=(problem,))
