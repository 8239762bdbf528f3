"""Decodes a text file, whatever encoding it was saved in, and says when letters were lost.

Unicode shows itself: by its marks, by its zero bytes, by being valid UTF-8. The encodings from before are
told apart by the Vietnamese they make.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from dispatcher.i18n import N_
from dispatcher.vietnamese.encodings import cell_repair, scoring
from dispatcher.vietnamese.encodings.charsets import (
    LEGACY_ENCODINGS,
    REPLACEMENT,
    LegacyEncoding,
    decode_legacy,
    decode_windows_1252,
)
from dispatcher.vietnamese.text import nfc

LOSSY_ADVICE = N_(
    'letters were lost when this file was saved; open the original and save it again as "CSV UTF-8" or '
    '"Unicode Text"'
)
_SAMPLES = 5
_SNIFFED_BYTES = 4096
_WORDS_MAX = 2000  # distinct words that decide about a file
_BROKEN_UTF8_MAX = 0.3  # more broken characters than this to each whole one: it is something else
_SHARE_GOOD_MIN = 0.97  # fewer good words than this: hands were mixed, so each cell is judged

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CELL = re.compile(r"[^\t\r\n;,|\"]+")
_CAPITALS_OF_A_FONT = re.compile(r"[A-Z]{2}[A-ZÀ-Ỹ]*[à-ỹ]|[A-ZĐ][à-ỹ]+[A-Z]|\b[à-ỹ]+[A-Z]")

_LETTER = r"[^\W\d_]"
_ONSETS = "ch|gh|kh|ng|ngh|nh|ph|th|tr"
_QUESTIONED = re.compile(
    rf"{_LETTER}\?+{_LETTER}|\?\?{_LETTER}|(?<![^\s,;|\"])\?{_LETTER}|\b(?:{_ONSETS})\?", re.IGNORECASE
)
_BOUNDS = re.compile(r"[\s,;|\"]")
_ADDRESS = re.compile(r"://|[=@/]")  # a question mark inside an address asks nothing and has lost nothing
_WORD_LENGTH_MAX = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class DecodedText:
    """The text of a file.

    `encoding`: ascii, utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be, tcvn3, vni, viscii, windows-1258 or
    windows-1252. `lossy_words` holds up to five words that lost letters: not to be imported, see ADVICE.
    """

    text: str
    encoding: str
    lossy_words: tuple[str, ...] = ()


def decode(raw: bytes) -> DecodedText:
    """Read the bytes of a text file or of a piece of one that begins and ends between lines."""
    text, encoding = _decoded(raw)
    return DecodedText(text=text, encoding=encoding, lossy_words=find_lossy_words(text))


def _decoded(raw: bytes) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace"), encoding
    if raw.isascii() and b"\0" not in raw[:_SNIFFED_BYTES]:
        return raw.decode("ascii"), "ascii"
    if wide := _wide(raw[:_SNIFFED_BYTES]):
        return raw.decode(wide, "replace"), wide
    text = raw.decode("utf-8", "replace")
    letters = sum(map(len, re.findall("[^\x00-\x7f\ufffd]+", text)))
    if text.count(REPLACEMENT) <= letters * _BROKEN_UTF8_MAX:
        return text, "utf-8"
    return _legacy(raw)


def _wide(start: bytes) -> str:
    """Return the two-byte encoding of text without a mark: every ASCII letter brings a zero byte."""
    low, high = start[::2].count(0), start[1::2].count(0)
    if max(low, high) * 5 < len(start) or min(low, high) * 10 > max(low, high):
        return ""
    return "utf-16-le" if high > low else "utf-16-be"


def _legacy(raw: bytes) -> tuple[str, str]:
    look_alikes = decode_windows_1252(raw)
    found = Counter(scoring.non_ascii_words(look_alikes))
    words = dict(found.most_common(_WORDS_MAX))
    scores = {encoding: _score(words, encoding) for encoding in LEGACY_ENCODINGS}
    encoding = max(scores, key=lambda name: scores[name][0])
    worth, share = scores[encoding]
    if worth <= 0:
        return nfc(look_alikes), "windows-1252"
    if share < _SHARE_GOOD_MIN:
        return _CELL.sub(lambda cell: cell_repair.repair(cell[0], prior=encoding).text, look_alikes), encoding
    if encoding == "tcvn3":
        return _tcvn3(raw, look_alikes), encoding
    return decode_legacy(raw, encoding), encoding


def _tcvn3(raw: bytes, look_alikes: str) -> str:
    """Decode at once where no capital font was used and no letter was lost, else cell by cell."""
    text = decode_legacy(raw, "tcvn3")
    if "\xad" in look_alikes and _CAPITALS_OF_A_FONT.search(text) is None:
        return text
    return _CELL.sub(lambda cell: cell_repair.decode_again(cell[0], "tcvn3").text, look_alikes)


def _score(words: dict[str, int], encoding: LegacyEncoding) -> tuple[float, float]:
    """Weigh the words of a file read in `encoding`, and give the share of good ones."""
    worth = good = total = 0.0
    for token, count in words.items():
        word = scoring.score_decoded(token, encoding)
        weight = min(count, 3)
        total += weight
        good += weight * word.is_valid
        worth += weight * ((1 + word.is_common / 2) if word.is_valid else -1)
    return worth, good / total if total else 1.0


def find_lossy_words(text: str) -> tuple[str, ...]:
    """List up to five distinct words of `text` that lost letters."""
    found: dict[str, None] = {}
    for match in _lost_letters(text):
        word = _around(text, match.start(), match.end())
        if REPLACEMENT in match[0] or _ADDRESS.search(word) is None:
            found[word] = None
        if len(found) == _SAMPLES:
            break
    return tuple(found)


def _lost_letters(text: str) -> Iterator[re.Match[str]]:
    if REPLACEMENT in text:
        yield from re.finditer(REPLACEMENT, text)
    if "?" in text:
        yield from _QUESTIONED.finditer(text)


def _around(text: str, start: int, end: int) -> str:
    """Return the word around a place of `text`; never much more, for a file need not have any spaces."""
    before = _BOUNDS.split(text[max(0, start - _WORD_LENGTH_MAX) : start])[-1]
    after = _BOUNDS.split(text[end : end + _WORD_LENGTH_MAX], maxsplit=1)[0]
    return before + text[start:end] + after


def is_lossy(text: str) -> bool:
    """Return whether letters of `text` are gone: "Nguy?n V?n ??c", U+FFFD. A question at its end is none."""
    return bool(find_lossy_words(text))
