"""The pieces put together: the only place that builds real things."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from dispatcher import edition as editions
from dispatcher.campaign.model import Office
from dispatcher.clock import Clock, SystemClock
from dispatcher.crossing import Crossing
from dispatcher.delivery import Delivery, Post
from dispatcher.delivery.patience import Patience
from dispatcher.edition import Edition
from dispatcher.engine.calendar import Calendar
from dispatcher.engine.embedded import EmbeddedEngine
from dispatcher.errors import ConfigurationBroken, Problem
from dispatcher.feedback.doubts import Inquiry
from dispatcher.gateways import Gateway, GatewayOptions
from dispatcher.gateways.registry import open_gateways
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, meta, rates
from dispatcher.ledger.doubts import HOLD
from dispatcher.links import Links
from dispatcher.report import figures
from dispatcher.settings import Settings

SHARD_SIZE_MIN, SHARD_SIZE_MAX = 50, 2000
SHARD_SECONDS = 20  # a running shard never delays a warning by more than this


@dataclass(kw_only=True)
class App:
    """Everything a face needs, built once."""

    settings: Settings
    ledger: Ledger
    crossing: Crossing
    clock: Clock
    links: Links
    current: CurrentEdition
    gateways: dict[str, Gateway]  # by channel
    delivery: Delivery
    inquiry: Inquiry
    calendar: Calendar
    engine: EmbeddedEngine

    @property
    def edition(self) -> Edition:
        """The schedules and templates in force."""
        return self.current.edition

    async def close(self) -> None:
        """Give everything back, the ledger last."""
        for gateway in self.gateways.values():
            await gateway.close()
        self.crossing.close()
        self.ledger.close()


@dataclass(kw_only=True)
class CurrentEdition:
    """The edition in force, and the taking over of a new one."""

    settings: Settings
    links: Links
    edition: Edition
    refused: tuple[Problem, ...] = ()
    _refused_fingerprint: str = field(default="", repr=False)

    def in_force(self) -> Edition:
        """Give the edition of this moment: whoever works on keeps asking."""
        return self.edition

    def reload(self) -> bool:
        """Take over what changed on disk, if it is sound; a broken edit is refused and the old one stays.

        True when there is news: a new edition, or a refusal with its reasons in `refused`.
        """
        found = editions.fingerprint(self.settings.schedules, self.settings.templates)
        if found in {self.edition.fingerprint, self._refused_fingerprint}:
            return False
        try:
            self.edition = editions.read(self.settings, self.links)
        except ConfigurationBroken as broken:
            self.refused, self._refused_fingerprint = broken.problems, found
        else:
            self.refused, self._refused_fingerprint = (), ""
        return True


def open_ledger(settings: Settings) -> Ledger:
    """Open the ledger that the settings name."""
    return Ledger.open(settings.database_url)


def make_links(settings: Settings, ledger: Ledger) -> Links:
    """Make the signer of keys and links."""
    public_url = settings.public_url or f"http://{settings.bind}"
    return Links(public_url, settings.secret_key or meta.secret(ledger))


def build(
    settings: Settings, *, clock: Clock | None = None, stopping: Callable[[], bool] = lambda: False
) -> App:
    """Put the service together; nothing is connected yet but the ledger.

    Raises ConfigurationBroken when schedules, templates or settings cannot be used.
    """
    clock = clock or SystemClock()
    ledger = open_ledger(settings)
    links = make_links(settings, ledger)
    current = CurrentEdition(settings=settings, links=links, edition=editions.read(settings, links))
    gateways = _gateways(settings, current.edition.schedules.office, clock)
    for gateway in gateways.values():
        rates.ensure(ledger, gateway.name, gateway.traits.rate_per_second)
    crossing = Crossing()
    delivery = _delivery(ledger, crossing, clock, current, gateways, stopping)
    patience = delivery.patience
    return App(
        settings=settings,
        ledger=ledger,
        crossing=crossing,
        clock=clock,
        links=links,
        current=current,
        gateways=gateways,
        delivery=delivery,
        inquiry=Inquiry(
            ledger=ledger,
            crossing=crossing,
            clock=clock,
            gateways=gateways,
            links=links,
            edition=current.in_force,
            in_hand=delivery.in_hand,
            hold=HOLD * settings.patience,
        ),
        calendar=Calendar(ledger, current.in_force, shard_size=lambda on: shard_size(gateways[on])),
        engine=EmbeddedEngine(tuple(gateways), idle=patience.idle, trouble=patience.trouble),
    )


def _delivery(
    ledger: Ledger,
    crossing: Crossing,
    clock: Clock,
    current: CurrentEdition,
    gateways: dict[str, Gateway],
    stopping: Callable[[], bool],
) -> Delivery:
    settings = current.settings
    return Delivery(
        ledger=ledger,
        crossing=crossing,
        clock=clock,
        post=Post(
            gateways=gateways,
            links=current.links,
            mail_domain=settings.mail_from.rpartition("@")[2].rstrip("> ") or "localhost",
            bounce_address=settings.bounce_address,
            figures=lambda campaign, now: figures.figures(
                ledger, current.edition.schedules, campaign, now=now
            ),
        ),
        edition=current.in_force,
        owner=f"{socket.gethostname()}-{os.getpid()}",
        stopping=stopping,
        patience=Patience().shortened(settings.patience),
    )


def shard_size(gateway: Gateway) -> int:
    """Give how many recipients make one shard of a gateway's channel."""
    return max(SHARD_SIZE_MIN, min(SHARD_SIZE_MAX, round(gateway.traits.rate_per_second * SHARD_SECONDS)))


def _gateways(settings: Settings, office: Office, clock: Clock) -> dict[str, Gateway]:
    options = {
        "twilio": GatewayOptions(
            values=twilio_values(settings, sender=office.sender),
            rate_per_second=settings.sms_rate,
            patience=settings.patience,
            clock=clock,
        ),
        "smtp": GatewayOptions(
            values={"url": settings.smtp_url, "mail_from": _named(settings.mail_from, office.mail_name)},
            rate_per_second=settings.mail_rate,
            patience=settings.patience,
            clock=clock,
        ),
    }
    if missing := [
        name for name, there in (("twilio", settings.has_twilio), ("smtp", settings.has_smtp)) if not there
    ]:
        remedy = _("Set its settings, or run the demo against the sandbox with: dispatcher simulate")
        raise ConfigurationBroken(
            [
                Problem(
                    file=_("environment"),
                    where=name,
                    what=_("no {name} gateway is configured", name=name),
                    remedy=remedy,
                )
                for name in missing
            ]
        )
    return {gateway.traits.channel: gateway for gateway in open_gateways(options).values()}


def twilio_values(settings: Settings, *, sender: str) -> dict[str, str]:
    """Give what the gateway of texts is opened with; `sender` speaks where the settings name none."""
    return {
        "account_sid": settings.twilio_account_sid,
        "auth_token": settings.twilio_auth_token,
        "messaging_service_sid": settings.twilio_messaging_service_sid,
        "from": settings.twilio_from or sender,
        "base_url": settings.twilio_base_url,
    }


def _named(sender: str, name: str) -> str:
    """Put the office's name before its address, unless the setting brings a name of its own."""
    return sender if "<" in sender else f"{name} <{sender}>"
