"""`users`: who may sign in to the pages: add, list, remove. A password is made here and shown once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import AsJson, Who
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.ledger.users import Role

users_app = typer.Typer(no_args_is_help=True, help=_("Who may sign in to the pages: add, list, remove."))


def add(app: typer.Typer) -> None:
    """Add these verbs."""
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
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import users
    from dispatcher.web import passwords

    name, known = name.strip(), _role(name.strip(), role, area)
    password = _given_password() if password_stdin else secrets.token_urlsafe(12)
    with opening.ledger(opening.settings()) as ledger:
        new = users.put(
            ledger, name, role=known, area=area.strip(),
            password_hash=passwords.hashed(password), who=opening.who(who), now=opening.now(),
        )  # fmt: skip
    if as_json:
        value = {"name": name, "role": known, "area": area.strip(), "new": new}
        speaking.answer(value if password_stdin else {**value, "password": password})
        return
    speaking.say(_("{name} may sign in.", name=name) if new else _("{name} was changed.", name=name))
    if not password_stdin:
        speaking.say(_("Password, shown this once: {password}", password=password))


def _role(name: str, role: str, area: str) -> Role:
    """Give the role that is meant. Raises BadParameter for it, and for a name or a thôn that cannot be."""
    from dispatcher.ledger import users

    if not users.NAME.fullmatch(name):
        words = _("A name holds Latin letters, digits and . _ - @ only.")
        raise typer.BadParameter(words, param_hint=_("NAME"))
    known = next((one for one in users.ROLES if one == role), None)
    if known is None:
        words = _("write one of {roles}", roles=", ".join(users.ROLES))
        raise typer.BadParameter(words, param_hint="--role")
    if known == "lead" and not area.strip():
        raise typer.BadParameter(_("A thôn lead needs a thôn."), param_hint="--area")
    return known


def _given_password() -> str:
    """Read the first line of standard input. Raises BadParameter when it is no password."""
    import sys

    from dispatcher.web import passwords

    given = sys.stdin.readline().rstrip("\r\n")
    if not passwords.LENGTH_MIN <= len(given) <= passwords.LENGTH_MAX:
        words = _("A password has at least {n} characters.", n=passwords.LENGTH_MIN)
        raise typer.BadParameter(words, param_hint="--password-stdin")
    return given


@users_app.command("list", help=_("Who may sign in."))
def list_(as_json: AsJson = False) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import users
    from dispatcher.report import words
    from dispatcher.vietnamese.dates import VIETNAM

    with opening.ledger(opening.settings()) as ledger:
        found = users.accounts(ledger)
    if as_json:
        speaking.answer(
            [
                {"name": one.name, "role": one.role, "area": one.area, "since": one.made_at.isoformat()}
                for one in found
            ]
        )
        return
    if not found:
        speaking.say(_("Nobody. Add the first with: dispatcher users add NAME --role admin"))
        return
    speaking.draw(
        (_("name"), _("role"), _("thôn"), _("since")),
        [
            (
                one.name,
                words.said(words.ROLES, one.role),
                one.area,
                f"{one.made_at.astimezone(VIETNAM):%d/%m/%Y}",
            )
            for one in found
        ],
    )  # fmt: skip


@users_app.command("remove", help=_("Let somebody in no more; ends their sessions."))
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("The name they sign in with."))],
    who: Who = "",
) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import users

    with opening.ledger(opening.settings()) as ledger:
        if not users.remove(ledger, name, who=opening.who(who), now=opening.now()):
            raise opening.Unknown(_("there is no user {name}", name=repr(name)))
    speaking.say(_("{name} may sign in no more.", name=name))
