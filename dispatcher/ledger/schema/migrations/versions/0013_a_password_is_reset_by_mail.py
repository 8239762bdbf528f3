"""An account may have a mail address, to which a link for a new password goes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'password_reset',
        sa.Column('token_hash', sa.Text(), primary_key=True),
        sa.Column('account', sa.Text(), nullable=False),
        sa.Column('created_at', sa.BigInteger(), nullable=False),
    )
    op.create_index('ix_password_reset_account', 'password_reset', ['account'])
    op.add_column('account', sa.Column('email', sa.Text(), server_default='', nullable=False))


def downgrade() -> None:
    op.drop_column('account', 'email')
    op.drop_table('password_reset')
