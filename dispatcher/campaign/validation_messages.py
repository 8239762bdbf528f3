"""Turns what pydantic refuses into problems an officer can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dispatcher.campaign.audiences import Audience, ListColumns
from dispatcher.campaign.line_numbers import KeyPath
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.office import Office, Prices
from dispatcher.campaign.problem_collector import ProblemCollector, did_you_mean, value_at
from dispatcher.campaign.steps import RENAMED_KEYS, Digest, Step
from dispatcher.campaign.time_values import InvalidValue
from dispatcher.i18n import N_, _

# What a missing key may look like.
EXAMPLE_LINES: Mapping[str, str] = {
    "office": "[office]",
    "prices": "[prices]",
    "audience": "[audience.residents]",
    "campaign": "[campaign.cong-dan-so]",
    "step": "[[campaign.….step]]",
    "name": 'name = "…"',
    "sender": 'sender = "UBND HA TAY"',
    "default": "default = 350",
    "title": 'title = "…"',
    "lists": 'lists = ["residents/*"]',
    "basis": 'basis = "public_task"',
    "supplied_by": 'supplied_by = "…"',
    "priority": "priority = 1",
    "starts": "starts = 2025-10-11",
    "ends": "ends = 2025-11-11",
    "audiences": 'audiences = ["residents"]',
    "to": 'to = ["staff"]',
}

# pydantic's error type -> what is wrong, what to write instead; blanks are filled from the error's context.
MESSAGES: Mapping[str, tuple[str, str]] = {
    "string_type": (N_("a text is wanted here"), N_("Put it between quotation marks.")),
    "int_type": (
        N_("a whole number is wanted here"),
        N_("Write digits only, without quotation marks."),
    ),
    "bool_type": (N_("yes or no is wanted here"), N_("Write true or false, without quotation marks.")),
    "tuple_type": (N_("a list is wanted here"), N_('Put it between square brackets: ["…", "…"].')),
    **dict.fromkeys(
        ("mapping_type", "model_type"),
        (N_("a table is wanted here"), N_("Write a section of its own, with a heading in [brackets].")),
    ),
    "literal_error": (N_("a word that is not known here"), N_("Write one of: {expected}.")),
    "greater_than": (N_("the number is too small"), N_("It must be more than {gt}.")),
    "greater_than_equal": (N_("the number is too small"), N_("It must be at least {ge}.")),
    "less_than_equal": (N_("the number is too large"), N_("It may be at most {le}.")),
    "too_short": (N_("the list is empty"), N_("Write at least one entry.")),
    "zoneinfo_str": (N_("an unknown time zone"), N_('Write "Asia/Ho_Chi_Minh".')),
}


def add_problems(collector: ProblemCollector, error: ValidationError) -> None:
    """Add a problem for everything `error` names."""
    for path, detail in error_details(collector.raw, error):
        _HANDLERS.get(detail["type"], _add_pydantic_message)(collector, path, detail)


def error_details(raw: object, error: ValidationError) -> Iterator[tuple[KeyPath, ErrorDetails]]:
    """Yield what `error` names, each with its path; not what only follows from another mistake."""
    for detail in error.errors():
        if detail["type"] != "default_factory_not_called":
            yield _path_in_file(raw, detail), detail


def _path_in_file(raw: object, detail: ErrorDetails) -> KeyPath:
    """Return the path in the file; pydantic puts names of its own between the keys."""
    path: KeyPath = ()
    for index, part in enumerate(detail["loc"]):
        last = index == len(detail["loc"]) - 1
        if value_at(raw, (*path, part)) is not None or (last and detail["type"] == "missing"):
            path = (*path, part)
    return path


def _add_pydantic_message(collector: ProblemCollector, path: KeyPath, detail: ErrorDetails) -> None:
    what, remedy = MESSAGES.get(detail["type"], (detail["msg"], ""))
    expected = str(detail.get("ctx", {}).get("expected", "")).replace("'", '"').replace(" or ", ", ")
    blanks = {**detail.get("ctx", {}), "expected": expected}
    collector.add(path, _(what), _(remedy).format(**blanks), value=None)


def _add_invalid_value(collector: ProblemCollector, path: KeyPath, detail: ErrorDetails) -> None:
    error = detail["ctx"]["error"]
    assert isinstance(error, InvalidValue), "every check of ours raises Refused"
    is_key = "[key]" in detail["loc"]
    collector.add(path, error.what, error.remedy, value=path[-1] if is_key else None)


def _add_missing(collector: ProblemCollector, path: KeyPath, detail: ErrorDetails) -> None:
    key = str(path[-1])
    remedy = _("Add it, for example: {example}", example=EXAMPLE_LINES.get(key, f"{key} = …"))
    collector.add(path, _('"{key}" is missing', key=key), remedy)


def _add_unknown(collector: ProblemCollector, path: KeyPath, detail: ErrorDetails) -> None:
    key = str(path[-1])
    known = keys_of(model_at(path[:-1]))
    if RENAMED_KEYS.get(key) in known:
        what = _('"{old}" is the old word for "{new}", which stands here too', old=key, new=RENAMED_KEYS[key])
        collector.add(path, what, _("Take one of the two out."))
        return
    sections_with_key = [section for section, model in SECTIONS.items() if key in keys_of(model)]
    if sections_with_key and key not in known:
        remedy = _(
            '"{key}" belongs in {sections}; keys stand below the heading of their section.',
            key=key,
            sections=", ".join(sections_with_key),
        )
    else:
        remedy = did_you_mean(key, known)
    collector.add(path, _('unknown key "{key}"', key=key), remedy)


_HANDLERS: Mapping[str, Callable[[ProblemCollector, KeyPath, ErrorDetails], None]] = {
    "value_error": _add_invalid_value,
    "missing": _add_missing,
    "extra_forbidden": _add_unknown,
}
SECTIONS: Mapping[str, type[BaseModel]] = {
    "[office]": Office,
    "[prices]": Prices,
    "[audience.…]": Audience,
    "[campaign.…]": Campaign,
    "[[campaign.….step]]": Step,
    "[[campaign.….digest]]": Digest,
}


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys a section may hold."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def model_at(path: Iterable[Any]) -> type[BaseModel]:
    """Return which model reads the table at `path`."""
    match tuple(path):
        case ("office",):
            return Office
        case ("prices",):
            return Prices
        case ("audience", _key):
            return Audience
        case ("audience", _key, "columns", _pattern):
            return ListColumns
        case ("campaign", _key):
            return Campaign
        case ("campaign", _key, "step", _place):
            return Step
        case ("campaign", _key, "digest", _place):
            return Digest
        case _:
            return Schedules
