"""The typer application: registers the commands of every module.

Each file of verbs imports what it works with when a verb is called: start-up stays fast.
"""

from __future__ import annotations

from typing import Annotated

import typer

from dispatcher import __version__
from dispatcher.cli import (
    backup,
    bounces,
    campaigns,
    check,
    config,
    contacts,
    db,
    drill,
    export,
    forget,
    golive,
    init,
    optout,
    participation,
    phone_and_sms,
    plan,
    preview,
    reconcile,
    rename,
    reply,
    report,
    retention,
    rights,
    run,
    sandbox,
    simulate,
    status,
    users,
    why,
)
from dispatcher.cli.help_texts import HELP_OPTIONS
from dispatcher.i18n import _

app = typer.Typer(
    name="dispatcher",
    help=_("Reminds people, in their own language, of a thing with a deadline: by SMS and e-mail."),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": list(HELP_OPTIONS)},
)


def _version(is_requested: bool) -> None:
    if is_requested:
        typer.echo(f"dispatcher {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help=_("Say which version this is.")),
    ] = False,
    lang: Annotated[
        str, typer.Option("--lang", metavar="vi|en", help=_("Language of the answer; may stand anywhere."))
    ] = "vi",
) -> None:
    """Read what holds for every verb; the language was decided before."""


COMMAND_MODULES = (
    init, check, contacts, plan, preview, phone_and_sms, reply, simulate, drill, run, backup, db, sandbox,
    status, report, why, reconcile, config, campaigns, rename, optout, participation, export, rights, forget,
    retention, golive, bounces, users,
)  # fmt: skip
for module in COMMAND_MODULES:
    module.register(app)
