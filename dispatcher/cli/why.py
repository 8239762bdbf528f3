"""`why`: the life of one address, every step of it with its reason."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.cli.options import Address, AsJson, Full
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.ledger.books import Life, LifeMessage, LifePerson


def add(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("The life of one person: list and row, each step, why sent or not, text, events."))(
        why
    )


def why(
    address: Address,
    campaign: Annotated[str, typer.Option(metavar="CAMPAIGN", help=_("Only this campaign."))] = "",
    full: Full = False,
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import addresses, opening, speaking
    from dispatcher.ledger import books

    found = addresses.read(address)[1]
    with opening.ledger(opening.settings()) as ledger:
        life = books.life(ledger, found)
    messages = [one for one in life.messages if campaign in {"", one.campaign}]
    known = bool(life.people or life.messages or life.suppressions)
    if as_json:
        speaking.answer(_value(life, messages))
    elif not known:
        speaking.say(_("Nobody in the ledger has this address, and nothing was ever sent to it."))
    else:
        _draw(life, messages, full=full)
    raise typer.Exit(0 if known else 1)


def _value(life: Life, messages: list[LifeMessage]) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "address": life.address,
        "people": [_person_value(one) for one in life.people],
        "suppressions": [
            dict(zip(("scope", "reason", "at", "who", "how"), one, strict=True)) for one in life.suppressions
        ],
        "messages": [
            {
                **asdict(one),
                "attempts": [
                    dict(zip(("no", "outcome", "code", "detail"), item, strict=True)) for item in one.attempts
                ],
                "events": [
                    dict(zip(("at", "status", "code", "result"), item, strict=True)) for item in one.events
                ],
            }
            for one in messages
        ],
    }


def _person_value(person: LifePerson) -> dict[str, Any]:
    return {
        "person": person.person_id,
        "name": person.name,
        "area": person.area,
        "addresses": [address for _channel, address, _rank in person.addresses],
        "lists": [
            dict(zip(("audience", "file", "sheet", "row", "state", "note"), one, strict=True))
            for one in person.lists
        ],
        "took_part": [
            dict(zip(("campaign", "at", "source"), one, strict=True)) for one in person.participations
        ],
    }


def _draw(life: Life, messages: list[LifeMessage], *, full: bool) -> None:
    from dispatcher.cli import speaking
    from dispatcher.report import words

    speaking.heading(speaking.shown(life.address, full=full))
    for person in life.people:
        _draw_person(person, full=full)
    for scope, reason, at, who, how in life.suppressions:
        by = speaking.shown(who, full=full) if who == life.address else who
        speaking.say(
            f"✗ {_when(at)} {words.reason(reason)} ({words.scope(scope)}; {words.how(how)}, {by})",
            style="yellow",
        )
    if not life.suppressions:
        speaking.say(_("They have not said no."))
    if not messages:
        speaking.say(_("Nothing was sent or planned so far."))
    for message in messages:
        _draw_message(message, shared=message.address != life.address, full=full)


def _draw_person(person: LifePerson, *, full: bool) -> None:
    from dispatcher.cli import speaking
    from dispatcher.report import words

    speaking.say(" · ".join(filter(None, (person.name or _("(no name)"), person.area))), style="bold")
    for audience, file, sheet, row, state, note in person.lists:
        place = " · ".join(filter(None, (file, sheet)))
        line = _(
            "{audience}: {file}, row {row} ({state})",
            audience=audience, file=place, row=row, state=words.said(words.CONTACT_STATES, state),
        )  # fmt: skip
        speaking.say(f"  {line}" + (f" “{note}”" if note else ""))
    others = [speaking.shown(value, full=full) for _kind, value, _rank in person.addresses]
    if len(others) > 1:
        label = _("addresses")
        speaking.say(f"  {label}: {', '.join(others)}")
    for name, at, source in person.participations:
        speaking.say(
            "  ✓ "
            + _("took part in {campaign} on {day} ({source})", campaign=name, day=_when(at), source=source),
            style="green",
        )


def _draw_message(message: LifeMessage, *, shared: bool, full: bool) -> None:
    from dispatcher.cli import speaking
    from dispatcher.report import words

    speaking.say("")
    said = words.status(message.status) + (f": {words.reason(message.reason)}" if message.reason else "")
    to = f" → {speaking.shown(message.address, full=full)}" if shared else ""
    step = f"{message.campaign}/{message.step} · {speaking.channel(message.channel)}"
    speaking.say(f"{_when(message.began)} {step}{to}: {said}", style="bold")
    if message.words:
        cost = f"{speaking.parts(message.parts)}, {speaking.money(message.vnd)}"
        sent = _when(message.submitted_at) if message.submitted_at else ""
        words_shown = message.words if len(message.words) < 600 else message.words[:600] + " …"
        speaking.bubble(words_shown, title=sent, foot=cost if message.channel == "sms" else "")
    for number, outcome, code, detail in message.attempts:
        came_to = words.said(words.OUTCOMES, outcome)
        line = " ".join(filter(None, (_("try {n}:", n=number), came_to, code, detail)))
        speaking.say(f"  {line}", style="dim")
    for at, status, code, result in message.events:
        said = words.status(status) + (f" ({words.reason(code)})" if code else "")
        line = "  ".join(filter(None, (_when(at), said, words.result(result))))
        speaking.say(f"  {line}", style="dim")
    if message.provider_id:
        speaking.say(f"  {message.provider_id}", style="dim")
    if message.conflict:
        speaking.say("  " + _("the provider reported it as failed and as delivered"), style="yellow")


def _when(at: datetime) -> str:
    from dispatcher.vietnamese.dates import VIETNAM

    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
