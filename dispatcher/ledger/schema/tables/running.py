"""The running of it: rates, failures, the audit log, single facts."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger.schema.tables.columns import Id, Instant, Text, count, table, text

rate_limit = table(  # one GCRA row a gateway, shared by all workers
    "rate_limit",
    sa.Column("gateway", Text, primary_key=True),
    sa.Column("rate", sa.Float, nullable=False),  # messages a second in force
    sa.Column("rate_max", sa.Float, nullable=False),  # as configured
    sa.Column("tat", sa.BigInteger, nullable=False, server_default="0"),  # theoretical arrival, microseconds
    sa.Column("blocked_until", Instant),  # circuit open, or the provider asked us to wait
    text("blocked_reason"),
    count("failures"),  # calls in a row that nobody answered
    count("circuit_openings"),  # how often in a row it was left alone for that
)

failure_window = table(  # what a campaign's answers on a channel were like since it was started or resumed
    "failure_window",
    sa.Column("campaign", Text, primary_key=True),
    sa.Column("channel", Text, primary_key=True),
    count("results"),
    count("config_failures"),  # of them our own fault
    count("recent"),
    count("recent_hard_failures"),  # of the recent ones, for good and nobody's own wish
)

audit = table(
    "audit",
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    text("who"),
    text("action"),
    text("subject"),
    sa.Column("detail", sa.JSON, nullable=False),
)

meta = table(
    "meta",
    sa.Column("key", Text, primary_key=True),
    text("value"),
)
