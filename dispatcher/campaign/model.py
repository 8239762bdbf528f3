"""What schedules.toml says, as values: the office, its audiences, its campaigns and their steps.

Every name below is a key of the file; `description` is its line in the reference and in the editor.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, PrivateAttr, Strict, model_validator

from dispatcher.campaign.field_types import Identifier, MailAddress, NonEmptyText, SenderName
from dispatcher.campaign.time_values import (
    Before,
    DailyHours,
    Day,
    Every,
    Grace,
    InvalidValue,
    NoSendDay,
    When,
    WindowHours,
)
from dispatcher.channels import Channel
from dispatcher.i18n import _
from dispatcher.sms_encoding import AccentPolicy

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
LAST_SECOND = time(23, 59, 59)
CAP_PER_DAY_MAX = 3  # the most that the decree on spam allows to one number in 24 hours

TimingKey = Literal["at", "every", "before", "after"]
# What a column of a list may hold; the same words as in dispatcher.contacts.columns, which reads them.
ColumnKind = Literal[
    "number", "name", "family_name", "middle_name", "given_name", "officer", "honorific", "sex", "male",
    "female", "phone", "zalo", "old_phone", "spare_phone", "relative_phone", "other_phone", "email", "area",
    "part_of_area", "address", "old_commune", "unit", "party_cell", "class", "role", "pupil", "father",
    "mother", "parent", "father_phone", "mother_phone", "parent_phone", "note", "consent", "dead", "moved",
    "refuses", "wrong_number", "retired", "alive", "present", "number_in_use", "timestamp", "ignore",
]  # fmt: skip
# Keys that were called otherwise once: the old word is understood, and `check` says what it is called now.
RENAMED_KEYS = {"moment": "template"}
# The networks that have a price of their own; the same words as dispatcher.vietnamese.phone.network gives.
NETWORKS = ("viettel", "mobifone", "vinaphone", "vietnamobile", "gmobile", "reddi", "indochina")


Count = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Days = Annotated[int, Strict(), Field(ge=1, le=36500)]


# What an audience says beside who is sent what when: an approval does not rest on it.
NO_PART_OF_THE_PLAN = frozenset({"sensitive", "retention_days"})


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=False)


class Office(_Frozen):
    """Who speaks."""

    name: NonEmptyText = Field(description="Name of the office, as texts and mails say it.")
    sender: SenderName = Field(
        description="Sender name of texts, at most 11 of A-Z a-z 0-9 space . - _ with a letter among them."
    )
    mail_name: str = Field(
        default_factory=lambda seen: seen.get("name", ""),
        description="Sender name of mails; without it: `name`.",
    )
    phone: str = Field(default="", description="Number people may ring, as texts and mails print it.")
    mail: MailAddress = Field(default="", description="Address that answers to mails go to.")
    website: str = Field(default="", description="Website of the office, for texts and mails.")


class Prices(_Frozen):
    """What one part of a text costs, in VND."""

    default: Count = Field(ge=0, description="Price of one part where the network has no price of its own.")
    viettel: Count | None = Field(default=None, ge=0, description="Price of one part to Viettel.")
    mobifone: Count | None = Field(default=None, ge=0, description="Price of one part to MobiFone.")
    vinaphone: Count | None = Field(default=None, ge=0, description="Price of one part to VinaPhone.")
    vietnamobile: Count | None = Field(default=None, ge=0, description="Price of one part to Vietnamobile.")
    gmobile: Count | None = Field(default=None, ge=0, description="Price of one part to Gmobile.")
    reddi: Count | None = Field(default=None, ge=0, description="Price of one part to Wintel (Reddi).")
    indochina: Count | None = Field(default=None, ge=0, description="Price of one part to Indochina Telecom.")

    def price_of_part(self, network: str) -> int:
        """Return the price of one part to `network`, in VND; a network without its own costs the default."""
        own: int | None = getattr(self, network) if network in NETWORKS else None
        return self.default if own is None else own


class Retention(_Frozen):
    """How long is kept what belongs to no single campaign or audience."""

    answers_days: Days = Field(
        default=90, description="Texts that people sent are erased so many days after somebody has read them."
    )
    imports_days: Days = Field(
        default=180,
        description="How rows stood before a load is erased after this; older loads cannot be undone.",
    )
    audit_days: Days = Field(
        default=1095,
        description="Lines of the log, of who did what and saw whom, are erased after this.",
    )
    consent_days: Days = Field(
        default=3650,
        description="The record of who said no, or came back, when and in which words: kept long, because it "
        "proves that the office acted rightly. What still stops messages is never erased.",
    )


class ListColumns(_Frozen):
    """What the organiser says about a list where the search for its columns would be wrong."""

    header_row: Count | None = Field(
        default=None, ge=0, description="Row of the headings, as the spreadsheet counts; 0: no headings."
    )
    sheets: tuple[str, ...] = Field(default=(), description="Read these sheets only, hidden ones included.")
    holds: Mapping[str, ColumnKind] = Field(
        default_factory=dict,
        description='What a column holds, by its letter or heading: `holds = { D = "phone", E = "ignore" }`.',
    )


class Audience(_Frozen):
    """People who are written to in the same words."""

    title: NonEmptyText = Field(description="What the audience is called in plans and reports.")
    lists: tuple[NonEmptyText, ...] = Field(
        min_length=1, description='Its lists, as patterns inside the contacts folder: `["staff/*"]`.'
    )
    basis: Literal["public_task", "consent"] = Field(description="Why the office may use these lists.")
    supplied_by: NonEmptyText = Field(description="Who supplied the lists.")
    priority: Count = Field(
        ge=1, le=99, description="1 is first: who is in several audiences is written to as the first."
    )
    channels: tuple[Channel, ...] = Field(
        default=("sms", "email"),
        min_length=1,
        description="Channels in order of preference: each person gets one message, on the first they have.",
    )
    text: AccentPolicy = Field(
        default="auto",
        description="Accents in texts: always, never, or `auto`: without them when that saves a part.",
    )
    window: WindowHours | None = Field(
        default=None, description="Hours for this audience, inside those of the campaign."
    )
    sensitive: Flag = Field(
        default=False,
        description="To be in it says something sensitive (party members). Who is known from such lists "
        "only is named to organisers and administrators alone, and never in links, digests or pushes.",
    )
    retention_days: Days = Field(
        default=365,
        description="People are erased so many days after the last campaign that speaks to them, and after "
        "the last load. Who said no, or was dropped by a decision, goes on being left out.",
    )
    columns: Mapping[str, ListColumns] = Field(
        default_factory=dict, description='How to read a list, by file pattern: `columns."lop-*.xlsx"`.'
    )

    _key: str = PrivateAttr(default="")
    _areas: tuple[str, ...] = PrivateAttr(default=())

    @property
    def name(self) -> str:
        """The key of the audience in the file."""
        return self._key

    @property
    def areas(self) -> tuple[str, ...]:
        """All thôn of the office; empty when it has not listed them."""
        return self._areas


def _add_renamed_keys(schema: dict[str, Any]) -> None:
    """Add the old keys to the schema as deprecated, so that editors accept them."""
    keys = schema["properties"]
    for old, new in RENAMED_KEYS.items():
        keys[old] = {"deprecated": True, "description": f"Old word for `{new}`.", "type": "string"}


class _Scheduled(_Frozen):
    model_config = ConfigDict(json_schema_extra=_add_renamed_keys)

    name: Identifier = Field(description="Name, unique within the campaign: it is what the ledger remembers.")
    at: When | None = Field(default=None, description="Once, at this local time; a date means 08:00.")
    every: Every | None = Field(
        default=None,
        description='Again and again up to the deadline: `"mon 08:00"`, `"daily 17:00"`, or several.',
    )
    before: tuple[Before, ...] | None = Field(
        default=None,
        min_length=1,
        description='Ladder before the deadline: `["7d 08:00", "3d 08:00", "0d 08:00", "6h"]`. "3d" is '
        'the day on which "3 days left" is right, "0d" the last day, "6h" hours before the deadline.',
    )
    since: Day | None = Field(default=None, description="`every`: not before this day.")
    until: Day | None = Field(default=None, description="`every`: not after this day.")
    template: Identifier | None = Field(
        default=None,
        validation_alias=AliasChoices("template", "moment"),
        serialization_alias="moment",  # approvals were given for a hash of the plan with the old key
        description="Template used. Without it: the name of the step for `at`, weekly for `every`, for "
        "`before` 7-days, 3-days, 1-day, last-day or last-hours as the day says, thanks for `after`.",
    )
    priority: Count | None = Field(
        default=None,
        ge=0,
        le=100,
        description="When the gateway is busy, the higher goes first; default by kind.",
    )

    def timing_keys(self) -> tuple[TimingKey, ...]:
        """Return the keys that say when; a valid step has exactly one."""
        keys: tuple[TimingKey, ...] = ("at", "every", "before", "after")
        return tuple(key for key in keys if getattr(self, key, None) is not None)

    @model_validator(mode="after")
    def _one_timing(self) -> _Scheduled:
        keys_present = self.timing_keys()
        if len(keys_present) != 1:
            what = (
                _("these say when, and only one of them may: {keys}", keys=", ".join(keys_present))
                if keys_present
                else _("nothing says when")
            )
            raise InvalidValue(what, _("Keep exactly one of at, every, before (or after, for steps)."))
        if "every" not in keys_present and (self.since or self.until):
            raise InvalidValue(_("since and until belong to every"), _("Take them out, or write every = …"))
        return self


class Step(_Scheduled):
    """One thing that is said: once, repeatedly, on a ladder before the deadline, or after taking part."""

    after: Literal["participation"] | None = Field(
        default=None, description='`"participation"`: once to each person who has taken part.'
    )
    days_after_deadline: Count = Field(
        default=7, ge=0, le=365, description="`after`: thanks may go out for so many days after the deadline."
    )
    audiences: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="Only these audiences of the campaign."
    )
    channels: tuple[Channel, ...] | None = Field(
        default=None, min_length=1, description="Channels of this step, instead of those of each audience."
    )


class Digest(_Scheduled):
    """A mail to the people in charge: how their area stands, who is to be visited, what comes next."""

    to: tuple[str, ...] = Field(min_length=1, description="Audiences it goes to, by e-mail.")
    leads_only: Flag = Field(
        default=False, description="Only to heads of thôn and leaders of the commune, as the lists mark them."
    )


class Campaign(_Frozen):
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


class Schedules(_Frozen):
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


# Keys that came later: an approval from before them goes on holding where the file does not say them.
_LATER_KEYS = ("action", "done", "over_cap", "moved")


def plan_hash(schedules: Schedules, campaign: str) -> str:
    """Return a stable hash of everything that decides what `campaign` sends to whom when: what is approved.

    64 hex digits. Comments, spacing and the order of keys do not matter; other campaigns and prices neither.
    """
    chosen = schedules.campaigns[campaign]
    named = {*chosen.audiences, *(name for digest in chosen.digests for name in digest.to)}
    unsaid = {name for name in _LATER_KEYS if name not in chosen.model_fields_set}
    hashed = {
        "campaign": {campaign: chosen.model_dump(mode="json", by_alias=True, exclude=unsaid)},
        "audience": {
            audience.name: audience.model_dump(mode="json", by_alias=True, exclude=set(NO_PART_OF_THE_PLAN))
            for audience in schedules.audiences_by_priority(named)
        },
        "office": schedules.office.model_dump(mode="json", by_alias=True),
        "timezone": schedules.timezone.key,
    }
    text = json.dumps(hashed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def calendar_hash(campaign: Campaign) -> str:
    """Return a stable hash of the dates and steps of a campaign, whatever it is called: 64 hex digits."""
    calendar = campaign.model_dump(mode="json", by_alias=True, include={"starts", "ends", "steps", "digests"})
    return hashlib.sha256(json.dumps(calendar, sort_keys=True).encode()).hexdigest()
