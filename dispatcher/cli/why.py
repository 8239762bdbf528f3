"""`why`: the history of one address, every message with its reason."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.cli.options import AddressArgument, FullOption, JsonOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.errors import Problem
    from dispatcher.ledger import Ledger
    from dispatcher.ledger.queries.address_history import AddressHistory, HistoryMessage, HistoryPerson
    from dispatcher.settings import Settings


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("The life of one person: list and row, each step, why sent or not, text, events."))(
        why
    )


def why(
    address: AddressArgument,
    campaign: Annotated[str, typer.Option(metavar="CAMPAIGN", help=_("Only this campaign."))] = "",
    full: FullOption = False,
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.queries import address_history
    from dispatcher.report import formatting

    normalised, settings = context.parse_address(address)[1], context.brake_settings()
    with context.ledger(settings) as ledger:
        history = address_history.load(ledger, normalised)
        undecided = _undecided(settings, ledger, history)
        protected = context.protected_audiences(settings, ledger)
        subject = formatting.mask_address(normalised)
        context.record_view(ledger, "history", subject, in_full=full or as_json)
    messages = [one for one in history.messages if campaign in {"", one.campaign}]
    known = bool(history.people or history.messages or history.suppressions)
    if as_json:
        console.print_json(
            _history_as_json(history, messages) | {"undecided": console.problems_as_json(undecided)}
        )
    elif not known:
        console.print_line(_("Nobody in the ledger has this address, and nothing was ever sent to it."))
    else:
        hidden = frozenset() if full else protected
        _print_history(history, messages, undecided, full=full, protected=hidden)
    raise typer.Exit(0 if known else 1)


def _undecided(settings: Settings, ledger: Ledger, history: AddressHistory) -> list[Problem]:
    """Return what keeps these people from being written to until somebody decides, as far as that is known.

    Why an address was not written to is told also when schedules.toml cannot be read.
    """
    from dispatcher import kept_configuration
    from dispatcher.errors import ConfigurationError
    from dispatcher.report import orphans

    try:
        config = kept_configuration.load_or_kept(ledger, settings, None).config
    except ConfigurationError:
        return []
    return orphans.of_address(ledger, config.schedules, history)


def _history_as_json(history: AddressHistory, messages: list[HistoryMessage]) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "address": history.address,
        "people": [_person_as_json(one) for one in history.people],
        "suppressions": [
            dict(zip(("scope", "reason", "at", "who", "how"), one, strict=True))
            for one in history.suppressions
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


def _person_as_json(person: HistoryPerson) -> dict[str, Any]:
    return {
        "person": person.person_id,
        "name": person.name,
        "area": person.area,
        "addresses": [address for _channel, address, _rank in person.addresses],
        "lists": [
            dict(zip(("audience", "file", "sheet", "row", "state", "note"), one, strict=True))
            for one in person.lists
        ],
        "restricted_at": person.restricted_at,
        "took_part": [
            dict(zip(("campaign", "at", "source"), one, strict=True)) for one in person.participations
        ],
    }


def _print_history(
    history: AddressHistory,
    messages: list[HistoryMessage],
    undecided: list[Problem],
    *,
    full: bool,
    protected: Collection[str],
) -> None:
    from dispatcher.cli import console
    from dispatcher.report import labels

    console.print_heading(console.format_address(history.address, full=full))
    for person in history.people:
        _print_person(person, full=full, protected=protected)
    for scope, reason, at, who, how in history.suppressions:
        by = console.format_address(who, full=full) if who == history.address else who
        console.print_line(
            f"✗ {_when(at)} {labels.reason(reason)}"
            f" ({console.format_scope(scope, protected)}; {labels.opt_out_source(how)}, {by})",
            style="yellow",
        )
    if not history.suppressions:
        console.print_line(_("They have not said no."))
    for problem in undecided:
        if problem.where.removeprefix("audience.") not in protected:
            console.print_line(f"! {problem.what}. {problem.remedy}", style="bold red")
    if not messages:
        console.print_line(_("Nothing was sent or planned so far."))
    for message in messages:
        may_read = message.audience not in protected
        _print_message(message, shared=message.address != history.address, full=full, may_read=may_read)
    if protected:  # said to everybody, so that it tells of nobody
        console.print_note(
            _("Names, lists and words of protected audiences are left out; --full shows them.")
        )


def _print_person(person: HistoryPerson, *, full: bool, protected: Collection[str]) -> None:
    from dispatcher.cli import console
    from dispatcher.report import labels

    lists = [entry for entry in person.lists if entry[0] not in protected]
    name = person.name or _("(no name)") if lists == list(person.lists) else _("(name not shown)")
    console.print_line(" · ".join(filter(None, (name, person.area))), style="bold")
    if person.restricted_at is not None:
        words = _(
            "Nobody writes to them since {moment}: they asked for it.", moment=_when(person.restricted_at)
        )
        console.print_line(f"✗ {words}", style="yellow")
    for audience, file, sheet, row, state, note in lists:
        place = " · ".join(filter(None, (file, sheet)))
        line = _(
            "{audience}: {file}, row {row} ({state})",
            audience=audience,
            file=place,
            row=row,
            state=labels.label(labels.CONTACT_STATES, state),
        )
        console.print_line(f"  {line}" + (f" “{note}”" if note else ""))
    others = [console.format_address(value, full=full) for _kind, value, _rank in person.addresses]
    if len(others) > 1:
        label = _("addresses")
        console.print_line(f"  {label}: {', '.join(others)}")
    for name, at, source in person.participations:
        console.print_line(
            "  ✓ "
            + _("took part in {campaign} on {day} ({source})", campaign=name, day=_when(at), source=source),
            style="green",
        )


def _print_message(message: HistoryMessage, *, shared: bool, full: bool, may_read: bool) -> None:
    from dispatcher.cli import console
    from dispatcher.report import labels

    console.print_line("")
    label = labels.status(message.status) + (f": {labels.reason(message.reason)}" if message.reason else "")
    to = f" → {console.format_address(message.address, full=full)}" if shared else ""
    step = f"{message.campaign}/{message.step} · {console.channel_label(message.channel)}"
    console.print_line(f"{_when(message.scheduled_at)} {step}{to}: {label}", style="bold")
    if message.words and may_read:
        cost = f"{console.format_parts(message.parts)}, {console.format_money(message.vnd)}"
        sent = _when(message.submitted_at) if message.submitted_at else ""
        words_shown = message.words if len(message.words) < 600 else message.words[:600] + " …"
        console.print_bubble(words_shown, title=sent, footer=cost if message.channel == "sms" else "")
    for number, outcome, code, detail in message.attempts:
        outcome_label = labels.label(labels.ATTEMPT_OUTCOMES, outcome)
        line = " ".join(filter(None, (_("try {n}:", n=number), outcome_label, code, detail)))
        console.print_line(f"  {line}", style="dim")
    for at, status, code, result in message.events:
        label = labels.status(status) + (f" ({labels.reason(code)})" if code else "")
        line = "  ".join(filter(None, (_when(at), label, labels.report_result(result))))
        console.print_line(f"  {line}", style="dim")
    if message.provider_id:
        console.print_line(f"  {message.provider_id}", style="dim")
    if message.conflict:
        console.print_line("  " + _("the provider reported it as failed and as delivered"), style="yellow")


def _when(at: datetime) -> str:
    from dispatcher.vietnamese.dates import VIETNAM

    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
