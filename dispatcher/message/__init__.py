"""Messages: the values here, composing and rendering in the modules beside.

Pure: a template folder, a campaign and a recipient go in; a `Draft` comes out, or `UnsendableMessage` is
raised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Literal, Self

from dispatcher.campaign.step_kinds import Kind
from dispatcher.channels import Channel
from dispatcher.contacts.list_fields import IN_TEMPLATES
from dispatcher.message.mail_parts import MailParts

_texts: Callable[[object], tuple[Any, ...]] = attrgetter(*IN_TEMPLATES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """One person as a template sees them; empty text where the list says nothing."""

    person_id: int
    audience: str
    channel: Channel
    address: str
    name: str = ""
    given_name: str = ""
    honorific: str = ""  # only what the list said; templates fall back to "ông/bà"
    area: str = ""
    unit: str = ""
    role: str = ""
    lead: Literal["", "area", "commune"] = ""
    list_file: str = ""
    list_row: int = 0

    @classmethod
    def of(
        cls,
        listed: object,
        *,
        person_id: int,
        audience: str,
        channel: Channel,
        address: str,
        list_file: str,
        list_row: int,
    ) -> Self:
        """Return somebody as a template sees them; `listed` is a contact, or a row with its fields."""
        return cls(
            person_id=person_id,
            audience=audience,
            channel=channel,
            address=address,
            list_file=list_file,
            list_row=list_row,
            **dict(zip(IN_TEMPLATES, _texts(listed), strict=True)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderContext:
    """The occurrence a message belongs to, as far as words depend on it."""

    campaign: str
    step: str
    kind: Kind
    template: str  # template name: launch, weekly, 7-days, 3-days, last-day, last-hours, thanks, digest
    due_at: datetime
    today: date  # local day of sending: "còn 3 ngày" is counted from it
    is_first: bool = False  # first message of the campaign: carries the opt-out line in SMS


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """Words ready for the wire."""

    body: str = ""  # SMS, NFC or pure ASCII
    parts: int = 0
    encoding: str = ""  # GSM-7 | UCS-2 for SMS
    mail: MailParts | None = None
    body_hash: str = ""  # first 16 hex digits of SHA-256 over what is sent
