"""`pause`, `resume`, `cancel`, `approve`: each acts before the next batch, on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import AsJson, Campaign, Who, Yes
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.edition import Edition
    from dispatcher.ledger import Ledger

Reason = Annotated[str, typer.Option(metavar="WORDS", help=_("Why; kept with who and when."))]


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    app.command(help=_("Send nothing more of a campaign until it is resumed."))(pause)
    app.command(help=_("Let a paused campaign go on."))(resume)
    app.command(help=_("Call a campaign off for good: what waits is never sent."))(cancel)
    app.command(help=_("Freeze plan, texts and lists of a campaign that requires approval."))(approve)


def pause(campaign: Campaign, reason: Reason = "", who: Who = "", as_json: AsJson = False) -> None:
    from dispatcher.cli import opening
    from dispatcher.ledger import campaigns

    settings = opening.settings()
    edition = opening.edition(settings)
    name = opening.campaign(edition.schedules, campaign).name
    with opening.ledger(settings) as ledger:
        _begin(ledger, edition, name)
        done = campaigns.pause(
            ledger, name, reason=reason or "by-hand", who=opening.who(who), now=opening.now()
        )
        _tell(ledger, name, done, "paused", as_json=as_json)


def resume(campaign: Campaign, who: Who = "", as_json: AsJson = False) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import campaigns
    from dispatcher.report import approval

    settings = opening.settings()
    edition = opening.edition(settings)
    name = opening.campaign(edition.schedules, campaign).name
    with opening.ledger(settings) as ledger:
        _begin(ledger, edition, name)
        done = campaigns.resume(ledger, name, who=opening.who(who), now=opening.now())
        if not approval.approval(ledger, edition, name).stands:
            speaking.note(_("It waits for approval: dispatcher approve {name}", name=name), style="yellow")
        _tell(ledger, name, done, "active", as_json=as_json)


def cancel(
    campaign: Campaign, reason: Reason = "", yes: Yes = False, who: Who = "", as_json: AsJson = False
) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import campaigns

    settings = opening.settings()
    edition = opening.edition(settings)
    name = opening.campaign(edition.schedules, campaign).name
    if not yes and speaking.confirm(_("Call off {name} for good? [y/n]", name=name)) != "yes":
        speaking.note(_("Nothing was changed; --yes does it without asking."))
        raise typer.Exit(1)
    with opening.ledger(settings) as ledger:
        _begin(ledger, edition, name)
        closed = campaigns.cancel(ledger, name, reason=reason, who=opening.who(who), now=opening.now())
        if closed and not as_json:
            words = ngettext("{n} waiting message is not sent.", "{n} waiting messages are not sent.", closed)
            speaking.say(words)
        _tell(ledger, name, closed is not None, "cancelled", as_json=as_json)


def approve(campaign: Campaign, yes: Yes = False, who: Who = "", as_json: AsJson = False) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.report import approval

    settings = opening.settings()
    edition = opening.edition(settings)
    found = opening.campaign(edition.schedules, campaign)
    with opening.ledger(settings) as ledger:
        before = approval.approval(ledger, edition, found.name)
        if before.given and before.differs:
            speaking.note(_("Changed since it was approved: {parts}.", parts=", ".join(before.changed)))
        if not yes and speaking.confirm(_("Approve {name} as it is now? [y/n]", name=found.name)) == "no":
            speaking.note(_("Nothing was changed."))
            raise typer.Exit(1)
        total = approval.approve(ledger, edition, found.name, who=opening.who(who), now=opening.now())
    if as_json:
        speaking.answer({"campaign": found.name, "approved": total, "differed": list(before.differs)})
        return
    speaking.say(
        _(
            "{name} is approved: plan, texts and lists as they are now ({hash}).",
            name=found.name,
            hash=total[:12],
        )
    )
    if not found.requires_approval:
        speaking.note(_("It did not need it: requires_approval is not set in schedules.toml."))


def _begin(ledger: Ledger, edition: Edition, name: str) -> None:
    """Let the ledger know a campaign that has not begun: it may be paused before it does."""
    from dispatcher.cli import opening
    from dispatcher.ledger import campaigns

    canary = edition.schedules.campaigns[name].canary
    campaigns.ensure(ledger, name, canary=canary, now=opening.now())


def _tell(ledger: Ledger, name: str, done: bool, wanted: str, *, as_json: bool) -> None:
    """Say how the campaign stands now; exit 1 when it is not as wanted."""
    from dispatcher.cli import speaking
    from dispatcher.ledger import campaigns
    from dispatcher.report import words

    standing = campaigns.standing(ledger, name)
    assert standing is not None
    if as_json:
        speaking.answer({"campaign": name, "state": standing.state, "changed": done})
    else:
        state = words.said(words.STATES, standing.state)
        if standing.state != wanted:
            speaking.say(_("{name} cannot be changed any more: {state}.", name=name, state=state))
        elif done:
            speaking.say(_("{name}: {state}.", name=name, state=state))
        else:
            speaking.say(_("{name} was so already: {state}.", name=name, state=state))
    raise typer.Exit(0 if standing.state == wanted else 1)
