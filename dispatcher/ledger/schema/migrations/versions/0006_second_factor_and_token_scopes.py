"""Accounts have a second factor, sessions say where they are, tokens have an end, scopes and a campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('must_change', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('totp_salt', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('totp_step', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False))

    with op.batch_alter_table('api_token', schema=None) as batch_op:
        batch_op.add_column(sa.Column('expires_at', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('scopes', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('campaign', sa.Text(), server_default='', nullable=False))

    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('source', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('browser', sa.Text(), server_default='', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.drop_column('browser')
        batch_op.drop_column('source')

    with op.batch_alter_table('api_token', schema=None) as batch_op:
        batch_op.drop_column('campaign')
        batch_op.drop_column('scopes')
        batch_op.drop_column('expires_at')

    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_column('totp_step')
        batch_op.drop_column('totp_salt')
        batch_op.drop_column('must_change')
