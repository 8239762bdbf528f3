"""The fast lane for rows in which nothing is odd: a million of them are most of any big list.

It answers only what the careful way would answer, and gives None for whatever it does not know; a property
test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dispatcher.contacts import Cell, Contact, Leadership, ParsedRow, email_cell, places
from dispatcher.contacts.column_plan import ColumnPlan, PersonColumns
from dispatcher.contacts.row_parser import ParsedPerson, RowParser
from dispatcher.vietnamese import names, phone, text
from dispatcher.vietnamese.syllables import is_syllable

FastParser = Callable[[int, Sequence[Cell]], ParsedRow | None]
RepeatedFacts = tuple[str, str, str, Leadership, str]  # area, unit, role, lead, honorific

CACHE_MAX = 50_000
_FIRST = frozenset(family.capitalize() for family in names.FAMILY_NAMES)


class _KnownWords(dict[str, str]):
    """Words that names are written with and that need no mending, each with its folded form."""

    def learn(self, words: Sequence[str]) -> None:
        """Take in the words of a name that the careful way read without changing anything."""
        if len(self) < CACHE_MAX:
            self.update((word, text.fold(word)) for word in words if is_syllable(word) and word.isalpha())


def build_fast_path(parser: RowParser, *, file: str, sheet: str, last: int) -> FastParser | None:
    """Build the fast lane for a sheet; None when the sheet needs the careful way for every row."""
    plan = parser.plan
    if (
        not parser.decoder.is_unicode
        or len(plan.people) != 1
        or plan.consents
        or plan.old_communes
        or len(plan.emails) > 1
        or parser.context.finding
    ):
        return None
    slot = plan.people[0]
    if len(slot.names) != 1 or slot.nameless or slot.role or not slot.phones:
        return None
    take = _build(parser, slot, file=file, sheet=sheet, last=last)
    marks = parser.context.marks
    return take if not marks else lambda number, cells: None if number in marks else take(number, cells)


def _build(  # noqa: C901, PLR0915 - one loop body, unrolled by hand; a call a question would cost a third
    parser: RowParser, person_columns: PersonColumns, *, file: str, sheet: str, last: int
) -> FastParser:
    """Bind everything a row needs to local names: that is where the time goes."""
    plan, audience = parser.plan, parser.audience
    name_at, phone_at = person_columns.names[0], person_columns.phones[0]
    email_at = plan.emails[0] if plan.emails else -1
    must_be_empty = (
        *person_columns.phones[1:],
        *plan.unheaded,
        *(index for index, _reason in (*plan.flags, *plan.assurances)),
    )  # what stands there is for the careful way
    fact_columns = (
        *(index for index, _heading in plan.areas), *plan.addresses, *plan.units, *plan.roles,
        *plan.honorifics, *(index for index, _said in plan.sexes),
    )  # fmt: skip
    looked_through = tuple(index for index in plan.others if index not in fact_columns)
    harmless: set[Cell] = {None, ""}
    notes = tuple(plan.notes)
    harmless_notes: set[Cell] = {None, ""}
    only_fact_column = fact_columns[0] if len(fact_columns) == 1 else -1
    words_known = _KnownWords()
    cache: dict[object, RepeatedFacts | None] = {}
    has_births, birth_year_of = bool(plan.births), parser.birth_year_of
    parse_phone, fold_of, first_words, is_plain = (
        phone.parse,
        words_known.__getitem__,
        _FIRST,
        email_cell.is_plain_address,
    )
    least = max((name_at, phone_at, email_at, *must_be_empty, *notes, *fact_columns, *looked_through)) + 1
    most = max(plan.width, least)

    def take(number: int, cells: Sequence[Cell]) -> ParsedRow | None:  # noqa: C901, PLR0912 - as above
        if number <= last or not least <= len(cells) <= most or parser.group_finding:
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
            if parser.is_plain_name(name):
                words_known.learn(words)
            return None
        for index in must_be_empty:
            if cells[index]:
                return None
        for index in notes:
            if (cell := cells[index]) not in harmless_notes:
                if not parser.is_harmless_note(cell):
                    return None
                if len(harmless_notes) < CACHE_MAX:
                    harmless_notes.add(cell)
        for index in looked_through:
            if type(cell := cells[index]) is str and not cell.isdigit() and cell not in harmless:
                if not parser.is_harmless(cell):
                    return None
                if len(harmless) < CACHE_MAX:
                    harmless.add(cell)
        numbers, reason, repairs, flags, note = parse_phone(cells[phone_at])
        if reason or note:
            return None
        email = ""
        if email_at >= 0 and (cell := cells[email_at]):
            email = cell.lower() if type(cell) is str else ""
            if not is_plain(email):
                return None
        key = (
            parser.group,
            cells[only_fact_column]
            if only_fact_column >= 0
            else tuple([cells[place] for place in fact_columns]),
        )
        facts = cache.get(key, ...)
        if facts is ...:
            if len(cache) > CACHE_MAX:
                cache.clear()
            facts = cache[key] = _facts(parser, person_columns, cells)
        if facts is None:
            return None
        area, unit, role, lead, honorific = facts
        contact = Contact(
            name, words[-1], honorific, numbers, email, area, unit, role, lead, "", audience, "", name_key,
            birth_year_of(cells) if has_births else 0,
        )  # fmt: skip
        if repairs or flags:
            return ParsedRow(
                file, sheet, number, "repaired" if repairs else "accepted", contact,
                tuple([f"look:{flag}" for flag in flags]), tuple([f"phone:{repair}" for repair in repairs]),
            )  # fmt: skip
        return ParsedRow(file, sheet, number, "accepted", contact)

    return take


def block_columns(plan: ColumnPlan) -> tuple[int, ...]:
    """Return the columns in which a list says "as in the row above": places and units."""
    areas = tuple(index for index, _heading in plan.areas)
    return (*areas, *plan.addresses, *plan.old_communes, *plan.units)


def _facts(parser: RowParser, person_columns: PersonColumns, cells: Sequence[Cell]) -> RepeatedFacts | None:
    """Work out, the careful way, what the cells that repeat say; None when anything in them was mended."""
    person = ParsedPerson()
    area, unit, role, lead = parser.area_and_position(cells, person.repairs)
    honorific = parser.honorific_of(person_columns, cells)
    if person.repairs or parser.is_lossy(f"{area}\n{unit}\n{role}"):
        return None
    if any(places.is_ditto(str(cells[index])) for index in block_columns(parser.plan) if index < len(cells)):
        return None
    if not all(parser.is_harmless(cells[index]) for index in parser.plan.others):
        return None
    return area, unit, role, lead, honorific
