"""A campaign in the making is kept until it is put into the file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'campaign_draft',
        sa.Column('name', sa.Text(), primary_key=True),
        sa.Column('fragment', sa.Text(), server_default='', nullable=False),
        sa.Column('base', sa.Text(), server_default='', nullable=False),
        sa.Column('starter', sa.Text(), server_default='', nullable=False),
        sa.Column('saved_at', sa.BigInteger(), nullable=False),
        sa.Column('saved_by', sa.Text(), server_default='', nullable=False),
    )


def downgrade() -> None:
    op.drop_table('campaign_draft')
