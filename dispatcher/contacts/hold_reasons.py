"""Looks through the notes of a list for what forbids writing to somebody: dead, moved, retired, refuses.

Erring towards holding is cheap (a person decides); a reminder to a dead person's telephone is the worst
error there is. Only the words that led to it are kept: "hộ nghèo" beside them is nobody's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from dispatcher.contacts import hold_words
from dispatcher.i18n import N_
from dispatcher.vietnamese import text

# why a contact is held -> the sentence an officer reads; the order is the order of gravity
HOLD_REASONS: dict[str, str] = {
    "dead": N_("the list says this person has died"),
    "refuses": N_("the list says this person does not want messages"),
    "moved": N_("the list says this person has moved away"),
    "number": N_("the list says the number is wrong or no longer theirs"),
    "retired": N_("the list says this person has retired or left"),
    "no-consent": N_("this person has not agreed to receive messages"),
    "shared": N_("several people of this list who are no family give the same number; whose is it?"),
    "struck": N_("the row is struck through in the sheet"),
    "hidden": N_("the row is hidden in the sheet, by a filter or by hand"),
}


def _bare(pattern: str) -> str:
    """Return a pattern for cells typed without accents; there "nhan" is more often nhận than nhắn."""
    return text.unaccent(pattern.replace(hold_words.ACCENTED_ONLY, r"(?= tin| nua| sms|$)"))


_KINDS: tuple[tuple[str, str], ...] = (
    ("dead", hold_words.DEAD),
    ("refuses", hold_words.REFUSES),
    ("moved", hold_words.MOVED),
    ("number", hold_words.NUMBER),
    ("retired", hold_words.RETIRED),
)
_SPELLINGS = tuple((re.compile(short), full) for short, full in hold_words.SPELLINGS)
_BARE_SPELLINGS = tuple((re.compile(_bare(short)), _bare(full)) for short, full in hold_words.SPELLINGS)
_ACCENTED = tuple(
    (reason, re.compile(pattern.replace(hold_words.ACCENTED_ONLY, ""))) for reason, pattern in _KINDS
)
_BARE_DEAD = hold_words.BARE_DEAD.replace("LOST", _bare(hold_words.LOST))
_BARE = tuple(
    (reason, re.compile(_BARE_DEAD if reason == "dead" else _bare(pattern))) for reason, pattern in _KINDS
)
_SHORTHAND = tuple((reason, re.compile(pattern)) for reason, pattern in hold_words.SHORTHAND)
_NEGATED = re.compile(rf"\b(?:{hold_words.NEGATION}|{_bare(hold_words.NEGATION)}) ?$")
_OF_A_RELATIVE = re.compile(rf"\b(?:{hold_words.RELATIVE}|{_bare(hold_words.RELATIVE)}) ?$")
_BACK = re.compile(f"{hold_words.BACK}|{_bare(hold_words.BACK)}")
_ABROAD_WORDS = (
    "nước ngoài|xuất khẩu|du học|xuất cảnh|lấy chồng|định cư|^(?:đi|ở|sang|qua|làm việc|lao động|sống) "
)
_ABROAD = re.compile(f"{_ABROAD_WORDS}|{_bare(_ABROAD_WORDS)}")
_SEGMENT = re.compile(r"[;,\n•|]+|\.\s|\s[-–]\s")
_STAFF = ("staff", "canbo", "congchuc", "vienchuc", "nhanvien", "giaovien", "employee")
NOTE_MAX_CHARACTERS = 120


class HoldFinding(NamedTuple):
    """Why to hold a contact, and the words that say so."""

    reason: str
    words: str


def is_staff(audience: str) -> bool:
    """Return whether the audience is people at work: there "retired" means they have left it."""
    return text.fold(audience).startswith(_STAFF)


def find_hold_reason(notes: Iterable[str], *, staff: bool, is_note: bool = True) -> HoldFinding | None:
    """Find the gravest reason to hold somebody in what stands beside their name; None when there is none.

    `is_note`: the texts stand in a column of notes, where shorthand such as "cđ" or "+ 2021" is understood.
    """
    findings = [finding for note in notes if note for finding in _findings(note, is_note)]
    order = list(HOLD_REASONS)
    grave = [found for found in findings if staff or found.reason != "retired"]
    if not grave:
        return None
    return min(grave, key=lambda found: order.index(found.reason))


@lru_cache(maxsize=8192)
def _findings(note: str, is_note: bool) -> tuple[HoldFinding, ...]:
    plain = text.clean(note)
    whole = tuple(_hold(plain, is_note=is_note))
    if not whole:
        return ()
    segments = [_unwrapped(text.clean(segment)) for segment in _SEGMENT.split(text.nfc(note))]
    found = [HoldFinding(hold, segment) for segment in segments for hold in _hold(segment, is_note=is_note)]
    named = {finding.reason for finding in found}
    found += [HoldFinding(hold, plain) for hold in whole if hold not in named]
    return tuple(HoldFinding(hold, words[:NOTE_MAX_CHARACTERS]) for hold, words in found)


_CLOSING = {"(": ")", "[": "]", "{": "}", "*": "*"}


def count_reasons(words: str) -> int:
    """Return how many different reasons to hold somebody are named."""
    return len({finding.reason for finding in _findings(words, False)})


def _unwrapped(words: str) -> str:
    words = words.strip(" .")
    closing = _CLOSING.get(words[:1], "")
    return words[1:-1].strip(" .") if closing and words.find(closing) == len(words) - 1 else words


def _hold(note: str, *, is_note: bool) -> Iterator[str]:
    words = _spelt_out(note)
    kinds = _BARE if words.isascii() else _ACCENTED
    for reason, pattern in kinds:
        if any(_counts(reason, words, match) for match in pattern.finditer(words)):
            yield reason
    for reason, pattern in _SHORTHAND if is_note else ():
        if pattern.search(words):
            yield reason


def _spelt_out(note: str) -> str:
    """Return a note in small letters with officers' abbreviations written out."""
    words = _unwrapped(note.lower())
    for short, full in _BARE_SPELLINGS if words.isascii() else _SPELLINGS:
        words = short.sub(full, words)
    return words


def _counts(reason: str, words: str, match: re.Match[str]) -> bool:
    """Return whether a match means this person now: not denied, and not about a son who works abroad."""
    before = words[: match.start()]
    if reason != "number" and _NEGATED.search(before):
        return False
    if reason != "moved" or not _ABROAD.search(match[0]):
        return True
    return not (_OF_A_RELATIVE.search(before) or _BACK.search(words))


# What may begin the words that stand behind a name without a bracket: "Nguyễn Văn An đã mất".
_BEHIND_A_NAME = re.compile(
    r"(?<=\S)[\s,;(\[/–-]+(?=(?:đã|mới|vừa|bị|mất|chết|chuyển|qua đời|từ trần|từ chối|tử vong|hy sinh"
    r"|hi sinh|không|ko|k|nghỉ|xklđ"
    r"|đi|định cư|sai|nhầm|cắt|liệt|dừng|ngừng|đừng|quá cố|tạ thế|cđ|da|moi|mat|chet|chuyen|tu tran"
    r"|tu choi|khong|nghi|xkld|di"
    r"|sai|cat|qua doi|deceased|dead|died|rip|moved|stop|opt)\b|[†✝⚰]|\+ ?\d)",
    re.IGNORECASE,
)
_ALSO_A_NAME = frozenset({"chuyển", "mất", "chết", "nghỉ", "chuyen", "mat", "chet"})


@lru_cache(maxsize=4096)
def split_name(name: str) -> tuple[str, str]:
    """Return a name and the words behind it that hold somebody: "Trần Văn An mất 2023" in two.

    "Nguyễn Văn Chuyển" is a name: a single word counts only when small letters set it apart.
    """
    for gap in _BEHIND_A_NAME.finditer(name):
        behind = name[gap.end() :].strip(" .,;()[]")
        if behind.lower() in _ALSO_A_NAME and not behind.islower():
            continue
        if any(_hold(behind, is_note=True)):
            return name[: gap.start()].strip(" ,;-–("), behind
    return name, ""


_NO = """
    khong ko k no n false 0 chua chuaco khongco con consong binhthuong khongphai f none null na sai
"""
_NOT_SO = frozenset(("", *_NO.split()))
_STILL = re.compile(r"^(?:không|ko|chưa|còn|vẫn|đang|khong|chua|van|dang|bình thường|hiện)\b")


def is_marked(cell: object) -> bool:
    """Return whether a column such as "Đã mất" marks this row: a tick, a date, a yes, any word but a no."""
    if isinstance(cell, str):
        if not text.fold(cell):
            return bool(cell.strip(" -–—._/"))  # "✓" marks, "-" does not
        return text.fold(cell) not in _NOT_SO and not _STILL.match(text.clean(cell).lower())
    return bool(cell)


def is_denied(cell: object) -> bool:
    """Return whether a column such as "Còn sống" has a plain no; an empty cell says nothing."""
    if isinstance(cell, str):
        return (
            bool(text.fold(cell))
            and not is_marked(cell)
            and not re.match("còn|con|vẫn|đang|hiện", cell.strip().lower())
        )
    return cell is not None and not cell


_YES = frozenset({"co", "x", "v", "yes", "y", "true", "1", "ok", "dongy", "duoc", "nhan", "dangky"})


def lacks_consent(cell: object) -> bool:
    """Read a column that asks whether somebody agrees to receive messages: only a clear yes is a yes."""
    if isinstance(cell, bool):
        return not cell
    if isinstance(cell, int | float):
        return not cell
    answer = text.fold(str(cell or ""))
    if answer in _YES or str(cell or "").strip() in {"✓", "✔", "☑", "✅"}:
        return False
    return not (
        answer.startswith(("co", "dongy", "toidongy", "toico", "dacdongy", "yes")) and "khong" not in answer
    )
