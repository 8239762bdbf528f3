"""Tells the shape of an answer, and what of an older shape is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# Objects whose keys are data: their values have one shape, their keys may be code words.
MAPS = frozenset({"per_day", "points", "reasons", "statuses", "subresource_uris", "headers", "headings"})
# Strings under these names are code words, unless they look like something else.
WORDY = frozenset(
    {
        "basis", "channel", "class", "direction", "encoding", "flags", "found", "how", "kind", "lead",
        "outcome", "reason", "reasons", "repairs", "result", "role", "scope", "severity", "state", "status",
        "statuses", "why",
    }
)  # fmt: skip
WORD = re.compile(r"[a-z][a-z0-9]*([-_.:][a-z0-9]+)*")


Shape = dict[str, list[str]]  # where in the value → JSON types there; [] is any element, {} any key
Found = dict[str, Any]


def shape(*values: Any) -> Shape:
    """Tell which JSON types stand where in the values, lists merged over their elements."""
    found: dict[str, set[str]] = {}
    for value in values:
        for path, kind, _value in _walk(value, ""):
            found.setdefault(path, set()).add(kind)
    return {path: sorted(kinds) for path, kinds in sorted(found.items())}


def words(*values: Any) -> Shape:
    """Tell which code words stand where in the values."""
    found: dict[str, set[str]] = {}
    for value in values:
        for path, _kind, leaf in _walk(value, ""):
            name = re.split(r"[.\[{]", path.removesuffix("[]"))[-1]
            said = leaf if name in MAPS and isinstance(leaf, dict) else [leaf]
            if name in WORDY:
                known = [word for word in said if isinstance(word, str) and WORD.fullmatch(word)]
                found.setdefault(path, set()).update(known)
    return {path: sorted(kinds) for path, kinds in sorted(found.items()) if kinds}


def _walk(value: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    yield path, _kind(value), value
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, f"{path}[]")
    elif isinstance(value, dict):
        is_map = re.split(r"[.\[{]", path)[-1] in MAPS
        for name, item in value.items():
            yield from _walk(item, f"{path}{{}}" if is_map else f"{path}.{name}".lstrip("."))


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    kinds = ((bool, "boolean"), (int | float, "number"), (str, "string"), (list, "array"), (dict, "object"))
    return next(name for kind, name in kinds if isinstance(value, kind))


def differences(golden: Found, found: Found) -> list[str]:
    """Tell what of the golden is gone or has another type; more than it is no difference."""
    told = []
    for name, wanted in golden["shapes"].items():
        has = found["shapes"].get(name)
        if has is None:
            told.append(f"{name}: gone")
            continue
        for path, kinds in wanted.items():
            if path not in has:
                told.append(f"{name}: {path or 'it'} is gone")
            elif has[path] != kinds:
                told.append(f"{name}: {path or 'it'} was {kinds}, is {has[path]}")
    for part in ("words", "names"):
        for name, wanted in golden[part].items():
            gone = sorted(set(wanted) - set(found[part].get(name, ())))
            told += [f"{name}: {word!r} is gone" for word in gone]
    sets = [set(one) for one in found["tables"]]
    told += [f"no table has these words any more: {one}" for one in golden["tables"]
             if not any(set(one) <= has for has in sets)]  # fmt: skip
    return told


class Taken:
    """The answers by what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Any]] = {}

    def add(self, name: str, *values: Any) -> Any:
        """Keep answers; gives the last one."""
        self.answers.setdefault(name, []).extend(values)
        return values[-1]


def found_in(taken: Taken, names: Found, tables: list[list[str]]) -> Found:
    """Put together what is compared: shapes and words of the answers, names, tables of words."""
    shapes, said = {}, {}
    for name, values in sorted(taken.answers.items()):
        if isinstance(values[0], Promise):
            shapes[name], kept = values[0].shape, values[0].words
        else:
            shapes[name], kept = shape(*values), words(*values)
        said |= {f"{name} {path}": found for path, found in kept.items()}
    return {"shapes": shapes, "words": said, "names": names, "tables": tables}


def promised(document: Any, taken: Taken) -> Found:
    """Read the OpenAPI document: what goes in and out of each route, whatever the schemas are called."""
    asked = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            route = f"{method.upper()} {path}"
            asked += [f"{route} {one['in']} {one['name']}" for one in operation.get("parameters", ())]
            bodies = {"asks": operation.get("requestBody", {}), **operation["responses"]}
            for which, body in bodies.items():
                asked.append(f"{route} {which}")
                for content in body.get("content", {}).values():
                    taken.add(f"openapi {route} {which}", Promise(document, content["schema"]))
    return {"openapi": sorted(asked), "openapi schemas": sorted(document["components"]["schemas"])}


class Promise:
    """A JSON schema, to be told like a value."""

    def __init__(self, document: Any, schema: Any) -> None:
        self.shape: Shape = {}
        self.words: Shape = {}
        self._document = document
        self._read(schema, "")
        self.shape = {path: sorted(set(kinds)) for path, kinds in sorted(self.shape.items())}

    def _read(self, schema: Any, path: str) -> None:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            self._read(self._document["components"]["schemas"][name], path)
        for one in schema.get("anyOf", ()):
            self._read(one, path)
        if "type" in schema:
            self.shape.setdefault(path, []).append(
                " ".join([schema["type"], schema.get("format", "")]).strip()
            )
        if "enum" in schema:
            self.words[path] = sorted(map(str, schema["enum"]))
        for name, inner in schema.get("properties", {}).items():
            needed = "" if name in schema.get("required", ()) else "?"
            self._read(inner, f"{path}.{name}{needed}".lstrip("."))
        if isinstance(schema.get("items"), dict):
            self._read(schema["items"], f"{path}[]")
        if isinstance(schema.get("additionalProperties"), dict):
            self._read(schema["additionalProperties"], f"{path}{{}}")
