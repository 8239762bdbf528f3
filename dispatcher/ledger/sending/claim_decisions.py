"""Decides about the messages of one claim, and writes it down: what goes out, what is settled, what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import zip_longest

import sqlalchemy as sa

from dispatcher.campaign import step_kinds
from dispatcher.ledger.eligibility import was_sent
from dispatcher.ledger.schema.bulk import BulkStatement, Insert, insert_into
from dispatcher.ledger.schema.message_status import (
    CANCELLED,
    EXPIRED,
    RANK,
    SUBMITTING,
    TECHNICAL_FAILURE,
)
from dispatcher.ledger.schema.tables import Instant, message, message_text, to_micros
from dispatcher.ledger.sending.candidates import Candidate
from dispatcher.ledger.sending.claim_types import ClaimedMessage, Compose, Lease, Limits
from dispatcher.message import Recipient
from dispatcher.message.unsendable import UnsendableMessage
from dispatcher.plan.cap_timeline import CAP_WAIT, DAY, SECOND, WEEK


class ClaimBatch:
    """The rows of one claim, sorted into what goes out, what is settled and what is put off."""

    def __init__(
        self, lease: Lease, limits: Limits, *, now: datetime, budget_used: int, compose: Compose
    ) -> None:
        self._lease = lease
        self._limits = limits
        self._now = now
        self._budget_used = budget_used
        self._compose = compose
        self.claimed: list[ClaimedMessage] = []
        self.skipped: list[dict[str, object]] = []
        self._capped: list[Candidate] = []
        self.deferred = 0
        self.stop_reason = ""
        self.render_error = ""

    def decide(self, row: Candidate) -> None:
        """Decide about one message."""
        if self.stop_reason:
            return
        if verdict := self._ineligible_reason(row):
            status, reason = verdict
            self._skip(row.id, status, reason)
        elif self._is_capped(row):
            self._capped.append(row)
        else:
            self._render(row)

    def _skip(self, message_id: int, status: str, reason: str) -> None:
        row = {"m": message_id, "to_status": status, "to_rank": RANK[status], "why": reason}
        self.skipped.append(row)

    def _ineligible_reason(self, row: Candidate) -> tuple[str, str] | None:
        if self._now >= self._lease.expires_at:
            return EXPIRED, "expired"
        if row.erased_at is not None:
            return CANCELLED, "erased"
        if row.restricted:
            return CANCELLED, "restricted"
        if row.suppressed:
            return CANCELLED, "opted-out" if row.suppressed == "opted-out" else "suppressed"
        if row.unwanted:
            return CANCELLED, row.unwanted
        if row.held or row.contact_state != "active":
            return CANCELLED, "held"
        return None

    def _is_capped(self, row: Candidate) -> bool:
        per_day, per_week = self._limits.cap_per_day, self._limits.cap_per_week
        over_day = per_day is not None and row.last_day >= per_day
        return over_day or (per_week is not None and row.last_week >= per_week)

    def _render(self, row: Candidate) -> None:
        recipient = Recipient.of(
            row,
            person_id=row.person_id,
            audience=self._lease.audience,
            channel=self._lease.channel,  # type: ignore[arg-type]  # the ledger knows only the two
            address=row.address,
            list_file=row.file,
            list_row=row.row,
        )
        try:
            draft = self._compose(recipient, not row.written_before)
        except UnsendableMessage as reason:
            self._skip(row.id, TECHNICAL_FAILURE, "content")
            self.render_error = str(reason)
            return
        vnd = draft.parts * self._limits.vnd_per_part(row.address) if draft.parts else 0
        if self._limits.budget_vnd is not None and vnd and self._budget_used + vnd > self._limits.budget_vnd:
            self.stop_reason = "budget"
            return
        self._budget_used += vnd
        self.claimed.append(
            ClaimedMessage(
                message_id=row.id,
                attempt=row.attempt + 1,
                counted_attempts=row.counted_attempts + 1,
                recipient=recipient,
                draft=draft,
                vnd=vnd,
            )
        )

    # --- writing it down -----------------------------------------------------------------------------

    def store(
        self,
        connection: sa.Connection,
        *,
        gateway: str,
        latest_send_at: datetime,
        lookup_at: datetime,
        slots: Sequence[datetime],
    ) -> None:
        """Write down what was decided, in the caller's transaction."""
        if self._capped:
            self._defer_capped(connection)
        now = to_micros(self._now)
        _SKIP(connection, [{**row, "now": now} for row in self.skipped])
        common = {"by": gateway, "now": now, "wire": to_micros(latest_send_at), "ask": to_micros(lookup_at)}
        _INTENT(
            connection,
            [
                {
                    "m": item.message_id,
                    "no": item.attempt,
                    "n_tries": item.counted_attempts,
                    "n_parts": item.draft.parts,
                    "n_vnd": item.vnd,
                    "hash": item.draft.body_hash,
                    "slot": None if slot is None else to_micros(slot),
                    **common,
                }
                for item, slot in zip_longest(self.claimed, slots[: len(self.claimed)])
            ],
        )
        texts = {item.draft.body_hash: item.draft for item in self.claimed}
        _STORE_TEXTS(
            connection,
            [
                {
                    "body_hash": body_hash,
                    "body": f"{draft.mail.subject}\n\n{draft.mail.text}" if draft.mail else draft.body,
                    "first_at": now,
                }
                for body_hash, draft in texts.items()
            ],
        )

    def _defer_capped(self, connection: sa.Connection) -> None:
        """Let those over their cap wait until it frees, when that is soon; cancel the rest."""
        free_at = self._cap_free_at(connection)
        waits = self._limits.waits_for_cap or self._lease.kind in step_kinds.WAITING_FOR_CAP
        latest = self._lease.expires_at if waits else min(self._now + CAP_WAIT, self._lease.expires_at)
        later = []
        for row in self._capped:
            again = free_at[row.address]
            if again <= latest:
                later.append({"m": row.id, "again": to_micros(again)})
            else:
                self._skip(row.id, CANCELLED, "frequency-cap")
        self.deferred = len(later)
        _DEFER(connection, later)

    def _cap_free_at(self, connection: sa.Connection) -> Mapping[str, datetime]:
        """Return for each number over its cap when one more text would be within it."""
        numbers = {row.address for row in self._capped}
        sent: dict[str, list[datetime]] = {number: [] for number in numbers}
        rows = connection.execute(
            sa.select(message.c.address, message.c.submitted_at)
            .where(
                message.c.address.in_(numbers),
                message.c.channel == "sms",
                message.c.submitted_at > self._now - WEEK,
                was_sent(),
            )
            .order_by(message.c.submitted_at.desc())
        )
        for row in rows:
            sent[row.address].append(row.submitted_at)
        caps = [(DAY, self._limits.cap_per_day), (WEEK, self._limits.cap_per_week)]
        return {
            number: max(
                (
                    moments[cap - 1] + span + SECOND
                    for span, cap in caps
                    if cap is not None and 0 < cap <= len(moments)
                ),
                default=self._now + WEEK,
            )
            for number, moments in sent.items()
        }


_DEFER = BulkStatement(
    sa.update(message)
    .where(message.c.id == sa.bindparam("m"))
    .values(next_at=sa.bindparam("again", type_=Instant))
)

_SKIP = BulkStatement(
    sa.update(message)
    .where(message.c.id == sa.bindparam("m"))
    .values(
        status=sa.bindparam("to_status"),
        rank=sa.bindparam("to_rank"),
        reason=sa.bindparam("why"),
        next_at=sa.null(),
        lookup_at=sa.null(),
        status_at=sa.bindparam("now", type_=Instant),
    )
)

_INTENT = BulkStatement(
    sa.update(message)
    .where(message.c.id == sa.bindparam("m"))
    .values(
        status=SUBMITTING,
        rank=RANK[SUBMITTING],
        reason="",
        next_at=sa.null(),
        attempt=sa.bindparam("no"),
        counted_attempts=sa.bindparam("n_tries"),
        parts=sa.bindparam("n_parts"),
        vnd=message.c.vnd + sa.bindparam("n_vnd"),
        vnd_attempt=sa.bindparam("n_vnd"),
        body_hash=sa.bindparam("hash"),
        gateway=sa.bindparam("by"),
        submitted_at=sa.bindparam("wire", type_=Instant),
        slot_at=sa.bindparam("slot", type_=Instant),
        status_at=sa.bindparam("now", type_=Instant),
        lookup_at=sa.bindparam("ask", type_=Instant),
        provider_id=sa.null(),
    )
)


def _insert_text(dialect: str) -> Insert:
    """Keep what is about to be said, once for all who are told the same."""
    columns: dict[str, object] = {name: sa.bindparam(name) for name in ("body_hash", "body", "first_at")}
    return insert_into(dialect, message_text).values(columns).on_conflict_do_nothing()


_STORE_TEXTS = BulkStatement(_insert_text)
