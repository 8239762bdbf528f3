"""Reads one address that somebody typed: on the command line, into a page, into another machine's request.

Read as the cell of a list is read, so that a stop for "Binh@Hatay.Example" finds the person whom a list
calls binh@hatay.example.
"""

from __future__ import annotations

from typing import NamedTuple

from dispatcher.channels import Channel
from dispatcher.contacts import email_cell
from dispatcher.i18n import N_
from dispatcher.vietnamese import phone

SEVERAL_NUMBERS = N_("more than one number")


class ParsedAddress(NamedTuple):
    """An address in the form the ledger keeps; empty when it cannot be used, and `error` is the msgid why."""

    channel: Channel
    address: str
    error: str = ""


def parse(text: str) -> ParsedAddress:
    """Read a mobile number in any spelling, or an e-mail address."""
    if "@" in text:
        email = email_cell.parse(text)
        return ParsedAddress("email", email.address, email_cell.REASONS.get(email.reason, ""))
    phones = phone.parse(text)
    if len(phones.numbers) == 1:
        return ParsedAddress("sms", phones.numbers[0])
    return ParsedAddress("sms", "", phone.REASONS.get(phones.reason, SEVERAL_NUMBERS))
