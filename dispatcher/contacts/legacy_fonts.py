"""Cells typed in the fonts of before Unicode, as a list as a whole shows which: the last step of the repair.

`encodings.repair` judges words. What is no word ("S§T" for "SĐT") only the rest of the list can settle.
"""

from __future__ import annotations

import re

from dispatcher.vietnamese import encodings
from dispatcher.vietnamese.encodings import RepairedText

# The letter đ of each font, where it stands alone among capitals and points: nothing else looks like that.
_LEFT: dict[str, dict[int, str]] = {
    "tcvn3": str.maketrans({"§": "Đ", "®": "đ"}),
    "vni": str.maketrans({"Ñ": "Đ", "ñ": "đ"}),
    "viscii": {},
    "windows-1258": {},
}
_BETWEEN = re.compile(r"(\s+|/)")
_MISTAKEN = re.compile(r"\bSậT\b")  # "S§T" reads as a word in VISCII, which hardly any office used


class LegacyFontDecoder:
    """Mends the cells of one sheet.

    `prior`: the old font that most cells are in. `encoding`: what the file was decoded from, for its cells
    are Unicode by now except for what was no word.
    """

    def __init__(self, *, prior: str = "", encoding: str = "") -> None:
        self.prior_encoding = prior
        self._font = prior or encoding
        self._left = _LEFT.get(self._font)

    @property
    def is_unicode(self) -> bool:
        """Return whether the list is in Unicode throughout, as far as anybody has seen."""
        return self._left is None

    def decode(self, cell: str) -> RepairedText:
        """Read a cell again if it was typed in an old font."""
        if not self.prior_encoding and not encodings.looks_legacy(cell):
            repaired = RepairedText(text=cell)
        else:
            repaired = encodings.repair(cell, prior=self.prior_encoding)
        if self._left is None or cell.isascii():
            return repaired
        if repaired.encoding is None and encodings.looks_legacy(cell):
            repaired = self._word_by_word(cell)
        text = _MISTAKEN.sub("SĐT", repaired.text.translate(self._left))
        if text == repaired.text:
            return repaired
        return RepairedText(text=text, encoding=repaired.encoding, doubtful=repaired.doubtful)

    def _word_by_word(self, cell: str) -> RepairedText:
        """Mend the words of a cell that an abbreviation among them kept from being mended as a whole."""
        pieces = [encodings.repair(piece, prior=self._font) for piece in _BETWEEN.split(cell)]
        return RepairedText(
            text="".join(piece.text for piece in pieces),
            encoding=next((piece.encoding for piece in pieces if piece.encoding), None),
            doubtful=any(piece.doubtful for piece in pieces),
        )
