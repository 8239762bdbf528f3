"""Writes the parts of docs/reference.md that the code itself knows: verbs and TOML keys (`make docs`).

Each part stands between `<!-- NAME: written by make docs -->` and `<!-- end -->`; people write the rest.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dispatcher.campaign.model import Schedules

REFERENCE = Path(__file__).parent.parent / "docs" / "reference.md"
PART = re.compile(r"(<!-- (\w+): written by make docs -->\n).*?(<!-- end -->)", re.DOTALL)
Shape = Mapping[str, Any]  # a JSON Schema


def main() -> None:
    """Write the reference anew; with `--check` only tell, by the exit code, whether it is fresh."""
    text = REFERENCE.read_text(encoding="utf-8")
    fresh = filled(text)
    if "--check" in sys.argv:
        sys.exit("docs/reference.md is stale: run `make docs`" if text != fresh else 0)
    REFERENCE.write_text(fresh, encoding="utf-8")


def filled(text: str) -> str:
    """Give `text` with every part as the code has it now."""
    parts = {"keys": keys, "verbs": verbs}
    return PART.sub(lambda found: f"{found[1]}{parts[found[2]]()}\n{found[3]}", text)


# --- schedules.toml -----------------------------------------------------------------------------------


def keys() -> str:
    """Give a table of keys for each table of schedules.toml."""
    schema = Schedules.model_json_schema(by_alias=True)
    return "\n".join(_tables("", "", schema, schema["$defs"]))


def _tables(heading: str, path: str, shape: Shape, shapes: Mapping[str, Shape]) -> Iterator[str]:
    """Tell the keys of one table, then those of the tables inside it."""
    inner = []
    yield f"#### `{heading}`\n" if heading else "#### At the top of the file\n"
    yield "| Key | Value | Default | Meaning |\n|---|---|---|---|"
    for key, value in shape["properties"].items():
        name, is_list, suffix = _referred(value)
        inside = f"{path}.{key}".lstrip(".") + suffix
        if name:
            inner.append((f"[[{inside}]]" if is_list else f"[{inside}]", inside, shapes[name]))
        meaning = value.get("description") or shapes[name].get("description", "")
        default = "required" if key in shape.get("required", ()) else _default(value)
        yield f"| `{key}` | {_value(value)} | {default} | {_cell(meaning)} |"
    yield ""
    for found in inner:
        yield from _tables(*found, shapes)


def _referred(value: Shape) -> tuple[str, bool, str]:
    """Give the shape that `value` holds, whether it is a list of them, and what stands for their names."""
    for place, is_list, suffix in (
        (value, False, ""),
        (value.get("items"), True, ""),
        (value.get("additionalProperties"), False, ".NAME"),
    ):
        if isinstance(place, Mapping) and "$ref" in place:
            name = place["$ref"].rpartition("/")[2]
            return name, is_list, '."PATTERN"' if name == "ListColumns" else suffix
    return "", False, ""


def _value(value: Shape) -> str:
    """Say in a word or two what may be written."""
    if "anyOf" in value:
        return " or ".join(
            _value(one) for one in value["anyOf"] if "const" not in one and one["type"] != "null"
        )
    if "enum" in value or "const" in value:
        return ", ".join(f"`{json.dumps(one)}`" for one in value.get("enum", [value.get("const")]))
    if value.get("examples"):
        return "like " + ", ".join(f"`{one}`" for one in value["examples"])
    if value.get("type") == "array":
        return f"list of: {_value(value['items'])}"
    if value.get("type") == "integer":
        least = value.get("minimum", value.get("exclusiveMinimum", -1) + 1)
        return (
            f"whole number {least}-{value['maximum']}" if "maximum" in value else f"whole number from {least}"
        )
    return {"boolean": "`true`, `false`", "string": "text"}.get(value.get("type", ""), "table")


def _default(value: Shape) -> str:
    default = value.get("default")
    if default in (None, "", []):
        return ""
    if isinstance(default, Mapping):  # hours
        default = "-".join(str(moment)[:5] for moment in default.values())
    if isinstance(default, str):
        default = re.sub(r"^PT?(\d+)([DHM])$", lambda found: found[1] + found[2].lower(), default)
    return f"`{json.dumps(default)}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# --- the command line ---------------------------------------------------------------------------------


def verbs() -> str:
    """Give every verb of the command line with its arguments and options."""
    import typer.main

    from dispatcher import i18n

    i18n.use("en")
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
    shown = [p for p in command.params if p.name != "help" and not getattr(p, "hidden", False)]
    words = [p.make_metavar(context) for p in shown if p.param_type_name == "argument"]
    yield f"#### `{' '.join([path, *words])}`\n\n{_cell(command.help or '')}\n"
    for option in shown:
        if option.param_type_name == "option":
            value = "" if option.is_flag else f" {option.make_metavar(context)}"
            names = ", ".join([*option.opts, *option.secondary_opts])
            yield f"- `{names}{value}`: {_cell(option.help or '')}"
    yield ""


if __name__ == "__main__":
    main()
