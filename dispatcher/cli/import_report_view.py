"""Prints an import report: sums by sheet, rows with their reasons, what an import changes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from dispatcher.cli import console
from dispatcher.contacts import STATUSES, ParsedRow, Status
from dispatcher.contacts.import_report import (
    STATUS_NAMES,
    columns_as_json,
    reason_text,
    repair_text,
    row_as_json,
)
from dispatcher.contacts.list_fields import LIST_FIELDS
from dispatcher.i18n import N_, _, ngettext
from dispatcher.ledger.recipients.identity_evidence import OBJECTIONS
from dispatcher.ledger.recipients.imports import ContactChange, ImportSummary, PastImport
from dispatcher.ledger.recipients.people_joins import JOIN_REASONS, JoinedPeople
from dispatcher.report.list_set import ListSet
from dispatcher.vietnamese.dates import VIETNAM

STATUS_HEADINGS: dict[Status, str] = {**STATUS_NAMES, "held": N_("held")}
SHOWN_STATUSES: tuple[Status, ...] = ("rejected", "held", "repaired")
EXAMPLES = 10
CHANGE_KINDS: tuple[Literal["new", "changed", "unchanged", "gone", "held"], ...] = (
    "new",
    "changed",
    "unchanged",
    "gone",
    "held",
)
CHANGE_LABELS: dict[str, str] = {"new": N_("new"), "changed": N_("changed"), "gone": N_("gone")}
FIELD_LABELS: dict[str, str] = {field.name: field.label for field in LIST_FIELDS}


def stream_json_rows(rows: Iterable[ParsedRow]) -> Iterator[ParsedRow]:
    """Open the answer for machines, write each row into it and pass it on: a million are never held."""
    before = '{"rows":[\n'
    for row in rows:
        sys.stdout.write(before + json.dumps(row_as_json(row), ensure_ascii=False, separators=(",", ":")))
        before = ",\n"
        yield row
    sys.stdout.write("\n]," if before == ",\n" else '{"rows":[],')


def close_json(list_set: ListSet) -> None:
    """Close the answer for machines with the sums and what is wrong with the files themselves."""
    rest = {
        "counts": list_set.import_report.counts,
        "lists": [
            {
                "file": one.file,
                "sheet": one.sheet,
                "rows": one.rows,
                "counts": one.counts,
                "columns": columns_as_json(one),
            }
            for one in list_set.import_report.sheets.values()
        ],
        "questions": list_set.area_questions,
        "problems": console.problems_as_json([*list_set.problems, *list_set.unread]),
    }
    sys.stdout.write(json.dumps(rest, ensure_ascii=False, indent=2)[1:] + "\n")


@dataclass(kw_only=True)
class RowSamples:
    """Keeps the first rows of each kind worth showing; `limit` 0 keeps all."""

    limit: int
    rows: dict[Status, list[ParsedRow]] = field(
        default_factory=lambda: {status: [] for status in SHOWN_STATUSES}
    )
    omitted: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(SHOWN_STATUSES, 0))

    def collect(self, rows: Iterable[ParsedRow]) -> Iterator[ParsedRow]:
        """Pass rows on and keep some."""
        for row in rows:
            if row.status in self.rows:
                if self.limit and len(self.rows[row.status]) >= self.limit:
                    self.omitted[row.status] += 1
                else:
                    self.rows[row.status].append(row)
            yield row

    def print_samples(self) -> None:
        """Show them."""
        for status in SHOWN_STATUSES:
            if not self.rows[status]:
                continue
            console.print_heading(_(STATUS_NAMES[status]).capitalize())
            console.print_table(
                (_("list"), _("row"), _("name"), _("why")),
                [_row(row) for row in self.rows[status]],
                right_aligned=(1,),
            )
            if self.omitted[status]:
                words = ngettext(
                    "… and {n} more row; --rows 0 shows all",
                    "… and {n} more rows; --rows 0 shows all",
                    self.omitted[status],
                )
                console.print_line(words, style="dim")


def _row(row: ParsedRow) -> tuple[object, ...]:
    place = " · ".join(filter(None, (row.file, row.sheet)))
    sentences = [*map(reason_text, row.reasons), *map(repair_text, row.repairs)]
    if row.contact is not None and row.contact.note:
        sentences.append(f"“{row.contact.note}”")
    return place, row.row, row.contact.name if row.contact else "", "; ".join(sentences)


def print_report(list_set: ListSet, *, explained: bool = False) -> None:
    """Print the sums by sheet, and, with `explained`, what each sheet was taken for."""
    report = list_set.import_report
    console.print_table(
        (_("list"), _("rows"), *(_(STATUS_HEADINGS[status]) for status in STATUSES)),
        [
            (
                " · ".join(filter(None, (one.file, one.sheet))),
                one.rows,
                *(one.counts[status] for status in STATUSES),
            )
            for one in report.sheets.values()
        ],
        right_aligned=tuple(range(1, 8)),
        footer=(_("together"), report.rows, *report.counts.values()),
    )
    for one in report.sheets.values():
        if explained and one.result is not None:
            place = " · ".join(filter(None, (one.file, one.sheet)))
            console.print_line("\n  ".join((f"{place}:", *one.result.describe())), style="dim")
        for question in one.result.questions() if one.result is not None else ():
            console.print_note(question, style="yellow")
    for question in list_set.area_questions:
        console.print_note(question, style="yellow")
    if report.extra_people:
        words = ngettext(
            "{n} further person stands in a row with somebody else",
            "{n} further people stand in a row with somebody else",
            report.extra_people,
        )
        console.print_line(words, style="dim")


def print_changes(summary: ImportSummary) -> None:
    """Print what an import changes, list by list, with the first changes by name."""
    console.print_heading(_("Beside what the ledger holds"))
    console.print_table(
        (_("list"), _("new"), _("changed"), _("unchanged"), _("gone"), _("held")),
        [(one.file, one.new, one.changed, one.unchanged, one.gone, one.held) for one in summary.sources],
        right_aligned=tuple(range(1, 6)),
        footer=(_("together"), *(summary.total(kind) for kind in CHANGE_KINDS)),
    )
    print_identities(summary)
    changes = [change for change in summary.examples if change.kind != "new"][:EXAMPLES]
    if changes:
        console.print_table(
            (_("change"), _("name"), _("list"), _("row"), _("what")),
            map(_change, changes),
            right_aligned=(3,),
        )


def print_identities(summary: ImportSummary) -> None:
    """Print whom an import took for one person, whom not, and who has no usable address."""
    if summary.joined:
        console.print_heading(_("Taken for one person"))
        print_joined(summary.joined)
    for apart in summary.kept_apart:
        console.print_note(
            _(
                "{name} ({area}) stands for two people: {why}.",
                name=apart.name, area=apart.area or "–", why=_(OBJECTIONS[apart.because]),
            )
        )  # fmt: skip
    if without := summary.total("without_address"):
        words = ngettext(
            "{n} person has no usable number or mail: counted in their thôn and on the list to visit.",
            "{n} people have no usable number or mail: counted in their thôn and on the list to visit.",
            without,
        )
        console.print_note(words)


def print_joined(joined: Iterable[JoinedPeople]) -> None:
    """Print two rows each that were taken for one person, with why and how to part them."""
    console.print_table(
        (_("number"), _("name"), _("thôn"), _("list"), _("row"), _("because"), _("parted")),
        [
            (
                str(one.id or "–"), one.name, one.area, one.file, one.row, _(JOIN_REASONS[one.because]),
                f"{one.split_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}" if one.split_at else "",
            )
            for one in joined
        ],
        right_aligned=(4,),
        hide_if_empty=(6,),
    )  # fmt: skip
    console.print_note(_("Namesakes? dispatcher contacts split NUMBER makes two people of them again."))


def joined_as_json(one: JoinedPeople) -> dict[str, Any]:
    """Return two rows taken for one person for machines."""
    return asdict(one) | {"split_at": one.split_at.isoformat() if one.split_at else None}


def _change(change: ContactChange) -> tuple[object, ...]:
    return (
        _(CHANGE_LABELS[change.kind]),
        change.name,
        change.file,
        change.row,
        ", ".join(_(FIELD_LABELS.get(word, word)) for word in change.what),
    )


def load_as_json(list_set: ListSet, summary: ImportSummary) -> dict[str, Any]:
    """Return a load for machines."""
    return {
        "load": summary.import_id or None,
        "at": summary.at.isoformat(),
        "rows": list_set.import_report.counts,
        "erased": list_set.erased,
        "lists": [asdict(source) for source in summary.sources],
        **{kind: summary.total(kind) for kind in CHANGE_KINDS},
        "without_address": summary.total("without_address"),
        "examples": [asdict(change) for change in summary.examples],
        "joined": [joined_as_json(one) for one in summary.joined],
        "kept_apart": [asdict(one) for one in summary.kept_apart],
    }


def past_load_as_json(load: PastImport) -> dict[str, Any]:
    """Return a load of before for machines."""
    return {
        "load": load.import_id,
        "at": load.at.isoformat(),
        "who": load.who,
        "undone_at": load.undone_at.isoformat() if load.undone_at else None,
        "lists": [asdict(source) for source in load.sources],
    }


def past_load_row(load: PastImport) -> tuple[object, ...]:
    """Return a load of before as a row for people."""
    undone = f"{load.undone_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}" if load.undone_at else ""
    files = ", ".join(source.file for source in load.sources[:3]) + (" …" if len(load.sources) > 3 else "")
    sums = (sum(getattr(source, kind) for source in load.sources) for kind in ("new", "changed", "gone"))
    return (
        str(load.import_id),
        f"{load.at.astimezone(VIETNAM):%d/%m/%Y %H:%M}",
        load.who,
        files,
        *sums,
        undone,
    )
