"""Picks from a stream of rows those that can show something new about a text."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

from dispatcher.message import Recipient
from dispatcher.message.variables import EVERYTHING

# A text may say something else for each of these; of all others only how long they are, and whether they
# are there at all, can make a difference.
_KINDS = frozenset({"audience", "channel", "honorific", "lead"})
_NUMBERS = frozenset({"person_id", "list_row"})
_ALL = frozenset(item.name for item in fields(Recipient))

Pattern = tuple[str | bool, ...]


class Rows:
    """Watches rows go by for templates that ask for the same attributes of a person."""

    def __init__(self, asked: frozenset[str]) -> None:
        asked = _ALL if EVERYTHING in asked else asked & _ALL
        self._kinds = tuple(sorted(asked & _KINDS))
        self._texts = tuple(sorted(asked - _KINDS - _NUMBERS))
        self._longest: dict[Pattern, list[int]] = {}
        self._letters: set[str] = set()
        self.counted: Counter[Pattern] = Counter()

    def pattern(self, recipient: Recipient) -> Pattern:
        """Give what a row is by kind, and what is empty in it: alike rows miss the same values."""
        kinds = [str(getattr(recipient, name)) for name in self._kinds]
        return (*kinds, *(not getattr(recipient, name) for name in self._texts))

    def is_new(self, recipient: Recipient) -> bool:
        """Tell whether this row is of a new kind, longer than those before it, or has letters never seen."""
        pattern = self.pattern(recipient)
        self.counted[pattern] += 1
        values = [str(getattr(recipient, name)) for name in self._texts]
        lengths = [*map(len, values), sum(map(len, values))]
        longest = self._longest.get(pattern)
        letters = set("".join(values)) - self._letters
        if longest is not None and not letters and all(map(int.__le__, lengths, longest)):
            return False
        self._letters |= letters
        self._longest[pattern] = list(map(max, lengths, longest)) if longest else lengths
        return True
