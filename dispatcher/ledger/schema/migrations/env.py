"""What Alembic runs: the migrations, on the connection and in the transaction that `schema` hands over."""

from __future__ import annotations

from typing import Literal

from alembic import context

from dispatcher.ledger.schema.tables import Instant, LocalDay, metadata

PLAIN_TYPES: dict[type, str] = {Instant: "sa.BigInteger()", LocalDay: "sa.Integer()"}


def _render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our own types as what they are in the database: a migration must outlive our classes."""
    if kind != "type":
        return False
    return next((text for own, text in PLAIN_TYPES.items() if isinstance(item, own)), False)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=_render,
    transactional_ddl=True,  # SQLite can, although Alembic does not expect it to
    render_as_batch=True,  # SQLite changes a column by copying its table
)
with context.begin_transaction():
    context.run_migrations()
