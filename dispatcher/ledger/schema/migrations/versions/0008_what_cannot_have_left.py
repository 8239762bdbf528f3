"""An intent knows its slot, and a shard how far it was cleared: what lies beyond has not left."""

from __future__ import annotations

from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE message ADD COLUMN slot_at BIGINT")
    op.execute("ALTER TABLE shard ADD COLUMN cleared_until BIGINT")


def downgrade() -> None:
    op.execute("ALTER TABLE shard DROP COLUMN cleared_until")
    op.execute("ALTER TABLE message DROP COLUMN slot_at")
