"""Finds providers by entry point, ours and other people's through the same door, and opens those chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib.metadata import entry_points

from dispatcher import settings as environment
from dispatcher.channels import Channel
from dispatcher.clock import Clock, SystemClock
from dispatcher.errors import ConfigurationError, DispatcherError, Problem
from dispatcher.gateways import ErrorClass, Gateway, GatewayOptions
from dispatcher.gateways.opened import OpenGateways
from dispatcher.gateways.provider import ListsOutbound, Provider
from dispatcher.i18n import N_, _
from dispatcher.settings import OFF, Setting, Settings

ENTRY_POINT_GROUP = "dispatcher.gateways"
# By channel: the setting that names its gateways, and what people call what it carries.
CHANNELS: Mapping[Channel, tuple[str, str]] = {
    "sms": ("DISPATCHER_SMS_GATEWAY", N_("texts")),
    "email": ("DISPATCHER_MAIL_GATEWAY", N_("mails")),
}


@cache
def providers() -> Mapping[str, Provider]:
    """Return all installed providers by name. Raises ConfigurationError for one that cannot be loaded."""
    found: dict[str, Provider] = {}
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
        try:
            found[point.name] = point.load()
        except Exception as error:
            what = _("the gateway {name} cannot be loaded: {error}", name=point.name, error=f"{error}")
            remedy = _("Reinstall the package that brings it, or take it away.")
            raise ConfigurationError([environment.problem(point.name, what, remedy)]) from error
    return found


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return every setting, the gateways' own among them. Raises ConfigurationError."""
    return environment.from_environment(environ, _gateway_rows())


def setting_rows() -> tuple[Setting, ...]:
    """Return every row of the table of settings: ours, then the gateways'."""
    return (*environment.OWN_SETTINGS, *_gateway_rows())


def _gateway_rows() -> tuple[Setting, ...]:
    return tuple(row for provider in providers().values() for row in provider.settings)


def selected(settings: Settings) -> dict[Channel, tuple[Provider, ...]]:
    """Return the providers of each channel in order of preference: those named, else the one configured.

    Raises ConfigurationError.
    """
    problems: list[Problem] = []
    chosen = {channel: _selected(channel, settings, problems) for channel in CHANNELS}
    if problems:
        raise ConfigurationError(problems)
    return chosen


def uses_sandbox(settings: Settings) -> bool:
    """Return whether nothing at all is configured: then everything goes to the sandbox."""
    return not any(selected(settings).values()) and settings.closed_channels != frozenset(CHANNELS)


def open_selected(
    settings: Settings, *, senders: Mapping[str, str], needed: Collection[str], clock: Clock | None = None
) -> OpenGateways:
    """Open the gateways of each channel; nothing is connected yet.

    `senders` says by channel who speaks. Raises ConfigurationError with everything that stands in the way,
    a `needed` channel without a gateway included.
    """
    chosen = selected(settings)
    rates = {"sms": settings.sms_rate, "email": settings.mail_rate}
    options = {
        provider.name: GatewayOptions(
            values=settings.gateway_values,
            sender=senders[channel],
            rate_per_second=rates[channel],
            timeout_scale=settings.timeout_scale,
            clock=clock or SystemClock(),
        )
        for channel, in_order in chosen.items()
        for provider in in_order
    }
    opened, problems = _open(options)
    problems += _nobody_sends(needed, [channel for channel in chosen if chosen[channel]])
    if not any(chosen.values()) and not problems:
        what = _("every channel is off")
        problems.append(environment.problem("DISPATCHER_SMS_GATEWAY", what, _("Leave one of them on.")))
    if problems:
        raise ConfigurationError(problems)
    return OpenGateways(
        {channel: [opened[provider.name] for provider in in_order] for channel, in_order in chosen.items()}
    )


def require_channels(needed: Collection[str], available: Collection[str]) -> None:
    """Raise ConfigurationError for every channel of `needed` that nobody sends on."""
    if problems := _nobody_sends(needed, available):
        raise ConfigurationError(problems)


def open_gateways(options: Mapping[str, GatewayOptions]) -> dict[str, Gateway]:
    """Open each gateway named in `options`; nothing is connected yet.

    Raises ConfigurationError with everything that stands in the way of any of them.
    """
    opened, problems = _open(options)
    if problems:
        raise ConfigurationError(problems)
    return opened


def open_for_lookup(settings: Settings, channel: Channel, *, sender: str = "") -> dict[str, Gateway]:
    """Open every configured gateway of a channel that can be asked what it has; `sender` speaks there."""
    options = {
        name: GatewayOptions(
            values=settings.gateway_values, sender=sender or "-"
        )  # asking needs no sender, opening does
        for name, provider in providers().items()
        if provider.channel == channel and provider.is_configured(settings.gateway_values)
    }
    opened = open_gateways(options)
    return {
        name: gateway
        for name, gateway in opened.items()
        if gateway.capabilities.supports_lookup or isinstance(gateway, ListsOutbound)
    }


def explain(code: str) -> ErrorClass:
    """Return whose fault a provider's code is; empty where no provider knows it, or two disagree."""
    classes = {error_class for one in providers().values() if (error_class := one.explain(code))}
    return classes.pop() if len(classes) == 1 else ""


def _selected(channel: Channel, settings: Settings, problems: list[Problem]) -> tuple[Provider, ...]:
    names, (setting, _title) = settings.gateway_names[channel], CHANNELS[channel]
    if names == OFF:
        return ()
    if names:
        return tuple(one for name in names if (one := _named(name, channel, problems)) is not None)
    configured = tuple(
        one
        for one in providers().values()
        if one.channel == channel and one.is_configured(settings.gateway_values)
    )
    if len(configured) > 1:
        every = ",".join(one.name for one in configured)
        what = _("several gateways are configured: {names}", names=every)
        remedy = _("Name those to use, the first choice first, for example: {example}", example=every)
        problems.append(environment.problem(setting, what, remedy))
    return configured


def _named(name: str, channel: Channel, problems: list[Problem]) -> Provider | None:
    setting, title = CHANNELS[channel]
    found = providers().get(name)
    if found is not None and found.channel == channel:
        return found
    if found is None:
        what = _("there is no gateway named {name}", name=name)
    else:
        what = _("the gateway {name} does not carry {what}", name=name, what=_(title))
    fitting = ", ".join(one.name for one in providers().values() if one.channel == channel)
    remedy = _("Installed are: {names}.", names=fitting)
    problems.append(environment.problem(setting, what, remedy, name))
    return None


def _nobody_sends(needed: Collection[str], available: Collection[str]) -> list[Problem]:
    problems = []
    for channel, (setting, title) in CHANNELS.items():
        if channel not in needed or channel in available:
            continue
        switches = ", ".join(one.configured_by for one in providers().values() if one.channel == channel)
        what = _("no gateway carries {what}, and the schedules use them", what=_(title))
        remedy = _(
            "Set {names}; or {setting}=off, and people are written to on the other channel only.",
            names=switches, setting=setting,
        )  # fmt: skip
        problems.append(environment.problem(setting, what, remedy))
    return problems


def _open(options: Mapping[str, GatewayOptions]) -> tuple[dict[str, Gateway], list[Problem]]:
    opened: dict[str, Gateway] = {}
    problems: list[Problem] = []
    for name, gateway_options in options.items():
        try:
            opened[name] = _provider(name).open(gateway_options)
        except ConfigurationError as broken:
            problems += broken.problems
        except DispatcherError as error:
            problems.append(environment.problem(name, str(error), ""))
        except Exception as error:  # noqa: BLE001 - another's gateway may fail in any way while opening
            what = _("the gateway {name} cannot be opened: {error}", name=name, error=f"{error}")
            remedy = _("Check its settings, or reinstall the package that brings it.")
            problems.append(environment.problem(name, what, remedy))
    return opened, problems


def _provider(name: str) -> Provider:
    found = providers().get(name)
    if found is None:
        what = _("there is no gateway named {name}", name=name)
        remedy = _("Installed are: {names}.", names=", ".join(providers()))
        raise ConfigurationError([environment.problem(name, what, remedy, name)])
    return found
