"""Dependency wiring: the only module that builds the real objects."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from dispatcher.campaign.model import Office
from dispatcher.clock import Clock, SystemClock
from dispatcher.configuration import Configuration, fingerprint, load_configuration
from dispatcher.delivery import Delivery, EnvelopeBuilder
from dispatcher.delivery.timeouts import Timeouts
from dispatcher.engine.step_runner import StepRunner
from dispatcher.engine.worker_pool import WorkerPool
from dispatcher.errors import ConfigurationError, Problem
from dispatcher.feedback.in_doubt_resolver import InDoubtResolver
from dispatcher.gateways import Gateway, GatewayOptions
from dispatcher.gateways.registry import open_gateways
from dispatcher.i18n import _
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import key_values
from dispatcher.ledger.sending import rate_limits
from dispatcher.ledger.sending.lookups import LOOKUP_LEASE
from dispatcher.ledger_thread import LedgerThread
from dispatcher.report import digest_figures
from dispatcher.settings import Settings
from dispatcher.signed_links import SignedLinks

SHARD_SIZE_MIN, SHARD_SIZE_MAX = 50, 2000
SHARD_DURATION_SECONDS = 20  # a running shard never delays a warning by more than this


@dataclass(kw_only=True)
class App:
    """Everything that the command line and the web server need, built once."""

    settings: Settings
    ledger: Ledger
    ledger_thread: LedgerThread
    clock: Clock
    links: SignedLinks
    live_config: LiveConfiguration
    gateways: dict[str, Gateway]  # by channel
    delivery: Delivery
    in_doubt_resolver: InDoubtResolver
    step_runner: StepRunner
    worker_pool: WorkerPool

    @property
    def config(self) -> Configuration:
        """The schedules and templates in force."""
        return self.live_config.config

    async def close(self) -> None:
        """Close everything, the ledger last."""
        for gateway in self.gateways.values():
            await gateway.close()
        self.ledger_thread.close()
        self.ledger.close()


@dataclass(kw_only=True)
class LiveConfiguration:
    """The configuration in force, reloaded when the files change."""

    settings: Settings
    links: SignedLinks
    config: Configuration
    rejected: tuple[Problem, ...] = ()
    _rejected_fingerprint: str = field(default="", repr=False)

    def current(self) -> Configuration:
        """Return the configuration in force; ask again before each use."""
        return self.config

    def reload(self) -> bool:
        """Take over what changed on disk, if it is sound; a broken edit is refused and the old one stays.

        Return True when there is news: a new configuration, or a rejection with its reasons in `rejected`.
        """
        found = fingerprint(self.settings.schedules, self.settings.templates)
        if found in {self.config.fingerprint, self._rejected_fingerprint}:
            return False
        try:
            self.config = load_configuration(self.settings, self.links)
        except ConfigurationError as broken:
            self.rejected, self._rejected_fingerprint = broken.problems, found
        else:
            self.rejected, self._rejected_fingerprint = (), ""
        return True


def open_ledger(settings: Settings) -> Ledger:
    """Open the ledger that the settings name."""
    return Ledger.open(settings.database_url)


def make_signed_links(settings: Settings, ledger: Ledger) -> SignedLinks:
    """Make the signer of keys and links."""
    public_url = settings.public_url or f"http://{settings.bind}"
    return SignedLinks(public_url, settings.secret_key or key_values.signing_secret(ledger))


def build(
    settings: Settings, *, clock: Clock | None = None, is_stopping: Callable[[], bool] = lambda: False
) -> App:
    """Put the service together; nothing is connected yet but the ledger.

    Raises ConfigurationError when schedules, templates or settings cannot be used.
    """
    clock = clock or SystemClock()
    ledger = open_ledger(settings)
    links = make_signed_links(settings, ledger)
    live_config = LiveConfiguration(
        settings=settings, links=links, config=load_configuration(settings, links)
    )
    gateways = _gateways(settings, live_config.config.schedules.office, clock)
    for gateway in gateways.values():
        rate_limits.set_max_rate(ledger, gateway.name, gateway.capabilities.rate_per_second)
    ledger_thread = LedgerThread()
    delivery = _delivery(ledger, ledger_thread, clock, live_config, gateways, is_stopping)
    timeouts = delivery.timeouts
    return App(
        settings=settings,
        ledger=ledger,
        ledger_thread=ledger_thread,
        clock=clock,
        links=links,
        live_config=live_config,
        gateways=gateways,
        delivery=delivery,
        in_doubt_resolver=InDoubtResolver(
            ledger=ledger,
            ledger_thread=ledger_thread,
            clock=clock,
            gateways=gateways,
            links=links,
            config=live_config.current,
            in_flight=delivery.in_flight,
            lookup_lease=LOOKUP_LEASE * settings.timeout_scale,
        ),
        step_runner=StepRunner(ledger, live_config.current, shard_size=lambda on: shard_size(gateways[on])),
        worker_pool=WorkerPool(
            tuple(gateways), idle_interval=timeouts.idle_interval, retry_interval=timeouts.db_retry_interval
        ),
    )


def _delivery(
    ledger: Ledger,
    ledger_thread: LedgerThread,
    clock: Clock,
    live_config: LiveConfiguration,
    gateways: dict[str, Gateway],
    is_stopping: Callable[[], bool],
) -> Delivery:
    settings = live_config.settings
    return Delivery(
        ledger=ledger,
        ledger_thread=ledger_thread,
        clock=clock,
        envelope_builder=EnvelopeBuilder(
            gateways=gateways,
            links=live_config.links,
            mail_domain=settings.mail_from.rpartition("@")[2].rstrip("> ") or "localhost",
            bounce_address=settings.bounce_address,
            load_figures=lambda campaign, now: digest_figures.gather(
                ledger, live_config.config.schedules, campaign, now=now
            ),
        ),
        config=live_config.current,
        owner=f"{socket.gethostname()}-{os.getpid()}",
        is_stopping=is_stopping,
        timeouts=Timeouts().scaled(settings.timeout_scale),
    )


def shard_size(gateway: Gateway) -> int:
    """Return how many recipients make one shard of a gateway's channel."""
    return max(
        SHARD_SIZE_MIN,
        min(SHARD_SIZE_MAX, round(gateway.capabilities.rate_per_second * SHARD_DURATION_SECONDS)),
    )


def _gateways(settings: Settings, office: Office, clock: Clock) -> dict[str, Gateway]:
    options = {
        "twilio": GatewayOptions(
            values=twilio_values(settings, sender=office.sender),
            rate_per_second=settings.sms_rate,
            timeout_scale=settings.timeout_scale,
            clock=clock,
        ),
        "smtp": GatewayOptions(
            values={
                "url": settings.smtp_url,
                "mail_from": _with_display_name(settings.mail_from, office.mail_name),
            },
            rate_per_second=settings.mail_rate,
            timeout_scale=settings.timeout_scale,
            clock=clock,
        ),
    }
    if missing := [
        name for name, there in (("twilio", settings.has_twilio), ("smtp", settings.has_smtp)) if not there
    ]:
        remedy = _("Set its settings, or run the demo against the sandbox with: dispatcher simulate")
        raise ConfigurationError(
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
    return {gateway.capabilities.channel: gateway for gateway in open_gateways(options).values()}


def twilio_values(settings: Settings, *, sender: str) -> dict[str, str]:
    """Return what the gateway of texts is opened with; `sender` speaks where the settings name none."""
    return {
        "account_sid": settings.twilio_account_sid,
        "auth_token": settings.twilio_auth_token,
        "messaging_service_sid": settings.twilio_messaging_service_sid,
        "from": settings.twilio_from or sender,
        "base_url": settings.twilio_base_url,
    }


def _with_display_name(sender: str, name: str) -> str:
    """Put the office's name before its address, unless the setting brings a name of its own."""
    return sender if "<" in sender else f"{name} <{sender}>"
