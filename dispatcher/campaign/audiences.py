"""An audience, as schedules.toml has it: its people's lists, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, PrivateAttr

from dispatcher.campaign.field_types import Count, Days, Flag, Frozen, NonEmptyText
from dispatcher.campaign.time_values import WindowHours
from dispatcher.channels import Channel
from dispatcher.sms_encoding import AccentPolicy

# What a column of a list may hold; the same words as in dispatcher.contacts.columns, which reads them.
ColumnKind = Literal[
    "number", "name", "family_name", "middle_name", "given_name", "officer", "honorific", "sex", "male",
    "female", "phone", "zalo", "old_phone", "spare_phone", "relative_phone", "other_phone", "email", "area",
    "part_of_area", "address", "old_commune", "unit", "party_cell", "class", "role", "pupil", "father",
    "mother", "parent", "father_phone", "mother_phone", "parent_phone", "note", "consent", "dead", "moved",
    "refuses", "wrong_number", "retired", "alive", "present", "number_in_use", "timestamp", "ignore",
]  # fmt: skip
# What an audience says beside who is sent what when: an approval does not rest on it.
NO_PART_OF_THE_PLAN = frozenset({"sensitive", "retention_days"})


class ListColumns(Frozen):
    """What the organiser says about a list where the search for its columns would be wrong."""

    header_row: Count | None = Field(
        default=None, ge=0, description="Row of the headings, as the spreadsheet counts; 0: no headings."
    )
    sheets: tuple[str, ...] = Field(default=(), description="Read these sheets only, hidden ones included.")
    holds: Mapping[str, ColumnKind] = Field(
        default_factory=dict,
        description='What a column holds, by its letter or heading: `holds = { D = "phone", E = "ignore" }`.',
    )


class Audience(Frozen):
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
