"""The fast lane: cells that hold one ordinary mobile and nothing to repair or to doubt.

Built from the same pattern as everything else, and it only ever answers what the careful reading would
answer; whatever it does not know it leaves to that.
"""

from __future__ import annotations

import re

from dispatcher.vietnamese.phone.numbering import COLLIDING_AREA_CODES, MOBILE
from dispatcher.vietnamese.phone.reading import PhoneReading

# Three doubts the careful reading has a word for: an old landline, one digit repeated, zeros of a rounding.
_LANDLINE = "|".join(sorted(COLLIDING_AREA_CODES))
_DOUBTFUL = rf"(?:{_LANDLINE})3|[0-9]{{2}}(?P<same>[0-9])(?P=same){{6}}$"
_MOBILE = rf"(?!{_DOUBTFUL})(?:{MOBILE})"
_WRITTEN = re.compile(rf"(?:0|\+?84)(?P<national>{_MOBILE})", re.ASCII).fullmatch
_GROUPED = re.compile(r"0[0-9]{3}([ .\-])[0-9]{3}\1[0-9]{3}").fullmatch
_BARE = re.compile(rf"(?![0-9]*000$){_MOBILE}", re.ASCII).fullmatch

_LOST_ZERO = ("lost-zero",)


def read(cell: object) -> PhoneReading | None:
    """Give the reading of an ordinary cell, None for any other."""
    if type(cell) is str:
        match = _WRITTEN(cell)
        if match is None and len(cell) == 12 and (grouped := _GROUPED(cell)):
            match = _WRITTEN(cell.replace(grouped[1], ""))
        if match is not None:
            return PhoneReading((f"+84{match['national']}",))
        bare = cell
    elif (type(cell) is float or type(cell) is int) and 10**8 <= cell < 10**9 and cell == int(cell):
        bare = str(int(cell))
    else:
        return None
    if len(bare) == 9 and _BARE(bare):
        return PhoneReading((f"+84{bare}",), "", _LOST_ZERO)
    return None
