"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), server_default='', nullable=False),
    sa.Column('area', sa.Text(), server_default='', nullable=False),
    sa.Column('password_hash', sa.Text(), server_default='', nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('changed_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('api_token',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.Text(), server_default='', nullable=False),
    sa.Column('label', sa.Text(), server_default='', nullable=False),
    sa.Column('role', sa.Text(), server_default='', nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.Text(), server_default='', nullable=False),
    sa.Column('used_at', sa.BigInteger(), nullable=True),
    sa.Column('revoked_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_token_token_hash'))
    )
    op.create_table('attempt',
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.Column('gateway', sa.Text(), server_default='', nullable=False),
    sa.Column('outcome', sa.Text(), server_default='', nullable=False),
    sa.Column('code', sa.Text(), server_default='', nullable=False),
    sa.Column('detail', sa.Text(), server_default='', nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('message_id', 'no')
    )
    op.create_table('audit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('who', sa.Text(), server_default='', nullable=False),
    sa.Column('action', sa.Text(), server_default='', nullable=False),
    sa.Column('subject', sa.Text(), server_default='', nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('campaign',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='active', nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('changed_at', sa.BigInteger(), nullable=False),
    sa.Column('changed_by', sa.Text(), server_default='', nullable=False),
    sa.Column('approved_hash', sa.Text(), server_default='', nullable=False),
    sa.Column('approved_parts', sa.JSON(), nullable=True),
    sa.Column('budget_used', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('canary_left', sa.Integer(), server_default='-1', nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('consent',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('action', sa.Text(), server_default='', nullable=False),
    sa.Column('channel', sa.Text(), server_default='', nullable=False),
    sa.Column('address', sa.Text(), server_default='', nullable=False),
    sa.Column('scope', sa.Text(), server_default='', nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('who', sa.Text(), server_default='', nullable=False),
    sa.Column('how', sa.Text(), server_default='', nullable=False),
    sa.Column('words', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), server_default='', nullable=False),
    sa.Column('gateway', sa.Text(), server_default='', nullable=False),
    sa.Column('source', sa.Text(), server_default='', nullable=False),
    sa.Column('dedupe_key', sa.Text(), server_default='', nullable=False),
    sa.Column('message_key', sa.Text(), server_default='', nullable=False),
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('attempt', sa.Integer(), server_default='0', nullable=False),
    sa.Column('provider_id', sa.Text(), server_default='', nullable=False),
    sa.Column('status', sa.Text(), server_default='', nullable=False),
    sa.Column('code', sa.Text(), server_default='', nullable=False),
    sa.Column('error_class', sa.Text(), server_default='', nullable=False),
    sa.Column('raw', sa.JSON(), nullable=False),
    sa.Column('folded_at', sa.BigInteger(), nullable=True),
    sa.Column('result', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_event_dedupe_key'))
    )
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_event_message_id'), ['message_id'], unique=False)
        batch_op.create_index('ix_event_unfolded', ['id'], unique=False, sqlite_where=sa.text('folded_at IS NULL'), postgresql_where=sa.text('folded_at IS NULL'))
        batch_op.create_index('ix_event_unmatched', ['received_at'], unique=False, sqlite_where=sa.text("result = 'unmatched'"), postgresql_where=sa.text("result = 'unmatched'"))

    op.create_table('hook',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('direction', sa.Text(), server_default='', nullable=False),
    sa.Column('url', sa.Text(), server_default='', nullable=False),
    sa.Column('secret', sa.Text(), server_default='', nullable=False),
    sa.Column('kinds', sa.Text(), server_default='', nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('made_by', sa.Text(), server_default='', nullable=False),
    sa.Column('since', sa.JSON(), nullable=False),
    sa.Column('disabled_at', sa.BigInteger(), nullable=True),
    sa.Column('disabled_reason', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('load',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('who', sa.Text(), server_default='', nullable=False),
    sa.Column('summary', sa.JSON(), nullable=False),
    sa.Column('undone_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('login_attempt',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('account', sa.Text(), server_default='', nullable=False),
    sa.Column('source', sa.Text(), server_default='', nullable=False),
    sa.Column('failed', sa.Integer(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('login_attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_attempt_at'), ['at'], unique=False)

    op.create_table('meta',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('key')
    )
    op.create_table('occurrence',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('campaign', sa.Text(), server_default='', nullable=False),
    sa.Column('step', sa.Text(), server_default='', nullable=False),
    sa.Column('key', sa.Text(), server_default='', nullable=False),
    sa.Column('kind', sa.Text(), server_default='', nullable=False),
    sa.Column('moment', sa.Text(), server_default='', nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('fired_at', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.Text(), server_default='', nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('campaign', 'step', 'key', name=op.f('uq_occurrence_campaign_step_key'))
    )
    op.create_table('participation_count',
    sa.Column('campaign', sa.Text(), nullable=False),
    sa.Column('area_key', sa.Text(), nullable=False),
    sa.Column('day', sa.Text(), nullable=False),
    sa.Column('area', sa.Text(), server_default='', nullable=False),
    sa.Column('registered', sa.Integer(), server_default='0', nullable=False),
    sa.Column('finished', sa.Integer(), server_default='0', nullable=False),
    sa.Column('source', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('campaign', 'area_key', 'day')
    )
    op.create_table('person',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.Column('name_key', sa.Text(), server_default='', nullable=False),
    sa.Column('given_name', sa.Text(), server_default='', nullable=False),
    sa.Column('honorific', sa.Text(), server_default='', nullable=False),
    sa.Column('area', sa.Text(), server_default='', nullable=False),
    sa.Column('area_key', sa.Text(), server_default='', nullable=False),
    sa.Column('erased_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.create_index('ix_person_name_area', ['name_key', 'area_key'], unique=False)

    op.create_table('rate_limit',
    sa.Column('gateway', sa.Text(), nullable=False),
    sa.Column('rate', sa.Float(), nullable=False),
    sa.Column('rate_max', sa.Float(), nullable=False),
    sa.Column('tat', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('blocked_until', sa.BigInteger(), nullable=True),
    sa.Column('blocked_reason', sa.Text(), server_default='', nullable=False),
    sa.Column('failures', sa.Integer(), server_default='0', nullable=False),
    sa.Column('openings', sa.Integer(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('gateway')
    )
    op.create_table('run',
    sa.Column('campaign', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('answers', sa.Integer(), server_default='0', nullable=False),
    sa.Column('config', sa.Integer(), server_default='0', nullable=False),
    sa.Column('recent', sa.Integer(), server_default='0', nullable=False),
    sa.Column('recent_hard', sa.Integer(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('campaign', 'channel')
    )
    op.create_table('session',
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('token_hash')
    )
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_account'), ['account'], unique=False)

    op.create_table('suppression',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('who', sa.Text(), server_default='', nullable=False),
    sa.Column('how', sa.Text(), server_default='', nullable=False),
    sa.Column('words', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('channel', 'address', 'scope')
    )
    op.create_table('tally',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('shard_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('occurrence_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('audience', sa.Text(), server_default='', nullable=False),
    sa.Column('channel', sa.Text(), server_default='', nullable=False),
    sa.Column('area', sa.Text(), server_default='', nullable=False),
    sa.Column('status', sa.Text(), server_default='', nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('day', sa.Integer(), server_default='0', nullable=False),
    sa.Column('messages', sa.Integer(), server_default='0', nullable=False),
    sa.Column('parts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('vnd', sa.BigInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('tally', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tally_shard_id'), ['shard_id'], unique=False)

    op.create_table('wording',
    sa.Column('body_hash', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), server_default='', nullable=False),
    sa.Column('first_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('body_hash')
    )
    op.create_table('address',
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('rank', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('person_id', 'channel', 'address'),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('address', schema=None) as batch_op:
        batch_op.create_index('ix_address_channel_address', ['channel', 'address'], unique=False)

    op.create_table('contact',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('audience', sa.Text(), server_default='', nullable=False),
    sa.Column('state', sa.Text(), server_default='active', nullable=False),
    sa.Column('phones', sa.Text(), server_default='', nullable=False),
    sa.Column('email', sa.Text(), server_default='', nullable=False),
    sa.Column('unit', sa.Text(), server_default='', nullable=False),
    sa.Column('role', sa.Text(), server_default='', nullable=False),
    sa.Column('lead', sa.Text(), server_default='', nullable=False),
    sa.Column('file', sa.Text(), server_default='', nullable=False),
    sa.Column('sheet', sa.Text(), server_default='', nullable=False),
    sa.Column('row', sa.Integer(), server_default='0', nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('held_reason', sa.Text(), server_default='', nullable=False),
    sa.Column('decided_by', sa.Text(), server_default='', nullable=False),
    sa.Column('decided_at', sa.BigInteger(), nullable=True),
    sa.Column('fingerprint', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('made_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('load_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['load_id'], ['load.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('person_id', 'audience', name=op.f('uq_contact_person_id_audience'))
    )
    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.create_index('ix_contact_audience_state', ['audience', 'state'], unique=False)
        batch_op.create_index('ix_contact_no_phone', ['person_id'], unique=False, sqlite_where=sa.text("phones = ''"), postgresql_where=sa.text("phones = ''"))

    op.create_table('contact_before',
    sa.Column('load_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['load_id'], ['load.id'], ),
    sa.PrimaryKeyConstraint('load_id', 'contact_id')
    )
    op.create_table('list_source',
    sa.Column('load_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('audience', sa.Text(), nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('basis', sa.Text(), server_default='', nullable=False),
    sa.Column('supplied_by', sa.Text(), server_default='', nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['load_id'], ['load.id'], ),
    sa.PrimaryKeyConstraint('load_id', 'audience', 'file')
    )
    op.create_table('message',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('occurrence_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('shard_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('audience', sa.Text(), server_default='', nullable=False),
    sa.Column('channel', sa.Text(), server_default='', nullable=False),
    sa.Column('address', sa.Text(), server_default='', nullable=False),
    sa.Column('area', sa.Text(), server_default='', nullable=False),
    sa.Column('status', sa.Text(), server_default='created', nullable=False),
    sa.Column('rank', sa.Integer(), server_default='0', nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('next_at', sa.BigInteger(), nullable=True),
    sa.Column('attempt', sa.Integer(), server_default='0', nullable=False),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
    sa.Column('submitted_at', sa.BigInteger(), nullable=True),
    sa.Column('status_at', sa.BigInteger(), nullable=False),
    sa.Column('gateway', sa.Text(), server_default='', nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=True),
    sa.Column('body_hash', sa.Text(), server_default='', nullable=False),
    sa.Column('parts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('vnd', sa.Integer(), server_default='0', nullable=False),
    sa.Column('vnd_attempt', sa.Integer(), server_default='0', nullable=False),
    sa.Column('conflict', sa.Integer(), server_default='0', nullable=False),
    sa.Column('ask_at', sa.BigInteger(), nullable=True),
    sa.Column('asked', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['occurrence_id'], ['occurrence.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('occurrence_id', 'channel', 'address', name=op.f('uq_message_occurrence_id_channel_address'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_address', ['address', 'submitted_at'], unique=False)
        batch_op.create_index('ix_message_ask', ['ask_at'], unique=False, sqlite_where=sa.text('ask_at IS NOT NULL'), postgresql_where=sa.text('ask_at IS NOT NULL'))
        batch_op.create_index('ix_message_open', ['shard_id', 'next_at'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.create_index('ix_message_provider_id', ['provider_id'], unique=False, sqlite_where=sa.text('provider_id IS NOT NULL'), postgresql_where=sa.text('provider_id IS NOT NULL'))

    op.create_table('outgoing',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('hook', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), server_default='', nullable=False),
    sa.Column('source_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Text(), server_default='', nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('next_at', sa.BigInteger(), nullable=True),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False),
    sa.Column('outcome', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['hook'], ['hook.name'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('hook', 'source', 'source_id', name=op.f('uq_outgoing_hook_source_source_id'))
    )
    with op.batch_alter_table('outgoing', schema=None) as batch_op:
        batch_op.create_index('ix_outgoing_open', ['next_at'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))

    op.create_table('participation',
    sa.Column('campaign', sa.Text(), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('learnt_at', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.Text(), server_default='', nullable=False),
    sa.Column('who', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('campaign', 'person_id')
    )
    op.create_table('shard',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('occurrence_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('audience', sa.Text(), server_default='', nullable=False),
    sa.Column('channel', sa.Text(), server_default='', nullable=False),
    sa.Column('priority', sa.Integer(), server_default='0', nullable=False),
    sa.Column('state', sa.Text(), server_default='open', nullable=False),
    sa.Column('token', sa.Integer(), server_default='0', nullable=False),
    sa.Column('owner', sa.Text(), server_default='', nullable=False),
    sa.Column('lease_until', sa.BigInteger(), nullable=True),
    sa.Column('not_before', sa.BigInteger(), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('size', sa.Integer(), server_default='0', nullable=False),
    sa.Column('first_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('last_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('changed', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['occurrence_id'], ['occurrence.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('shard', schema=None) as batch_op:
        batch_op.create_index('ix_shard_changed', ['id'], unique=False, sqlite_where=sa.text('changed = 1'), postgresql_where=sa.text('changed = 1'))
        batch_op.create_index(batch_op.f('ix_shard_occurrence_id'), ['occurrence_id'], unique=False)
        batch_op.create_index('ix_shard_open', [sa.literal_column('priority DESC'), 'not_before'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))



def downgrade() -> None:
    with op.batch_alter_table('shard', schema=None) as batch_op:
        batch_op.drop_index('ix_shard_open', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.drop_index(batch_op.f('ix_shard_occurrence_id'))
        batch_op.drop_index('ix_shard_changed', sqlite_where=sa.text('changed = 1'), postgresql_where=sa.text('changed = 1'))

    op.drop_table('shard')
    op.drop_table('participation')
    with op.batch_alter_table('outgoing', schema=None) as batch_op:
        batch_op.drop_index('ix_outgoing_open', sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))

    op.drop_table('outgoing')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('ix_message_provider_id', sqlite_where=sa.text('provider_id IS NOT NULL'), postgresql_where=sa.text('provider_id IS NOT NULL'))
        batch_op.drop_index('ix_message_open', sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.drop_index('ix_message_ask', sqlite_where=sa.text('ask_at IS NOT NULL'), postgresql_where=sa.text('ask_at IS NOT NULL'))
        batch_op.drop_index('ix_message_address')

    op.drop_table('message')
    op.drop_table('list_source')
    op.drop_table('contact_before')
    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.drop_index('ix_contact_no_phone', sqlite_where=sa.text("phones = ''"), postgresql_where=sa.text("phones = ''"))
        batch_op.drop_index('ix_contact_audience_state')

    op.drop_table('contact')
    with op.batch_alter_table('address', schema=None) as batch_op:
        batch_op.drop_index('ix_address_channel_address')

    op.drop_table('address')
    op.drop_table('wording')
    with op.batch_alter_table('tally', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tally_shard_id'))

    op.drop_table('tally')
    op.drop_table('suppression')
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_session_account'))

    op.drop_table('session')
    op.drop_table('run')
    op.drop_table('rate_limit')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_index('ix_person_name_area')

    op.drop_table('person')
    op.drop_table('participation_count')
    op.drop_table('occurrence')
    op.drop_table('meta')
    with op.batch_alter_table('login_attempt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_login_attempt_at'))

    op.drop_table('login_attempt')
    op.drop_table('load')
    op.drop_table('hook')
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_index('ix_event_unmatched', sqlite_where=sa.text("result = 'unmatched'"), postgresql_where=sa.text("result = 'unmatched'"))
        batch_op.drop_index('ix_event_unfolded', sqlite_where=sa.text('folded_at IS NULL'), postgresql_where=sa.text('folded_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_event_message_id'))

    op.drop_table('event')
    op.drop_table('consent')
    op.drop_table('campaign')
    op.drop_table('audit')
    op.drop_table('attempt')
    op.drop_table('api_token')
    op.drop_table('account')
