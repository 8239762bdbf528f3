"""`rights`: what people ask about their own data, by when it is to be done, and doing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.cli.options import AddressArgument, FullOption, JsonOption, WhoOption, YesOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.ledger import Ledger
    from dispatcher.ledger.privacy.rights_requests import RightsRequest

NumberArgument = Annotated[
    int, typer.Argument(metavar="NUMBER", help=_("The request's number, as `rights` shows it."))
]
BecauseOption = Annotated[
    str, typer.Option("--because", metavar="WORDS", help=_("Why; whoever asked is told."))
]
ToldOption = Annotated[bool, typer.Option("--told", help=_("Whoever asked has been told, too."))]


def register(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(
        invoke_without_command=True,
        help=_("What people ask about their own data: what is due, taking it down, doing it."),
    )
    group.callback()(list_)
    group.command("take", help=_("Take a request down; a restriction and an objection hold at once."))(take)
    group.command("done", help=_("Do what was asked: put right, erase; of an access: it was handed over."))(
        done
    )
    group.command("refuse", help=_("Refuse a request, with the reason."))(refuse)
    group.command("extend", help=_("Put its day off, once, by as many days again."))(extend)
    group.command("told", help=_("Whoever asked was told how it stands."))(told)
    group.command("lift", help=_("End a restriction: they may be written to again."))(lift)
    app.add_typer(group, name="rights")


def list_(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help=_("Also what was dealt with."))] = False,
    full: FullOption = False,
    as_json: JsonOption = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    from dispatcher.cli import console
    from dispatcher.cli import context as work
    from dispatcher.ledger.privacy import rights_requests

    settings = work.settings()
    with work.ledger(settings) as ledger:
        schedules = work.usable_configuration(settings, ledger).schedules
        found = list(rights_requests.waiting(ledger))
        found += rights_requests.past(ledger) if everything else ()
        if found and (full or as_json):
            work.record_view(ledger, "rights")
    now = work.now()
    late = [one for one in found if one.next_due is not None and one.next_due < now]
    if as_json:
        console.print_json([_as_json(one) for one in found])
    elif not found:
        console.print_line(_("Nobody waits for an answer about their data."))
    else:
        _print(found, schedules, now=now, full=full)
    raise typer.Exit(1 if late else 0)


def take(
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", help=_("access, correction, restriction, objection or erasure.")),
    ],
    address: AddressArgument,
    words: Annotated[str, typer.Option(metavar="WORDS", help=_("What they said, for the record."))] = "",
    received: Annotated[
        str, typer.Option(metavar="DAY", help=_("The day it came, when that was not today."))
    ] = "",
    person: Annotated[
        int, typer.Option(metavar="NUMBER", help=_("Of several people on one number, this one."))
    ] = 0,
    scope: Annotated[
        str,
        typer.Option(metavar="SCOPE", help=_("objection: all, campaign:NAME, audience:NAME or advertising.")),
    ] = "all",
    name: Annotated[str, typer.Option(metavar="NAME", help=_("correction: the right name."))] = "",
    phone: Annotated[str, typer.Option(metavar="NUMBER", help=_("correction: the right number."))] = "",
    email: Annotated[str, typer.Option(metavar="MAIL", help=_("correction: the right mail address."))] = "",
    area: Annotated[str, typer.Option(metavar="THÔN", help=_("correction: the right thôn."))] = "",
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context, optout
    from dispatcher.ledger.privacy import rights_requests
    from dispatcher.ledger.privacy.rights_requests import NewRequest
    from dispatcher.ledger.recipients import corrections

    settings, (channel, normalised) = context.settings(), context.parse_address(address)
    missing = _("there is no request of kind {kind}", kind=repr(kind))
    chosen = context.match_name(kind, rights_requests.KINDS, missing)
    scope = optout.parse_scope(settings, scope)
    given = {"name": name, "phone": phone, "email": email, "area": area}
    with context.ledger(settings) as ledger:
        schedules = context.usable_configuration(settings, ledger).schedules
        asked = NewRequest(
            kind=next(one for one in rights_requests.KINDS if one == chosen), channel=channel,
            address=normalised, person_id=_choose_person(ledger, normalised, person), scope=scope,
            wanted=corrections.read_wanted(
                {field: value for field, value in given.items() if value}, areas=schedules.areas
            ),
            words=words, received_at=_received_at(received, schedules),
        )  # fmt: skip
        taken = rights_requests.take(
            ledger, asked, schedules.rights, zone=schedules.timezone, who=context.acting_user(who),
            how="cli", now=context.now(),
        )  # fmt: skip
    if as_json:
        console.print_json(_as_json(taken))
        return
    console.print_line(_("Request {n} was taken down.", n=taken.id))
    if taken.state == "done":
        console.print_line(_("It holds from now on."))
    _print([taken], schedules, now=context.now(), full=False)


def _choose_person(ledger: Ledger, address: str, person: int) -> int:
    """Return who is meant; 0 when no list has the address. Raises NotFound when that is not clear."""
    from dispatcher.cli.context import NotFound
    from dispatcher.ledger.privacy import erasure

    owners = erasure.owners_of(ledger, address)
    if person:
        if person not in {one.person_id for one in owners}:
            raise NotFound(_("nobody with number {person} has this address", person=person))
        return person
    if len(owners) > 1:
        named = "; ".join(f"{one.person_id}: {one.name or _('(no name)')}, {one.area}" for one in owners)
        raise NotFound(_("several people have this address ({names}); say --person NUMBER", names=named))
    return owners[0].person_id if owners else 0


def _received_at(text: str, schedules: Schedules) -> datetime:
    from dispatcher.cli import context

    now, day = context.now(), context.parse_day(text, "--received")
    if day is None:
        return now
    if day > schedules.to_local(now).date():
        raise typer.BadParameter(_("{day} is still to come", day=text), param_hint="--received")
    return min(now, datetime.combine(day, time(12), schedules.timezone).astimezone(UTC))


def done(
    number: NumberArgument,
    is_told: ToldOption = False,
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.privacy import rights_requests

    settings = context.settings()
    with context.ledger(settings) as ledger:
        asked = rights_requests.find(ledger, number)
        if asked.kind == "erasure" and asked.state == "open":
            console.print_note(asked.name or _("(no name)"))
            console.require_confirmation(_("Erase for good? Nothing brings this back. [y/n]"), yes=yes)
        areas = context.usable_configuration(settings, ledger).schedules.areas
        rights_requests.carry_out(
            ledger, number, areas=areas, who=context.acting_user(who), now=context.now()
        )
    _change(number, None, is_told=is_told, who=who, as_json=as_json)


def refuse(
    number: NumberArgument,
    because: BecauseOption = "",
    is_told: ToldOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.ledger.privacy import rights_requests

    def act(ledger: Ledger, _schedules: Schedules, acting: str, now: datetime) -> None:
        rights_requests.refuse(ledger, number, because, who=acting, now=now)

    _change(number, act, is_told=is_told, who=who, as_json=as_json)


def extend(
    number: NumberArgument,
    because: BecauseOption = "",
    is_told: ToldOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.ledger.privacy import rights_requests

    def act(ledger: Ledger, schedules: Schedules, acting: str, now: datetime) -> None:
        rights_requests.extend(ledger, number, because, schedules.rights, who=acting, now=now)

    _change(number, act, is_told=is_told, who=who, as_json=as_json)


def told(number: NumberArgument, who: WhoOption = "", as_json: JsonOption = False) -> None:
    _change(number, None, is_told=True, who=who, as_json=as_json)


def lift(
    number: NumberArgument, yes: YesOption = False, who: WhoOption = "", as_json: JsonOption = False
) -> None:
    from dispatcher.cli import console
    from dispatcher.ledger.privacy import rights_requests

    console.require_confirmation(_("Write to them again? [y/n]"), yes=yes)

    def act(ledger: Ledger, _schedules: Schedules, acting: str, now: datetime) -> None:
        rights_requests.lift(ledger, number, who=acting, now=now)

    _change(number, act, is_told=False, who=who, as_json=as_json)


def _change(
    number: int,
    act: Callable[[Ledger, Schedules, str, datetime], None] | None,
    *,
    is_told: bool,
    who: str,
    as_json: bool,
) -> None:
    """Do something about a request, and show how it stands."""
    from dispatcher.cli import console, context
    from dispatcher.ledger.privacy import rights_requests

    settings = context.settings()
    with context.ledger(settings) as ledger:
        schedules = context.usable_configuration(settings, ledger).schedules
        acting, now = context.acting_user(who), context.now()
        if act is not None:
            act(ledger, schedules, acting, now)
        if is_told:
            rights_requests.mark_answered(ledger, number, who=acting, now=now)
        stands = rights_requests.find(ledger, number)
    if as_json:
        console.print_json(_as_json(stands))
    else:
        _print([stands], schedules, now=context.now(), full=False)


def _as_json(request: RightsRequest) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(request), "next_due": request.next_due}


def _print(requests: Iterable[RightsRequest], schedules: Schedules, *, now: datetime, full: bool) -> None:
    from dispatcher.cli import console
    from dispatcher.report import labels

    def day(at: datetime) -> str:
        return f"{schedules.to_local(at):%d/%m/%Y}"

    def due(one: RightsRequest) -> str:
        if one.next_due is None:
            return _("nothing more")
        what = _("tell them") if one.answered_at is None and one.next_due == one.answer_by else _("do it")
        late = _("LATE: ") if one.next_due < now else ""
        return f"{late}{what} {day(one.next_due)}"

    console.print_table(
        (_("number"), _("who"), _("address"), _("asks"), _("came"), _("how it stands"), _("next, by")),
        [
            (
                str(one.id), one.name, console.format_address(one.address, full=full) if one.address else "",
                labels.label(labels.REQUEST_KINDS, one.kind), day(one.received_at),
                labels.request_state(one), due(one),
            )
            for one in requests
        ],
    )  # fmt: skip
