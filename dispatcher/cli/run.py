"""`run`, `db`, `sandbox`: the service until it is told to stop, its database, and servers to try it with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.sandbox.process import Sandbox
    from dispatcher.settings import Settings

SANDBOX_FOLDER = Path("var/sandbox")
NOISY_LOGGERS = ("alembic", "apscheduler", "uvicorn")


def register(app: typer.Typer) -> None:
    """Add these verbs."""
    app.command(help=_("The service: sends what is due, takes what comes back, serves the web pages."))(run)
    database = typer.Typer(no_args_is_help=True, help=_("The ledger's database."))
    database.command(
        "upgrade", help=_("Bring the tables to this version; starting the service does so too.")
    )(upgrade)
    app.add_typer(database, name="db")
    sandbox = typer.Typer(no_args_is_help=True, help=_("Servers and people to try everything with."))
    sandbox.command("people", help=_("Write lists of made-up people, of any size."))(people)
    sandbox.command("serve", help=_("A Twilio-compatible server and a mail server on this machine."))(serve)
    app.add_typer(sandbox, name="sandbox")


# --- run ----------------------------------------------------------------------------------------------


def run(
    log_level: Annotated[
        str,
        typer.Option(metavar="LEVEL", help=_("How much is told on standard error: debug, info, warning.")),
    ] = "info",
) -> None:
    from dispatcher.cli import context

    _configure_logging(log_level)
    settings = context.settings()
    context.edition(settings)  # what is wrong with it is said before anything is started
    with _with_sandbox(settings) as (effective, sandbox):
        _serve_until_stopped(effective, sandbox)


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
    if settings.has_twilio or settings.has_smtp:
        yield settings, None
        return
    from dispatcher.cli import console
    from dispatcher.sandbox import process
    from dispatcher.simulation.scenario import with_sandbox_settings

    public_url = settings.public_url or f"http://{settings.bind}"
    with process.start(SANDBOX_FOLDER, inbound_url=f"{public_url}/twilio/inbound") as sandbox:
        console.print_note("")
        for words in (
            _("NO PROVIDER IS CONFIGURED: nothing leaves this machine."),
            _("Everything goes to the sandbox; what it takes is written to {folder}.", folder=sandbox.folder),
            _("For the real thing set TWILIO_… and DISPATCHER_SMTP_URL, see docs/reference.md."),
        ):
            console.print_note(f"  ⚠ {words}", style="bold yellow")
        console.print_note("")
        yield with_sandbox_settings(settings, sandbox), sandbox


def _serve_until_stopped(settings: Settings, sandbox: Sandbox | None) -> None:
    import asyncio
    import errno
    import sys

    from dispatcher import service
    from dispatcher.errors import ConfigurationError, Problem, os_error_message

    try:
        if sys.platform == "win32":
            asyncio.run(service.run(settings, sandbox))
        else:
            import uvloop

            uvloop.run(service.run(settings, sandbox))
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


# --- db -----------------------------------------------------------------------------------------------


def upgrade() -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger import open_ledger
    from dispatcher.ledger.schema import migrate

    settings = context.settings()
    ledger = open_ledger(settings.database_url)
    try:
        console.print_line(
            _("The tables are at revision {revision}.", revision=migrate.current_revision(ledger.engine))
        )
    finally:
        ledger.close()


# --- sandbox ------------------------------------------------------------------------------------------


def people(
    out: Annotated[Path, typer.Argument(metavar="DIR", help=_("Folder; laid out like contacts/."))],
    residents: Annotated[
        int, typer.Option(metavar="N", help=_("How many residents; the other lists follow."))
    ] = 400,
    seed: Annotated[int, typer.Option(metavar="N", help=_("Another number, other people."))] = 2025,
) -> None:
    from dispatcher.cli import console
    from dispatcher.sandbox.people import RESIDENTS_MAX, generate

    if not 0 < residents <= RESIDENTS_MAX:
        words = _("between 1 and {most}", most=console.format_number(RESIDENTS_MAX))
        raise typer.BadParameter(words, param_hint="--residents")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise typer.BadParameter(_("{folder} is not an empty folder", folder=out))
    made = generate(out, residents=residents, seed=seed)
    for file in made.files:
        console.print_line(str(file))
    console.print_note(
        _(
            "{staff} staff, {party} party members, {parents} parents, {residents} residents",
            staff=console.format_number(made.staff), party=console.format_number(made.party),
            parents=console.format_number(made.parents), residents=console.format_number(made.residents),
        )
    )  # fmt: skip


def serve(
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help=_("Where logs and mails are kept."))
    ] = SANDBOX_FOLDER,
    http_port: Annotated[int, typer.Option(metavar="PORT", help=_("0: any free one."))] = 0,
    smtp_port: Annotated[int, typer.Option(metavar="PORT", help=_("0: any free one."))] = 0,
    failures: Annotated[
        str, typer.Option(metavar="none|calm|bad|FILE", help=_("What goes wrong there, and how often."))
    ] = "none",
    inbound_url: Annotated[
        str, typer.Option(metavar="URL", help=_("Where answers of phones are reported."))
    ] = "http://127.0.0.1:8025/twilio/inbound",
) -> None:
    from dispatcher.cli import console, failure_profiles
    from dispatcher.sandbox import process

    mix = failure_profiles.load_failures(failures, 1)
    with process.start(
        folder, failures=mix, inbound_url=inbound_url, http_port=http_port, smtp_port=smtp_port
    ) as sandbox:
        for name, value in sandbox.environ().items():
            console.print_line(f"export {name}={value}")
        console.print_line("export DISPATCHER_MAIL_FROM=nhac@hatay.example")
        console.print_note(
            _("It serves until Ctrl-C; what it takes is written to {folder}.", folder=sandbox.folder)
        )
        _wait_for_signal()


def _wait_for_signal() -> None:
    import signal
    import threading

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
