"""`reconcile`: does the ledger add up, in itself and against the provider's log?"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.cli.options import FullOption, JsonOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.feedback.provider_reconciliation import ProviderReconciliation
    from dispatcher.ledger import Ledger
    from dispatcher.report.integrity_report import IntegrityReport
    from dispatcher.settings import Settings
    from dispatcher.simulation.checks import ProviderComparison

LOOKUPS_DEFAULT = 200


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("Do the books balance, in themselves and beside the provider? Exit 1 when not."))(
        reconcile
    )


def reconcile(
    campaign: Annotated[
        str, typer.Option(metavar="CAMPAIGN", help=_("Only the sums of this campaign."))
    ] = "",
    since: Annotated[
        str,
        typer.Option(
            metavar="DATE", help=_("Compare with the provider's list from this day on; else 31 days back.")
        ),
    ] = "",
    ask: Annotated[
        int, typer.Option(metavar="N", help=_("Ask the provider about the last N messages it took; 0: all."))
    ] = LOOKUPS_DEFAULT,
    offline: Annotated[bool, typer.Option("--offline", help=_("Do not ask the provider."))] = False,
    log: Annotated[
        Path | None, typer.Option(metavar="DIR", help=_("Compare with the log of a sandbox in this folder."))
    ] = None,
    full: FullOption = False,
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context, reconciliation_view
    from dispatcher.ledger import LedgerDamaged
    from dispatcher.report import integrity_report

    settings = context.settings()
    first_day = context.parse_day(since, "--since")
    if log is not None and not log.is_dir():
        raise typer.BadParameter(_("there is no folder {folder}", folder=log), param_hint="--log")
    try:
        with context.ledger(settings) as ledger:
            report = integrity_report.check_integrity(ledger, now=context.now(), campaign=campaign)
            comparison = None if log is None else _compare_log(settings, ledger, log)
            provider = None if offline else _ask_providers(settings, ledger, first_day, ask)
    except LedgerDamaged as damaged:  # nothing that stands in it is believed
        if as_json:
            console.print_json({"sound": False, "damage": str(damaged)})
        raise
    sound = (
        report.is_consistent
        and (comparison is None or comparison.is_balanced)
        and (provider is None or provider.is_balanced)
    )
    if as_json:
        console.print_json(_as_json(report, comparison, provider, sound=sound))
    else:
        reconciliation_view.print_integrity(report)
        if not offline:
            reconciliation_view.print_provider(provider, full=full)
        if comparison is not None:
            reconciliation_view.print_comparison(comparison)
        reconciliation_view.print_conclusion(sound=sound)
    raise typer.Exit(0 if sound else 1)


def _compare_log(settings: Settings, ledger: Ledger, folder: Path) -> ProviderComparison:
    from dispatcher.app import make_signed_links
    from dispatcher.simulation.checks import compare_with_log

    return compare_with_log(ledger, make_signed_links(settings, ledger), folder)


def _ask_providers(
    settings: Settings, ledger: Ledger, first_day: date | None, latest: int
) -> ProviderReconciliation | None:
    """Compare with the providers of texts; None where none of them can be asked."""
    import asyncio

    from dispatcher.cli import context
    from dispatcher.feedback import provider_reconciliation
    from dispatcher.gateways import registry
    from dispatcher.vietnamese.dates import VIETNAM

    schedules = _schedules(settings, ledger)
    sender = schedules.office.sender if schedules else ""
    gateways = registry.open_for_lookup(settings, "sms", sender=sender)
    if not gateways:
        return None
    if first_day is None:
        begins = provider_reconciliation.period_start(ledger, now=context.now())
    else:
        begins = datetime.combine(first_day, time(), tzinfo=schedules.timezone if schedules else VIETNAM)
    return asyncio.run(provider_reconciliation.reconcile(gateways, ledger, since=begins, latest=latest))


def _schedules(settings: Settings, ledger: Ledger) -> Schedules | None:
    """Return the schedules in force; None where there are none: the proof does not need them."""
    from dispatcher import kept_configuration
    from dispatcher.errors import ConfigurationError

    try:
        return kept_configuration.load_or_kept(ledger, settings, None).config.schedules
    except ConfigurationError:
        return None


def _as_json(
    report: IntegrityReport,
    comparison: ProviderComparison | None,
    provider: ProviderReconciliation | None,
    *,
    sound: bool,
) -> dict[str, Any]:
    return {
        "sound": sound,
        "damage": "",
        "planned": report.planned,
        "sums": [{**asdict(one), "due_at": one.due_at.isoformat()} for one in report.sums],
        "areas": {name: [asdict(one) for one in areas] for name, areas in report.areas.items()},
        "in_doubt": report.unresolved.get("in-doubt", 0),
        "questions": report.unresolved,
        "flaws": report.violations,
        "wrong_budgets": [asdict(one) for one in report.wrong_budgets],
        "provider": None if provider is None else asdict(provider),
        "log": None if comparison is None else {**asdict(comparison), "balanced": comparison.is_balanced},
    }
