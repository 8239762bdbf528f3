"""What says that somebody took part is kept apart by import, so that an import can be taken back.

Figures of areas are kept by a key in which tones count: "Thôn Dong" is not "Thôn Đông".
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dispatcher.contacts.area_names import area_key

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'participation_import',
        sa.Column('id', ID, primary_key=True),
        sa.Column('campaign', sa.Text(), server_default='', nullable=False),
        sa.Column('at', sa.BigInteger(), nullable=False),
        sa.Column('who', sa.Text(), server_default='', nullable=False),
        sa.Column('source', sa.Text(), server_default='', nullable=False),
        sa.Column('counts', sa.JSON(), nullable=False),
        sa.Column('replaced', sa.JSON(), nullable=False),
        sa.Column('undone_at', sa.BigInteger(), nullable=True),
        sa.Column('undone_by', sa.Text(), server_default='', nullable=False),
    )
    op.create_table(
        'participation_claim',
        sa.Column('campaign', sa.Text(), nullable=False),
        sa.Column('person_id', ID, nullable=False),
        sa.Column('import_id', ID, autoincrement=False, nullable=False),
        sa.Column('at', sa.BigInteger(), nullable=False),
        sa.Column('learnt_at', sa.BigInteger(), nullable=False),
        sa.Column('source', sa.Text(), server_default='', nullable=False),
        sa.Column('who', sa.Text(), server_default='', nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('campaign', 'person_id', 'import_id'),
    )
    op.create_index('ix_participation_claim_import_id', 'participation_claim', ['import_id'])
    for table in ('participation', 'participation_count'):
        op.add_column(table, sa.Column('import_id', ID, server_default='0', nullable=False))
    _rename_keys()


def _rename_keys() -> None:
    connection = op.get_bind()
    question = "SELECT DISTINCT area, area_key FROM participation_count"
    for area, key in connection.execute(sa.text(question)).all():
        connection.execute(
            sa.text("UPDATE participation_count SET area_key = :new WHERE area_key = :old AND area = :area"),
            {"new": area_key(area), "old": key, "area": area},
        )


def downgrade() -> None:
    for table in ('participation_count', 'participation'):
        op.drop_column(table, 'import_id')
    op.drop_table('participation_claim')
    op.drop_table('participation_import')
