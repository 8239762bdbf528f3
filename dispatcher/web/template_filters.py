"""Template filters and globals: dates, numbers and addresses in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from dispatcher import i18n
from dispatcher.campaign.contact_files import LIST_SUFFIXES
from dispatcher.i18n import _, ngettext
from dispatcher.report import charts, labels
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


GLOBALS: Mapping[str, Any] = {
    "_": _,
    "ngettext": ngettext,
    "language": i18n.current_language,
    "charts": charts,
    "list_endings": ",".join(LIST_SUFFIXES),
    "labels": labels,
    "trial_note": trial_note,
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
