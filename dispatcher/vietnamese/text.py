"""Vietnamese text: normalised, cleaned, without accents, as a search key.

Composing comes first everywhere: on decomposed text `str.title` makes "NguyễN" and lengths are wrong.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from dispatcher.errors import DispatcherError
from dispatcher.i18n import _

# Shown to whoever writes texts, and replaced when a text is sent without accents.
TYPOGRAPHIC: dict[str, str] = {
    **dict.fromkeys("‘’‚‛′´ʼ‹›", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("•‣▪●◦·∙", "-"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000", " "),
    **dict.fromkeys("\u2028\u2029", "\n"),
    "…": "...",
    "×": "x",
    "→": "->",
    "²": "2",  # m2 and m3 are what people write on a telephone
    "³": "3",
    "₫": "d",
}
# What people would type for a sign their telephone has not; its look where there is one.
_SIGNS = {
    **dict.fromkeys("°º˚", "o"),  # 38oC is how it is typed
    "℃": "oC", "℉": "oF", "ª": "a", "№": "No",
    **{fraction: unicodedata.normalize("NFKC", fraction).replace("⁄", "/") for fraction in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"},
    **{sign: str(value) for value, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{sign: str(value) for value, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    **{sign: f"({value})" for value, sign in enumerate("①②③④⑤⑥⑦⑧⑨⑩", 1)},
    "±": "+/-", "÷": ":", "≤": "<=", "≥": ">=", "≠": "<>", "≈": "~", "‰": "o/oo", "µ": "u", "μ": "u",
    "€": "EUR", "£": "GBP", "¥": "JPY", "©": "(c)", "®": "(R)", "™": "TM", "←": "<-", "↔": "<->", "⇒": "=>",
    **dict.fromkeys("➔➜", "->"), **dict.fromkeys("✓✔☑", "v"), **dict.fromkeys("✗✘", "x"),
    "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ß": "ss",
}  # fmt: skip
_FRACTION_BEHIND_A_DIGIT = re.compile(r"(?<=\d)(?=[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")  # 1½ is 1 1/2, never 11/2
# đ does not decompose. The eth and the African D look the same and come from other keyboards and fonts.
_STROKED = {"đ": "d", "ð": "d", "ɖ": "d", "Đ": "D", "Ð": "D", "Ɖ": "D"}
_INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
# Compatibility forms that keep their meaning as plain letters. Not <fraction>: 1½ would become 11/2.
_HARMLESS_FORMS = ("<wide>", "<narrow>", "<font>", "<compat>", "<noBreak>")

_MARK = re.compile("[\u0300-\u036f]")
_MARKED = re.compile("[^\u0300-\u036f][\u0300-\u036f]+")
_SHAPE_MARKS = "\u0302\u0306\u031b"  # circumflex, breve, horn: parts of the letter; tones come after them
_CONTROL_OR_INVISIBLE = re.compile(f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f{_INVISIBLE}]")
_BESIDE_A_LETTER = re.compile(r"(?<!\d) | (?!\d)")
_SHORT = 32  # longer tokens are not words; remembering them would only fill the memory


class NotAscii(DispatcherError):
    """A text cannot be written in plain ASCII; `characters` are the culprits, distinct and in order."""

    def __init__(self, characters: tuple[str, ...]) -> None:
        self.characters = characters
        named = ", ".join(f"{character} (U+{ord(character):04X})" for character in characters)
        super().__init__(
            _("these characters cannot be written without accents: {characters}", characters=named)
        )


def nfc(s: str) -> str:
    """Compose `s`, also where a tone was typed before a circumflex or breve: plain NFC leaves those apart."""
    if s.isascii():
        return s
    s = unicodedata.normalize("NFC", s)
    if _MARK.search(s) is None:
        return s
    return unicodedata.normalize("NFC", _MARKED.sub(_in_order, unicodedata.normalize("NFD", s)))


def _in_order(match: re.Match[str]) -> str:
    letter, marks = match[0][0], match[0][1:]
    return letter + "".join(sorted(marks, key=lambda mark: mark not in _SHAPE_MARKS))


def clean(s: str) -> str:
    """Make one tidy line of a cell: composed, invisible marks out, any white space squeezed to one space.

    Only after `encodings.repair`: the soft hyphen taken out here is a letter in TCVN3.
    """
    if s.isprintable() and "  " not in s and s[:1] != " " and s[-1:] != " ":
        return s if s.isascii() else nfc(s)
    return " ".join(_CONTROL_OR_INVISIBLE.sub("", nfc(s)).split())


def _plain(character: str) -> str:
    """Return the ASCII for one character outside ASCII; the character itself when there is none."""
    form = unicodedata.decomposition(character)
    if form.startswith("<") and not form.startswith(_HARMLESS_FORMS):
        return character
    parts = unicodedata.normalize("NFKD", character)
    plain = "".join(_STROKED.get(part, part) for part in parts if unicodedata.category(part) != "Mn")
    return plain if plain.isascii() else character


def _latin() -> dict[int, str]:
    ranges = (*range(0x80, 0x250), *range(0x300, 0x370), *range(0x1E00, 0x1F00), *range(0xFF01, 0xFF5F))
    table = {code: plain for code in ranges if (plain := _plain(chr(code))) != chr(code)}
    invisible = (code for code in range(0x80, 0xFFFF) if re.match(f"[{_INVISIBLE}]", chr(code)))
    return table | dict.fromkeys(invisible, "") | {ord(c): to for c, to in (TYPOGRAPHIC | _STROKED).items()}


_TO_ASCII = _latin()


def _translate(word: str) -> str:
    return word.translate(_TO_ASCII)


_plain_word = lru_cache(maxsize=32_768)(_translate)


def unaccent(s: str) -> str:
    """Write `s` in pure ASCII: no accents, đ as d, typographic characters as their plain ones.

    Raises NotAscii when a character has no plain form (another script, an emoji): nothing is dropped in
    silence and nothing becomes a question mark.
    """
    if s.isascii():
        return s
    # By words: they come again and again, the characters of a whole text one by one cost three times as much.
    plain = " ".join([_plain_word(word) if len(word) < _SHORT else _translate(word) for word in s.split(" ")])
    if plain.isascii():
        return plain
    plain = _FRACTION_BEHIND_A_DIGIT.sub(" ", plain)
    plain = "".join(c if c.isascii() else _SIGNS.get(c) or _plain(c) for c in plain)
    if plain.isascii():
        return plain
    raise NotAscii(tuple(dict.fromkeys(c for c in plain if not c.isascii())))


def _words_of(token: str) -> str:
    """Fold a text without spaces: letters and digits of any script stay, all else parts words."""
    plain = "".join(_plain(c) for c in token.translate(_TO_ASCII)).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


_remembered_words = lru_cache(maxsize=32_768)(_words_of)


def _fold_each(s: str) -> list[str]:
    return [_remembered_words(token) if len(token) < _SHORT else _words_of(token) for token in s.split()]


def fold(s: str) -> str:
    """Make the key under which `s` is found again: "Họ và tên", "HO VA  TEN:" and "họ-vàtên" are "hovaten".

    Accents, case, spaces, punctuation and tone placement (hoà, hòa) do not matter; đ is d. Separate
    numbers stay apart ("Tổ 1, 2" is "to1 2", never "to12"). Letters of other scripts are kept.
    """
    folded = "".join(words := _fold_each(s))
    return folded if folded.isalpha() else _BESIDE_A_LETTER.sub("", " ".join(filter(None, words)))


def fold_words(s: str) -> str:
    """Fold `s` but keep its words apart by one space: "Đã  mất!" is "da mat". Punctuation parts words."""
    return " ".join(filter(None, _fold_each(s)))


def typographic_characters(text: str) -> tuple[tuple[str, str], ...]:
    """List the typographic characters of `text`, distinct and in order, each with its plain form.

    Word processors put them in; one of them makes a whole SMS cost double.
    """
    return tuple((c, TYPOGRAPHIC[c]) for c in dict.fromkeys(text) if c in TYPOGRAPHIC)
