"""`check`: every problem of schedules, templates, lists and settings at once, errors first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from dispatcher.cli.options import AsJson
from dispatcher.errors import ConfigurationBroken, Problem
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.report.lists import Lists
    from dispatcher.settings import Settings


def add(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("Schedules, templates, lists, settings: everything that is wrong, and what to do."))(
        check
    )


@dataclass(kw_only=True)
class Checked:
    """What was found; `configuration` stops a run, `people` are lists and texts."""

    configuration: list[Problem] = field(default_factory=list)
    texts: list[Problem] = field(default_factory=list)
    lists: Lists | None = None

    @property
    def problems(self) -> list[Problem]:
        """Give everything that was found."""
        return [*self.configuration, *self.texts, *(_of_lists(self.lists) if self.lists else [])]

    @property
    def exit_code(self) -> int:
        """2: it cannot run so; 1: something is wrong with texts or lists; 0: fine, or advice only."""
        if _has_errors(self.configuration):
            return 2
        return 1 if _has_errors(self.problems) else 0


def _of_lists(lists: Lists) -> list[Problem]:
    """Give what stops a list from being read, and, as advice, what its rows need a person for."""
    rejected = lists.account.counts["rejected"]
    if not rejected:
        return list(lists.problems)
    advice = Problem(
        file=_("lists"),
        what=ngettext("{n} row cannot be used", "{n} rows cannot be used", rejected),
        remedy=_("Why, and a workbook to correct them in: dispatcher contacts check --rejects OUT.xlsx"),
        severity="advice",
    )
    return [*lists.problems, advice]


def _has_errors(problems: Sequence[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def check(as_json: AsJson = False) -> None:
    from dispatcher.cli import accounts, opening, speaking

    try:
        found = look(opening.settings())
    except ConfigurationBroken as broken:
        found = Checked(configuration=list(broken.problems))
    if as_json:
        rows = found.lists.account.counts if found.lists else None
        speaking.answer(
            {"problems": speaking.problem_values(found.problems), "rows": rows, "exit_code": found.exit_code}
        )
        raise typer.Exit(found.exit_code)
    if found.lists is not None:
        accounts.draw(found.lists)
        speaking.say("")
    speaking.problems(found.problems, aloud=True)
    _conclude(found)
    raise typer.Exit(found.exit_code)


def _conclude(found: Checked) -> None:
    from dispatcher.cli import speaking

    if not found.problems:
        speaking.say(_("Everything is in order."), style="green")
    elif not _has_errors(found.problems):
        speaking.say(_("It can run: {count}.", count=speaking.problem_count(found.problems)), style="green")
    else:
        speaking.say(_("Found: {count}.", count=speaking.problem_count(found.problems)), style="bold red")


def _of_providers(settings: Settings) -> list[Problem]:
    """Say what a run would do without providers."""
    if settings.has_twilio and settings.has_smtp:
        return []
    if not settings.has_twilio and not settings.has_smtp:
        what = _("no provider is configured: run would send everything to the sandbox on this machine")
        remedy = _("Fine for trying out. For the real thing set TWILIO_… and DISPATCHER_SMTP_URL.")
        return [Problem(file=_("environment"), what=what, remedy=remedy, severity="advice")]
    what = _("only one of the two providers is configured: texts need TWILIO_…, mails DISPATCHER_SMTP_URL")
    return [Problem(file=_("environment"), what=what, remedy=_("Set both, or neither."))]


def look(settings: Settings) -> Checked:
    """Look at everything the settings name."""
    from dispatcher import plan
    from dispatcher.campaign.load import load
    from dispatcher.message import check as texts
    from dispatcher.report import lists

    loaded = load(settings.schedules, templates=settings.templates, contacts=settings.contacts)
    found = Checked(configuration=[*loaded.problems, *plan.check(loaded), *_of_providers(settings)])
    schedules = loaded.schedules
    if schedules is None:
        found.lists = lists.Lists(files=lists.find_by_folder(settings.contacts))
        for _row in found.lists.rows():
            pass
        return found
    found.lists = read = lists.Lists(files=lists.find(schedules, settings.contacts))
    rows = {name: lists.recipients(read.rows(name)) for name in schedules.audiences}
    found.texts = texts.check(schedules, settings.templates, rows)
    for left in rows.values():  # audiences that no text is written for were not read yet
        for _recipient in left:
            pass
    return found
