"""`status` and `report`: how it stands now, and how a campaign went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from dispatcher.cli.options import AsJson, Campaign
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.ledger.books import Sum
    from dispatcher.message.digest import Figures
    from dispatcher.plan import Occurrence
    from dispatcher.report.status import CampaignStatus, Status


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    app.command(help=_("How it stands: campaigns, what goes out next, what waits for a person."))(status)
    app.command(help=_("How a campaign went: by thôn, by step and audience, failures and what to do."))(
        report
    )


# --- status -------------------------------------------------------------------------------------------


def status(as_json: AsJson = False) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.report import status as standing

    settings = opening.settings()
    edition = opening.edition(settings)
    with opening.ledger(settings) as ledger:
        found = standing.status(ledger, edition, now=opening.now())
    if as_json:
        speaking.answer(_status_value(found))
    else:
        _draw_status(edition.schedules, found)
    raise typer.Exit(1 if found.troubles else 0)


def _status_value(found: Status) -> dict[str, Any]:
    return {
        "now": found.now.isoformat(),
        "campaigns": [_campaign_value(one) for one in found.campaigns],
        "held": found.attention.held,
        "to_read": found.attention.to_read,
        "questions": found.questions,
        "inbox": found.inbox,
        "gateways": [
            {
                "gateway": one.gateway,
                "rate": one.rate,
                "rate_max": one.rate_max,
                "blocked_until": one.blocked_until.isoformat()
                if one.blocked_until and one.blocked_until > found.now
                else None,
                "reason": one.blocked_reason,
            }
            for one in found.throttles
        ],
        "troubles": found.troubles,
    }


def _campaign_value(one: CampaignStatus) -> dict[str, Any]:
    return {
        "campaign": one.campaign.name,
        "state": one.standing.state if one.standing else "",
        "reason": one.standing.reason if one.standing else "",
        "approved": one.approval.stands,
        "days_left": one.days_left,
        "statuses": one.statuses,
        "digests": one.digests,
        "vnd": one.vnd,
        "budget_vnd": one.campaign.budget_vnd,
        "next": None
        if one.next is None
        else {"step": one.next.step, "due_at": one.next.due_at.isoformat(), "kind": one.next.kind},
    }


def _draw_status(schedules: Schedules, found: Status) -> None:
    from dispatcher.cli import speaking

    for one in found.campaigns:
        _draw_campaign(one)
    if found.agenda.today or found.agenda.following:
        speaking.heading(_("What goes out next"))
        rows = [_next_row(schedules, item) for item in (*found.agenda.today, *found.agenda.following)]
        speaking.draw((_("when"), _("campaign"), _("step"), _("kind"), _("audiences")), rows)
    _draw_waiting(found)


def _draw_campaign(one: CampaignStatus) -> None:
    from dispatcher.cli import speaking
    from dispatcher.report import words

    speaking.heading(f"{one.campaign.short_title} ({one.campaign.name})")
    state = words.said(words.STATES, one.standing.state) if one.standing else _("not begun")
    if one.standing is not None and one.standing.state == "paused":
        state += f": {words.paused(one.standing.reason)}"
    left = ngettext("{n} day left", "{n} days left", one.days_left) if one.days_left >= 0 else _("over")
    speaking.say(f"{state} · {left}")
    if not one.approval.stands:
        speaking.say(
            _("It waits for approval: dispatcher approve {name}", name=one.campaign.name), style="yellow"
        )
    if one.statuses:
        rows = [(words.status(word), count) for word, count in one.statuses.items()]
        speaking.draw(
            (_("status"), _("messages")), rows, right=(1,), total=(_("together"), sum(one.statuses.values()))
        )
    if one.campaign.budget_vnd is not None:
        spent, budget = speaking.money(one.vnd), speaking.money(one.campaign.budget_vnd)
        speaking.say(_("{spent} of {budget} used", spent=spent, budget=budget))


def _next_row(schedules: Schedules, item: Occurrence) -> tuple[object, ...]:
    from dispatcher.cli import speaking
    from dispatcher.report import words

    audiences = ", ".join(schedules.audiences[name].title for name in item.audiences)
    return (
        speaking.when(schedules.local(item.due_at)),
        item.campaign,
        item.step,
        words.said(words.KINDS, item.kind),
        audiences,
    )


def _draw_waiting(found: Status) -> None:
    """Say what a person should look at."""
    from dispatcher.cli import speaking
    from dispatcher.vietnamese.dates import VIETNAM

    lines = []
    if found.attention.held:
        lines.append(_("{n} people wait for a decision: dispatcher contacts held", n=found.attention.held))
    if found.attention.to_read:
        lines.append(_("{n} answers wait to be read", n=found.attention.to_read))
    if found.questions.get("in-doubt"):
        lines.append(
            _("{n} messages are in doubt; the provider is being asked", n=found.questions["in-doubt"])
        )
    for one in found.throttles:
        if one.blocked_until is not None and one.blocked_until > found.now:
            until = f"{one.blocked_until.astimezone(VIETNAM):%d/%m %H:%M}"
            lines.append(
                _(
                    "{gateway} rests until {until}: {why}",
                    gateway=one.gateway,
                    until=until,
                    why=one.blocked_reason,
                )
            )
    if lines:
        speaking.heading(_("Waits for a person"))
    for line in lines:
        speaking.say(line, style="yellow")


# --- report -------------------------------------------------------------------------------------------


def report(campaign: Campaign, as_json: AsJson = False) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import books
    from dispatcher.report import figures as gathering

    settings = opening.settings()
    schedules = opening.edition(settings).schedules
    name = opening.campaign(schedules, campaign).name
    with opening.ledger(settings) as ledger:
        sums = books.sums(ledger, campaign_name=name)
        figures = gathering.figures(ledger, schedules, name, now=opening.now())
        spent = books.spent(ledger, name)
    if as_json:
        speaking.answer(_report_value(figures, sums, spent))
        return
    _draw_areas(schedules, figures)
    _draw_steps(schedules, list(sums))
    _draw_failures(list(sums))
    speaking.say(_("Cost: {amount}", amount=speaking.money(spent)))


def _report_value(figures: Figures, sums: tuple[Sum, ...], spent: int) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "campaign": figures.campaign,
        "as_of": figures.as_of.isoformat(),
        "target_percent": figures.target_percent,
        "areas": [{**asdict(area), "percent": area.percent} for area in figures.areas],
        "total": {**asdict(figures.total), "percent": figures.total.percent},
        "sums": [{**asdict(one), "due_at": one.due_at.isoformat()} for one in sums],
        "vnd": spent,
    }


def _draw_areas(schedules: Schedules, figures: Figures) -> None:
    from dispatcher.cli import speaking
    from dispatcher.report import words

    campaign = schedules.campaigns[figures.campaign]
    speaking.heading(f"{campaign.title} · {figures.as_of:%d/%m/%Y}")
    heads = (
        _("thôn"), _("people"), _("reached"), _("not to be reached"), _("said no"), _("took part"), "%",
        _("since the last digest"),
    )  # fmt: skip
    rows = [
        (words.area(one.area), one.contacts, one.sent, one.undeliverable, one.opted_out, one.participated,
         one.percent, "" if one.change is None else one.change)
        for one in (*figures.areas, figures.total)
    ]  # fmt: skip
    speaking.draw(heads, rows[:-1], right=tuple(range(1, 8)), total=(_("together"), *rows[-1][1:]))
    if figures.target_percent is not None:
        speaking.say(_("The target is {percent}%.", percent=figures.target_percent))


def _draw_steps(schedules: Schedules, sums: list[Sum]) -> None:
    from dispatcher.cli import speaking

    speaking.heading(_("By step and audience"))
    speaking.draw(
        (
            _("due"), _("step"), _("audience"), _("channel"), _("planned"), _("sent"), _("failed"),
            _("not sent"), _("open"), _("parts"), "VND",
        ),
        list(_step_rows(schedules, sums)),
        right=tuple(range(4, 11)),
        hollow=(6, 7, 8),
    )  # fmt: skip


def _step_rows(schedules: Schedules, sums: list[Sum]) -> Iterator[tuple[object, ...]]:
    from itertools import groupby

    from dispatcher.cli import speaking
    from dispatcher.ledger.status import WITH_PROVIDER

    failed, unsent = {"permanent-failure", "technical-failure"}, {"cancelled", "expired"}

    def key(one: Sum) -> tuple[Any, ...]:
        return one.due_at, one.step, one.audience, one.channel

    for (due_at, step, audience, channel), found in groupby(sorted(sums, key=key), key):
        items = list(found)
        counts = [
            sum(one.messages for one in items if one.status in group)
            for group in (WITH_PROVIDER, failed, unsent)
        ]
        planned = sum(one.messages for one in items)
        when = "—" if items[0].kind == "thanks" else f"{schedules.local(due_at):%d/%m %H:%M}"
        parts = sum(one.parts for one in items if one.vnd)
        yield (
            when, step, audience, speaking.channel(channel), planned,
            *(count or "" for count in counts), planned - sum(counts) or "", parts or "",
            sum(one.vnd for one in items) or "",
        )  # fmt: skip


def _draw_failures(sums: list[Sum]) -> None:
    from collections import Counter

    from dispatcher.cli import speaking
    from dispatcher.report import words

    found: Counter[str] = Counter()
    for one in sums:
        if one.status in {"permanent-failure", "technical-failure", "temporary-failure"}:
            found[one.reason] += one.messages
    if found:
        speaking.heading(_("Failures, and what to do"))
        rows = [(words.reason(word), count, words.to_do(word)) for word, count in found.most_common()]
        speaking.draw((_("reason"), _("messages"), _("what to do")), rows, right=(1,))
