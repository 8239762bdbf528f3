"""What comes from outside, made fit for both databases at the door: text, numbers, and JSON of both.

PostgreSQL refuses a NUL and `NaN`, every driver a lone surrogate, and an integer column what does not fit;
SQLite takes most of it. Cleaned here, the two hold the same, and no reader downstream meets a surprise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

TEXT_MAX = 4000  # characters; a text message has 1,600 at most
ITEMS_MAX = 200
DEPTH_MAX = 5
# Whoever writes "ST\0OP" wrote STOP: control characters go, but for line breaks and tabs.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def clean_text(text: object, *, limit: int = TEXT_MAX) -> str:
    """Return `text` without control characters and lone surrogates, at most `limit` characters.

    What is no text at all becomes its words; None becomes the empty text.
    """
    if text is None:
        return ""
    value = text if isinstance(text, str) else str(text)
    if not (value.isascii() and value.isprintable()):
        value = _CONTROL.sub("", _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value))
    return value[:limit]


def clean_number(number: object, *, maximum: float) -> float | None:
    """Return a number between 0 and `maximum`; None for what is none, not finite, negative or larger."""
    if isinstance(number, bool) or not isinstance(number, int | float | str):
        return None
    try:
        value = float(number)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) and 0 <= value <= maximum else None


def clean_json(value: object, *, depth: int = DEPTH_MAX) -> object:
    """Return `value` as JSON that both databases store: texts clean, numbers finite, nothing endless."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else clean_text(value, limit=100)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth > 0 and isinstance(value, Mapping):
        items = list(value.items())[:ITEMS_MAX]
        return {clean_text(name, limit=200): clean_json(item, depth=depth - 1) for name, item in items}
    if depth > 0 and isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [clean_json(item, depth=depth - 1) for item in value[:ITEMS_MAX]]
    return clean_text(value)
