"""`export`: what is held on a person, to hand over to them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dispatcher.cli.options import AddressArgument, JsonOption, WhoOption
from dispatcher.i18n import _


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(help=_("Everything held on a person, for that person: a page in plain words, and JSON."))(
        export
    )


def export(
    address: AddressArgument,
    out: Annotated[Path, typer.Option(metavar="DIR", help=_("Where the two files are written."))] = Path(),
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger import audit_log
    from dispatcher.ledger.queries import subject_access as held
    from dispatcher.report import subject_access
    from dispatcher.report.formatting import mask_address

    settings, normalised = context.settings(), context.parse_address(address)[1]
    now = context.now()
    with context.ledger(settings) as ledger:
        schedules = context.usable_configuration(settings, ledger).schedules
        data = held.load(ledger, normalised)
        audit_log.write(
            ledger, who=context.acting_user(who), action="export", subject=mask_address(normalised),
            detail={}, now=now,
        )  # fmt: skip
    if as_json:
        console.print_json(subject_access.as_json(data))
        return
    out.mkdir(parents=True, exist_ok=True)
    written = {
        "du-lieu-ca-nhan.html": subject_access.as_page(data, schedules, now=now, trial=settings.trial),
        "du-lieu-ca-nhan.json": subject_access.as_json_text(data),
    }
    for name, text in written.items():
        (out / name).write_text(text, encoding="utf-8")
        console.print_line(str(out / name))
    if len(data.history.people) > 1:
        console.print_note(
            _("Several people share this address: take out what is another's before you hand it over.")
        )
