"""Pictures of figures as SVG, made here: no script, no style attribute, readable in print and aloud.

Colours come from the page's style sheet by class; every picture says in words what it shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from markupsafe import Markup, escape

from dispatcher.i18n import _
from dispatcher.report.formatting import format_number
from dispatcher.report.progress import MessageCounts

WIDTH = 640
VALUE_WIDTH = 90
MARGIN = 14  # half a date under the first and the last column
ROW_HEIGHT = 46  # a line for the name, a line for the bar: so it can be read on a phone
SEGMENT_CLASSES = ("delivered", "sent", "waiting", "in-doubt", "failed", "not-needed")


@dataclass(frozen=True, kw_only=True, slots=True)
class BarSegment:
    """A stretch of a bar: `kind` is one of PART_CLASSES."""

    kind: str
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bar: its name, its stretches, and what stands at its end."""

    label: str
    segments: tuple[BarSegment, ...]
    value: str = ""


def counts_bar(label: str, counts: MessageCounts, value: str) -> Bar:
    """Make a bar of how messages stand."""
    values = (
        counts.delivered,
        counts.sent,
        counts.waiting,
        counts.in_doubt,
        counts.failed,
        counts.not_needed,
    )
    parts = tuple(
        BarSegment(kind=kind, value=value) for kind, value in zip(SEGMENT_CLASSES, values, strict=True)
    )
    return Bar(label=label, segments=parts, value=value)


def counts_bars(groups: Sequence[tuple[str, MessageCounts]]) -> list[Bar]:
    """Make a bar a group, its number of messages at the end."""
    return [counts_bar(label, item, format_number(item.messages)) for label, item in groups]


def last_days(
    groups: Sequence[tuple[date, MessageCounts]], limit: int = 14
) -> list[tuple[str, MessageCounts]]:
    """Return the last days of a campaign."""
    return [(f"{day:%d/%m}", item) for day, item in groups[-limit:]]


def with_labels(
    groups: Sequence[tuple[str, MessageCounts]], labels: Mapping[str, str]
) -> list[tuple[str, MessageCounts]]:
    """Return groups with their codes in the reader's language."""
    return [(_(labels[name]) if name in labels else name, item) for name, item in groups]


def day_labels(per_day: Sequence[tuple[date, int]]) -> list[tuple[str, float]]:
    """Write days as they stand below columns."""
    return [(f"{day:%d/%m}", value) for day, value in per_day]


def cumulative(per_day: Sequence[tuple[date, int]]) -> list[float]:
    """Add up from day to day."""
    return list(accumulate(float(value) for _day, value in per_day))


def bar_chart(title: str, rows: Sequence[Bar], *, scale_max: float | None = None) -> Markup:
    """Draw bars one below the other, all on one scale; `most` is the end of the scale."""
    whole = scale_max or max((sum(part.value for part in row.segments) for row in rows), default=0) or 1
    room = WIDTH - VALUE_WIDTH
    drawn = [_row(row, place * ROW_HEIGHT, room / whole) for place, row in enumerate(rows)]
    description = "; ".join(f"{row.label}: {row.value}" for row in rows)
    return _svg(title, description, len(rows) * ROW_HEIGHT + 4, Markup("").join(drawn))


def _row(row: Bar, top: int, scale: float) -> Markup:
    bar, thick = top + 20, 18
    middle = bar + thick / 2 + 1
    pieces = [Markup('<text class="label" x="0" y="{}">{}</text>').format(top + 14, _truncate(row.label))]
    left = 0.0
    for part in row.segments:
        length = part.value * scale
        if length > 0:
            pieces.append(
                Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                    f"part {part.kind}", f"{left:.1f}", bar, f"{max(length, 1.0):.1f}", thick
                )
            )
        left += length
    pieces.append(
        Markup('<text class="value" x="{}" y="{}" dominant-baseline="middle">{}</text>').format(
            f"{left + 6:.1f}", f"{middle:.1f}", row.value
        )
    )
    return Markup("").join(pieces)


def column_chart(title: str, values: Sequence[tuple[str, float]], *, line: Sequence[float] = ()) -> Markup:
    """Draw a column a day, and a line over them on a scale of its own that ends at its highest point."""
    height, floor, head = 170, 140, 18
    most = max((value for _label, value in values), default=0) or 1
    step = WIDTH / max(1, len(values))
    pieces = []
    every = max(1, -(-len(values) // 12))
    for place, (label, value) in enumerate(values):
        tall = value * (floor - head) / most
        left = place * step + step * 0.12
        if value:
            pieces.append(
                Markup('<rect class="part delivered" x="{}" y="{}" width="{}" height="{}"/>').format(
                    f"{left:.1f}", f"{floor - tall:.1f}", f"{step * 0.76:.1f}", f"{tall:.1f}"
                )
            )
        if place % every == 0:
            pieces.append(
                Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                    f"{place * step + step / 2:.1f}", floor + 18, label
                )
            )
    pieces.append(Markup('<path class="axis" d="M0 {0}H{1}"/>').format(floor, WIDTH))
    if line and max(line) > 0:
        top = max(line)
        points = " ".join(
            f"{place * step + step / 2:.1f},{floor - value * (floor - head) / top:.1f}"
            for place, value in enumerate(line)
        )
        pieces.append(Markup('<polyline class="line" points="{}"/>').format(points))
    description = "; ".join(f"{label}: {value:g}" for label, value in values)
    return _svg(title, description, height, Markup("").join(pieces))


def _svg(title: str, description: str, height: float, drawn: Markup) -> Markup:
    return Markup(
        '<svg class="chart" viewBox="{} 0 {} {}" role="img" aria-label="{}" xmlns="http://www.w3.org/2000/svg">'
        "{}</svg>"
    ).format(-MARGIN, WIDTH + 2 * MARGIN, int(height), escape(f"{title}. {description}"), drawn)


def _truncate(label: str, most: int = 60) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"
