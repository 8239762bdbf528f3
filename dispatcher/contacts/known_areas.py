"""The thôn that an office has listed once: what its lists mean by other names, and what is none of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from functools import cache

from dispatcher.contacts import ParsedRow
from dispatcher.contacts.area_names import find_area
from dispatcher.i18n import _


class KnownAreas:
    """Writes the thôn of each row as the office does and remembers those it does not know.

    Without a list of thôn (`areas` empty) rows pass as they are and nothing is asked.
    """

    def __init__(self, areas: Sequence[str]) -> None:
        self._areas = areas
        self._find = cache(lambda wanted: find_area(wanted, areas))
        self.unknown: dict[tuple[str, str, str], int] = {}  # (file, sheet, area) -> rows

    def settle(self, rows: Iterable[ParsedRow]) -> Iterator[ParsedRow]:
        """Pass rows on; an area that is not known stays as the list has it."""
        for row in rows:
            contact = row.contact
            if contact is None or not contact.area or not self._areas:
                yield row
            elif known := self._find(contact.area):
                yield row if known == contact.area else row._replace(contact=contact._replace(area=known))
            else:
                place = (row.file, row.sheet, contact.area)
                self.unknown[place] = self.unknown.get(place, 0) + 1
                yield row._replace(reasons=(*row.reasons, "look:unknown-area"))

    def questions(self) -> tuple[str, ...]:
        """Ask in the reader's language about each area that is not listed, with the nearest that is."""
        return tuple(self._question(*place, rows) for place, rows in self.unknown.items())

    def _question(self, file: str, sheet: str, area: str, rows: int) -> str:
        place = " · ".join(filter(None, (file, sheet)))
        meant = get_close_matches(area, self._areas, n=1)
        said = _(
            "{place}: “{area}” ({rows} rows) is not in the areas of schedules.toml: is it a slip, or is it "
            "missing there?",
            place=place,
            area=area,
            rows=rows,
        )
        return " ".join((said, *(_("Is “{area}” meant?", area=one) for one in meant)))
