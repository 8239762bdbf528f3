"""What happened: attempts, the words that left, and the inbox of reports and replies."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger.schema.tables.columns import Id, Instant, Text, count, table, text

attempt = table(
    "attempt",
    sa.Column("message_id", Id, primary_key=True),
    sa.Column("no", sa.Integer, primary_key=True),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    text("gateway"),
    text("outcome"),  # accepted | refused | later | unknown
    text("code"),
    text("detail"),
    sa.Column("provider_id", Text),
)

message_text = table(  # the words that left, once for all who received the same
    "message_text",
    sa.Column("body_hash", Text, primary_key=True),
    text("body"),
    sa.Column("first_at", Instant, nullable=False),
)

event = table(  # inbox: written at once, processed after
    "event",
    sa.Column("id", Id, primary_key=True),
    sa.Column("received_at", Instant, nullable=False),
    text("kind"),  # status | inbound | bounce | complaint
    text("gateway"),
    text("source"),  # callback | poll | lookup | correction | mailbox
    text("dedupe_key"),
    text("message_key"),
    sa.Column("message_id", Id, index=True),
    count("attempt"),
    text("provider_id"),
    text("status"),
    text("code"),
    text("error_class"),
    sa.Column("raw", sa.JSON, nullable=False),
    sa.Column("processed_at", Instant),
    text("result"),  # what processing made of it
    sa.UniqueConstraint("dedupe_key"),
)
sa.Index(  # few: reports that came before we knew the provider's name for the message
    "ix_event_unmatched",
    event.c.received_at,
    sqlite_where=event.c.result == "unmatched",
    postgresql_where=event.c.result == "unmatched",
)
sa.Index(  # few: what a person has to look at, see event_results
    "ix_event_for_a_person",
    event.c.id,
    sqlite_where=event.c.result.in_(("to-read", "set-aside")),
    postgresql_where=event.c.result.in_(("to-read", "set-aside")),
)
sa.Index(
    "ix_event_unprocessed",
    event.c.id,
    sqlite_where=event.c.processed_at.is_(None),
    postgresql_where=event.c.processed_at.is_(None),
)
