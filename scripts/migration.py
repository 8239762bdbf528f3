"""Writes the migration that leads from the last one to the tables as they are: `make migration NAME=...`.

Numbers the new file after the last. Read it before committing: what Alembic cannot see (renames, data) is
yours to write.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from dispatcher.ledger.schema import migrate


def main() -> None:
    """Migrate an empty database as far as the files lead, and write down what is still missing."""
    if not " ".join(sys.argv[1:]).strip():
        sys.exit('say what changes: make migration NAME="addresses remember their source"')
    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine(f"sqlite:///{Path(folder) / 'empty.sqlite3'}")
        last = migrate.latest_revision()
        if last:
            migrate.upgrade(engine)
        config = Config()
        config.set_main_option("script_location", str(migrate.MIGRATIONS))
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.revision(
                config, " ".join(sys.argv[1:]), autogenerate=True, rev_id=f"{int(last or 0) + 1:04}"
            )


if __name__ == "__main__":
    main()
