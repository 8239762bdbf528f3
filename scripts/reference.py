"""Writes the parts of docs/reference.md that the code itself knows: verbs, TOML keys, words of templates.

Called by `make docs`.

Each part stands between `<!-- NAME: written by make docs -->` and `<!-- end -->`; people write the rest.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dispatcher.campaign import schema
from dispatcher.message.digest import DIGEST_VARIABLES
from dispatcher.message.filters import FILTERS
from dispatcher.message.template_variables import VARIABLES

REFERENCE = Path(__file__).parent.parent / "docs" / "reference.md"
PART = re.compile(r"(<!-- (\w+): written by make docs -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Write the reference anew; with `--check` only tell, by the exit code, whether it is fresh."""
    text = REFERENCE.read_text(encoding="utf-8")
    fresh = filled(text)
    if "--check" in sys.argv:
        sys.exit("docs/reference.md is stale: run `make docs`" if text != fresh else 0)
    REFERENCE.write_text(fresh, encoding="utf-8")


def filled(text: str) -> str:
    """Return `text` with every part as the code has it now."""
    parts = {"keys": schema.reference, "verbs": verbs, "values": values, "filters": filters}
    return PART.sub(lambda found: f"{found[1]}{parts[found[2]]().strip()}\n{found[3]}", text)


def values() -> str:
    """Return what a template may say, as a table."""
    of_digests = {name: f"Digests: {meaning}" for name, meaning in DIGEST_VARIABLES.items()}
    return _table(("Value", "Meaning"), {**VARIABLES, **of_digests})


def filters() -> str:
    """Return what a template may do with a value, as a table: the first line of what each filter says."""
    said = {name: (function.__doc__ or "").partition("\n")[0] for name, function in FILTERS.items()}
    return _table(("Filter", "What it does"), said)


def _table(heads: tuple[str, str], rows: Mapping[str, str]) -> str:
    lines = [f"| {heads[0]} | {heads[1]} |", "| --- | --- |"]
    lines += [
        f"| `{name}` | {meaning[:1].upper()}{meaning[1:].rstrip('.')}. |" for name, meaning in rows.items()
    ]
    return "\n".join(lines)


def verbs() -> str:
    """Return every verb of the command line with its arguments and options."""
    import typer.main

    from dispatcher import i18n

    i18n.set_language("en")
    from dispatcher.cli import app

    return "\n".join(_verbs("dispatcher", typer.main.get_command(app)))


def _verbs(path: str, command: Any) -> Iterator[str]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _verbs(f"{path} {name}", inner)
    elif not command.hidden:
        yield from _verb(path, command)


def _verb(path: str, command: Any) -> Iterator[str]:
    context = command.context_class(command)
    shown = [part for part in command.params if part.name != "help" and not part.hidden]
    words = [_word(part) for part in shown if part.param_type_name == "argument"]
    yield f"#### `{' '.join([path, *words])}`\n\n{_cell(command.help or '')}\n"
    for part in shown:
        names, meaning = part.get_help_record(context)
        if part.help:
            yield f"- `{_word(part) if part.param_type_name == 'argument' else names}`: {_cell(meaning)}"
    yield ""


def _word(argument: Any) -> str:
    word = argument.name.upper() + ("..." if argument.nargs == -1 else "")
    return word if argument.required else f"[{word}]"


def _cell(text: str) -> str:
    return " ".join(text.replace("[required]", "").split())


if __name__ == "__main__":
    main()
