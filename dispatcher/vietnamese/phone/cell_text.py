"""A cell as one line of plain text, with the damage of spreadsheets undone.

Here and only here it matters whether a cell was a number, a date or text. What cannot be undone without
guessing (a rounded number) is refused with its word.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import NamedTuple

DROPPED_CATEGORIES = frozenset({"Cf", "Cc", "Co", "Cs", "Cn", "Me"})
VARIATION_SELECTORS = range(0xFE00, 0xFE10)  # category Mn, left over from digits copied as emoji
ASCII_FORMS = {
    **dict.fromkeys("‘’ʼ′´`ˈ", "'"),
    **dict.fromkeys("“”„″«»", '"'),
    **dict.fromkeys("−⁻―", "-"),
    **dict.fromkeys("⁄∕", "/"),
    **dict.fromkeys("·∙‧․", "."),
    **dict.fromkeys("‚،、", ","),
    **dict.fromkeys("\u2028\u2029\x85\x0b\x0c", "\n"),
}


class CellText(NamedTuple):
    """A cell as text. `reason`: why a number in it cannot be had; with text, there may be another one."""

    text: str
    reason: str = ""
    repairs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def to_text(cell: object) -> CellText:
    """Return the text of any cell: None, text, whole number, float, Decimal, truth value or date."""
    if cell is None or (isinstance(cell, (float, Decimal)) and Decimal(cell).is_nan()):
        return CellText("", "empty")
    if isinstance(cell, bool):
        return CellText("", "no-number")
    if isinstance(cell, str):
        return _from_text(cell)
    if isinstance(cell, (int, float, Decimal)):
        return _from_number(cell)
    if isinstance(cell, date):
        return CellText("", "date")
    return CellText("", "no-number")


# --- number cells ---------------------------------------------------------------------------------------

EXCEL_SERIALS = range(14_611, 54_789)  # 1/1/1940 to 1/1/2050
ROUNDED_STEP = 1_000_000  # 9.12E+08 keeps three digits of nine
MAYBE_ROUNDED_STEP = 1_000  # 9.12346E+08 keeps six
TOO_LARGE = 10**15


def _from_number(cell: float | Decimal) -> CellText:
    if cell in {math.inf, -math.inf}:
        return CellText("", "no-number")
    if not -TOO_LARGE < cell < TOO_LARGE:
        return CellText("", "too-long")
    if cell % 1:
        return _from_fraction(cell)
    whole = abs(int(cell))  # "-0912345678" typed with a dash in front becomes negative
    if whole in EXCEL_SERIALS:
        return CellText("", "date")
    if whole >= 10**8:
        if whole % ROUNDED_STEP == 0:
            return CellText("", "rounded")
        if whole % MAYBE_ROUNDED_STEP == 0:
            return CellText(str(whole), flags=("may-be-rounded",))
    return CellText(str(whole))


def _from_fraction(cell: float | Decimal) -> CellText:
    # 0912.345678 typed into a number cell becomes 912.345678. A date with a time is a fraction as well.
    if abs(int(cell)) in EXCEL_SERIALS:
        return CellText("", "date")
    return _from_text(str(abs(cell)))


# --- text cells -----------------------------------------------------------------------------------------

# "3E1" is a school class: scientific notation has decimals or a plus sign.
_SCIENTIFIC = re.compile(
    r"(?<![\w.,])([0-9])(?:[.,]([0-9]{1,20})\s?[eE]\s?\+?|\s?[eE]\s?\+)0?([0-9]{1,2})(?!\w)", re.ASCII
)
_DECIMAL_ZEROS = re.compile(
    r"(?<![0-9.,])(?:(\+?[0-9]{8,})[.,]0{1,3}|([0-9]{1,3}(?:([., ])[0-9]{3}){2,4})(?!\3)[.,]0{1,3})"
    r"(?![0-9.,])"
)
_DECIMAL_POINT = re.compile(r"(?<![0-9])(?:[1-9][0-9]{2}[.,][0-9]{6}|[1-9][0-9][.,][0-9]{7})(?![0-9])")
LOST_DIGITS = "\0"
_WRAPPED = re.compile(r"^\s*(?:=\s*['\"]?|['\"]+)|['\"]+\s*$")


def _from_text(cell: str) -> CellText:
    reason = ""
    repairs: list[str] = []
    text = cell.replace("_x000D_", "\n").replace("\r", "\n")
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii() or not text.isprintable():
        text = _to_ascii(text, repairs)
    text = text.strip()
    if not text:
        return CellText("", "empty", tuple(repairs))
    if _WRAPPED.search(text):
        text = _WRAPPED.sub("", text).strip()
        repairs.append("spreadsheet-text")
    if "e" in text or "E" in text:
        exact = _SCIENTIFIC.sub(_written_out, text)
        if LOST_DIGITS in exact:
            text, reason = exact.replace(LOST_DIGITS, ";"), "rounded"
        elif exact != text:
            text, repairs = exact, [*repairs, "exponent"]
    if _DECIMAL_ZEROS.search(text):
        text = _DECIMAL_ZEROS.sub(r"\1\2", text)
        repairs.append("decimal")
    elif _DECIMAL_POINT.fullmatch(text):
        repairs.append("decimal")
        text = text.replace(",", ".")
    return CellText(text, reason, tuple(repairs))


def _written_out(match: re.Match[str]) -> str:
    """Write 9.12345678E+08 as 912345678; `LOST` where digits are missing."""
    first, decimals, exponent = match[1], match[2] or "", int(match[3])
    if not 7 <= exponent <= 14 or len(decimals) < exponent or decimals[exponent:].strip("0"):
        return LOST_DIGITS
    return first + decimals[:exponent]


def _to_ascii(text: str, repairs: list[str]) -> str:
    written: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if " " <= character <= "~" or character in "\n\t":
            written.append(character)
            continue
        ordinary = _ascii_character(character)
        written.append(ordinary)
        if ordinary == "" and "invisible-marks" not in repairs:
            repairs.append("invisible-marks")
        elif ordinary.isdigit() and "wide-digits" not in repairs:
            repairs.append("wide-digits")
    return "".join(written)


def _ascii_character(character: str) -> str:
    if character in ASCII_FORMS:
        return ASCII_FORMS[character]
    if "！" <= character <= "～":  # the full-width twins of ASCII
        return chr(ord(character) - 0xFEE0)
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    if category == "Pd":
        return "-"
    if category in DROPPED_CATEGORIES or ord(character) in VARIATION_SELECTORS:
        return ""
    return character
