"""Builds envelopes: what a gateway is handed for one message, with the keys that come back to us."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dispatcher.gateways import ConfirmSending, Envelope, Gateway
from dispatcher.gateways.opened import OpenGateways
from dispatcher.ledger.sending.claim_types import ClaimedMessage
from dispatcher.message.digest import DigestFigures
from dispatcher.signed_links import SignedLinks, verp_address

LoadFigures = Callable[[str, datetime], DigestFigures]


@dataclass(frozen=True, kw_only=True)
class EnvelopeBuilder:
    """Everything an envelope needs besides the words."""

    gateways: OpenGateways
    links: SignedLinks
    mail_domain: str
    load_figures: LoadFigures
    is_sensitive: Callable[[str], bool] = lambda _audience: False
    bounce_address: str = ""  # mails return to an address of their own under this one; empty: to the sender

    def build(
        self,
        claimed: ClaimedMessage,
        gateway: Gateway,
        *,
        slot: datetime,
        validity_seconds: float,
        confirm: ConfirmSending | None = None,
    ) -> Envelope:
        """Address one message for a gateway; `validity_seconds` is how long it may still be delivered."""
        links, draft = self.links, claimed.draft
        key = links.message_key(claimed.message_id, claimed.attempt)
        is_mail = draft.mail is not None
        return Envelope(
            key=key,
            to=claimed.recipient.address,
            to_name=claimed.recipient.name,
            body=draft.body,
            mail=draft.mail,
            callback_url=links.status_callback_url(gateway.name, key),
            validity_seconds=max(1, int(validity_seconds)),
            message_id=links.message_id_header(claimed.message_id, self.mail_domain) if is_mail else "",
            envelope_from=verp_address(self.bounce_address, key) if is_mail and self.bounce_address else "",
            date=slot,
            confirm=confirm,
            sensitive=self.is_sensitive(claimed.recipient.audience),
        )
