"""`sandbox`: made-up people, and servers to send to on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dispatcher.i18n import _

SANDBOX_FOLDER = Path("var/sandbox")


def register(app: typer.Typer) -> None:
    """Register the command group."""
    sandbox = typer.Typer(no_args_is_help=True, help=_("Servers and people to try everything with."))
    sandbox.command("people", help=_("Write lists of made-up people, of any size."))(people)
    sandbox.command("serve", help=_("Servers for texts and mails on this machine."))(serve)
    app.add_typer(sandbox, name="sandbox")


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
        problem = _("between 1 and {most}", most=console.format_number(RESIDENTS_MAX))
        raise typer.BadParameter(problem, param_hint="--residents")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise typer.BadParameter(_("{folder} is not an empty folder", folder=out))
    lists = generate(out, residents=residents, seed=seed)
    for file in lists.files:
        console.print_line(str(file))
    console.print_note(
        _(
            "{staff} staff, {party} party members, {parents} parents, {residents} residents",
            staff=console.format_number(lists.staff), party=console.format_number(lists.party),
            parents=console.format_number(lists.parents), residents=console.format_number(lists.residents),
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
        str,
        typer.Option(
            metavar="URL", help=_("Where answers of phones are reported; else to the service here.")
        ),
    ] = "",
) -> None:
    from dispatcher.cli import console, context, failure_option
    from dispatcher.sandbox import process

    profile = failure_option.load_failures(failures, 1)
    inbound_url = inbound_url or process.inbound_url(f"http://{context.settings().bind}")
    with process.start(
        folder, failures=profile, inbound_url=inbound_url, http_port=http_port, smtp_port=smtp_port
    ) as sandbox:
        for name, value in sandbox.environ().items():
            console.print_line(f"export {name}={value}")
        console.print_line("export DISPATCHER_MAIL_FROM=nhac@hatay.example")
        console.print_line("export DISPATCHER_TRIAL=1")
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
