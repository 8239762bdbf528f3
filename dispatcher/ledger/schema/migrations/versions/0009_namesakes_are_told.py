"""Whom a load takes for one person is written down; a year of birth tells namesakes apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'person_join',
        sa.Column('id', ID, primary_key=True),
        sa.Column('import_id', ID, nullable=False),
        sa.Column('person_id', ID, sa.ForeignKey('person.id'), nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('because', sa.Text(), server_default='', nullable=False),
        sa.Column('split_at', sa.BigInteger(), nullable=True),
        sa.Column('split_by', sa.Text(), server_default='', nullable=False),
    )
    op.create_index('ix_person_join_import_id', 'person_join', ['import_id'])
    op.add_column('contact', sa.Column('birth_year', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    op.drop_column('contact', 'birth_year')
    op.drop_table('person_join')
