"""The corpus: each shape, each encoding, each damage that lists of Vietnamese offices are known for."""

from __future__ import annotations

from tests.corpus.damage import FILES, LOSSY, MAILS, NAMES, NUMBERS, OLD, SHORT
from tests.corpus.judged import WHO_NOT, WHOSE
from tests.corpus.shapes import AGENCY, CLASS_LIST, FORM, HOUSEHOLDS, PARTY, SCHOOL_EXPORT, SHAPES
from tests.corpus.tables import MORE

__all__ = ["AGENCY", "CLASS_LIST", "CORPUS", "PARTY", "SCHOOL_EXPORT"]

CORPUS = [
    AGENCY, PARTY, CLASS_LIST, SCHOOL_EXPORT, HOUSEHOLDS, FORM, *SHAPES, *MORE,
    *WHOSE, *WHO_NOT, *OLD, *SHORT, *LOSSY, NUMBERS, MAILS, NAMES, *FILES,
]  # fmt: skip
