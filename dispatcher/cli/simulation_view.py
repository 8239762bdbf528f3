"""Prints a simulation's summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.text import Text

from dispatcher.campaign import step_kinds
from dispatcher.cli import console
from dispatcher.i18n import _
from dispatcher.report import labels
from dispatcher.simulation.checks import ProviderComparison
from dispatcher.simulation.summary import CalendarDay, SimulationSummary
from dispatcher.vietnamese.dates import VIETNAM

SAMPLES_PER_AUDIENCE = 1


def print_summary(summary: SimulationSummary, *, kept: Path | None) -> None:
    """Print the whole summary."""
    _print_calendar(summary.calendar)
    _print_statuses(summary)
    _print_samples(summary)
    _print_figures(summary)
    if summary.collision_problems:
        console.print_heading(_("Where campaigns meet at their caps"))
        console.print_problems(summary.collision_problems, to_stdout=True)
    _print_verdict(summary)
    if kept is not None:
        console.print_line(_("Ledger and logs are kept in {folder}.", folder=kept))


def _print_calendar(calendar: Sequence[CalendarDay]) -> None:
    console.print_heading(_("What went out, by day and audience"))
    console.print_table(
        (
            _("day"),
            _("step"),
            _("audience"),
            _("channel"),
            _("planned"),
            _("sent"),
            _("with receipt"),
            _("cancelled"),
            _("failed"),
            _("expired"),
            _("parts"),
            "VND",
        ),
        list(_day_rows(calendar)),
        right_aligned=tuple(range(4, 12)),
        hide_if_empty=(7, 8, 9),
        footer=(
            _("together"),
            "",
            "",
            "",
            *(sum(getattr(day, name) for day in calendar) for name in SUMMED_FIELDS),
        ),
    )


SUMMED_FIELDS = ("planned", "sent", "delivered", "cancelled", "failed", "expired", "parts", "vnd")


def _day_rows(calendar: Sequence[CalendarDay]) -> Iterator[tuple[object, ...]]:
    before: tuple[object, ...] = ()
    for day in calendar:
        this = (day.day, day.step)
        new = this != before
        before = this
        when = "—" if day.kind in step_kinds.STANDING else f"{day.day:%d/%m}"
        yield (
            when if new else "", day.step if new else "", day.audience,
            console.channel_label(day.channel),
            *(getattr(day, name) or "" for name in SUMMED_FIELDS),
        )  # fmt: skip


def _print_statuses(summary: SimulationSummary) -> None:
    console.print_heading(_("How the messages stand"))
    rows = [(labels.status(word), count, "") for word, count in summary.statuses.items()]
    console.print_table(
        (_("status"), _("messages"), ""),
        rows,
        right_aligned=(1,),
        footer=(_("together"), summary.planned, ""),
    )
    if summary.reasons:
        console.print_table(
            (_("reason"), _("messages")),
            [(labels.reason(word), count) for word, count in summary.reasons.items()],
            right_aligned=(1,),
        )


def _print_samples(summary: SimulationSummary) -> None:
    printed: dict[str, int] = {}
    console.print_heading(_("As a phone shows it"))
    for sample in summary.samples:
        if printed.get(sample.audience, 0) >= SAMPLES_PER_AUDIENCE:
            continue
        printed[sample.audience] = printed.get(sample.audience, 0) + 1
        at = f"{sample.at.astimezone(VIETNAM):%d/%m %H:%M}"
        console.print_bubble(
            sample.words,
            title=f"{sample.audience} · {sample.moment}",
            footer=f"{at} · {console.format_parts(sample.parts)}",
        )


def _print_figures(summary: SimulationSummary) -> None:
    console.print_heading(_("In figures"))
    standing = summary.totals
    facts: list[tuple[str, str]] = [
        (_("people"), console.format_number(summary.people)),
        (_("held for a decision"), console.format_number(standing.held)),
        (_("took part"), console.format_number(standing.took_part)),
        (_("said no"), console.format_number(standing.opted_out)),
        (_("digests sent"), console.format_number(summary.digests)),
        (_("parts of texts"), console.format_number(summary.parts)),
        (_("cost"), console.format_money(summary.vnd)),
        (_("most texts to one number in 24 hours"), console.format_number(summary.most_texts_in_a_day)),
    ]
    if summary.missed:
        facts.append((_("steps that came too late"), console.format_number(summary.missed)))
    if summary.busiest_hour is not None:
        busiest = _(
            "{messages} texts from {hour}; the gateway could send {possible}",
            messages=console.format_number(summary.busiest_hour.messages),
            hour=f"{summary.busiest_hour.begins:%d/%m %H:%M}",
            possible=console.format_number(summary.busiest_hour.possible),
        )
        facts.append((_("busiest hour"), busiest))
    facts.append(
        (
            _("time and memory"),
            _(
                "{seconds} s, {memory} MB",
                seconds=f"{summary.seconds:.1f}",
                memory=f"{summary.peak_rss_mb:.0f}",
            ),
        )
    )
    console.print_pairs(facts)


def _print_verdict(summary: SimulationSummary) -> None:
    console.print_heading(_("Beside the provider's own log"))
    comparison = summary.comparison
    if comparison is None:
        console.print_line(
            _("The messages went to servers that keep no log for us; there is nothing to compare.")
        )
    else:
        print_comparison(comparison)
    for name, reason in summary.paused.items():
        sentence = _("{campaign} stopped itself: {reason}", campaign=name, reason=labels.pause_reason(reason))
        console.print_line(Text(f"! {sentence}", "bold yellow"))
    for rule in summary.violations:
        console.print_line(Text(f"✗ {rule}", "bold red"))
    if summary.is_sound:
        console.print_line(Text(_("✓ The books balance; no rule was broken."), "bold green"))
    else:
        console.print_line(Text(_("✗ The books do not balance, or a rule was broken."), "bold red"))


def print_comparison(comparison: ProviderComparison) -> None:
    """Print the comparison with a provider's log."""
    console.print_table(
        (
            _("taken by the provider"),
            _("known in the ledger"),
            _("lost"),
            _("sent twice"),
            _("mails repeated after a lost answer"),
            _("in doubt"),
            _("unexpected"),
        ),
        [
            (
                comparison.accepted,
                comparison.known,
                comparison.lost,
                comparison.twice,
                comparison.repeated,
                comparison.in_doubt,
                comparison.unexpected,
            )
        ],
        right_aligned=tuple(range(7)),
    )
