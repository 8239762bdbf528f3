"""The JSON Schema of schedules.toml for editors, and its keys for the reference; both made from the models.

`python -m dispatcher.campaign.schema FILE` writes the schema.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dispatcher.campaign.audiences import Audience, ListColumns
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.office import Office, Prices, Retention
from dispatcher.campaign.rights import Rights
from dispatcher.campaign.steps import RENAMED_KEYS, Digest, Step

SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("", Schedules),
    ("office.", Office),
    ("prices.", Prices),
    ("retention.", Retention),
    ("rights.", Rights),
    ("audience.NAME.", Audience),
    ('audience.NAME.columns."PATTERN".', ListColumns),
    ("campaign.NAME.", Campaign),
    ("campaign.NAME.step.", Step),
    ("campaign.NAME.digest.", Digest),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyReference:
    """One key of schedules.toml: where, what may stand there, what holds without it, what it does."""

    path: str
    type: str
    default: str  # empty: the key is needed
    effect: str


def build_schema() -> dict[str, Any]:
    """Make the schema."""
    schema = Schedules.model_json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **_without_nulls(schema),
        "title": "schedules.toml",
    }


def schema_text() -> str:
    """Return the schema as it is committed."""
    return json.dumps(build_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def list_keys() -> Iterator[KeyReference]:
    """Yield every key, in the order of the file; sections themselves are not listed."""
    schema = build_schema()
    for prefix, model in SECTIONS:
        shapes = schema["properties"] if model is Schedules else schema["$defs"][model.__name__]["properties"]
        for name, field in model.model_fields.items():
            key = field.alias or name
            if not _is_section(prefix, key):
                yield KeyReference(
                    path=prefix + key,
                    type=_type(shapes[key]),
                    default=_default(field, shapes[key]),
                    effect=field.description or "",
                )
        for old in sorted(RENAMED_KEYS.keys() & shapes.keys()):
            shape = shapes[old]
            yield KeyReference(
                path=prefix + old, type=_type(shape), default="none", effect=shape["description"]
            )


def reference() -> str:
    """Write the keys as the table of the reference, in Markdown."""
    rows = [("Key", "Type", "Default", "Effect"), ("---",) * 4]
    for key in list_keys():
        default = "needed" if not key.default else key.default if " " in key.default else f"`{key.default}`"
        rows.append((f"`{key.path}`", key.type, default, key.effect))
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in rows)


def _is_section(prefix: str, key: str) -> bool:
    return any(path.startswith(f"{prefix}{key}.") for path, _model in SECTIONS)


def _type(shape: dict[str, Any]) -> str:
    if "enum" in shape:
        return " | ".join(json.dumps(word) for word in shape["enum"])
    if "const" in shape:
        return json.dumps(shape["const"])
    if "anyOf" in shape:
        return " or ".join(_type(choice) for choice in shape["anyOf"])
    if shape.get("type") == "array":
        return f"list of {_type(shape['items'])}"
    if shape.get("type") == "object":
        return "table"
    return {"string": "text", "integer": "whole number", "boolean": "true | false"}[shape["type"]]


def _default(field: FieldInfo, shape: dict[str, Any]) -> str:
    if field.is_required():
        return ""
    if field.default is None:
        return "none"
    if "default" in shape:
        return json.dumps(shape["default"], ensure_ascii=False)
    return "{}" if shape.get("type") == "object" else "see effect"


def _without_nulls(shape: Any) -> Any:
    """Take out null: TOML has none, and an editor that offers it misleads."""
    if isinstance(shape, list):
        return [_without_nulls(item) for item in shape]
    if not isinstance(shape, dict):
        return shape
    made = {
        key: _without_nulls(value) for key, value in shape.items() if not (key == "default" and value is None)
    }
    choices = [choice for choice in made.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del made["anyOf"]
        made = {**choices[0], **made}
    elif choices:
        made["anyOf"] = choices
    return made


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema_text(), encoding="utf-8")
