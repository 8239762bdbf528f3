"""The fast lane for rows in which nothing is odd: a million of them are most of any big list.

It answers only what the careful way would answer, and gives None for whatever it does not know; a property
test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dispatcher.contacts import Cell, Contact, Lead, Row, mail, notes
from dispatcher.contacts.people import People, Reading
from dispatcher.contacts.plans import Slot
from dispatcher.vietnamese import names, phone, text
from dispatcher.vietnamese.syllables import is_syllable

Lane = Callable[[int, Sequence[Cell]], Row | None]
Facts = tuple[str, str, str, Lead, str]  # area, unit, role, lead, honorific

REMEMBERED_MAX = 50_000
_FIRST = frozenset(family.capitalize() for family in names.FAMILIES)


class _Words(dict[str, str]):
    """Words that names are written with and that need no mending, each with its folded form."""

    def learn(self, words: Sequence[str]) -> None:
        """Take in the words of a name that the careful way read without changing anything."""
        if len(self) < REMEMBERED_MAX:
            self.update((word, text.fold(word)) for word in words if is_syllable(word) and word.isalpha())


def lane(people: People, *, file: str, sheet: str, last: int) -> Lane | None:
    """Build the fast lane for a sheet; None when the sheet needs the careful way for every row."""
    plan = people.plan
    if (
        not people.mender.is_idle
        or len(plan.slots) != 1
        or plan.consents
        or plan.old_communes
        or len(plan.emails) > 1
    ):
        return None
    slot = plan.slots[0]
    if len(slot.names) != 1 or slot.nameless or not slot.phones:
        return None
    return _built(people, slot, file=file, sheet=sheet, last=last)


def _built(  # noqa: C901 - one loop body, unrolled by hand; a call a question would cost a third
    people: People, slot: Slot, *, file: str, sheet: str, last: int
) -> Lane:
    """Bind everything a row needs to local names: that is where the time goes."""
    plan, audience = people.plan, people.audience
    name_at, phone_at = slot.names[0], slot.phones[0]
    email_at = plan.emails[0] if plan.emails else -1
    empty = (*slot.phones[1:], *plan.notes, *plan.unheaded)  # what stands there is for the careful way
    telling = (
        *(index for index, _heading in plan.areas), *plan.addresses, *plan.units, *plan.roles,
        *plan.honorifics, *(index for index, _said in plan.sexes),
    )  # fmt: skip
    only = telling[0] if len(telling) == 1 else -1
    words_known = _Words()
    remembered: dict[object, Facts | None] = {}
    read, fold_of, first_words, is_plain = phone.read, words_known.__getitem__, _FIRST, mail.is_plain
    least = max((name_at, phone_at, email_at, *empty, *telling)) + 1
    most = max(plan.width, least)

    def take(number: int, cells: Sequence[Cell]) -> Row | None:  # noqa: C901, PLR0912 - as above
        if number <= last or not least <= len(cells) <= most:
            return None
        name = cells[name_at]
        if type(name) is not str:
            return None
        words = name.split(" ")
        if words[0] not in first_words or len(words) < 2 or words[-1] == "A":
            return None
        try:
            name_key = "".join(map(fold_of, words))
        except KeyError:
            if people.is_plain_name(name):
                words_known.learn(words)
            return None
        for place in empty:
            if cells[place]:
                return None
        numbers, reason, repairs, flags, note = read(cells[phone_at])
        if reason or note:
            return None
        email = ""
        if email_at >= 0 and (cell := cells[email_at]):
            email = cell.lower() if type(cell) is str else ""
            if not is_plain(email):
                return None
        key = (people.group, cells[only] if only >= 0 else tuple([cells[place] for place in telling]))
        facts = remembered.get(key, ...)
        if facts is ...:
            if len(remembered) > REMEMBERED_MAX:
                remembered.clear()
            facts = remembered[key] = _facts(people, slot, cells)
        if facts is None:
            return None
        area, unit, role, lead, honorific = facts
        contact = Contact(
            name, words[-1], honorific, numbers, email, area, unit, role, lead, "", audience, "", name_key
        )
        if repairs or flags:
            return Row(
                file, sheet, number, "repaired" if repairs else "accepted", contact,
                tuple([f"look:{flag}" for flag in flags]), tuple([f"phone:{repair}" for repair in repairs]),
            )  # fmt: skip
        return Row(file, sheet, number, "accepted", contact)

    return take


def _facts(people: People, slot: Slot, cells: Sequence[Cell]) -> Facts | None:
    """Work out, the careful way, what the cells that repeat say; None when anything in them was mended."""
    reading = Reading()
    area, unit, role, lead = people.place_and_post(cells, reading.repairs)
    honorific = people.honorific_of(slot, cells)
    if reading.repairs or people.is_lossy(f"{area}\n{unit}\n{role}"):
        return None
    if notes.is_staff(people.audience) and notes.scan([role], staff=True):
        return None
    return area, unit, role, lead, honorific
