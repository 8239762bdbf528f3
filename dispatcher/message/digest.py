"""What a staff digest is made of: figures by area, and how they are put to one reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dispatcher.contacts.area_names import find_area
from dispatcher.message import Recipient
from dispatcher.vietnamese.shares import share_of, whole_percent_of

REPLY_WITHIN = timedelta(days=3)
# What a digest's template may use besides what every template may, with its line in the reference.
DIGEST_VARIABLES: Mapping[str, str] = {
    "figures": "the figures: .areas, .total, .as_of, .target_percent, .source, .next_steps, .warnings",
    "own": "the area the reader leads, or nothing",
    "areas": "all areas, the reader's own first",
    "to_visit": "the areas with people to visit that this reader may see",
    "behind": "the areas below the target, the lowest first",
    "reply_by": "until when the reader is asked to act",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A person whom no message reaches and whom somebody should see; `phone` is masked already."""

    name: str
    phone: str
    reason: str  # a sentence for people: "số không đúng"


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaFigures:
    """How one area stands. People are counted, not messages; None where nobody knows."""

    area: str
    contacts: int
    sent: int
    undeliverable: int
    opted_out: int
    participated: int
    participated_before: int | None = None  # at the time of the digest before
    without_address: int = 0  # of the contacts: no list has a usable number or mail address
    to_visit: tuple[Visit, ...] = ()  # the first of them
    to_visit_unnamed: int = 0  # how many more there are

    @property
    def to_visit_count(self) -> int:
        """Count everybody to visit."""
        return len(self.to_visit) + self.to_visit_unnamed

    @property
    def percent(self) -> int:
        """Return participation in whole percents of contacts; 100 means everybody."""
        return whole_percent_of(self.participated, self.contacts)

    @property
    def share(self) -> float:
        """Return participation in percent of contacts, with one decimal; 100.0 means everybody."""
        return share_of(self.participated, self.contacts)

    @property
    def change(self) -> int | None:
        """Return the growth of participation since the digest before."""
        return None if self.participated_before is None else self.participated - self.participated_before


@dataclass(frozen=True, kw_only=True, slots=True)
class NextStep:
    """What the system does next by itself."""

    when: datetime | date  # a moment is local, without a zone: as people read it
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestFigures:
    """All that a digest tells, as of the end of the day `as_of`."""

    campaign: str
    as_of: date
    areas: tuple[AreaFigures, ...]
    total: AreaFigures
    target_percent: int | None = None
    source: str = ""  # where participation was learnt, and when: "danh sách ngày 08/11/2025"
    reply_by: date | None = None  # until when the reader is asked to act; None: worked out
    next_steps: tuple[NextStep, ...] = ()
    warnings: tuple[str, ...] = ()  # sentences: what is paused or in doubt, shown on top


def sample_figures(today: date) -> DigestFigures:
    """Make figures in which everything occurs, for trying a digest out."""
    visit = Visit(name="Nguyễn Thị Phương Thảo", phone="+84 9•• ••• •00", reason="số điện thoại không đúng")
    areas = tuple(
        AreaFigures(
            area=area,
            contacts=120,
            sent=112,
            undeliverable=6,
            opted_out=2,
            participated=participated,
            participated_before=participated - 5,
            without_address=2,
            to_visit=(visit,),
            to_visit_unnamed=1,
        )
        for area, participated in (("Thôn Phương La", 48), ("Thôn Đông", 96), ("", 3))
    )
    total = AreaFigures(
        area="",
        contacts=360,
        sent=336,
        undeliverable=18,
        opted_out=6,
        participated=147,
        participated_before=132,
        without_address=6,
    )
    return DigestFigures(
        campaign="",
        as_of=today,
        areas=areas,
        total=total,
        target_percent=80,
        source="danh sách do đơn vị tổ chức chuyển",
        next_steps=(NextStep(when=today, what="nhắc người chưa tham gia"),),
        warnings=("1 tin nhắn chưa rõ kết quả.",),
    )


def digest_variables(
    figures: DigestFigures, recipient: Recipient, *, today: date, last_day: date
) -> dict[str, Any]:
    """Make the variables of the digest for one reader.

    Whoever leads an area sees it first and is given the people to visit there; whoever leads the commune
    is given everybody; nobody else is given names.
    """
    own = _own_area(figures, recipient)
    rest = tuple(area for area in figures.areas if area is not own)
    ordered = rest if own is None else (own, *rest)
    visited = ordered if recipient.lead == "commune" else () if own is None else (own,)
    return {
        "figures": figures,
        "own": own,
        "areas": ordered,
        "to_visit": tuple(area for area in visited if area.to_visit),
        "behind": _behind(figures),
        "reply_by": figures.reply_by or min(today + REPLY_WITHIN, last_day),
    }


def _own_area(figures: DigestFigures, recipient: Recipient) -> AreaFigures | None:
    if recipient.lead != "area" or not recipient.area:
        return None
    own = find_area(recipient.area, (area.area for area in figures.areas))
    if not own:  # people without a thôn stand under an area without a name: they are nobody's own
        return None
    return next((area for area in figures.areas if area.area == own), None)


def _behind(figures: DigestFigures) -> tuple[AreaFigures, ...]:
    """List the named areas below the target, the lowest first."""
    if figures.target_percent is None:
        return ()
    low = (
        area for area in figures.areas if area.area and area.contacts and area.share < figures.target_percent
    )
    return tuple(sorted(low, key=lambda area: area.share))
