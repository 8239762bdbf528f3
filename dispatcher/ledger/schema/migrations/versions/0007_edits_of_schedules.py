"""What a campaign's dates and steps were when it was last open, and which deadline was in force when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE campaign ADD COLUMN calendar_hash TEXT DEFAULT '' NOT NULL")
    op.create_table(
        'campaign_deadline',
        sa.Column('campaign', sa.Text(), nullable=False),
        sa.Column('since', sa.BigInteger(), nullable=False),
        sa.Column('deadline', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('campaign', 'since'),
    )


def downgrade() -> None:
    op.drop_table('campaign_deadline')
    op.execute("ALTER TABLE campaign DROP COLUMN calendar_hash")
