"""What became of a report that came in, and how to read what was received, whatever that is."""

from __future__ import annotations

TO_READ = "to-read"  # an answer that no rule understood
SET_ASIDE = "set-aside"  # could not be read; the reason stands beside what was received


def raw_text(raw: object, name: str) -> str:
    """Return a text of what was received; empty when there is none."""
    value = raw.get(name) if isinstance(raw, dict) else None
    return value if isinstance(value, str) else ""
