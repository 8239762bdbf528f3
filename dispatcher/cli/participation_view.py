"""Prints what a list of who took part says, what taking it in means, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from dispatcher.campaign.model import Campaign
from dispatcher.cli import console
from dispatcher.feedback.participation.area_table import AreaTable, AreaTableRow
from dispatcher.feedback.participation.list_import import MatchedRow, ParticipationImport
from dispatcher.feedback.participation.status_columns import StatusColumn
from dispatcher.feedback.participation.status_words import VERDICTS
from dispatcher.i18n import N_, _, ngettext
from dispatcher.ledger.recipients.participation_imports import PastParticipationImport, UndoneParticipation
from dispatcher.report import participation_notes
from dispatcher.vietnamese.dates import VIETNAM

MATCH_LABELS: dict[str, str] = {
    "number": N_("by number"),
    "mail": N_("by mail"),
    "name": N_("by name and thôn"),
}


def print_preview(seen: ParticipationImport, campaign: Campaign, *, limit: int) -> None:
    """Print what a list says and what taking it in would do."""
    console.print_heading(campaign.title)
    if seen.area_table is not None:
        _print_figures(seen.area_table)
    else:
        _print_rows(seen, limit)
    for note in participation_notes.notes(seen):
        console.print_note(note, style="yellow")
    if seen.counts["not"] + seen.counts["unclear"] and not seen.matched:
        console.print_note(_("If all in it took part, say so: --everybody"))


def question(seen: ParticipationImport) -> str:
    """Return what is asked before a list is taken in."""
    if seen.excess:
        return _("More have finished than the lists have people. Is that right? [y/n]")
    if seen.area_table is not None:
        return _("Take these figures in? [y/n]")
    if seen.most:
        return _("This marks most of an audience, and they are not reminded any more. Is that right? [y/n]")
    return _("Take this in? Whoever is marked is not reminded any more. [y/n]")


def undo_question(past: PastParticipationImport) -> str:
    """Return what is asked before an import is taken back."""
    people, figures = past.counts.get("recorded", 0), past.counts.get("figures", 0)
    if figures and not people:
        return _("Take the figures of {source} back? [y/n]", source=past.source)
    return ngettext(
        "Take {source} back? {n} person it made known is reminded again. [y/n]",
        "Take {source} back? {n} people it made known are reminded again. [y/n]",
        people, source=past.source,
    )  # fmt: skip


def print_done(seen: ParticipationImport) -> None:
    """Print what was written down, and how it is taken back."""
    if seen.area_table is None:
        words = ngettext(
            "{n} person is newly known to have taken part.",
            "{n} people are newly known to have taken part.",
            seen.new_participants,
        )
    else:
        words = ngettext(
            "Figures of {n} thôn were taken in.", "Figures of {n} thôn were taken in.", len(seen.figures)
        )
    console.print_line(words)
    console.print_line(
        _("`dispatcher participation undo {number}` takes it back.", number=seen.import_id), style="dim"
    )


def _print_figures(table: AreaTable) -> None:
    console.print_line(_("These are figures without names:"))
    for sentence in participation_notes.column_notes(table):
        console.print_line(f"  {sentence}", style="dim")
    totals = (_("together"), *(_sum(table.areas, name) for name in ("registered", "finished")))
    console.print_table(
        (_("thôn"), _("registered"), _("finished")),
        [(one.area, _figure(one.registered), _figure(one.finished)) for one in table.areas],
        right_aligned=(1, 2),
        footer=totals,
    )


def _figure(value: int | None) -> object:
    return "–" if value is None else value


def _sum(rows: tuple[AreaTableRow, ...], name: str) -> int:
    return sum(getattr(row, name) or 0 for row in rows)


def _print_rows(seen: ParticipationImport, limit: int) -> None:
    for sentence in participation_notes.status_notes(seen):
        console.print_line(sentence, style="dim")
    by = ", ".join(
        f"{_(MATCH_LABELS[how])} {console.format_number(count)}" for how, count in seen.by_method.items()
    )
    shown = [
        (_("matched") + (f" ({by})" if by else ""), seen.counts["matched"]),
        (_("fit more than one person"), seen.counts["ambiguous"]),
        (_("fit nobody"), seen.counts["unmatched"]),
        (_("did not take part, as the list says"), seen.counts["not"]),
        (_("not clear whether they took part"), seen.counts["unclear"]),
    ]
    console.print_table(
        ("", _("rows")),
        [*shown[:3], *(row for row in shown[3:] if row[1])],
        right_aligned=(1,),
        footer=(_("together"), seen.rows),
    )
    if not seen.import_id and seen.matched:
        console.print_line(
            _(
                "Newly known to have taken part: {new}; known already: {known}.",
                new=console.format_number(seen.new_participants),
                known=console.format_number(seen.known),
            )
        )
    _print_unmatched(seen, limit)


def _print_unmatched(seen: ParticipationImport, limit: int) -> None:
    if not seen.unresolved:
        return
    console.print_heading(_("Not matched"))
    rows = seen.unresolved[:limit] if limit else seen.unresolved
    console.print_table(
        (_("row"), _("name"), _("thôn"), _("why")),
        [(_place(one), *_named(one), participation_notes.reason_of(one)) for one in rows],
        right_aligned=(0,),
    )
    if len(rows) < len(seen.unresolved):
        console.print_line(
            _("… and {n} more; --rows 0 shows all", n=len(seen.unresolved) - len(rows)), style="dim"
        )


def _place(one: MatchedRow) -> str:
    return f"{one.row.sheet} {one.row.row}".strip()


def _named(one: MatchedRow) -> tuple[str, str]:
    return (one.row.contact.name, one.row.contact.area) if one.row.contact else ("", "")


def as_json(campaign: str, seen: ParticipationImport) -> dict[str, Any]:
    """Return a list of who took part for machines."""
    table = seen.area_table
    return {
        "campaign": campaign,
        "import": seen.import_id or None,
        "rows": seen.rows,
        "matched": seen.counts["matched"],
        "by": dict(seen.by_method),
        "ambiguous": seen.counts["ambiguous"],
        "unmatched": seen.counts["unmatched"],
        "not": seen.counts["not"],
        "unclear": seen.counts["unclear"],
        "new": seen.new_participants,
        "known": seen.known,
        "open": [_row_as_json(one) for one in seen.unresolved],
        "denied": [_row_as_json(one) for one in seen.denied],
        "status_columns": [_status_column_as_json(column) for column in seen.status_columns],
        "most": [asdict(share) for share in seen.most],
        "excess": [asdict(one) for one in seen.excess],
        "figures": None if table is None else [asdict(area) for area in table.areas],
        "figures_read": None if table is None else _table_as_json(table),
        "unknown_areas": {area: list(alike) for area, alike in seen.unknown_areas.items()},
        "area_questions": list(seen.area_questions),
        "notes": list(participation_notes.notes(seen)),
        "problems": console.problems_as_json(seen.problems),
    }


def _row_as_json(one: MatchedRow) -> dict[str, Any]:
    name, area = _named(one)
    return {
        "sheet": one.row.sheet,
        "row": one.row.row,
        "found": one.status,
        "why": one.reason,
        "name": name,
        "area": area,
        "said": one.said,
    }


def _status_column_as_json(column: StatusColumn) -> dict[str, Any]:
    return {
        "sheet": column.sheet,
        "column": column.letter,
        "heading": column.heading,
        **{verdict or "empty": column.said[verdict] for verdict in VERDICTS},
    }


def _table_as_json(table: AreaTable) -> dict[str, Any]:
    return {
        "columns": [
            {"column": column.letter, "heading": column.heading, "holds": column.figure}
            for column in table.columns
        ],
        "unread": list(table.unread),
        "parts": [asdict(row) for row in table.parts],
        "repeated": [asdict(row) for row in table.repeated],
        "exceeding": [asdict(row) for row in table.exceeding],
        "total": None if table.total is None else asdict(table.total),
        "total_differs": table.total_differs,
    }


def past_import_as_json(past: PastParticipationImport) -> dict[str, Any]:
    """Return an import of before for machines."""
    return {
        "import": past.id,
        "campaign": past.campaign,
        "at": past.at.isoformat(),
        "who": past.who,
        "source": past.source,
        "new": past.counts.get("recorded", 0),
        "known": past.counts.get("known", 0),
        "figures": past.counts.get("figures", 0),
        "undone_at": past.undone_at.isoformat() if past.undone_at else None,
        "undone_by": past.undone_by,
    }


def past_import_row(past: PastParticipationImport) -> tuple[object, ...]:
    """Return an import of before as a row for people."""
    undone = f"{past.undone_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}" if past.undone_at else ""
    return (
        str(past.id),
        past.campaign,
        f"{past.at.astimezone(VIETNAM):%d/%m/%Y %H:%M}",
        past.who,
        past.source,
        past.counts.get("recorded", 0),
        past.counts.get("known", 0),
        past.counts.get("figures", 0) or "",
        undone,
    )


def undone_lines(done: UndoneParticipation) -> Iterator[str]:
    """Yield what taking an import back did."""
    yield from participation_notes.undone_notes(done)
