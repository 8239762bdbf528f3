"""`run`: the service, until it is told to stop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.sandbox import SANDBOX_FOLDER
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.sandbox.process import Sandbox
    from dispatcher.settings import Settings

NOISY_LOGGERS = ("alembic", "apscheduler", "uvicorn")


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(help=_("The service: sends what is due, takes what comes back, serves the web pages."))(run)


def run(
    log_level: Annotated[
        str,
        typer.Option(metavar="LEVEL", help=_("How much is told on standard error: debug, info, warning.")),
    ] = "info",
) -> None:
    from dispatcher.cli import context

    _configure_logging(log_level)
    settings = context.settings()
    if _is_empty(settings):
        _begin_on_a_page(settings)
        settings = context.settings()  # a file of settings was written beside the rest
    _require_configuration(settings)
    with _with_sandbox(settings) as (effective, sandbox):
        _serve_until_stopped(effective, sandbox)


def _is_empty(settings: Settings) -> bool:
    """Return whether there is nothing at all where the settings say, and they say the usual places."""
    from dispatcher import starter
    from dispatcher.cli import context

    folder = settings.schedules.parent
    usual = (folder / starter.SCHEDULES, *(folder / name for name in starter.FOLDERS))
    return (
        (settings.schedules, settings.contacts, settings.templates) == usual
        and starter.is_absent(folder)
        and not context.ledger_exists(settings)
    )


def _begin_on_a_page(settings: Settings) -> None:
    """Let whoever started this make the office on a page; it goes on when there is one."""
    import asyncio

    from dispatcher.cli import console
    from dispatcher.cli.init import set_up
    from dispatcher.starter import NewOffice
    from dispatcher.web import first_page

    folder = settings.schedules.parent

    def begin(office: NewOffice) -> str:
        _files, password = set_up(folder, office, beside_others=True)
        return password

    def announce(address: str) -> None:
        console.print_note(_("Nothing is here yet ({folder}).", folder=folder.resolve()), style="bold yellow")
        console.print_note(_("To begin, open this address; it works once: {address}", address=address))

    with _port_problems(settings):
        asyncio.run(first_page.run(settings, begin, announce))


def _require_configuration(settings: Settings) -> None:
    """Say what is wrong before anything is started; a broken edit is none of it if a sound one is kept."""
    from dispatcher.cli import context
    from dispatcher.configuration import load_servable
    from dispatcher.errors import ConfigurationError

    try:
        load_servable(settings, None)
    except ConfigurationError:
        if not context.ledger_exists(settings):
            raise
        with context.ledger(settings) as ledger:
            context.usable_configuration(settings, ledger, is_served=True)


def _configure_logging(level: str) -> None:
    import logging

    if level.lower() not in {"debug", "info", "warning", "error"}:
        raise typer.BadParameter(_("write debug, info, warning or error"), param_hint="--log-level")
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def _with_sandbox(settings: Settings) -> Iterator[tuple[Settings, Sandbox | None]]:
    """Yield settings that name servers: those configured, or a sandbox of our own, which is said loudly."""
    from dispatcher.cli import console
    from dispatcher.gateways import registry
    from dispatcher.sandbox import process
    from dispatcher.simulation.scenario import with_sandbox_settings

    if not registry.uses_sandbox(settings):
        yield settings, None
        return
    public_url = settings.public_url or f"http://{settings.bind}"
    with process.start(SANDBOX_FOLDER, inbound_url=process.inbound_url(public_url)) as sandbox:
        console.print_note("")
        for words in (
            _("NO PROVIDER IS CONFIGURED: nothing leaves this machine."),
            _("Everything goes to the sandbox; what it takes is written to {folder}.", folder=sandbox.folder),
            _("For the real thing set up a gateway: the settings stand in docs/reference.md."),
        ):
            console.print_note(f"  ⚠ {words}", style="bold yellow")
        console.print_note("")
        yield with_sandbox_settings(settings, sandbox), sandbox


def _serve_until_stopped(settings: Settings, sandbox: Sandbox | None) -> None:
    import asyncio
    import sys

    from dispatcher import service

    with _port_problems(settings):
        if sys.platform == "win32":
            asyncio.run(service.run(settings, sandbox))
        else:
            import uvloop

            uvloop.run(service.run(settings, sandbox))


@contextmanager
def _port_problems(settings: Settings) -> Iterator[None]:
    """Say what to do about an address that nobody can listen on."""
    import errno

    from dispatcher.errors import ConfigurationError, Problem, os_error_message

    try:
        yield
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL}:
            raise
        problem = Problem(
            file=_("environment"),
            where="DISPATCHER_BIND",
            value=settings.bind,
            what=_("cannot listen there: {error}", error=os_error_message(error)),
            remedy=_("Stop what listens there, or choose another port."),
        )
        raise ConfigurationError([problem]) from error
