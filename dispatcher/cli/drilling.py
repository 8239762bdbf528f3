"""`drill`: the torture on an operator's own machine, before the real day."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli import keeping
from dispatcher.cli.keeping import Keep
from dispatcher.cli.options import AsJson
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.simulation.drill.torture import Outcome, Torture

    Watch = Callable[[Torture], None]

MINUTES = 5.0
MINUTES_MAX = 24 * 60.0
MINUTES_MIN = 0.1


def add(app: typer.Typer) -> None:
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
    keep: Keep = None,
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import speaking

    if not MINUTES_MIN <= minutes <= MINUTES_MAX:
        words = _("between {least} and {most}", least=MINUTES_MIN, most=speaking.number(MINUTES_MAX))
        raise typer.BadParameter(words, param_hint="--minutes")
    logging.getLogger("dispatcher").setLevel(logging.ERROR)
    with keeping.folder(keep) as folder:
        outcome = _play(folder, minutes=minutes, seed=seed)
    if as_json:
        speaking.answer(outcome.as_json())
    else:
        _draw(outcome, kept=keep)
    raise typer.Exit(0 if outcome.is_sound else 1)


def _play(folder: Path, *, minutes: float, seed: int) -> Outcome:
    from datetime import timedelta

    from dispatcher.simulation.drill import torture
    from dispatcher.simulation.drill.scene import Plan

    span = timedelta(minutes=minutes)
    with _progress(span.total_seconds()) as watch:
        return torture.play(
            folder,
            Plan.lasting(span),
            database_url=f"sqlite:///{folder / 'ledger.sqlite3'}",
            seconds=span.total_seconds(),
            seed=seed,
            watch=watch,
        )


@contextmanager
def _progress(seconds: float) -> Iterator[Watch]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from dispatcher.cli import speaking
    from dispatcher.clock import elapsed

    began, console = elapsed(), speaking.aside()
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(_("loading lists"), total=seconds)

        def watch(torture: Torture) -> None:
            passed = elapsed() - began
            words = _("kills so far: {n}", n=speaking.number(torture.tally.total))
            if passed >= seconds:
                words = _("{words}; now everything comes to rest", words=words)
            bar.update(task, completed=min(passed, seconds), description=words)

        yield watch


def _draw(outcome: Outcome, *, kept: Path | None) -> None:
    from rich.text import Text

    from dispatcher.cli import speaking

    proof, number = outcome.proof, speaking.number
    speaking.heading(_("The drill"))
    speaking.facts(
        [
            (_("the service was killed"), _("{n} times", n=number(outcome.tally.total))),
            (_("at different points of its path"), number(len(outcome.tally.kills))),
            (_("messages planned"), number(proof.planned)),
            (_("with the provider, by its own log"), number(proof.accepted)),
            (_("lost"), number(outcome.lost)),
            (_("sent twice"), number(len(proof.twice))),
            (
                _("texts in doubt after a kill"),
                _(
                    "{n} asked about: {there} were there, {again} were not and went again",
                    n=number(proof.asked),
                    there=number(proof.there),
                    again=number(proof.again),
                ),
            ),
            (_("mails repeated under their own Message-ID"), number(len(proof.repeated))),
            (_("mails held for a person to look"), number(len(proof.held))),
            (_("time"), _("{seconds} s", seconds=number(outcome.seconds))),
        ]
    )
    for kind, found in outcome.wrong().items():
        speaking.say(Text(f"✗ {kind}: {found}", "bold red"))
    if outcome.is_sound:
        speaking.say(Text(_("✓ Nothing was lost, nothing was sent twice."), "bold green"))
    else:
        speaking.say(Text(_("✗ Something was lost, sent twice or left unclear."), "bold red"))
    if kept is not None:
        speaking.say(_("Ledger and logs are kept in {folder}.", folder=kept))
