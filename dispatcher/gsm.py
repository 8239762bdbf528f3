"""What a text costs: alphabet, units and parts of an SMS by GSM 03.38, and the cheaper of two spellings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dispatcher.vietnamese.text import NotAscii, nfc, unaccent

Policy = Literal["accented", "unaccented", "auto"]

# 3GPP TS 23.038 §6.2.1, in the order of the table. The escape (0x1B) is no character of its own.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"  # each costs an escape and a septet, never parted
SEPTETS_ALONE, SEPTETS_JOINED = 160, 153  # a joined part gives 6 bytes to its header
UTF16_ALONE, UTF16_JOINED = 70, 67

_FOREIGN = re.compile(f"[^{re.escape(BASIC + EXTENSION)}]")
_EXTENDED = re.compile(f"[{re.escape(EXTENSION)}]")
# ASCII has these two, GSM-7 does not: one of them would double the cost of an unaccented text.
_ASCII_OUTSIDE_GSM = str.maketrans({"`": "'", "\t": " "})


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """The cost of one text.

    `units` are septets (GSM-7) or UTF-16 units (UCS-2). `forcing` are the characters that GSM-7 lacks,
    distinct, in order of appearance; empty for GSM-7.
    """

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    parts: int
    forcing: tuple[str, ...] = ()


def measure(text: str) -> Measure:
    """Count `text` exactly as it stands (compose it before: a decomposed letter counts for each mark)."""
    if _FOREIGN.search(text) is None:
        return _measure_septets(text)
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if units <= UTF16_ALONE:
        parts = 1
    elif units == len(text):
        parts = -(-units // UTF16_JOINED)
    else:
        parts = _fill((2 if ord(c) > 0xFFFF else 1 for c in text), UTF16_JOINED)
    forcing = tuple(dict.fromkeys(_FOREIGN.findall(text)))
    return Measure(encoding="UCS-2", units=units, parts=parts, forcing=forcing)


def _measure_septets(text: str) -> Measure:
    units = len(text) + len(_EXTENDED.findall(text))
    if units <= SEPTETS_ALONE:
        parts = 1
    elif units == len(text):
        parts = -(-units // SEPTETS_JOINED)
    else:
        parts = _fill((2 if c in EXTENSION else 1 for c in text), SEPTETS_JOINED)
    return Measure(encoding="GSM-7", units=units, parts=parts)


def _fill(widths: Iterable[int], room: int) -> int:
    """Count the parts when a character of two units moves whole into the next part."""
    parts, used = 1, 0
    for width in widths:
        used += width
        if used > room:
            parts, used = parts + 1, width
    return parts


def choose(text: str, policy: Policy) -> tuple[str, Measure]:
    """Give the text to send under `policy`, with its cost.

    `accented`: composed. `unaccented`: pure ASCII, or NotAscii is raised. `auto`: unaccented when that
    saves at least one part and can be done, else accented.
    """
    if policy == "unaccented":
        plain = _plain(text)
        return plain, measure(plain)
    accented = nfc(text)
    cost = measure(accented)
    if policy not in ("accented", "auto"):
        raise ValueError(f"no such text policy: {policy!r}")
    if policy == "accented" or cost.parts == 1:
        return accented, cost
    try:
        plain = _plain(accented)
    except NotAscii:
        return accented, cost
    cheaper = measure(plain)
    return (plain, cheaper) if cheaper.parts < cost.parts else (accented, cost)


def _plain(text: str) -> str:
    return unaccent(text).translate(_ASCII_OUTSIDE_GSM)
