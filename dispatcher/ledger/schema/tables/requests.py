"""What people ask about their own data, and what they say is right."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger.schema.tables.columns import Id, Instant, table, text

rights_request = table(  # what somebody asked, by when it is to be done, what became of it
    "rights_request",
    sa.Column("id", Id, primary_key=True),
    text("kind"),  # access | correction | restriction | objection | erasure
    sa.Column("person_id", Id, nullable=False, server_default="0"),  # 0: no list has the address
    text("channel"),
    text("address"),
    text("scope"),  # objection: all | audience:NAME | campaign:NAME | advertising
    sa.Column("wanted", sa.JSON, nullable=False),  # correction: field → what is right
    text("words"),
    sa.Column("received_at", Instant, nullable=False),
    text("taken_by"),
    sa.Column("answer_by", Instant, nullable=False),
    sa.Column("answered_at", Instant),
    text("answered_by"),
    sa.Column("due_at", Instant, nullable=False),
    text("extended_because"),
    text("state", default="open"),  # open | done | refused
    sa.Column("closed_at", Instant),
    text("closed_by"),
    text("refused_because"),
    sa.Column("lifted_at", Instant),  # restriction: since when they are written to again
    text("lifted_by"),
)
sa.Index("ix_rights_request_address", rights_request.c.address)

correction = table(  # what a list says wrongly of somebody, until it says something else
    "correction",
    sa.Column("id", Id, primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False, index=True),
    text("identity"),  # hash of number or mail with the name: the row that is meant
    text("field"),  # name | phone | email | area
    text("was"),  # hash of what is wrong: the wrong number may be a stranger's
    text("becomes"),
    sa.Column("at", Instant, nullable=False),
    text("who"),
)
