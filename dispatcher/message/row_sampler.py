"""Picks from a stream of rows those that can show something new about a text."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

from dispatcher.message import Recipient
from dispatcher.message.template_analysis import ALL_FIELDS

# A text may say something else for each of these; of all others only how long they are, and whether they
# are there at all, can make a difference.
_KINDS = frozenset({"audience", "channel", "honorific", "lead"})
_NUMBERS = frozenset({"person_id", "list_row"})
_ALL = frozenset(item.name for item in fields(Recipient))

RowShape = tuple[str | bool, ...]


class RowSampler:
    """Watches rows go by for templates that ask for the same attributes of a person."""

    def __init__(self, recipient_fields: frozenset[str]) -> None:
        recipient_fields = _ALL if ALL_FIELDS in recipient_fields else recipient_fields & _ALL
        self._kind_fields = tuple(sorted(recipient_fields & _KINDS))
        self._text_fields = tuple(sorted(recipient_fields - _KINDS - _NUMBERS))
        self._longest: dict[RowShape, list[int]] = {}
        self._letters: set[str] = set()
        self._watched: set[str] = set()
        self.row_counts: Counter[RowShape] = Counter()

    def shape_of(self, recipient: Recipient) -> RowShape:
        """Return what a row is by kind, and what is empty in it: alike rows miss the same values."""
        kinds = [str(getattr(recipient, name)) for name in self._kind_fields]
        return (*kinds, *(not getattr(recipient, name) for name in self._text_fields))

    def is_new(self, recipient: Recipient) -> bool:
        """Return whether this row is of a new kind, longer than those before, or has letters never seen.

        Rows with a watched letter are always new.
        """
        shape = self.shape_of(recipient)
        self.row_counts[shape] += 1
        values = [str(getattr(recipient, name)) for name in self._text_fields]
        if self._watched and not self._watched.isdisjoint("".join(values)):
            return True
        lengths = [*map(len, values), sum(map(len, values))]
        longest = self._longest.get(shape)
        letters = set("".join(values)) - self._letters
        if longest is not None and not letters and all(map(int.__le__, lengths, longest)):
            return False
        self._letters |= letters
        self._longest[shape] = list(map(max, lengths, longest)) if longest else lengths
        return True

    def watch(self, letters: str) -> None:
        """Let every further row with one of these letters be looked at."""
        self._watched |= set(letters) - {" "}
