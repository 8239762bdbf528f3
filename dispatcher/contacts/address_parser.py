"""Reads one address that somebody typed: on the command line, into a page, into another machine's request.

Read as the cell of a list is read, so that a stop for "Binh@Hatay.Example" finds the person whom a list
calls binh@hatay.example.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dispatcher.channels import Channel
from dispatcher.contacts import email_cell
from dispatcher.i18n import N_
from dispatcher.vietnamese import phone

_E164 = re.compile(r"\+\d{8,15}")
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


def parse_sender(text: str) -> str:
    """Return who a text is from as we write to them, in E.164; empty for what is no number.

    What comes in that form already is believed: it is no cell of a list, somebody did write from it. A stop
    under another spelling would stop nothing.
    """
    if _E164.fullmatch(text):
        return text
    channel, number, _why = parse(text)
    return number if channel == "sms" else ""


def spellings(value: str) -> tuple[str, ...]:
    """Return an address as providers write it: a number also without its plus, or as dialled here."""
    digits = value.removeprefix("+")
    if digits == value:
        return (value,)
    national = f"0{digits.removeprefix('84')}" if digits.startswith("84") else digits
    return (value, digits, f"00{digits}", national)
