"""Finds gateways by entry point, ours and other people's through the same door."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points

from dispatcher.errors import ConfigurationError, DispatcherError, Problem
from dispatcher.gateways import Gateway, GatewayOptions
from dispatcher.i18n import _

ENTRY_POINT_GROUP = "dispatcher.gateways"


def installed_names() -> tuple[str, ...]:
    """Return the names of all gateways that are installed."""
    return tuple(sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)}))


def open_gateways(options: Mapping[str, GatewayOptions]) -> dict[str, Gateway]:
    """Open each gateway named in `options`; nothing is connected yet.

    Raises ConfigurationBroken with everything that stands in the way of any of them.
    """
    opened: dict[str, Gateway] = {}
    problems: list[Problem] = []
    for name, gateway_options in options.items():
        try:
            opened[name] = _find(name).load()(gateway_options)
        except ConfigurationError as broken:
            problems += broken.problems
        except DispatcherError as error:
            problems.append(Problem(file=_("environment"), where=name, what=str(error)))
        except Exception as error:  # noqa: BLE001 - another's gateway may fail in any way while opening
            what = _("the gateway {name} cannot be opened: {error}", name=name, error=f"{error}")
            remedy = _("Check its settings, or reinstall the package that brings it.")
            problems.append(Problem(file=_("environment"), where=name, what=what, remedy=remedy))
    if problems:
        raise ConfigurationError(problems)
    return opened


def _find(name: str) -> EntryPoint:
    points = tuple(entry_points(group=ENTRY_POINT_GROUP, name=name))
    if not points:
        what = _("there is no gateway named {name}", name=name)
        remedy = _("Installed are: {names}.", names=", ".join(installed_names()))
        raise ConfigurationError(
            [Problem(file=_("environment"), where=name, value=name, what=what, remedy=remedy)]
        )
    return points[0]
