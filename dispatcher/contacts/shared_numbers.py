"""A number that several unrelated people of one list give: a head's, or one made up to fill a form.

A household shares a telephone; three families do not. Looked for among the first rows of a sheet, so that a
list of any length is read in little memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from dispatcher.contacts import ParsedRow

LOOKED_AT_ROWS = 10_000  # more people than a commune writes to from one sheet
FAMILIES_MIN = 3  # father, mother and daughter-in-law bring three, but stand in neighbouring rows
FAMILIES_APART = 4
CROWD_MIN = 7  # of one family name too: Nguyễn is every third


def hold_shared(rows: Iterator[ParsedRow]) -> Iterator[ParsedRow]:
    """Return the rows of one sheet; whoever gives a number of many unrelated people is held as "shared"."""
    first = list(islice(rows, LOOKED_AT_ROWS))
    shared = _shared(first)
    return chain(first, rows) if not shared else (_looked_at(row, shared) for row in chain(first, rows))


def _looked_at(row: ParsedRow, shared: frozenset[str]) -> ParsedRow:
    return _held(row) if row.contact and not shared.isdisjoint(row.contact.phones) else row


def _shared(rows: Sequence[ParsedRow]) -> frozenset[str]:
    named = [(row, row.contact) for row in rows if row.contact and row.contact.name_key and not row.part]
    given = Counter(number for _row, contact in named for number in contact.phones)
    people: dict[str, dict[str, ParsedRow]] = {
        number: {} for number, times in given.items() if times >= FAMILIES_MIN
    }
    for row, contact in named if people else ():
        for number in contact.phones:
            if number in people:
                people[number][contact.name_key] = row
    return frozenset(number for number, found in people.items() if _are_unrelated([*found.values()]))


def _are_unrelated(people: Sequence[ParsedRow]) -> bool:
    """Tell a household from people who have nothing to do with each other, by their names and places."""
    if len(people) < FAMILIES_MIN:
        return False
    families = {row.contact.name.partition(" ")[0].lower() for row in people if row.contact}
    together = people[-1].row - people[0].row < len(people)
    return (
        len(people) >= CROWD_MIN
        or len(families) >= FAMILIES_APART
        or (len(families) >= FAMILIES_MIN and not together)
    )


def _held(row: ParsedRow) -> ParsedRow:
    contact = row.contact
    assert contact is not None
    if contact.hold:
        return row
    held = contact._replace(hold="shared")
    return row._replace(status="held", contact=held, reasons=("hold:shared", *row.reasons))
