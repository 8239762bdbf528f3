"""Times as organisers write them: hours of a window, days of the week, distances to a deadline.

Each reads one text into one value and raises `InvalidValue` with a remedy when it cannot. Vietnamese words
are read as well as English ones: "mon 08:00" and "thứ hai 8h00" are the same.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from dispatcher.i18n import _
from dispatcher.vietnamese.text import fold

EARLIEST_OPENING, LATEST_CLOSING = time(7), time(22)  # nobody is texted outside, whatever the file says
DEFAULT_TIME = time(8)
DAILY = -1
_WEEKDAYS = (
    ("mon", "monday", "thuhai", "thu2", "t2"),
    ("tue", "tuesday", "thuba", "thu3", "t3"),
    ("wed", "wednesday", "thutu", "thu4", "t4"),
    ("thu", "thursday", "thunam", "thu5", "t5"),
    ("fri", "friday", "thusau", "thu6", "t6"),
    ("sat", "saturday", "thubay", "thu7", "t7"),
    ("sun", "sunday", "chunhat", "cn"),
)
_DAYS = {word: number for number, words in enumerate(_WEEKDAYS) for word in words}
_DAYS |= dict.fromkeys(("daily", "hangngay", "moingay"), DAILY)
WEEKDAY_NAMES = tuple(words[0] for words in _WEEKDAYS)
ALLOWED_YEARS = range(2000, 2101)  # any other is a slip of the finger, and nothing reckons with it to its end
GRACE_MIN = timedelta(minutes=5)  # the sweep that finds a step comes later than its time, on a busy machine
_UNITS = {"m": 1, "phut": 1, "h": 60, "gio": 60, "d": 1440, "ngay": 1440}
_CLOCK = r"(\d{1,2})(?::(\d{2})|[hH](\d{2})?)"


class InvalidValue(ValueError):
    """A value that cannot be taken as written; says what is wrong and what to write instead."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(what)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class DailyHours:
    """A part of the day, from `opens` up to but not including `closes`; on one and the same day."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"

    def intersect(self, other: DailyHours) -> DailyHours:
        """Return the hours that lie in both; they close before they open when there are none."""
        return DailyHours(opens=max(self.opens, other.opens), closes=min(self.closes, other.closes))

    def __bool__(self) -> bool:
        return self.opens < self.closes


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Recurrence:
    """A day of the week (0 is Monday, -1 every day) and a time of day."""

    weekday: int
    at: time

    def __str__(self) -> str:
        day = "daily" if self.weekday == DAILY else WEEKDAY_NAMES[self.weekday]
        return f"{day} {self.at:%H:%M}"

    def occurs_on(self, day: date) -> bool:
        """Return whether it recurs on `day`."""
        return self.weekday in (DAILY, day.weekday())


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class LadderStep:
    """A step of the ladder: a time on the day with `days` left, or `hours` before the deadline."""

    days: int = 0
    at: time | None = None
    hours: int = 0  # above 0: counted back from the deadline itself, `days` and `at` are not used

    def __str__(self) -> str:
        if self.hours:
            return f"{self.hours}h"
        return f"{self.days}d {self.at or DEFAULT_TIME:%H:%M}"


def parse_time(text: str) -> time:
    """Read "08:00", "8h" or "8h30"."""
    match = re.fullmatch(_CLOCK, text.strip())
    hour, minute = (int(match[1]), int(match[2] or match[3] or 0)) if match else (99, 0)
    if hour > 23 or minute > 59:
        raise InvalidValue(_("{text} is not a time of day", text=text), _("Write it like 08:00."))
    return time(hour, minute)


def parse_hours(value: object) -> DailyHours:
    """Read "07:30-20:30"; inside 07:00-22:00 and the right way round."""
    example = _('Write it like "07:30-20:30".')
    if isinstance(value, DailyHours):
        return value
    ends = re.split(r"\s*[-–—]\s*", value.strip()) if isinstance(value, str) else []
    if len(ends) != 2:
        raise InvalidValue(_("the hours cannot be read"), example)
    hours = DailyHours(opens=parse_time(ends[0]), closes=parse_time(ends[1]))
    if not hours:
        raise InvalidValue(_("the hours end before they begin"), example)
    if hours.opens < EARLIEST_OPENING or hours.closes > LATEST_CLOSING:
        raise InvalidValue(
            _("nobody may be texted before 07:00 or after 22:00"),
            _("Choose hours between 07:00 and 22:00, for example 07:30-20:30."),
        )
    return hours


def parse_recurrence(value: object) -> Recurrence:
    """Read "mon 08:00", "thứ hai 8h00", "daily 17:00"."""
    if isinstance(value, Recurrence):
        return value
    match = re.fullmatch(rf"(.+?)\s+({_CLOCK})", value.strip()) if isinstance(value, str) else None
    day = _DAYS.get(fold(match[1])) if match else None
    if match is None or day is None:
        raise InvalidValue(
            _("the day and time of the repetition cannot be read"),
            _('Write a day and a time, like "mon 08:00", "thứ hai 08:00" or "daily 17:00".'),
        )
    return Recurrence(weekday=day, at=parse_time(match[2]))


def parse_every(value: object) -> tuple[Recurrence, ...]:
    """Read one repetition or a list of them."""
    if isinstance(value, list | tuple) and value:
        return tuple(parse_recurrence(item) for item in value)
    return (parse_recurrence(value),)


def format_every(every: tuple[Recurrence, ...]) -> list[str]:
    """Write what `parse_every` reads."""
    return [str(recurrence) for recurrence in every]


def parse_ladder_step(value: object) -> LadderStep:
    """Read "7d 08:00", "3d", "last-day 08:00" or "6h"."""
    if isinstance(value, LadderStep):
        return value
    text = value.strip() if isinstance(value, str) else ""
    text = re.sub(r"^(last-day|ngày cuối)", "0d", text, flags=re.IGNORECASE)
    match = re.fullmatch(r"(\d{1,3})\s*([^\W\d]+)(?:\s+(\S.*))?", text)
    unit = _UNITS.get(fold(match[2])) if match else None
    if match and unit == 1440:
        return LadderStep(days=int(match[1]), at=parse_time(match[3] or f"{DEFAULT_TIME:%H:%M}"))
    if match and unit == 60 and not match[3] and int(match[1]) > 0:
        return LadderStep(hours=int(match[1]))
    raise InvalidValue(
        _("the distance to the deadline cannot be read"),
        _('Write days and a time, or hours: "7d 08:00", "0d 08:00" for the last day, "6h".'),
    )


def warning_template(days_left: int, *, counted_in_hours: bool) -> str:
    """Return the template of a deadline warning that goes out `days_left` days before the deadline."""
    if days_left == 0:
        return "last-hours" if counted_in_hours else "last-day"
    return "1-day" if days_left == 1 else f"{days_left}-days"


def parse_duration(value: object) -> timedelta:
    """Read "6h", "30m", "2d", "6 giờ"."""
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d{1,4})\s*([^\W\d]+)", value.strip()) if isinstance(value, str) else None
    unit = _UNITS.get(fold(match[2])) if match else None
    if match is None or unit is None:
        raise InvalidValue(_("the length of time cannot be read"), _('Write it like "6h", "30m" or "2d".'))
    return timedelta(minutes=int(match[1]) * unit)


def parse_grace(value: object) -> timedelta:
    """Read a length of time long enough for a step to be found in."""
    length = parse_duration(value)
    if length < GRACE_MIN:
        shortest = format_duration(GRACE_MIN)
        raise InvalidValue(
            _("so short a time and every step would be missed"),
            _('Write at least "{shortest}", for example "6h".', shortest=shortest),
        )
    return length


def format_duration(length: timedelta) -> str:
    """Write what `parse_duration` reads."""
    minutes = length // timedelta(minutes=1)
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


_WHEN = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T\s]+(?P<clock>\S+))?"),
    re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})(?:\s+(?P<clock>\S+))?"),
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\S+")  # as TOML writes it, with seconds


def parse_when(value: object) -> date | datetime:
    """Read a TOML date or date and time, or the same as a text: "2025-10-16 08:00", "16/10/2025 08:00".

    A date stays a date; a moment without a zone means local time.
    """
    when = value if isinstance(value, date) else _parse_text(value)  # a datetime is a date too
    if when.year not in ALLOWED_YEARS:
        raise InvalidValue(_("the year {year} cannot be meant", year=when.year), _("Check the year."))
    return when


def _parse_text(value: object) -> date | datetime:
    text = value.strip() if isinstance(value, str) else ""
    if _ISO.fullmatch(text):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(text)
    for pattern in _WHEN:
        if match := pattern.fullmatch(text):
            return _from_match(match)
    raise InvalidValue(
        _("the date cannot be read"),
        _('Write 2025-10-16, or with a time 2025-10-16T08:00:00 or "16/10/2025 08:00".'),
    )


def _from_match(match: re.Match[str]) -> date | datetime:
    try:
        day = date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        what = _("{text} is not a day of the calendar", text=match[0])
        raise InvalidValue(what, _("Check the day and the month.")) from None
    return datetime.combine(day, parse_time(match["clock"])) if match["clock"] else day


def parse_day(value: object) -> date:
    """Read a day without a time."""
    when = parse_when(value)
    if isinstance(when, datetime):
        raise InvalidValue(_("a day is wanted here, without a time"), _("Write only the date: 2025-10-16."))
    return when


NO_SEND_KEYWORDS = ("holidays", "weekends")


def parse_no_send_day(value: object) -> date | str:
    """Read a date, "holidays" (public ones, days off in lieu) or "weekends" (unless swapped for work)."""
    if isinstance(value, str) and value.strip().lower() in NO_SEND_KEYWORDS:
        return value.strip().lower()
    try:
        return parse_day(value)
    except InvalidValue:
        raise InvalidValue(
            _("neither a day nor a word we know"),
            _('Write dates like 2025-11-20, "holidays" or "weekends".'),
        ) from None


def _format_when(when: date | datetime | str) -> str:
    return when if isinstance(when, str) else when.isoformat()


def _schema(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


def _text_schema(*examples: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": list(examples)})


_AS_TEXT = PlainSerializer(str, return_type=str)
WindowHours = Annotated[
    DailyHours,
    PlainValidator(parse_hours),
    _AS_TEXT,
    _schema(r"^\d{1,2}(:\d{2}|h(\d{2})?)\s*[-–—]\s*\d{1,2}(:\d{2}|h(\d{2})?)$", "07:30-20:30"),
]
_REPETITION = {
    "type": "string",
    "pattern": r"\d{1,2}(:\d{2}|h(\d{2})?)$",
    "examples": ["mon 08:00", "thứ hai 08:00", "daily 17:00"],
}
Every = Annotated[
    tuple[Recurrence, ...],
    PlainValidator(parse_every),
    PlainSerializer(format_every, return_type=list[str]),
    WithJsonSchema({"anyOf": [_REPETITION, {"type": "array", "items": _REPETITION, "minItems": 1}]}),
]
Before = Annotated[
    LadderStep, PlainValidator(parse_ladder_step), _AS_TEXT, _text_schema("7d 08:00", "0d 08:00", "6h")
]
Grace = Annotated[
    timedelta,
    PlainValidator(parse_grace),
    PlainSerializer(format_duration, return_type=str),
    _text_schema("6h", "30m", "2d"),
]
When = Annotated[
    date | datetime,
    PlainValidator(parse_when),
    PlainSerializer(_format_when, return_type=str),
    _text_schema("2025-10-16", "2025-10-16T08:00:00"),
]
Day = Annotated[
    date,
    PlainValidator(parse_day),
    PlainSerializer(_format_when, return_type=str),
    _text_schema("2025-10-16"),
]
NoSendDay = Annotated[
    date | str,
    PlainValidator(parse_no_send_day),
    PlainSerializer(_format_when, return_type=str),
    _text_schema(*NO_SEND_KEYWORDS, "2025-11-20"),
]
