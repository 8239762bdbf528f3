"""What stands around a row and speaks of it: the title, the sheet's name, the file's, a group row, a comment.

"II. ĐÃ MẤT" above ten names holds ten people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dispatcher.contacts import hold_reasons
from dispatcher.contacts.hold_reasons import HoldFinding
from dispatcher.i18n import N_
from dispatcher.vietnamese import text

# where a hold was read -> how it is told; a column and a note beside a name need no telling
PLACES: dict[str, str] = {
    "title": N_("read in the title above the list"),
    "sheet": N_("read in the name of the sheet"),
    "file": N_("read in the name of the file"),
    "group": N_("read in the group heading above"),
    "column": N_("read in the column {value}"),
    "name": N_("read beside the name"),
    "comment": N_("read in a comment on a cell"),
    "struck": N_("struck through: {value}"),
    "hidden": N_("hidden row"),
}
# A title that only counts such people: "Biến động: sinh, tử, chuyển đi".
_COUNTED = re.compile(
    r"bien dong|tang giam|theo doi|thong ke|doi chieu|bao cao|so lieu|huong dan|ke hoach|chuyen doi so"
)


# "DS_TuChoi-2025": what parts the words of the name of a file.
_FILE_WORDS = re.compile(r"[_\-.\d]+|(?<=[a-zà-ỹ])(?=[A-ZĐ])")


class PlacedFinding(NamedTuple):
    """Why to hold somebody, with the words, and where they were read: a key of PLACES and a value."""

    reason: str
    words: str
    place: str = ""
    value: str = ""


class Mark(NamedTuple):
    """What the look of a row says: `place` is "comment", "struck" or "hidden"."""

    place: str
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldContext:
    """What holds for a whole sheet, and the marks of its rows by number."""

    finding: PlacedFinding | None = None
    marks: Mapping[int, tuple[Mark, ...]] = field(default_factory=dict)


def of_sheet(*, titles: Iterable[str], sheet: str, file: str, staff: bool) -> PlacedFinding | None:
    """Find what the words over a whole list say of everybody in it; None when nothing."""
    stem = _FILE_WORDS.sub(" ", file.rpartition("/")[2].rpartition(".")[0]).strip()
    for place, words in (*(("title", title) for title in titles), ("sheet", sheet), ("file", stem)):
        found = of_words(words, place, staff=staff)
        if found and not (
            place == "file" and hold_reasons.count_reasons(words) > 1
        ):  # "chết, chuyển đi": sorted inside
            return found
    return None


def of_words(words: str, place: str, *, staff: bool) -> PlacedFinding | None:
    """Find what a title or group heading says of the people below it; None when nothing."""
    if not words or _COUNTED.search(text.fold_words(words)):
        return None
    found = hold_reasons.find_hold_reason([words], staff=staff, is_note=False)
    return PlacedFinding(found.reason, found.words, place) if found else None


def of_mark(mark: Mark, *, staff: bool) -> PlacedFinding | None:
    """Return what a mark of a row says: a comment is read, a struck or hidden row is held as it is."""
    if mark.place != "comment":
        return PlacedFinding(mark.place, mark.words, mark.place, mark.words)
    found = hold_reasons.find_hold_reason([mark.words], staff=staff)
    return PlacedFinding(found.reason, found.words, "comment") if found else None


def gravest(found: Iterable[PlacedFinding]) -> PlacedFinding | None:
    """Return the gravest of what was found, the first of equals; None of nothing."""
    order = list(hold_reasons.HOLD_REASONS)
    return min(found, key=lambda one: order.index(one.reason), default=None)


def placed(finding: HoldFinding | None, place: str = "", value: str = "") -> Iterable[PlacedFinding]:
    """Yield a finding with its place; nothing of None."""
    if finding is not None:
        yield PlacedFinding(finding.reason, finding.words, place, value)
