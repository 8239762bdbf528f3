"""What schedules.toml says, as values: a campaign, and all of the file.

Its other parts are `office`, `audiences` and `steps`. Every field is a key of the file; `description` is its
line in the reference and in the editor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, model_validator

from dispatcher.campaign.audiences import Audience
from dispatcher.campaign.field_types import Count, Flag, Frozen, Identifier, NonEmptyText
from dispatcher.campaign.office import Office, Prices, Retention
from dispatcher.campaign.rights import Rights
from dispatcher.campaign.steps import Digest, Step
from dispatcher.campaign.time_values import DailyHours, Grace, NoSendDay, When, WindowHours
from dispatcher.channels import Channel

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
LAST_SECOND = time(23, 59, 59)
CAP_PER_DAY_MAX = 3  # the most that the decree on spam allows to one number in 24 hours


class Campaign(Frozen):
    """A thing with a deadline that people are asked to take part in."""

    title: NonEmptyText = Field(description="Full title, for mails.")
    short_title: str = Field(
        default_factory=lambda seen: seen.get("title", ""),
        description="Short title, for texts; without it: `title`.",
    )
    action: str = Field(
        default="",
        description='What people are asked to do, within a sentence: `"gia hạn thẻ bảo hiểm y tế"`; without '
        'it: "tham gia" with the title.',
    )
    done: NonEmptyText = Field(
        default="đã tham gia",
        pattern="^[Đđ]ã ",
        description='What somebody has done who did it: `"đã gia hạn"`; it begins with "đã".',
    )
    letter: str = Field(default="", description="The official letter it rests on.")
    website: str = Field(default="", description="Where people take part.")
    starts: When = Field(description="First day, or moment. Nothing goes out before.")
    ends: When = Field(
        description="Deadline, at most two years after `starts`: a date counts to the end of that day. "
        "Nothing reminds after it."
    )
    audiences: tuple[str, ...] = Field(min_length=1, description="Audiences it speaks to.")
    class_: Literal["public_notice", "advertising"] = Field(
        default="public_notice",
        alias="class",
        description="`advertising` puts [QC] first, always says how to refuse, and needs lists with consent.",
    )
    window: WindowHours = Field(
        default=DailyHours(opens=time(7, 30), closes=time(20, 30)),
        json_schema_extra={"default": "07:30-20:30"},
        description="Local hours in which texts may go out, retries included; within 07:00-22:00.",
    )
    cap_per_day: Count = Field(
        default=1,
        ge=1,
        le=CAP_PER_DAY_MAX,
        description="Most texts to one number in 24 hours, all campaigns together.",
    )
    cap_per_week: Count = Field(
        default=3, ge=1, le=21, description="Most texts to one number in 7 days, all campaigns together."
    )
    over_cap: Literal["skip", "wait"] = Field(
        default="skip",
        description="A reminder that meets a cap: `skip`: it waits two hours at most, then it is not "
        "sent; `wait`: it waits until the cap is free, as long as its own time lasts. Thanks always wait.",
    )
    grace: Grace = Field(
        default=timedelta(hours=6),
        json_schema_extra={"default": "6h"},
        description="A step found so long after its time (late start, machine off) is missed, not replayed; "
        "at least 5m.",
    )
    budget_vnd: Count | None = Field(
        default=None, gt=0, description="Hard stop for the cost of texts, in VND; without it there is none."
    )
    no_send_days: tuple[NoSendDay, ...] = Field(
        default=(),
        description='Days without reminders: dates, `"holidays"`, `"weekends"`. Reminders move to the next '
        "allowed day, deadline warnings stay.",
    )
    target_percent: Count | None = Field(
        default=None,
        ge=1,
        le=100,
        description="Share of people who should take part, for digests and forecasts.",
    )
    retention_days: Count = Field(
        default=90,
        ge=1,
        le=3650,
        description="Addresses and texts of messages are erased so many days after the deadline; sums stay.",
    )
    requires_approval: Flag = Field(
        default=False,
        description="Nothing leaves until `dispatcher approve` has frozen plan, texts and lists.",
    )
    canary: Count = Field(
        default=0,
        ge=0,
        description="Send to so many people first, then wait for `dispatcher resume`; 0: do not wait.",
    )
    in_doubt_mail: Literal["resend", "hold"] = Field(
        default="resend",
        description="A mail whose fate a crash left unknown: sent again under the same Message-ID, or held.",
    )
    participation_link: Flag = Field(
        default=False, description="Mails carry a link by which the reader says that they took part."
    )
    opt_out: Literal["first", "always", "never"] = Field(
        default="first", description="Which texts say how to refuse: the first of the campaign, all, none."
    )
    moved: Literal["tell", "silent"] = Field(
        default="silent",
        description="When `ends` is moved: `tell`: whoever was told the old deadline is told the new one, "
        "once, in the words of the template `extended` or `shortened`; `silent`: nobody is told.",
    )
    steps: tuple[Step, ...] = Field(alias="step", min_length=1, description="What is said when.")
    digests: tuple[Digest, ...] = Field(
        default=(), alias="digest", description="Mails to the people in charge."
    )

    _key: str = PrivateAttr(default="")
    _timezone: ZoneInfo = PrivateAttr(default=VIETNAM)

    @property
    def name(self) -> str:
        """The key of the campaign in the file."""
        return self._key

    @property
    def timezone(self) -> ZoneInfo:
        """Where the campaign takes place."""
        return self._timezone

    @property
    def start(self) -> datetime:
        """The first moment, aware, in UTC."""
        return self.to_utc(self.starts, time())

    @property
    def deadline(self) -> datetime:
        """The last moment, aware, in UTC; of a date it is the last second of that local day."""
        return self.to_utc(self.ends, LAST_SECOND)

    def addressed(self) -> Iterator[tuple[tuple[str, ...], tuple[Channel, ...] | None]]:
        """Yield (audiences, channels of their own or None) of every step and digest."""
        for step in self.steps:
            yield step.audiences or self.audiences, step.channels
        for digest in self.digests:
            yield digest.to, ("email",)

    @property
    def closed_at(self) -> datetime:
        """The moment from which it is over: midnight after a last day; hours before it count from here."""
        day = not isinstance(self.ends, datetime)
        return self.deadline + timedelta(seconds=1) if day else self.deadline

    @property
    def last_day(self) -> date:
        """The local day on which nothing is left: "0 days left"."""
        return self.to_local(self.deadline - timedelta(microseconds=1)).date()

    def to_local(self, at: datetime) -> datetime:
        """Express an aware moment in local time."""
        return at.astimezone(self._timezone)

    def days_left(self, at: datetime) -> int:
        """Count the days from the local day of a moment to the last one: 0 on it, negative after it."""
        return (self.last_day - self.to_local(at).date()).days

    def to_utc(self, when: date | datetime, default_time: time) -> datetime:
        """Make what the file says a moment in UTC; a bare date takes `default_time`."""
        if not isinstance(when, datetime):
            when = datetime.combine(when, default_time)
        return (when if when.tzinfo else when.replace(tzinfo=self._timezone)).astimezone(UTC)


class Schedules(Frozen):
    """All of schedules.toml."""

    timezone: ZoneInfo = Field(default=VIETNAM, description="Time zone of every time in the file.")
    office: Office = Field(description="Who speaks.")
    prices: Prices = Field(description="What one part of a text costs, in VND.")
    areas: tuple[NonEmptyText, ...] = Field(
        default=(),
        description='All thôn of the office, as they are written: `["Thôn Đông", "Tổ dân phố 3"]`. Whatever '
        "else lists call a thôn is asked about; without this nothing is.",
    )
    retention: Retention = Field(
        default=Retention(), description="How long answers, loads, the log and the record of wishes are kept."
    )
    rights: Rights = Field(
        default=Rights(),
        description="By when the office answers people who ask for something about their data.",
    )
    audiences: Mapping[Identifier, Audience] = Field(
        alias="audience", min_length=1, description="People, by audience."
    )
    campaigns: Mapping[Identifier, Campaign] = Field(alias="campaign", min_length=1, description="Campaigns.")

    _closed_channels: frozenset[str] = PrivateAttr(default=frozenset())

    @model_validator(mode="after")
    def _name_parts(self) -> Schedules:
        # A part knows its name and its zone, so that it can be handed around alone.
        for name, audience in self.audiences.items():
            audience._key, audience._areas = name, self.areas
        for name, campaign in self.campaigns.items():
            campaign._key, campaign._timezone = name, self.timezone
        return self

    def audiences_by_priority(self, names: Collection[str] | None = None) -> tuple[Audience, ...]:
        """Return the audiences called `names` (all by default), first the one that wins a person."""
        chosen = (audience for name, audience in self.audiences.items() if names is None or name in names)
        return tuple(sorted(chosen, key=lambda audience: (audience.priority, audience.name)))

    @property
    def open_audiences(self) -> frozenset[str]:
        """Return the audiences that anybody in the office may see somebody to be in."""
        return frozenset(name for name, audience in self.audiences.items() if not audience.sensitive)

    def close_channels(self, closed: Collection[str]) -> None:
        """Leave these channels out of everything, as the office's settings say; once, right after reading."""
        self._closed_channels = frozenset(closed)

    def channels_of(self, audience: str, own: Sequence[Channel] | None = None) -> tuple[Channel, ...]:
        """Return the channels an audience is written to on, in order of preference, closed ones left out.

        `own` are those of a step, which go before the audience's.
        """
        chosen = own or self.audiences[audience].channels
        return tuple(channel for channel in chosen if channel not in self._closed_channels)

    def used_channels(self) -> frozenset[Channel]:
        """Return the channels on which any campaign writes to anybody."""
        return frozenset(
            channel
            for campaign in self.campaigns.values()
            for audiences, own in campaign.addressed()
            for name in audiences
            if name in self.audiences
            for channel in self.channels_of(name, own)
        )

    def left_out(self) -> tuple[tuple[str, Channel], ...]:
        """Return (audience, channel) where a closed channel leaves people of an audience without a word."""
        found = {
            (name, channel): None
            for campaign in self.campaigns.values()
            for audiences, own in campaign.addressed()
            for name in audiences
            if name in self.audiences
            for channel in own or self.audiences[name].channels
            if channel in self._closed_channels
        }
        return tuple(found)

    def to_local(self, at: datetime) -> datetime:
        """Express an aware moment in local time."""
        return at.astimezone(self.timezone)
