"""Lists that people hand in: who took part, and who must not be written to. Every row is accounted for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from dispatcher.contacts import Contact, Row
from dispatcher.contacts.reading import read_file
from dispatcher.errors import Problem
from dispatcher.ledger import Ledger, consent, participation
from dispatcher.ledger.consent import OptOut
from dispatcher.ledger.participation import Known, Took
from dispatcher.vietnamese.text import fold

PAGE = 500
EXAMPLES_MAX = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Stray:
    """A row that came to nothing: nobody fits, several do, or it holds no address."""

    sheet: str
    row: int
    name: str
    why: str  # unknown | several | no-address | code words of the reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of a list: rows = news + known + strays."""

    rows: int
    news: int
    known: int
    strays: int
    examples: tuple[Stray, ...]
    problems: tuple[Problem, ...]


def took_part(ledger: Ledger, campaign: str, path: Path, *, file: str, who: str, now: datetime) -> Outcome:
    """Take in a list of people who took part: recognised by number or mail, else by name and thôn."""
    reading = read_file(path, audience="residents", file=file)
    rows = news = known = 0
    strays: list[Stray] = []
    for page in _pages(reading):
        rows += len(page)
        found = _Recognised(ledger, [row.contact for row in page if row.contact])
        facts: dict[int, Took] = {}
        for row in page:
            people, why = found.people(row)
            if not people:
                strays.append(_stray(row, why))
                continue
            for person in people:
                facts[person.person_id] = Took(
                    campaign=campaign, person_id=person.person_id, at=now, source=file, who=who
                )
        fresh = participation.record(ledger, list(facts.values()), now=now)
        news += fresh
        known += len(page) - sum(1 for row in page if not found.people(row)[0]) - fresh
    return _outcome(rows, news, max(0, known), strays, reading.problems)


def opt_outs(ledger: Ledger, path: Path, *, file: str, who: str, now: datetime) -> Outcome:
    """Take in a list of people who do not wish to be written to: every number and mail in it."""
    reading = read_file(path, audience="residents", file=file)
    rows = news = known = 0
    strays: list[Stray] = []
    for page in _pages(reading):
        rows += len(page)
        wishes = []
        for row in page:
            addresses = _addresses(row.contact)
            if not addresses:
                strays.append(_stray(row, "no-address"))
            wishes += [
                OptOut(channel=channel, address=address, who=who, how="import", words=file)
                for channel, address in addresses
            ]
        fresh = consent.opt_out(ledger, wishes, now=now)
        news += fresh
        known += len(wishes) - fresh
    return _outcome(rows, news, known, strays, reading.problems)


def _pages(rows: Iterator[Row]) -> Iterator[list[Row]]:
    wanted = (row for row in rows if row.status != "skipped")
    while page := list(islice(wanted, PAGE)):
        yield page


def _outcome(
    rows: int, news: int, known: int, strays: Sequence[Stray], problems: Sequence[Problem]
) -> Outcome:
    return Outcome(
        rows=rows,
        news=news,
        known=known,
        strays=len(strays),
        examples=tuple(strays[:EXAMPLES_MAX]),
        problems=tuple(problems),
    )


def _stray(row: Row, why: str) -> Stray:
    name = row.contact.name if row.contact else ""
    reason = why if row.contact else " ".join(row.reasons) or why
    return Stray(sheet=row.sheet, row=row.row, name=name, why=reason)


def _addresses(contact: Contact | None) -> list[tuple[str, str]]:
    if contact is None:
        return []
    mail = [("email", contact.email)] if contact.email else []
    return [*(("sms", number) for number in contact.phones), *mail]


class _Recognised:
    """Everybody who may be meant by a page of rows, looked up at once."""

    def __init__(self, ledger: Ledger, said: Sequence[Contact]) -> None:
        numbers = {number for one in said for number in one.phones}
        mails = {one.email for one in said if one.email}
        self._by_address: Mapping[str, tuple[Known, ...]] = {
            **participation.by_address(ledger, "sms", numbers),
            **participation.by_address(ledger, "email", mails),
        }
        self._by_name = participation.by_name(ledger, {fold(one.name) for one in said if one.name})

    def people(self, row: Row) -> tuple[tuple[Known, ...], str]:
        """Give who is meant, or why nobody is."""
        said = row.contact
        if said is None:
            return (), "unreadable"
        behind = {
            person.person_id: person
            for _channel, address in _addresses(said)
            for person in self._by_address.get(address, ())
        }
        key = fold(said.name)
        named = tuple(person for person in behind.values() if person.name_key == key)
        if named or len(behind) == 1:
            return named or tuple(behind.values()), ""
        if behind:
            return (), "several"
        alike = self._by_name.get(key, ()) if key else ()
        if said.area:
            alike = tuple(person for person in alike if person.area_key == fold(said.area))
        if len(alike) == 1:
            return alike, ""
        return (), "several" if alike else "unknown"
