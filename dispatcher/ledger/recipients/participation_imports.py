"""Who took part, as lists and other machines tell it: each import can be taken back as a whole.

What an import said goes with it; whoever is known from elsewhere as well stays known. Figures of areas are
as they were before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dispatcher.campaign import step_kinds
from dispatcher.errors import DispatcherError
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.recipients import participation as participations
from dispatcher.ledger.recipients.participation import AreaParticipation, Participation
from dispatcher.ledger.schema import records, revision
from dispatcher.ledger.schema.message_status import PARTICIPATION_UNDONE
from dispatcher.ledger.schema.tables import (
    contact,
    message,
    occurrence,
    participation,
    participation_claim,
    participation_count,
    participation_import,
)
from dispatcher.ledger.sending import occurrences, shards

BATCH = 500  # people who are written at once: sending waits no longer
MOST_MIN_PEOPLE = 5  # of fewer nothing is to be said about most of an audience


class CannotUndoParticipation(DispatcherError):
    """An import cannot be taken back; the message says why."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedImport:
    """What an import did: `recorded` people were news. `import_id` is 0 when it said nothing."""

    import_id: int
    recorded: int
    known: int
    figures: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PastParticipationImport:
    """An import of before. `counts` has the fields of `RecordedImport`, by name, and what `undone` gives."""

    id: int
    campaign: str
    at: datetime
    who: str
    source: str
    counts: Mapping[str, int]
    undone_at: datetime | None
    undone_by: str

    @property
    def undone(self) -> UndoneParticipation | None:
        """Return what taking it back did; None when it stands, or an older version took it back."""
        told = {name: self.counts.get(f"undone_{name}") for name in ("removed", "kept", "figures", "thanks")}
        known = {name: count for name, count in told.items() if count is not None}
        if len(known) < len(told):
            return None
        return UndoneParticipation(import_id=self.id, campaign=self.campaign, **known)


@dataclass(frozen=True, kw_only=True, slots=True)
class UndoneParticipation:
    """What taking an import back did.

    `removed` are no longer known to have taken part, `kept` are known from elsewhere as well. `figures` of
    areas are as before. `thanks` had not left yet and will not.
    """

    import_id: int
    campaign: str
    removed: int
    kept: int
    figures: int
    thanks: int


def record_import(
    ledger: Ledger,
    campaign: str,
    facts: Sequence[Participation],
    counts: Sequence[AreaParticipation],
    *,
    source: str,
    who: str,
    now: datetime,
) -> RecordedImport:
    """Write down what one list or one call says; what is not said of an area's figures stays.

    People are written in batches, so that receipts and sending wait for none of them long. What breaks off
    says how far it came; to do it again is to go on, and it is taken back like any other.
    """
    if not facts and not counts:
        return RecordedImport(import_id=0, recorded=0, known=0, figures=0)
    done = _begin_import(ledger, campaign, facts[:BATCH], counts, source=source, who=who, now=now)
    for start in range(BATCH, len(facts), BATCH):
        ledger.let_others_write()
        batch = facts[start : start + BATCH]
        with ledger.begin() as connection:
            if _is_undone(connection, done.import_id):
                break
            done = _go_on(ledger, connection, done, batch, now=now)
    return done


def _begin_import(
    ledger: Ledger,
    campaign: str,
    facts: Sequence[Participation],
    counts: Sequence[AreaParticipation],
    *,
    source: str,
    who: str,
    now: datetime,
) -> RecordedImport:
    with ledger.begin() as connection:
        values = {"campaign": campaign, "at": now, "who": who, "source": source, "counts": {}, "replaced": []}
        import_id = int(
            connection.execute(
                sa.insert(participation_import).values(values).returning(participation_import.c.id)
            ).scalar_one()
        )
        news = participations.insert(ledger, connection, facts, import_id=import_id, now=now)
        replaced = _write_counts(ledger, connection, counts, import_id)
        figures = len({(item.area_key, item.day) for item in counts})
        done = RecordedImport(import_id=import_id, recorded=news, known=len(facts) - news, figures=figures)
        connection.execute(
            sa.update(participation_import)
            .where(participation_import.c.id == import_id)
            .values(counts=asdict(done), replaced=replaced)
        )
    return done


def _is_undone(connection: sa.Connection, import_id: int) -> bool:
    """Return whether somebody took an import back, while it was under way."""
    undone_at = sa.select(participation_import.c.undone_at).where(participation_import.c.id == import_id)
    return connection.scalar(undone_at.with_for_update()) is not None


def _go_on(
    ledger: Ledger,
    connection: sa.Connection,
    so_far: RecordedImport,
    facts: Sequence[Participation],
    *,
    now: datetime,
) -> RecordedImport:
    news = participations.insert(ledger, connection, facts, import_id=so_far.import_id, now=now)
    known = so_far.known + len(facts) - news
    done = replace(so_far, recorded=so_far.recorded + news, known=known)
    connection.execute(
        sa.update(participation_import)
        .where(participation_import.c.id == done.import_id)
        .values(counts=asdict(done))
    )
    return done


def _write_counts(
    ledger: Ledger, connection: sa.Connection, counts: Sequence[AreaParticipation], import_id: int
) -> list[dict[str, object]]:
    """Write figures of areas; gives those they take the place of."""
    replaced = []
    for item in counts:
        before = connection.execute(
            sa.select(participation_count).where(*_same_place(asdict(item)))
        ).one_or_none()
        replaced += [] if before is None else [dict(before._mapping)]
        facts = {name: value for name, value in asdict(item).items() if value is not None}
        facts["import_id"] = import_id
        newest = ledger.insert(participation_count).values(**facts)
        connection.execute(
            newest.on_conflict_do_update(index_elements=["campaign", "area_key", "day"], set_=facts)
        )
    return replaced


def _same_place(facts: Mapping[str, object]) -> list[sa.ColumnElement[bool]]:
    return [participation_count.c[name] == facts[name] for name in ("campaign", "area_key", "day")]


def past_imports(
    ledger: Ledger, campaign: str = "", *, before: int = 0, limit: int | None = None
) -> tuple[PastParticipationImport, ...]:
    """List the imports of one campaign, or of all, the latest first.

    With `limit` only so many; `before` is the number of one that was listed: what comes after it in the list.
    """
    question = (
        sa.select(*records.columns_of(PastParticipationImport, participation_import))
        .order_by(participation_import.c.id.desc())
        .limit(limit)
    )
    if campaign:
        question = question.where(participation_import.c.campaign == campaign)
    if before:
        question = question.where(participation_import.c.id < before)
    with ledger.read() as connection:
        return records.read(connection, PastParticipationImport, question)


def find(ledger: Ledger, import_id: int) -> PastParticipationImport | None:
    """Return an import of before; None when there is none of this number."""
    question = sa.select(*records.columns_of(PastParticipationImport, participation_import))
    with ledger.read() as connection:
        return records.first(
            connection, PastParticipationImport, question.where(participation_import.c.id == import_id)
        )


def undo(ledger: Ledger, import_id: int, *, who: str, now: datetime) -> UndoneParticipation:
    """Take an import back. Reminders that were left out for its sake are not sent after the fact.

    Raises CannotUndoParticipation when there is none, it was taken back before, or a later one changed the
    same figures.
    """
    with ledger.begin() as connection:
        row = connection.execute(
            sa.select(participation_import).where(participation_import.c.id == import_id)
        ).one_or_none()
        if row is None:
            raise CannotUndoParticipation(_("there is no import {number}", number=import_id))
        if row.undone_at is not None:
            raise CannotUndoParticipation(_("import {number} was taken back already", number=import_id))
        figures = _restore_counts(connection, row)
        connection.execute(sa.delete(participation_claim).where(participation_claim.c.import_id == import_id))
        kept = _keep_known_from_elsewhere(connection, import_id)
        removed = connection.scalars(
            sa.delete(participation)
            .where(participation.c.import_id == import_id)
            .returning(participation.c.person_id)
        ).all()
        done = UndoneParticipation(
            import_id=import_id,
            campaign=row.campaign,
            removed=len(removed),
            kept=kept,
            figures=figures,
            thanks=_cancel_thanks(connection, row.campaign, removed, now=now),
        )
        connection.execute(
            sa.update(participation_import)
            .where(participation_import.c.id == import_id)
            .values(undone_at=now, undone_by=who, counts=row.counts | _as_counts(done))
        )
        detail = {"import": import_id, "people": done.removed, "figures": done.figures}
        audit_log.insert(
            connection, who=who, action="undo-participation", subject=row.campaign, detail=detail, now=now
        )
        revision.mark(connection)
    return done


def _as_counts(done: UndoneParticipation) -> dict[str, int]:
    return {
        "undone_removed": done.removed, "undone_kept": done.kept, "undone_figures": done.figures,
        "undone_thanks": done.thanks,
    }  # fmt: skip


def _restore_counts(connection: sa.Connection, undone: sa.Row[Any]) -> int:
    """Bring the figures back that an import took the place of. Raises CannotUndoParticipation."""
    later = connection.execute(
        sa.select(participation_import.c.id, participation_import.c.replaced).where(
            participation_import.c.id > undone.id, participation_import.c.undone_at.is_(None)
        )
    )
    if after := [row.id for row in later if any(one["import_id"] == undone.id for one in row.replaced)]:
        raise CannotUndoParticipation(
            _(
                "import {later} changed the same figures after import {number}; undo {later} first",
                number=undone.id,
                later=max(after),
            )
        )
    written = connection.execute(
        sa.delete(participation_count)
        .where(participation_count.c.import_id == undone.id)
        .returning(participation_count.c.area_key)
    ).all()
    # Who says a place twice in one import replaces their own word: what was there before comes first.
    before = [one | {"campaign": undone.campaign} for one in undone.replaced if one["import_id"] != undone.id]
    if before:
        connection.execute(sa.insert(participation_count), before)
    return len(written)


def _keep_known_from_elsewhere(connection: sa.Connection, import_id: int) -> int:
    """Let the next word stand where the first one goes; gives for how many people there is one."""
    claim = participation_claim
    others = connection.execute(
        sa.select(claim)
        .join_from(
            participation,
            claim,
            sa.and_(
                claim.c.campaign == participation.c.campaign, claim.c.person_id == participation.c.person_id
            ),
        )
        .where(participation.c.import_id == import_id)
        .order_by(claim.c.learnt_at.desc(), claim.c.import_id.desc())
    ).mappings()
    first = {row["person_id"]: dict(row) for row in others}  # the earliest comes last
    for person_id, row in first.items():
        connection.execute(
            sa.update(participation)
            .where(participation.c.campaign == row["campaign"], participation.c.person_id == person_id)
            .values({name: row[name] for name in ("at", "learnt_at", "source", "who", "import_id")})
        )
    return len(first)


def _cancel_thanks(
    connection: sa.Connection, campaign: str, people: Collection[int], *, now: datetime
) -> int:
    """Cancel thanks that have not left: nobody is thanked for what they have not done.

    Somebody else at the same number may have: whoever took part is looked at again.
    """
    standing = sa.select(occurrence.c.id).where(
        occurrence.c.campaign == campaign, occurrence.c.kind.in_(step_kinds.STANDING)
    )
    cancelled: list[int] = []
    for page in participations.pages(people):
        cancelled += connection.scalars(
            shards.cancel_waiting(PARTICIPATION_UNDONE, now=now)
            .where(message.c.occurrence_id.in_(standing), message.c.person_id.in_(page))
            .returning(message.c.shard_id)
        ).all()
    shards.mark_dirty(connection, sorted(set(cancelled)))
    first = connection.scalar(
        sa.select(sa.func.min(participation.c.learnt_at)).where(participation.c.campaign == campaign)
    )
    if cancelled and first is not None:
        occurrences.look_again(connection, campaign, since=first)
    return len(cancelled)


@dataclass(frozen=True, kw_only=True, slots=True)
class AudienceShare:
    """How many of the `people` of an audience an import would newly mark, and how many were known before."""

    audience: str
    people: int
    known: int
    marked: int

    @property
    def is_most(self) -> bool:
        """Return whether more than half would newly be marked: a wrong list does that."""
        return self.marked >= MOST_MIN_PEOPLE and self.marked * 2 > self.people


def shares_of_audiences(
    ledger: Ledger, campaign: str, audiences: Sequence[str], people: Collection[int]
) -> tuple[AudienceShare, ...]:
    """Return what marking `people` (person ids, all of them news) would mean for each audience."""
    active = sa.and_(contact.c.audience.in_(audiences), contact.c.state == "active")
    everybody = sa.select(contact.c.audience, sa.func.count()).where(active).group_by(contact.c.audience)
    took_part = everybody.join(
        participation,
        sa.and_(participation.c.person_id == contact.c.person_id, participation.c.campaign == campaign),
    )
    marked: dict[str, int] = dict.fromkeys(audiences, 0)
    with ledger.read() as connection:
        totals = {row[0]: int(row[1]) for row in connection.execute(everybody)}
        known = {row[0]: int(row[1]) for row in connection.execute(took_part)}
        for page in participations.pages(people):
            for name, count in connection.execute(everybody.where(contact.c.person_id.in_(page))):
                marked[name] += count
    return tuple(
        AudienceShare(
            audience=name, people=totals.get(name, 0), known=known.get(name, 0), marked=marked[name]
        )
        for name in audiences
    )


def newly_marked_by(ledger: Ledger, campaign: str, who: str, *, since: datetime) -> frozenset[int]:
    """Return whom (person ids) imports of `who` from `since` on have newly marked."""
    mine = participation_import
    question = (
        sa.select(participation.c.person_id)
        .join_from(mine, participation, participation.c.import_id == mine.c.id)
        .where(mine.c.campaign == campaign, mine.c.who == who, mine.c.at >= since)
    )
    with ledger.read() as connection:
        return frozenset(connection.scalars(question))
