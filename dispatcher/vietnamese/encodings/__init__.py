"""Vietnamese as it comes out of old files and old fonts, made Unicode again.

`decode` reads the bytes of a text file. `repair` reads one cell that is text already but was typed in an
old font. `lossy` tells text whose letters are gone for good.
"""

from dispatcher.vietnamese.encodings.cells import Repaired, repair, suspect, usual
from dispatcher.vietnamese.encodings.files import ADVICE, Decoded, decode, lossy

__all__ = ["ADVICE", "Decoded", "Repaired", "decode", "lossy", "repair", "suspect", "usual"]
