"""`simulate`: a whole campaign on a fast clock, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli import keeping
from dispatcher.cli.keeping import Keep
from dispatcher.cli.options import AsJson
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.ledger import Ledger
    from dispatcher.settings import Settings
    from dispatcher.simulation.run import Scenario
    from dispatcher.simulation.staying import Door
    from dispatcher.simulation.summary import Summary

AFTER = timedelta(days=4)  # receipts and doubts come to rest within 72 hours


def add(app: typer.Typer) -> None:
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
    keep: Keep = None,
    stay: Annotated[
        bool,
        typer.Option("--stay", help=_("Keep its pages open afterwards, to look around, until Ctrl-C.")),
    ] = False,
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import outcome, speaking

    def tell(result: Summary) -> None:
        if as_json:
            speaking.answer(result.as_json())
        else:
            outcome.draw(result, kept=keep)

    result = _play(
        since=since,
        until=until,
        speed=speed,
        people=people,
        failures=failures,
        seed=seed,
        keep=keep,
        tell=tell,
        stay=stay,
    )
    raise typer.Exit(0 if result.is_sound else 1)


def _play(
    *,
    since: str,
    until: str,
    speed: str,
    people: Path | None,
    failures: str,
    seed: int,
    keep: Path | None,
    tell: Callable[[Summary], None],
    stay: bool,
) -> Summary:
    from dataclasses import replace

    from dispatcher.cli import mixes, opening
    from dispatcher.sandbox.behaviour import Behaviour
    from dispatcher.simulation.run import Scenario

    settings = opening.settings()
    if people is not None:
        if not people.is_dir():
            raise typer.BadParameter(_("there is no folder {folder}", folder=people), param_hint="--people")
        settings = replace(settings, contacts=people)
    schedules = opening.edition(settings).schedules
    begins, ends = _span(schedules, since, until)
    pace = _speed(speed)
    mix = mixes.read(failures, seed)
    with keeping.folder(keep) as folder:
        scenario = Scenario(
            settings=settings,
            folder=folder,
            since=begins,
            until=ends,
            load=lambda ledger, now: _load(ledger, schedules, settings, now),
            speed=pace,
            behaviour=Behaviour(seed=seed),
            failures=mix,
        )
        return _with_progress(scenario, tell, stay=stay)


def _load(ledger: Ledger, schedules: Schedules, settings: Settings, now: datetime) -> int:
    """Load the lists; gives how many people may be written to."""
    from dispatcher.ledger import traffic
    from dispatcher.report import loading

    loading.load(ledger, loading.wanted(schedules, settings.contacts), who="simulate", now=now)
    return traffic.standing(ledger).people


def _with_progress(scenario: Scenario, tell: Callable[[Summary], None], *, stay: bool) -> Summary:
    import asyncio
    import sys
    from dataclasses import replace
    from time import monotonic

    from dispatcher.cli.progress import Progress
    from dispatcher.simulation.run import Played, play
    from dispatcher.simulation.summary import summary

    logging.getLogger("uvicorn.error").addFilter(_is_no_hang_up)
    logging.getLogger("dispatcher").setLevel(logging.ERROR)  # what else there is the summary tells
    started = monotonic()
    results: list[Summary] = []
    bar = Progress(scenario.since, scenario.until)

    async def finish(played: Played) -> None:
        seconds = monotonic() - started
        results.append(await played.app.crossing(summary, played, since=scenario.since, seconds=seconds))
        bar.stop()
        tell(results[0])
        if stay:
            from dispatcher.simulation import staying

            await staying.stay(played, _say_where)

    with bar:
        watched = replace(scenario, watch=bar.watch)
        if sys.platform == "win32":
            asyncio.run(play(watched, finish))
        else:
            import uvloop

            uvloop.run(play(watched, finish))
    return results[0]


def _is_no_hang_up(record: logging.LogRecord) -> bool:
    """Drop what the web server says of connections that Ctrl-C closed."""
    return not (record.exc_info and isinstance(record.exc_info[1], RuntimeError))


def _say_where(door: Door) -> None:
    from dispatcher.cli import speaking

    speaking.note("")
    speaking.note(
        _("Look around at {url}: the dashboard, and /sandbox for phones and mailboxes.", url=door.url)
    )
    speaking.note(
        _(
            "Sign in as {account} with {password}; Ctrl-C ends it.",
            account=door.account,
            password=door.password,
        )
    )


def _span(schedules: Schedules, since: str, until: str) -> tuple[datetime, datetime]:
    from dispatcher import plan
    from dispatcher.cli import opening

    campaigns = schedules.campaigns.values()
    begins = opening.day(since, "--from") or min(schedules.local(one.start).date() for one in campaigns)
    last = max(item.expires_at for one in campaigns for item in plan.calendar(schedules, one))
    ends = opening.day(until, "--to")
    if ends is not None and ends < begins:
        raise typer.BadParameter(_("the last day lies before the first"), param_hint="--to")
    zone = schedules.timezone
    first = datetime.combine(begins, time(), tzinfo=zone)
    end = last + AFTER if ends is None else datetime.combine(ends + timedelta(days=1), time(), tzinfo=zone)
    return first, max(end, first + timedelta(days=1))


def _speed(words: str) -> float | None:
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
