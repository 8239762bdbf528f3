"""`forget`: erase a person for good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import JsonOption, WhoOption, YesOption
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.ledger import Ledger
    from dispatcher.ledger.privacy.erasure import AddressOwner
    from dispatcher.settings import Settings


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("Erase a person: name, numbers and texts go, counts stay, no list brings them back."))(
        forget
    )


def forget(
    address: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS",
            help=_("A telephone number or e-mail address; none for somebody who has neither."),
            show_default=False,
        ),
    ] = "",
    person: Annotated[
        int,
        typer.Option(
            metavar="NUMBER",
            help=_("Of several people on one number, only this one; the number as `contacts find` shows it."),
        ),
    ] = 0,
    everybody: Annotated[
        bool, typer.Option("--everybody", help=_("Of several people on one number, all of them."))
    ] = False,
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.privacy import erasure

    if not (address or person):
        raise typer.BadParameter(_("give a number or e-mail address, or --person NUMBER"))
    normalised = context.parse_address(address)[1] if address else ""
    settings = context.brake_settings()
    with context.ledger(settings) as ledger:
        if normalised:
            chosen = _choose_people(erasure.owners_of(ledger, normalised), person, everybody=everybody)
        else:
            chosen = (_find_person(ledger, person),)
        for one in chosen:
            console.print_note(f"{one.name or _('(no name)')} · {one.area}")
        console.require_confirmation(_("Erase for good? Nothing brings this back. [y/n]"), yes=yes)
        ids = [one.person_id for one in chosen]
        done = erasure.erase(ledger, normalised, people=ids, who=context.acting_user(who), now=context.now())
        is_off_disk = context.scrub(settings, ledger)
    if as_json:
        console.print_json(asdict(done) | {"off_disk": is_off_disk})
        return
    console.print_line(ngettext("{n} person was erased.", "{n} people were erased.", done.people))
    console.print_line(
        _(
            "{addresses} addresses, {lists} list entries and the texts of {messages} messages are gone; "
            "the counts stay.",
            addresses=done.addresses, lists=done.lists, messages=done.messages,
        )
    )  # fmt: skip
    if not is_off_disk:
        console.print_line(
            _(
                "Copies may stand in the ledger's file until it is written anew: the service does that "
                "between 1 and 5 o'clock at night, or stop it and run: dispatcher retention"
            ),
            style="yellow",
        )
    console.print_note(_("Their rows still stand in the files of contacts/: take them out there too."))
    for sentence in _copies_elsewhere(settings):
        console.print_note(sentence)


def _copies_elsewhere(settings: Settings) -> Iterator[str]:
    """Name what stands beside the ledger and may know them still; it is not for us to take apart."""
    from dispatcher.cli.sandbox import SANDBOX_FOLDER
    from dispatcher.ledger import backups

    if kept := backups.in_folder(settings.backup_folder):
        yield ngettext(
            "{n} backup in {folder} knows them still: delete it, or wait until newer ones take its place.",
            "{n} backups in {folder} know them still: delete them, or wait until newer ones "
            "take their place.",
            len(kept), folder=settings.backup_folder,
        )  # fmt: skip
    if any(one.is_file() for one in SANDBOX_FOLDER.rglob("*")):
        yield _(
            "The logs of the trial in {folder} may know them still: delete that folder when the trial "
            "is over.",
            folder=SANDBOX_FOLDER,
        )


def _find_person(ledger: Ledger, person: int) -> AddressOwner:
    """Return who is meant. Raises NotFound for a number that nobody has."""
    from dispatcher.cli.context import NotFound
    from dispatcher.ledger.privacy import erasure

    found = erasure.person_of(ledger, person)
    if found is None:
        raise NotFound(_("there is nobody with number {person}", person=person))
    return found


def _choose_people(
    owners: tuple[AddressOwner, ...], person: int, *, everybody: bool
) -> tuple[AddressOwner, ...]:
    """Return who is meant. Raises NotFound when that is not clear."""
    from dispatcher.cli.context import NotFound

    if person:
        owners = tuple(one for one in owners if one.person_id == person)
        if not owners:
            raise NotFound(_("nobody with number {person} has this address", person=person))
    if len(owners) > 1 and not everybody:
        names = "; ".join(f"{one.person_id}: {one.name or _('(no name)')}, {one.area}" for one in owners)
        raise NotFound(
            _("several people have this address ({names}); say --person NUMBER or --everybody", names=names)
        )
    return owners
