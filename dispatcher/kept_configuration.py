"""The last sound configuration, kept in the ledger for when the files on disk cannot be used.

A share that is not mounted, or an edit that went wrong, must stop neither the service nor whoever wants to
stop a campaign.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from dispatcher.configuration import Configuration, load_configuration, restore_configuration
from dispatcher.errors import ConfigurationError, Problem
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import key_values, revision
from dispatcher.message.rendering import LinkMaker
from dispatcher.settings import Settings

KEY = "configuration"
Load = Callable[[Settings, LinkMaker | None], Configuration]


class UsableConfiguration(NamedTuple):
    """What to work with; `problems` are why it is the kept one and not what stands on disk."""

    config: Configuration
    problems: tuple[Problem, ...] = ()


def keep(ledger: Ledger, config: Configuration) -> None:
    """Keep a sound configuration, in place of the one before."""
    text = config.to_json()
    if key_values.get(ledger, KEY) != text:
        key_values.put(ledger, KEY, text, also=revision.mark)


def load_or_kept(
    ledger: Ledger, settings: Settings, links: LinkMaker | None, *, load: Load = load_configuration
) -> UsableConfiguration:
    """Return what stands on disk if it is sound for `load`, else the last sound one.

    Raises ConfigurationError with what is wrong on disk when none was kept.
    """
    try:
        return UsableConfiguration(load(settings, links))
    except ConfigurationError as broken:
        kept = key_values.get(ledger, KEY)
        if not kept:
            raise
        try:
            return UsableConfiguration(restore_configuration(kept, settings, links), broken.problems)
        except (ValueError, KeyError):  # kept by a version that knew other keys
            raise broken from None
