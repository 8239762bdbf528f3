"""`retention`: what is kept no longer."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import JsonOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.ledger.privacy.retention_sweep import Forgotten


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(help=_("Forget what is kept no longer; the service does so by itself, several times a day."))(
        retention
    )


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Only tell what would go; nothing is changed."))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.privacy import retention_sweep

    settings = context.settings()
    with context.ledger(settings) as ledger:
        config = context.usable_configuration(settings, ledger)
        done = retention_sweep.forget_due(ledger, config.schedules, now=context.now(), dry_run=dry_run)
        if not dry_run:
            context.scrub(settings, ledger)
    if as_json:
        console.print_json(asdict(done))
        return
    console.print_heading(_("This would be forgotten") if dry_run else _("This was forgotten"))
    console.print_table((_("what"), _("how many")), _rows(done), right_aligned=(1,))
    if done.unread:
        console.print_line(
            _(
                "{n} answers are over their time and unread: read them, they wait.",
                n=done.unread,
            ),
            style="yellow",
        )


def _rows(done: Forgotten) -> list[tuple[str, int]]:
    return [
        (_("messages: address, words and the provider's names"), done.messages),
        (_("people whom no campaign needs any more"), done.people),
        (_("texts that people sent"), done.answers),
        (_("rows as they stood before a load"), done.snapshots),
        (_("lines of the log"), done.audit),
        (_("old records of who said no"), done.consent),
        (_("what people asked about their data"), done.requests),
    ]
