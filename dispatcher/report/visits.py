"""Whom no message reaches, in the order in which somebody walks and reads: by thôn, then by name."""

from __future__ import annotations

from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import people_counts
from dispatcher.ledger.queries.people_counts import UnreachedPerson
from dispatcher.report.protection import conceal
from dispatcher.vietnamese.names import sort_key


def find(
    ledger: Ledger, schedules: Schedules, campaign: Campaign, *, area: str | None = None, may_see: bool = True
) -> tuple[UnreachedPerson, ...]:
    """List everybody of one area, or of all, whom nothing reaches; those without an area come last.

    Who is known from sensitive lists only is named when the reader `may_see` them.
    """
    people = people_counts.unreached_people(
        ledger, campaign.name, campaign.audiences, open_audiences=schedules.open_audiences, area=area
    )
    return tuple(sorted(people if may_see else conceal(people), key=_place))


def _place(one: UnreachedPerson) -> tuple[object, ...]:
    return not one.area, sort_key(one.area), sort_key(one.name)
