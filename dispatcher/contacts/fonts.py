"""Cells typed in the fonts of before Unicode, as a list as a whole shows which: the last step of the repair.

`encodings.repair` judges words. What is no word ("S§T" for "SĐT") only the rest of the list can settle.
"""

from __future__ import annotations

import re

from dispatcher.vietnamese import encodings
from dispatcher.vietnamese.encodings import Repaired

# The letter đ of each font, where it stands alone among capitals and points: nothing else looks like that.
_LEFT: dict[str, dict[int, str]] = {
    "tcvn3": str.maketrans({"§": "Đ", "®": "đ"}),
    "vni": str.maketrans({"Ñ": "Đ", "ñ": "đ"}),
    "viscii": {},
    "windows-1258": {},
}
_BETWEEN = re.compile(r"(\s+|/)")
_MISTAKEN = re.compile(r"\bSậT\b")  # "S§T" reads as a word in VISCII, which hardly any office used


class Mender:
    """Mends the cells of one sheet.

    `prior`: the old font that most cells are in. `encoding`: what the file was decoded from, for its cells
    are Unicode by now except for what was no word.
    """

    def __init__(self, *, prior: str = "", encoding: str = "") -> None:
        self.prior = prior
        self._font = prior or encoding
        self._left = _LEFT.get(self._font)

    @property
    def is_idle(self) -> bool:
        """Tell whether the list is in Unicode throughout, as far as anybody has seen."""
        return self._left is None

    def mend(self, cell: str) -> Repaired:
        """Read a cell again if it was typed in an old font."""
        if not self.prior and not encodings.suspect(cell):
            mended = Repaired(text=cell)
        else:
            mended = encodings.repair(cell, prior=self.prior)
        if self._left is None or cell.isascii():
            return mended
        if mended.encoding is None and encodings.suspect(cell):
            mended = self._word_by_word(cell)
        text = _MISTAKEN.sub("SĐT", mended.text.translate(self._left))
        if text == mended.text:
            return mended
        return Repaired(text=text, encoding=mended.encoding, doubtful=mended.doubtful)

    def _word_by_word(self, cell: str) -> Repaired:
        """Mend the words of a cell that an abbreviation among them kept from being mended as a whole."""
        pieces = [encodings.repair(piece, prior=self._font) for piece in _BETWEEN.split(cell)]
        return Repaired(
            text="".join(piece.text for piece in pieces),
            encoding=next((piece.encoding for piece in pieces if piece.encoding), None),
            doubtful=any(piece.doubtful for piece in pieces),
        )
