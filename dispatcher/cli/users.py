"""`users`: who may sign in to the pages: add, list, remove. A password is made here and shown once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import JsonOption, WhoOption, YesOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.ledger.access.users import Role

users_app = typer.Typer(no_args_is_help=True, help=_("Who may sign in to the pages: add, list, remove."))


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(users_app, name="users")


@users_app.command("add", help=_("Let somebody in, or give them a new password or role."))
def add_(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("The name they sign in with."))],
    role: Annotated[
        str, typer.Option("--role", metavar="viewer|lead|organiser|admin", help=_("What they may do."))
    ] = "viewer",
    area: Annotated[
        str, typer.Option("--area", metavar="AREA", help=_("The thôn of a lead, as the lists write it."))
    ] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help=_("Read the password from standard input."))
    ] = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.access import users
    from dispatcher.web import passwords

    name, known = name.strip(), _parse_role(name.strip(), role, area)
    password = _read_password() if password_stdin else secrets.token_urlsafe(12)
    with context.ledger(context.settings()) as ledger:
        new = users.save(
            ledger, name, role=known, area=area.strip(),
            password_hash=passwords.hash_password(password), who=context.acting_user(who), now=context.now(),
        )  # fmt: skip
    if as_json:
        value = {"name": name, "role": known, "area": area.strip(), "new": new}
        console.print_json(value if password_stdin else {**value, "password": password})
        return
    console.print_line(_("{name} may sign in.", name=name) if new else _("{name} was changed.", name=name))
    if not password_stdin:
        console.print_line(_("Password, shown this once: {password}", password=password))


def _parse_role(name: str, role: str, area: str) -> Role:
    """Return the role that is meant. Raises BadParameter for it, and for a name or a thôn that cannot be."""
    from dispatcher.ledger.access import users

    if not users.NAME_PATTERN.fullmatch(name):
        words = _("A name holds Latin letters, digits and . _ - @ only.")
        raise typer.BadParameter(words, param_hint=_("NAME"))
    known = next((one for one in users.ROLES if one == role), None)
    if known is None:
        words = _("write one of {roles}", roles=", ".join(users.ROLES))
        raise typer.BadParameter(words, param_hint="--role")
    if known == "lead" and not area.strip():
        raise typer.BadParameter(_("A thôn lead needs a thôn."), param_hint="--area")
    return known


def _read_password() -> str:
    """Read the first line of standard input. Raises BadParameter when it is no password."""
    import sys

    from dispatcher.web import passwords

    password = sys.stdin.readline().rstrip("\r\n")
    if not passwords.LENGTH_MIN <= len(password) <= passwords.LENGTH_MAX:
        words = _("A password has at least {n} characters.", n=passwords.LENGTH_MIN)
        raise typer.BadParameter(words, param_hint="--password-stdin")
    return password


@users_app.command("list", help=_("Who may sign in."))
def list_(as_json: JsonOption = False) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.access import users
    from dispatcher.report import labels
    from dispatcher.vietnamese.dates import VIETNAM

    with context.ledger(context.settings()) as ledger:
        accounts = users.accounts(ledger)
    if as_json:
        console.print_json(
            [
                {"name": one.name, "role": one.role, "area": one.area, "since": one.created_at.isoformat()}
                for one in accounts
            ]
        )
        return
    if not accounts:
        console.print_line(_("Nobody. Add the first with: dispatcher users add NAME --role admin"))
        return
    console.print_table(
        (_("name"), _("role"), _("thôn"), _("since")),
        [
            (
                one.name,
                labels.label(labels.ROLES, one.role),
                one.area,
                f"{one.created_at.astimezone(VIETNAM):%d/%m/%Y}",
            )
            for one in accounts
        ],
    )  # fmt: skip


@users_app.command("remove", help=_("Let somebody in no more; ends their sessions."))
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("The name they sign in with."))],
    yes: YesOption = False,
    who: WhoOption = "",
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.access import users

    with context.ledger(context.settings()) as ledger:
        question = _("Let {name} in no more? [y/n]", name=name)
        console.require_confirmation(question, yes=yes, unattended=True)
        if not users.remove(ledger, name, who=context.acting_user(who), now=context.now()):
            raise context.NotFound(_("there is no user {name}", name=repr(name)))
    console.print_line(_("{name} may sign in no more.", name=name))
