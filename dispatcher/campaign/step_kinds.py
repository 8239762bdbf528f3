"""The kinds of steps, and what is true of each: one line here is all that the rest of the code asks.

How a kind is written in schedules.toml stands in `campaign.steps`, when it falls due in `plan.calendar`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from dispatcher.i18n import N_

Kind = Literal["reminder", "warning", "thanks", "digest", "notice"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StepKind:
    """What is true of every step of a kind."""

    name: Kind
    label: str  # English; the reader's language comes from the catalogue
    priority: int  # 0-100, the higher goes first when a gateway is busy
    reminds: bool = False  # asks people to take part: not those who have, not after the deadline
    is_standing: bool = False  # falls due person by person, in one occurrence for the whole campaign
    is_for_staff: bool = False  # goes to colleagues, and is counted apart from what the people get
    is_bound_to_day: bool = False  # says how many days are left: right on its day only
    waits_for_cap: bool = False  # said late it is as good: over its cap it waits as long as its time lasts
    needs_figures: bool = False  # its words hold the figures of the campaign
    default_template: str = ""  # empty: named after the step or its time


REMINDER: Final = StepKind(name="reminder", label=N_("reminder"), priority=50, reminds=True)
WARNING: Final = StepKind(
    name="warning", label=N_("deadline warning"), priority=80, reminds=True, is_bound_to_day=True
)
THANKS: Final = StepKind(
    name="thanks",
    label=N_("thanks"),
    priority=30,
    is_standing=True,
    waits_for_cap=True,
    default_template="thanks",
)
DIGEST: Final = StepKind(
    name="digest",
    label=N_("digest for those in charge"),
    priority=60,
    is_for_staff=True,
    needs_figures=True,
    default_template="digest",
)
# No step of the file: what campaigns with moved = "tell" say when their deadline was moved.
NOTICE: Final = StepKind(name="notice", label=N_("a new deadline"), priority=70, reminds=True)
STEP_KINDS: Final[Mapping[str, StepKind]] = {
    kind.name: kind for kind in (REMINDER, WARNING, THANKS, DIGEST, NOTICE)
}
DEADLINE_NOTICES: Final = ("extended", "shortened")  # their names, and those of their templates

# The same facts as sets of names: what rows of the ledger hold.
REMINDING = frozenset(kind.name for kind in STEP_KINDS.values() if kind.reminds)
STANDING = frozenset(kind.name for kind in STEP_KINDS.values() if kind.is_standing)
FOR_STAFF = frozenset(kind.name for kind in STEP_KINDS.values() if kind.is_for_staff)
BOUND_TO_DAY = frozenset(kind.name for kind in STEP_KINDS.values() if kind.is_bound_to_day)
WAITING_FOR_CAP = frozenset(kind.name for kind in STEP_KINDS.values() if kind.waits_for_cap)
NEEDING_FIGURES = frozenset(kind.name for kind in STEP_KINDS.values() if kind.needs_figures)
