"""Reads one address that somebody typed: on the command line, into a page, into another machine's request.

Read as the cell of a list is read, so that a stop for "Binh@Hatay.Example" finds the person whom a list
calls binh@hatay.example.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from dispatcher.contacts import mail
from dispatcher.i18n import N_
from dispatcher.vietnamese import phone

SEVERAL = N_("more than one number")


class Typed(NamedTuple):
    """An address in the form the ledger keeps; empty when it cannot be used, and `why` says why (for `_`)."""

    channel: Literal["sms", "email"]
    address: str
    why: str = ""


def read(given: str) -> Typed:
    """Read a mobile number in any spelling, or an e-mail address."""
    if "@" in given:
        found = mail.read(given)
        return Typed("email", found.address, mail.REASONS.get(found.reason, ""))
    numbers = phone.read(given)
    if len(numbers.numbers) == 1:
        return Typed("sms", numbers.numbers[0])
    return Typed("sms", "", phone.REASONS.get(numbers.reason, SEVERAL))
