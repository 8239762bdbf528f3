"""Finds cells typed in an old font and reads them again; leaves every other cell alone.

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
from dispatcher.vietnamese.encodings.scoring import Word
from dispatcher.vietnamese.encodings.tables import LEGACY, Legacy, as_bytes
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
_WORD = re.compile(r"[^\W\d_]+")
_CHUNK = re.compile(r"(?<!\S)[^\s\d@._/\\:]+(?!\S)")  # no addresses, no abbreviations, no numbers

# TCVN3 and VNI are what offices used; the others were rare in spreadsheets.
_WEIGHT: dict[str, float] = {"tcvn3": 0.3, "vni": 0.3, "windows-1258": 0.2, "viscii": -0.2}
_SHARE_GOOD_MIN = 0.8  # one mistyped word in five does not make a note unreadable


class Repaired(NamedTuple):  # a tuple, for one is made for every cell of a list
    """A cell in Unicode.

    `encoding` is what it had been typed in; None when nothing was changed. `doubtful`: a lost ư was put
    back by judgement, so a person should look.
    """

    text: str
    encoding: CellEncoding | None = None
    doubtful: bool = False


def suspect(cell: str) -> bool:
    """Tell at little cost whether a cell has letters that may be those of an old font."""
    return not cell.isascii() and _UNICODE.search(cell) is None and _LOOK_ALIKE.search(cell) is not None


def repair(cell: str, *, prior: str = "") -> Repaired:
    """Read again a cell typed in TCVN3, VNI, VISCII or windows-1258, or in UTF-8 that was taken for Latin.

    Any other cell stays as it is. `prior` is the encoding that most of the list is in (see `usual`): it
    decides cells that make sense both ways. Call it on the cell as it came, before `text.clean`.
    """
    if cell.isascii():
        return _reread_ascii(cell) if prior == "tcvn3" else Repaired(cell)
    if not suspect(cell) or (not prior and all(map(scoring.stands, cell.split()))):
        return Repaired(cell)
    if (text := _utf8_taken_for_latin(cell)) is not None:
        return Repaired(text, "utf-8")
    tokens = scoring.foreign_tokens(cell)
    encoding = _best(tokens, [scoring.as_is(token) for token in tokens], prior)
    return reread(cell, encoding) if encoding else Repaired(cell)


def _utf8_taken_for_latin(cell: str) -> str | None:
    if _UTF8_AS_LATIN.search(cell) is None:
        return None
    try:
        text = nfc((as_bytes(cell) or cell.encode("latin-1")).decode("utf-8"))
    except UnicodeError:
        return None
    return text if _WRITTEN_BY_VIETNAMESE.fullmatch(text) else None


def _best(tokens: Sequence[str], stands: Sequence[Word], prior: str) -> Legacy | None:
    """Choose the encoding in which the cell reads best, None when it reads best as it stands."""
    scores = {encoding: _score(encoding, tokens, stands, prior) for encoding in LEGACY}
    encoding = max(scores, key=scores.__getitem__)
    return encoding if scores[encoding] > 0 else None


def _score(encoding: Legacy, tokens: Sequence[str], stands: Sequence[Word], prior: str) -> float:
    """Give the worth of reading in `encoding`: words made good, plus half for each common one; 0 for no.

    When everything is good as it stands only a prior can overrule it, and only by words at least as common.
    """
    words = [scoring.read_as(token, encoding) for token in tokens]
    if scoring.share_good(words) < _SHARE_GOOD_MIN:
        return 0.0
    good, common = sum(word.good for word in words), sum(word.common for word in words)
    good_before = sum(word.good for word in stands)
    if good_before == len(stands):
        signs_only = not any(c.isalpha() for token in tokens for c in token)  # "×" ticks a box
        overruled = prior == encoding and not signs_only and common >= sum(word.common for word in stands)
        return 1.0 if overruled else 0.0
    if good <= good_before or not (prior == encoding or _is_evidence(tokens, words)):
        return 0.0
    return good + common / 2 + _WEIGHT[encoding] + (prior == encoding)


def _is_evidence(tokens: Sequence[str], words: Sequence[Word]) -> bool:
    """Judge whether good words can be chance: "Thaï" would read as a word too, and so would "5 µm"."""
    if any(word.common for word in words) or len(words) > 2:
        return True
    if any(word.restored for word in words):
        return False
    return any(scoring.is_odd(token) and len(token) > 2 for token in tokens)


def reread(cell: str, encoding: Legacy) -> Repaired:
    """Read a cell of look-alikes in `encoding`, come what may."""
    restored = False
    parts = re.split(f"({scoring.BETWEEN_WORDS.pattern})", cell)
    for place in range(0, len(parts), 2):
        if not parts[place].isascii():
            word = scoring.read_as(parts[place], encoding)
            parts[place], restored = word.text, restored or word.restored
    text = "".join(parts)
    if encoding == "tcvn3":
        whole = text if "\xad" in cell else _restored(text)
        restored, text = restored or whole != text, _capitals(whole)
    return Repaired(text, encoding if text != cell else None, restored)


def _reread_ascii(cell: str) -> Repaired:
    """Look for words that lost their only letter with a mark, as "Hng" did in a list of TCVN3."""
    whole = _restored(cell)
    return Repaired(cell) if whole == cell else Repaired(_capitals(whole), "tcvn3", doubtful=True)


def _restored(text: str) -> str:
    """Put back each ư that was dropped or became a hyphen on the way: its code is the soft hyphen."""
    return _CHUNK.sub(_chunk_restored, text)


def _chunk_restored(match: re.Match[str]) -> str:
    parts = match[0].split("-")
    joined = scoring.U_HORN.join(parts)
    if len(parts) > 1 and all(parts) and is_syllable(joined) and not all(map(is_syllable, parts)):
        return joined
    return _WORD.sub(lambda word: scoring.restore(word[0]), match[0])


def _capitals(text: str) -> str:
    """Raise the small letters that a capital font had shown as capitals: "TRầN" is "TRẦN"."""
    ascii_letters = [c for c in text if c.isascii() and c.isalpha()]
    capital_cell = len(ascii_letters) > 1 and all(c.isupper() for c in ascii_letters)
    return _WORD.sub(partial(_capital_word, capital_cell=capital_cell), text)


def _capital_word(match: re.Match[str], *, capital_cell: bool) -> str:
    word = match[0]
    letters = [c for c in word if c.isascii()]
    raised = all(c.isupper() for c in letters) and (capital_cell or len(letters) > 1)
    return word.upper() if raised else word


def usual(cells: Iterable[str]) -> str:
    """Name the old encoding that most of the telling cells of a list are in; "" when Unicode prevails.

    Look at one page of a list, then hand the answer to `repair` as its prior.
    """
    seen: Counter[str] = Counter()
    for cell in cells:
        if _UNICODE.search(cell):
            seen[""] += 1
        elif suspect(cell):
            seen[repair(cell).encoding or "?"] += 1
    encoding, count = max(
        ((e, n) for e, n in seen.items() if e != "?"), key=lambda of: of[1], default=("", 0)
    )
    return encoding if count > 2 * (seen.total() - seen["?"] - count) else ""
