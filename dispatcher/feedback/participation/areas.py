"""Which area of the lists is meant where a table or a machine names one; what may be meant where none is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from dispatcher.contacts import places
from dispatcher.contacts.area_names import area_key, find_area
from dispatcher.ledger import Ledger
from dispatcher.ledger.recipients import participation
from dispatcher.ledger.recipients.participation import AreaParticipation
from dispatcher.vietnamese.text import fold_words

SUGGESTIONS_MAX = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class ExcessFigures:
    """Figures of a thôn that are higher than the number of its `people` in the lists: that is asked about."""

    area: str
    told: int
    people: int


def excess_of(
    ledger: Ledger, audiences: Sequence[str], counts: Iterable[AreaParticipation]
) -> tuple[ExcessFigures, ...]:
    """Return the figures that more people have finished than a thôn has; unknown thôn are told elsewhere."""
    people = Counter[str]()
    for area, count in participation.people_of_areas(ledger, audiences).items():
        people[area_key(area)] += count
    return tuple(
        ExcessFigures(area=one.area, told=one.finished, people=people[one.area_key])
        for one in counts
        if one.finished is not None and one.finished > people[one.area_key] > 0
    )


def contradictions(counts: Sequence[AreaParticipation]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the places of figures that cannot be true.

    First those of a thôn and day that stand more than once with different figures, then those by which more
    have finished than have registered.
    """
    by_place: defaultdict[tuple[str, str], set[tuple[int | None, int | None]]] = defaultdict(set)
    for one in counts:
        by_place[one.area_key, one.day].add((one.registered, one.finished))
    repeated = tuple(index for index, one in enumerate(counts) if len(by_place[one.area_key, one.day]) > 1)
    exceeding = tuple(
        index
        for index, one in enumerate(counts)
        if one.registered is not None and one.finished is not None and one.finished > one.registered
    )
    return repeated, exceeding


class AreaDirectory:
    """The areas of all lists, asked for once."""

    def __init__(self, ledger: Ledger) -> None:
        self._known = participation.known_areas(ledger)

    def find(self, area: str) -> str:
        """Return the area of the lists that is meant; empty when none is, or more than one may be."""
        return find_area(area, self._known)

    def count_of(
        self, campaign: str, area: str, *, day: str, registered: int | None, finished: int | None
    ) -> AreaParticipation:
        """Return figures of an area for a day (ISO), under the name by which the lists know it."""
        area = self.find(area) or places.normalise_area(
            area, "thôn"
        )  # "Đông" is the "Thôn Đông" of the lists
        return AreaParticipation(
            campaign=campaign,
            area=area,
            area_key=area_key(area),
            day=day,
            registered=registered,
            finished=finished,
            source="",
        )

    def unknown(self, areas: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return those of `areas` that no list has, each with the known ones most like it."""
        return {area: self._alike(area) for area in dict.fromkeys(areas) if area and not self.find(area)}

    def _alike(self, area: str) -> tuple[str, ...]:
        by_words = {fold_words(known): known for known in self._known}
        found = get_close_matches(fold_words(area), by_words, n=SUGGESTIONS_MAX, cutoff=0.7)
        return tuple(by_words[words] for words in found)
