"""What waits for a person is found by an index, and not by reading every report there ever was."""

from __future__ import annotations

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_event_for_a_person ON event (id) WHERE result IN ('to-read', 'set-aside')")


def downgrade() -> None:
    op.execute("DROP INDEX ix_event_for_a_person")
