"""`participation`: who took part. It stops their reminders and may bring a word of thanks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import CampaignArgument, JsonOption, WhoOption, YesOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dispatcher.campaign.model import Campaign
    from dispatcher.ledger.recipients.participation import RecordedParticipant


def register(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(
        no_args_is_help=True, help=_("Who took part: import a list, take it back, look at what is known.")
    )
    group.command(
        "import",
        help=_("Take in who took part, or the figures of each thôn, from CSV or Excel."),
    )(import_)
    group.command("imports", help=_("The imports there were."))(imports)
    group.command("undo", help=_("Take an import back: who is in it only is reminded again."))(undo)
    group.command("list", help=_("Who is known to have taken part, by thôn."))(list_)
    app.add_typer(group, name="participation")


def import_(
    file: Annotated[Path, typer.Argument(help=_("The list: number, mail, or name and thôn."))],
    campaign: Annotated[
        str,
        typer.Option(metavar="CAMPAIGN", help=_("Which campaign; may be left out when there is only one.")),
    ] = "",
    at: Annotated[
        str, typer.Option(metavar="DATE", help=_("Of which day the list is; without it, of now."))
    ] = "",
    source: Annotated[
        str, typer.Option(metavar="WORDS", help=_("Where it is from; without it, the file's name."))
    ] = "",
    everybody: Annotated[
        bool,
        typer.Option(
            "--everybody", help=_("All in it took part, whatever its titles and status columns say.")
        ),
    ] = False,
    rows: Annotated[int, typer.Option(metavar="N", help=_("Show so many rows of each kind; 0: all."))] = 20,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Say what would be matched, and stop."))
    ] = False,
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context, participation_view
    from dispatcher.feedback.participation import list_import

    settings = context.brake_settings()
    if not file.is_file():
        raise typer.BadParameter(_("there is no file {file}", file=file))
    with context.ledger(settings) as ledger:
        schedules = context.usable_configuration(settings, ledger).schedules
        chosen = schedules.campaigns[context.campaign_or_only(schedules, campaign)]
        now = context.now()
        taken_at = _moment(chosen, at, now)
        name = source or file.name
        seen = list_import.preview(
            ledger, chosen, file, at=taken_at, now=now, name=file.name, everybody=everybody,
            areas=schedules.areas,
        )  # fmt: skip
        if not as_json:
            participation_view.print_preview(seen, chosen, limit=rows)
        is_wanted = seen.says_something and not dry_run
        if is_wanted and console.is_confirmed(participation_view.question(seen), yes=yes):
            seen = list_import.import_list(
                ledger, chosen, file, at=taken_at, source=name, who=context.acting_user(who), now=now,
                everybody=everybody, areas=schedules.areas,
            )  # fmt: skip
    if as_json:
        console.print_json(participation_view.as_json(chosen.name, seen))
    elif seen.import_id:
        participation_view.print_done(seen)
    console.print_problems(seen.problems)
    raise typer.Exit(0 if not seen.problems and (seen.import_id or (dry_run and not seen.unresolved)) else 1)


def _moment(campaign: Campaign, day: str, now: datetime) -> datetime:
    """Return the moment a list is of. Raises BadParameter for a day outside the campaign so far."""
    from dispatcher.cli import context
    from dispatcher.feedback.participation.days import campaign_days

    chosen = context.parse_day(day, "--at")
    if chosen is None:
        return now
    first, last = campaign_days(campaign, now)
    if not first <= chosen <= last:
        raise typer.BadParameter(
            _(
                "{day} is no day of the campaign so far ({first} to {last})",
                day=f"{chosen:%d/%m/%Y}", first=f"{first:%d/%m/%Y}", last=f"{last:%d/%m/%Y}",
            ),
            param_hint="--at",
        )  # fmt: skip
    return min(datetime.combine(chosen, datetime.min.time(), tzinfo=campaign.to_local(now).tzinfo), now)


def imports(
    campaign: Annotated[str, typer.Option(metavar="CAMPAIGN", help=_("Only this campaign."))] = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context, participation_view
    from dispatcher.ledger.recipients import participation_imports

    settings = context.brake_settings()
    with context.ledger(settings) as ledger:
        name = ""
        if campaign:
            name = context.campaign_name(context.usable_configuration(settings, ledger), ledger, campaign)
        past = participation_imports.past_imports(ledger, name)
    if as_json:
        console.print_json([participation_view.past_import_as_json(item) for item in past])
        return
    if not past:
        console.print_line(_("No list of who took part was taken in yet."))
        return
    console.print_table(
        (
            _("import"), _("campaign"), _("when"), _("who"), _("source"), _("new"), _("known already"),
            _("figures"), _("taken back"),
        ),
        [participation_view.past_import_row(item) for item in past],
        right_aligned=(5, 6, 7),
        hide_if_empty=(7,),
    )  # fmt: skip


def undo(
    number: Annotated[
        int, typer.Argument(metavar="IMPORT", help=_("Its number, as `participation imports` shows it."))
    ],
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dataclasses import asdict

    from dispatcher.cli import console, context, participation_view
    from dispatcher.ledger.recipients import participation_imports

    with context.ledger(context.brake_settings()) as ledger:
        past = participation_imports.find(ledger, number)
        if past is not None and past.undone_at is None:
            console.require_confirmation(participation_view.undo_question(past), yes=yes)
        done = participation_imports.undo(ledger, number, who=context.acting_user(who), now=context.now())
    if as_json:
        console.print_json(asdict(done))
        return
    for line in participation_view.undone_lines(done):
        console.print_line(line)


def list_(
    campaign: CampaignArgument,
    names: Annotated[bool, typer.Option("--names", help=_("With names."))] = False,
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.queries import people_counts
    from dispatcher.ledger.recipients import participation

    settings = context.brake_settings()
    with context.ledger(settings) as ledger:
        name = context.campaign_name(context.usable_configuration(settings, ledger), ledger, campaign)
        people = participation.participants(ledger, name)
        figures = people_counts.latest_area_totals(ledger, name)
        if people and (names or as_json):
            context.record_view(ledger, "participation", name)
    if as_json:
        console.print_json(
            {
                "campaign": name,
                "people": [{**one.values(), "at": one.at.isoformat()} for one in people],
                "figures": [
                    {"area": area, "registered": registered, "finished": finished, "day": day}
                    for area, registered, finished, day in figures.values()
                ],
            }
        )
        return
    _print_people(people, names=names)
    if figures:
        console.print_heading(_("Figures without names"))
        console.print_table(
            (_("thôn"), _("registered"), _("finished"), _("of")), list(figures.values()), right_aligned=(1, 2)
        )


def _print_people(people: Sequence[RecordedParticipant], *, names: bool) -> None:
    from collections import Counter

    from dispatcher.cli import console
    from dispatcher.vietnamese.dates import VIETNAM

    if names:
        console.print_table(
            (_("name"), _("thôn"), _("when"), _("source")),
            [(one.name, one.area, f"{one.at.astimezone(VIETNAM):%d/%m/%Y}", one.source) for one in people],
        )
    counts = Counter(one.area for one in people)
    console.print_table(
        (_("thôn"), _("took part")),
        sorted(counts.items()),
        right_aligned=(1,),
        footer=(_("together"), len(people)),
    )
