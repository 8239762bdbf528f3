"""What templates may do with a value: dates and numbers in official form, forms of address, text as HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from dispatcher.message import Recipient
from dispatcher.vietnamese.dates import (
    clock_time,
    days_left_words,
    format_number,
    long_date,
    short_date,
    weekday,
)
from dispatcher.vietnamese.names import form_of_address
from dispatcher.vietnamese.shares import format_share
from dispatcher.vietnamese.text import fold, unaccent

_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_ITEM = re.compile(r"^\s*- ")
_NOT_DIALLED = re.compile(r"[^\d+]")
PARAGRAPH = '<p style="margin:0 0 16px">'
LIST = '<ul style="margin:0 0 16px;padding-left:22px">'
LIST_ITEM = '<li style="margin:0 0 6px">'


def person(recipient: Recipient) -> str:
    """Address one person by what the list says: "ông Nguyễn Văn An"; without a name, the whole audience."""
    return form_of_address(recipient.honorific, recipient.name, recipient.audience)


def when(moment: date) -> str:
    """Return when something happens: "8h00 thứ Bảy, ngày 08/11/2025"; a plain date has no hour."""
    day = f"{weekday(moment)}, ngày {short_date(moment)}"
    return f"{clock_time(moment)} {day}" if isinstance(moment, datetime) else day


def signed(number: int) -> str:
    """Write a difference with its sign: "+12", "0", "-3"."""
    return f"+{format_number(number)}" if number > 0 else format_number(number)


def cap(text: str) -> str:
    """Write the first letter as a capital and leave the rest alone."""
    return text[:1].upper() + text[1:]


def compact(phone: str) -> str:
    """Write a telephone number without separators: in a text each of them costs a character."""
    return _NOT_DIALLED.sub("", phone)


def with_word(name: str, *words: str) -> str:
    """Return a name with its kind before it, unless it is there: "Đông" is "thôn Đông".

    The first word is put there; any of them may stand there already ("Xóm 3" is "xóm 3").
    """
    parts = str(name).split()
    for word in words:
        length = len(word.split())
        if fold(" ".join(parts[:length])) == fold(word):
            return " ".join((word, *parts[length:]))
    return " ".join((words[0], *parts))


def without_word(name: str, word: str) -> str:
    """Take the kind of thing off a name, where a heading says it: "Thôn Đông" is "Đông"."""
    parts = str(name).split()
    length = len(word.split())
    same = fold(" ".join(parts[:length])) == fold(word) and len(parts) > length
    return " ".join(parts[length:] if same else parts)


def pieces(text: str) -> list[str]:
    """Cut a text at its blank lines into paragraphs and lists, each on lines of its own."""
    return [piece for piece in _BLANK_LINES.split(text.strip()) if piece.strip()]


def plain(text: str) -> str:
    """Lay out paragraphs for the plain part of a mail: one line each, so that any screen wraps them."""
    return "\n\n".join(_plain_piece(piece) for piece in pieces(text))


def paragraphs(text: str) -> Markup:
    """Lay out paragraphs and "- " lists as HTML; whatever looks like markup in them is only text."""
    if isinstance(text, Markup):
        text = text.unescape()
    return Markup("\n").join(_html_piece(piece) for piece in pieces(text))


def _items(piece: str) -> list[tuple[bool, str]]:
    """Join the lines of a piece into its items: (is a list item, text)."""
    items: list[tuple[bool, str]] = []
    for line in piece.splitlines():
        is_item = _ITEM.match(line) is not None
        words = " ".join(_ITEM.sub("", line, count=1).split())
        if is_item or not items:
            items.append((is_item, words))
        else:
            items[-1] = (items[-1][0], f"{items[-1][1]} {words}")
    return items


@lru_cache(maxsize=512)  # most paragraphs are the same for everybody
def _plain_piece(piece: str) -> str:
    return "\n".join(f"- {words}" if is_item else words for is_item, words in _items(piece))


@lru_cache(maxsize=512)
def _html_piece(piece: str) -> Markup:
    html, in_list = "", False
    for is_item, words in _items(piece):
        if is_item and not in_list:
            html += LIST
        if not is_item and in_list:
            html += "</ul>"
        in_list = is_item
        html += f"{LIST_ITEM}{escape(words)}</li>" if is_item else f"{PARAGRAPH}{escape(words)}</p>"
    return Markup(html + ("</ul>" if in_list else ""))  # noqa: S704 - every word in it was escaped above


FILTERS: Mapping[str, Callable[..., Any]] = {
    "cap": cap,
    "clock_time": clock_time,
    "compact": compact,
    "days_left_words": days_left_words,
    "grouped": format_number,
    "long_date": long_date,
    "person": person,
    "paragraphs": paragraphs,
    "percentage": format_share,
    "plain": plain,
    "short_date": short_date,
    "signed": signed,
    "unaccented": unaccent,
    "weekday": weekday,
    "when": when,
    "with_word": with_word,
    "without_word": without_word,
}
