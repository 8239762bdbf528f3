"""Dependency wiring: the only module that builds the real objects."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from dispatcher import kept_configuration
from dispatcher.campaign.office import Office
from dispatcher.clock import Clock, SystemClock
from dispatcher.configuration import Configuration, fingerprint, load_servable
from dispatcher.delivery import Delivery, EnvelopeBuilder
from dispatcher.delivery.timeouts import Timeouts
from dispatcher.engine.step_runner import StepRunner
from dispatcher.engine.worker_pool import WorkerPool
from dispatcher.errors import ConfigurationError, Problem
from dispatcher.feedback.bounces import imap
from dispatcher.feedback.in_doubt_resolver import ABSENCE_PATIENCE, InDoubtResolver
from dispatcher.gateways import registry
from dispatcher.gateways.opened import OpenGateways
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, find_problems, open_ledger
from dispatcher.ledger.privacy import secret_key
from dispatcher.ledger.sending import rate_limits
from dispatcher.ledger.sending.lookups import LOOKUP_LEASE
from dispatcher.ledger_thread import LedgerThread
from dispatcher.report import digest_figures
from dispatcher.settings import LOOPBACK_HOSTS, Settings, problem
from dispatcher.signed_links import SignedLinks

logger = logging.getLogger(__name__)

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
    gateways: OpenGateways
    delivery: Delivery
    in_doubt_resolver: InDoubtResolver
    step_runner: StepRunner
    worker_pool: WorkerPool
    damage: str = ""  # what the database's own check found at the start: nothing is sent from such a ledger

    @property
    def config(self) -> Configuration:
        """The schedules and templates in force."""
        return self.live_config.config

    async def close(self) -> None:
        """Close everything, the ledger last."""
        for gateway in self.gateways.all:
            await gateway.close()
        self.ledger_thread.close()
        self.ledger.close()


@dataclass(kw_only=True)
class LiveConfiguration:
    """The configuration in force, reloaded when the files change."""

    settings: Settings
    links: SignedLinks
    config: Configuration
    channels: Collection[str]  # those that a gateway is open for
    rejected: tuple[Problem, ...] = ()
    _rejected_fingerprint: str = field(default="", repr=False)

    def current(self) -> Configuration:
        """Return the configuration in force; ask again before each use."""
        return self.config

    def reject(self, problems: tuple[Problem, ...]) -> None:
        """Note that what is on disk now cannot be used."""
        self.rejected = problems
        self._rejected_fingerprint = fingerprint(self.settings.schedules, self.settings.templates)

    def reload(self) -> bool:
        """Take over what changed on disk, if it is sound; a broken edit is refused and the old one stays.

        Return True when there is news: a new configuration, or a rejection with its reasons in `rejected`.
        """
        found = fingerprint(self.settings.schedules, self.settings.templates)
        # With lists away the files are as they were: only another look tells when they are back.
        is_unchanged = found in {self.config.fingerprint, self._rejected_fingerprint}
        if is_unchanged and not (self.rejected and found == self.config.fingerprint):
            return False
        try:
            config = load_servable(self.settings, self.links)
            registry.require_channels(config.schedules.used_channels(), self.channels)
        except ConfigurationError as broken:
            is_news = found != self._rejected_fingerprint or broken.problems != self.rejected
            self.reject(broken.problems)
            return is_news
        self.config = config
        self.rejected, self._rejected_fingerprint = (), ""
        return True


def start_problems(settings: Settings) -> list[Problem]:
    """Return what keeps a service with these settings from being started; `check` and `run` ask alike.

    A secret key that is made on first use is as strong as one's own; but whoever opens a service to the
    network should know that there is one, and keep it apart from the database.
    """
    problems: list[Problem] = []
    if settings.host not in LOOPBACK_HOSTS and not settings.secret_key:
        what = _("the web face would be open to the network without a secret key")
        remedy = _(
            "Set DISPATCHER_SECRET_KEY (or DISPATCHER_SECRET_KEY_FILE) to at least 16 random characters, or "
            "listen on 127.0.0.1 behind a proxy."
        )
        problems.append(problem("DISPATCHER_SECRET_KEY", what, remedy, settings.bind))
    if settings.bounce_mailbox:
        try:
            imap.parse_url(settings.bounce_mailbox)  # told at once, not every minute
        except ConfigurationError as broken:
            problems += broken.problems
    return [*problems, *find_problems(settings.database_url)]


def make_signed_links(settings: Settings, ledger: Ledger) -> SignedLinks:
    """Make the signer of keys and links."""
    public_url = settings.public_url or f"http://{settings.bind}"
    secret = settings.secret_key or secret_key.secret_of(ledger)
    return SignedLinks(public_url, secret, old_secret=settings.old_secret_key)


def build(
    settings: Settings, *, clock: Clock | None = None, is_stopping: Callable[[], bool] = lambda: False
) -> App:
    """Build the application from what is on disk; nothing is connected yet but the ledger.

    Raises ConfigurationError when schedules, templates, settings or the database cannot be used.
    """
    clock = clock or SystemClock()
    ledger = open_ledger(
        settings.database_url, secret_key=settings.secret_key, old_secret_key=settings.old_secret_key,
        key_folder=settings.schedules.parent,
    )  # fmt: skip
    secret_key.move_out(ledger)
    links = make_signed_links(settings, ledger)
    config, problems = kept_configuration.load_or_kept(ledger, settings, links, load=load_servable)
    gateways = registry.open_selected(
        settings,
        senders=senders(settings, config.schedules.office),
        needed=config.schedules.used_channels(),
        clock=clock,
    )
    for audience, channel in config.schedules.left_out():
        logger.warning(
            "%s is off: who in %s can be reached in no other way gets nothing", channel, audience,
            extra={"action": "channel-off"},
        )  # fmt: skip
    app = assemble(
        settings, gateways=gateways, config=config, clock=clock, ledger=ledger, is_stopping=is_stopping
    )
    if problems:
        app.live_config.reject(problems)
    else:
        kept_configuration.keep(ledger, config)
    return app


def assemble(
    settings: Settings,
    *,
    gateways: OpenGateways,
    config: Configuration,
    clock: Clock,
    ledger: Ledger,
    is_stopping: Callable[[], bool] = lambda: False,
) -> App:
    """Build the application from given parts: gateways, a configuration, an open ledger."""
    links = make_signed_links(settings, ledger)
    live_config = LiveConfiguration(settings=settings, links=links, config=config, channels=tuple(gateways))
    for gateway in gateways.all:
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
            absence_patience=ABSENCE_PATIENCE * settings.timeout_scale,
        ),
        step_runner=StepRunner(ledger, live_config.current, shard_size=shard_size(gateways)),
        worker_pool=WorkerPool(
            tuple(registry.CHANNELS),  # a closed one too: what waits there runs out of time and is told so
            idle_interval=timeouts.idle_interval,
            retry_interval=timeouts.db_retry_interval,
        ),
    )


def _delivery(
    ledger: Ledger,
    ledger_thread: LedgerThread,
    clock: Clock,
    live_config: LiveConfiguration,
    gateways: OpenGateways,
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
            is_sensitive=lambda audience: audience not in live_config.config.schedules.open_audiences,
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


def shard_size(gateways: OpenGateways) -> int:
    """Return how many recipients make one shard; where there are texts, they are what takes its time."""
    slowest = gateways["sms" if "sms" in gateways else "email"]
    rate = slowest.capabilities.rate_per_second
    return max(SHARD_SIZE_MIN, min(SHARD_SIZE_MAX, round(rate * SHARD_DURATION_SECONDS)))


def senders(settings: Settings, office: Office) -> Mapping[str, str]:
    """Return by channel who speaks; the office's name goes before its address, unless that brings its own."""
    address = settings.mail_from
    if address and "<" not in address:
        address = f"{office.mail_name} <{address}>"
    return {"sms": office.sender, "email": address}
