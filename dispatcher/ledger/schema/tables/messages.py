"""What is to be said to whom: campaigns, occurrences, shards, messages.

A message that may be claimed has `next_at`; everything else has none, so one small partial index finds
the open work among millions of settled rows.
"""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger.schema.tables.columns import Id, Instant, LocalDay, Text, count, table, text

campaign = table(
    "campaign",
    sa.Column("name", Text, primary_key=True),
    text("state", default="active"),  # active | paused | cancelled | ended
    text("reason"),
    sa.Column("changed_at", Instant, nullable=False),
    text("changed_by"),
    text("approved_hash"),
    sa.Column("approved_hashes", sa.JSON),  # the hashes behind approved_hash, to say what changed
    text("calendar_hash"),  # of dates and steps when it was last open: a name that is over is used up
    sa.Column("budget_used", sa.BigInteger, nullable=False, server_default="0"),  # VND, reserved or charged
    count("canary_sent"),  # messages that left while a canary was in force
    count("canary_passed"),  # 1: somebody has looked, or something left without a canary
)

campaign_deadline = table(  # which deadline was in force since when: who was told which
    "campaign_deadline",
    sa.Column("campaign", Text, primary_key=True),
    sa.Column("since", Instant, primary_key=True),
    sa.Column("deadline", Instant, nullable=False),
)

occurrence = table(  # a step that fell due
    "occurrence",
    sa.Column("id", Id, primary_key=True),
    text("campaign"),
    text("step"),
    text("key"),  # due moment in UTC, or '*' for the one standing occurrence of a thanks step
    text("kind"),  # reminder | warning | thanks | digest
    text("moment"),  # template: launch, weekly, 7-days, …
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("fired_at", Instant),
    text("state"),  # open | done | missed | cancelled
    text("note"),
    sa.UniqueConstraint("campaign", "step", "key"),
)

shard = table(  # what a worker leases; the queue of the embedded engine
    "shard",
    sa.Column("id", Id, primary_key=True, autoincrement=False),  # occurrence.id * 65536 + seq
    sa.Column("occurrence_id", Id, sa.ForeignKey("occurrence.id"), nullable=False, index=True),
    text("audience"),
    text("channel"),
    count("priority"),
    text("state", default="open"),  # open | done | cancelled
    count("token"),
    text("owner"),
    sa.Column("lease_until", Instant),
    sa.Column("cleared_until", Instant),  # no intent in it with a later slot has left
    sa.Column("not_before", Instant, nullable=False),
    count("attempts"),
    count("size"),
    # where its messages stand, so that counting them anew needs no index of its own
    sa.Column("first_id", Id, nullable=False, server_default="0"),
    sa.Column("last_id", Id, nullable=False, server_default="0"),
    count("needs_recount", default=1),  # 1: a message in it stands differently since it was counted
)
sa.Index(
    "ix_shard_needs_recount",
    shard.c.id,
    sqlite_where=shard.c.needs_recount == 1,
    postgresql_where=shard.c.needs_recount == 1,
)
sa.Index(
    "ix_shard_open",
    shard.c.priority.desc(),
    shard.c.not_before,
    sqlite_where=shard.c.state == "open",
    postgresql_where=shard.c.state == "open",
)

message = table(
    "message",
    sa.Column("id", Id, primary_key=True),
    sa.Column("occurrence_id", Id, sa.ForeignKey("occurrence.id"), nullable=False),
    sa.Column("shard_id", Id, nullable=False),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("contact_id", Id, nullable=False),
    text("audience"),
    text("channel"),
    text("address"),
    text("area"),
    text("status", default="created"),
    count("rank"),
    text("reason"),
    sa.Column("next_at", Instant),  # when it may be claimed; null: not claimable
    count("attempt"),  # names each offer to the provider; never given twice
    # how many of them used up its patience: "too many requests" and "no connection" do not
    count("counted_attempts"),
    sa.Column("submitted_at", Instant),  # when it last went on the wire, at the latest: cap and look-up
    sa.Column("slot_at", Instant),  # of an intent without an answer: it leaves at this moment or later
    sa.Column("status_at", Instant, nullable=False),
    text("gateway"),
    sa.Column("provider_id", Text),
    text("body_hash"),
    count("parts"),
    count("vnd"),  # what all attempts cost: reserved, then as charged
    count("vnd_attempt"),  # how much of it is the present attempt's
    count("conflict"),  # 1: failed and delivered were both reported
    sa.Column("lookup_at", Instant),  # when the provider is asked about it next; null: nothing to ask
    count("lookups"),
    sa.UniqueConstraint("occurrence_id", "channel", "address"),
)
sa.Index(
    "ix_message_open",
    message.c.shard_id,
    message.c.next_at,
    sqlite_where=message.c.next_at.is_not(None),
    postgresql_where=message.c.next_at.is_not(None),
)
sa.Index(
    "ix_message_lookup",
    message.c.lookup_at,
    sqlite_where=message.c.lookup_at.is_not(None),
    postgresql_where=message.c.lookup_at.is_not(None),
)
sa.Index("ix_message_address", message.c.address, message.c.submitted_at)
sa.Index(
    "ix_message_provider_id",
    message.c.provider_id,
    sqlite_where=message.c.provider_id.is_not(None),
    postgresql_where=message.c.provider_id.is_not(None),
)

message_count = table(  # messages by shard: what pages and metrics read instead of every message
    "message_count",
    sa.Column("id", Id, primary_key=True),
    sa.Column("shard_id", Id, nullable=False, index=True),
    sa.Column("occurrence_id", Id, nullable=False),
    text("audience"),
    text("channel"),
    text("area"),
    text("status"),
    text("reason"),
    sa.Column("day", LocalDay, nullable=False, server_default="0"),  # of going out, where it has
    count("messages"),
    count("parts"),
    sa.Column("vnd", sa.BigInteger, nullable=False, server_default="0"),
)
