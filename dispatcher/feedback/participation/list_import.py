"""Lists of who took part: looked at first, then taken in, and taken back when they were the wrong ones.

What a row of people says is read as a contact list is; whether it says that they took part is told by
`status_columns`. Figures without names are read by `area_table`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Literal

from dispatcher.campaign.model import Campaign
from dispatcher.contacts import ParsedRow
from dispatcher.contacts.known_areas import KnownAreas
from dispatcher.errors import Problem
from dispatcher.feedback.list_process import JudgedRow, read_list
from dispatcher.feedback.participation.area_table import AreaTable
from dispatcher.feedback.participation.areas import AreaDirectory, ExcessFigures, excess_of
from dispatcher.feedback.participation.days import campaign_days
from dispatcher.feedback.participation.matching import MatchMethod, MatchStatus, PersonQuery, match
from dispatcher.feedback.participation.status_columns import StatusColumn
from dispatcher.feedback.row_addresses import addresses_of
from dispatcher.i18n import _
from dispatcher.ledger import Ledger
from dispatcher.ledger.privacy import erasure
from dispatcher.ledger.recipients import participation, participation_imports
from dispatcher.ledger.recipients.participation import AreaParticipation, KnownPerson, Participation
from dispatcher.ledger.recipients.participation_imports import AudienceShare
from dispatcher.vietnamese.text import fold

PAGE = 1000

# "not" and "unclear": what the list itself says about a row; the others: whom it means.
RowOutcome = Literal[MatchStatus, "not", "unclear"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchedRow:
    """A row and whom it means. `reason` is a word of `matching.REASONS` for what is not matched.

    `said` are the words by which the list says that somebody did not take part, or may not have.
    """

    row: ParsedRow
    status: RowOutcome
    method: MatchMethod = ""
    reason: str = ""
    people: tuple[KnownPerson, ...] = ()
    said: str = ""


@dataclass(kw_only=True)
class ParticipationImport:
    """What a list says, and what taking it in means: `new_participants` were not known to have taken part.

    `denied` are rows of whom the list says that they did not, although they are known to have taken part.
    `unknown_areas` are those nobody lives in, each with what may have been meant. `shares` tell how much of
    each audience would newly be marked. `import_id` is 0 until it is taken in.
    """

    counts: Counter[RowOutcome] = field(default_factory=Counter)
    by_method: Counter[MatchMethod] = field(default_factory=Counter)
    new_participants: int = 0
    known: int = 0
    matched: list[MatchedRow] = field(default_factory=list)
    unresolved: list[MatchedRow] = field(default_factory=list)  # ambiguous, unmatched and unclear rows
    denied: list[MatchedRow] = field(default_factory=list)
    skipped: int = 0  # headings, titles, totals
    status_columns: list[StatusColumn] = field(default_factory=list)
    column_account: list[str] = field(default_factory=list)  # what each column was taken for, in sentences
    area_table: AreaTable | None = None
    figures: list[AreaParticipation] = field(default_factory=list)
    unknown_areas: dict[str, tuple[str, ...]] = field(default_factory=dict)
    area_questions: tuple[str, ...] = ()  # about thôn that the office has not listed, in sentences
    shares: tuple[AudienceShare, ...] = ()
    excess: tuple[ExcessFigures, ...] = ()  # more than the thôn has people: that is asked about
    problems: list[Problem] = field(default_factory=list)
    import_id: int = 0

    @property
    def rows(self) -> int:
        """Count the rows that speak of somebody."""
        return self.counts.total()

    @property
    def people(self) -> tuple[KnownPerson, ...]:
        """Return whom the list says to have taken part, each once."""
        return tuple({one.person_id: one for row in self.matched for one in row.people}.values())

    @property
    def says_something(self) -> bool:
        """Return whether there is anything to take in."""
        return bool(self.matched or self.figures)

    @property
    def most(self) -> tuple[AudienceShare, ...]:
        """Return the audiences of which more than half would newly be marked: that is asked about."""
        return tuple(share for share in self.shares if share.is_most)


def import_list(
    ledger: Ledger,
    campaign: Campaign,
    path: Path,
    *,
    at: datetime,
    source: str,
    who: str,
    now: datetime,
    everybody: bool = False,
    areas: Sequence[str] = (),
) -> ParticipationImport:
    """Take the list at `path` in: who is matched has taken part in `campaign`, at `at` as far as we know.

    Doing it twice is doing it once; `participation_imports.undo` takes it back.
    """
    seen = preview(ledger, campaign, path, at=at, now=now, name=source, everybody=everybody, areas=areas)
    facts = [
        Participation(campaign=campaign.name, person_id=one.person_id, at=at, source=source, who=who)
        for one in seen.people
    ]
    figures = [replace(figure, source=source) for figure in seen.figures]
    done = participation_imports.record_import(
        ledger, campaign.name, facts, figures, source=source, who=who, now=now
    )
    seen.import_id, seen.new_participants, seen.known = done.import_id, done.recorded, done.known
    return seen


def preview(
    ledger: Ledger,
    campaign: Campaign,
    path: Path,
    *,
    at: datetime,
    now: datetime,
    name: str = "",
    everybody: bool = False,
    areas: Sequence[str] = (),
) -> ParticipationImport:
    """Return what `import_list` would make of a list, and write nothing.

    `name` is what the file is called where it lies under another name. With `everybody` all its people took
    part, whatever its titles and columns say. `areas` are all thôn of the office, as schedules.toml has them:
    what the list means by them is written so, and every other is asked about.
    """
    reading = read_list(path, name=name, everybody=everybody)
    seen = ParticipationImport(area_table=reading.area_table)
    known_areas = KnownAreas(areas)
    while page := list(islice(_settled(reading, known_areas, name), PAGE)):
        people = [judged for judged in page if judged.row.status != "skipped"]
        seen.skipped += len(page) - len(people)
        for matched in _judge_page(ledger, people):
            _sort_in(seen, matched)
    seen.problems += reading.problems
    seen.status_columns = reading.status_columns
    seen.column_account = reading.column_account
    seen.area_questions = known_areas.questions()
    if seen.area_table is not None:
        _look_at_figures(ledger, campaign, seen, seen.area_table, at=at, now=now)
        return seen
    _look_up_known(ledger, campaign, seen)
    seen.unknown_areas = AreaDirectory(ledger).unknown(
        one.row.contact.area for one in seen.unresolved if one.row.contact is not None
    )
    return seen


def _settled(reading: Iterable[JudgedRow], areas: KnownAreas, name: str) -> Iterator[JudgedRow]:
    """Write the thôn of each row as the office does, and the file as it is called."""
    for row, verdict in reading:
        (settled,) = areas.settle([row._replace(file=name or row.file)])
        yield JudgedRow(settled, verdict)


def _judge_page(ledger: Ledger, page: Sequence[JudgedRow]) -> Iterator[MatchedRow]:
    registry = erasure.erased_registry(ledger)
    results = match(ledger, [_query(judged.row) for judged in page])
    for (row, verdict), result in zip(page, results, strict=True):
        if verdict.verdict == "no":
            yield MatchedRow(row=row, status="not", people=result.people, said=verdict.words)
        elif verdict.verdict == "unclear":
            yield MatchedRow(
                row=row, status="unclear", reason="unclear", people=result.people, said=verdict.words
            )
        else:
            is_erased = (
                result.reason == "nobody" and row.contact is not None and registry.matches(row.contact)
            )
            yield MatchedRow(
                row=row,
                status=result.status,
                method=result.method,
                reason="erased" if is_erased else result.reason,
                people=result.people,
            )


def _sort_in(seen: ParticipationImport, judged: MatchedRow) -> None:
    seen.counts[judged.status] += 1
    if judged.status == "matched":
        seen.by_method[judged.method] += 1
        seen.matched.append(judged)
    elif judged.status == "not":
        seen.denied.append(judged)
    else:
        seen.unresolved.append(judged)


def _look_up_known(ledger: Ledger, campaign: Campaign, seen: ParticipationImport) -> None:
    """Count who is known already, keep of the denials only those about such, and weigh the audiences."""
    people = {one.person_id for one in seen.people}
    denied = {one.person_id for row in seen.denied for one in row.people}
    known = participation.known_participants(ledger, campaign.name, people | denied)
    news = people - known
    seen.known, seen.new_participants = len(people & known), len(news)
    seen.denied = [row for row in seen.denied if any(one.person_id in known for one in row.people)]
    seen.shares = participation_imports.shares_of_audiences(ledger, campaign.name, campaign.audiences, news)


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


def _look_at_figures(
    ledger: Ledger,
    campaign: Campaign,
    seen: ParticipationImport,
    table: AreaTable,
    *,
    at: datetime,
    now: datetime,
) -> None:
    """Make figures of a table, of the day they are of; none where that is no day of the campaign."""
    first, last = campaign_days(campaign, now)
    day = min(campaign.to_local(at).date(), last) if at >= now else campaign.to_local(at).date()
    if not first <= day <= last:
        seen.problems.append(_no_day_of_campaign(day, first, last))
        return
    directory = AreaDirectory(ledger)
    seen.figures = [
        directory.count_of(
            campaign.name, row.area, day=day.isoformat(), registered=row.registered, finished=row.finished
        )
        for row in table.areas
    ]
    seen.unknown_areas = directory.unknown(figure.area for figure in seen.figures)
    seen.excess = excess_of(ledger, campaign.audiences, seen.figures)


def _no_day_of_campaign(day: date, first: date, last: date) -> Problem:
    what = _("{day} is no day of the campaign so far: figures of it are not taken", day=f"{day:%d/%m/%Y}")
    remedy = (
        _("The campaign begins on {day}.", day=f"{first:%d/%m/%Y}")
        if last < first
        else _("Give a day from {first} to {last}.", first=f"{first:%d/%m/%Y}", last=f"{last:%d/%m/%Y}")
    )
    return Problem(file="", what=what, remedy=remedy)
