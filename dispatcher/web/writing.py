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
from dispatcher.vietnamese import dates, phone


def number(value: float) -> str:
    """Group thousands: 70.949 in Vietnamese, 70,949 in English."""
    return dates.grouped(value) if i18n.language() == "vi" else f"{value:,}"


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


def short_day(value: date) -> str:
    """Write a day without its year."""
    return f"{value:%d/%m}"


def moment(value: datetime) -> str:
    """Write a local moment: hour first, as people look for it."""
    return f"{value:%H:%M} {day(value)}"


def clock(value: datetime) -> str:
    """Write the hour of a local moment."""
    return f"{value:%H:%M}"


def money(value: int) -> str:
    """Write an amount of VND."""
    return _("{amount} VND", amount=number(value))


def percent(part: float, whole: float) -> str:
    """Write a share; a dash when there is nothing to share."""
    return f"{part * 100 // whole:.0f}%" if whole else "–"


def masked(address: str) -> str:
    """Write an address so that it is recognised by those who know it, and by nobody else."""
    if "@" in address:
        name, _at, domain = address.partition("@")
        return f"{name[:2]}•••@{domain}"
    return phone.mask(address) if address.startswith("+") else "•••"


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
    "short_day": short_day,
    "moment": moment,
    "clock": clock,
    "money": money,
    "masked": masked,
    "readable": readable,
    "in_path": in_path,
}
