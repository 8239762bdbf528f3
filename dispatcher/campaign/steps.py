"""A step or a digest, as schedules.toml has it: what is said when, to whom."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AliasChoices, ConfigDict, Field, model_validator

from dispatcher.campaign.field_types import Count, Flag, Frozen, Identifier
from dispatcher.campaign.time_values import Before, Day, Every, InvalidValue, When
from dispatcher.channels import Channel
from dispatcher.i18n import _

TimingKey = Literal["at", "every", "before", "after"]
# Keys that were called otherwise once: the old word is understood, and `check` says what it is called now.
RENAMED_KEYS = {"moment": "template"}


def _add_renamed_keys(schema: dict[str, Any]) -> None:
    """Add the old keys to the schema as deprecated, so that editors accept them."""
    keys = schema["properties"]
    for old, new in RENAMED_KEYS.items():
        keys[old] = {"deprecated": True, "description": f"Old word for `{new}`.", "type": "string"}


class Scheduled(Frozen):
    model_config = ConfigDict(json_schema_extra=_add_renamed_keys)

    name: Identifier = Field(description="Name, unique within the campaign: it is what the ledger remembers.")
    title: str = Field(
        default="", description="What pages and reports call it; without it: what kind it is, on which day."
    )
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
    def _one_timing(self) -> Scheduled:
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


class Step(Scheduled):
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


class Digest(Scheduled):
    """A mail to the people in charge: how their area stands, who is to be visited, what comes next."""

    to: tuple[str, ...] = Field(min_length=1, description="Audiences it goes to, by e-mail.")
    leads_only: Flag = Field(
        default=False, description="Only to heads of thôn and leaders of the commune, as the lists mark them."
    )
