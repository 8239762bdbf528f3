"""What is edited on pages: campaigns in the making, and words as they were."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger.schema.tables.columns import Id, Instant, Text, table, text

campaign_draft = table(  # a campaign in the making, or an edit of one, that the file does not have yet
    "campaign_draft",
    sa.Column("name", Text, primary_key=True),
    text("fragment"),  # its tables, as schedules.toml would have them
    text("base"),  # schedules.toml as it was when the draft was begun
    text("starter"),
    sa.Column("saved_at", Instant, nullable=False),
    text("saved_by"),
)

template_version = table(  # the words of a template as they were saved on a page, or found in the folder
    "template_version",
    sa.Column("id", Id, primary_key=True),
    text("file"),  # inside the folder of templates
    text("text"),
    sa.Column("saved_at", Instant, nullable=False),
    text("saved_by"),
)
sa.Index("ix_template_version_file", template_version.c.file)
