"""Doors: who may look and act, and which machines."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger.schema.tables.columns import Id, Instant, Text, count, table, text

account = table(
    "account",
    sa.Column("name", Text, primary_key=True),
    text("role"),  # viewer | lead | organiser | admin
    text("area"),  # of a lead: the only area they see
    text("password_hash"),
    count("must_change"),  # 1: somebody else knows the password
    text("totp_salt"),  # what its second factor is derived from, with the secret key; empty: none
    sa.Column("totp_step", Id, nullable=False, server_default="0"),  # of the last code that was used
    text("email"),  # where a link for a new password goes; empty: none is sent
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
)

session = table(  # somebody signed in; only a hash of what their browser holds
    "session",
    sa.Column("token_hash", Text, primary_key=True),
    sa.Column("account", Text, nullable=False, index=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    text("source"),
    text("browser"),
)

password_reset = table(  # a link for a new password that was mailed; only a hash of it is kept
    "password_reset",
    sa.Column("token_hash", Text, primary_key=True),
    sa.Column("account", Text, nullable=False, index=True),
    sa.Column("created_at", Instant, nullable=False),
)

login_attempt = table(
    "login_attempt",
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False, index=True),
    text("account"),
    text("source"),
    count("failed"),
)

api_token = table(
    "api_token",
    sa.Column("id", Id, primary_key=True),
    text("token_hash", unique=True),
    text("label"),
    text("role"),
    sa.Column("created_at", Instant, nullable=False),
    text("created_by"),
    sa.Column("used_at", Instant),
    sa.Column("revoked_at", Instant),
    sa.Column("expires_at", Instant),
    text("scopes"),  # parted by spaces; empty: whatever its role may
    text("campaign"),  # the only one it may ask about; empty: all
)

webhook = table(  # another machine: we tell it what happens (out), or it tells us who took part (in)
    "webhook",
    sa.Column("name", Text, primary_key=True),
    text("direction"),  # in | out
    text("url"),
    text("secret"),
    text("kinds"),  # events told, parted by spaces
    sa.Column("created_at", Instant, nullable=False),
    text("created_by"),
    sa.Column("since", sa.JSON, nullable=False),  # source → the last id that was there before the webhook
    sa.Column("disabled_at", Instant),
    text("disabled_reason"),
)

webhook_outbox = table(  # what a webhook is to be told, named by where it stands: nothing is copied
    "webhook_outbox",
    sa.Column("id", Id, primary_key=True),
    sa.Column("webhook", Text, sa.ForeignKey("webhook.name"), nullable=False),
    text("source"),  # consent | audit | occurrence
    sa.Column("source_id", Id, nullable=False),
    text("kind"),
    sa.Column("at", Instant, nullable=False),
    sa.Column("next_at", Instant),  # null: told, or given up
    count("attempts"),
    text("outcome"),
    sa.UniqueConstraint("webhook", "source", "source_id"),
)
sa.Index(
    "ix_webhook_outbox_open",
    webhook_outbox.c.next_at,
    sqlite_where=webhook_outbox.c.next_at.is_not(None),
    postgresql_where=webhook_outbox.c.next_at.is_not(None),
)
