"""Reads the inbox: folds receipts into their messages and does what people's answers ask for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from dispatcher import failpoints, plan
from dispatcher.configuration import Configuration
from dispatcher.delivery import circuit_breaker
from dispatcher.delivery.result_mapping import UNKNOWN_CODE_ATTEMPTS_MAX
from dispatcher.delivery.retry import DELIVERY_RETRY_DELAYS, next_retry_at
from dispatcher.feedback.replies import ReplyIntent, classify_reply
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import message_log
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import AppliedEvents, InboundMessage
from dispatcher.ledger.receipts.status_updates import FailedDelivery
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.sending import campaign_states

logger = logging.getLogger(__name__)

PAGE_SIZE = 1000


def process(ledger: Ledger, config: Configuration, *, now: datetime) -> int:
    """Take in everything that waits in the inbox; gives how many reports were read."""
    done = 0
    while True:
        applied = event_inbox.apply_events(
            ledger, now=now, retry_at=lambda failure: retry_at(config, failure, now), limit=PAGE_SIZE
        )
        failpoints.hit("folded")
        done += applied.events
        _apply_circuit_breaker(ledger, applied, now=now)
        if not applied.more:
            break
    return done + _process_replies(ledger, config, now=now)


def _apply_circuit_breaker(ledger: Ledger, applied: AppliedEvents, *, now: datetime) -> None:
    """Say what nobody knows, and stop a campaign whose receipts say that it is broken."""
    if applied.unknown:
        codes = ", ".join(sorted(applied.unknown))
        logger.error("a provider says what nobody here knows: %s", codes, extra={"action": "unknown-code"})
    for name, run in applied.failure_windows:
        reason = circuit_breaker.pause_reason(run)
        if reason and campaign_states.pause(ledger, name, reason=reason, who="dispatcher", now=now):
            logger.error("campaign %s paused itself: %s", name, reason, extra={"action": "paused"})


def retry_at(config: Configuration, failure: FailedDelivery, now: datetime) -> datetime | None:
    """Decide when a message that was taken and then failed is tried again, if ever.

    What may have arrived all the same is not sent a second time; a code nobody knows is tried once more.
    """
    if failure.campaign not in config.schedules.campaigns or failure.error_class == "ambiguous":
        return None
    if not failure.error_class and failure.counted_attempts >= UNKNOWN_CODE_ATTEMPTS_MAX:
        return None

    def next_open(when: datetime) -> datetime | None:
        if failure.channel == "email":
            return when
        return plan.next_open(config.schedules, failure.campaign, failure.audience, when)

    return next_retry_at(
        failure.counted_attempts,
        now=now,
        delays=DELIVERY_RETRY_DELAYS,
        next_open=next_open,
        expires_at=failure.expires_at,
        min_delay=timedelta(seconds=failure.retry_after_seconds),
    )


def _process_replies(ledger: Ledger, config: Configuration, *, now: datetime) -> int:
    done = 0
    while waiting := event_inbox.unprocessed_replies(ledger):
        results = {item.event_id: _process_reply(ledger, config, item, now=now) for item in waiting}
        event_inbox.mark_processed(ledger, results, now=now)
        done += len(results)
    return done


def _process_reply(ledger: Ledger, config: Configuration, item: InboundMessage, *, now: datetime) -> str:
    """Do what one text asks for; gives the word kept with it."""
    intent = classify_reply(item.body)
    action = _ACTIONS.get(intent)
    if action is None:
        return "to-read"
    return action(ledger, config, item, now)


def _opt_out(ledger: Ledger, _config: Configuration, item: InboundMessage, now: datetime) -> str:
    wish = OptOut(channel="sms", address=item.address, who=item.address, how="keyword", words=item.body[:160])
    return "opted-out" if suppressions.opt_out(ledger, [wish], now=now) else "opted-out-before"


def _opt_in(ledger: Ledger, _config: Configuration, item: InboundMessage, now: datetime) -> str:
    lifted = suppressions.opt_in(
        ledger, channel="sms", address=item.address, who=item.address, how="keyword", now=now
    )
    return "returned" if lifted else "no-change"


def _record_participation(ledger: Ledger, config: Configuration, item: InboundMessage, now: datetime) -> str:
    """Count everybody on this number as having taken part in what they were last written about."""
    name = message_log.last_campaign(ledger, item.address)
    if name is None or not config.schedules.campaigns[name].participation_link:
        return "to-read"
    people = participation.people_by_address(ledger, "sms", [item.address]).get(item.address, ())
    participations = [
        Participation(campaign=name, person_id=person.person_id, at=item.received_at, source="sms")
        for person in people
    ]
    participation.record(ledger, participations, now=now)
    return "took-part"


_ACTIONS: dict[ReplyIntent, Callable[[Ledger, Configuration, InboundMessage, datetime], str]] = {
    "opt-out": _opt_out,
    "return": _opt_in,
    "took-part": _record_participation,
}
