"""Columns and tables get the field's names; what stands in them stays."""

from __future__ import annotations

from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

COLUMNS = {  # table, as it was called -> column -> its new name
    'account': {'made_at': 'created_at'},
    'api_token': {'made_at': 'created_at', 'made_by': 'created_by'},
    'campaign': {'approved_parts': 'approved_hashes'},
    'contact': {'made_by': 'first_import_id', 'load_id': 'import_id'},
    'contact_before': {'load_id': 'import_id', 'before': 'fields'},
    'event': {'folded_at': 'processed_at'},
    'hook': {'made_at': 'created_at', 'made_by': 'created_by'},
    'list_source': {'load_id': 'import_id'},
    'message': {'tries': 'counted_attempts', 'ask_at': 'lookup_at', 'asked': 'lookups'},
    'outgoing': {'hook': 'webhook', 'tries': 'attempts'},
    'rate_limit': {'openings': 'circuit_openings'},
    'run': {'answers': 'results', 'config': 'config_failures', 'recent_hard': 'recent_hard_failures'},
    'session': {'made_at': 'created_at'},
    'shard': {'changed': 'needs_recount'},
}
TABLES = {
    'load': 'contact_import',
    'contact_before': 'contact_snapshot',
    'wording': 'message_text',
    'hook': 'webhook',
    'outgoing': 'webhook_outbox',
    'tally': 'message_count',
    'run': 'failure_window',
}
INDEXES = (  # old name and predicate, new name and predicate, table as it is called now, column
    ('ix_message_ask', 'ask_at IS NOT NULL', 'ix_message_lookup', 'lookup_at IS NOT NULL', 'message', 'lookup_at'),
    ('ix_shard_changed', 'changed = 1', 'ix_shard_needs_recount', 'needs_recount = 1', 'shard', 'id'),
    ('ix_event_unfolded', 'folded_at IS NULL', 'ix_event_unprocessed', 'processed_at IS NULL', 'event', 'id'),
    ('ix_outgoing_open', 'next_at IS NOT NULL', 'ix_webhook_outbox_open', 'next_at IS NOT NULL', 'webhook_outbox', 'next_at'),
    ('ix_tally_shard_id', None, 'ix_message_count_shard_id', None, 'message_count', 'shard_id'),
)
UNIQUE = ('uq_outgoing_hook_source_source_id', 'uq_webhook_outbox_webhook_source_source_id')
POSTGRES_CONSTRAINTS = (  # table as it is called now, old name, new name: SQLite names none of them
    ('contact_import', 'load_pkey', 'contact_import_pkey'),
    ('contact_snapshot', 'contact_before_pkey', 'contact_snapshot_pkey'),
    ('contact_snapshot', 'contact_before_load_id_fkey', 'contact_snapshot_import_id_fkey'),
    ('message_text', 'wording_pkey', 'message_text_pkey'),
    ('webhook', 'hook_pkey', 'webhook_pkey'),
    ('webhook_outbox', 'outgoing_pkey', 'webhook_outbox_pkey'),
    ('webhook_outbox', 'outgoing_hook_fkey', 'webhook_outbox_webhook_fkey'),
    ('webhook_outbox', *UNIQUE),
    ('message_count', 'tally_pkey', 'message_count_pkey'),
    ('failure_window', 'run_pkey', 'failure_window_pkey'),
    ('list_source', 'list_source_load_id_fkey', 'list_source_import_id_fkey'),
    ('contact', 'contact_load_id_fkey', 'contact_import_id_fkey'),
)
POSTGRES_SEQUENCES = {
    'load_id_seq': 'contact_import_id_seq',
    'outgoing_id_seq': 'webhook_outbox_id_seq',
    'tally_id_seq': 'message_count_id_seq',
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for old, new in columns.items():
            op.execute(f'ALTER TABLE {table} RENAME COLUMN "{old}" TO "{new}"')
    for old, new in TABLES.items():
        op.execute(f'ALTER TABLE {old} RENAME TO {new}')
    for old, _old_rows, new, rows, table, column in INDEXES:
        _replace_index(old, new, table, column, rows)
    _rename_key('load_id', 'import_id')
    if op.get_bind().dialect.name == 'postgresql':
        for table, old, new in POSTGRES_CONSTRAINTS:
            op.execute(f'ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}')
        for old, new in POSTGRES_SEQUENCES.items():
            op.execute(f'ALTER SEQUENCE {old} RENAME TO {new}')
    else:
        _replace_unique(*UNIQUE)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        for new, old in POSTGRES_SEQUENCES.items():
            op.execute(f'ALTER SEQUENCE {old} RENAME TO {new}')
        for table, new, old in POSTGRES_CONSTRAINTS:
            op.execute(f'ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}')
    else:
        _replace_unique(*reversed(UNIQUE))
    _rename_key('import_id', 'load_id')
    for new, old in TABLES.items():
        op.execute(f'ALTER TABLE {old} RENAME TO {new}')
    for table, columns in COLUMNS.items():
        for new, old in columns.items():
            op.execute(f'ALTER TABLE {table} RENAME COLUMN "{old}" TO "{new}"')
    was_called = {now: was for was, now in TABLES.items()}
    for old, rows, new, _new_rows, table, column in INDEXES:
        columns = {now: was for was, now in COLUMNS.get(table, {}).items()}
        _replace_index(new, old, was_called.get(table, table), columns.get(column, column), rows)


def _replace_index(old: str, new: str, table: str, column: str, rows: str | None) -> None:
    """SQLite renames no index."""
    op.execute(f'DROP INDEX {old}')
    op.execute(f'CREATE INDEX {new} ON {table} ({column})' + (f' WHERE {rows}' if rows else ''))


def _replace_unique(old: str, new: str) -> None:
    """SQLite renames no constraint either: the table, a small one, is written anew."""
    with op.batch_alter_table('webhook_outbox') as batch_op:
        batch_op.drop_constraint(old, type_='unique')
        batch_op.create_unique_constraint(new, ['webhook', 'source', 'source_id'])


def _rename_key(old: str, new: str) -> None:
    """A contact as it was before an import is kept as JSON, by the names of its columns."""
    if op.get_bind().dialect.name == 'postgresql':
        renamed = f"((fields::jsonb - '{old}') || jsonb_build_object('{new}', fields::jsonb -> '{old}'))::json"
    else:
        renamed = f"json_remove(json_set(fields, '$.{new}', json_extract(fields, '$.{old}')), '$.{old}')"
    op.execute(f'UPDATE contact_snapshot SET fields = {renamed}')
