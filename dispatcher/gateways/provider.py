"""What a provider brings: its rows of settings, how it is opened, what its codes mean, what it calls us with.

One folder is one provider. Its package offers a `PROVIDER`, which an entry point of the group
`dispatcher.gateways` names: ours through the same door as other people's. Loading it must be light; what is
heavy is imported when it is opened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from dispatcher.channels import Channel
from dispatcher.gateways import ErrorClass, Gateway, GatewayOptions, ProviderFacts
from dispatcher.settings import Setting

Values = Mapping[str, Any]  # a provider's settings, by their names


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookRequest:
    """A call of the provider's, at one of the two addresses it knows of us: status/KEY or inbound."""

    purpose: Literal["status", "inbound"]
    method: str
    url: str  # the public address it was sent to, query included: built from our settings, not from Host
    query: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    # `status`: the key in the address is one that we signed. To a provider that signs nothing, this is all
    # that tells its reports from a stranger's.
    is_key_ours: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusReport(ProviderFacts):
    """What a provider says of one message."""

    provider_id: str
    status: str  # the ledger's word; empty when the provider's is one we do not know
    provider_status: str  # the provider's word, as it came
    code: str = ""
    error_class: ErrorClass = ""
    retry_after_seconds: float | None = None  # how long the code asks to wait
    parts: int | None = None  # as the provider counted
    vnd: int | None = None  # as the provider charged
    extra: Mapping[str, str] = field(default_factory=dict)  # kept beside it


@dataclass(frozen=True, kw_only=True, slots=True)
class InboundText:
    """One text from a phone."""

    provider_id: str
    sender: str
    body: str
    opt_out_type: str = ""  # STOP, START or HELP when the provider has already acted on it


@runtime_checkable
class ListsInbound(Protocol):
    """A gateway whose provider keeps a list of the texts that came in."""

    async def inbound_since(self, since: datetime) -> Sequence[InboundText]:
        """Return the texts that came in from `since` on, and perhaps earlier ones, the oldest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedText:
    """One text that went out, as the provider's list has it."""

    provider_id: str
    to: str  # E.164, or what the provider has left of it
    sender: str
    body: str  # empty where the provider keeps no words
    status: str  # the ledger's word; empty when the provider's is one we do not know
    at: datetime | None  # when the provider took it, by its own clock


@runtime_checkable
class ListsOutbound(Protocol):
    """A gateway whose provider keeps a list of the texts that went out."""

    @property
    def senders(self) -> frozenset[str]:
        """Whom our texts come from: others may send through the same account."""

    def outbound_since(self, since: datetime) -> AsyncIterator[Sequence[ListedText]]:
        """Yield the texts that went out from `since` on, and perhaps earlier ones, in any order.

        One may come twice. Raises whatever keeps the list from being read to its end, after trying again
        what may only be busy.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookAnswer:
    """What to say to the provider once its reports are safely written down."""

    status: int
    reports: tuple[StatusReport | InboundText, ...] = ()
    unreadable: Mapping[str, str] | None = None  # what it was, of which we could make no report
    content_type: str = "text/plain; charset=utf-8"
    body: bytes = b""


NOT_SIGNED = WebhookAnswer(status=403)
NOT_READABLE = WebhookAnswer(status=400)
WRONG_METHOD = WebhookAnswer(status=405)


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """One way to the outside world."""

    name: str
    channel: Channel
    settings: tuple[Setting, ...]
    configured_by: str  # the name of the setting that turns it on
    open: Callable[[GatewayOptions], Gateway]  # connects nothing yet; raises ConfigurationError
    explain: Callable[[str], ErrorClass]  # whose fault a code is; empty: not one of this provider's
    read_webhook: Callable[[WebhookRequest, Values], WebhookAnswer] | None = None
    webhook_aliases: tuple[str, ...] = ()  # further prefixes of its addresses, given out by older versions

    def is_configured(self, values: Values) -> bool:
        """Return whether its settings turn it on."""
        return bool(values.get(self.configured_by))
