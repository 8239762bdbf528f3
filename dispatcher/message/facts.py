"""What every text of an occasion may say: who speaks, about what, until when, how many days are left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dispatcher.i18n import N_
from dispatcher.message import Occasion
from dispatcher.vietnamese.dates import clock_time, days_left, days_left_words, long_date, short_date

if TYPE_CHECKING:
    from dispatcher.campaign.model import Campaign, Schedules

# Every name a template may use, with its line for the documentation.
NAMES: Mapping[str, str] = {
    "campaign": N_(
        "the campaign as in schedules.toml: campaign.title, campaign.short_title, campaign.letter"
    ),
    "office": N_("the office that speaks: office.name, office.phone, office.mail, office.website"),
    "audience": N_("the audience written to: audience.title, audience.supplied_by"),
    "recipient": N_("the person: recipient.name, .given_name, .honorific, .area, .unit, .role, .lead"),
    "moment": N_("name of the moment: launch, weekly, 7-days, 3-days, 1-day, last-day, last-hours, thanks"),
    "today": N_("day of sending"),
    "starts": N_("first day"),
    "deadline": N_("last day, which still counts"),
    "until": N_('deadline for a text: "hết 11/11/2025" or "17h00 ngày 11/11/2025"'),
    "until_long": N_('deadline for a mail: "hết ngày 11 tháng 11 năm 2025"'),
    "days_left": N_("days left, 0 on the last day, below 0 after it"),
    "days_left_words": N_('days left in words: "còn 3 ngày"'),
    "last_day_words": N_('the last day, seen from today: "hôm nay 11/11/2025", "ngày mai 11/11/2025"'),
    "ends_words": N_('how it ends: "khi hết ngày hôm nay 11/11/2025", "lúc 17h00 ngày 11/11/2025"'),
    "opt_out": N_("true when this text must say how to refuse"),
    "advertising": N_("true when the campaign is advertising by law"),
    "unsubscribe_url": N_("mails: where the reader says no"),
    "took_part_url": N_("mails: where the reader says that they took part, when the campaign has that link"),
    "figures": N_("digests: the figures"),
}


def last_moment(campaign: Campaign, timezone: ZoneInfo) -> date | datetime:
    """Give the deadline as written: a day that still counts, or a local moment."""
    ends: date | datetime = campaign.ends
    if not isinstance(ends, datetime):
        return ends
    return ends.astimezone(timezone) if ends.tzinfo else ends.replace(tzinfo=timezone)


def facts(schedules: Schedules, occasion: Occasion) -> dict[str, Any]:
    """Make the variables that are the same for everybody on this occasion."""
    campaign = schedules.campaigns[occasion.campaign]
    starts = campaign.starts
    first_day = starts.date() if isinstance(starts, datetime) else starts
    ends = last_moment(campaign, schedules.timezone)
    last_day = ends.date() if isinstance(ends, datetime) else ends
    left = days_left(occasion.today, last_day)
    return {
        "campaign": campaign,
        "office": schedules.office,
        "moment": occasion.moment,
        "today": occasion.today,
        "starts": first_day,
        "deadline": last_day,
        "until": _until(ends),
        "until_long": _until_long(ends),
        "days_left": left,
        "days_left_words": days_left_words(left),
        "last_day_words": _last_day_words(left, last_day),
        "ends_words": _ends_words(left, ends),
        "opt_out": carries_opt_out(campaign, occasion),
        "advertising": is_advertising(campaign),
    }


def is_advertising(campaign: Campaign) -> bool:
    """Tell whether the law calls the texts of this campaign advertising."""
    return campaign.message_class == "advertising"


def carries_opt_out(campaign: Campaign, occasion: Occasion) -> bool:
    """Tell whether a text on this occasion must say how to refuse; advertising always must."""
    return (
        is_advertising(campaign)
        or campaign.opt_out == "always"
        or (campaign.opt_out == "first" and occasion.first)
    )


def _until(ends: date | datetime) -> str:
    if isinstance(ends, datetime):
        return f"{clock_time(ends)} ngày {short_date(ends)}"
    return f"hết {short_date(ends)}"


def _until_long(ends: date | datetime) -> str:
    if isinstance(ends, datetime):
        return f"{clock_time(ends)} {long_date(ends)}"
    return f"hết {long_date(ends)}"


def _last_day_words(left: int, last_day: date) -> str:
    if left == 0:
        return f"hôm nay {short_date(last_day)}"
    if left == 1:
        return f"ngày mai {short_date(last_day)}"
    return f"ngày {short_date(last_day)}"


def _ends_words(left: int, ends: date | datetime) -> str:
    day = f"hôm nay {short_date(ends)}" if left == 0 else f"{short_date(ends)}"
    if isinstance(ends, datetime):
        return f"lúc {clock_time(ends)} {day if left == 0 else f'ngày {day}'}"
    return f"khi hết ngày {day}"
