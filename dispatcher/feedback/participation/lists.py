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

from dispatcher.contacts import Row
from dispatcher.contacts.reading import read_file
from dispatcher.errors import Problem
from dispatcher.feedback.addresses import addresses
from dispatcher.feedback.participation.figures import Figures, read_figures
from dispatcher.feedback.participation.matching import Found, How, Sought, match
from dispatcher.ledger import Ledger, participation
from dispatcher.ledger.participation import AreaCount, Known, Took
from dispatcher.vietnamese.text import fold

PAGE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A row and whom it means. `why` is a word of `matching.WHY` for what is not matched."""

    row: Row
    found: Found
    how: How = ""
    why: str = ""
    people: tuple[Known, ...] = ()


@dataclass(kw_only=True)
class Import:
    """What came of a list. `news` people were not known to have taken part; `figures` stand by area."""

    counts: Counter[Found] = field(default_factory=Counter)
    by: Counter[How] = field(default_factory=Counter)
    news: int = 0
    open: list[Judged] = field(default_factory=list)  # ambiguous and unmatched rows
    skipped: int = 0  # headings, titles, totals
    figures: Figures | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Count the rows that speak of somebody."""
        return self.counts.total()


def take(
    ledger: Ledger, campaign: str, path: Path, *, at: datetime, source: str, who: str, now: datetime
) -> Import:
    """Take the list at `path` in: who is matched has taken part in `campaign`, at `at` as far as we know.

    Doing it twice is doing it once.
    """
    found: list[Judged] = []
    done = look(ledger, path, found)
    facts = [
        Took(campaign=campaign, person_id=person.person_id, at=at, source=source, who=who)
        for person in {person.person_id: person for judged in found for person in judged.people}.values()
    ]
    for start in range(0, len(facts), PAGE):
        done.news += participation.record(ledger, facts[start : start + PAGE], now=now)
    if done.figures is not None:
        day = at.date().isoformat()
        participation.record_counts(ledger, _counts(done.figures, campaign, day=day, source=source))
    return done


def look(ledger: Ledger, path: Path, matched: list[Judged] | None = None) -> Import:
    """Tell what `take` would make of a list; `matched` collects the rows that fit."""
    done = Import(figures=read_figures(path))
    if done.figures is not None:
        return done
    reading = read_file(path, audience="")
    while page := list(islice(reading, PAGE)):
        for judged in _judge_page(ledger, page):
            done.counts[judged.found] += 1
            if judged.found == "matched":
                done.by[judged.how] += 1
                if matched is not None:
                    matched.append(judged)
            else:
                done.open.append(judged)
        done.skipped += sum(row.status == "skipped" for row in page)
    done.problems += reading.problems
    return done


def _judge_page(ledger: Ledger, page: Sequence[Row]) -> Iterator[Judged]:
    rows = [row for row in page if row.status != "skipped"]
    for row, whom in zip(rows, match(ledger, [_sought(row) for row in rows]), strict=True):
        yield Judged(row=row, found=whom.found, how=whom.how, why=whom.why, people=whom.people)


def _sought(row: Row) -> Sought:
    given, said = addresses(row), row.contact
    if said is None:
        return Sought(phones=given.phones, email=given.email)
    return Sought(phones=given.phones, email=given.email, name_key=said.name_key, area_key=fold(said.area))


def _counts(figures: Figures, campaign: str, *, day: str, source: str) -> list[AreaCount]:
    return [
        AreaCount(
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
