"""Shares in percent as Vietnamese reports give them: rounded to one decimal, "16,9%" and "67%".

Rounding never says more than is true: 100 is everybody, 0 is nobody.
"""

from __future__ import annotations

from dispatcher.vietnamese.dates import format_number


def share_of(part: int, whole: int) -> float:
    """Return `part` of `whole` in percent with one decimal, 0.0 to 100.0; nothing of nothing is 0.0."""
    return _rounded(part, whole, 1000) / 10


def whole_percent_of(part: int, whole: int) -> int:
    """Return `part` of `whole` in whole percents, 0 to 100."""
    return _rounded(part, whole, 100)


def format_share(share: float) -> str:
    """Write a share the Vietnamese way: "16,9%", and "67%" without a decimal that says nothing."""
    return f"{format_number(int(share) if float(share).is_integer() else share)}%"


def _rounded(part: int, whole: int, full: int) -> int:
    """Return `part` of `whole` in units of which `full` are all, halves upwards."""
    if whole <= 0 or part <= 0:
        return 0
    if part >= whole:
        return full
    return min(max((2 * part * full + whole) // (2 * whole), 1), full - 1)
