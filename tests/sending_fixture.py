"""What a worker does with a ledger, called by hand: fire, take a shard, claim, settle, hear reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.delivery.result_mapping import map_result
from dispatcher.gateways import Result
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.queries import message_counts
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.schema.tables import message
from dispatcher.ledger.sending import attempt_results, claims, occurrences
from dispatcher.ledger.sending.claim_types import ClaimResult, Compose, Lease, Limits
from dispatcher.message import Draft, Recipient
from tests.ledger_fixture import NOON, make_occurrence

RESIDENTS = [Target(audience="residents", channels=("sms",))]
MINUTE = timedelta(minutes=1)


def words(recipient: Recipient, first: bool) -> Draft:
    """Compose a text with the name in it."""
    return Draft(body=f"Mời {recipient.name}", parts=1, encoding="GSM-7", body_hash=recipient.name)


def fire(ledger: Ledger, slices: list[Target] = RESIDENTS, *, shard_size: int = 100, **facts: object) -> int:
    """Let a step fall due; gives how many messages it made."""
    fired = occurrences.start(ledger, make_occurrence(**facts), slices, shard_size=shard_size, now=NOON)
    assert fired is not None
    return fired.messages


def take(ledger: Ledger, *, now: datetime = NOON, owner: str = "a", channel: str = "sms") -> Lease:
    """Take the next shard."""
    lease = claims.lease_shard(ledger, owner=owner, now=now, lease=MINUTE, channels=(channel,))
    assert lease is not None
    return lease


def claim(
    ledger: Ledger,
    lease: Lease,
    *,
    now: datetime = NOON,
    latest_send_at: datetime | None = None,
    slots: Sequence[datetime] = (),
    compose: Compose = words,
    **limits: object,
) -> ClaimResult:
    """Claim what may go out of a shard now."""
    return claims.claim_messages(
        ledger,
        lease,
        now=now,
        lease_until=now + MINUTE,
        latest_send_at=latest_send_at or now,
        lookup_at=now + 2 * MINUTE,
        slots=slots,
        gateway="test",
        limits=Limits(**{"batch_size": 500, **limits}),  # type: ignore[arg-type]
        compose=compose,
    )


def settle(ledger: Ledger, batch: ClaimResult, *, now: datetime = NOON, **result: object) -> None:
    """Write down one answer of the provider for each claimed message."""
    facts = {"kind": "accepted", "status": "sending", **result}
    verdicts = [
        map_result(
            item,
            Result(
                key="k",
                provider_id=f"SM{item.message_id}-{item.attempt}" if facts["kind"] == "accepted" else "",
                **facts,
            ),  # type: ignore[arg-type]
            gateway="test",
            started_at=now,
            now=now,
            next_retry_at=lambda attempt, least: now + 5 * MINUTE if attempt < 3 else None,
        )
        for item in batch.claimed
    ]
    attempt_results.store(
        ledger,
        [verdict.attempt_result for verdict in verdicts],
        opt_outs=[verdict.opt_out for verdict in verdicts if verdict.opt_out],
        now=now,
    )


def statuses(ledger: Ledger) -> dict[str, int]:
    """Count the messages by `status` or `status/reason`."""
    found: dict[str, int] = {}
    for item in message_counts.exact_by_step(ledger):
        word = f"{item.status}/{item.reason}" if item.reason else item.status
        found[word] = found.get(word, 0) + item.messages
    return found


def one(ledger: Ledger) -> sa.Row[tuple[object, ...]]:
    """Return the only message."""
    with ledger.read() as connection:
        return connection.execute(sa.select(message)).one()


def record(ledger: Ledger, batch: ClaimResult, *words: str, attempt: int = 1, **facts: object) -> None:
    """Store reports of the provider, unread."""
    event_inbox.record(
        ledger,
        [
            Event(
                kind="status",
                dedupe_key=f"{item.message_id}|{attempt}|{word}",
                message_id=item.message_id,
                attempt=attempt,
                provider_id=f"SM{item.message_id}-{attempt}",
                status=word,
                **facts,  # type: ignore[arg-type]
            )
            for item in batch.claimed
            for word in words
        ],
        now=NOON,
    )


def report(ledger: Ledger, batch: ClaimResult, *words: str, attempt: int = 1, **facts: object) -> None:
    """Store reports and apply them."""
    record(ledger, batch, *words, attempt=attempt, **facts)
    event_inbox.apply_events(ledger, now=NOON, retry_at=lambda _failure: None)
