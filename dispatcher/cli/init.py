"""`init`: a folder with everything a first campaign needs, and somebody who may sign in."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import JsonOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.settings import Settings
    from dispatcher.starter import NewOffice

ADMIN = "admin"
OFFICE, SENDER, PHONE, MAIL = "UBND xã Mẫu", "UBND XA MAU", "0220 000 0000", "ubnd@xa.example.vn"
FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help=_("A new or an empty folder."))]


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("Begin: write a sample campaign, words, lists and settings into a folder."))(init)


def init(
    folder: FolderArgument,
    office: Annotated[str, typer.Option(metavar="NAME", help=_("The office that speaks."))] = "",
    sender: Annotated[
        str, typer.Option(metavar="NAME", help=_("Name on texts, at most 11 letters without accents."))
    ] = "",
    phone: Annotated[str, typer.Option(metavar="NUMBER", help=_("Whom people may call."))] = "",
    mail: Annotated[str, typer.Option(metavar="ADDRESS", help=_("Where people may write."))] = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher import starter
    from dispatcher.cli import console

    facts = starter.NewOffice(
        name=office or _ask(_("Name of the office"), OFFICE),
        sender=sender or _ask(_("Sender of texts"), SENDER),
        phone=phone or _ask(_("Telephone"), PHONE),
        mail=mail or _ask(_("E-mail"), MAIL),
    )
    files, password = set_up(folder, facts)
    if as_json:
        listed = [str(file.relative_to(folder)) for file in files]
        console.print_json({"folder": str(folder), "files": listed, "user": ADMIN, "password": password})
        return
    for file in files:
        console.print_line(f"  {file.relative_to(folder)}")
    console.print_line(
        _("Sign in as {name}. Password, shown this once: {password}", name=ADMIN, password=password)
    )
    console.print_line(_("Next: cd {folder}, then: dispatcher check; dispatcher run", folder=folder))


def set_up(folder: Path, office: NewOffice, *, beside_others: bool = False) -> tuple[tuple[Path, ...], str]:
    """Write a first campaign into `folder`, and make `admin`; gives the files and the password.

    Raises ConfigurationError, and leaves nothing half done: a sender too long, a telephone that is none.
    """
    from dispatcher import starter
    from dispatcher.cli import context
    from dispatcher.configuration import load_configuration
    from dispatcher.errors import ConfigurationError

    today = context.now().astimezone().date()
    files = starter.create(folder, office, today=today, beside_others=beside_others)
    settings = context.settings_in(folder)
    try:
        load_configuration(settings, None)
    except ConfigurationError:
        starter.remove(folder, files)
        raise
    return files, _add_admin(settings)


def _ask(question: str, default: str) -> str:
    """Return what somebody at a terminal answers; elsewhere the default."""
    return str(typer.prompt(question, default=default)) if sys.stdin.isatty() else default


def _add_admin(settings: Settings) -> str:
    """Make the ledger and somebody who may do everything. Returns the password."""
    from dispatcher.cli import context
    from dispatcher.ledger.access import users
    from dispatcher.web import passwords

    password = secrets.token_urlsafe(12)
    with context.ledger(settings, create=True) as ledger:
        users.save(
            ledger, ADMIN, role="admin", area="", password_hash=passwords.hash_password(password),
            who=context.acting_user(""), now=context.now(),
        )  # fmt: skip
        context.keep_configuration(settings, ledger)
    return password
