"""The figures that pages show, kept at hand: sums follow every message, people by area are counted in peace.

Counting people looks at each of them, which a page cannot wait for once there are hundreds of thousands. So
it is done beside the pages, kept in the ledger over a restart, and shown with the moment it belongs to.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from dispatcher.campaign.model import Schedules
from dispatcher.ledger import Ledger, areas, growth, meta, participation, tally
from dispatcher.ledger.areas import AreaPeople
from dispatcher.report import ranking
from dispatcher.report.progress import Progress, progress
from dispatcher.report.ranking import Ranking

ROUNDS_MAX = 40  # of counting shards at a time, so that others get their turn
AT_ONCE_SECONDS = 0.3  # so quick a count is simply done again for every page
REST = 20  # the counting of people rests so many times as long as it took


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """The people of a campaign by area, as of a moment."""

    as_of: datetime
    areas: tuple[AreaPeople, ...]


class Board:
    """Answers pages from what is at hand. Everything here blocks, and is called from one thread."""

    def __init__(self, ledger: Ledger, schedules: Callable[[], Schedules]) -> None:
        self._ledger = ledger
        self._schedules = schedules
        self._version = 0
        self._progress: dict[str, tuple[int, Progress]] = {}
        self._people: dict[str, People] = {}
        self._seconds: dict[str, float] = {}
        self._counted_at: dict[str, float] = {}
        self._counted_version: dict[str, tuple[int, datetime | None]] = {}

    @property
    def version(self) -> int:
        """Give a number that grows when there is news."""
        return self._version

    def refresh(self, now: datetime) -> bool:
        """Count what changed; True when there is more to do at once."""
        offset = self._offset(now)
        counted = tally.refresh(self._ledger, offset=offset)
        if counted:
            self._version += 1
        return counted >= tally.SHARDS_PER_ROUND

    def catch_up(self, now: datetime) -> None:
        """Count everything that changed, for a page that must not lag: the final report."""
        for _round in range(ROUNDS_MAX):
            if not self.refresh(now):
                return

    def progress(self, campaign: str) -> Progress:
        """Tell how far a campaign has got."""
        known = self._progress.get(campaign)
        if known is None or known[0] != self._version:
            known = self._version, progress(tally.counts(self._ledger, campaign))
            self._progress[campaign] = known
        return known[1]

    def people(self, campaign: str, now: datetime, *, fresh: bool = False) -> People | None:
        """Give the people by area: counted now where that is quick, else as last counted; None: not yet."""
        if fresh or (self._seconds.get(campaign, 0.0) < AT_ONCE_SECONDS and self._has_few(campaign)):
            return self.count_people(campaign, now)
        return self._people.get(campaign) or self._kept(campaign)

    def count_people(self, campaign: str, now: datetime) -> People:
        """Count the people of a campaign by area, and keep it."""
        newest = self._newest(campaign)
        if campaign in self._people and self._counted_version.get(campaign) == newest:
            return self._people[campaign]
        began = time.perf_counter()
        wanted = self._schedules().campaigns[campaign]
        found = areas.people(self._ledger, campaign, wanted.audiences, before=now - timedelta(days=1))
        self._seconds[campaign] = time.perf_counter() - began
        self._counted_at[campaign] = time.monotonic()
        self._counted_version[campaign] = newest
        self._people[campaign] = People(as_of=now, areas=found)
        kept = {"as_of": now.isoformat(), "areas": [asdict(item) for item in found]}
        meta.put(self._ledger, f"people:{campaign}", json.dumps(kept, ensure_ascii=False))
        return self._people[campaign]

    def due(self) -> str:
        """Name a campaign whose people should be counted again; empty when none should."""
        for campaign in self._schedules().campaigns:
            rested = time.monotonic() - self._counted_at.get(campaign, -1e9)
            if rested > max(5.0, self._seconds.get(campaign, 0.0) * REST) and (
                self._counted_version.get(campaign) != self._newest(campaign)
            ):
                return campaign
        return ""

    def ranking(self, campaign: str, now: datetime, *, fresh: bool = False) -> Ranking | None:
        """Put the areas in order; None while their people are being counted for the first time."""
        people = self.people(campaign, now, fresh=fresh)
        if people is None:
            return None
        wanted = self._schedules().campaigns[campaign]
        return ranking.ranking(
            people.areas,
            growth.growth(self._ledger, campaign, offset=self._offset(now)),
            start=wanted.local(wanted.start).date(),
            today=wanted.local(now).date(),
            last_day=wanted.last_day,
        )

    def _has_few(self, campaign: str) -> bool:
        """Tell whether a first count may be done while a page waits."""
        return campaign in self._seconds or self.progress(campaign).total.messages < 20_000

    def _newest(self, campaign: str) -> tuple[int, datetime | None]:
        return self._version, participation.newest(self._ledger, campaign)

    def _kept(self, campaign: str) -> People | None:
        written = meta.get(self._ledger, f"people:{campaign}")
        if not written:
            return None
        kept = json.loads(written)
        self._people[campaign] = People(
            as_of=datetime.fromisoformat(kept["as_of"]),
            areas=tuple(AreaPeople(**item) for item in kept["areas"]),
        )
        return self._people[campaign]

    def _offset(self, now: datetime) -> timedelta:
        return now.astimezone(self._schedules().timezone).utcoffset() or timedelta()
