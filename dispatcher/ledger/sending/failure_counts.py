"""How a campaign's answers have been since it was started or resumed: a small row a channel, for all workers.

It counts what providers answer and what they report afterwards, so that a run which goes wrong is seen
whoever sends it, and after a restart as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import failure_window

RECENT_MAX = 500  # so many answers count as recent; then their weight is halved
# Whose fault a failure is, in the words of the gateways.
OWN_FAULTS = frozenset({"config", "content"})
NOT_A_FAILURE = "opt-out"  # a person's own refusal is no sign that the run is broken


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultCounts:
    """Answers of one batch, or reports of one round; `failed`: those for good, by whose fault they are."""

    campaign: str
    channel: str
    results: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        """Whether anything was taken; reports count as no answers, so they never say so."""
        return self.results > sum(self.failed.values())

    @property
    def config_failures(self) -> int:
        """How many failed by our own fault."""
        return sum(count for whose, count in self.failed.items() if whose in OWN_FAULTS)

    @property
    def hard_failures(self) -> int:
        """How many failed, and not because somebody wished it."""
        return sum(count for whose, count in self.failed.items() if whose != NOT_A_FAILURE)


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureWindow:
    """The answers since anything was last taken, and the recent ones."""

    results: int = 0
    config_failures: int = 0
    recent: int = 0
    recent_hard_failures: int = 0

    def __add__(self, counts: ResultCounts) -> FailureWindow:
        recent, recent_hard_failures = self.recent, self.recent_hard_failures
        if recent >= RECENT_MAX:
            recent, recent_hard_failures = recent // 2, recent_hard_failures // 2
        return FailureWindow(
            results=0 if counts.accepted else self.results + counts.results,
            config_failures=0 if counts.accepted else self.config_failures + counts.config_failures,
            recent=recent + counts.results,
            recent_hard_failures=recent_hard_failures + counts.hard_failures,
        )


def add(connection: sa.Connection, ledger: Ledger, counts: ResultCounts) -> FailureWindow:
    """Count answers within the caller's transaction; gives how the run stands with them."""
    mine = {"of": counts.campaign, "by": counts.channel}
    row = connection.execute(_ROW, mine).first()
    if row is None:
        begun = ledger.insert(failure_window).values(campaign=counts.campaign, channel=counts.channel)
        connection.execute(begun.on_conflict_do_nothing())
        row = connection.execute(_ROW, mine).one()
    before = FailureWindow(
        results=row.results,
        config_failures=row.config_failures,
        recent=row.recent,
        recent_hard_failures=row.recent_hard_failures,
    )
    after = before + counts
    connection.execute(_UPDATE, {**mine, **{f"n_{name}": count for name, count in asdict(after).items()}})
    return after


def reset(connection: sa.Connection, campaign: str) -> None:
    """Judge a campaign afresh: somebody has looked at it."""
    connection.execute(sa.delete(failure_window).where(failure_window.c.campaign == campaign))


_MINE = sa.and_(
    failure_window.c.campaign == sa.bindparam("of"), failure_window.c.channel == sa.bindparam("by")
)
_ROW = sa.select(failure_window).where(_MINE).with_for_update()
_UPDATE = (
    sa.update(failure_window)
    .where(_MINE)
    .values({item.name: sa.bindparam(f"n_{item.name}") for item in fields(FailureWindow)})
)
