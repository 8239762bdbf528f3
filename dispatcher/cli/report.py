"""`report`: how a campaign went, by thôn, by step and audience, and what failed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from dispatcher.campaign import step_kinds
from dispatcher.cli.options import CampaignArgument, JsonOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.ledger.queries.message_counts import ExactCount
    from dispatcher.message.digest import DigestFigures


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(help=_("How a campaign went: by thôn, by step and audience, failures and what to do."))(
        report
    )


def report(campaign: CampaignArgument, as_json: JsonOption = False) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger import stage
    from dispatcher.ledger.queries import message_counts
    from dispatcher.ledger.sending import budgets, occurrences
    from dispatcher.report import digest_figures, labels

    settings = context.brake_settings()
    with context.ledger(settings) as ledger:
        schedules = context.usable_configuration(settings, ledger).schedules
        name = context.campaign(schedules, campaign).name
        sums = message_counts.exact_by_step(ledger, campaign_name=name)
        figures = digest_figures.gather(ledger, schedules, name, now=context.now())
        is_trial = stage.current(ledger) == "trial"
        spent, missed = budgets.used(ledger, name), occurrences.count_missed(ledger, name)
    if as_json:
        console.print_json({**_report_as_json(figures, sums, spent), "missed": missed})
        return
    if is_trial:
        console.print_trial_note()
    _print_areas(schedules, figures)
    _print_steps(schedules, list(sums))
    _print_failures(list(sums))
    if missed:
        console.print_line(labels.missed(missed), style="yellow")
    console.print_line(_("Cost: {amount}", amount=console.format_money(spent)))


def _report_as_json(figures: DigestFigures, sums: tuple[ExactCount, ...], spent: int) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "campaign": figures.campaign,
        "as_of": figures.as_of.isoformat(),
        "target_percent": figures.target_percent,
        "areas": [{**asdict(area), "percent": area.percent, "share": area.share} for area in figures.areas],
        "total": {**asdict(figures.total), "percent": figures.total.percent, "share": figures.total.share},
        "sums": [{**asdict(one), "due_at": one.due_at.isoformat()} for one in sums],
        "vnd": spent,
    }


def _print_areas(schedules: Schedules, figures: DigestFigures) -> None:
    from dispatcher.cli import console
    from dispatcher.report import labels
    from dispatcher.report.formatting import format_percent

    campaign = schedules.campaigns[figures.campaign]
    console.print_heading(f"{campaign.title} · {figures.as_of:%d/%m/%Y}")
    heads = (
        _("thôn"), _("people"), _("reached"), _("not to be reached"), _("said no"), _("took part"), "%",
        _("since the last digest"), _("no usable address"),
    )  # fmt: skip
    rows = [
        (labels.area(one.area), one.contacts, one.sent, one.undeliverable, one.opted_out, one.participated,
         format_percent(one.share), "" if one.change is None else one.change, one.without_address or "")
        for one in (*figures.areas, figures.total)
    ]  # fmt: skip
    console.print_table(
        heads,
        rows[:-1],
        right_aligned=tuple(range(1, 9)),
        hide_if_empty=(8,),
        footer=(_("together"), *rows[-1][1:]),
    )
    if figures.target_percent is not None:
        console.print_line(_("The target is {percent}%.", percent=figures.target_percent))


def _print_steps(schedules: Schedules, sums: list[ExactCount]) -> None:
    from dispatcher.cli import console

    console.print_heading(_("By step and audience"))
    console.print_table(
        (
            _("due"), _("step"), _("audience"), _("channel"), _("planned"), _("sent"), _("failed"),
            _("not sent"), _("open"), _("parts"), "VND",
        ),
        list(_step_rows(schedules, sums)),
        right_aligned=tuple(range(4, 11)),
        hide_if_empty=(6, 7, 8),
    )  # fmt: skip


def _step_rows(schedules: Schedules, sums: list[ExactCount]) -> Iterator[tuple[object, ...]]:
    from itertools import groupby

    from dispatcher.cli import console
    from dispatcher.ledger.schema.message_status import ACCEPTED_STATUSES, FAILED, NOT_NEEDED

    def key(one: ExactCount) -> tuple[Any, ...]:
        return one.due_at, one.step, one.audience, one.channel

    for (due_at, step, audience, channel), same_step in groupby(sorted(sums, key=key), key):
        items = list(same_step)
        counts = [
            sum(one.messages for one in items if one.status in group)
            for group in (ACCEPTED_STATUSES, FAILED, NOT_NEEDED)
        ]
        planned = sum(one.messages for one in items)
        when = "—" if items[0].kind in step_kinds.STANDING else f"{schedules.to_local(due_at):%d/%m %H:%M}"
        parts = sum(one.parts for one in items if one.vnd)
        yield (
            when, step, audience, console.channel_label(channel), planned,
            *(count or "" for count in counts), planned - sum(counts) or "", parts or "",
            sum(one.vnd for one in items) or "",
        )  # fmt: skip


def _print_failures(sums: list[ExactCount]) -> None:
    from collections import Counter

    from dispatcher.cli import console
    from dispatcher.ledger.schema.message_status import NOT_REACHED
    from dispatcher.report import labels

    by_reason: Counter[str] = Counter()
    for one in sums:
        if one.status in NOT_REACHED:
            by_reason[one.reason] += one.messages
    if by_reason:
        console.print_heading(_("Failures, and what to do"))
        rows = [(labels.reason(word), count, labels.advice(word)) for word, count in by_reason.most_common()]
        console.print_table((_("reason"), _("messages"), _("what to do")), rows, right_aligned=(1,))
