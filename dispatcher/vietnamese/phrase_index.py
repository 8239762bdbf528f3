"""Many phrases looked for at once: an index by the words they begin with.

Nearly all words of a list begin no phrase, so a cell costs one look-up a word, however many phrases there
are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from dispatcher.vietnamese.typed_words import expression, spellings

_ALTERNATIVES = re.compile(r"\(([^()\[\]<>]+)\)")


NUMBER = "#"  # the head of phrases that begin with any number


class PhraseMatch(NamedTuple):
    """A phrase that was found: its name, and where its first word begins and its last word ends."""

    name: str
    start: int
    end: int


class PhraseIndex:
    """Phrases in the notation of `typed_words.expression`, each with a name; the earlier in a table win.

    `exact`: every word must have its accents.
    """

    def __init__(
        self,
        phrases: Iterable[tuple[str, str]],
        parts: Mapping[str, str],
        others: Mapping[str, str],
        *,
        exact: bool = False,
    ) -> None:
        self._parts, self._others, self._exact = parts, others, exact
        by_head: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for named in phrases:
            for head in self._heads(named[1]):
                by_head[head].append(named)
        self._phrases = {head: tuple(found) for head, found in by_head.items()}
        self._compile = cache(self._compiled)  # on first need: a list uses few of them

    def __contains__(self, key: str) -> bool:
        """Return whether a phrase begins with this word, a key of `typed_words`."""
        return key in self._phrases

    def find(self, words: str) -> Iterator[PhraseMatch]:
        """Yield the phrases in `words` (made by `typed_words.keys`) that do not overlap, from the left."""
        at = free = 0
        for word in words.split():
            head = NUMBER if word.isdigit() and word not in self._phrases else word
            if at >= free and head in self._phrases and (found := self._at(words, head, at)):
                free = found.end
                yield found
            at += len(word) + 1

    def _at(self, words: str, head: str, start: int) -> PhraseMatch | None:
        """Return the phrase that begins with `head` at `start`; None when there is none."""
        for name, pattern in self._compile(self._phrases[head]):
            if match := pattern.match(words, start):
                return PhraseMatch(name, start, match.end())
        return None

    def _heads(self, phrase: str) -> frozenset[str]:
        """Return the keys of the words that may stand first."""
        heads: frozenset[str] = frozenset()
        for option in _options(phrase):
            if option[0] in "([":
                inside, rest = _first_group(option)
                heads |= self._heads(inside)
                if option[0] == "[" or rest.startswith("*"):
                    heads |= self._heads(rest.lstrip("* "))
            elif option[0] == "<":
                heads |= self._heads(self._parts[option[1 : option.index(">")]])
            elif option[0] == "#":
                heads |= {NUMBER}
            else:
                word = option.split()[0]
                heads |= spellings(word, self._others.get(word, ""), exact=self._exact)
        return heads

    def _compiled(self, phrases: tuple[tuple[str, str], ...]) -> list[tuple[str, re.Pattern[str]]]:
        by_name: dict[str, list[str]] = defaultdict(list)
        for name, phrase in phrases:
            by_name[name].append(expression(phrase, self._parts, self._others, exact=self._exact))
        return [(name, re.compile("|".join(patterns))) for name, patterns in by_name.items()]


def _options(phrase: str) -> Iterator[str]:
    """Yield the alternatives of a phrase, not those inside its groups."""
    start = depth = 0
    for at, sign in enumerate(f"{phrase}|"):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "|" and not depth:
            yield phrase[start:at].strip("^ \n")
            start = at + 1


def _first_group(phrase: str) -> tuple[str, str]:
    """Return what stands in the bracket a phrase begins with, and what stands behind it."""
    depth = 0
    for at, sign in enumerate(phrase):
        depth += (sign in "([{") - (sign in ")]}")
        if not depth:
            return phrase[1:at], phrase[at + 1 :]
    raise ValueError(f"a bracket is never closed: {phrase}")
