"""Template filters and globals: dates, numbers and addresses in the reader's language."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from dispatcher import i18n
from dispatcher.campaign.contact_files import LIST_SUFFIXES
from dispatcher.i18n import _, ngettext
from dispatcher.report import cap_collisions, charts, labels, step_titles
from dispatcher.report.campaign_words import done_word
from dispatcher.report.formatting import (
    format_money,
    format_number,
    format_percent,
    mask_address,
    trial_note,
)
from dispatcher.vietnamese import dates


def format_day(value: date) -> str:
    """Write a day with its weekday."""
    if i18n.current_language() == "vi":
        return f"{dates.weekday(value)}, {dates.short_date(value)}"
    return f"{value:%a %d/%m/%Y}"


def format_short_day(value: date) -> str:
    """Write a day without its weekday."""
    return f"{value:%d/%m/%Y}"


def format_long_day(value: date) -> str:
    """Write a day as documents do."""
    return dates.long_date(value) if i18n.current_language() == "vi" else f"{value:%d %B %Y}"


def format_time_and_day(value: datetime) -> str:
    """Write a local moment: hour first, as people look for it."""
    return f"{value:%H:%M} {format_day(value)}"


def format_time(value: datetime) -> str:
    """Write the hour of a local moment."""
    return f"{value:%H:%M}"


def format_phone(address: str) -> str:
    """Write a number as people dial it."""
    if not address.startswith("+84"):
        return address
    national = f"0{address[3:]}"
    return f"{national[:4]} {national[4:7]} {national[7:]}".strip()


def quote_segment(value: str) -> str:
    """Make a text one piece of a path."""
    return quote(value, safe="")


def weekday_names() -> tuple[tuple[str, str], ...]:
    """Return the days of the week from Monday: short, for a calendar, and in full."""
    if i18n.current_language() == "vi":
        names = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
        return tuple(zip(("T2", "T3", "T4", "T5", "T6", "T7", "CN"), names, strict=True))
    return tuple((name[:2], name) for name in calendar.day_name)


GLOBALS: Mapping[str, Any] = {
    "_": _,
    "ngettext": ngettext,
    "language": i18n.current_language,
    "charts": charts,
    "list_endings": ",".join(LIST_SUFFIXES),
    "labels": labels,
    "trial_note": trial_note,
    "done_word": done_word,
    "clash_sentence": cap_collisions.sentence,
    "clash_proposal": cap_collisions.proposal,
    "step_title_in": step_titles.of_occurrence,
    "weekday_names": weekday_names,
}
FILTERS: Mapping[str, Callable[..., str]] = {
    "number": format_number,
    "percent": format_percent,
    "day": format_day,
    "plain_day": format_short_day,
    "long_day": format_long_day,
    "moment": format_time_and_day,
    "clock": format_time,
    "money": format_money,
    "masked": mask_address,
    "readable": format_phone,
    "in_path": quote_segment,
}
