"""Reads who took part from a list: by number, by mail, or by name and thôn; or as figures of each thôn.

Every row of the list comes back with what was made of it. What fits nobody, or more than one, is shown to a
person and never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Literal

from dispatcher.contacts import Row
from dispatcher.contacts.reading import read_file
from dispatcher.errors import Problem
from dispatcher.feedback.addresses import addresses
from dispatcher.feedback.participation_figures import Figures, read_figures
from dispatcher.i18n import N_
from dispatcher.ledger import Ledger, participation
from dispatcher.ledger.participation import AreaCount, Known, Took
from dispatcher.vietnamese.text import fold

PAGE = 1000
Found = Literal["matched", "ambiguous", "unmatched"]
How = Literal["", "number", "mail", "name"]

WHY: dict[str, str] = {
    "several": N_("fits more than one person"),
    "several-share": N_("several people share this address, and none has this name"),
    "nobody": N_("is in no list that was loaded"),
    "no-area": N_("is known by name, but without a thôn a name alone is not enough"),
    "nothing": N_("says neither who nor where"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A row and whom it means. `why` is a word of WHY for what is not matched."""

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
    said = [addresses(row) for row in rows]
    names = {row.contact.name_key for row in rows if row.contact is not None and row.contact.name_key}
    by_number = participation.by_address(ledger, "sms", {number for one in said for number in one.phones})
    by_mail = participation.by_address(ledger, "email", {one.email for one in said if one.email})
    by_name = participation.by_name(ledger, names)
    for row, given in zip(rows, said, strict=True):
        behind_number = _together(by_number, given.phones)
        behind_mail = _together(by_mail, (given.email,))
        if behind_number:
            yield _at_address(row, "number", behind_number)
        elif behind_mail:
            yield _at_address(row, "mail", behind_mail)
        else:
            yield _by_name(row, by_name, is_reachable=any(given))


def _together(found: Mapping[str, tuple[Known, ...]], values: Sequence[str]) -> tuple[Known, ...]:
    people = {person.person_id: person for value in values for person in found.get(value, ())}
    return tuple(people.values())


def _at_address(row: Row, how: How, behind: tuple[Known, ...]) -> Judged:
    """Choose among those behind an address: by name where several share it; without a name, the household."""
    name_key = row.contact.name_key if row.contact is not None else ""
    if len(behind) == 1 or not name_key:
        return Judged(row=row, found="matched", how=how, people=behind)
    named = tuple(person for person in behind if person.name_key == name_key)
    if named:
        return Judged(row=row, found="matched", how=how, people=named)
    return Judged(row=row, found="ambiguous", why="several-share")


def _by_name(row: Row, by_name: Mapping[str, tuple[Known, ...]], *, is_reachable: bool) -> Judged:
    said = row.contact
    if said is None or not said.name_key:
        return Judged(row=row, found="unmatched", why="nobody" if is_reachable else "nothing")
    namesakes = by_name.get(said.name_key, ())
    if not said.area:
        return Judged(row=row, found="unmatched", why="no-area" if namesakes else "nobody")
    area_key = fold(said.area)
    there = tuple(person for person in namesakes if person.area_key == area_key)
    if len(there) == 1:
        return Judged(row=row, found="matched", how="name", people=there)
    return Judged(row=row, found="ambiguous" if there else "unmatched", why="several" if there else "nobody")


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
