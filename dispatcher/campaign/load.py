"""Reads schedules.toml: all of it as frozen values, or everything that is wrong with it at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dispatcher.campaign import positions, remains, rules, sources, timing, wording
from dispatcher.campaign.findings import Findings
from dispatcher.campaign.model import Schedules
from dispatcher.errors import Problem, refusal
from dispatcher.i18n import N_, _
from dispatcher.vietnamese.text import nfc

STRAIGHT = N_('Put texts between straight quotation marks: "…".')
# How tomllib's sentences begin, and what an officer can do about them.
SYNTAX: tuple[tuple[str, str, str], ...] = (
    (
        "Expected '=' after a key",
        N_("a line that is neither a heading nor key = value"),
        N_('Write key = "value".'),
    ),
    ("Invalid value", N_("a value that cannot be read"), STRAIGHT),
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
    ("Expected newline or end of document", N_("more on the line than one value"), STRAIGHT),
    (
        "Invalid initial character for a key",
        N_("a key that cannot be read"),
        N_("Keys have Latin letters, digits, - and _; others go between quotation marks."),
    ),
    ("Invalid date", N_("a day that is not in the calendar"), N_("Check the day and the month.")),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What came of reading: `schedules` is None when a problem is an error; advice may stand beside it."""

    file: str
    schedules: Schedules | None
    problems: tuple[Problem, ...]
    positions: positions.Positions = field(default_factory=lambda: positions.Positions({}), repr=False)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


def load(path: Path, *, templates: Path, contacts: Path) -> Loaded:
    """Read the file at `path`; `templates` and `contacts` are the folders it counts on.

    Never raises for what people wrote: whatever is wrong is a problem with its line.
    """
    file = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        what = _("the file cannot be read: {error}", error=refusal(error))
        return _broken(file, what, _("Check its path (DISPATCHER_SCHEDULES) and its permissions."))
    except UnicodeDecodeError:
        return _broken(file, _("the file is not in UTF-8"), _("Save it again with the encoding UTF-8."))
    return read(text, file=file, templates=templates, contacts=contacts)


def read(text: str, *, file: str, templates: Path, contacts: Path) -> Loaded:
    """Read the text of a schedules.toml; letters that a Mac keeps in two pieces are put together first."""
    text = nfc(text)
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return _unreadable(file, text, str(error))
    findings = Findings(file, raw, positions.find(text))
    schedules = _validated(findings)
    partial, kept = (schedules, {}) if schedules is not None else remains.readable(raw)
    if partial is not None:
        seen = findings.through(kept)
        rules.check(seen, partial)
        timing.check(seen, partial)
        sources.check(seen, partial, templates=templates, contacts=contacts)
    problems = findings.sorted()
    return Loaded(
        file=file,
        schedules=None if any(problem.severity == "error" for problem in problems) else schedules,
        problems=problems,
        positions=findings.positions,
        raw=raw,
    )


def _validated(findings: Findings) -> Schedules | None:
    try:
        return Schedules.model_validate(findings.raw)
    except ValidationError as error:
        wording.add_all(findings, error)
        return None


def _broken(file: str, what: str, remedy: str) -> Loaded:
    return Loaded(file=file, schedules=None, problems=(Problem(file=file, what=what, remedy=remedy),))


def _unreadable(file: str, text: str, error: str) -> Loaded:
    place = re.search(r"\(at line (\d+), column \d+\)", error)
    lines = text.splitlines()
    line = int(place[1]) if place else max(1, len(lines))
    shown = lines[line - 1].strip() if line <= len(lines) else ""
    what, remedy = next(
        ((what, remedy) for start, what, remedy in SYNTAX if error.startswith(start)),
        (N_("not valid TOML: {error}"), N_("Look at this line and the one above it.")),
    )
    if re.match(r"[^\"'#=\[]*[^\x00-\x7f\"'#=\[][^=]*=", shown):
        what, remedy = next(
            (what, remedy) for start, what, remedy in SYNTAX if start.startswith("Invalid initial")
        )
    if any(quote in shown for quote in "“”„«»‘’"):
        remedy = N_('Word\'s curved quotation marks are not understood: write straight ones, "…".')
    problem = Problem(
        file=file, line=line, value=shown[:80], what=_(what).format(error=error), remedy=_(remedy)
    )
    return Loaded(file=file, schedules=None, problems=(problem,))
