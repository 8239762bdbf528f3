"""The account of a reading: every row in one of six states, added up, and every word of it in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dispatcher.contacts import (
    STATUSES,
    ParsedRow,
    Status,
    email_cell,
    hold_context,
    hold_reasons,
    non_person_rows,
)
from dispatcher.contacts.layouts import column_letter, describe_column
from dispatcher.contacts.list_fields import LIST_FIELDS
from dispatcher.contacts.list_reader import ListReader, SheetResult
from dispatcher.i18n import N_, _
from dispatcher.vietnamese import encodings, names, phone

_TEXT_REPAIRS: dict[str, str] = {
    "tcvn3": N_("letters typed in an old font (TCVN3) were made Unicode"),
    "vni": N_("letters typed in an old font (VNI) were made Unicode"),
    "viscii": N_("letters typed in an old font (VISCII) were made Unicode"),
    "windows-1258": N_("letters in the old Windows code were made Unicode"),
    "utf-8": N_("letters garbled on the way were put right"),
    "composed": N_("letters kept in two pieces were put together"),
    "doubtful": N_("a letter ư lost by the old font was put back; have a look at it"),
}
_ROW_REASONS: dict[str, str] = {
    **non_person_rows.SKIP_REASONS,
    "no-address": N_("neither telephone number nor e-mail address"),
    "same-as": N_("the same person as in row {value}"),
    "stray-quote": N_("behind a quotation mark that is never closed, where it is not sure what is a row"),
    "name-missing": N_("a number without a name"),
    "erased": N_("this person was erased at their wish and is not taken in again"),
}
_REASONS: Mapping[str, Mapping[str, str]] = {
    "phone": phone.REASONS,
    "look": {**phone.FLAGS, "unknown-area": N_("the thôn is not in the areas of schedules.toml")},
    "mail": email_cell.REASONS,
    "text": {"lossy": encodings.LOSSY_ADVICE},
    "hold": hold_reasons.HOLD_REASONS,
    "read": hold_context.PLACES,
    "row": _ROW_REASONS,
}
_REPAIRS: Mapping[str, Mapping[str, str]] = {
    "phone": phone.REPAIRS,
    "mail": email_cell.REPAIRS,
    "text": _TEXT_REPAIRS,
    "name": names.REPAIRS,
}
STATUS_NAMES: dict[Status, str] = {
    "accepted": N_("accepted"),
    "repaired": N_("repaired"),
    "held": N_("held for a decision"),
    "rejected": N_("rejected"),
    "merged": N_("merged"),
    "skipped": N_("skipped"),
}


def reason_text(code: str) -> str:
    """Return a code of `ParsedRow.reasons` in the reader's language."""
    return _text_of(code, _REASONS)


def repair_text(code: str) -> str:
    """Return a code of `ParsedRow.repairs` in the reader's language."""
    return _text_of(code, _REPAIRS)


def _text_of(word: str, tables: Mapping[str, Mapping[str, str]]) -> str:
    code, _equals, value = word.partition("=")
    group, _colon, name = code.partition(":")
    msgid = tables.get(group, {}).get(name)
    if msgid is None:
        return word
    return _(msgid, value=value) if value else _(msgid)


@dataclass(kw_only=True)
class SheetReport:
    """One sheet, added up. `rows` counts the rows that hold anything, `extra_people` second parents."""

    file: str
    sheet: str
    counts: Counter[Status] = field(default_factory=Counter)
    rows: int = 0
    extra_people: int = 0
    result: SheetResult | None = None
    further_tables: list[SheetResult] = field(
        default_factory=list
    )  # further tables below, with their own headings


class ImportReport:
    """Adds rows up as they pass; holds sums only, never the rows."""

    def __init__(self) -> None:
        self.sheets: dict[tuple[str, str], SheetReport] = {}
        self.reasons: Counter[str] = Counter()
        self.repairs: Counter[str] = Counter()

    def count(self, rows: Iterable[ParsedRow]) -> Iterator[ParsedRow]:
        """Pass rows on and count them."""
        for row in rows:
            sheet = self._sheet(row.file, row.sheet)
            sheet.counts[row.status] += 1
            if row.part:
                sheet.extra_people += 1
            else:
                sheet.rows += 1
            if row.reasons:
                self.reasons.update(word.partition("=")[0] for word in row.reasons)
            if row.repairs:
                self.repairs.update(row.repairs)
            yield row

    def add_sheets(self, reader: ListReader) -> None:
        """Take over what a finished reading found out about its sheets, unread ones too."""
        for result in reader.sheets:
            sheet = self._sheet(result.file, result.sheet)
            if sheet.result is None:
                sheet.result = result
            else:
                sheet.further_tables.append(result)

    @property
    def counts(self) -> dict[Status, int]:
        """Return the sums over all sheets, every status named."""
        return {status: sum(sheet.counts[status] for sheet in self.sheets.values()) for status in STATUSES}

    @property
    def rows(self) -> int:
        """Return the number of rows that hold anything."""
        return sum(sheet.rows for sheet in self.sheets.values())

    @property
    def extra_people(self) -> int:
        """Return the number of further people in rows that hold several: counts add up to rows and these."""
        return sum(sheet.extra_people for sheet in self.sheets.values())

    def _sheet(self, file: str, sheet: str) -> SheetReport:
        report = self.sheets.get((file, sheet))
        if report is None:
            report = self.sheets[file, sheet] = SheetReport(file=file, sheet=sheet)
        return report


def columns_as_json(report: SheetReport) -> list[dict[str, Any]]:
    """Return what each column of a sheet was taken for, as objects for machines with the sentence beside."""
    layout = report.result.layout if report.result else None
    return [
        {
            "column": column_letter(column.index),
            "heading": column.heading,
            "kind": column.kind,
            "question": column.question,
            "said": describe_column(column),
        }
        for column in (layout.columns if layout else ())
    ]


def row_as_json(row: ParsedRow) -> dict[str, Any]:
    """Return a row as one object for machines, with the sentences beside the words."""
    contact = row.contact
    return {
        "file": row.file,
        "sheet": row.sheet,
        "row": row.row,
        "part": row.part,
        "status": row.status,
        "contact": None
        if contact is None
        else {
            **{field.name: getattr(contact, field.name) for field in LIST_FIELDS},
            "given_name": contact.given_name,
            "phones": list(contact.phones),
            "audience": contact.audience,
        },
        "reasons": list(row.reasons),
        "repairs": list(row.repairs),
        "said": [*map(reason_text, row.reasons), *map(repair_text, row.repairs)],
    }
