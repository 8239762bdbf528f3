"""The form of a campaign: what it shows of a fragment of schedules.toml, and what it writes into one.

A key that the form has no field for stays as it stands. What cannot be read is kept as it was typed, so that
the check can say what is wrong with it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import tomlkit
from starlette.datastructures import FormData

from dispatcher import i18n
from dispatcher.campaign import schedules_editor, time_values
from dispatcher.campaign.time_values import InvalidValue
from dispatcher.i18n import N_, _
from dispatcher.vietnamese.text import unaccent

TEXT_KEYS = ("title", "short_title", "action", "done", "letter", "website", "window")
WHEN_KEYS = ("starts", "ends")
NUMBER_KEYS = ("budget_vnd", "target_percent", "cap_per_day", "cap_per_week")
FREE_DAYS = ("holidays", "weekends")
LABELS: Mapping[str, str] = {
    "title": N_("Title"), "short_title": N_("Short title, for texts"), "action": N_("What are people to do?"),
    "done": N_("What is somebody called who has done it?"), "letter": N_("The letter it rests on"),
    "website": N_("Website"), "window": N_("Hours in which texts may go out"), "starts": N_("First day"),
    "ends": N_("Last day"), "budget_vnd": N_("Budget, in đồng"), "target_percent": N_("Target, in percent"),
    "cap_per_day": N_("Most texts to one number in a day"),
    "cap_per_week": N_("Most texts to one number in a week"), "audiences": N_("Whom to write to"),
    "no_send_days": N_("Days without reminders"), "requires_approval": N_("Approval"),
}  # fmt: skip
TIMINGS: Mapping[str, str] = {
    "at": N_("once, on a day"),
    "every": N_("again and again"),
    "before": N_("before the last day"),
    "after": N_("after somebody has done it"),
}
EXAMPLES: Mapping[str, str] = {
    "at": "16/12/2026 08:00", "every": "thứ hai 08:00", "before": "7 ngày 08:00; 3 ngày 08:00", "after": "",
}  # fmt: skip
_WEEKDAYS_VI = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")


@dataclass(frozen=True, kw_only=True, slots=True)
class StepRow:
    """One step or digest as the form shows it; `when` as people write it."""

    index: int
    title: str
    timing: str
    when: str
    audiences: tuple[str, ...]  # of a step: empty for all of the campaign


def slug(title: str) -> str:
    """Make a key of the file from a title: small letters, digits and - only."""
    return re.sub(r"[^a-z0-9]+", "-", unaccent(title).lower()).strip("-")[:40].strip("-") or "chien-dich"


def title_of(fragment: str, name: str) -> str:
    """Return the title that a fragment gives to its campaign, else its name."""
    _document, campaign = schedules_editor.edit(fragment, name)
    return str(campaign.get("title", name))


def shown(campaign: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in each single field."""
    values = {key: str(campaign.get(key, "")) for key in (*TEXT_KEYS, *NUMBER_KEYS)}
    return values | {key: format_when(campaign.get(key, "")) for key in WHEN_KEYS}


def names(campaign: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return a list of the campaign as texts; nothing where somebody wrote something else."""
    found = campaign.get(key, ())
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()


def rows(campaign: Mapping[str, Any], kind: str) -> list[StepRow]:
    """Return the steps (kind "step") or the digests (kind "digest") of a campaign."""
    found = campaign.get(kind, [])
    if not isinstance(found, list):
        return []
    return [_row(index, one) for index, one in enumerate(found) if isinstance(one, Mapping)]


def _row(index: int, step: Mapping[str, Any]) -> StepRow:
    timing = next((key for key in TIMINGS if key in step), "at")
    chosen = step.get("audiences", step.get("to", ()))
    return StepRow(
        index=index,
        title=str(step.get("title", "")),
        timing=timing,
        when=_FORMATS[timing](step.get(timing, "")),
        audiences=tuple(map(str, chosen)) if isinstance(chosen, Sequence) else (),
    )


def write(fragment: str, name: str, form: FormData) -> str:
    """Return the fragment with what the form says. Raises NotEditable for one that cannot be read."""
    document, campaign = schedules_editor.edit(fragment, name)
    for key in TEXT_KEYS:
        if key in form:
            schedules_editor.set_key(campaign, key, text_of(form, key) or None)
    for key in WHEN_KEYS:
        if key in form and text_of(form, key) != format_when(campaign.get(key, "")):
            schedules_editor.set_key(campaign, key, _when(text_of(form, key)) or None)
    for key in NUMBER_KEYS:
        if key in form:
            schedules_editor.set_key(campaign, key, _number(text_of(form, key)))
    if "audiences-shown" in form:
        schedules_editor.set_key(campaign, "audiences", texts_of(form, "audiences"))
        _write_free_days(campaign, form)
        approval = True if form.get("requires_approval") else None
        schedules_editor.set_key(campaign, "requires_approval", approval)
    for kind in ("step", "digest"):
        _write_rows(campaign, kind, form)
    return tomlkit.dumps(document)


def _write_free_days(campaign: MutableMapping[str, Any], form: FormData) -> None:
    found = campaign.get("no_send_days", [])
    if not isinstance(found, list):
        return  # somebody wrote it otherwise: the check says so
    dates = [one for one in found if one not in FREE_DAYS]
    chosen = [*(word for word in FREE_DAYS if form.get(f"free-{word}")), *dates]
    schedules_editor.set_key(campaign, "no_send_days", chosen or None)


def _write_rows(campaign: MutableMapping[str, Any], kind: str, form: FormData) -> None:
    steps = campaign.get(kind, [])
    if not isinstance(steps, list) or not all(isinstance(one, MutableMapping) for one in steps):
        return  # somebody wrote it otherwise: the check says so
    for index in reversed(range(len(steps))):
        field = f"{kind}-{index}"
        if form.get(f"{field}-remove"):
            schedules_editor.remove_at(steps, index)
        elif f"{field}-when" in form:
            _write_row(steps[index], kind, field, form)
    if not steps and kind in campaign:
        del campaign[kind]
    if text_of(form, f"{kind}-new-when") or text_of(form, f"{kind}-new-timing") == "after":
        added: dict[str, Any] = {"name": _free_name(campaign, text_of(form, f"{kind}-new-title"))}
        _write_row(added, kind, f"{kind}-new", form)
        schedules_editor.append(campaign, kind, added)


def _write_row(step: MutableMapping[str, Any], kind: str, field: str, form: FormData) -> None:
    timing, when = text_of(form, f"{field}-timing") or "at", text_of(form, f"{field}-when")
    schedules_editor.set_key(step, "title", text_of(form, f"{field}-title") or None)
    now = next((key for key in TIMINGS if key in step), "")
    if timing in TIMINGS and (timing != now or when != _FORMATS[timing](step[timing])):
        for key in {*TIMINGS, *(("since", "until") if timing != "every" else ())}:
            if key != timing:
                step.pop(key, None)
        schedules_editor.set_key(step, timing, _PARSERS[timing](when))
    key = _READERS[kind]
    chosen = texts_of(form, f"{field}-audiences")
    schedules_editor.set_key(step, key, chosen or (None if kind == "step" else []))


def _free_name(campaign: Mapping[str, Any], title: str) -> str:
    taken = {str(one.get("name")) for kind in ("step", "digest") for one in campaign.get(kind, ())}
    wanted = slug(title or "nhac")
    return next(
        one for n in range(1, len(taken) + 3) if (one := wanted if n == 1 else f"{wanted}-{n}") not in taken
    )


# --- values as people write them ----------------------------------------------------------------------


def format_when(value: object) -> str:
    """Write a day or a moment as people do: 16/12/2026 08:00."""
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def _format_every(value: object) -> str:
    try:
        found = time_values.parse_every(
            list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
        )
    except InvalidValue:
        return str(value)
    if i18n.current_language() != "vi":
        return "; ".join(map(str, found))
    names = (*_WEEKDAYS_VI, "hằng ngày")  # the last one for -1
    return "; ".join(f"{names[one.weekday]} {one.at:%H:%M}" for one in found)


def _format_before(value: object) -> str:
    words = (
        ("{days} ngày {at:%H:%M}", "{hours} giờ")
        if i18n.current_language() == "vi"
        else ("{days}d {at:%H:%M}", "{hours}h")
    )
    written = []
    for one in value if isinstance(value, Sequence) and not isinstance(value, str) else [value]:
        try:
            rung = time_values.parse_ladder_step(str(one))
        except InvalidValue:
            written.append(str(one))
        else:
            at = rung.at or time_values.DEFAULT_TIME
            written.append(words[bool(rung.hours)].format(days=rung.days, hours=rung.hours, at=at))
    return "; ".join(written)


def _pieces(text: str) -> list[str]:
    return [piece.strip() for piece in re.split(r"[;,]", text) if piece.strip()]


def _when(text: str) -> object:
    with contextlib.suppress(InvalidValue):
        return time_values.parse_when(text)
    return text


def _before(text: str) -> object:
    written: list[str] = []
    for piece in _pieces(text):
        try:
            written.append(str(time_values.parse_ladder_step(piece)))
        except InvalidValue:
            written.append(piece)
    return written


def _every(text: str) -> object:
    pieces = _pieces(text)
    return pieces[0] if len(pieces) == 1 else pieces


def _after(_text: str) -> object:
    return "participation"


_PARSERS: Mapping[str, Callable[[str], object]] = {
    "at": _when,
    "every": _every,
    "before": _before,
    "after": _after,
}
_READERS = {"step": "audiences", "digest": "to"}  # the key that says who reads it
_FORMATS: Mapping[str, Callable[[object], str]] = {
    "at": format_when, "every": _format_every, "before": _format_before, "after": lambda _value: "",
}  # fmt: skip


def text_of(form: FormData, field: str) -> str:
    """Return what was typed into a field, in one line."""
    value = form.get(field, "")
    return " ".join(value.split()) if isinstance(value, str) else ""


def texts_of(form: FormData, field: str) -> list[str]:
    """Return every value that was chosen of a field."""
    return [value for value in form.getlist(field) if isinstance(value, str) and value]


def _number(text: str) -> int | str | None:
    digits = re.sub(r"[.,_\s]|đồng|đ$", "", text)
    if not digits:
        return None
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else text


def label_of(where: str) -> str:
    """Return what the form calls the field of a problem; empty for what has none."""
    key = where.split(".")[2] if where.count(".") >= 2 else ""
    return _(LABELS[key]) if key in LABELS else ""
