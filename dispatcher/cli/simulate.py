"""`simulate`: a whole campaign on a fast clock, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli import work_folder
from dispatcher.cli.options import JsonOption
from dispatcher.cli.work_folder import KeepOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.ledger import Ledger
    from dispatcher.settings import Settings
    from dispatcher.simulation.scenario import Scenario
    from dispatcher.simulation.serve_after import LoginDetails
    from dispatcher.simulation.summary import SimulationSummary

SETTLING_TIME = timedelta(days=4)  # receipts and doubts come to rest within 72 hours


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(
        help=_("The whole campaign on a fast clock, through servers on this machine; a report at the end.")
    )(simulate)


def simulate(
    since: Annotated[
        str,
        typer.Option(
            "--from", metavar="DATE", help=_("First day; without it the start of the first campaign.")
        ),
    ] = "",
    until: Annotated[
        str,
        typer.Option("--to", metavar="DATE", help=_("Last day; without it a few days after the last step.")),
    ] = "",
    speed: Annotated[
        str, typer.Option(metavar="max|N", help=_("Simulated seconds a real one; max: as fast as it goes."))
    ] = "max",
    people: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help=_("Take the lists from this folder, laid out like contacts/.")),
    ] = None,
    failures: Annotated[
        str, typer.Option(metavar="none|calm|bad|FILE", help=_("What goes wrong out there, and how often."))
    ] = "calm",
    seed: Annotated[
        int,
        typer.Option(metavar="N", help=_("Another number, other people take part and other things fail.")),
    ] = 1,
    keep: KeepOption = None,
    stay: Annotated[
        bool,
        typer.Option("--stay", help=_("Keep its pages open afterwards, to look around, until Ctrl-C.")),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, simulation_view

    def print_result(result: SimulationSummary) -> None:
        if as_json:
            console.print_json(result.as_json())
        else:
            simulation_view.print_summary(result, kept=keep)

    result = _simulate(
        since=since,
        until=until,
        speed=speed,
        people=people,
        failures=failures,
        seed=seed,
        keep=keep,
        print_result=print_result,
        stay=stay,
    )
    raise typer.Exit(0 if result.is_sound else 1)


def _simulate(
    *,
    since: str,
    until: str,
    speed: str,
    people: Path | None,
    failures: str,
    seed: int,
    keep: Path | None,
    print_result: Callable[[SimulationSummary], None],
    stay: bool,
) -> SimulationSummary:
    from dataclasses import replace

    from dispatcher.cli import context, failure_option
    from dispatcher.sandbox.behaviour import Behaviour
    from dispatcher.simulation.scenario import Scenario

    settings = context.settings()
    if people is not None:
        if not people.is_dir():
            raise typer.BadParameter(_("there is no folder {folder}", folder=people), param_hint="--people")
        settings = replace(settings, contacts=people)
    schedules = context.configuration(settings).schedules
    begins, ends = _parse_span(schedules, since, until)
    simulated_speed = _parse_speed(speed)
    failure_profile = failure_option.load_failures(failures, seed)
    with work_folder.work_folder(keep) as folder:
        scenario = Scenario(
            settings=settings,
            folder=folder,
            since=begins,
            until=ends,
            load_people=lambda ledger, now: _import_lists(ledger, schedules, settings, now),
            speed=simulated_speed,
            behaviour=Behaviour(seed=seed),
            failures=failure_profile,
        )
        return _with_progress(scenario, print_result, stay=stay)


def _import_lists(ledger: Ledger, schedules: Schedules, settings: Settings, now: datetime) -> int:
    """Load the lists; gives how many people may be written to."""
    from dispatcher.ledger.queries import people_counts
    from dispatcher.report import import_lists

    import_lists.import_selection(
        ledger, import_lists.select(schedules, settings.contacts), who="simulate", now=now
    )
    return people_counts.audience_totals(ledger).people


def _with_progress(
    scenario: Scenario, print_result: Callable[[SimulationSummary], None], *, stay: bool
) -> SimulationSummary:
    import asyncio
    import sys
    from dataclasses import replace
    from time import monotonic

    from dispatcher.cli.progress_bar import ProgressBar
    from dispatcher.simulation.scenario import SimulationResult, run_scenario
    from dispatcher.simulation.summary import summarise

    logging.getLogger("uvicorn.error").addFilter(_is_no_hang_up)
    logging.getLogger("dispatcher").setLevel(logging.ERROR)  # what else there is the summary tells
    started = monotonic()
    results: list[SimulationSummary] = []
    bar = ProgressBar(scenario.since, scenario.until)

    async def finish(played: SimulationResult) -> None:
        seconds = monotonic() - started
        results.append(
            await played.app.ledger_thread.run(summarise, played, since=scenario.since, seconds=seconds)
        )
        bar.stop()
        print_result(results[0])
        if stay:
            from dispatcher.simulation import serve_after

            await serve_after.serve_pages(played, _print_login)

    with bar:
        watched = replace(scenario, on_progress=bar.update)
        if sys.platform == "win32":
            asyncio.run(run_scenario(watched, finish))
        else:
            import uvloop

            uvloop.run(run_scenario(watched, finish))
    return results[0]


def _is_no_hang_up(record: logging.LogRecord) -> bool:
    """Drop what the web server says of connections that Ctrl-C closed."""
    return not (record.exc_info and isinstance(record.exc_info[1], RuntimeError))


def _print_login(login: LoginDetails) -> None:
    from dispatcher.cli import console

    console.print_note("")
    console.print_note(
        _("Look around at {url}: the dashboard, and /sandbox for phones and mailboxes.", url=login.url)
    )
    console.print_note(
        _(
            "Sign in as {account} with {password}; Ctrl-C ends it.",
            account=login.account,
            password=login.password,
        )
    )


def _parse_span(schedules: Schedules, since: str, until: str) -> tuple[datetime, datetime]:
    from dispatcher import plan
    from dispatcher.cli import context

    campaigns = schedules.campaigns.values()
    begins = context.parse_day(since, "--from") or min(
        schedules.to_local(one.start).date() for one in campaigns
    )
    last = max(item.expires_at for one in campaigns for item in plan.occurrences(schedules, one))
    ends = context.parse_day(until, "--to")
    if ends is not None and ends < begins:
        raise typer.BadParameter(_("the last day lies before the first"), param_hint="--to")
    zone = schedules.timezone
    first = datetime.combine(begins, time(), tzinfo=zone)
    end = (
        last + SETTLING_TIME
        if ends is None
        else datetime.combine(ends + timedelta(days=1), time(), tzinfo=zone)
    )
    return first, max(end, first + timedelta(days=1))


def _parse_speed(words: str) -> float | None:
    if words == "max":
        return None
    try:
        speed = float(words)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise typer.BadParameter(
            _("{words} is neither max nor a number above 0", words=repr(words)), param_hint="--speed"
        )
    return speed
