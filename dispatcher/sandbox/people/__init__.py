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

from dispatcher.sandbox.people import tables, workbooks
from dispatcher.sandbox.people.town import RESIDENTS_MAX, Town

__all__ = ["RESIDENTS_MAX", "SEED", "Made", "Participant", "Town", "generate", "participants"]

SEED = 2057


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What was written; the numbers count people, not rows."""

    files: tuple[Path, ...]
    staff: int
    party: int
    parents: int
    residents: int


def generate(out: Path, *, residents: int, seed: int = SEED) -> Made:
    """Write the lists of a town into `out`: staff, party, parents, and one of residents for each thôn.

    The same bytes for the same size and seed. Raises ValueError for an impossible size.
    """
    town = Town.of(residents, seed=seed)
    staff, party = out / "staff" / "can-bo-xa.xlsx", out / "party" / "chi-bo.xlsx"
    parents = out / "parents" / "phu-huynh.csv"
    workbooks.staff(staff, town)
    workbooks.party(party, town)
    tables.parents(parents, town)
    return Made(
        files=(staff, party, parents, *tables.residents(out / "residents", town)),
        staff=town.staff,
        party=town.party,
        parents=town.parents,
        residents=residents,
    )


class Participant(NamedTuple):
    """Somebody who took part, as the contest's platform reports it."""

    name: str
    phone: str  # E.164
    area: str
    at: datetime


def participants(
    *, residents: int, since: datetime, until: datetime, share: float = 0.4, seed: int = SEED
) -> Iterator[Participant]:
    """Name those residents of the town of `generate` who take part between two moments, in list order."""
    town = Town.of(residents, seed=seed)
    for index in range(residents):
        person = town.person(index)
        joins, moment = person.draws[1], person.draws[4]
        if not person.shared and person.condition == "" and joins < share:
            at = (since + (until - since) * moment).replace(microsecond=0)
            yield Participant(person.name, person.e164, f"Thôn {person.thon}", at)
