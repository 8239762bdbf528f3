"""`config show`: every setting in force, and where it was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from dispatcher.cli.options import JsonOption
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.env_files import SettingSources
    from dispatcher.settings import Setting

MASK = "•••"


def register(app: typer.Typer) -> None:
    """Register the command group."""
    group = typer.Typer(no_args_is_help=True, help=_("The settings."))
    group.command("show", help=_("Every setting in force and where it was said; secrets are not shown."))(
        show
    )
    app.add_typer(group, name="config")


def show(as_json: JsonOption = False) -> None:
    from dispatcher.cli import console, context
    from dispatcher.errors import ConfigurationError
    from dispatcher.gateways import registry

    sources = context.setting_sources()
    rows = [_row(sources, row) for row in registry.setting_rows()]
    try:
        context.settings()
        problems = []
    except ConfigurationError as broken:
        problems = list(broken.problems)
    if as_json:
        files = [str(file.path) for file in sources.files]
        console.print_json({"settings": rows, "files": files, "problems": console.problems_as_json(problems)})
    else:
        console.print_table(
            (_("setting"), _("value"), _("said in")),
            [(row["name"], row["value"], _place(row)) for row in rows],
        )
        console.print_problems(problems)
    raise typer.Exit(2 if problems else 0)


def _row(sources: SettingSources, row: Setting) -> dict[str, Any]:
    """Return one setting; `source` is environment, default or the name of a file."""
    from dispatcher.settings import shown

    said_as = sources.said_as(row)
    origin = sources.origins.get(said_as)
    value = sources.values.get(said_as or row.name, row.default)
    is_path = said_as not in {"", row.name}  # NAME_FILE
    return {
        "name": said_as or row.name,
        "value": value if is_path or not value else shown(value, row) or MASK,
        "secret": row.is_secret,
        "source": str(origin.file) if origin else "environment" if said_as else "default",
        "line": origin.line if origin else None,
    }


def _place(row: dict[str, Any]) -> str:
    if row["line"]:
        return f"{row['source']}:{row['line']}"
    return _("environment") if row["source"] == "environment" else _("nowhere: the default")
