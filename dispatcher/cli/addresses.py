"""Reads an address as somebody typed it."""

from __future__ import annotations

from dispatcher.cli.opening import Unknown
from dispatcher.i18n import _
from dispatcher.message import Channel


def read(given: str) -> tuple[Channel, str]:
    """Give channel and address. Raises Unknown, with the reason, when it is neither number nor mail."""
    from dispatcher.contacts import mail
    from dispatcher.vietnamese import phone

    if "@" in given:
        found = mail.read(given)
        if found.address:
            return "email", found.address
        raise Unknown(
            _("{given}: {why}", given=repr(given), why=_(mail.REASONS.get(found.reason, found.reason)))
        )
    numbers = phone.read(given)
    if len(numbers.numbers) == 1:
        return "sms", numbers.numbers[0]
    why = _(phone.REASONS[numbers.reason]) if numbers.reason else _("more than one number")
    raise Unknown(_("{given}: {why}", given=repr(given), why=why))
