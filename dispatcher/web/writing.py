"""How pages write moments, numbers and addresses, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from dispatcher import i18n
from dispatcher.campaign.lists import SUFFIXES
from dispatcher.i18n import _, ngettext
from dispatcher.report import charts, words
from dispatcher.report.shown import masked, money, number
from dispatcher.vietnamese import dates


def day(value: date) -> str:
    """Write a day with its weekday."""
    if i18n.language() == "vi":
        return f"{dates.weekday(value)}, {dates.short_date(value)}"
    return f"{value:%a %d/%m/%Y}"


def plain_day(value: date) -> str:
    """Write a day without its weekday."""
    return f"{value:%d/%m/%Y}"


def long_day(value: date) -> str:
    """Write a day as documents do."""
    return dates.long_date(value) if i18n.language() == "vi" else f"{value:%d %B %Y}"


def moment(value: datetime) -> str:
    """Write a local moment: hour first, as people look for it."""
    return f"{value:%H:%M} {day(value)}"


def clock(value: datetime) -> str:
    """Write the hour of a local moment."""
    return f"{value:%H:%M}"


def readable(address: str) -> str:
    """Write a number as people dial it."""
    if not address.startswith("+84"):
        return address
    national = f"0{address[3:]}"
    return f"{national[:4]} {national[4:7]} {national[7:]}".strip()


def in_path(value: str) -> str:
    """Make a text one piece of a path."""
    return quote(value, safe="")


GLOBALS: Mapping[str, Any] = {
    "_": _,
    "ngettext": ngettext,
    "language": i18n.language,
    "charts": charts,
    "list_endings": ",".join(SUFFIXES),
    "words": words,
}
FILTERS: Mapping[str, Callable[..., str]] = {
    "number": number,
    "day": day,
    "plain_day": plain_day,
    "long_day": long_day,
    "moment": moment,
    "clock": clock,
    "money": money,
    "masked": masked,
    "readable": readable,
    "in_path": in_path,
}
