"""`drill`: the crash test on an operator's own machine, before the real day."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli import work_folder
from dispatcher.cli.options import JsonOption
from dispatcher.cli.work_folder import KeepOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.simulation.drill.crash_test import CrashTest, DrillResult

    Watch = Callable[[CrashTest], None]

MINUTES = 5.0
MINUTES_MAX = 24 * 60.0
MINUTES_MIN = 0.1


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(
        help=_(
            "Kill the service again and again, in a folder of its own with servers on this machine, and see "
            "whether anything is lost or sent twice. Exit 1 if so."
        )
    )(drill)


def drill(
    minutes: Annotated[
        float, typer.Option(metavar="N", help=_("For so long; afterwards everything comes to rest."))
    ] = MINUTES,
    seed: Annotated[
        int, typer.Option(metavar="N", help=_("Another number, other moments to be killed at."))
    ] = 1,
    keep: KeepOption = None,
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console

    if not MINUTES_MIN <= minutes <= MINUTES_MAX:
        words = _("between {least} and {most}", least=MINUTES_MIN, most=console.format_number(MINUTES_MAX))
        raise typer.BadParameter(words, param_hint="--minutes")
    logging.getLogger("dispatcher").setLevel(logging.ERROR)
    with work_folder.work_folder(keep) as folder:
        result = _play(folder, minutes=minutes, seed=seed)
    if as_json:
        console.print_json(result.as_json())
    else:
        _print_result(result, kept=keep)
    raise typer.Exit(0 if result.is_sound else 1)


def _play(folder: Path, *, minutes: float, seed: int) -> DrillResult:
    from datetime import timedelta

    from dispatcher.simulation.drill import crash_test
    from dispatcher.simulation.drill.drill_fixture import DrillPlan

    span = timedelta(minutes=minutes)
    with _progress(span.total_seconds()) as watch:
        return crash_test.run_drill(
            folder,
            DrillPlan.for_duration(span),
            database_url=f"sqlite:///{folder / 'ledger.sqlite3'}",
            seconds=span.total_seconds(),
            seed=seed,
            on_kill=watch,
        )


@contextmanager
def _progress(seconds: float) -> Iterator[Watch]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from dispatcher.cli import console
    from dispatcher.clock import monotonic

    began, terminal = monotonic(), console.stderr()
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task(_("loading lists"), total=seconds)

        def watch(crash_test: CrashTest) -> None:
            passed = monotonic() - began
            words = _("kills so far: {n}", n=console.format_number(crash_test.kills.total))
            if passed >= seconds:
                words = _("{words}; now everything comes to rest", words=words)
            bar.update(task, completed=min(passed, seconds), description=words)

        yield watch


def _print_result(result: DrillResult, *, kept: Path | None) -> None:
    from rich.text import Text

    from dispatcher.cli import console

    verification, number = result.verification, console.format_number
    console.print_heading(_("The drill"))
    console.print_pairs(
        [
            (_("the service was killed"), _("{n} times", n=number(result.kills.total))),
            (_("at different points of its path"), number(len(result.kills.by_point))),
            (_("messages planned"), number(verification.planned)),
            (_("with the provider, by its own log"), number(verification.accepted)),
            (_("lost"), number(result.lost)),
            (_("sent twice"), number(len(verification.twice))),
            (
                _("texts in doubt after a kill"),
                _(
                    "{n} asked about: {there} were there, {again} were not and went again",
                    n=number(verification.asked),
                    there=number(verification.there),
                    again=number(verification.again),
                ),
            ),
            (_("mails repeated under their own Message-ID"), number(len(verification.repeated))),
            (_("mails held for a person to look"), number(len(verification.held))),
            (_("time"), _("{seconds} s", seconds=number(result.seconds))),
        ]
    )
    for kind, violations in result.violations().items():
        console.print_line(Text(f"✗ {kind}: {violations}", "bold red"))
    if result.is_sound:
        console.print_line(Text(_("✓ Nothing was lost, nothing was sent twice."), "bold green"))
    else:
        console.print_line(Text(_("✗ Something was lost, sent twice or left unclear."), "bold red"))
    if kept is not None:
        console.print_line(_("Ledger and logs are kept in {folder}.", folder=kept))
