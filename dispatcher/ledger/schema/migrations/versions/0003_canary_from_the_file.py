"""A campaign remembers how many canaries it has sent, and no longer how many its file once said.

What was counted as waiting though nobody tries it again is counted anew.
"""

from __future__ import annotations

from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

SENT = (
    "(SELECT count(*) FROM message JOIN occurrence ON occurrence.id = message.occurrence_id "
    "WHERE occurrence.campaign = campaign.name AND occurrence.kind != 'digest' AND message.attempt > 0)"
)
GIVEN_UP = "SELECT shard_id FROM message WHERE status = 'temporary-failure' AND next_at IS NULL"


def upgrade() -> None:
    op.execute("ALTER TABLE campaign ADD COLUMN canary_sent INTEGER DEFAULT '0' NOT NULL")
    op.execute("ALTER TABLE campaign ADD COLUMN canary_passed INTEGER DEFAULT '0' NOT NULL")
    op.execute(f"UPDATE campaign SET canary_sent = {SENT} WHERE canary_left >= 0")
    op.execute(f"UPDATE campaign SET canary_passed = 1 WHERE canary_left < 0 AND {SENT} > 0")
    op.execute("ALTER TABLE campaign DROP COLUMN canary_left")
    op.execute(f"UPDATE shard SET needs_recount = 1 WHERE id IN ({GIVEN_UP})")


def downgrade() -> None:
    op.execute("ALTER TABLE campaign ADD COLUMN canary_left INTEGER DEFAULT '-1' NOT NULL")
    op.execute("ALTER TABLE campaign DROP COLUMN canary_passed")
    op.execute("ALTER TABLE campaign DROP COLUMN canary_sent")
