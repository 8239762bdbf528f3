"""Telephone numbers as people write them: a cell in, E.164 mobiles out or one reason why not.

    parse("O912.345.678 (con)").numbers == ("+84912345678",)
    parse("031 3823456").reason == "may-be-old-landline"

Nothing here logs, and no answer carries the cell's own text except the words beside a number.
"""

from __future__ import annotations

from dispatcher.vietnamese.phone.fast_path import parse
from dispatcher.vietnamese.phone.numbering import NETWORKS, is_mobile_by_phonenumbers
from dispatcher.vietnamese.phone.parser import ParsedPhones, parse_slow
from dispatcher.vietnamese.phone.result_codes import FLAGS, REASONS, REPAIRS

__all__ = ["FLAGS", "REASONS", "REPAIRS", "ParsedPhones", "mask", "network", "parse", "parse_reference"]


def parse_reference(cell: object) -> ParsedPhones:
    """Read without the fast lane and with phonenumbers as the judge; `parse` must say the same."""
    return parse_slow(cell, is_mobile_by_phonenumbers)


def mask(e164: str) -> str:
    """Hide a number for logs and pages: the network's first digit and the last two stay."""
    if len(e164) < 9:
        return "•••"
    return f"{e164[:3]} {e164[3]}•• ••• •{e164[-2:]}"


def network(e164: str) -> str:
    """Return the network whose block `e164` was given out in, or "other".

    Numbers are portable since 2018: use it to look up a price, never to route.
    """
    national = e164.removeprefix("+84")
    for length in (3, 2, 1):
        name = NETWORKS.get(national[:length])
        if name:
            return name
    return "other"
