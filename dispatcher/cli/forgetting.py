"""`forget`: erase a person for good."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import Address, AsJson, Who, Yes
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.ledger.erasing import Behind


def add(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("Erase a person: name, numbers and texts go, counts stay, no list brings them back."))(
        forget
    )


def forget(
    address: Address,
    person: Annotated[
        int, typer.Option(metavar="NUMBER", help=_("Of several people on one number, only this one."))
    ] = 0,
    everybody: Annotated[
        bool, typer.Option("--everybody", help=_("Of several people on one number, all of them."))
    ] = False,
    yes: Yes = False,
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import addresses as spelling
    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import erasing

    _channel, found = spelling.read(address)
    with opening.ledger(opening.settings()) as ledger:
        chosen = _chosen(erasing.behind(ledger, found), person, everybody=everybody)
        for one in chosen:
            speaking.note(f"{one.name or _('(no name)')} · {one.area}")
        if not yes and speaking.confirm(_("Erase for good? Nothing brings this back. [y/n]")) != "yes":
            speaking.note(_("Nothing was changed; --yes does it without asking."))
            raise typer.Exit(1)
        ids = [one.person_id for one in chosen]
        done = erasing.forget(ledger, found, people=ids, who=opening.who(who), now=opening.now())
    if as_json:
        speaking.answer(asdict(done))
        return
    speaking.say(ngettext("{n} person was erased.", "{n} people were erased.", done.people))
    speaking.say(
        _(
            "{addresses} addresses, {lists} list entries and the texts of {messages} messages are gone; "
            "the counts stay.",
            addresses=done.addresses, lists=done.lists, messages=done.messages,
        )
    )  # fmt: skip
    speaking.note(_("Their rows still stand in the files of contacts/: take them out there too."))


def _chosen(found: tuple[Behind, ...], person: int, *, everybody: bool) -> tuple[Behind, ...]:
    """Say who is meant. Raises Unknown when that is not clear."""
    from dispatcher.cli.opening import Unknown

    if person:
        found = tuple(one for one in found if one.person_id == person)
        if not found:
            raise Unknown(_("nobody with number {person} has this address", person=person))
    if len(found) > 1 and not everybody:
        names = "; ".join(f"{one.person_id}: {one.name or _('(no name)')}, {one.area}" for one in found)
        raise Unknown(
            _("several people have this address ({names}); say --person NUMBER or --everybody", names=names)
        )
    return found
