"""`run`: the service, until it is told to stop."""

from __future__ import annotations

import typer

from dispatcher.i18n import _


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    app.command(help=_("The service: sends what is due, takes what comes back, serves the web pages."))(run)


def run() -> None:
    import asyncio

    from dispatcher import service
    from dispatcher.cli import opening

    asyncio.run(service.run(opening.settings()))
