"""Who must not, or need not, be written to: wishes, and who took part."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger.schema.tables.columns import Id, Instant, Text, count, table, text

suppression = table(
    "suppression",
    sa.Column("channel", Text, primary_key=True),
    sa.Column("address", Text, primary_key=True),
    sa.Column("scope", Text, primary_key=True),  # all | audience:NAME | campaign:NAME | advertising
    text("reason"),  # do-not-call | dead-address | blocked | opted-out | complaint | erased
    sa.Column("at", Instant, nullable=False),
    text("who"),
    text("how"),  # keyword | link | one-click | provider | import | cli | web | bounce | new-address
    text("words"),
)

consent = table(  # append-only: every opt-out and return, with its wording
    "consent",
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    text("action"),  # opt-out | return
    text("channel"),
    text("address"),
    text("scope"),
    text("reason"),
    text("who"),
    text("how"),
    text("words"),
)

participation = table(
    "participation",
    sa.Column("campaign", Text, primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("at", Instant, nullable=False),  # when they took part, as far as the source knows
    sa.Column("learnt_at", Instant, nullable=False),
    text("source"),
    text("who"),
    sa.Column("import_id", Id, nullable=False, server_default="0"),  # 0: told one by one
)

participation_claim = table(  # everything that says somebody took part; `participation` is the first of it
    "participation_claim",
    sa.Column("campaign", Text, primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("import_id", Id, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("learnt_at", Instant, nullable=False),
    text("source"),
    text("who"),
)
sa.Index("ix_participation_claim_import_id", participation_claim.c.import_id)

participation_import = table(  # one list of who took part, or of figures; it can be taken back
    "participation_import",
    sa.Column("id", Id, primary_key=True),
    text("campaign"),
    sa.Column("at", Instant, nullable=False),
    text("who"),
    text("source"),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("replaced", sa.JSON, nullable=False),  # figures as they were before: what undoing needs
    sa.Column("undone_at", Instant),
    text("undone_by"),
)

participation_count = table(  # figures that come without names: per area and day
    "participation_count",
    sa.Column("campaign", Text, primary_key=True),
    sa.Column("area_key", Text, primary_key=True),  # contacts.area_names.area_key(area): tones count
    sa.Column("day", Text, primary_key=True),  # ISO date
    text("area"),
    count("registered"),
    count("finished"),
    text("source"),
    sa.Column("import_id", Id, nullable=False, server_default="0"),
)
