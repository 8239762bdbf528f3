"""The gateways of a running service, by channel and by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dispatcher.errors import ConfigurationError, Problem
from dispatcher.gateways import Gateway
from dispatcher.i18n import _


class OpenGateways(Mapping[str, Gateway]):
    """By channel the gateway that sends; behind it, in order, those that step in while it is blocked.

    `named` finds the one that took a message, whichever sends today: only it can be asked about it.
    """

    def __init__(self, in_order: Mapping[str, Sequence[Gateway]]) -> None:
        self._in_order = {channel: tuple(gateways) for channel, gateways in in_order.items() if gateways}
        self.all = tuple(gateway for gateways in self._in_order.values() for gateway in gateways)
        self._by_name = {gateway.name: gateway for gateway in self.all}

    def __getitem__(self, channel: str) -> Gateway:
        return self._in_order[channel][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._in_order)

    def __len__(self) -> int:
        return len(self._in_order)

    def in_order(self, channel: str) -> tuple[Gateway, ...]:
        """Return the gateways of a channel in order of preference; none where it is closed."""
        return self._in_order.get(channel, ())

    def named(self, name: str) -> Gateway | None:
        """Return the gateway of this name; None where it is not open."""
        return self._by_name.get(name)

    def require_loopback(self) -> None:
        """Raise ConfigurationError when any of them leads off this machine: a trial reaches nobody real."""
        outside = [gateway.name for gateway in self.all if not gateway.capabilities.loopback]
        if outside:
            what = _(
                "a trial only talks to this machine; {names} would reach real people",
                names=", ".join(outside),
            )
            remedy = _("Unset its settings, or point them at 127.0.0.1.")
            raise ConfigurationError([Problem(file=_("environment"), what=what, remedy=remedy)])
