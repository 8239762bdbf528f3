"""What every text of an occasion may say: who speaks, about what, until when, how many days are left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.message import RenderContext
from dispatcher.vietnamese.dates import clock_time, days_left, days_left_words, long_date, short_date
from dispatcher.vietnamese.text import fold

CAMPAIGN_NOUNS = (
    "cuộc thi", "cuộc vận động", "cuộc bình chọn", "cuộc họp", "chiến dịch", "chương trình", "đợt", "hội thi",
    "hội nghị", "kế hoạch", "lễ", "ngày", "ngày hội", "phong trào", "tháng", "tuần", "tuần lễ", "việc", "lớp",
)  # fmt: skip
# Every name a template may use, with its line in the reference.
VARIABLES: Mapping[str, str] = {
    "campaign": "the campaign of schedules.toml: campaign.letter, campaign.website, campaign.target_percent",
    "title": "full title of the campaign, as it stands inside a sentence",
    "short_title": "short title of the campaign, for texts; the full one where there is none",
    "action": "what is asked, with the short title: `tham gia …`, or the campaign's own `action`",
    "action_long": "the same with the full title, for mails",
    "verb": 'what is asked, in a word or two: "tham gia", "gia hạn"',
    "done": 'what somebody has done who did it: "đã tham gia", "đã gia hạn"',
    "office": "the office that speaks: office.name, office.phone, office.mail, office.website",
    "audience": "the audience written to: audience.title, audience.supplied_by",
    "recipient": "the person: recipient.name, .given_name, .honorific, .area, .unit, .role, .lead",
    "moment": "name of the moment: launch, weekly, 7-days, 3-days, 1-day, last-day, last-hours, thanks",
    "today": "day of sending",
    "starts": "first day",
    "deadline": "last day, which still counts",
    "until": 'deadline for a text: "hết 11/11/2025" or "17h00 ngày 11/11/2025"',
    "until_long": 'deadline for a mail: "hết ngày 11 tháng 11 năm 2025"',
    "days_left": "days left, 0 on the last day, below 0 after it",
    "days_left_words": 'days left in words: "còn 3 ngày"',
    "last_day_words": 'the last day, seen from today: "hôm nay 11/11", "ngày mai 11/11", "ngày 11/11/2025"',
    "until_today": '`until`, said on the last day: "hết hôm nay 11/11", "17h00 hôm nay 11/11"',
    "opt_out": "true when this text must say how to refuse",
    "advertising": "true when the campaign is advertising by law",
    "unsubscribe_url": "mails: where the reader says no",
    "took_part_url": "mails: where the reader says that they took part, when the campaign has that link",
}


def build_variables(schedules: Schedules, context: RenderContext) -> dict[str, Any]:
    """Make the variables that are the same for everybody on this occasion."""
    campaign = schedules.campaigns[context.campaign]
    ends = _ends(campaign)
    last_day = campaign.last_day
    left = days_left(context.today, last_day)
    title, short_title = within_sentence(campaign.title), within_sentence(campaign.short_title)
    verb = campaign.done.split(maxsplit=1)[1]
    return {
        "campaign": campaign,
        "title": title,
        "short_title": short_title,
        "action": campaign.action or f"{verb} {short_title}",
        "action_long": campaign.action or f"{verb} {title}",
        "verb": verb,
        "done": campaign.done.lower(),
        "office": schedules.office,
        "moment": context.template,
        "today": context.today,
        "starts": campaign.to_local(campaign.start).date(),
        "deadline": last_day,
        "until": _until(ends),
        "until_long": _until_long(ends),
        "until_today": _until_today(left, last_day, ends),
        "days_left": left,
        "days_left_words": days_left_words(left),
        "last_day_words": _last_day_words(left, last_day),
        "opt_out": needs_opt_out(campaign, context),
        "advertising": is_advertising(campaign),
    }


def within_sentence(title: str) -> str:
    """Write a title as it stands inside a sentence: 'cuộc thi "Công dân số"'.

    A title that does not say what kind of thing it names is called a chương trình.
    """
    parts = title.split()
    for kind in CAMPAIGN_NOUNS:
        length = len(kind.split())
        if fold(" ".join(parts[:length])) == fold(kind):
            return title[:1].lower() + title[1:]
    return f'chương trình "{title}"'


def _ends(campaign: Campaign) -> date | datetime:
    """The deadline as people say it: a day that still counts, or a moment by the clock on their wall."""
    if not isinstance(campaign.ends, datetime):
        return campaign.ends
    return campaign.to_local(campaign.deadline).replace(tzinfo=None)


def is_advertising(campaign: Campaign) -> bool:
    """Return whether the law calls the texts of this campaign advertising."""
    return campaign.class_ == "advertising"


def needs_opt_out(campaign: Campaign, context: RenderContext) -> bool:
    """Return whether a text on this occasion must say how to refuse; advertising always must."""
    return (
        is_advertising(campaign)
        or campaign.opt_out == "always"
        or (campaign.opt_out == "first" and context.is_first)
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
    # Without the year: nobody doubts it today or tomorrow, and a text has room for 160 letters.
    if left == 0:
        return f"hôm nay {short_date(last_day, year=False)}"
    if left == 1:
        return f"ngày mai {short_date(last_day, year=False)}"
    return f"ngày {short_date(last_day)}"


def _until_today(left: int, last_day: date, ends: date | datetime) -> str:
    if left != 0:
        return _until(ends)
    day = short_date(last_day, year=False)
    return f"{clock_time(ends)} hôm nay {day}" if isinstance(ends, datetime) else f"hết hôm nay {day}"
