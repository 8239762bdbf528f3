"""Words that are edited on a page can be had back as they were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'template_version',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), primary_key=True),
        sa.Column('file', sa.Text(), server_default='', nullable=False),
        sa.Column('text', sa.Text(), server_default='', nullable=False),
        sa.Column('saved_at', sa.BigInteger(), nullable=False),
        sa.Column('saved_by', sa.Text(), server_default='', nullable=False),
    )
    op.create_index('ix_template_version_file', 'template_version', ['file'])


def downgrade() -> None:
    op.drop_table('template_version')
