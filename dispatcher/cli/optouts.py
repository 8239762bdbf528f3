"""`optout`: who does not want messages. It counts from the next batch on, and no load brings anybody back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import Address, AsJson, Full, Who
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.feedback.refusals import Taken
    from dispatcher.ledger import Ledger
    from dispatcher.ledger.consent import Suppressed
    from dispatcher.settings import Settings

Scope = Annotated[
    str, typer.Option(metavar="SCOPE", help=_("all, campaign:NAME or audience:NAME: what it holds for."))
]
Words = Annotated[str, typer.Option(metavar="WORDS", help=_("What they said, for the record."))]


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    group = typer.Typer(
        no_args_is_help=True, help=_("Who does not want messages: add, remove, list, import.")
    )
    group.command("add", help=_("Write no more to these addresses."))(add_)
    group.command("remove", help=_("Write to an address again; only when its holder asked for it."))(remove)
    group.command("list", help=_("Who is not written to, and why."))(list_)
    group.command("import", help=_("Write no more to anybody in a list."))(import_)
    app.add_typer(group, name="optout")


def add_(
    addresses: Annotated[list[str], typer.Argument(help=_("Numbers or e-mail addresses."))],
    scope: Scope = "all",
    words: Words = "",
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import addresses as spelling
    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import consent
    from dispatcher.ledger.consent import OptOut

    settings = opening.settings()
    scope = _scope(settings, scope)
    read = [spelling.read(given) for given in addresses]
    wishes = [
        OptOut(channel=channel, address=address, scope=scope, who=opening.who(who), how="cli", words=words)
        for channel, address in read
    ]
    with opening.ledger(settings) as ledger:
        news = consent.opt_out(ledger, wishes, now=opening.now())
    if as_json:
        speaking.answer({"addresses": [address for _channel, address in read], "new": news, "scope": scope})
        return
    speaking.say(
        ngettext(
            "{n} address is not written to any more.", "{n} addresses are not written to any more.", news
        )
        if news
        else _("That was known already; nothing changed.")
    )


def remove(address: Address, scope: Scope = "", who: Who = "", as_json: AsJson = False) -> None:
    from dispatcher.cli import addresses as spelling
    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import consent, erasing
    from dispatcher.report import words

    settings = opening.settings()
    scope = _scope(settings, scope) if scope else ""
    channel, found = spelling.read(address)
    with opening.ledger(settings) as ledger:
        stops = [one for one in consent.suppressed(ledger, address=found) if scope in {"", one.scope}]
        for one in stops:
            consent.remove(
                ledger,
                channel=channel,
                address=found,
                scope=one.scope,
                who=opening.who(who),
                now=opening.now(),
            )
        forgotten = 0 if scope else erasing.readmit(ledger, found, who=opening.who(who), now=opening.now())
    lifted = len(stops) + forgotten
    if as_json:
        speaking.answer(
            {"address": found, "lifted": [one.scope for one in stops], "readmitted": bool(forgotten)}
        )
    elif lifted:
        speaking.say(ngettext("{n} stop was lifted.", "{n} stops were lifted.", lifted))
        for one in stops:
            speaking.note(f"{words.scope(one.scope)}: {words.reason(one.reason)}")
    else:
        speaking.say(_("Nothing stops messages to this address."))
    raise typer.Exit(0 if lifted else 1)


def list_(
    address: Annotated[str, typer.Argument(help=_("Only this one."), show_default=False)] = "",
    full: Full = False,
    as_json: AsJson = False,
) -> None:
    from dataclasses import asdict

    from dispatcher.cli import addresses as spelling
    from dispatcher.cli import opening, speaking
    from dispatcher.report import words
    from dispatcher.vietnamese.dates import VIETNAM

    wanted = spelling.read(address)[1] if address else ""
    with opening.ledger(opening.settings()) as ledger:
        found = list(_all(ledger, wanted))
    if as_json:
        speaking.answer([{**asdict(one), "at": one.at.isoformat()} for one in found])
        return
    if not found:
        speaking.say(_("Nobody is listed."))
        return
    speaking.draw(
        (_("address"), _("for"), _("why"), _("since"), _("how"), _("who")),
        [
            (
                speaking.shown(one.address, full=full), words.scope(one.scope), words.reason(one.reason),
                f"{one.at.astimezone(VIETNAM):%d/%m/%Y %H:%M}", words.how(one.how),
                speaking.shown(one.who, full=full) if one.who == one.address else one.who,
            )
            for one in found
        ],
    )  # fmt: skip


def import_(
    file: Annotated[Path, typer.Argument(help=_("A list with numbers or e-mail addresses."))],
    scope: Scope = "all",
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.feedback import refusals

    settings = opening.settings()
    scope = _scope(settings, scope)
    if not file.is_file():
        raise typer.BadParameter(_("there is no file {file}", file=file))
    with opening.ledger(settings) as ledger:
        done = refusals.take(ledger, file, scope=scope, who=opening.who(who), now=opening.now())
    if as_json:
        speaking.answer(
            {
                "rows": done.rows,
                "addresses": done.addresses,
                "new": done.new,
                "unread": [{"row": row.row, "reasons": list(row.reasons)} for row in done.unread],
                "problems": speaking.problem_values(done.problems),
            }
        )
    else:
        _draw_import(done)
    speaking.problems(done.problems)
    raise typer.Exit(1 if done.unread or done.problems else 0)


def _draw_import(done: Taken) -> None:
    from dispatcher.cli import speaking
    from dispatcher.contacts.account import sentence

    speaking.say(
        _(
            "{rows} rows read, {addresses} addresses found, {new} of them new.",
            rows=speaking.number(done.rows), addresses=speaking.number(done.addresses),
            new=speaking.number(done.new),
        )
    )  # fmt: skip
    if done.unread:
        speaking.heading(_("Rows without an address that can be used"))
        rows = [
            (row.row, row.contact.name if row.contact else "", "; ".join(map(sentence, row.reasons)))
            for row in done.unread
        ]
        speaking.draw((_("row"), _("name"), _("why")), rows, right=(0,))


def _all(ledger: Ledger, address: str) -> Iterator[Suppressed]:
    from dispatcher.ledger import consent

    after: tuple[str, str, str] | None = None
    while page := consent.suppressed(ledger, address=address, after=after):
        yield from page
        after = (page[-1].channel, page[-1].address, page[-1].scope)


def _scope(settings: Settings, scope: str) -> str:
    """Check what an opt-out is to hold for. Raises Unknown."""
    from dispatcher.cli import opening

    if scope == "all":
        return scope
    kind, _colon, name = scope.partition(":")
    if kind not in {"campaign", "audience"}:
        raise typer.BadParameter(_("write all, campaign:NAME or audience:NAME"), param_hint="--scope")
    schedules = opening.edition(settings).schedules
    if kind == "campaign":
        return f"campaign:{opening.campaign(schedules, name).name}"
    missing = _("there is no audience {name}", name=repr(name))
    return f"audience:{opening.known(name, schedules.audiences, missing)}"
