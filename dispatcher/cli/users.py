"""`users`: who may sign in: add, password, mail, list, remove. A password is made here and shown once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import JsonOption, WhoOption, YesOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.ledger import Ledger
    from dispatcher.ledger.access.users import Role

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=_("The name they sign in with."))]
PasswordStdinOption = Annotated[
    bool, typer.Option("--password-stdin", help=_("Read the password from standard input."))
]

users_app = typer.Typer(
    no_args_is_help=True, help=_("Who may sign in to the pages: add, password, mail, list, remove.")
)


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(users_app, name="users")


@users_app.command("add", help=_("Let somebody in, or give them another role; a known password stays."))
def add_(
    name: NameArgument,
    role: Annotated[
        str,
        typer.Option(
            "--role", metavar="viewer|lead|organiser|admin",
            help=_("What they may do; of somebody new without it: viewer."),
        ),
    ] = "",
    area: Annotated[
        str, typer.Option("--area", metavar="AREA", help=_("The thôn of a lead, as the lists write it."))
    ] = "",
    password_stdin: PasswordStdinOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    from dispatcher.cli import console, context
    from dispatcher.ledger.access import users
    from dispatcher.web import passwords

    name, area = name.strip(), area.strip()
    with context.ledger(context.brake_settings()) as ledger:
        known = users.find(ledger, name)
        wanted = _parse_role(name, role or (known.role if known else "viewer"))
        area = _listed_area(ledger, area) if wanted == "lead" else ""
        password = _read_password(name) if password_stdin else ""
        if known and not password:
            _change_role(ledger, name, role=wanted, area=area, who=context.acting_user(who))
        else:
            generated = "" if password else secrets.token_urlsafe(12)
            users.save(
                ledger, name, role=wanted, area=area,
                password_hash=passwords.hash_password(password or generated), must_change=bool(generated),
                who=context.acting_user(who), now=context.now(),
            )  # fmt: skip
            password = generated
    if as_json:
        value = {"name": name, "role": wanted, "area": area, "new": known is None}
        console.print_json({**value, "password": password} if password and not password_stdin else value)
        return
    console.print_line(_("{name} was changed.", name=name) if known else _("{name} may sign in.", name=name))
    if password and not password_stdin:
        _print_password(password)


def _change_role(ledger: Ledger, name: str, *, role: Role, area: str, who: str) -> None:
    from dispatcher.cli import context
    from dispatcher.ledger.access import sessions, users

    try:
        users.change_role(ledger, name, role=role, area=area, who=who, now=context.now())
    except users.LastAdministrator:
        words = _("{name} is the only administrator. Make another one first.", name=name)
        raise typer.BadParameter(words, param_hint="--role") from None
    # Whoever runs the service lets them in again, whatever was guessed in their name.
    sessions.record_login_attempt(ledger, name=name, source="", ok=True, now=context.now())


@users_app.command(
    "password", help=_("Give somebody a new password, shown once; opens a door that was shut.")
)
def password_(
    name: NameArgument,
    password_stdin: PasswordStdinOption = False,
    remove_second_factor: Annotated[
        bool,
        typer.Option("--remove-second-factor", help=_("Ask for no codes any more: the phone is lost.")),
    ] = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.access import users
    from dispatcher.web import passwords

    name = name.strip()
    password = _read_password(name) if password_stdin else secrets.token_urlsafe(12)
    with context.ledger(context.brake_settings()) as ledger:
        if not users.set_password(
            ledger, name, password_hash=passwords.hash_password(password), must_change=not password_stdin,
            who=context.acting_user(who), now=context.now(),
        ):  # fmt: skip
            raise context.NotFound(_("there is no user {name}", name=repr(name)))
        if remove_second_factor:
            users.set_second_factor(
                ledger, name, salt="", step=0, who=context.acting_user(who), now=context.now()
            )
    if as_json:
        console.print_json({"name": name} if password_stdin else {"name": name, "password": password})
        return
    console.print_line(_("{name} has a new password.", name=name))
    if not password_stdin:
        _print_password(password)


@users_app.command(
    "mail", help=_("Say where a link for a forgotten password goes, and word of changes to the account.")
)
def mail_(
    name: NameArgument,
    address: Annotated[
        str, typer.Argument(metavar="[ADDRESS]", help=_("Their mail address; without it: none any more."))
    ] = "",
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.contacts import email_cell
    from dispatcher.ledger.access import users

    name, typed = name.strip(), address.strip()
    email = email_cell.parse(typed)
    if typed and not email.address:
        raise typer.BadParameter(_(email_cell.REASONS[email.reason]), param_hint=_("ADDRESS"))
    with context.ledger(context.brake_settings()) as ledger:
        if not users.set_email(ledger, name, email.address, who=context.acting_user(who), now=context.now()):
            raise context.NotFound(_("there is no user {name}", name=repr(name)))
    if as_json:
        console.print_json({"name": name, "mail": email.address})
    elif email.address:
        console.print_line(_("{name}: mails go to {address}.", name=name, address=email.address))
    else:
        console.print_line(_("{name}: no mails are sent any more.", name=name))


def _print_password(password: str) -> None:
    from dispatcher.cli import console

    console.print_line(_("Password, shown this once: {password}", password=password))
    console.print_line(_("It is to be changed at the first sign-in."))


def _listed_area(ledger: Ledger, area: str) -> str:
    """Return the thôn of the lists that is meant, accents and all. Raises BadParameter when it is none."""
    from dispatcher.contacts.area_names import exact_area
    from dispatcher.ledger.queries import areas

    listed = areas.listed(ledger)
    if found := exact_area(area, listed):
        return found
    if not listed:
        words = _("No list with a thôn has been taken in yet. First: dispatcher contacts load")
    elif not area:
        words = _("A thôn lead needs a thôn: one of {areas}.", areas=", ".join(listed))
    else:
        words = _("No list has a thôn of exactly this name. Write one of {areas}.", areas=", ".join(listed))
    raise typer.BadParameter(words, param_hint="--area")


def _parse_role(name: str, role: str) -> Role:
    """Return the role that is meant. Raises BadParameter for it, and for a name that cannot be."""
    from dispatcher.ledger.access import users

    if not users.NAME_PATTERN.fullmatch(name):
        words = _("A name holds Latin letters, digits and . _ - @ only.")
        raise typer.BadParameter(words, param_hint=_("NAME"))
    known = next((one for one in users.ROLES if one == role), None)
    if known is None:
        words = _("write one of {roles}", roles=", ".join(users.ROLES))
        raise typer.BadParameter(words, param_hint="--role")
    return known


def _read_password(name: str) -> str:
    """Read the first line of standard input. Raises BadParameter when it is no password, or a weak one."""
    import sys

    from dispatcher.web import passwords

    password = sys.stdin.readline().rstrip("\r\n")
    if problem := passwords.weakness(password, [name]):
        raise typer.BadParameter(problem, param_hint="--password-stdin")
    return password


@users_app.command("list", help=_("Who may sign in."))
def list_(as_json: JsonOption = False) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.access import users
    from dispatcher.report import labels
    from dispatcher.vietnamese.dates import VIETNAM

    with context.ledger(context.brake_settings()) as ledger:
        accounts = users.accounts(ledger)
    if as_json:
        console.print_json(
            [
                {
                    "name": one.name,
                    "role": one.role,
                    "area": one.area,
                    "since": one.created_at.isoformat(),
                    "mail": one.email,
                }
                for one in accounts
            ]
        )
        return
    if not accounts:
        console.print_line(_("Nobody. Add the first with: dispatcher users add NAME --role admin"))
        return
    console.print_table(
        (_("name"), _("role"), _("thôn"), _("mail"), _("since")),
        [
            (
                one.name,
                labels.label(labels.ROLES, one.role),
                one.area,
                one.email,
                f"{one.created_at.astimezone(VIETNAM):%d/%m/%Y}",
            )
            for one in accounts
        ],
    )  # fmt: skip


@users_app.command("remove", help=_("Let somebody in no more; ends their sessions."))
def remove(
    name: NameArgument,
    yes: YesOption = False,
    who: WhoOption = "",
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.access import users

    with context.ledger(context.brake_settings()) as ledger:
        question = _("Let {name} in no more? [y/n]", name=name)
        console.require_confirmation(question, yes=yes)
        if not users.remove(ledger, name, who=context.acting_user(who), now=context.now()):
            raise context.NotFound(_("there is no user {name}", name=repr(name)))
    console.print_line(_("{name} may sign in no more.", name=name))
