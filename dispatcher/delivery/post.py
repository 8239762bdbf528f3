"""What delivery sends with: one gateway a channel, and the keys that come back to us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatcher.gateways import Envelope, Gateway
from dispatcher.ledger.claims import Claimed
from dispatcher.links import Links
from dispatcher.message.digest import Figures

VALIDITY_MAX = 36_000  # seconds, Twilio's limit

FiguresOf = Callable[[str, datetime], Figures]


@dataclass(frozen=True, kw_only=True)
class Post:
    """Everything an envelope needs besides the words."""

    gateways: Mapping[str, Gateway]
    links: Links
    mail_domain: str
    figures: FiguresOf
    bounce_address: str = ""  # mails return to an address of their own under this one; empty: to the sender

    def envelope(self, item: Claimed, *, slot: datetime, validity_seconds: float) -> Envelope:
        """Address one message; `validity_seconds` is how long it may still be delivered."""
        links, draft = self.links, item.draft
        key = links.message_key(item.message_id, item.attempt)
        return Envelope(
            key=key,
            to=item.recipient.address,
            to_name=item.recipient.name,
            body=draft.body,
            mail=draft.mail,
            callback_url=links.callback(key),
            validity_seconds=max(1, min(VALIDITY_MAX, int(validity_seconds))),
            message_id=links.mail_id(item.message_id, self.mail_domain),
            envelope_from=self._return_path(item),
            date=slot,
        )

    def _return_path(self, item: Claimed) -> str:
        if not self.bounce_address or item.draft.mail is None:
            return ""
        return self.links.bounce_address(self.bounce_address, item.message_id, item.attempt)
