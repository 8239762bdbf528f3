"""Reads the inbox: folds receipts into their messages and does what people's answers ask for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from dispatcher import faults, plan
from dispatcher.delivery import health
from dispatcher.delivery.retry import NOT_REACHED, again_at
from dispatcher.delivery.verdict import UNKNOWN_TRIES_MAX
from dispatcher.edition import Edition
from dispatcher.feedback.replies import Meaning, meaning
from dispatcher.ledger import Ledger, books, campaigns, consent, events, participation
from dispatcher.ledger.consent import OptOut
from dispatcher.ledger.events import Folded, Inbound
from dispatcher.ledger.folding import Failure
from dispatcher.ledger.participation import Took

logger = logging.getLogger(__name__)

ROUND = 1000


def read(ledger: Ledger, edition: Edition, *, now: datetime) -> int:
    """Take in everything that waits in the inbox; gives how many reports were read."""
    done = 0
    while True:
        folded = events.fold(
            ledger, now=now, retry_at=lambda failure: retry_at(edition, failure, now), limit=ROUND
        )
        faults.point("folded")
        done += folded.events
        _heed(ledger, folded, now=now)
        if not folded.more:
            break
    return done + _read_answers(ledger, edition, now=now)


def _heed(ledger: Ledger, folded: Folded, *, now: datetime) -> None:
    """Say what nobody knows, and stop a campaign whose receipts say that it is broken."""
    if folded.unknown:
        words = ", ".join(sorted(folded.unknown))
        logger.error("a provider says what nobody here knows: %s", words, extra={"action": "unknown-code"})
    for name, run in folded.runs:
        reason = health.judge(run)
        if reason and campaigns.pause(ledger, name, reason=reason, who="dispatcher", now=now):
            logger.error("campaign %s paused itself: %s", name, reason, extra={"action": "paused"})


def retry_at(edition: Edition, failure: Failure, now: datetime) -> datetime | None:
    """Decide when a message that was taken and then failed is tried again, if ever.

    What may have arrived all the same is not sent a second time; a code nobody knows is tried once more.
    """
    if failure.campaign not in edition.schedules.campaigns or failure.error_class == "ambiguous":
        return None
    if not failure.error_class and failure.tries >= UNKNOWN_TRIES_MAX:
        return None

    def next_open(moment: datetime) -> datetime | None:
        if failure.channel == "email":
            return moment
        return plan.next_open(edition.schedules, failure.campaign, failure.audience, moment)

    return again_at(
        failure.tries,
        now=now,
        pauses=NOT_REACHED,
        next_open=next_open,
        expires_at=failure.expires_at,
        at_least=timedelta(seconds=failure.retry_after_seconds),
    )


def _read_answers(ledger: Ledger, edition: Edition, *, now: datetime) -> int:
    done = 0
    while waiting := events.inbound(ledger):
        results = {item.event_id: _answer(ledger, edition, item, now=now) for item in waiting}
        events.close(ledger, results, now=now)
        done += len(results)
    return done


def _answer(ledger: Ledger, edition: Edition, item: Inbound, *, now: datetime) -> str:
    """Do what one text asks for; gives the word kept with it."""
    wish = meaning(item.body)
    act = _ACTS.get(wish)
    if act is None:
        return "to-read"
    return act(ledger, edition, item, now)


def _opt_out(ledger: Ledger, _edition: Edition, item: Inbound, now: datetime) -> str:
    wish = OptOut(channel="sms", address=item.address, who=item.address, how="keyword", words=item.body[:160])
    return "opted-out" if consent.opt_out(ledger, [wish], now=now) else "opted-out-before"


def _come_back(ledger: Ledger, _edition: Edition, item: Inbound, now: datetime) -> str:
    lifted = consent.come_back(
        ledger, channel="sms", address=item.address, who=item.address, how="keyword", now=now
    )
    return "returned" if lifted else "no-change"


def _took_part(ledger: Ledger, edition: Edition, item: Inbound, now: datetime) -> str:
    """Count everybody on this number as having taken part in what they were last written about."""
    name = books.last_campaign(ledger, item.address)
    if name is None or not edition.schedules.campaigns[name].participation_link:
        return "to-read"
    people = participation.by_address(ledger, "sms", [item.address]).get(item.address, ())
    facts = [
        Took(campaign=name, person_id=known.person_id, at=item.received_at, source="sms") for known in people
    ]
    participation.record(ledger, facts, now=now)
    return "took-part"


_ACTS: dict[Meaning, Callable[[Ledger, Edition, Inbound, datetime], str]] = {
    "opt-out": _opt_out,
    "return": _come_back,
    "took-part": _took_part,
}
