"""`db`: the ledger's database."""

from __future__ import annotations

import typer

from dispatcher.i18n import _


def register(app: typer.Typer) -> None:
    """Register the command group."""
    database = typer.Typer(no_args_is_help=True, help=_("The ledger's database."))
    database.command(
        "upgrade", help=_("Bring the tables to this version; starting the service does so too.")
    )(upgrade)
    app.add_typer(database, name="db")


def upgrade() -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger import open_ledger
    from dispatcher.ledger.privacy import secret_key
    from dispatcher.ledger.schema import migrate

    settings = context.settings()
    ledger = open_ledger(
        settings.database_url, secret_key=settings.secret_key, key_folder=settings.schedules.parent
    )
    try:
        secret_key.move_out(ledger)
        console.print_line(
            _("The tables are at revision {revision}.", revision=migrate.current_revision(ledger.engine))
        )
    finally:
        ledger.close()
