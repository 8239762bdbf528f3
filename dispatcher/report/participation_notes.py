"""What a list of who took part says, in sentences: what was read and how, and what to look at."""

from __future__ import annotations

from collections.abc import Iterator

from dispatcher.feedback.participation.area_table import AreaTable
from dispatcher.feedback.participation.list_import import MatchedRow, ParticipationImport
from dispatcher.feedback.participation.matching import REASONS
from dispatcher.i18n import N_, _, ngettext
from dispatcher.ledger.recipients.participation_imports import UndoneParticipation
from dispatcher.report.formatting import format_number

NAMED_MAX = 5  # rows and names told in one sentence

FIGURE_LABELS: dict[str, str] = {
    "area": N_("thôn"),
    "registered": N_("registered"),
    "finished": N_("finished"),
}


def status_notes(seen: ParticipationImport) -> Iterator[str]:
    """Yield which columns told whether somebody took part, and what they said."""
    for column in seen.status_columns:
        yield _(
            "column {letter} “{heading}” says who took part: "
            "yes {yes}, no {no}, not clear {unclear}, empty {empty}",
            letter=column.letter,
            heading=column.heading,
            yes=column.said["yes"],
            no=column.said["no"],
            unclear=column.said["unclear"],
            empty=column.said[""],
        )


def column_notes(table: AreaTable) -> Iterator[str]:
    """Yield which columns of a table of figures were read, and which were passed over."""
    for column in table.columns:
        yield _(
            "column {letter} “{heading}” = {kind}",
            letter=column.letter, heading=column.heading, kind=_(FIGURE_LABELS[column.figure]),
        )  # fmt: skip
    for column in table.passed_over:
        yield _("column {letter} “{heading}” was not read", letter=column.letter, heading=column.heading)


def reason_of(one: MatchedRow) -> str:
    """Return why a row came to nothing, with the list's own words where it is about those."""
    return " · ".join(filter(None, (_(REASONS[one.reason]), one.said)))


def notes(seen: ParticipationImport) -> Iterator[str]:
    """Yield what a person should look at before the list is taken in."""
    yield from seen.area_questions
    for share in seen.most:
        yield _(
            "This would newly mark {marked} of the {people} people of {audience} as having taken part; "
            "{known} are known so far. They get no more reminders.",
            marked=format_number(share.marked), people=format_number(share.people),
            audience=share.audience, known=format_number(share.known),
        )  # fmt: skip
    for excess in seen.excess:
        yield _(
            "{area}: {told} have finished by this table, and the lists have {people} people there.",
            area=excess.area, told=format_number(excess.told), people=format_number(excess.people),
        )  # fmt: skip
    if seen.counts["not"]:
        yield ngettext(
            "{n} row says that somebody has not taken part: left out.",
            "{n} rows say that somebody has not taken part: left out.",
            seen.counts["not"],
        )
    if seen.counts["unclear"] and not seen.matched:
        yield _("The list does not say clearly that anybody took part.")
    if seen.denied:
        names = ", ".join(row.people[0].name for row in seen.denied[:NAMED_MAX])
        yield ngettext(
            "{n} person is known to have taken part, and this list says the contrary: {names}. That stays.",
            "{n} people are known to have taken part, and this list says the contrary: {names}. That stays.",
            len(seen.denied),
            names=names,
        )
    for area, alike in seen.unknown_areas.items():
        if alike:
            yield _("No list has anybody in {area}; is it {alike}?", area=area, alike=" / ".join(alike))
        else:
            yield _("No list has anybody in {area}.", area=area)
    if seen.area_table is not None:
        yield from _table_notes(seen.area_table)


def _table_notes(table: AreaTable) -> Iterator[str]:
    for row in table.unread:
        yield _("row {row} holds no number that can be read", row=row)
    if table.parts:
        names = ", ".join(row.area for row in table.parts[:NAMED_MAX])
        yield _("Parts of an area, counted in it and not once more: {names}", names=names)
    for area in dict.fromkeys(row.area for row in table.repeated):
        rows = ", ".join(str(row.row) for row in table.repeated if row.area == area)
        yield _(
            "{area} stands more than once, with different figures (rows {rows}): not taken. "
            "Leave the right row and import the list again.",
            area=area, rows=rows,
        )  # fmt: skip
    if table.total_differs and table.total is not None:
        yield _("The sum in row {row} is not what the rows add up to.", row=table.total.row)
    for exceeding in table.exceeding:
        yield _(
            "{area} (row {row}): more have finished ({finished}) than have registered ({registered}): "
            "not taken.",
            area=exceeding.area, row=exceeding.row, finished=format_number(exceeding.finished or 0),
            registered=format_number(exceeding.registered or 0),
        )  # fmt: skip


def undone_notes(done: UndoneParticipation) -> Iterator[str]:
    """Yield what taking an import back did."""
    yield _(
        "Import {number} was taken back: {removed} people are reminded again, "
        "{kept} are known from elsewhere as well and stay.",
        number=done.import_id, removed=format_number(done.removed), kept=format_number(done.kept),
    )  # fmt: skip
    if done.figures:
        yield ngettext(
            "The figures of {n} thôn are as before.", "The figures of {n} thôn are as before.", done.figures
        )
    if done.thanks:
        yield ngettext(
            "{n} word of thanks that had not left is not sent.",
            "{n} words of thanks that had not left are not sent.",
            done.thanks,
        )
    yield _("Reminders that were left out meanwhile are not sent after the fact.")
