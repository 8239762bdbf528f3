"""Who took part, as other machines tell it: by number or mail, or as figures of a thôn."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dispatcher.contacts import email_cell
from dispatcher.feedback.participation.areas import (
    AreaDirectory,
    ExcessFigures,
    contradictions,
    excess_of,
)
from dispatcher.feedback.participation.matching import PersonQuery, match
from dispatcher.ledger import Ledger
from dispatcher.ledger.recipients import participation, participation_imports
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.participation_imports import (
    MOST_MIN_PEOPLE,
    AudienceShare,
    RecordedImport,
)
from dispatcher.vietnamese import names, phone
from dispatcher.vietnamese.text import fold

ONE_LIST_WITHIN = timedelta(hours=1)  # a machine tells a long list in several calls


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedParticipant:
    """Somebody who took part, as told; `name` tells people on one number apart."""

    address: str
    name: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedAreaCount:
    """Figures of an area for a day (ISO date)."""

    area: str
    day: str
    registered: int | None  # None: not said, what is known stays
    finished: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedParticipants:
    """What came of it. `unmatched` are places in the list, counted from 0.

    `import_id` is the number by which it can be taken back, 0 when nothing was written. `unknown_areas` are
    in nobody's row of a list, each with those most like it. `most` are the audiences of which this would mark
    most, with what the same machine has marked within the hour; unless that is meant, nothing was written.
    `excess` are thôn in which more have finished than live there: nothing was written either, unless meant.
    `repeated` and `exceeding` are places in the list of figures that contradict themselves (see
    `areas.contradictions`): then nothing is written whatever is meant.
    """

    recorded: int
    known: int
    unmatched: tuple[int, ...]
    figures: int
    unknown_areas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    import_id: int = 0
    most: tuple[AudienceShare, ...] = ()
    excess: tuple[ExcessFigures, ...] = ()
    repeated: tuple[int, ...] = ()
    exceeding: tuple[int, ...] = ()


def record(
    ledger: Ledger,
    campaign: str,
    people: Sequence[ReportedParticipant],
    figures: Sequence[ReportedAreaCount],
    *,
    audiences: Sequence[str],
    source: str,
    who: str,
    now: datetime,
    dry_run: bool = False,
    is_most_meant: bool = False,
    is_excess_meant: bool = False,
) -> RecordedParticipants:
    """Write down who took part; whom we do not know is reported back, not guessed. `dry_run` only looks.

    What would mark most of one of `audiences` is written down only when `is_most_meant`.
    """
    facts: dict[int, Participation] = {}
    unmatched = []
    for index, (item, whom) in enumerate(
        zip(people, match(ledger, [_query(item) for item in people]), strict=True)
    ):
        if not whom.people:
            unmatched.append(index)
        for person in whom.people:
            facts[person.person_id] = Participation(
                campaign=campaign,
                person_id=person.person_id,
                at=min(item.at or now, now),
                source=source,
                who=who,
            )
    directory = AreaDirectory(ledger) if figures else None
    counts = [
        replace(
            directory.count_of(
                campaign, item.area, day=item.day, registered=item.registered, finished=item.finished
            ),
            source=source,
        )
        for item in figures
        if directory
    ]
    known = participation.known_participants(ledger, campaign, facts)
    most = _most(ledger, campaign, audiences, facts.keys() - known, who=who, now=now)
    repeated, exceeding = contradictions(counts)
    excess = excess_of(ledger, audiences, counts) if counts else ()
    is_asked = (most and not is_most_meant) or (excess and not is_excess_meant)
    if dry_run or is_asked or repeated or exceeding:
        done = RecordedImport(
            import_id=0, recorded=len(facts) - len(known), known=len(known),
            figures=len({(item.area_key, item.day) for item in counts}),
        )  # fmt: skip
    else:
        done = participation_imports.record_import(
            ledger, campaign, list(facts.values()), counts, source=source, who=who, now=now
        )
    return RecordedParticipants(
        recorded=done.recorded,
        known=done.known,
        unmatched=tuple(unmatched),
        figures=done.figures,
        unknown_areas=directory.unknown(item.area for item in figures) if directory else {},
        import_id=done.import_id,
        most=most,
        excess=excess,
        repeated=repeated,
        exceeding=exceeding,
    )


def _most(
    ledger: Ledger, campaign: str, audiences: Sequence[str], news: Collection[int], *, who: str, now: datetime
) -> tuple[AudienceShare, ...]:
    if len(news) < MOST_MIN_PEOPLE:  # told one by one, as people take part
        return ()
    before = participation_imports.newly_marked_by(ledger, campaign, who, since=now - ONE_LIST_WITHIN)
    shares = participation_imports.shares_of_audiences(ledger, campaign, audiences, before | set(news))
    return tuple(share for share in shares if share.is_most)


def _query(participant: ReportedParticipant) -> PersonQuery:
    """Read what was told as a list would be read: a machine, too, writes "Bà Lê Thị Hoa"."""
    name_key = fold(names.parse(participant.name).full)
    if "@" in participant.address:
        return PersonQuery(email=email_cell.parse(participant.address).address, name_key=name_key)
    return PersonQuery(phones=tuple(phone.parse(participant.address).numbers), name_key=name_key)
