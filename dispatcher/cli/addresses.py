"""Reads an address as somebody typed it."""

from __future__ import annotations

from dispatcher.cli.opening import Unknown
from dispatcher.i18n import _
from dispatcher.message import Channel


def read(given: str) -> tuple[Channel, str]:
    """Give channel and address. Raises Unknown, with the reason, when it is neither number nor mail."""
    from dispatcher.contacts import typed

    found = typed.read(given)
    if not found.address:
        raise Unknown(_("{given}: {why}", given=repr(given), why=_(found.why)))
    return found.channel, found.address
