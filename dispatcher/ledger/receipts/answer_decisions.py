"""What somebody decided about an answer, written into the books in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.recipients import participation, review, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.event_results import IS_FOR_A_PERSON
from dispatcher.ledger.schema.tables import event


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerDecision:
    """What an answer came to: any of a stop, taking part, and people to hold."""

    event_id: int
    decision: str  # the button, for the log
    result: str  # what is kept with the event
    opt_outs: tuple[OptOut, ...] = ()
    participations: tuple[Participation, ...] = ()
    held: tuple[int, ...] = ()  # people
    hold_reason: str = ""


def record(ledger: Ledger, decided: AnswerDecision, *, who: str, now: datetime) -> bool:
    """Write it all down, or nothing: False when somebody has decided about this answer before."""
    waits = (event.c.id == decided.event_id, IS_FOR_A_PERSON)
    people = decided.held or tuple(one.person_id for one in decided.participations)
    with ledger.begin() as connection:
        if not connection.execute(sa.update(event).where(*waits).values(result=decided.result)).rowcount:
            return False
        for wish in decided.opt_outs:
            suppressions.suppress(connection, wish, now=now)
        if decided.participations:
            participation.insert(ledger, connection, decided.participations, import_id=0, now=now)
        if decided.held:
            review.hold(connection, decided.held, decided.hold_reason, who=who, now=now)
        audit_log.insert(
            connection, who=who, action="answer", subject=f"answer {decided.event_id}",
            detail={"decision": decided.decision, "people": len(people)}, now=now,
        )  # fmt: skip
    return True
