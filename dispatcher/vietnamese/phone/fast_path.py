"""The fast path: cells that hold one ordinary mobile and nothing to repair.

Built from the same pattern as everything else. It answers only what the careful reading would answer, and
leaves to that whatever it does not know.
"""

from __future__ import annotations

import re

from dispatcher.vietnamese.phone.numbering import COLLIDING_AREA_CODES, MOBILE_PATTERN, is_mobile
from dispatcher.vietnamese.phone.parser import ParsedPhones, parse_slow

_CODES = "|".join(sorted(COLLIDING_AREA_CODES))
_PROVINCE_CODES = "|".join(sorted(code for code in COLLIDING_AREA_CODES if len(code) == 2))

# Group 2 is the national number; group 1 is there when an old landline has the same digits. One digit
# repeated seven times is left to the careful reading, which has a word for it.
_NATIONAL = rf"(?=((?:{_CODES})3)?)((?![0-9]{{2}}([0-9])\3{{6}})(?:{MOBILE_PATTERN}))"
_WRITTEN = re.compile(rf"(?:0|\+?84){_NATIONAL}", re.ASCII).fullmatch
# Groups of two to four digits, not cut behind an old area code where a landline would be.
_GROUPED = re.compile(
    rf"(?!0(?:{_PROVINCE_CODES})[ .\-]?[236]|08[ .\-])0[0-9]{{1,3}}([ .\-])[0-9]{{2,4}}(?:\1[0-9]{{2,4}})+"
).fullmatch
# Without its zero it has been through a number cell, where three zeros at the end may be a rounding.
_BARE = re.compile(rf"(?!.*000){_NATIONAL}", re.ASCII).fullmatch

_NOTHING: tuple[str, ...] = ()
_LOST_ZERO = ("lost-zero",)
_LANDLINE = ("may-be-old-landline",)


def parse(cell: object) -> ParsedPhones:
    """Read a cell as a spreadsheet holds it: text, a number, a date, nothing. Never raises.

    `numbers` are E.164 mobiles in the order written; without any, `reason` is a word of `REASONS`.
    """
    if isinstance(cell, str):
        match = _WRITTEN(cell) or _WRITTEN(_joined(cell))
        if match is not None:
            return ParsedPhones(("+84" + match[2],), "", _NOTHING, _LANDLINE if match[1] else _NOTHING)
        bare = _BARE(cell) if len(cell) == 9 else None
    elif isinstance(cell, (float, int)) and 10**8 <= cell < 10**9 and not cell % 1:
        bare = _BARE(f"{cell:.0f}")
    else:
        bare = None
    if bare is not None:
        return ParsedPhones(("+84" + bare[2],), "", _LOST_ZERO, _LANDLINE if bare[1] else _NOTHING)
    return parse_slow(cell, is_mobile)


def _joined(cell: str) -> str:
    """Take the separators out of 0912 345 678 and the like; "" for anything else."""
    if len(cell) == 12 and (separator := cell[4]) == cell[8] and separator in " .-":
        return cell[:4] + cell[5:8] + cell[9:]
    grouped = _GROUPED(cell)
    return cell.replace(grouped[1], "") if grouped else ""
