"""Reads who took part from a list: by number, by mail, or by name and thôn; or as figures of each thôn.

Every row of the list comes back with what was made of it. What fits nobody, or more than one, is shown to a
person and never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from dispatcher.contacts import ParsedRow
from dispatcher.contacts.list_reader import read_file
from dispatcher.errors import Problem
from dispatcher.feedback.participation.area_table import AreaTable, read_area_table
from dispatcher.feedback.participation.matching import MatchMethod, MatchStatus, PersonQuery, match
from dispatcher.feedback.row_addresses import addresses_of
from dispatcher.ledger import Ledger
from dispatcher.ledger.recipients import participation
from dispatcher.ledger.recipients.participation import AreaParticipation, KnownPerson, Participation
from dispatcher.vietnamese.text import fold

PAGE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchedRow:
    """A row and whom it means. `reason` is a word of `matching.REASONS` for what is not matched."""

    row: ParsedRow
    status: MatchStatus
    method: MatchMethod = ""
    reason: str = ""
    people: tuple[KnownPerson, ...] = ()


@dataclass(kw_only=True)
class ParticipationImport:
    """What came of a list: `new_participants` were not known to have taken part; figures by area."""

    counts: Counter[MatchStatus] = field(default_factory=Counter)
    by_method: Counter[MatchMethod] = field(default_factory=Counter)
    new_participants: int = 0
    unresolved: list[MatchedRow] = field(default_factory=list)  # ambiguous and unmatched rows
    skipped: int = 0  # headings, titles, totals
    area_table: AreaTable | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Count the rows that speak of somebody."""
        return self.counts.total()


def import_list(
    ledger: Ledger, campaign: str, path: Path, *, at: datetime, source: str, who: str, now: datetime
) -> ParticipationImport:
    """Take the list at `path` in: who is matched has taken part in `campaign`, at `at` as far as we know.

    Doing it twice is doing it once.
    """
    matched_rows: list[MatchedRow] = []
    done = preview(ledger, path, matched_rows)
    participations = [
        Participation(campaign=campaign, person_id=person.person_id, at=at, source=source, who=who)
        for person in {
            person.person_id: person for judged in matched_rows for person in judged.people
        }.values()
    ]
    for start in range(0, len(participations), PAGE):
        done.new_participants += participation.record(ledger, participations[start : start + PAGE], now=now)
    if done.area_table is not None:
        day = at.date().isoformat()
        participation.record_counts(ledger, _area_counts(done.area_table, campaign, day=day, source=source))
    return done


def preview(ledger: Ledger, path: Path, matched_rows: list[MatchedRow] | None = None) -> ParticipationImport:
    """Return what `import_list` would make of a list; `matched_rows` collects the rows that fit."""
    done = ParticipationImport(area_table=read_area_table(path))
    if done.area_table is not None:
        return done
    reading = read_file(path, audience="")
    while page := list(islice(reading, PAGE)):
        for judged in _match_page(ledger, page):
            done.counts[judged.status] += 1
            if judged.status == "matched":
                done.by_method[judged.method] += 1
                if matched_rows is not None:
                    matched_rows.append(judged)
            else:
                done.unresolved.append(judged)
        done.skipped += sum(row.status == "skipped" for row in page)
    done.problems += reading.problems
    return done


def _match_page(ledger: Ledger, page: Sequence[ParsedRow]) -> Iterator[MatchedRow]:
    rows = [row for row in page if row.status != "skipped"]
    for row, result in zip(rows, match(ledger, [_query(row) for row in rows]), strict=True):
        yield MatchedRow(
            row=row, status=result.status, method=result.method, reason=result.reason, people=result.people
        )


def _query(row: ParsedRow) -> PersonQuery:
    row_addresses, contact = addresses_of(row), row.contact
    if contact is None:
        return PersonQuery(phones=row_addresses.phones, email=row_addresses.email)
    return PersonQuery(
        phones=row_addresses.phones,
        email=row_addresses.email,
        name_key=contact.name_key,
        area_key=fold(contact.area),
        area=contact.area,
    )


def _area_counts(figures: AreaTable, campaign: str, *, day: str, source: str) -> list[AreaParticipation]:
    return [
        AreaParticipation(
            campaign=campaign,
            area=one.area,
            area_key=fold(one.area),
            day=day,
            registered=one.registered,
            finished=one.finished,
            source=source,
        )
        for one in figures.areas
    ]
