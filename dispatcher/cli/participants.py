"""`participation`: who took part. It stops their reminders and may bring a word of thanks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.cli.options import AsJson, Campaign, Who
from dispatcher.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dispatcher.feedback.participation.lists import Import, Judged
    from dispatcher.ledger.took_part import Participant

HOW: dict[str, str] = {"number": N_("by number"), "mail": N_("by mail"), "name": N_("by name and thôn")}


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    group = typer.Typer(no_args_is_help=True, help=_("Who took part: import a list, look at what is known."))
    group.command("import", help=_("Take in who took part, or the figures of each thôn, from CSV or Excel."))(
        import_
    )
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
    rows: Annotated[int, typer.Option(metavar="N", help=_("Show so many rows of each kind; 0: all."))] = 20,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Say what would be matched, and stop."))
    ] = False,
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.feedback.participation import lists

    settings = opening.settings()
    schedules = opening.edition(settings).schedules
    name = opening.only_campaign(schedules, campaign)
    if not file.is_file():
        raise typer.BadParameter(_("there is no file {file}", file=file))
    now = opening.now()
    day = opening.day(at, "--at")
    moment = datetime.combine(day, datetime.min.time(), tzinfo=schedules.timezone) if day else now
    with opening.ledger(settings) as ledger:
        if dry_run:
            done = lists.look(ledger, file)
        else:
            done = lists.take(
                ledger,
                name,
                file,
                at=min(moment, now),
                source=source or file.name,
                who=opening.who(who),
                now=now,
            )
    if as_json:
        speaking.answer(_value(name, done))
    else:
        _draw(done, limit=rows, dry_run=dry_run)
    speaking.problems(done.problems)
    unread = bool(done.figures and done.figures.unread)
    raise typer.Exit(1 if done.open or done.problems or unread else 0)


def _value(campaign: str, done: Import) -> dict[str, Any]:
    from dataclasses import asdict

    from dispatcher.cli import speaking

    return {
        "campaign": campaign,
        "rows": done.rows,
        "matched": done.counts["matched"],
        "by": dict(done.by),
        "ambiguous": done.counts["ambiguous"],
        "unmatched": done.counts["unmatched"],
        "new": done.news,
        "open": [
            {
                "sheet": one.row.sheet,
                "row": one.row.row,
                "found": one.found,
                "why": one.why,
                "name": one.row.contact.name if one.row.contact else "",
                "area": one.row.contact.area if one.row.contact else "",
            }
            for one in done.open
        ],
        "figures": None if done.figures is None else [asdict(area) for area in done.figures.areas],
        "problems": speaking.problem_values(done.problems),
    }


def _draw(done: Import, *, limit: int, dry_run: bool) -> None:
    from dispatcher.cli import speaking

    if done.figures is not None:
        speaking.say(_("These are figures without names:"))
        areas = [(one.area, one.registered, one.finished) for one in done.figures.areas]
        totals = (_("together"), sum(one[1] for one in areas), sum(one[2] for one in areas))
        speaking.draw((_("thôn"), _("registered"), _("finished")), areas, right=(1, 2), total=totals)
        for row in done.figures.unread:
            speaking.say(_("row {row} holds no number that can be read", row=row), style="yellow")
        return
    by = ", ".join(f"{_(HOW[how])} {speaking.number(count)}" for how, count in done.by.items())
    speaking.draw(
        ("", _("rows")),
        [
            (_("matched") + (f" ({by})" if by else ""), done.counts["matched"]),
            (_("fit more than one person"), done.counts["ambiguous"]),
            (_("fit nobody"), done.counts["unmatched"]),
        ],
        right=(1,),
        total=(_("together"), done.rows),
    )
    _draw_open(done, limit)
    if not dry_run:
        speaking.say(_("{n} people are newly known to have taken part.", n=speaking.number(done.news)))


def _draw_open(done: Import, limit: int) -> None:
    from dispatcher.cli import speaking
    from dispatcher.feedback.participation.matching import WHY

    if not done.open:
        return
    speaking.heading(_("Not matched"))
    shown = done.open[:limit] if limit else done.open
    speaking.draw(
        (_("row"), _("name"), _("thôn"), _("why")),
        [(_place(one), *_named(one), _(WHY[one.why])) for one in shown],
        right=(0,),
    )
    if len(shown) < len(done.open):
        speaking.say(_("… and {n} more; --rows 0 shows all", n=len(done.open) - len(shown)), style="dim")


def _place(one: Judged) -> str:
    return f"{one.row.sheet} {one.row.row}".strip()


def _named(one: Judged) -> tuple[str, str]:
    return (one.row.contact.name, one.row.contact.area) if one.row.contact else ("", "")


def list_(
    campaign: Campaign,
    names: Annotated[bool, typer.Option("--names", help=_("With names."))] = False,
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import areas, took_part

    settings = opening.settings()
    name = opening.campaign(opening.edition(settings).schedules, campaign).name
    with opening.ledger(settings) as ledger:
        people = took_part.people(ledger, name)
        figures = areas.counted(ledger, name)
    if as_json:
        speaking.answer(
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
    _draw_people(people, names=names)
    if figures:
        speaking.heading(_("Figures without names"))
        speaking.draw(
            (_("thôn"), _("registered"), _("finished"), _("of")), list(figures.values()), right=(1, 2)
        )


def _draw_people(people: Sequence[Participant], *, names: bool) -> None:
    from collections import Counter

    from dispatcher.cli import speaking
    from dispatcher.vietnamese.dates import VIETNAM

    if names:
        speaking.draw(
            (_("name"), _("thôn"), _("when"), _("source")),
            [(one.name, one.area, f"{one.at.astimezone(VIETNAM):%d/%m/%Y}", one.source) for one in people],
        )
    counts = Counter(one.area for one in people)
    speaking.draw(
        (_("thôn"), _("took part")), sorted(counts.items()), right=(1,), total=(_("together"), len(people))
    )
