"""The look of a workbook's rows that its values do not show: hidden, struck through, commented on.

A clerk strikes out who has died and filters away who wants no messages; a reader of values sees neither.
An .xlsx is looked at with plain patterns: parsing the whole XML would take longer than the reading.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from dispatcher.contacts import binary_workbook_marks, compound_file, opendocument_marks
from dispatcher.contacts.hold_context import Mark

CHUNK_BYTES = 1 << 17
TAG_MAX_BYTES = 1 << 12  # kept from one chunk to the next, so that no tag is cut in two
COMMENTS_MAX_BYTES = 16 << 20

Marks = Mapping[int, tuple[Mark, ...]]

_HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*\shidden="(?:1|true)")[^>]*\sr="(\d+)"')
_CELL = re.compile(rb'<c\b(?=[^>]*\sr="([A-Z]+)(\d+)")(?=[^>]*\ss="(\d+)")[^>]*[^/>]>')
_SHARED_CELL = re.compile(rb'<c\b(?=[^>]*\sr="([A-Z]+)(\d+)")(?=[^>]*\st="s")[^>]*><v>(\d+)</v>')
_FONT = re.compile(rb"<font\b[^>]*/>|<font\b.*?</font>", re.DOTALL)
_STRIKE = re.compile(rb'<strike\s*(?:val="(?:1|true)"\s*)?/>')
_INLINE_CELL = re.compile(rb'<c\b(?=[^>]*\sr="([A-Z]+)(\d+)")[^>]*><is>(.*?)</is>', re.DOTALL)
_FORMAT = re.compile(rb'<xf\b[^>]*?\bfontId="(\d+)"')
_STRING = re.compile(rb"<si\b.*?</si>", re.DOTALL)
_SHEET = re.compile(r"<sheet\b[^>]*>")
_RELATION = re.compile(r"<Relationship\b[^>]*>")


def read_marks(path: Path) -> dict[str, Marks]:
    """Return the marks of the rows by the name of the sheet and the number of the row.

    Empty for what is no .xlsx, .ods or .xls, or has a part that cannot be read: its rows are then taken as
    they are.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(compound_file.MAGIC)) == compound_file.MAGIC:
                return {**binary_workbook_marks.read_marks(path.read_bytes())}
        with zipfile.ZipFile(path) as book:
            if "content.xml" in book.namelist():
                return {**opendocument_marks.read_marks(book)}
            if "xl/workbook.xml" not in book.namelist():
                return {}
            fonts = _struck_formats(book)
            strings = _struck_strings(book)
            return {
                name: _of_sheet(book, part, fonts, strings)
                for name, part in _sheets(book)
                if part in book.namelist()
            }
    except (OSError, zipfile.BadZipFile, ValueError, LookupError, SyntaxError, RuntimeError, struct.error):
        return {}


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return _unescaped(found[1]) if found else ""


def _unescaped(value: str) -> str:
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        value = value.replace(entity, character)
    return value


def _sheets(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name of each sheet and the part of the archive that holds it."""
    targets = {key: target for key, _kind, target in _relations(book, "xl/workbook.xml")}
    for tag in _SHEET.findall(book.read("xl/workbook.xml").decode("utf-8")):
        yield _attribute(tag, "name").strip(), targets.get(_attribute(tag, "r:id"), "")


def _relations(book: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str, str]]:
    """Yield key, kind and part of what a part refers to."""
    place = PurePosixPath(part)
    with suppress(KeyError):
        for tag in _RELATION.findall(book.read(f"{place.parent}/_rels/{place.name}.rels").decode("utf-8")):
            yield _attribute(tag, "Id"), _attribute(tag, "Type").rpartition("/")[2], _part(place, tag)


def _part(place: PurePosixPath, tag: str) -> str:
    target = _attribute(tag, "Target")
    pieces: list[str] = [] if target.startswith("/") else list(place.parent.parts)
    for piece in target.strip("/").split("/"):
        if piece == "..":
            pieces.pop()
        else:
            pieces.append(piece)
    return "/".join(pieces)


def _struck_formats(book: zipfile.ZipFile) -> frozenset[int]:
    """Return the numbers of the cell formats whose font is struck through."""
    with suppress(KeyError):
        styles = book.read("xl/styles.xml")
        fonts = styles.partition(b"<fonts")[2].partition(b"</fonts>")[0]
        struck = {number for number, font in enumerate(_FONT.findall(fonts)) if _STRIKE.search(font)}
        formats = styles.partition(b"<cellXfs")[2].partition(b"</cellXfs>")[0]
        return frozenset(n for n, font in enumerate(_FORMAT.findall(formats)) if int(font) in struck)
    return frozenset()


def _struck_strings(book: zipfile.ZipFile) -> frozenset[int]:
    """Return the numbers of the shared texts that are struck through in part."""
    if "xl/sharedStrings.xml" not in book.namelist():
        return frozenset()
    if not any(_STRIKE.search(chunk) for chunk in _chunks(book, "xl/sharedStrings.xml")):
        return frozenset()
    strings = _STRING.findall(book.read("xl/sharedStrings.xml"))
    return frozenset(number for number, string in enumerate(strings) if _STRIKE.search(string))


def _chunks(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield a part of the archive in pieces that overlap by the length of a tag."""
    with book.open(part) as file:
        before = b""
        while chunk := file.read(CHUNK_BYTES):
            yield before + chunk
            before = chunk[-TAG_MAX_BYTES:]


def _of_sheet(book: zipfile.ZipFile, part: str, formats: frozenset[int], strings: frozenset[int]) -> Marks:
    marks: dict[int, dict[Mark, None]] = defaultdict(dict)
    for chunk in _chunks(book, part):
        if b'hidden="' in chunk:
            for row in _HIDDEN_ROW.findall(chunk):
                marks[int(row)][Mark("hidden")] = None
        for letters, row, content in _INLINE_CELL.findall(chunk) if b"<strike" in chunk else ():
            if _STRIKE.search(content):
                marks[int(row)][Mark("struck", (letters + row).decode())] = None
        for pattern, struck in ((_CELL, formats), (_SHARED_CELL, strings)):
            for letters, row, number in pattern.findall(chunk) if struck else ():
                if int(number) in struck:
                    marks[int(row)][Mark("struck", (letters + row).decode())] = None
    for row_number, words in _comments(book, part):
        marks[row_number][Mark("comment", words)] = None
    return {row: tuple(found) for row, found in marks.items()}


def _comments(book: zipfile.ZipFile, part: str) -> Iterator[tuple[int, str]]:
    """Yield row and words of the comments on the cells of a sheet, of the old kind and of the new."""
    for _key, kind, target in _relations(book, part):
        if kind in {"comments", "threadedComment"} and book.getinfo(target).file_size <= COMMENTS_MAX_BYTES:
            yield from _comments_in(book.read(target))


def _comments_in(xml: bytes) -> Iterator[tuple[int, str]]:
    from xml.etree import ElementTree as ET  # 2 MB that few workbooks need

    for element in ET.fromstring(xml).iter():  # noqa: S314 - expat refuses what explodes
        reference = re.sub(r"\D", "", element.get("ref", ""))
        if reference and element.tag.rpartition("}")[2] in {"comment", "threadedComment"}:
            yield int(reference), " ".join("".join(element.itertext()).split())
