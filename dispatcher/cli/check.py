"""`check`: every problem of schedules, templates, lists and settings at once, errors first."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import JsonOption
from dispatcher.errors import ConfigurationError, Problem
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.channels import Channel
    from dispatcher.report.list_set import ListSet
    from dispatcher.settings import Settings


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("Schedules, templates, lists, settings: everything that is wrong, and what to do."))(
        check
    )


@dataclass(kw_only=True)
class ConfigurationCheck:
    """What was found; `configuration` stops a run, `people` are lists and template_check."""

    configuration: list[Problem] = field(default_factory=list)
    texts: list[Problem] = field(default_factory=list)
    list_set: ListSet | None = None

    @property
    def problems(self) -> list[Problem]:
        """Return everything that was found."""
        return [*self.configuration, *self.texts, *(_list_problems(self.list_set) if self.list_set else [])]

    @property
    def exit_code(self) -> int:
        """2: it cannot run so; 1: something is wrong with texts or lists; 0: fine, or advice only."""
        if _has_errors(self.configuration):
            return 2
        return 1 if _has_errors(self.problems) else 0


def _list_problems(list_set: ListSet) -> list[Problem]:
    """Return what stops a list from being read, and, as advice, what its rows need a person for."""
    rejected = list_set.import_report.counts["rejected"]
    problems = [*list_set.problems, *list_set.unread]
    if not rejected:
        return problems
    advice = Problem(
        file=_("lists"),
        what=ngettext("{n} row cannot be used", "{n} rows cannot be used", rejected),
        remedy=_("Why, and a workbook to correct them in: dispatcher contacts check --rejects OUT.xlsx"),
        severity="advice",
    )
    return [*problems, advice]


def _has_errors(problems: Sequence[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def check(
    write_words: Annotated[
        bool,
        typer.Option(
            "--write-words", help=_("First write general words for every template that is missing.")
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context, import_report_view
    from dispatcher.gateways import registry

    try:
        if write_words:
            _write_words(context.settings())
        result = run_checks(context.settings())
        result.configuration = [
            *context.located(result.configuration),
            *context.setting_sources().open_to_others(registry.setting_rows()),
        ]
    except ConfigurationError as broken:
        result = ConfigurationCheck(configuration=list(broken.problems))
    if as_json:
        rows = result.list_set.import_report.counts if result.list_set else None
        console.print_json(
            {
                "problems": console.problems_as_json(result.problems),
                "rows": rows,
                "exit_code": result.exit_code,
            }
        )
        raise typer.Exit(result.exit_code)
    if result.list_set is not None:
        import_report_view.print_report(result.list_set)
        console.print_line("")
    console.print_problems(result.problems, to_stdout=True)
    _print_conclusion(result)
    raise typer.Exit(result.exit_code)


def _write_words(settings: Settings) -> None:
    """Write what is missing, and say which files; what is there stays as it is."""
    from dispatcher.campaign import schedules_editor
    from dispatcher.cli import console
    from dispatcher.report.missing_words import missing_words

    text = schedules_editor.read_file(settings.schedules)
    for file, words in missing_words(settings, text).items():
        schedules_editor.write_new(settings.templates / file, words)
        console.print_note(_("Written: {file}", file=settings.templates / file))


def _print_conclusion(result: ConfigurationCheck) -> None:
    from dispatcher.cli import console

    if not result.problems:
        console.print_line(_("Everything is in order."), style="green")
    elif not _has_errors(result.problems):
        console.print_line(
            _("It can run: {count}.", count=console.problem_count(result.problems)), style="green"
        )
    else:
        console.print_line(
            _("Found: {count}.", count=console.problem_count(result.problems)), style="bold red"
        )


def _gateway_problems(settings: Settings, schedules: Schedules | None) -> list[Problem]:
    """Return what a run would do without gateways, and who falls out where a channel is closed."""
    from dispatcher.app import senders
    from dispatcher.gateways import registry

    try:
        if registry.uses_sandbox(settings):
            what = _("no provider is configured: run would send everything to the sandbox on this machine")
            remedy = _("Fine for trying out. For the real thing set up a gateway, see docs/reference.md.")
            return [Problem(file=_("environment"), what=what, remedy=remedy, severity="advice")]
        if schedules is not None:
            speakers = senders(settings, schedules.office)
            registry.open_selected(settings, senders=speakers, needed=schedules.used_channels())
    except ConfigurationError as broken:
        return list(broken.problems)
    return [_left_out(name, channel) for name, channel in schedules.left_out()] if schedules else []


def _left_out(audience: str, channel: Channel) -> Problem:
    """Return how many people a closed channel leaves without a message, in a sentence."""
    from dispatcher.gateways import registry

    setting, title = registry.CHANNELS[channel]
    what = _(
        "{channel} are off: who in {audience} can be reached in no other way gets nothing",
        channel=_(title), audience=audience,
    )  # fmt: skip
    remedy = _("Visit them, or call; or set up a gateway and take {setting} out.", setting=setting)
    return Problem(
        file=_("environment"), where=setting, value="off", what=what, remedy=remedy, severity="advice"
    )


def _schedule_problems(settings: Settings, schedules: Schedules, *, is_ledger_sound: bool) -> list[Problem]:
    """Return what the ledger says to these schedules; before its first use, only which times are past."""
    from dispatcher.cli import context
    from dispatcher.ledger import LedgerError, open_ledger, sqlite_file
    from dispatcher.report import schedule_problems

    now = context.now()
    file = sqlite_file(settings.database_url) if is_ledger_sound else None
    if not is_ledger_sound or (file is not None and not file.exists()):
        campaigns = schedules.campaigns.values()
        return [
            problem
            for one in campaigns
            for problem in schedule_problems.past_times(schedules, one, (), now=now)
        ]
    try:
        ledger = open_ledger(settings.database_url, upgrade=False)
        try:
            return schedule_problems.find(ledger, schedules, now=now)
        finally:
            ledger.close()
    except LedgerError as error:  # tables of another version: the service brings them up to date
        what = _("the ledger could not be looked at: {error}", error=str(error).splitlines()[0])
        return [Problem(file=_("environment"), where="DISPATCHER_DATABASE_URL", what=what, severity="advice")]


def _mode_problems(settings: Settings) -> list[Problem]:
    """Return which files of the ledger other accounts of this machine could read, as advice."""
    from dispatcher.ledger import sqlite_file

    file = sqlite_file(settings.database_url)
    if file is None:
        return []
    return [
        Problem(
            file=str(one),
            what=_("other accounts of this machine can read or change this file: people's data stand in it"),
            remedy=_("Run: chmod 600 {file}", file=one),
            severity="advice",
        )
        for one in sorted(file.parent.glob(f"{glob.escape(file.name)}*"))
        if one.is_file() and one.stat().st_mode & 0o077
    ]


def _collision_problems(settings: Settings, schedules: Schedules) -> list[Problem]:
    """Return where campaigns meet at the caps of the people in the lists."""
    from dispatcher.cli import context
    from dispatcher.cli.plan import people_ledger
    from dispatcher.ledger import LedgerError
    from dispatcher.report import cap_collisions

    if len(schedules.campaigns) < 2:
        return []
    try:
        with people_ledger(settings, schedules) as (ledger, _is_loaded):
            return cap_collisions.find_problems(
                schedules, cap_collisions.find(ledger, schedules, now=context.now())
            )
    except (ConfigurationError, LedgerError):
        return []  # what is wrong with the ledger is told by itself


def run_checks(settings: Settings) -> ConfigurationCheck:
    """Check everything the settings name."""
    from dispatcher import plan
    from dispatcher.app import start_problems
    from dispatcher.campaign.load import load
    from dispatcher.message import template_check
    from dispatcher.report import list_set

    loaded = load(
        settings.schedules,
        templates=settings.templates,
        contacts=settings.contacts,
        closed_channels=settings.closed_channels,
    )
    schedules = loaded.schedules
    result = ConfigurationCheck(
        configuration=[
            *loaded.problems,
            *plan.check(loaded),
            *start_problems(settings),
            *_gateway_problems(settings, schedules),
        ]
    )
    is_ledger_sound = all(one.where != "DISPATCHER_DATABASE_URL" for one in result.configuration)
    if is_ledger_sound:
        result.configuration += _mode_problems(settings)
    if schedules is None:
        result.list_set = list_set.ListSet(
            files=list_set.find_lists_by_folder(settings.contacts),
            unread=list_set.find_unread_files(None, settings.contacts),
        )
        for _row in result.list_set.rows():
            pass
        return result
    result.list_set = contact_lists = list_set.ListSet(
        files=list_set.find_lists(schedules, settings.contacts),
        unread=list_set.find_unread_files(schedules, settings.contacts),
    )
    rows = {name: list_set.recipients_of(contact_lists.rows(name)) for name in schedules.audiences}
    result.texts = template_check.find_problems(schedules, settings.templates, rows)
    result.texts += _schedule_problems(settings, schedules, is_ledger_sound=is_ledger_sound)
    result.texts += _collision_problems(settings, schedules)
    for left in rows.values():  # audiences that no text is written for were not read yet
        for _recipient in left:
            pass
    return result
