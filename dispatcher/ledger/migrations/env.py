"""What Alembic runs: the migrations, on the connection and in the transaction that `schema` hands over."""

from __future__ import annotations

from alembic import context

from dispatcher.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can, although Alembic does not expect it to
    render_as_batch=True,  # SQLite changes a column by copying its table
)
with context.begin_transaction():
    context.run_migrations()
