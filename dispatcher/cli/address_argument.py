"""Reads an address as somebody typed it."""

from __future__ import annotations

from dispatcher.cli.context import NotFound
from dispatcher.i18n import _
from dispatcher.message import Channel


def parse(text: str) -> tuple[Channel, str]:
    """Return channel and address. Raises Unknown, with the reason, when it is neither number nor mail."""
    from dispatcher.contacts import address_parser

    parsed = address_parser.parse(text)
    if not parsed.address:
        raise NotFound(_("{given}: {why}", given=repr(text), why=_(parsed.error)))
    return parsed.channel, parsed.address
