"""`reconcile`: does the ledger add up, in itself and against the provider's log?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.cli.options import JsonOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.gateways import Gateway
    from dispatcher.ledger import Ledger
    from dispatcher.ledger.queries.message_log import AcceptedMessage
    from dispatcher.report.integrity_report import IntegrityReport
    from dispatcher.settings import Settings
    from dispatcher.simulation.checks import ProviderComparison

LOOKUPS_DEFAULT = 200
LOOKUPS_CONCURRENT = 8


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("Do the books balance, in themselves and beside the provider? Exit 1 when not."))(
        reconcile
    )


@dataclass(kw_only=True)
class LookupSummary:
    """What the provider said about messages that it took."""

    asked: int = 0
    there: int = 0
    missing: list[int] = field(default_factory=list)  # clearly not there
    unclear: int = 0
    other_status: dict[str, int] = field(default_factory=dict)  # "ours → theirs": how often


def reconcile(
    campaign: Annotated[
        str, typer.Option(metavar="CAMPAIGN", help=_("Only the sums of this campaign."))
    ] = "",
    ask: Annotated[
        int, typer.Option(metavar="N", help=_("Ask the provider about the last N messages it took; 0: all."))
    ] = LOOKUPS_DEFAULT,
    offline: Annotated[bool, typer.Option("--offline", help=_("Do not ask the provider."))] = False,
    log: Annotated[
        Path | None, typer.Option(metavar="DIR", help=_("Compare with the log of a sandbox in this folder."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.report import integrity_report

    settings = context.settings()
    if log is not None and not log.is_dir():
        raise typer.BadParameter(_("there is no folder {folder}", folder=log), param_hint="--log")
    with context.ledger(settings) as ledger:
        report = integrity_report.check_integrity(ledger, now=context.now(), campaign=campaign)
        comparison = None if log is None else _compare_log(settings, ledger, log)
        lookups = None if offline else _ask_provider(settings, ledger, ask)
    sound = (
        report.is_consistent
        and (comparison is None or comparison.is_balanced)
        and (lookups is None or not lookups.missing)
    )
    if as_json:
        console.print_json(_as_json(report, comparison, lookups, sound=sound))
    else:
        _print_report(report, comparison, lookups, sound=sound)
    raise typer.Exit(0 if sound else 1)


def _compare_log(settings: Settings, ledger: Ledger, folder: Path) -> ProviderComparison:
    from dispatcher.app import make_signed_links
    from dispatcher.simulation.checks import compare_with_log

    return compare_with_log(ledger, make_signed_links(settings, ledger), folder)


def _ask_provider(settings: Settings, ledger: Ledger, limit: int) -> LookupSummary | None:
    """Ask the providers of texts about what they took; None where none of them can be asked."""
    import asyncio

    from dispatcher.gateways import registry
    from dispatcher.ledger.queries import message_log

    gateways = registry.open_for_lookup(settings, "sms")
    messages = message_log.latest_accepted(ledger, "sms", limit=limit)
    return asyncio.run(_look_up(gateways, messages)) if gateways else None


async def _look_up(gateways: Mapping[str, Gateway], messages: tuple[AcceptedMessage, ...]) -> LookupSummary:
    import asyncio
    from datetime import timedelta

    from dispatcher.gateways import Envelope

    turns = asyncio.Semaphore(LOOKUPS_CONCURRENT)
    summary = LookupSummary()

    async def one(item: AcceptedMessage) -> None:
        summary.asked += 1
        if item.gateway not in gateways:  # taken by one that is not set up any more, or cannot be asked
            summary.unclear += 1
            return
        envelope = Envelope(key=str(item.message_id), to=item.address, body=item.text)
        async with turns:
            result = await gateways[item.gateway].look_up(
                envelope, since=item.submitted_at - timedelta(minutes=5), provider_id=item.provider_id
            )
        if result.kind == "accepted":
            summary.there += 1
            if result.status and result.status != item.status:
                change = f"{item.status} → {result.status}"
                summary.other_status[change] = summary.other_status.get(change, 0) + 1
        elif result.code == "not-found":
            summary.missing.append(item.message_id)
        else:
            summary.unclear += 1

    try:
        await asyncio.gather(*(one(item) for item in messages))
    finally:
        for gateway in gateways.values():
            await gateway.close()
    return summary


def _as_json(
    report: IntegrityReport,
    comparison: ProviderComparison | None,
    lookups: LookupSummary | None,
    *,
    sound: bool,
) -> dict[str, Any]:
    return {
        "sound": sound,
        "planned": report.planned,
        "sums": [{**asdict(one), "due_at": one.due_at.isoformat()} for one in report.sums],
        "areas": {name: [asdict(one) for one in areas] for name, areas in report.areas.items()},
        "in_doubt": report.unresolved.get("in-doubt", 0),
        "questions": report.unresolved,
        "flaws": report.violations,
        "provider": None if lookups is None else asdict(lookups),
        "log": None if comparison is None else {**asdict(comparison), "balanced": comparison.is_balanced},
    }


def _print_report(
    report: IntegrityReport,
    comparison: ProviderComparison | None,
    lookups: LookupSummary | None,
    *,
    sound: bool,
) -> None:
    from dispatcher.cli import console
    from dispatcher.report.integrity_report import VIOLATION_LABELS

    _print_counts(report)
    for word, count in report.violations.items():
        console.print_line(f"✗ {_(VIOLATION_LABELS.get(word, word))}: {count}", style="bold red")
    if report.unresolved:
        console.print_heading(_("Not known yet"))
        _print_unresolved(report)
    if lookups is not None:
        _print_lookups(lookups)
    if comparison is not None:
        _print_comparison(comparison)
    console.print_line("")
    if sound:
        console.print_line(_("✓ The books balance."), style="bold green")
    else:
        console.print_line(_("✗ The books do not balance."), style="bold red")


def _print_counts(report: IntegrityReport) -> None:
    from dispatcher.cli import console
    from dispatcher.report import labels

    steps: dict[tuple[str, str], Counter[str]] = {}
    for one in report.sums:
        steps.setdefault((one.campaign, one.step), Counter())[one.status] += one.messages
    statuses = sorted({one.status for one in report.sums})
    totals = [sum(counts[status] for counts in steps.values()) for status in statuses]
    console.print_table(
        (_("campaign"), _("step"), _("planned"), *map(labels.status, statuses)),
        [
            (name, step, counts.total(), *(counts[status] or "" for status in statuses))
            for (name, step), counts in steps.items()
        ],
        right_aligned=tuple(range(2, 3 + len(statuses))),
        footer=(_("together"), "", report.planned, *totals),
    )


def _print_unresolved(report: IntegrityReport) -> None:
    from dispatcher.cli import console
    from dispatcher.report import labels

    for word, count in report.unresolved.items():
        console.print_line(
            f"{labels.status(word)}: {console.format_number(count)}",
            style="yellow" if word == "in-doubt" else "",
        )


def _print_lookups(lookups: LookupSummary) -> None:
    from dispatcher.cli import console

    console.print_heading(_("What the provider says of the last messages it took"))
    console.print_table(
        (_("asked about"), _("there"), _("not there"), _("no clear answer")),
        [(lookups.asked, lookups.there, len(lookups.missing), lookups.unclear)],
        right_aligned=(0, 1, 2, 3),
    )
    for change, count in lookups.other_status.items():
        console.print_line(
            _("{change}: {count}; the next receipt or question settles it", change=change, count=count)
        )


def _print_comparison(comparison: ProviderComparison) -> None:
    from dispatcher.cli import console
    from dispatcher.cli.simulation_view import print_comparison

    console.print_heading(_("Beside the provider's own log"))
    print_comparison(comparison)
