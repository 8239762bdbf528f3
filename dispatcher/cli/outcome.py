"""How a simulation's summary is told to people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.text import Text

from dispatcher.cli import speaking
from dispatcher.i18n import _
from dispatcher.report import words
from dispatcher.simulation.rules import Reconciliation
from dispatcher.simulation.summary import Day, Summary
from dispatcher.vietnamese.dates import VIETNAM

SAMPLES_PER_AUDIENCE = 1


def draw(found: Summary, *, kept: Path | None) -> None:
    """Tell all of it."""
    _draw_calendar(found.calendar)
    _draw_sums(found)
    _draw_samples(found)
    _draw_facts(found)
    _draw_verdict(found)
    if kept is not None:
        speaking.say(_("Ledger and logs are kept in {folder}.", folder=kept))


def _draw_calendar(calendar: Sequence[Day]) -> None:
    speaking.heading(_("What went out, by day and audience"))
    speaking.draw(
        (
            _("day"), _("step"), _("audience"), _("channel"), _("planned"), _("sent"), _("with receipt"),
            _("cancelled"), _("failed"), _("expired"), _("parts"), "VND",
        ),
        list(_day_rows(calendar)),
        right=tuple(range(4, 12)),
        hollow=(7, 8, 9),
        total=(
            _("together"), "", "", "", *(sum(getattr(day, name) for day in calendar) for name in SUMMED),
        ),
    )  # fmt: skip


SUMMED = ("planned", "sent", "delivered", "cancelled", "failed", "expired", "parts", "vnd")


def _day_rows(calendar: Sequence[Day]) -> Iterator[tuple[object, ...]]:
    before: tuple[object, ...] = ()
    for day in calendar:
        this = (day.day, day.step)
        new = this != before
        before = this
        when = "—" if day.kind == "thanks" else f"{day.day:%d/%m}"
        yield (
            when if new else "", day.step if new else "", day.audience,
            speaking.channel(day.channel),
            *(getattr(day, name) or "" for name in SUMMED),
        )  # fmt: skip


def _draw_sums(found: Summary) -> None:
    speaking.heading(_("How the messages stand"))
    rows = [(words.status(word), count, "") for word, count in found.statuses.items()]
    speaking.draw(
        (_("status"), _("messages"), ""), rows, right=(1,), total=(_("together"), found.planned, "")
    )
    if found.reasons:
        speaking.draw(
            (_("reason"), _("messages")),
            [(words.reason(word), count) for word, count in found.reasons.items()],
            right=(1,),
        )


def _draw_samples(found: Summary) -> None:
    shown: dict[str, int] = {}
    speaking.heading(_("As a phone shows it"))
    for sample in found.samples:
        if shown.get(sample.audience, 0) >= SAMPLES_PER_AUDIENCE:
            continue
        shown[sample.audience] = shown.get(sample.audience, 0) + 1
        at = f"{sample.at.astimezone(VIETNAM):%d/%m %H:%M}"
        speaking.bubble(
            sample.words,
            title=f"{sample.audience} · {sample.moment}",
            foot=f"{at} · {speaking.parts(sample.parts)}",
        )


def _draw_facts(found: Summary) -> None:
    speaking.heading(_("In figures"))
    standing = found.standing
    facts: list[tuple[str, str]] = [
        (_("people"), speaking.number(found.people)),
        (_("held for a decision"), speaking.number(standing.held)),
        (_("took part"), speaking.number(standing.took_part)),
        (_("said no"), speaking.number(standing.opted_out)),
        (_("digests sent"), speaking.number(found.digests)),
        (_("parts of texts"), speaking.number(found.parts)),
        (_("cost"), speaking.money(found.vnd)),
        (_("most texts to one number in 24 hours"), speaking.number(found.most_texts_in_a_day)),
    ]
    if found.missed:
        facts.append((_("steps that came too late"), speaking.number(found.missed)))
    if found.busiest is not None:
        busiest = _(
            "{messages} texts from {hour}; the gateway could send {possible}",
            messages=speaking.number(found.busiest.messages),
            hour=f"{found.busiest.begins:%d/%m %H:%M}",
            possible=speaking.number(found.busiest.possible),
        )
        facts.append((_("busiest hour"), busiest))
    facts.append(
        (
            _("time and memory"),
            _("{seconds} s, {memory} MB", seconds=f"{found.seconds:.1f}", memory=f"{found.peak_rss_mb:.0f}"),
        )
    )
    speaking.facts(facts)


def _draw_verdict(found: Summary) -> None:
    speaking.heading(_("Beside the provider's own log"))
    agreed = found.reconciliation
    if agreed is None:
        speaking.say(_("The messages went to servers that keep no log for us; there is nothing to compare."))
    else:
        draw_reconciliation(agreed)
    for name, reason in found.paused.items():
        words_said = _("{campaign} stopped itself: {reason}", campaign=name, reason=words.paused(reason))
        speaking.say(Text(f"! {words_said}", "bold yellow"))
    for rule in found.broken:
        speaking.say(Text(f"✗ {rule}", "bold red"))
    if found.is_sound:
        speaking.say(Text(_("✓ The books balance; no rule was broken."), "bold green"))
    else:
        speaking.say(Text(_("✗ The books do not balance, or a rule was broken."), "bold red"))


def draw_reconciliation(agreed: Reconciliation) -> None:
    """Show the comparison with a provider's log."""
    speaking.draw(
        (
            _("taken by the provider"), _("known in the ledger"), _("lost"), _("sent twice"),
            _("mails repeated after a lost answer"), _("in doubt"), _("unexpected"),
        ),
        [
            (
                agreed.accepted, agreed.known, agreed.lost, agreed.twice, agreed.repeated, agreed.in_doubt,
                agreed.unexpected,
            )
        ],
        right=tuple(range(7)),
    )  # fmt: skip
