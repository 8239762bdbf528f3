"""Scores how Vietnamese a word looks in a given encoding."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from dispatcher.vietnamese.encodings.charsets import (
    REPLACEMENT,
    LegacyEncoding,
    decode_legacy,
    encode_windows_1252,
)
from dispatcher.vietnamese.encodings.vocabulary import COMMON_SYLLABLES
from dispatcher.vietnamese.syllables import is_syllable

# Words are parted by ASCII that is no letter, and by the no-break space; all else may be a letter of a font.
BETWEEN_WORDS = re.compile("[\x00-\x40\x5b-\x60\x7b-\x7f\xa0]+")
_QUOTES = "‘’“”„–—…•‚‹›"
_MORE_QUOTES = _QUOTES + "«»·"  # letters in TCVN3, so only quotes where the rest is Vietnamese already
_ASCII_PUNCTUATION = ".,;:!?()[]/-+*&'\"0123456789"
_SIGN_INSIDE = re.compile("[A-Za-z][^A-Za-zÀ-ÖØ-öø-ÿ\u0100-\uffff]|[^A-Za-zÀ-ÖØ-öø-ÿ\u0100-\uffff][A-Za-z]")
_ACCENTS_INSIDE = re.compile("[a-z][À-ÖØ-Þ]|[À-ÖØ-öø-ÿ]{2}")
_CAPITAL_AFTER_SMALL = re.compile("[a-z].*[A-ZÀ-ÝĂĐƠƯ]")  # small letters with marks do stand among capitals
U_HORN = "ư"


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredWord:
    """One word as read in one encoding. `restored`: a letter that had been lost was put back."""

    text: str
    is_valid: bool
    is_common: bool
    is_restored: bool = False


def _score(text: str, *, restored: bool = False) -> ScoredWord:
    word = text.strip(_MORE_QUOTES)
    good = is_syllable(word) and _CAPITAL_AFTER_SMALL.search(word) is None
    return ScoredWord(
        text=text, is_valid=good, is_common=word.lower() in COMMON_SYLLABLES, is_restored=restored
    )


def _is_written(word: str) -> bool:
    """Return whether a person would write `word` so: a syllable in one of the usual cases, unlike "MÉn"."""
    return is_syllable(word) and (word.islower() or word.istitle() or word.isupper())


@lru_cache(maxsize=32_768)
def is_readable(chunk: str) -> bool:
    """Return at little cost whether a chunk between spaces is ASCII or a Vietnamese word as it stands."""
    return chunk.isascii() or _is_written(chunk.strip(_ASCII_PUNCTUATION))


@lru_cache(maxsize=32_768)
def score_unchanged(token: str) -> ScoredWord:
    """Judge a word as it stands. Signs without a letter beside them (×, «, °) have nothing to say: good."""
    if not any(c.isalpha() and c not in "ªºµ" for c in token):
        return ScoredWord(text=token, is_valid=True, is_common=False)
    word = token.strip(_MORE_QUOTES)
    return ScoredWord(text=token, is_valid=_is_written(word), is_common=word.lower() in COMMON_SYLLABLES)


@lru_cache(maxsize=32_768)
def score_decoded(token: str, encoding: LegacyEncoding) -> ScoredWord:
    """Judge a word of look-alikes as read in `encoding`."""
    raw = encode_windows_1252(token)
    if raw is None:
        return ScoredWord(text=token, is_valid=False, is_common=False)
    word = _score(decode_legacy(raw, encoding))
    if word.is_valid or encoding != "tcvn3" or REPLACEMENT in word.text:
        return word
    return _with_horn(word.text) or word


def _with_horn(text: str) -> ScoredWord | None:
    """Return the word with its lost ư where only that makes it Vietnamese: "Tr" + "ờng"."""
    if len(text) < 2 or U_HORN in text or not text.isalpha():
        return None
    letter = U_HORN.upper() if text.isupper() else U_HORN
    tries = (text[:place] + letter + text[place:] for place in range(1, len(text) + 1))
    found = [word for made in tries if (word := _score(made, restored=True)).is_valid]
    return found[0] if len(found) == 1 else None


def restore_horn(word: str) -> str:
    """Return a word with its lost ư back ("Hng"), or as it was; capitals may be initials."""
    if len(word) < 2 or is_syllable(word) or (word.isupper() and word.isascii()):
        return word
    found = _with_horn(word)
    return found.text if found else word


def looks_garbled(token: str) -> bool:
    """Return whether hardly any language writes so: a sign, an accented capital, two accents in a word."""
    word = token.strip(_QUOTES)
    return _SIGN_INSIDE.search(word) is not None or _ACCENTS_INSIDE.search(word) is not None


def non_ascii_words(text: str) -> list[str]:
    """List the words of `text` that are not plain ASCII, apart from quotes around them."""
    tokens = BETWEEN_WORDS.split(text)
    return [token for token in tokens if not token.isascii() and not token.strip(_QUOTES).isascii()]


def valid_share(words: Iterable[ScoredWord]) -> float:
    """Return the share of words that are good, 0 to 1; 1 of no words."""
    judged = [word.is_valid for word in words]
    return sum(judged) / len(judged) if judged else 1.0
