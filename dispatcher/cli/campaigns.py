"""`pause`, `resume`, `cancel`, `approve`: each acts within two seconds, on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import CampaignArgument, JsonOption, WhoOption, YesOption
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.configuration import Configuration
    from dispatcher.ledger import Ledger
    from dispatcher.settings import Settings

ReasonOption = Annotated[str, typer.Option(metavar="WORDS", help=_("Why; kept with who and when."))]


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(help=_("Send nothing more of a campaign until it is resumed."))(pause)
    app.command(help=_("Let a paused campaign go on."))(resume)
    app.command(help=_("Call a campaign off for good: what waits is never sent."))(cancel)
    app.command(help=_("Freeze plan, texts and lists of a campaign that requires approval."))(approve)


def pause(
    campaign: CampaignArgument, reason: ReasonOption = "", who: WhoOption = "", as_json: JsonOption = False
) -> None:
    from dispatcher.cli import context
    from dispatcher.ledger.sending import campaign_states

    settings = context.brake_settings()
    with context.ledger(settings) as ledger:
        _config, name = _find_campaign(settings, ledger, campaign)
        done = campaign_states.pause(
            ledger, name, reason=reason or "by-hand", who=context.acting_user(who), now=context.now()
        )
        _print_state(ledger, name, done, "paused", as_json=as_json)


def resume(campaign: CampaignArgument, who: WhoOption = "", as_json: JsonOption = False) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.sending import campaign_states
    from dispatcher.report import approval

    settings = context.brake_settings()
    with context.ledger(settings) as ledger:
        config, name = _find_campaign(settings, ledger, campaign)
        done = campaign_states.resume(ledger, name, who=context.acting_user(who), now=context.now())
        if config is not None and not approval.approval_of(ledger, config, name).is_valid:
            console.print_note(
                _("It waits for approval: dispatcher approve {name}", name=name), style="yellow"
            )
        _print_state(ledger, name, done, "active", as_json=as_json)


def cancel(
    campaign: CampaignArgument,
    reason: ReasonOption = "",
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.sending import campaign_states

    settings = context.brake_settings()
    with context.ledger(settings) as ledger:
        _config, name = _find_campaign(settings, ledger, campaign)
        console.require_confirmation(_("Call off {name} for good? [y/n]", name=name), yes=yes)
        cancelled_count = campaign_states.cancel(
            ledger, name, reason=reason, who=context.acting_user(who), now=context.now()
        )
        if cancelled_count and not as_json:
            words = ngettext(
                "{n} waiting message is not sent.", "{n} waiting messages are not sent.", cancelled_count
            )
            console.print_line(words)
        _print_state(ledger, name, cancelled_count is not None, "cancelled", as_json=as_json)


def approve(
    campaign: CampaignArgument, yes: YesOption = False, who: WhoOption = "", as_json: JsonOption = False
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.report import approval

    settings = context.settings()
    config = context.configuration(settings)
    found_campaign = context.campaign(config.schedules, campaign)
    with context.ledger(settings) as ledger:
        before = approval.approval_of(ledger, config, found_campaign.name)
        if before.approved and before.changed_parts:
            console.print_note(
                _("Changed since it was approved: {parts}.", parts=", ".join(before.changed_labels))
            )
        question = _("Approve {name} as it is now? [y/n]", name=found_campaign.name)
        console.require_confirmation(question, yes=yes)
        total = approval.approve(
            ledger, config, found_campaign.name, who=context.acting_user(who), now=context.now()
        )
    if as_json:
        console.print_json(
            {"campaign": found_campaign.name, "approved": total, "differed": list(before.changed_parts)}
        )
        return
    console.print_line(
        _(
            "{name} is approved: plan, texts and lists as they are now ({hash}).",
            name=found_campaign.name,
            hash=total[:12],
        )
    )
    if not found_campaign.requires_approval:
        console.print_note(_("It did not need it: requires_approval is not set in schedules.toml."))


def _find_campaign(settings: Settings, ledger: Ledger, name: str) -> tuple[Configuration | None, str]:
    """Find a campaign by what is on disk, what was last in force, or what ever ran: it can be stopped.

    Let the ledger know one that has not begun: it may be paused before it does. Return the configuration,
    None when there is none to be had or it does not know the campaign.
    """
    from dispatcher.cli import context
    from dispatcher.errors import ConfigurationError
    from dispatcher.ledger.sending import campaign_states

    try:
        config = context.usable_configuration(settings, ledger)
    except ConfigurationError:
        if not campaign_states.all_states(ledger):
            raise
        config = None
    name = context.campaign_name(config, ledger, name)
    if config is None or name not in config.schedules.campaigns:
        return None, name
    campaign_states.ensure(ledger, name, now=context.now())
    return config, name


def _print_state(ledger: Ledger, name: str, changed: bool, expected_state: str, *, as_json: bool) -> None:
    """Print the campaign's state; exit 1 when it is not the state wanted."""
    from dispatcher.cli import console
    from dispatcher.ledger.sending import campaign_states
    from dispatcher.report import labels

    campaign_state = campaign_states.state_of(ledger, name)
    assert campaign_state is not None
    if as_json:
        console.print_json({"campaign": name, "state": campaign_state.state, "changed": changed})
    else:
        state = labels.label(labels.CAMPAIGN_STATES, campaign_state.state)
        if campaign_state.state != expected_state:
            console.print_line(_("{name} cannot be changed any more: {state}.", name=name, state=state))
        elif changed:
            console.print_line(_("{name}: {state}.", name=name, state=state))
        else:
            console.print_line(_("{name} was so already: {state}.", name=name, state=state))
    raise typer.Exit(0 if campaign_state.state == expected_state else 1)
