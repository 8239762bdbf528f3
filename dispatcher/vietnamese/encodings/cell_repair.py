"""Detects and decodes cells typed in an old font; leaves every other cell alone.

Each cell is judged for itself, for lists are pasted together from many hands. What is Vietnamese as it
stands stays ("Lê Bá Hà", though a TCVN3 reading exists), unless the rest of the list says otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Literal, NamedTuple

from dispatcher.vietnamese.encodings import scoring
from dispatcher.vietnamese.encodings.charsets import LEGACY_ENCODINGS, LegacyEncoding, encode_windows_1252
from dispatcher.vietnamese.encodings.scoring import ScoredWord
from dispatcher.vietnamese.syllables import is_syllable
from dispatcher.vietnamese.text import nfc

CellEncoding = Literal["tcvn3", "vni", "windows-1258", "viscii", "utf-8"]

# Letters that only real Unicode has; marks that stand alone mean decomposed text, which is Unicode too.
_UNICODE = re.compile("[ăđĩũơưĂĐĨŨƠƯ\u0300-\u036f\u1ea0-\u1ef9]")
_LOOK_ALIKE = re.compile("[\xa1-\xff]")
_UTF8_AS_LATIN = re.compile("[Â-ô][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_WRITTEN_BY_VIETNAMESE = re.compile(
    "[\x00-\x7f\xa0«»°À-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯư\u0300-\u0323\u1ea0-\u1ef9\u2010-\u2026]+"
)
_HYPHENED = re.compile("[A-Za-z\xa1-\xff]*-[A-Za-z\xa1-\xff]+")
_WORD = re.compile(r"[^\W\d_]+")
_CHUNK = re.compile(r"(?<!\S)[^\s\d@._/\\:]+(?!\S)")  # no addresses, no abbreviations, no numbers

# TCVN3 and VNI are what offices used; the others were rare in spreadsheets.
_WEIGHT: dict[str, float] = {"tcvn3": 0.3, "vni": 0.3, "windows-1258": 0.2, "viscii": -0.2}
_SHARE_GOOD_MIN = 0.8  # one mistyped word in five does not make a note unreadable


class RepairedText(NamedTuple):  # a tuple, for one is made for every cell of a list
    """A cell in Unicode.

    `encoding` is what it had been typed in; None when nothing was changed. `doubtful`: a lost ư was put
    back by judgement, so a person should look.
    """

    text: str
    encoding: CellEncoding | None = None
    doubtful: bool = False


def looks_legacy(cell: str) -> bool:
    """Return at little cost whether a cell has letters that may be those of an old font."""
    return not cell.isascii() and _UNICODE.search(cell) is None and _LOOK_ALIKE.search(cell) is not None


def repair(cell: str, *, prior: str = "") -> RepairedText:
    """Read again a cell typed in TCVN3, VNI, VISCII or windows-1258, or in UTF-8 that was taken for Latin.

    Any other cell stays as it is. `prior` is the encoding that most of the list is in, from
    `prevailing_encoding`: it decides cells that make sense both ways. Call it on the cell as it came, before
    `text.clean`.
    """
    if cell.isascii():
        return _repair_ascii(cell) if prior == "tcvn3" else RepairedText(cell)
    if not looks_legacy(cell) or (not prior and all(map(scoring.is_readable, cell.split()))):
        return RepairedText(cell)
    if (text := _utf8_taken_for_latin(cell)) is not None:
        return RepairedText(text, "utf-8")
    if (joined := _HYPHENED.sub(_with_soft_hyphen, cell)) != cell and _encoding_of(joined, prior) == "tcvn3":
        return decode_again(joined, "tcvn3")._replace(doubtful=True)
    encoding = _encoding_of(cell, prior)
    return decode_again(cell, encoding) if encoding else RepairedText(cell)


def _encoding_of(cell: str, prior: str) -> LegacyEncoding | None:
    tokens = scoring.non_ascii_words(cell)
    return _best_encoding(tokens, [scoring.score_unchanged(token) for token in tokens], prior)


def _with_soft_hyphen(match: re.Match[str]) -> str:
    """Write the ư of TCVN3 again where a hyphen stands for it and a syllable comes of it: "H-êng"."""
    joined = match[0].replace("-", "\xad")
    return joined if scoring.score_decoded(joined, "tcvn3").is_valid else match[0]


def _utf8_taken_for_latin(cell: str) -> str | None:
    if _UTF8_AS_LATIN.search(cell) is None:
        return None
    try:
        text = nfc((encode_windows_1252(cell) or cell.encode("latin-1")).decode("utf-8"))
    except UnicodeError:
        return None
    return text if _WRITTEN_BY_VIETNAMESE.fullmatch(text) else None


def _best_encoding(
    tokens: Sequence[str], unchanged: Sequence[ScoredWord], prior: str
) -> LegacyEncoding | None:
    """Choose the encoding in which the cell reads best, None when it reads best as it stands."""
    scores = {encoding: _score(encoding, tokens, unchanged, prior) for encoding in LEGACY_ENCODINGS}
    encoding = max(scores, key=scores.__getitem__)
    return encoding if scores[encoding] > 0 else None


def _score(
    encoding: LegacyEncoding, tokens: Sequence[str], unchanged: Sequence[ScoredWord], prior: str
) -> float:
    """Return the worth of reading in `encoding`: words made good, plus half for each common one; 0 for no.

    When everything is good as it stands only a prior can overrule it, and only by words at least as common.
    """
    words = [scoring.score_decoded(token, encoding) for token in tokens]
    if scoring.valid_share(words) < _SHARE_GOOD_MIN:
        return 0.0
    good, common = sum(word.is_valid for word in words), sum(word.is_common for word in words)
    good_before = sum(word.is_valid for word in unchanged)
    if good_before == len(unchanged):
        signs_only = not any(c.isalpha() for token in tokens for c in token)  # "×" ticks a box
        overruled = (
            prior == encoding and not signs_only and common >= sum(word.is_common for word in unchanged)
        )
        return 1.0 if overruled else 0.0
    if good <= good_before or not (prior == encoding or _is_evidence(tokens, words)):
        return 0.0
    return good + common / 2 + _WEIGHT[encoding] + (prior == encoding)


def _is_evidence(tokens: Sequence[str], words: Sequence[ScoredWord]) -> bool:
    """Judge whether good words can be chance: "Thaï" would read as a word too, and so would "5 µm"."""
    if any(word.is_common for word in words) or len(words) > 2:
        return True
    if any(word.is_restored for word in words):
        return False
    return any(scoring.looks_garbled(token) and len(token) > 2 for token in tokens)


def decode_again(cell: str, encoding: LegacyEncoding) -> RepairedText:
    """Read a cell of look-alikes in `encoding`, come what may."""
    restored = False
    parts = re.split(f"({scoring.BETWEEN_WORDS.pattern})", cell)
    for index in range(0, len(parts), 2):
        if not parts[index].isascii():
            word = scoring.score_decoded(parts[index], encoding)
            parts[index], restored = word.text, restored or word.is_restored
    text = "".join(parts)
    if encoding == "tcvn3":
        whole = text if "\xad" in cell else _restore_horns(text)
        restored, text = restored or whole != text, _raise_capitals(whole)
    return RepairedText(text, encoding if text != cell else None, restored)


def _repair_ascii(cell: str) -> RepairedText:
    """Look for words that lost their only letter with a mark, as "Hng" did in a list of TCVN3."""
    whole = _restore_horns(cell)
    return (
        RepairedText(cell) if whole == cell else RepairedText(_raise_capitals(whole), "tcvn3", doubtful=True)
    )


def _restore_horns(text: str) -> str:
    """Put back each ư that was dropped or became a hyphen on the way: its code is the soft hyphen."""
    return _CHUNK.sub(_restore_chunk, text)


def _restore_chunk(match: re.Match[str]) -> str:
    parts = match[0].split("-")
    joined = scoring.U_HORN.join(parts)
    if len(parts) > 1 and all(parts) and is_syllable(joined) and not all(map(is_syllable, parts)):
        return joined
    return _WORD.sub(lambda word: scoring.restore_horn(word[0]), match[0])


def _raise_capitals(text: str) -> str:
    """Raise the small letters that a capital font had shown as capitals: "TRầN" is "TRẦN"."""
    ascii_letters = [c for c in text if c.isascii() and c.isalpha()]
    capital_cell = len(ascii_letters) > 1 and all(c.isupper() for c in ascii_letters)
    return _WORD.sub(partial(_capital_word, capital_cell=capital_cell), text)


def _capital_word(match: re.Match[str], *, capital_cell: bool) -> str:
    word = match[0]
    letters = [c for c in word if c.isascii()]
    raised = all(c.isupper() for c in letters) and (capital_cell or len(letters) > 1)
    return word.upper() if raised else word


def prevailing_encoding(cells: Iterable[str]) -> str:
    """Return the old encoding that most of the telling cells are in; "" when Unicode prevails.

    Look at one page of a list, then hand the answer to `repair` as its prior.
    """
    seen: Counter[str] = Counter()
    for cell in cells:
        if _UNICODE.search(cell):
            seen[""] += 1
        elif looks_legacy(cell):
            seen[repair(cell).encoding or "?"] += 1
    encoding, count = max(
        ((e, n) for e, n in seen.items() if e != "?"), key=lambda of: of[1], default=("", 0)
    )
    return encoding if count > 2 * (seen.total() - seen["?"] - count) else ""
