"""Finds gateways by entry point, ours and other people's through the same door."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points

from dispatcher.errors import ConfigurationBroken, DispatcherError, Problem
from dispatcher.gateways import Gateway, GatewayOptions
from dispatcher.i18n import _

GROUP = "dispatcher.gateways"


def names() -> tuple[str, ...]:
    """Give the names of all gateways that are installed."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def open_gateways(options: Mapping[str, GatewayOptions]) -> dict[str, Gateway]:
    """Open each gateway named in `options`; nothing is connected yet.

    Raises ConfigurationBroken with everything that stands in the way of any of them.
    """
    opened: dict[str, Gateway] = {}
    problems: list[Problem] = []
    for name, given in options.items():
        try:
            opened[name] = _find(name).load()(given)
        except ConfigurationBroken as broken:
            problems += broken.problems
        except DispatcherError as error:
            problems.append(Problem(file=_("environment"), where=name, what=str(error)))
        except Exception as error:  # noqa: BLE001 - another's gateway may fail in any way while opening
            what = _("the gateway {name} cannot be opened: {error}", name=name, error=f"{error}")
            remedy = _("Check its settings, or reinstall the package that brings it.")
            problems.append(Problem(file=_("environment"), where=name, what=what, remedy=remedy))
    if problems:
        raise ConfigurationBroken(problems)
    return opened


def _find(name: str) -> EntryPoint:
    found = tuple(entry_points(group=GROUP, name=name))
    if not found:
        what = _("there is no gateway named {name}", name=name)
        remedy = _("Installed are: {names}.", names=", ".join(names()))
        raise ConfigurationBroken(
            [Problem(file=_("environment"), where=name, value=name, what=what, remedy=remedy)]
        )
    return found[0]
