"""How `reconcile` says what it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from dispatcher.cli import console
from dispatcher.i18n import _, ngettext
from dispatcher.vietnamese.dates import VIETNAM

if TYPE_CHECKING:
    from datetime import datetime

    from dispatcher.feedback.provider_reconciliation import (
        ProviderReconciliation,
        RepeatedText,
        UnheldText,
    )
    from dispatcher.report.integrity_report import IntegrityReport
    from dispatcher.simulation.checks import ProviderComparison

SHOWN = 20  # lines of one kind; the rest is counted


def print_integrity(report: IntegrityReport) -> None:
    """Print the sums, what does not add up in them, and what nobody knows yet."""
    from dispatcher.report.integrity_report import VIOLATION_LABELS

    _print_counts(report)
    for word, count in report.violations.items():
        console.print_line(f"✗ {_(VIOLATION_LABELS.get(word, word))}: {count}", style="bold red")
    for one in report.wrong_budgets:
        used, cost = console.format_number(one.used), console.format_number(one.cost)
        console.print_line(
            "    "
            + _("{name}: {used} VND used, its messages cost {cost}", name=one.campaign, used=used, cost=cost)
        )
    if report.unresolved:
        console.print_heading(_("Not known yet"))
        _print_unresolved(report)


def print_conclusion(*, sound: bool) -> None:
    """Say whether the books balance."""
    console.print_line("")
    if sound:
        console.print_line(_("✓ The books balance."), style="bold green")
    else:
        console.print_line(_("✗ The books do not balance."), style="bold red")


def print_provider(provider: ProviderReconciliation | None, *, full: bool) -> None:
    """Print how the providers' lists of texts compare; say where there is nothing to compare with."""
    if provider is None:
        console.print_note(_("No provider of texts is set up, so none was asked."))
    else:
        _print_lookups(provider)
        _print_differences(provider, full=full)
    console.print_note(_("Mail servers keep no list: of mails only the ledger's own word is known."))


def _print_lookups(provider: ProviderReconciliation) -> None:
    from dispatcher.report import labels

    console.print_heading(_("What the provider says of the last messages it took"))
    console.print_table(
        (_("asked about"), _("there"), _("not there"), _("no clear answer")),
        [(provider.asked, provider.there, provider.missing_count, provider.unclear)],
        right_aligned=(0, 1, 2, 3),
    )
    console.print_heading(
        _(
            "What its list of texts says, from {since} to {until}",
            since=_moment(provider.since), until=_moment(provider.until),
        )
    )  # fmt: skip
    console.print_table(
        (_("in the ledger"), _("in its list"), _("on their way"), _("not comparable")),
        [(provider.held, provider.listed, provider.open, provider.uncompared)],
        right_aligned=(0, 1, 2, 3),
    )
    for codes, count in provider.other_status.items():
        change = " → ".join(labels.status(code) for code in codes.split(" → "))
        console.print_line(
            _("{change}: {count}; the next receipt or question settles it", change=change, count=count)
        )
    for count, words in (
        (provider.in_doubt, _("in its list and in doubt with us; the service is asking about them")),
        (provider.forgotten, _("in its list and forgotten by us on purpose")),
        (provider.other_senders, _("in its list and sent under another name; those are not ours to judge")),
    ):
        if count:
            console.print_line(f"{words}: {console.format_number(count)}")


def _print_differences(provider: ProviderReconciliation, *, full: bool) -> None:
    for gateway, why in provider.unread.items():
        words = _("the list of {gateway} could not be read to its end: {why}", gateway=gateway, why=why)
        console.print_line(f"✗ {words}", style="bold red")
        if gateway in provider.read_back_to:
            day = _moment(provider.read_back_to[gateway])
            console.print_line(_("  It was read back to {day}.", day=day))
        console.print_line(_("  What it does not show is not proved. Try again."))
    if provider.gone_count:
        count = provider.gone_count
        words = ngettext(
            "{n} text that the ledger says was taken is not with the provider",
            "{n} texts that the ledger says were taken are not with the provider", count,
        )  # fmt: skip
        _print_finding(words, count, (_("message {id}", id=one) for one in provider.gone))
    if provider.unheld_count:
        count = provider.unheld_count
        words = ngettext(
            "{n} text is with the provider, and the ledger knows nothing of it",
            "{n} texts are with the provider, and the ledger knows nothing of them", count,
        )  # fmt: skip
        _print_finding(words, count, (_unheld_line(one, full=full) for one in provider.unheld))
        console.print_line(
            _("  Was the ledger restored, or does another program use this sender? Pause the campaign until "
              "that is clear: who has such a text may get it again.")
        )  # fmt: skip
    if provider.repeated_count:
        count = provider.repeated_count
        words = ngettext(
            "{n} number got the same words twice within hours",
            "{n} times a number got the same words again within hours", count,
        )  # fmt: skip
        _print_finding(words, count, (_repeated_line(one, full=full) for one in provider.repeated))


def _unheld_line(text: UnheldText, *, full: bool) -> str:
    from dispatcher.report import labels

    status = labels.status(text.status) if text.status else ""
    parts = (_moment(text.at), console.format_address(text.to, full=full), status, text.provider_id)
    return " · ".join(part for part in parts if part)


def _repeated_line(text: RepeatedText, *, full: bool) -> str:
    parts: Sequence[str] = (
        _moment(text.at), console.format_address(text.to, full=full), *text.provider_ids,
    )  # fmt: skip
    return " · ".join(part for part in parts if part)


def _print_finding(words: str, count: int, lines: Iterable[str]) -> None:
    from dispatcher.feedback.provider_reconciliation import NAMED_MAX

    console.print_line(f"✗ {words}", style="bold red")
    for line in islice(lines, SHOWN):
        console.print_line(f"    {line}")
    if count > SHOWN:
        more, named = console.format_number(count - SHOWN), console.format_number(NAMED_MAX)
        console.print_line(_("    and {n} more; --json names them, up to {max} of a kind", n=more, max=named))


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}" if at else ""


def _print_counts(report: IntegrityReport) -> None:
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
    from dispatcher.report import labels

    for word, count in report.unresolved.items():
        console.print_line(
            f"{labels.status(word)}: {console.format_number(count)}",
            style="yellow" if word == "in-doubt" else "",
        )


def print_comparison(comparison: ProviderComparison) -> None:
    from dispatcher.cli import simulation_view

    console.print_heading(_("Beside the provider's own log"))
    simulation_view.print_comparison(comparison)
