"""Whom a number, a mail address, or a name and thôn means; what fits nobody or several is never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dispatcher.contacts.area_names import same_area
from dispatcher.i18n import N_
from dispatcher.ledger import Ledger
from dispatcher.ledger.recipients import participation
from dispatcher.ledger.recipients.participation import KnownPerson

MatchStatus = Literal["matched", "ambiguous", "unmatched"]
MatchMethod = Literal["", "number", "mail", "name"]

REASONS: dict[str, str] = {
    "several": N_("fits more than one person"),
    "several-share": N_("several people share this address, and none has this name"),
    "nobody": N_("is in no list that was loaded"),
    "gone": N_("is no longer in any list"),
    "erased": N_("was erased at their wish"),
    "unclear": N_("the list does not say clearly whether they took part"),
    "no-area": N_("is known by name, but without a thôn a name alone is not enough"),
    "nothing": N_("says neither who nor where"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonQuery:
    """What is said of somebody; the keys are folded (`vietnamese.text.fold`), `area` is as written."""

    phones: tuple[str, ...] = ()
    email: str = ""
    name_key: str = ""
    area_key: str = ""
    area: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Whom it means. `reason` is a word of WHY for what is not matched."""

    status: MatchStatus
    method: MatchMethod = ""
    reason: str = ""
    people: tuple[KnownPerson, ...] = ()


def match(ledger: Ledger, queries: Sequence[PersonQuery]) -> list[Match]:
    """Find whom each of a page means, with one question each for numbers, mails and names.

    Whoever was in a list and is in none any more is no match, but told as such.
    """
    found = _match_all(ledger, queries, gone=False)
    unknown = [index for index, one in enumerate(found) if one.reason == "nobody"]
    former = _match_all(ledger, [queries[index] for index in unknown], gone=True)
    for index, one in zip(unknown, former, strict=True):
        if one.people:
            found[index] = Match(status="unmatched", reason="gone")
    return found


def _match_all(ledger: Ledger, queries: Sequence[PersonQuery], *, gone: bool) -> list[Match]:
    numbers = {number for one in queries for number in one.phones}
    by_number = participation.people_by_address(ledger, "sms", numbers, gone=gone)
    mails = {one.email for one in queries if one.email}
    by_mail = participation.people_by_address(ledger, "email", mails, gone=gone)
    by_name = participation.people_by_name(
        ledger, {one.name_key for one in queries if one.name_key}, gone=gone
    )
    return [_match(one, by_number, by_mail, by_name) for one in queries]


PeopleByKey = Mapping[str, tuple[KnownPerson, ...]]


def _match(query: PersonQuery, by_number: PeopleByKey, by_mail: PeopleByKey, by_name: PeopleByKey) -> Match:
    """Match by number first, then by mail address, then by name."""
    if candidates := _people_at(by_number, query.phones):
        return _at_address(query, "number", candidates)
    if candidates := _people_at(by_mail, (query.email,)):
        return _at_address(query, "mail", candidates)
    return _by_name(query, by_name.get(query.name_key, ()))


def _people_at(people_by_key: PeopleByKey, values: Iterable[str]) -> tuple[KnownPerson, ...]:
    people = {person.person_id: person for value in values for person in people_by_key.get(value, ())}
    return tuple(people.values())


def _at_address(query: PersonQuery, how: MatchMethod, candidates: tuple[KnownPerson, ...]) -> Match:
    """Choose among those behind an address: by name where several share it; without a name, the household."""
    if len(candidates) == 1 or not query.name_key:
        return Match(status="matched", method=how, people=candidates)
    named = tuple(person for person in candidates if person.name_key == query.name_key)
    if named:
        return Match(status="matched", method=how, people=named)
    return Match(status="ambiguous", reason="several-share")


def _by_name(query: PersonQuery, namesakes: tuple[KnownPerson, ...]) -> Match:
    if not query.name_key:
        return Match(status="unmatched", reason="nobody" if query.phones or query.email else "nothing")
    if not query.area_key:
        return Match(status="unmatched", reason="no-area" if namesakes else "nobody")
    there = tuple(person for person in namesakes if person.area_key == query.area_key)
    if query.area:  # the key knows no tones: Hà Vân is not Hạ Vạn
        there = tuple(person for person in there if same_area(person.area, query.area))
    if len(there) == 1:
        return Match(status="matched", method="name", people=there)
    return Match(status="ambiguous" if there else "unmatched", reason="several" if there else "nobody")
