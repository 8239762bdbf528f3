"""The JSON Schema that is committed, and the keys of the reference."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from dispatcher.campaign import schema
from tests.schedules_factory import ROOT


def test_the_committed_schema_is_fresh() -> None:
    committed = (ROOT / "schedules.schema.json").read_text(encoding="utf-8")
    assert committed == schema.schema_text(), (
        "run: python -m dispatcher.campaign.schema schedules.schema.json"
    )


def test_the_real_schedules_name_their_schema_for_editors() -> None:
    first = (ROOT / "schedules.toml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "#:schema ./schedules.schema.json"


def _plain(value: Any) -> Any:
    """What an editor hands to the schema: dates are texts there."""
    return json.loads(json.dumps(value, default=lambda when: when.isoformat()))


REAL = _plain(tomllib.loads((ROOT / "schedules.toml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("key", ["template", "moment"])
def test_an_editor_takes_both_words_for_template(key: str) -> None:
    (name, campaign), *_ = REAL["campaign"].items()
    edited = {**campaign, "step": [{**step, key: "weekly"} for step in campaign["step"]]}
    jsonschema_rs.validator_for(schema.build_schema()).validate({**REAL, "campaign": {name: edited}})


def test_the_real_schedules_fit_the_schema() -> None:
    jsonschema_rs.validator_for(schema.build_schema()).validate(REAL)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("office", "sendr"), "x"),
        (("prices", "default"), "400"),
        (("audience", "staff", "basis"), "public"),
        (("campaign", "cong-dan-so", "cap_per_day"), 4),
        (("campaign", "cong-dan-so", "window"), "morning"),
        (("campaign", "cong-dan-so", "step", 0, "before"), []),
        (("campaign", "cong-dan-so", "budget_vnd"), None),
    ],
)
def test_an_editor_sees_what_is_wrong(path: tuple[str | int, ...], value: object) -> None:
    wrong = json.loads(json.dumps(REAL))
    holder = wrong
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    assert not jsonschema_rs.validator_for(schema.build_schema()).is_valid(wrong)


def _objects(shape: Any) -> Iterator[dict[str, Any]]:
    if isinstance(shape, dict):
        yield shape
        for item in shape.values():
            yield from _objects(item)
    elif isinstance(shape, list):
        for item in shape:
            yield from _objects(item)


def test_the_schema_speaks_of_no_null_for_toml_has_none() -> None:
    assert not [shape for shape in _objects(schema.build_schema()) if shape.get("type") == "null"]


def test_every_key_says_what_it_is_for() -> None:
    keys = list(schema.list_keys())
    assert len({key.path for key in keys}) == len(keys) > 50
    for key in keys:
        assert key.effect.endswith("."), key.path
        assert key.type


def test_the_reference_has_a_line_for_every_key() -> None:
    lines = schema.reference().splitlines()
    assert len(lines) == 2 + len(list(schema.list_keys()))
    assert '| `campaign.NAME.window` | text | `"07:30-20:30"` |' in "\n".join(lines)
    assert "| `office.name` | text | needed |" in "\n".join(lines)
