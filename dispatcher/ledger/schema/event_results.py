"""What became of a report that came in, and how to read what was received, whatever that is."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger.schema.tables import event

TO_READ = "to-read"  # an answer that no rule understood
SET_ASIDE = "set-aside"  # could not be read; the reason stands beside what was received
UNREAD_RESULTS = (TO_READ, SET_ASIDE)  # a person has to look first

# In the very words of the index over them: only then does SQLite see that it may use it.
IS_FOR_A_PERSON = event.c.result.in_([sa.literal_column(f"'{TO_READ}'"), sa.literal_column(f"'{SET_ASIDE}'")])
IS_SET_ASIDE = sa.and_(IS_FOR_A_PERSON, event.c.result == SET_ASIDE)


def raw_text(raw: object, name: str) -> str:
    """Return a text of what was received; empty when there is none."""
    value = raw.get(name) if isinstance(raw, dict) else None
    return value if isinstance(value, str) else ""
