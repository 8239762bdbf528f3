"""Whom a number, a mail address, or a name and thôn means; what fits nobody or several is never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dispatcher.i18n import N_
from dispatcher.ledger import Ledger, participation
from dispatcher.ledger.participation import Known

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
class Sought:
    """What is said of somebody; the keys are folded (`vietnamese.text.fold`)."""

    phones: tuple[str, ...] = ()
    email: str = ""
    name_key: str = ""
    area_key: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Whom it means. `why` is a word of WHY for what is not matched."""

    found: Found
    how: How = ""
    why: str = ""
    people: tuple[Known, ...] = ()


def match(ledger: Ledger, page: Sequence[Sought]) -> list[Match]:
    """Find whom each of a page means, with one question each for numbers, mails and names."""
    by_number = participation.by_address(ledger, "sms", {number for one in page for number in one.phones})
    by_mail = participation.by_address(ledger, "email", {one.email for one in page if one.email})
    by_name = participation.by_name(ledger, {one.name_key for one in page if one.name_key})
    return [_match(one, by_number, by_mail, by_name) for one in page]


People = Mapping[str, tuple[Known, ...]]


def _match(one: Sought, by_number: People, by_mail: People, by_name: People) -> Match:
    """Believe a number before a mail address, and both before a name."""
    if behind := _together(by_number, one.phones):
        return _at_address(one, "number", behind)
    if behind := _together(by_mail, (one.email,)):
        return _at_address(one, "mail", behind)
    return _by_name(one, by_name.get(one.name_key, ()))


def _together(found: People, values: Iterable[str]) -> tuple[Known, ...]:
    people = {person.person_id: person for value in values for person in found.get(value, ())}
    return tuple(people.values())


def _at_address(one: Sought, how: How, behind: tuple[Known, ...]) -> Match:
    """Choose among those behind an address: by name where several share it; without a name, the household."""
    if len(behind) == 1 or not one.name_key:
        return Match(found="matched", how=how, people=behind)
    named = tuple(person for person in behind if person.name_key == one.name_key)
    if named:
        return Match(found="matched", how=how, people=named)
    return Match(found="ambiguous", why="several-share")


def _by_name(one: Sought, namesakes: tuple[Known, ...]) -> Match:
    if not one.name_key:
        return Match(found="unmatched", why="nobody" if one.phones or one.email else "nothing")
    if not one.area_key:
        return Match(found="unmatched", why="no-area" if namesakes else "nobody")
    there = tuple(person for person in namesakes if person.area_key == one.area_key)
    if len(there) == 1:
        return Match(found="matched", how="name", people=there)
    return Match(found="ambiguous" if there else "unmatched", why="several" if there else "nobody")
