"""The figures that pages show, kept at hand: sums follow every message, people by area are counted in peace.

Counting people looks at each of them, which a page cannot wait for once there are hundreds of thousands. So
it is done beside the pages, kept in the ledger over a restart, and shown with the moment it belongs to.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from dispatcher.campaign.model import Schedules
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import message_counts, people_counts
from dispatcher.ledger.queries.people_counts import AreaPeople, DailyParticipation
from dispatcher.ledger.recipients import participation
from dispatcher.ledger.schema import key_values
from dispatcher.ledger.sending.recount import SHARDS_PER_ROUND, recount_shards
from dispatcher.report import cap_collisions, ranking
from dispatcher.report.cap_collisions import CapCollision
from dispatcher.report.progress import Progress, summarise
from dispatcher.report.ranking import Ranking

RECOUNT_ROUNDS_MAX = 40  # of counting shards at a time, so that others get their turn
INLINE_COUNT_SECONDS_MAX = 0.3  # so quick a count is simply done again for every page
COLLISION_REST_SECONDS = 60.0  # lists and what has gone out change slowly; schedules are looked at at once
REST_FACTOR = 20  # the counting of people rests so many times as long as it took


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaSnapshot:
    """The people of a campaign by area, and how participation grew among them, as of one moment."""

    as_of: datetime
    areas: tuple[AreaPeople, ...]
    growth: tuple[DailyParticipation, ...]


class FiguresCache:
    """Answers pages from what is at hand. Everything here blocks, and is called from one thread."""

    def __init__(self, ledger: Ledger, schedules: Callable[[], Schedules]) -> None:
        self._ledger = ledger
        self._schedules = schedules
        self._version = 0
        self._progress: dict[str, tuple[int, Progress]] = {}
        self._people: dict[str, AreaSnapshot] = {}
        self._seconds: dict[str, float] = {}
        self._counted_at: dict[str, float] = {}
        self._counted_version: dict[str, tuple[object, ...]] = {}
        self._collisions_of: Schedules | None = None  # those that `collisions` were looked for in
        self._collisions_at = self._collision_seconds = 0.0
        self.collisions: tuple[CapCollision, ...] = ()  # between campaigns, as last looked for

    @property
    def version(self) -> int:
        """Return a number that grows when there is news."""
        return self._version

    def refresh(self, now: datetime) -> bool:
        """Count what changed; True when there is more to do at once."""
        offset = self._offset(now)
        counted = recount_shards(self._ledger, offset=offset)
        if counted:
            self._version += 1
        return counted >= SHARDS_PER_ROUND

    def refresh_all(self, now: datetime) -> None:
        """Count everything that changed, for a page that must not lag: the final report."""
        for _round in range(RECOUNT_ROUNDS_MAX):
            if not self.refresh(now):
                return

    def progress(self, campaign: str) -> Progress:
        """Return how far a campaign has got."""
        cached = self._progress.get(campaign)
        if cached is None or cached[0] != self._version:
            cached = self._version, summarise(message_counts.by_step(self._ledger, campaign))
            self._progress[campaign] = cached
        return cached[1]

    def area_snapshot(self, campaign: str, now: datetime, *, fresh: bool = False) -> AreaSnapshot | None:
        """Return the people by area: counted now where that is quick, else as last counted; None: not yet."""
        if fresh or (
            self._seconds.get(campaign, 0.0) < INLINE_COUNT_SECONDS_MAX and self._may_count_inline(campaign)
        ):
            return self.recount_areas(campaign, now)
        return self._people.get(campaign) or self._load_stored(campaign)

    def recount_areas(self, campaign: str, now: datetime) -> AreaSnapshot:
        """Count the people of a campaign by area, and keep it."""
        newest = self._data_version(campaign)
        if campaign in self._people and self._counted_version.get(campaign) == newest:
            return self._people[campaign]
        began = time.perf_counter()
        config = self._schedules().campaigns[campaign]
        counted = people_counts.by_area(
            self._ledger, campaign, config.audiences, earlier_than=now - timedelta(days=1)
        )
        growth = people_counts.participation_by_day(
            self._ledger, campaign, config.audiences, offset=self._offset(now)
        )
        self._seconds[campaign] = time.perf_counter() - began
        self._counted_at[campaign] = time.monotonic()
        self._counted_version[campaign] = newest
        self._people[campaign] = AreaSnapshot(as_of=now, areas=counted, growth=growth)
        stored = {
            "as_of": now.isoformat(),
            "areas": [asdict(item) for item in counted],
            "growth": [{**asdict(item), "day": item.day.isoformat()} for item in growth],
        }
        key_values.put(self._ledger, f"people:{campaign}", json.dumps(stored, ensure_ascii=False))
        return self._people[campaign]

    def stale_campaign(self) -> str:
        """Return a campaign whose people should be counted again; empty when none should."""
        for campaign in self._schedules().campaigns:
            rested = time.monotonic() - self._counted_at.get(campaign, -1e9)
            if rested > max(5.0, self._seconds.get(campaign, 0.0) * REST_FACTOR) and (
                self._counted_version.get(campaign) != self._data_version(campaign)
            ):
                return campaign
        return ""

    def refresh_collisions(self, now: datetime) -> bool:
        """Look where campaigns meet at their caps, when that was long ago; True when there is news."""
        schedules, began = self._schedules(), time.monotonic()
        rest = max(COLLISION_REST_SECONDS, self._collision_seconds * REST_FACTOR)
        if schedules is self._collisions_of and began - self._collisions_at < rest:
            return False
        found = cap_collisions.find(self._ledger, schedules, now=now)
        is_news = found != self.collisions
        self.collisions, self._collisions_of = found, schedules
        self._collisions_at = time.monotonic()
        self._collision_seconds = self._collisions_at - began
        return is_news

    def ranking(self, campaign: str, now: datetime, *, fresh: bool = False) -> Ranking | None:
        """Return the areas in order; None while their people are being counted for the first time."""
        people = self.area_snapshot(campaign, now, fresh=fresh)
        if people is None:
            return None
        config = self._schedules().campaigns[campaign]
        return ranking.rank_areas(
            people.areas,
            people.growth,
            start=config.to_local(config.start).date(),
            today=config.to_local(now).date(),
            last_day=config.last_day,
        )

    def _may_count_inline(self, campaign: str) -> bool:
        """Return whether a first count may be done while a page waits."""
        return campaign in self._seconds or self.progress(campaign).total.messages < 20_000

    def _data_version(self, campaign: str) -> tuple[object, ...]:
        return self._version, *participation.people_version(self._ledger, campaign)

    def _load_stored(self, campaign: str) -> AreaSnapshot | None:
        written = key_values.get(self._ledger, f"people:{campaign}")
        if not written:
            return None
        kept = json.loads(written)
        if "growth" not in kept:  # an older version counted less
            return None
        self._people[campaign] = AreaSnapshot(
            as_of=datetime.fromisoformat(kept["as_of"]),
            areas=tuple(AreaPeople(**item) for item in kept["areas"]),
            growth=tuple(
                DailyParticipation(**item | {"day": date.fromisoformat(item["day"])})
                for item in kept["growth"]
            ),
        )
        return self._people[campaign]

    def _offset(self, now: datetime) -> timedelta:
        return now.astimezone(self._schedules().timezone).utcoffset() or timedelta()
