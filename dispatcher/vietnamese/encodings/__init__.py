"""Vietnamese text from old encodings and fonts, made Unicode.

`decode` reads the bytes of a text file. `repair` reads one cell that is text already but was typed in an
old font. `find_lossy_words` tells text whose letters are gone for good.
"""

from dispatcher.vietnamese.encodings.cell_repair import (
    RepairedText,
    looks_legacy,
    prevailing_encoding,
    repair,
)
from dispatcher.vietnamese.encodings.file_decoding import LOSSY_ADVICE, DecodedText, decode, is_lossy

__all__ = [
    "LOSSY_ADVICE",
    "DecodedText",
    "RepairedText",
    "decode",
    "is_lossy",
    "looks_legacy",
    "prevailing_encoding",
    "repair",
]
