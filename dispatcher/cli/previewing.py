"""`preview`: the words of a step, for a real row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.cli.options import AsJson, Campaign
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.edition import Edition
    from dispatcher.message import Recipient
    from dispatcher.message.preview import Preview
    from dispatcher.plan import Occurrence
    from dispatcher.settings import Settings


def add(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("The words of a step for a real row, with what they cost."))(preview)


def preview(
    campaign: Campaign,
    step: Annotated[
        str, typer.Argument(metavar="STEP", help=_("A step, or a moment such as 3-days or last-day."))
    ],
    audience: Annotated[str, typer.Option(metavar="AUDIENCE", help=_("Only this audience."))] = "",
    contact: Annotated[
        str, typer.Option(metavar="WHO", help=_("This row: a number, an e-mail address, or part of a name."))
    ] = "",
    html: Annotated[
        Path | None, typer.Option(metavar="OUT.html", help=_("Write the mail as HTML to this file."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import opening, speaking

    settings = opening.settings()
    edition = opening.edition(settings)
    schedules = edition.schedules
    name = opening.campaign(schedules, campaign).name
    if audience:
        missing = _("there is no audience {name}", name=repr(audience))
        audience = opening.known(audience, schedules.audiences, missing)
    occurrences = _occurrences(schedules, name, step)
    leads = any(item.leads_only for item in occurrences)
    people = dict(_people(settings, schedules, audience, contact, leads_only=leads))
    if contact and not people:
        raise opening.Unknown(_("no row fits {contact}", contact=repr(contact)))
    found = list(_previews(settings, edition, occurrences, people))
    if not found:
        raise opening.Unknown(_("nobody in the lists is written to at {step}", step=repr(step)))
    if html is not None:
        _write_html(html, [one for _item, _recipient, one in found])
    if as_json:
        speaking.answer([_value(item, recipient, one) for item, recipient, one in found])
    else:
        for item, recipient, one in found:
            _draw(schedules, item, recipient, one)
    raise typer.Exit(1 if any(one.draft is None for _item, _recipient, one in found) else 0)


def _occurrences(schedules: Schedules, campaign: str, wanted: str) -> list[Occurrence]:
    """Find a step by its name, with every moment it has; or a moment, the first time it comes."""
    from dispatcher import plan
    from dispatcher.cli import opening

    sent = [item for item in plan.calendar(schedules, campaign) if item.is_sent]
    names = {item.step for item in sent} | {item.moment for item in sent}
    missing = _("{campaign} has no step {step}", campaign=campaign, step=repr(wanted))
    name = opening.known(wanted, sorted(names), missing)
    of_step = [item for item in sent if item.step == name] or [item for item in sent if item.moment == name]
    moments: dict[str, Occurrence] = {}
    for item in of_step:
        moments.setdefault(item.moment, item)
    return list(moments.values())


def _people(
    settings: Settings, schedules: Schedules, audience: str, contact: str, *, leads_only: bool
) -> Iterator[tuple[tuple[str, str], Recipient]]:
    """Give for each audience and channel the first row that fits."""
    from dispatcher.cli import addresses
    from dispatcher.errors import DispatcherError
    from dispatcher.report import lists
    from dispatcher.vietnamese.text import fold

    wanted = fold(contact)
    try:
        address = addresses.read(contact)[1] if contact else ""
    except DispatcherError:
        address = ""
    read = lists.Lists(files=lists.find(schedules, settings.contacts))
    for name in [audience] if audience else schedules.audiences:
        missing = {"sms", "email"}
        for recipient in lists.recipients(read.rows(name)):
            fits = recipient.address == address if address else wanted in fold(recipient.name)
            fits = fits and (bool(recipient.lead) or not leads_only)
            if recipient.channel in missing and fits:
                missing.discard(recipient.channel)
                yield (name, recipient.channel), recipient
            if not missing:
                break


def _previews(
    settings: Settings,
    edition: Edition,
    occurrences: list[Occurrence],
    people: dict[tuple[str, str], Recipient],
) -> Iterator[tuple[Occurrence, Recipient, Preview]]:
    from dispatcher.message import preview as previewing
    from dispatcher.message.check import NoLinks
    from dispatcher.message.compose import Composer

    composer = Composer(edition.schedules, edition.composer.texts, NoLinks())
    for item in occurrences:
        figures = _figures(settings, edition, item) if item.kind == "digest" else None
        for name in item.audiences:
            for channel in item.channels or edition.schedules.audiences[name].channels:
                recipient = people.get((name, channel))
                if recipient is None:
                    continue
                occasion = previewing.foreseen(edition.schedules, item)
                yield item, recipient, previewing.preview(composer, recipient, occasion, figures=figures)


def _figures(settings: Settings, edition: Edition, item: Occurrence) -> Any:
    """Give the real figures of a digest where there are any; None: made-up ones."""
    from contextvars import copy_context

    from dispatcher import i18n
    from dispatcher.cli import opening
    from dispatcher.ledger import people
    from dispatcher.report import figures

    def gather() -> Any:
        i18n.use("vi")  # digests are Vietnamese, whoever looks at them
        return figures.figures(ledger, edition.schedules, item.campaign, now=opening.now())

    with opening.ledger(settings) as ledger:
        if not people.loads(ledger, limit=1):
            return None
        return copy_context().run(gather)


def _write_html(path: Path, found: list[Preview]) -> None:
    from dispatcher.cli import opening, speaking

    for one in found:
        if one.draft is not None and one.draft.mail is not None:
            path.write_text(one.draft.mail.html, encoding="utf-8")
            speaking.note(_("The mail is in {file}.", file=path))
            return
    raise opening.Unknown(_("there is no mail among these: --html needs a person with an e-mail address"))


def _value(item: Occurrence, recipient: Recipient, one: Preview) -> dict[str, Any]:
    draft = one.draft
    mail = draft.mail if draft else None
    return {
        "step": item.step,
        "moment": item.moment,
        "audience": recipient.audience,
        "channel": recipient.channel,
        "template": one.file,
        "row": {"file": recipient.list_file, "row": recipient.list_row, "name": recipient.name},
        "text": draft.body if draft and mail is None else None,
        "encoding": draft.encoding if draft and mail is None else None,
        "parts": draft.parts if draft and mail is None else None,
        "mail": None if mail is None else {"subject": mail.subject, "text": mail.text, "html": mail.html},
        "problem": None if one.unfit is None else str(one.unfit),
    }


def _draw(schedules: Schedules, item: Occurrence, recipient: Recipient, one: Preview) -> None:
    from dispatcher.cli import speaking

    when = (
        f"{schedules.local(item.due_at):%d/%m/%Y %H:%M}" if item.kind != "thanks" else _("after taking part")
    )
    speaking.heading(f"{schedules.audiences[recipient.audience].title} · {item.moment} · {when}")
    place = _("{file}, row {row}", file=recipient.list_file, row=recipient.list_row)
    speaking.say(f"{one.file} ← {recipient.name or '—'} ({place})", style="dim")
    if one.unfit is not None:
        speaking.say(str(one.unfit), style="bold red")
    if one.draft is None:
        return
    if one.draft.mail is not None:
        mail = one.draft.mail
        speaking.bubble(f"{mail.subject}\n\n{mail.text.rstrip()}", title=schedules.office.mail_name)
        return
    _draw_text(schedules, recipient, one)


def _draw_text(schedules: Schedules, recipient: Recipient, one: Preview) -> None:
    from dispatcher.cli import speaking
    from dispatcher.vietnamese import phone

    assert one.draft is not None
    price = schedules.prices.per_part(phone.network(recipient.address))
    amount = speaking.money(price * one.draft.parts)
    cost = f"{one.draft.encoding}, {speaking.parts(one.draft.parts)}, {amount}"
    speaking.bubble(one.draft.body, title=schedules.office.sender, foot=cost)
    other = one.unaccented if one.accented and one.draft.body == one.accented.text else one.accented
    if other is not None and other.text != one.draft.body:
        named = _("without accents") if other is one.unaccented else _("with accents")
        speaking.say(f"  {named}: {speaking.parts(other.cost.parts)}", style="dim")
