"""`preview`: the words of a step, for a real row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.campaign import step_kinds
from dispatcher.cli.options import CampaignArgument, JsonOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.configuration import Configuration
    from dispatcher.message import Recipient
    from dispatcher.message.preview import Preview
    from dispatcher.plan import Occurrence
    from dispatcher.settings import Settings


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("The words of a step for a real row, with what they cost."))(preview)


def preview(
    campaign: CampaignArgument,
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
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context

    settings = context.settings()
    config = context.configuration(settings)
    schedules = config.schedules
    name = context.campaign(schedules, campaign).name
    if audience:
        missing = _("there is no audience {name}", name=repr(audience))
        audience = context.match_name(audience, schedules.audiences, missing)
    occurrences = _occurrences(schedules, name, step)
    leads = any(item.leads_only for item in occurrences)
    people = dict(_sample_recipients(settings, schedules, audience, contact, leads_only=leads))
    if contact and not people:
        raise context.NotFound(_("no row fits {contact}", contact=repr(contact)))
    previews = list(_previews(settings, config, occurrences, people))
    if not previews:
        raise context.NotFound(_("nobody in the lists is written to at {step}", step=repr(step)))
    _record_protected(settings, schedules, [recipient for _item, recipient, _preview in previews])
    if html is not None:
        _write_html(html, [one for _item, _recipient, one in previews])
    if as_json:
        console.print_json([_preview_as_json(item, recipient, one) for item, recipient, one in previews])
    else:
        for item, recipient, one in previews:
            _print_preview(schedules, item, recipient, one)
    raise typer.Exit(1 if any(one.draft is None for _item, _recipient, one in previews) else 0)


def _record_protected(settings: Settings, schedules: Schedules, shown: list[Recipient]) -> None:
    """Write down that somebody of a sensitive list was looked at, where there is a ledger."""
    from dispatcher.cli import context

    if {one.audience for one in shown} <= schedules.open_audiences or not context.ledger_exists(settings):
        return
    with context.ledger(settings) as ledger:
        context.record_view(ledger, "preview")


def _occurrences(schedules: Schedules, campaign: str, step_or_template: str) -> list[Occurrence]:
    """Find a step by its name, with every moment it has; or a moment, the first time it comes."""
    from dispatcher import plan
    from dispatcher.cli import context

    every = plan.with_notices(schedules, schedules.campaigns[campaign])
    sent = [item for item in every if item.is_sent]
    names = {item.step for item in sent} | {item.template for item in sent}
    missing = _("{campaign} has no step {step}", campaign=campaign, step=repr(step_or_template))
    name = context.match_name(step_or_template, sorted(names), missing)
    of_step = [item for item in sent if item.step == name] or [item for item in sent if item.template == name]
    by_template: dict[str, Occurrence] = {}
    for item in of_step:
        by_template.setdefault(item.template, item)
    return list(by_template.values())


def _sample_recipients(
    settings: Settings, schedules: Schedules, audience: str, contact: str, *, leads_only: bool
) -> Iterator[tuple[tuple[str, str], Recipient]]:
    """Yield for each audience and channel the first row that fits."""
    from dispatcher.cli import context
    from dispatcher.errors import DispatcherError
    from dispatcher.report import list_set
    from dispatcher.vietnamese.text import fold

    folded_name = fold(contact)
    try:
        address = context.parse_address(contact)[1] if contact else ""
    except DispatcherError:
        address = ""
    contact_lists = list_set.ListSet(files=list_set.find_lists(schedules, settings.contacts))
    for name in [audience] if audience else schedules.audiences:
        missing = {"sms", "email"}
        for recipient in list_set.recipients_of(contact_lists.rows(name)):
            fits = recipient.address == address if address else folded_name in fold(recipient.name)
            fits = fits and (bool(recipient.lead) or not leads_only)
            if recipient.channel in missing and fits:
                missing.discard(recipient.channel)
                yield (name, recipient.channel), recipient
            if not missing:
                break


def _previews(
    settings: Settings,
    config: Configuration,
    occurrences: list[Occurrence],
    people: dict[tuple[str, str], Recipient],
) -> Iterator[tuple[Occurrence, Recipient, Preview]]:
    from dispatcher.message.compose import Composer
    from dispatcher.message.preview import preview as render_preview
    from dispatcher.message.preview import preview_context
    from dispatcher.message.template_check import PlaceholderLinks

    composer = Composer(config.schedules, config.composer.templates, PlaceholderLinks())
    for item in occurrences:
        figures = _figures(settings, config, item) if item.kind in step_kinds.NEEDING_FIGURES else None
        for name in item.audiences:
            for channel in config.schedules.channels_of(name, item.channels):
                recipient = people.get((name, channel))
                if recipient is None:
                    continue
                render_context = preview_context(config.schedules, item)
                yield item, recipient, render_preview(composer, recipient, render_context, figures=figures)


def _figures(settings: Settings, config: Configuration, item: Occurrence) -> Any:
    """Return the real figures of a digest where there are any; None: made-up ones."""
    from contextvars import copy_context

    from dispatcher import i18n
    from dispatcher.cli import context
    from dispatcher.ledger.recipients import imports
    from dispatcher.report import digest_figures

    def gather() -> Any:
        i18n.set_language("vi")  # digests are Vietnamese, whoever looks at them
        return digest_figures.gather(ledger, config.schedules, item.campaign, now=context.now())

    if not context.ledger_exists(settings):
        return None
    with context.ledger(settings) as ledger:
        if not imports.past_imports(ledger, limit=1):
            return None
        return copy_context().run(gather)


def _write_html(path: Path, previews: list[Preview]) -> None:
    from dispatcher.cli import console, context

    for one in previews:
        if one.draft is not None and one.draft.mail is not None:
            path.write_text(one.draft.mail.html, encoding="utf-8")
            console.print_note(_("The mail is in {file}.", file=path))
            return
    raise context.NotFound(_("there is no mail among these: --html needs a person with an e-mail address"))


def _preview_as_json(item: Occurrence, recipient: Recipient, one: Preview) -> dict[str, Any]:
    draft = one.draft
    mail = draft.mail if draft else None
    return {
        "step": item.step,
        "moment": item.template,
        "audience": recipient.audience,
        "channel": recipient.channel,
        "template": one.file,
        "row": {"file": recipient.list_file, "row": recipient.list_row, "name": recipient.name},
        "text": draft.body if draft and mail is None else None,
        "encoding": draft.encoding if draft and mail is None else None,
        "parts": draft.parts if draft and mail is None else None,
        "mail": None if mail is None else {"subject": mail.subject, "text": mail.text, "html": mail.html},
        "problem": None if one.error is None else str(one.error),
    }


def _print_preview(schedules: Schedules, item: Occurrence, recipient: Recipient, one: Preview) -> None:
    from dispatcher.cli import console

    when = (
        f"{schedules.to_local(item.due_at):%d/%m/%Y %H:%M}"
        if item.kind not in step_kinds.STANDING
        else _("after taking part")
    )
    console.print_heading(f"{schedules.audiences[recipient.audience].title} · {item.template} · {when}")
    place = _("{file}, row {row}", file=recipient.list_file, row=recipient.list_row)
    console.print_line(f"{one.file} ← {recipient.name or '—'} ({place})", style="dim")
    if one.error is not None:
        console.print_line(str(one.error), style="bold red")
    if one.draft is None:
        return
    if one.draft.mail is not None:
        mail = one.draft.mail
        console.print_bubble(f"{mail.subject}\n\n{mail.text.rstrip()}", title=schedules.office.mail_name)
        return
    _print_text(schedules, recipient, one)


def _print_text(schedules: Schedules, recipient: Recipient, one: Preview) -> None:
    from dispatcher.cli import console
    from dispatcher.vietnamese import phone

    assert one.draft is not None
    price = schedules.prices.price_of_part(phone.network(recipient.address))
    amount = console.format_money(price * one.draft.parts)
    cost = f"{one.draft.encoding}, {console.format_parts(one.draft.parts)}, {amount}"
    console.print_bubble(one.draft.body, title=schedules.office.sender, footer=cost)
    other = one.unaccented if one.accented and one.draft.body == one.accented.text else one.accented
    if other is not None and other.text != one.draft.body:
        named = _("without accents") if other is one.unaccented else _("with accents")
        console.print_line(f"  {named}: {console.format_parts(other.cost.parts)}", style="dim")
