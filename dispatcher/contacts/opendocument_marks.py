"""The look of the rows of an .ods that its values do not show: hidden, struck through, commented on."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from dispatcher.contacts.hold_context import Mark
from dispatcher.contacts.layouts import column_letter

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

REPEATED_ROWS_MAX = 1000  # a row with words in it is not repeated oftener; empty ones are, a million times
_HIDDEN = frozenset({"collapse", "filter"})


def read_marks(book: zipfile.ZipFile) -> dict[str, dict[int, tuple[Mark, ...]]]:
    """Return the marks of the rows by the name of the sheet and the number of the row.

    Raises SyntaxError for XML that cannot be read, KeyError for an archive that is no workbook.
    """
    struck = _struck_styles(book)
    marks: dict[str, dict[int, tuple[Mark, ...]]] = defaultdict(dict)
    table, row_number = "", 0
    for event, element in _events(book, "content.xml"):
        name = _local(element.tag)
        if event == "start" and name == "table":
            table, row_number = _attribute(element, "name").strip(), 0
        elif event == "end" and name == "table-row":
            repeated = int(_attribute(element, "number-rows-repeated") or 1)
            found = tuple(dict.fromkeys(_marks_of(element, row_number + 1, struck)))
            for number in range(row_number + 1, row_number + 1 + min(repeated, REPEATED_ROWS_MAX)):
                if found:
                    marks[table][number] = found
            row_number += repeated
            element.clear()
    return marks


def _events(book: zipfile.ZipFile, part: str) -> Iterator[tuple[str, Element]]:
    from xml.etree import ElementTree as ET  # 2 MB that few workbooks need

    with book.open(part) as file:
        yield from ET.iterparse(file, events=("start", "end"))  # noqa: S314 - expat refuses what explodes


def _struck_styles(book: zipfile.ZipFile) -> frozenset[str]:
    """Return the names of the styles whose text is struck through."""
    struck: set[str] = set()
    for part in ("styles.xml", "content.xml"):
        with suppress(KeyError):
            for event, element in _events(book, part):
                if event == "start" and _local(element.tag) == "body":
                    break
                if event == "end" and _local(element.tag) == "style" and _is_struck(element):
                    struck.add(_attribute(element, "name"))
    return frozenset(struck)


def _is_struck(style: Element) -> bool:
    lines = [
        _attribute(properties, f"text-line-through-{of}") for properties in style for of in ("style", "type")
    ]
    return any(line not in {"", "none"} for line in lines)


def _marks_of(row: Element, number: int, struck: frozenset[str]) -> Iterator[Mark]:
    column = 0
    has_words = False
    for cell in row:
        words = "".join(cell.itertext()).strip()
        has_words = has_words or bool(words)
        styled = [_attribute(part, "style-name") for part in cell.iter()]
        if words and not struck.isdisjoint(styled):
            yield Mark("struck", f"{column_letter(column)}{number}")
        for note in cell:
            if _local(note.tag) == "annotation":
                paragraphs = [part for part in note if _local(part.tag) == "p"]
                yield Mark("comment", " ".join("".join(part.itertext()) for part in paragraphs))
        column += int(_attribute(cell, "number-columns-repeated") or 1)
    if has_words and _attribute(row, "visibility") in _HIDDEN:
        yield Mark("hidden")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attribute(element: Element, name: str) -> str:
    """Return an attribute whatever its namespace; empty when it has none of that name."""
    return next((value for key, value in element.attrib.items() if _local(key) == name), "")
