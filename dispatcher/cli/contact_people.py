"""`contacts find`, `joins`, `split`: people by their name, and namesakes that were taken for one."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import FullOption, JsonOption, WhoOption, YesOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.ledger.queries.people_search import FoundPerson, ListPlace


def register(group: typer.Typer) -> None:
    """Register the commands with those of `contacts`."""
    group.command("find", help=_("Who is called so, with or without a number: lists, thôn, participation."))(
        find
    )
    group.command("joins", help=_("Whom loads took for one person because of name and thôn."))(joins)
    group.command("split", help=_("Make two people again of those who were taken for one."))(split)


def find(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=_("A name, or the end of one; accents may lack."))
    ],
    full: FullOption = False,
    as_json: JsonOption = False,
) -> None:
    from dataclasses import asdict

    from dispatcher.cli import console, context
    from dispatcher.ledger.queries import people_search

    settings = context.settings()
    with context.ledger(settings) as ledger:
        found = people_search.by_name(ledger, name)
        protected = frozenset() if full else context.protected_audiences(settings, ledger)
        if found:
            context.record_view(ledger, "people", in_full=full or as_json)
    if as_json:
        console.print_json([asdict(one) for one in found])
        raise typer.Exit(0 if found else 1)
    found = tuple(one for one in found if not one.lists or _open_lists(one, protected))
    if protected:  # said to everybody, so that it tells of nobody
        console.print_note(_("Whom only protected lists have is left out; --full shows them."))
    if not found:
        console.print_line(_("Nobody in the lists is called so."))
    else:
        console.print_table(
            (_("number"), _("name"), _("thôn"), _("telephone or mail"), _("list"), _("took part in")),
            [_found_row(one, full=full, protected=protected) for one in found],
        )
    raise typer.Exit(0 if found else 1)


def _open_lists(one: FoundPerson, protected: Collection[str]) -> list[ListPlace]:
    return [place for place in one.lists if place.audience not in protected]


def _found_row(one: FoundPerson, *, full: bool, protected: Collection[str]) -> tuple[object, ...]:
    from dispatcher.cli import console
    from dispatcher.report import labels

    reached = ", ".join(console.format_address(value, full=full) for value in one.addresses)
    lists = "; ".join(
        _("{file}, row {row}", file=place.file, row=place.row)
        + ("" if place.state == "active" else f" ({labels.label(labels.CONTACT_STATES, place.state)})")
        for place in _open_lists(one, protected)
    )
    return (
        one.person_id,
        one.name,
        one.area,
        reached or _("no usable address"),
        lists,
        ", ".join(one.campaigns),
    )


def joins(as_json: JsonOption = False) -> None:
    from dispatcher.cli import console, context, import_report_view
    from dispatcher.ledger.recipients import people_joins

    with context.ledger(context.settings()) as ledger:
        past = people_joins.past_joins(ledger)
        if past:
            context.record_view(ledger, "joins")
    if as_json:
        console.print_json([import_report_view.joined_as_json(one) for one in past])
    elif not past:
        console.print_line(_("Nobody was taken for somebody else because of the name."))
    else:
        import_report_view.print_joined(past)


def split(
    number: Annotated[
        int, typer.Argument(metavar="NUMBER", help=_("As `contacts joins` and `contacts load` show it."))
    ],
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context, import_report_view
    from dispatcher.ledger.recipients import people_joins

    with context.ledger(context.settings()) as ledger:
        console.require_confirmation(_("Make two people of them again? [y/n]"), yes=yes)
        done = people_joins.split(ledger, number, who=context.acting_user(who), now=context.now())
    if as_json:
        console.print_json(import_report_view.joined_as_json(done))
        return
    console.print_line(
        _(
            "{name} ({file}, row {row}) is somebody else from now on. "
            "Messages and stops so far stay with the other.",
            name=done.name, file=done.file, row=done.row,
        )
    )  # fmt: skip
