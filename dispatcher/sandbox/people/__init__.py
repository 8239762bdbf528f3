"""Made-up people in lists as a commune has them: overlapping, messy, and the same for the same seed.

generate(Path("contacts"), residents=400)      # the committed sample
generate(Path("out"), residents=1_000_000)     # any size, in flat memory
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from dispatcher.sandbox.people import csv_lists, workbooks
from dispatcher.sandbox.people.population import RESIDENTS_MAX, Population

__all__ = [
    "RESIDENTS_MAX",
    "SEED",
    "GeneratedLists",
    "Population",
    "SampleParticipant",
    "generate",
    "sample_participants",
]

SEED = 2057


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneratedLists:
    """What was written; the numbers count people, not rows."""

    files: tuple[Path, ...]
    staff: int
    party: int
    parents: int
    residents: int


def generate(out: Path, *, residents: int, seed: int = SEED) -> GeneratedLists:
    """Write the lists of a commune into `out`: staff, party, parents, and one of residents for each thôn.

    The same bytes for the same size and seed. Raises ValueError for an impossible size.
    """
    population = Population.of_size(residents, seed=seed)
    staff, party = out / "staff" / "can-bo-xa.xlsx", out / "party" / "chi-bo.xlsx"
    parents = out / "parents" / "phu-huynh.csv"
    workbooks.staff(staff, population)
    workbooks.party(party, population)
    csv_lists.parents(parents, population)
    return GeneratedLists(
        files=(staff, party, parents, *csv_lists.residents(out / "residents", population)),
        staff=population.staff,
        party=population.party,
        parents=population.parents,
        residents=residents,
    )


class SampleParticipant(NamedTuple):
    """Somebody who took part, as the contest's platform reports it."""

    name: str
    phone: str  # E.164
    area: str
    at: datetime


def sample_participants(
    *, residents: int, since: datetime, until: datetime, share: float = 0.4, seed: int = SEED
) -> Iterator[SampleParticipant]:
    """Return those residents of `generate` who take part between two moments, in list order."""
    population = Population.of_size(residents, seed=seed)
    for index in range(residents):
        person = population.person(index)
        joins, moment = person.random_values[1], person.random_values[4]
        if not person.shares_number and person.row_defect == "" and joins < share:
            at = (since + (until - since) * moment).replace(microsecond=0)
            yield SampleParticipant(person.name, person.e164, f"Thôn {person.thon}", at)
