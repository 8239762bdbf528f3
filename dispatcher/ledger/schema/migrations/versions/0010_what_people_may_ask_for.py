"""What people ask about their data, corrections that outlast lists, and who is not written to meanwhile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def text(name: str, default: str = '') -> 'sa.Column[str]':
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def upgrade() -> None:
    op.add_column('person', sa.Column('restricted_at', sa.BigInteger(), nullable=True))
    restricted = sa.text('restricted_at IS NOT NULL')
    op.create_index(
        'ix_person_restricted', 'person', ['id'], sqlite_where=restricted, postgresql_where=restricted
    )
    op.create_table(
        'rights_request',
        sa.Column('id', ID, primary_key=True),
        text('kind'),
        sa.Column('person_id', ID, server_default='0', nullable=False),
        text('channel'),
        text('address'),
        text('scope'),
        sa.Column('wanted', sa.JSON(), nullable=False),
        text('words'),
        sa.Column('received_at', sa.BigInteger(), nullable=False),
        text('taken_by'),
        sa.Column('answer_by', sa.BigInteger(), nullable=False),
        sa.Column('answered_at', sa.BigInteger(), nullable=True),
        text('answered_by'),
        sa.Column('due_at', sa.BigInteger(), nullable=False),
        text('extended_because'),
        text('state', 'open'),
        sa.Column('closed_at', sa.BigInteger(), nullable=True),
        text('closed_by'),
        text('refused_because'),
        sa.Column('lifted_at', sa.BigInteger(), nullable=True),
        text('lifted_by'),
    )
    op.create_index('ix_rights_request_address', 'rights_request', ['address'])
    op.create_table(
        'correction',
        sa.Column('id', ID, primary_key=True),
        sa.Column('person_id', ID, sa.ForeignKey('person.id'), nullable=False),
        text('identity'),
        text('field'),
        text('was'),
        text('becomes'),
        sa.Column('at', sa.BigInteger(), nullable=False),
        text('who'),
    )
    op.create_index('ix_correction_person_id', 'correction', ['person_id'])


def downgrade() -> None:
    op.drop_table('correction')
    op.drop_table('rights_request')
    op.drop_index('ix_person_restricted', 'person')
    op.drop_column('person', 'restricted_at')
