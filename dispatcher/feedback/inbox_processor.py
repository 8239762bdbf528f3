"""Reads the inbox: folds receipts into their messages and does what people's answers ask for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from dispatcher import failpoints, plan
from dispatcher.configuration import Configuration
from dispatcher.contacts import address_parser
from dispatcher.delivery import auto_pause
from dispatcher.delivery.result_mapping import UNKNOWN_CODE_ATTEMPTS_MAX
from dispatcher.delivery.retry import DELIVERY_RETRY_DELAYS, next_retry_at
from dispatcher.feedback.replies import ReplyMeaning, classify_reply
from dispatcher.ledger import Ledger, TransientLedgerErrors
from dispatcher.ledger.queries import message_log
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import AppliedEvents, InboundMessage
from dispatcher.ledger.receipts.status_updates import FailedDelivery
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.event_results import SET_ASIDE, TO_READ
from dispatcher.ledger.sending import campaign_states

logger = logging.getLogger(__name__)

PAGE_SIZE = 1000
# What the provider has understood, and acted on, before it told us.
PROVIDER_INTENTS: dict[str, ReplyMeaning] = {"STOP": "opt-out", "START": "return"}


def process(ledger: Ledger, config: Configuration, *, now: datetime) -> int:
    """Take in everything that waits in the inbox; gives how many reports were read.

    People's answers come first: a refusal does not wait behind a campaign's receipts.
    """
    done = _process_replies(ledger, now=now)
    while True:
        applied = event_inbox.apply_events(
            ledger, now=now, retry_at=lambda failure: retry_at(config, failure, now), limit=PAGE_SIZE
        )
        failpoints.hit("folded")
        done += applied.events
        _apply_auto_pause(ledger, applied, now=now)
        if not applied.more:
            return done


def _apply_auto_pause(ledger: Ledger, applied: AppliedEvents, *, now: datetime) -> None:
    """Say what nobody knows, and stop a campaign whose receipts say that it is broken."""
    if applied.unknown:
        codes = ", ".join(sorted(applied.unknown))
        logger.error("a provider says what nobody here knows: %s", codes, extra={"action": "unknown-code"})
    for name, run in applied.failure_windows:
        reason = auto_pause.pause_reason(run)
        if reason and campaign_states.pause(ledger, name, reason=reason, who="dispatcher", now=now):
            logger.error("campaign %s paused itself: %s", name, reason, extra={"action": "paused"})


def retry_at(config: Configuration, failure: FailedDelivery, now: datetime) -> datetime | None:
    """Decide when a message that was taken and then failed is tried again, if ever.

    What may have arrived all the same is not sent a second time; a code nobody knows is tried once more.
    """
    schedules = config.schedules
    if failure.campaign not in schedules.campaigns or failure.audience not in schedules.audiences:
        return None
    if failure.error_class == "ambiguous":
        return None
    if not failure.error_class and failure.counted_attempts >= UNKNOWN_CODE_ATTEMPTS_MAX:
        return None

    def next_open(when: datetime) -> datetime | None:
        if failure.channel == "email":
            return when
        return plan.next_open(schedules, failure.campaign, failure.audience, when)

    return next_retry_at(
        failure.counted_attempts,
        now=now,
        delays=DELIVERY_RETRY_DELAYS,
        next_open=next_open,
        expires_at=failure.expires_at,
        min_delay=timedelta(seconds=failure.retry_after_seconds),
    )


def _process_replies(ledger: Ledger, *, now: datetime) -> int:
    """Do what people's answers ask for, one by one; what cannot be read is set aside for a person."""
    done = 0
    while waiting := event_inbox.unprocessed_replies(ledger):
        results: dict[int, str] = {}
        unreadable: dict[int, str] = {}
        for item in waiting:
            try:
                results[item.event_id] = _process_reply(ledger, item, now=now)
            except TransientLedgerErrors:
                raise
            except Exception as error:
                logger.exception("answer %d cannot be read", item.event_id, extra={"action": SET_ASIDE})
                unreadable[item.event_id] = event_inbox.describe_fault(error)
        event_inbox.mark_processed(ledger, results, now=now)
        event_inbox.set_aside(ledger, unreadable, now=now)
        done += len(waiting)
    return done


def _process_reply(ledger: Ledger, item: InboundMessage, *, now: datetime) -> str:
    """Do what one text asks for; gives the word kept with it. The provider's own word goes first."""
    intent = PROVIDER_INTENTS.get(item.opt_out_type) or classify_reply(item.body).meaning
    action = _ACTIONS.get(intent)
    number = address_parser.parse_sender(item.address)
    if action is None or not number:
        return TO_READ
    return action(ledger, replace(item, address=number), now)


def _opt_out(ledger: Ledger, item: InboundMessage, now: datetime) -> str:
    wish = OptOut(channel="sms", address=item.address, who=item.address, how="keyword", words=item.body[:160])
    return "opted-out" if suppressions.opt_out(ledger, [wish], now=now) else "opted-out-before"


def _opt_in(ledger: Ledger, item: InboundMessage, now: datetime) -> str:
    lifted = suppressions.opt_in(
        ledger, channel="sms", address=item.address, who=item.address, how="keyword", now=now
    )
    return "returned" if lifted else "no-change"


def _record_participation(ledger: Ledger, item: InboundMessage, now: datetime) -> str:
    """Count everybody on this number as having taken part in what they were last written about.

    That counts also when the campaign has left the file: it may come back, and its figures stay right.
    """
    name = message_log.last_campaign(ledger, item.address)
    people = participation.people_by_address(ledger, "sms", [item.address]).get(item.address, ())
    if name is None or not people:
        return TO_READ
    participations = [
        Participation(campaign=name, person_id=person.person_id, at=item.received_at, source="sms")
        for person in people
    ]
    participation.record(ledger, participations, now=now)
    return "took-part"


_ACTIONS: dict[ReplyMeaning, Callable[[Ledger, InboundMessage, datetime], str]] = {
    "opt-out": _opt_out,
    "return": _opt_in,
    "took-part": _record_participation,
}
