"""The account of lists for people: sums by sheet, rows with their reasons, what a load changes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from dispatcher.cli import speaking
from dispatcher.contacts import STATUSES, Row, Status
from dispatcher.contacts.account import STATUS_NAMES, as_json, repair_sentence, sentence
from dispatcher.i18n import N_, _, ngettext
from dispatcher.ledger.people import Change, LoadSummary, PastLoad
from dispatcher.report.lists import Lists
from dispatcher.vietnamese.dates import VIETNAM

HEADS: dict[Status, str] = {**STATUS_NAMES, "held": N_("held")}
SHOWN: tuple[Status, ...] = ("rejected", "held", "repaired")
EXAMPLES = 10
COUNTED: tuple[Literal["new", "changed", "unchanged", "gone", "held"], ...] = (
    "new",
    "changed",
    "unchanged",
    "gone",
    "held",
)
KINDS: dict[str, str] = {"new": N_("new"), "changed": N_("changed"), "gone": N_("gone")}
FACTS: dict[str, str] = {
    "name": N_("name"),
    "honorific": N_("form of address"),
    "area": N_("thôn"),
    "phones": N_("telephone"),
    "email": N_("mail"),
    "unit": N_("agency or unit"),
    "role": N_("position"),
    "lead": N_("whether they lead"),
    "note": N_("note"),
}


def answered(rows: Iterable[Row]) -> Iterator[Row]:
    """Open the answer for machines, write each row into it and pass it on: a million are never held."""
    before = '{"rows":[\n'
    for row in rows:
        sys.stdout.write(before + json.dumps(as_json(row), ensure_ascii=False, separators=(",", ":")))
        before = ",\n"
        yield row
    sys.stdout.write("\n]," if before == ",\n" else '{"rows":[],')


def close_answer(lists: Lists) -> None:
    """Close the answer for machines with the sums and what is wrong with the files themselves."""
    rest = {
        "counts": lists.account.counts,
        "lists": [
            {"file": one.file, "sheet": one.sheet, "rows": one.rows, "counts": one.counts}
            for one in lists.account.sheets.values()
        ],
        "problems": speaking.problem_values(lists.problems),
    }
    sys.stdout.write(json.dumps(rest, ensure_ascii=False, indent=2)[1:] + "\n")


@dataclass(kw_only=True)
class Shown:
    """Keeps the first rows of each kind worth showing; `limit` 0 keeps all."""

    limit: int
    rows: dict[Status, list[Row]] = field(default_factory=lambda: {status: [] for status in SHOWN})
    more: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(SHOWN, 0))

    def kept(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Pass rows on and keep some."""
        for row in rows:
            if row.status in self.rows:
                if self.limit and len(self.rows[row.status]) >= self.limit:
                    self.more[row.status] += 1
                else:
                    self.rows[row.status].append(row)
            yield row

    def draw(self) -> None:
        """Show them."""
        for status in SHOWN:
            if not self.rows[status]:
                continue
            speaking.heading(_(STATUS_NAMES[status]).capitalize())
            speaking.draw(
                (_("list"), _("row"), _("name"), _("why")),
                [_row(row) for row in self.rows[status]],
                right=(1,),
            )
            if self.more[status]:
                words = ngettext(
                    "… and {n} more row; --rows 0 shows all",
                    "… and {n} more rows; --rows 0 shows all",
                    self.more[status],
                )
                speaking.say(words, style="dim")


def _row(row: Row) -> tuple[object, ...]:
    place = " · ".join(filter(None, (row.file, row.sheet)))
    said = [*map(sentence, row.reasons), *map(repair_sentence, row.repairs)]
    if row.contact is not None and row.contact.note:
        said.append(f"“{row.contact.note}”")
    return place, row.row, row.contact.name if row.contact else "", "; ".join(said)


def draw(lists: Lists, *, explained: bool = False) -> None:
    """Show the sums by sheet, and, `explained`, what each sheet turned out to be."""
    account = lists.account
    speaking.draw(
        (_("list"), _("rows"), *(_(HEADS[status]) for status in STATUSES)),
        [
            (
                " · ".join(filter(None, (one.file, one.sheet))),
                one.rows,
                *(one.counts[status] for status in STATUSES),
            )
            for one in account.sheets.values()
        ],
        right=tuple(range(1, 8)),
        total=(_("together"), account.rows, *account.counts.values()),
    )
    for one in account.sheets.values():
        if explained and one.found is not None:
            place = " · ".join(filter(None, (one.file, one.sheet)))
            speaking.say(f"{place}: {'; '.join(one.found.explained())}", style="dim")
    if account.people_more:
        words = ngettext(
            "{n} further person stands in a row with somebody else",
            "{n} further people stand in a row with somebody else",
            account.people_more,
        )
        speaking.say(words, style="dim")


def draw_difference(summary: LoadSummary) -> None:
    """Show what a load changes, list by list, with the first changes by name."""
    speaking.heading(_("Beside what the ledger holds"))
    speaking.draw(
        (_("list"), _("new"), _("changed"), _("unchanged"), _("gone"), _("held")),
        [(one.file, one.new, one.changed, one.unchanged, one.gone, one.held) for one in summary.sources],
        right=tuple(range(1, 6)),
        total=(_("together"), *(summary.total(kind) for kind in COUNTED)),
    )
    changes = [change for change in summary.examples if change.kind != "new"][:EXAMPLES]
    if changes:
        speaking.draw(
            (_("change"), _("name"), _("list"), _("row"), _("what")), map(_change, changes), right=(3,)
        )


def _change(change: Change) -> tuple[object, ...]:
    return (
        _(KINDS[change.kind]),
        change.name,
        change.file,
        change.row,
        ", ".join(_(FACTS.get(word, word)) for word in change.what),
    )


def load_value(lists: Lists, summary: LoadSummary) -> dict[str, Any]:
    """Give a load for machines."""
    return {
        "load": summary.load_id or None,
        "at": summary.at.isoformat(),
        "rows": lists.account.counts,
        "erased": lists.erased,
        "lists": [asdict(source) for source in summary.sources],
        **{kind: summary.total(kind) for kind in COUNTED},
        "examples": [asdict(change) for change in summary.examples],
    }


def past_value(load: PastLoad) -> dict[str, Any]:
    """Give a load of before for machines."""
    return {
        "load": load.load_id,
        "at": load.at.isoformat(),
        "who": load.who,
        "undone_at": load.undone_at.isoformat() if load.undone_at else None,
        "lists": [asdict(source) for source in load.sources],
    }


def past_row(load: PastLoad) -> tuple[object, ...]:
    """Give a load of before as a row for people."""
    undone = f"{load.undone_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}" if load.undone_at else ""
    files = ", ".join(source.file for source in load.sources[:3]) + (" …" if len(load.sources) > 3 else "")
    sums = (sum(getattr(source, kind) for source in load.sources) for kind in ("new", "changed", "gone"))
    return str(load.load_id), f"{load.at.astimezone(VIETNAM):%d/%m/%Y %H:%M}", load.who, files, *sums, undone
