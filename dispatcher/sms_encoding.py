"""SMS encoding: alphabet, units and parts by GSM 03.38, and the cheaper of two spellings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dispatcher.vietnamese.text import NotAscii, nfc, unaccent

AccentPolicy = Literal["accented", "unaccented", "auto"]

# 3GPP TS 23.038 §6.2.1, in the order of the table. The escape (0x1B) is no character of its own.
GSM7_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = "\f^{}\\[~]|€"  # each costs an escape and a septet, never parted
GSM7_SINGLE_MAX, GSM7_PART_MAX = 160, 153  # a joined part gives 6 bytes to its header
UCS2_SINGLE_MAX, UCS2_PART_MAX = 70, 67

_NOT_GSM7 = re.compile(f"[^{re.escape(GSM7_BASIC + GSM7_EXTENSION)}]")
_GSM7_EXTENDED = re.compile(f"[{re.escape(GSM7_EXTENSION)}]")
# ASCII has these two, GSM-7 does not: one of them would double the cost of an unaccented text.
_ASCII_OUTSIDE_GSM = str.maketrans({"`": "'", "\t": " "})


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsSize:
    """The cost of one text.

    `units` are septets (GSM-7) or UTF-16 units (UCS-2). `forcing` are the characters that GSM-7 lacks,
    distinct, in order of appearance; empty for GSM-7.
    """

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    parts: int
    non_gsm7_characters: tuple[str, ...] = ()


def measure(text: str) -> SmsSize:
    """Count `text` exactly as it stands (compose it before: a decomposed letter counts for each mark)."""
    if _NOT_GSM7.search(text) is None:
        return _measure_septets(text)
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if units <= UCS2_SINGLE_MAX:
        parts = 1
    elif units == len(text):
        parts = -(-units // UCS2_PART_MAX)
    else:
        parts = _count_parts((2 if ord(c) > 0xFFFF else 1 for c in text), UCS2_PART_MAX)
    forcing = tuple(dict.fromkeys(_NOT_GSM7.findall(text)))
    return SmsSize(encoding="UCS-2", units=units, parts=parts, non_gsm7_characters=forcing)


def _measure_septets(text: str) -> SmsSize:
    units = len(text) + len(_GSM7_EXTENDED.findall(text))
    if units <= GSM7_SINGLE_MAX:
        parts = 1
    elif units == len(text):
        parts = -(-units // GSM7_PART_MAX)
    else:
        parts = _count_parts((2 if c in GSM7_EXTENSION else 1 for c in text), GSM7_PART_MAX)
    return SmsSize(encoding="GSM-7", units=units, parts=parts)


def _count_parts(widths: Iterable[int], part_max: int) -> int:
    """Count the parts when a character of two units moves whole into the next part."""
    parts, used = 1, 0
    for width in widths:
        used += width
        if used > part_max:
            parts, used = parts + 1, width
    return parts


def apply_policy(text: str, policy: AccentPolicy) -> tuple[str, SmsSize]:
    """Return the text to send under `policy`, with its cost.

    `accented`: composed. `unaccented`: pure ASCII, or NotAscii is raised. `auto`: unaccented when that
    saves at least one part and can be done, else accented.
    """
    if policy == "unaccented":
        plain = _to_ascii(text)
        return plain, measure(plain)
    accented = nfc(text)
    cost = measure(accented)
    if policy not in ("accented", "auto"):
        raise ValueError(f"no such text policy: {policy!r}")
    if policy == "accented" or cost.parts == 1:
        return accented, cost
    try:
        plain = _to_ascii(accented)
    except NotAscii:
        return accented, cost
    cheaper = measure(plain)
    return (plain, cheaper) if cheaper.parts < cost.parts else (accented, cost)


def _to_ascii(text: str) -> str:
    return unaccent(text).translate(_ASCII_OUTSIDE_GSM)
