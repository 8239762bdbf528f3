"""`export`: what is held on a person, to hand over to them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import AddressArgument, JsonOption, WhoOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.ledger.privacy.erasure import AddressOwner


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(help=_("Everything held on a person, for that person: a page in plain words, and JSON."))(
        export
    )


def export(
    address: AddressArgument,
    out: Annotated[Path, typer.Option(metavar="DIR", help=_("Where the two files are written."))] = Path(),
    person: Annotated[
        int,
        typer.Option(
            metavar="NUMBER",
            help=_("Of several people on one number, this one; the number as `contacts find` shows it."),
        ),
    ] = 0,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger import audit_log
    from dispatcher.ledger.privacy import erasure
    from dispatcher.ledger.queries import subject_access as held
    from dispatcher.report import subject_access
    from dispatcher.report.formatting import mask_address

    settings, normalised = context.settings(), context.parse_address(address)[1]
    now = context.now()
    with context.ledger(settings) as ledger:
        schedules = context.usable_configuration(settings, ledger).schedules
        if not person:
            _require_one(erasure.owners_of(ledger, normalised))
        data = held.load(ledger, normalised, person)
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


def _require_one(owners: Sequence[AddressOwner]) -> None:
    """Raise NotFound when several people have an address: what is held on one is not for another."""
    from dispatcher.cli.context import NotFound

    if len(owners) > 1:
        names = "; ".join(f"{one.person_id}: {one.name or _('(no name)')}, {one.area}" for one in owners)
        raise NotFound(_("several people have this address ({names}); say --person NUMBER", names=names))
