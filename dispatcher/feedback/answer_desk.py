"""What a person makes of an answer that no rule understood: a no, took part, wrong number, died, moved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from dispatcher.errors import DispatcherError
from dispatcher.i18n import _
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import answers
from dispatcher.ledger.queries.answers import UnreadAnswer
from dispatcher.ledger.receipts import answer_decisions
from dispatcher.ledger.receipts.answer_decisions import AnswerDecision
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut

WORDS_MAX = 160


class CannotDecide(DispatcherError):
    """This cannot be decided about an answer; the message says why."""

    exit_code = 1


class AlreadyDecided(CannotDecide):
    """Somebody was faster, or there is no such answer."""


class _Case(NamedTuple):
    answer: UnreadAnswer
    meant: tuple[int, ...]  # people
    decision: str
    who: str


def decide(
    ledger: Ledger, event_id: int, decision: str, *, people: Collection[int] = (), who: str, now: datetime
) -> None:
    """Do what somebody says an answer means, for `people` of its senders; none named: for all of them.

    Raises CannotDecide, and KeyError for a decision that is none of DECISIONS.
    """
    make = DECISIONS[decision]
    answer = answers.find(ledger, event_id)
    if answer is None:
        raise AlreadyDecided(_already_decided())
    meant = tuple(one.person_id for one in answer.senders if not people or one.person_id in people)
    made = make(_Case(answer, meant, decision, who))
    if not answer_decisions.record(ledger, made, who=who, now=now):
        raise AlreadyDecided(_already_decided())


def _already_decided() -> str:
    return _("Somebody has decided about this answer already.")


def _opt_out(case: _Case) -> AnswerDecision:
    answer = case.answer
    if not answer.number:
        raise CannotDecide(_("This sender is no number: nobody is written to there."))
    wish = OptOut(
        channel="sms", address=answer.number, who=case.who, how="web", words=answer.body[:WORDS_MAX]
    )
    return AnswerDecision(
        event_id=answer.event_id, decision=case.decision, result="opted-out", opt_outs=(wish,)
    )


def _took_part(case: _Case) -> AnswerDecision:
    answer = case.answer
    if answer.answered is None or not case.meant:
        raise CannotDecide(_("Nobody in the lists was written to at this number: took part in what?"))
    campaign = answer.answered.campaign
    return AnswerDecision(
        event_id=answer.event_id,
        decision=case.decision,
        result="took-part",
        participations=tuple(
            Participation(campaign=campaign, person_id=one, at=answer.at, source="sms", who=case.who)
            for one in case.meant
        ),
    )


def _hold(case: _Case, *, reason: str) -> AnswerDecision:
    """Hold whoever is meant; a number is wrong for all who have it, but only one of them has died."""
    if not case.meant:
        raise CannotDecide(_("Nobody in the lists has this number."))
    if len(case.meant) > 1 and reason != "number":
        raise CannotDecide(_("Several people have this number: say whom this answer is about."))
    return AnswerDecision(
        event_id=case.answer.event_id,
        decision=case.decision,
        result="held",
        held=case.meant,
        hold_reason=reason,
    )


def _read(case: _Case) -> AnswerDecision:
    return AnswerDecision(event_id=case.answer.event_id, decision=case.decision, result="read")


DECISIONS: Mapping[str, Callable[[_Case], AnswerDecision]] = {
    "opt-out": _opt_out,
    "took-part": _took_part,
    "wrong-number": partial(_hold, reason="number"),
    "dead": partial(_hold, reason="dead"),
    "moved": partial(_hold, reason="moved"),
    "read": _read,
}
