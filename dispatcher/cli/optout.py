"""`optout`: who does not want messages. It counts within two seconds, and no load brings anybody back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import AddressArgument, FullOption, JsonOption, WhoOption, YesOption
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.feedback.opt_out_lists import OptOutImport
    from dispatcher.ledger import Ledger
    from dispatcher.ledger.recipients.suppressions import Suppression
    from dispatcher.ledger.renames import Ended
    from dispatcher.settings import Settings

ScopeOption = Annotated[
    str,
    typer.Option(
        metavar="SCOPE", help=_("all, campaign:NAME, audience:NAME or advertising: what it holds for.")
    ),
]
WordsOption = Annotated[str, typer.Option(metavar="WORDS", help=_("What they said, for the record."))]


def register(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(
        no_args_is_help=True, help=_("Who does not want messages: add, remove, list, import.")
    )
    group.command("add", help=_("Write no more to these addresses."))(add_)
    group.command("remove", help=_("Write to an address again; only when its holder asked for it."))(remove)
    group.command("list", help=_("Who is not written to, and why."))(list_)
    group.command("import", help=_("Write no more to anybody in a list."))(import_)
    group.command("end", help=_("Lift what was said about a campaign or audience that is over."))(end)
    app.add_typer(group, name="optout")


def add_(
    addresses: Annotated[list[str], typer.Argument(help=_("Numbers or e-mail addresses."))],
    scope: ScopeOption = "all",
    words: WordsOption = "",
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.recipients import suppressions
    from dispatcher.ledger.recipients.suppressions import OptOut

    del yes  # a no is never asked about: it is taken back as easily
    settings = context.brake_settings()
    scope = parse_scope(settings, scope)
    parsed = [context.parse_address(text) for text in addresses]
    opt_outs = [
        OptOut(
            channel=channel,
            address=address,
            scope=scope,
            who=context.acting_user(who),
            how="cli",
            words=words,
        )
        for channel, address in parsed
    ]
    with context.ledger(settings) as ledger:
        new = suppressions.opt_out(ledger, opt_outs, now=context.now())
    if as_json:
        console.print_json(
            {"addresses": [address for _channel, address in parsed], "new": new, "scope": scope}
        )
        return
    console.print_line(
        ngettext("{n} address is not written to any more.", "{n} addresses are not written to any more.", new)
        if new
        else _("That was known already; nothing changed.")
    )


def remove(
    address: AddressArgument,
    scope: ScopeOption = "",
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.privacy import erasure
    from dispatcher.ledger.recipients import suppressions
    from dispatcher.report import labels

    settings = context.brake_settings()
    with context.ledger(settings) as ledger:
        # As it stands in the list, whatever it is: whoever is stopped can be let go.
        found = suppressions.find(ledger, address=address)
        channel, normalised = (
            (found[0].channel, found[0].address) if found else context.parse_address(address)
        )
        found = found or suppressions.find(ledger, address=normalised)
        if scope and scope not in {
            one.scope for one in found
        }:  # one that is gone from the file may be lifted
            scope = parse_scope(settings, scope)
        active = [one for one in found if scope in {"", one.scope}]
        console.require_confirmation(_("Write to this address again? [y/n]"), yes=yes)
        for one in active:
            suppressions.remove(
                ledger,
                channel=channel,
                address=normalised,
                scope=one.scope,
                who=context.acting_user(who),
                now=context.now(),
            )
        forgotten = (
            0
            if scope
            else erasure.allow_reimport(ledger, normalised, who=context.acting_user(who), now=context.now())
        )
    lifted = len(active) + forgotten
    if as_json:
        console.print_json(
            {
                "address": normalised,
                "lifted": [one.scope for one in active],
                "readmitted": bool(forgotten),
            }
        )
    elif lifted:
        console.print_line(ngettext("{n} stop was lifted.", "{n} stops were lifted.", lifted))
        for one in active:
            console.print_note(f"{labels.scope(one.scope)}: {labels.reason(one.reason)}")
    else:
        console.print_line(_("Nothing stops messages to this address."))
    raise typer.Exit(0 if lifted else 1)


def end(
    scope: Annotated[str, typer.Argument(metavar="SCOPE", help=_("campaign:NAME or audience:NAME."))],
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.campaign import stop_scopes
    from dispatcher.cli import console, context
    from dispatcher.ledger import renames

    settings = context.brake_settings()
    kind, _colon, name = scope.partition(":")
    if kind not in {"campaign", "audience"} or not name:
        raise typer.BadParameter(_("write campaign:NAME or audience:NAME"), param_hint="SCOPE")
    with context.ledger(settings) as ledger:
        if scope in stop_scopes.known_scopes(context.usable_configuration(settings, ledger).schedules):
            raise context.NotFound(_("{name} still stands in schedules.toml: it is not over", name=name))
        question = _("Lift everything that was said for {scope}? [y/n]", scope=scope)
        console.require_confirmation(question, yes=yes)
        ended = renames.end_scope(ledger, scope, who=context.acting_user(who), now=context.now())
    lifted = ended.stops + ended.freed
    if as_json:
        console.print_json({"scope": scope, "lifted": lifted})
    else:
        _print_ended(ended)
    raise typer.Exit(0 if lifted else 1)


def _print_ended(ended: Ended) -> None:
    from dispatcher.cli import console

    if ended.stops or not ended.freed:
        console.print_line(ngettext("{n} stop was lifted.", "{n} stops were lifted.", ended.stops))
    if ended.freed:
        console.print_line(
            ngettext(
                "{n} person is no longer dropped or held as retired because of it.",
                "{n} people are no longer dropped or held as retired because of it.",
                ended.freed,
            )
        )
    if ended.still_held:
        console.print_line(
            ngettext(
                "{n} person stays held for what is about themselves: dispatcher contacts held, "
                "then dispatcher contacts release or drop.",
                "{n} people stay held for what is about themselves: dispatcher contacts held, "
                "then dispatcher contacts release or drop.",
                ended.still_held,
            )
        )


def list_(
    address: Annotated[str, typer.Argument(help=_("Only this one."), show_default=False)] = "",
    full: FullOption = False,
    as_json: JsonOption = False,
) -> None:
    from dataclasses import asdict

    from dispatcher.cli import console, context
    from dispatcher.report import labels
    from dispatcher.vietnamese.dates import VIETNAM

    only_address = context.parse_address(address)[1] if address else ""
    settings = context.brake_settings()
    with context.ledger(settings) as ledger:
        suppressions = list(_all_suppressions(ledger, only_address))
        protected = frozenset() if full else context.protected_audiences(settings, ledger)
        if suppressions and (full or as_json):
            context.record_view(ledger, "opt-outs")
    if as_json:
        console.print_json([{**asdict(one), "at": one.at.isoformat()} for one in suppressions])
        return
    if not suppressions:
        console.print_line(_("Nobody is listed."))
        return
    console.print_table(
        (_("address"), _("for"), _("why"), _("since"), _("how"), _("who")),
        [
            (
                console.format_address(one.address, full=full),
                console.format_scope(one.scope, protected),
                labels.reason(one.reason),
                f"{one.at.astimezone(VIETNAM):%d/%m/%Y %H:%M}",
                labels.opt_out_source(one.how),
                console.format_address(one.who, full=full) if one.who == one.address else one.who,
            )
            for one in suppressions
        ],
    )


def import_(
    file: Annotated[Path, typer.Argument(help=_("A list with numbers or e-mail addresses."))],
    scope: ScopeOption = "all",
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.feedback import opt_out_lists

    settings = context.brake_settings()
    if not file.is_file():
        raise typer.BadParameter(_("there is no file {file}", file=file))
    scope = parse_scope(settings, scope)
    with context.ledger(settings) as ledger:
        if not as_json:
            for sentence in opt_out_lists.look(file).column_account:
                console.print_note(sentence, style="dim")
        question = _("Write no more to everybody in {file}? [y/n]", file=file.name)
        console.require_confirmation(question, yes=yes)
        done = opt_out_lists.import_list(
            ledger, file, scope=scope, who=context.acting_user(who), now=context.now()
        )
    if as_json:
        console.print_json(
            {
                "rows": done.rows,
                "addresses": done.addresses,
                "new": done.new,
                "unread": [{"row": row.row, "reasons": list(row.reasons)} for row in done.unread],
                "problems": console.problems_as_json(done.problems),
                "column_account": list(done.column_account),
            }
        )
    else:
        _print_import(done)
    console.print_problems(done.problems)
    raise typer.Exit(1 if done.problems or not done.addresses else 0)


def _print_import(done: OptOutImport) -> None:
    from dispatcher.cli import console
    from dispatcher.contacts.import_report import reason_text

    console.print_line(
        _(
            "{rows} rows read, {addresses} addresses found, {new} of them new.",
            rows=console.format_number(done.rows), addresses=console.format_number(done.addresses),
            new=console.format_number(done.new),
        )
    )  # fmt: skip
    if done.unread:
        console.print_heading(_("Rows without an address that can be used"))
        rows = [
            (row.row, row.contact.name if row.contact else "", "; ".join(map(reason_text, row.reasons)))
            for row in done.unread
        ]
        console.print_table((_("row"), _("name"), _("why")), rows, right_aligned=(0,))


def _all_suppressions(ledger: Ledger, address: str) -> Iterator[Suppression]:
    from dispatcher.ledger.recipients import suppressions

    after: tuple[str, str, str] | None = None
    while page := suppressions.find(ledger, address=address, after=after):
        yield from page
        after = (page[-1].channel, page[-1].address, page[-1].scope)


def parse_scope(settings: Settings, scope: str) -> str:
    """Check what an opt-out is to hold for. Raises NotFound."""
    from dispatcher.campaign import stop_scopes
    from dispatcher.cli import context

    if scope in {stop_scopes.ALL, stop_scopes.ADVERTISING}:
        return scope
    kind, _colon, name = scope.partition(":")
    if kind not in {"campaign", "audience"}:
        raise typer.BadParameter(
            _("write all, campaign:NAME, audience:NAME or advertising"), param_hint="--scope"
        )
    with context.ledger(settings) as ledger:
        config = context.usable_configuration(settings, ledger)
        if kind == "campaign":
            return f"campaign:{context.campaign_name(config, ledger, name)}"
    schedules = config.schedules
    missing = _("there is no audience {name}", name=repr(name))
    return f"audience:{context.match_name(name, schedules.audiences, missing)}"
