"""`golive`: from trial to real use."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import JsonOption, WhoOption, YesOption
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.ledger.stage import TrialRecords


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(help=_("From trial to real use: sets the trial aside, keeps what people decided."))(golive)


def golive(
    already_live: Annotated[
        bool,
        typer.Option(
            "--already-live",
            help=_("What has left so far went to people: set nothing aside."),
        ),
    ] = False,
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger import stage
    from dispatcher.service import single_instance_lock

    settings = context.settings()
    with context.ledger(settings) as ledger, single_instance_lock(settings):
        acting = context.acting_user(who)
        if already_live:
            stage.mark_live(ledger, who=acting, now=context.now())
            console.print_line(_("The ledger is in real use; nothing was set aside."))
            return
        if not yes:
            _print_set_aside(stage.preview(ledger))
            console.require_confirmation(_("Set this aside and go live? [y/n]"), yes=False)
        done = stage.go_live(ledger, who=acting, now=context.now())
    if as_json:
        console.print_json(asdict(done))
        return
    if yes:
        _print_set_aside(done)
    console.print_line(_("The ledger is live. Set the provider's settings and start: dispatcher run"))


def _print_set_aside(found: TrialRecords) -> None:
    from dispatcher.cli import console

    console.print_line(_("Of the trial, this is set aside:"))
    for words in (
        ngettext("{n} message", "{n} messages", found.messages),
        ngettext("{n} report or answer", "{n} reports and answers", found.reports),
        ngettext("{n} participation", "{n} participations", found.participations),
        ngettext(
            "{n} stop that the sandbox made up", "{n} stops that the sandbox made up", found.made_up_stops
        ),
    ):
        console.print_line(f"  {words}")
    console.print_line(
        ngettext(
            "Lists, users and decisions stay, and so does {n} opt-out: dispatcher optout list shows it.",
            "Lists, users and decisions stay, and so do {n} opt-outs: dispatcher optout list shows them.",
            found.kept_opt_outs,
        )
    )
