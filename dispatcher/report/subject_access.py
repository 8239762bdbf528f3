"""What is held on a person, in words for that person: a page to hand over, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dispatcher.campaign.model import Schedules
from dispatcher.contacts.list_fields import LIST_FIELDS
from dispatcher.i18n import _, current_language
from dispatcher.ledger.queries.subject_access import HeldData, ListFacts
from dispatcher.report import labels
from dispatcher.report.formatting import trial_note

TEMPLATES = Path(__file__).parent / "templates"


def as_page(data: HeldData, schedules: Schedules, *, now: datetime, trial: bool = False) -> str:
    """Return it as a page that stands by itself, in the language of today; of a `trial` it says so."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(_=_, language=current_language, labels=labels)
    environment.globals.update(trial_note=trial_note, list_facts=_list_facts)
    return environment.get_template("subject-access.html").render(
        data=data,
        now=now,
        trial=trial,
        office=schedules.office,
        audiences=schedules.audiences,
        titles={name: campaign.title for name, campaign in schedules.campaigns.items()},
        moment=_written_moment(schedules),
    )


def as_json(data: HeldData) -> dict[str, Any]:
    """Return it as JSON values; moments are ISO 8601 in UTC."""
    values = asdict(data)
    named = {
        "lists": ("audience", "file", "sheet", "row", "state", "note"),
        "participations": ("campaign", "at", "source"),
        "addresses": ("channel", "address", "rank"),
    }
    for person in values["history"]["people"]:
        person.update(
            {
                name: [dict(zip(keys, one, strict=True)) for one in person[name]]
                for name, keys in named.items()
            }
        )
    stops = ("scope", "reason", "at", "who", "how")
    history: dict[str, Any] = values.pop("history")
    history["suppressions"] = [dict(zip(stops, one, strict=True)) for one in history["suppressions"]]
    history["messages"] = [
        {name: one[name] for name in ("campaign", "step", "due_at", "channel", "address", "status", "words")}
        for one in history["messages"]
    ]
    return history | values


def as_json_text(data: HeldData) -> str:
    """Return it as a JSON text, as it is handed over."""
    return json.dumps(as_json(data), ensure_ascii=False, indent=1, default=str) + "\n"


def _list_facts(said: ListFacts) -> Iterator[tuple[str, object]]:
    """Give what a list says of somebody beyond name and thôn, each with its label."""
    told = {field.name: field.label for field in LIST_FIELDS}
    words = {"area": _("of a thôn"), "commune": _("of the commune")}
    for name in ("honorific", "phones", "email", "unit", "role", "lead"):
        value = getattr(said, name)
        yield _(told[name]), words.get(value, value) if name == "lead" else value
    yield _("year of birth"), said.birth_year


def _written_moment(schedules: Schedules) -> Callable[[datetime], str]:
    return lambda at: f"{schedules.to_local(at):%H:%M %d/%m/%Y}"
