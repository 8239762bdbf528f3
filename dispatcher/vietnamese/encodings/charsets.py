"""Tables of the encodings that Vietnam used before Unicode.

A spreadsheet cell that was typed in one of these fonts holds Latin look-alikes ("NguyÔn V¨n §øc"): the
bytes, read as windows-1252. So cells and files go through the same tables.
"""

from __future__ import annotations

import codecs
import re
from typing import Literal, get_args

from dispatcher.vietnamese.text import nfc

LegacyEncoding = Literal["tcvn3", "vni", "windows-1258", "viscii"]
LEGACY_ENCODINGS: tuple[LegacyEncoding, ...] = get_args(LegacyEncoding)  # the likelier first

REPLACEMENT = "\ufffd"
_ASCII = "".join(map(chr, range(128)))
_WINDOWS_SIGNS = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ"
# Bytes that windows-1252 leaves open pass as they are, the way Windows itself does it.
WINDOWS_1252 = _ASCII + _WINDOWS_SIGNS + "".join(map(chr, range(0xA0, 0x100)))

# The fonts named .VnTime: 74 letters. Capitals with a tone do not exist; a capital font shows the small ones.
_TCVN3_LETTERS = (
    "\u00a0ĂÂÊÔƠƯĐăâêôơưđ______àảãáạ_ằẳẵắ_"  # A0
    "______ặầẩẫấậè_ẻẽéẹềểễếệìỉ___ĩíịò"  # C0
    "_ỏõóọồổỗốộờởỡớợù_ủũúụừửữứựỳỷỹýỵ_"  # E0
)
TCVN3 = _ASCII + _WINDOWS_SIGNS + _TCVN3_LETTERS.replace("_", REPLACEMENT)

_VISCII_LETTERS = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ"  # 80
    "ÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"  # A0
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡư"  # C0
    "àáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"  # E0
)
_VISCII_CONTROLS = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
VISCII = _ASCII.translate(_VISCII_CONTROLS) + _VISCII_LETTERS

# VNI-Windows writes the mark as a letter of its own behind the vowel; the marks, in one order of tones.
_TONED = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_CIRCUMFLEX = {"â": "", "á": "\u0301", "à": "\u0300", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_BREVE = {"ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_VNI_ALONE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni() -> dict[str, str]:
    small = dict(_VNI_ALONE)
    for vowel in "aeouyôö":
        small |= {vowel + mark: _VNI_ALONE.get(vowel, vowel) + tone for mark, tone in _TONED.items()}
    for vowel in "aeo":
        small |= {vowel + mark: f"{vowel}\u0302{tone}" for mark, tone in _CIRCUMFLEX.items()}
    small |= {"a" + mark: f"a\u0306{tone}" for mark, tone in _BREVE.items()}
    capital = {letters[0].upper() + letters[1:]: letter.upper() for letters, letter in small.items()}
    # "AÙnh" and "Aùnh" are both met: the case of the mark says nothing.
    marks = {letters[0] + letters[1:].upper(): letter for letters, letter in (small | capital).items()}
    return {letters: nfc(letter) for letters, letter in (small | capital | marks).items()}


_VNI = _vni()
_VNI_MARKS = "".join({**_TONED, **_CIRCUMFLEX, **_BREVE})
_VNI_LETTER = re.compile(f"[aeouyôö][{_VNI_MARKS}]|[À-ÖØ-öø-ÿ]", re.IGNORECASE)


def _vni_letter(match: re.Match[str]) -> str:
    letters = match[0]
    if letter := _VNI.get(letters):
        return letter
    return _VNI.get(letters[0], letters[0]) + REPLACEMENT if len(letters) > 1 else REPLACEMENT


_AS_BYTES = codecs.charmap_build(WINDOWS_1252)


def encode_windows_1252(cell: str) -> bytes | None:
    """Return the bytes that a cell was before it was read as windows-1252; None when it never was that."""
    try:
        return codecs.charmap_encode(cell, "strict", _AS_BYTES)[0]
    except UnicodeEncodeError:
        return None


def decode_windows_1252(raw: bytes) -> str:
    """Read bytes as windows-1252, every byte giving a character."""
    return codecs.charmap_decode(raw, "strict", WINDOWS_1252)[0]


def decode_legacy(raw: bytes, encoding: LegacyEncoding) -> str:
    """Read bytes in a legacy encoding, composed; a byte or mark without a meaning there becomes U+FFFD."""
    if encoding == "tcvn3":
        return codecs.charmap_decode(raw, "strict", TCVN3)[0]
    if encoding == "viscii":
        return codecs.charmap_decode(raw, "strict", VISCII)[0]
    if encoding == "windows-1258":
        return nfc(raw.decode("cp1258", "replace"))
    return _VNI_LETTER.sub(_vni_letter, decode_windows_1252(raw))
