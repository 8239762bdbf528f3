"""`rename`: what was renamed in schedules.toml keeps its opt-outs, its decisions and its history."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import JsonOption, WhoOption, YesOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.ledger.renames import Renamed

OldArgument = Annotated[str, typer.Argument(metavar="NAME", help=_("What it was called before."))]
NewArgument = Annotated[str, typer.Argument(metavar="NAME", help=_("What schedules.toml calls it now."))]
CampaignOption = Annotated[
    str, typer.Option("--campaign", metavar="CAMPAIGN", help=_("Whose step; needed when there are several."))
]


def register(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(
        no_args_is_help=True,
        help=_("After renaming in schedules.toml: carry opt-outs, decisions and history over."),
    )
    group.command("campaign", help=_("A campaign has a new name."))(rename_campaign)
    group.command("audience", help=_("An audience has a new name."))(rename_audience)
    group.command("step", help=_("A step has a new name; it does not go out a second time."))(rename_step)
    group.command("apart", help=_("A step looks renamed and is another one; it goes out as well."))(
        tell_apart
    )
    app.add_typer(group, name="rename")


def rename_campaign(
    old: OldArgument, new: NewArgument, who: WhoOption = "", as_json: JsonOption = False
) -> None:
    from dispatcher.cli import context
    from dispatcher.ledger import renames

    settings = context.settings()
    schedules = context.configuration(settings).schedules
    _check_names(old, new, schedules.campaigns)
    with context.ledger(settings) as ledger:
        done = renames.rename_campaign(ledger, old, new, who=context.acting_user(who), now=context.now())
    _print_result(old, new, done, as_json=as_json)


def rename_audience(
    old: OldArgument,
    new: NewArgument,
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger import renames

    settings = context.settings()
    schedules = context.configuration(settings).schedules
    _check_names(old, new, schedules.audiences)
    with context.ledger(settings) as ledger:
        with ledger.read() as connection:
            is_merge = renames.were_beside(connection, old, new)
        if is_merge:
            console.print_note(
                _(
                    "{old} and {new} were in use beside each other: the people of both become one audience, "
                    "and what was decided about them is put together.",
                    old=old, new=new,
                )
            )  # fmt: skip
            console.require_confirmation(_("Make them one? [y/n]"), yes=yes)
        done = renames.rename_audience(
            ledger, old, new, who=context.acting_user(who), now=context.now(), is_merge=is_merge
        )
    _print_result(old, new, done, as_json=as_json)


def rename_step(
    old: OldArgument,
    new: NewArgument,
    campaign: CampaignOption = "",
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import context
    from dispatcher.ledger import renames

    settings = context.settings()
    schedules = context.configuration(settings).schedules
    name = context.campaign_or_only(schedules, campaign)
    _check_names(old, new, _steps(schedules, name))
    with context.ledger(settings) as ledger:
        done = renames.rename_step(ledger, name, old, new, who=context.acting_user(who), now=context.now())
    _print_result(old, new, done, as_json=as_json)


def tell_apart(
    old: OldArgument,
    new: NewArgument,
    campaign: CampaignOption = "",
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger import told_apart

    settings = context.settings()
    schedules = context.configuration(settings).schedules
    name = context.campaign_or_only(schedules, campaign)
    if new not in _steps(schedules, name):
        context.match_name(new, (), _("schedules.toml has no {name}: rename it there first", name=new))
    with context.ledger(settings) as ledger:
        is_known = told_apart.tell_apart(
            ledger, name, old, new, who=context.acting_user(who), now=context.now()
        )
    if as_json:
        console.print_json({"campaign": name, "old": old, "new": new, "apart": is_known})
    elif is_known:
        console.print_line(_("{new} is another step than {old}; it goes out as well.", old=old, new=new))
    else:
        console.print_line(_("The ledger knows nothing by the name {name}.", name=old))
    raise typer.Exit(0 if is_known else 1)


def _steps(schedules: Schedules, campaign: str) -> list[str]:
    chosen = schedules.campaigns[campaign]
    return [one.name for one in (*chosen.steps, *chosen.digests)]


def _check_names(old: str, new: str, names: Collection[str]) -> None:
    """Let the file lead: the new name stands in it, the old one does no more. Raises NotFound."""
    from dispatcher.cli import context

    if old in names:
        raise context.NotFound(_("{name} still stands in schedules.toml: rename it there first", name=old))
    if new not in names:
        context.match_name(new, (), _("schedules.toml has no {name}: rename it there first", name=new))


def _print_result(old: str, new: str, done: Renamed, *, as_json: bool) -> None:
    from dataclasses import asdict

    from dispatcher.cli import console

    found = any(asdict(done).values())
    if as_json:
        console.print_json({"old": old, "new": new, **asdict(done)})
    elif found:
        console.print_line(
            _(
                "{old} is {new} now: {opt_outs} opt-outs, {decisions} decisions about people, "
                "{participations} who took part, {occurrences} occasions came along.",
                old=old, new=new, **asdict(done),
            )
        )  # fmt: skip
    else:
        console.print_line(_("The ledger knows nothing by the name {name}.", name=old))
    raise typer.Exit(0 if found else 1)
