"""A message the sandbox accepted: what stays of it in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from dispatcher.sandbox.twilio_requests import matches_date


class TwilioMessage:
    """One accepted message; its text stays on disk."""

    __slots__ = ("code", "created", "length", "offset", "sender", "sent", "sid", "status", "to",
                 "updated")  # fmt: skip

    def __init__(
        self,
        sid: str,
        to: str,
        sender: str,
        status: str,
        created: float,
        offset: int,
        length: int,
    ) -> None:
        self.sid = sid
        self.to = to
        self.sender = sender
        self.status = status
        self.created = created
        self.updated = created
        self.sent: float | None = None
        self.code = 0
        self.offset = offset
        self.length = length


def from_timestamp(seconds: float) -> datetime:
    """Return the moment so many seconds after 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def matches_filter(message: TwilioMessage, query: Mapping[str, str]) -> bool:
    """Return whether a message is one that the filters of a list ask for."""
    if query.get("From", message.sender) != message.sender:
        return False
    sent = from_timestamp(message.sent if message.sent is not None else message.created).replace(
        microsecond=0
    )
    bounds = ((query.get(name), name[8:]) for name in ("DateSent", "DateSent>", "DateSent<"))
    return all(matches_date(sent, bound, side) for bound, side in bounds if bound)
