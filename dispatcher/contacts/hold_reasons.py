"""Looks through the notes of a list for what forbids writing to somebody: dead, moved, retired, refuses.

Erring towards holding is cheap (a person decides); a reminder to a dead person's telephone is the worst
error there is. Only the words that led to it are kept: "hộ nghèo" beside them is nobody's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from dispatcher.contacts import hold_exceptions, hold_note_phrases, hold_phrases
from dispatcher.contacts.hold_vocabulary import PARTS, SPELLINGS
from dispatcher.i18n import N_
from dispatcher.vietnamese import text
from dispatcher.vietnamese.phrase_index import PhraseIndex, PhraseMatch
from dispatcher.vietnamese.typed_words import expression, key, keys

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


_GRAVITY = ("dead", "refuses", "moved", "number", "retired")


class _Harmless(NamedTuple):
    """What turns a finding round, made ready: of cells with accents, or of those without."""

    phrases: PhraseIndex
    negation: re.Pattern[str]
    relative: re.Pattern[str]
    relative_of_the_dead: re.Pattern[str]
    reporting: re.Pattern[str]
    back: re.Pattern[str]


@cache
def _phrases(*, is_note: bool) -> PhraseIndex:
    tables = (hold_phrases.SAID, hold_note_phrases.NOTED) if is_note else (hold_phrases.SAID,)
    lines = [(reason, line) for reason in _GRAVITY for table in tables for line in table[reason].splitlines()]
    return PhraseIndex([named for named in lines if named[1]], PARTS, SPELLINGS)


@cache
def _harmless(*, exact: bool) -> _Harmless:
    """Return the tables for cells that have accents: there a word without them is not taken for harmless."""

    def pattern(phrase: str, end: str = "") -> re.Pattern[str]:
        said = expression(phrase, PARTS, SPELLINGS, exact=exact)
        return re.compile(rf"(?<!\S)(?:{said}){end}")

    lines = [("", line) for line in hold_exceptions.HARMLESS.splitlines() if line]
    return _Harmless(
        phrases=PhraseIndex(lines, PARTS, SPELLINGS, exact=exact),
        negation=pattern(hold_exceptions.NEGATION, "$"),
        relative=pattern(hold_exceptions.RELATIVE, "$"),
        relative_of_the_dead=pattern(hold_exceptions.RELATIVE_OF_THE_DEAD, "$"),
        reporting=pattern(hold_exceptions.REPORTING),
        back=pattern(hold_exceptions.BACK),
    )


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
    findings = [found for note in notes if note and _may_hold(note) for found in _findings(note, is_note)]
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


# Signs that are words, and figures run together with them; "+ 2021" and "CĐ" are read in notes only.
_SIGN_WORDS = (
    (re.compile("[†✝⚰☠]"), " chết "),
    (re.compile(r"(?i)\b(t|q|th)(?=\d)"), r"\1 "),
    (re.compile("[:%]"), " "),
)
_CROSS = re.compile(r"^[(\s]*\+[(\s]*(?:\d{4}|\d{1,2}[/.-]\d{1,4}(?:[/.-]\d{2,4})?)?[)\s]*$")
HARMLESS_MARK = "~ "
CLAUSE_MAX = 400  # characters before a phrase in which it may be denied: no clause is longer


def _hold(note: str, *, is_note: bool) -> Iterator[str]:
    if is_note and _CROSS.match(note):
        yield "dead"
    words = _words(note)
    harmless = _harmless(exact=not note.isascii())
    left = _without_harmless(words, harmless.phrases)
    is_back = harmless.back.search(left) is not None
    for found in _phrases(is_note=is_note).find(left):
        if _counts(found, left, harmless, is_back=is_back):
            yield found.name


def _words(note: str) -> str:
    for sign, word in _SIGN_WORDS:
        note = sign.sub(word, note)
    return keys(note)


def _without_harmless(words: str, harmless: PhraseIndex) -> str:
    kept: list[str] = []
    at = 0
    for found in harmless.find(words):
        kept += (words[at : found.start], HARMLESS_MARK)
        at = found.end
    return "".join((*kept, words[at:]))


def _counts(found: PhraseMatch, words: str, harmless: _Harmless, *, is_back: bool) -> bool:
    """Return whether a phrase means this person now: not denied, and not about a son who works abroad."""
    before = words[max(0, found.start - CLAUSE_MAX) : found.start].rpartition("| ")[2]
    if harmless.negation.search(before):
        return False
    if found.name not in {"dead", "moved"}:
        return True
    relative = harmless.relative if found.name == "moved" else harmless.relative_of_the_dead
    if relative.search(before) and not harmless.reporting.search(before):
        return False
    return found.name == "dead" or not is_back


# What may begin the words that stand behind a name without a bracket: "Nguyễn Văn An đã mất". Words in small
# letters may be any phrase; capitals are more often a name ("Vu Dinh Cu"), so only the plainest count there.
_GAP = re.compile(r"(?<=\S)[\s,;(\[/–-]+(?=\S)")
_PLAINEST = re.compile(
    r"(?:đã|mới|vừa|bị|mất|chết|chuyển|qua đời|từ trần|từ chối|tử vong|hy sinh|hi sinh|không|ko|k|nghỉ"
    r"|xklđ|đi|định cư|sai|nhầm|cắt|liệt|dừng|ngừng|đừng|quá cố|tạ thế|cđ|da|moi|mat|chet|chuyen|tu tran"
    r"|tu choi|khong|nghi|xkld|di|sai|cat|qua doi|deceased|dead|died|rip|moved|stop|opt)\b|[†✝⚰]|\+ ?\d",
    re.IGNORECASE,
)
_NEVER_A_NAME = frozenset({"xklđ", "xkld", "cđ", "rip", "deceased", "dead", "died", "moved", "stop"})


def _may_be_a_name(behind: str, name: str) -> bool:
    """Return whether a single word written like the name before it may be its last: "Nguyễn Văn Chuyển"."""
    if not behind.isalpha() or behind.lower() in _NEVER_A_NAME:
        return False
    return behind.istitle() or (behind.isupper() and name.isupper())


NAME_MAX = 200  # characters: no name is longer, and what stands behind one begins within them
# "† Nguyễn Văn An", "Cố Nguyễn Văn An", "Liệt sĩ Trần Văn Bình".
_LATE = re.compile(r"^(?:[†✝⚰☠]|(?i:cố|liệt s[ĩỹ]|hương (?:linh|hồn))(?=\s+\w+\s+\w))\s*(?=\w)")


@lru_cache(maxsize=4096)
def split_name(name: str) -> tuple[str, str]:
    """Return a name and the words behind it that hold somebody: "Trần Văn An mất 2023" in two.

    "Nguyễn Văn Chuyển" is a name: a single word counts only when small letters set it apart.
    """
    if not _may_hold(name):
        return name, ""
    if late := _LATE.match(name):
        return name[late.end() :], f"† {late[0].strip(' †✝⚰☠')}".strip()
    for gap in _GAP.finditer(name, 0, NAME_MAX):
        behind = name[gap.end() : gap.end() + CLAUSE_MAX].strip(" .,;()[]")
        if not (_PLAINEST.match(behind) or (behind[:1].islower() and not name.islower())):
            continue
        if _may_be_a_name(behind, name):
            continue
        if any(_hold(behind, is_note=True)):
            return name[: gap.start()].strip(" ,;-–("), behind
    return name, ""


def _may_hold(words: str) -> bool:
    """Return whether a word of a cell begins one of the phrases at all: of most cells none does."""
    return any(map(_may_begin, words.split()))


@lru_cache(maxsize=32_768)
def _may_begin(word: str) -> bool:
    if word.isalpha():
        return key(word) in _phrases(is_note=True)
    return len(word) <= 2 or not is_figures(word)


_FIGURES = re.compile(r"[\d.,/:; ()%-]*")


def is_figures(cell: str) -> bool:
    """Return whether a cell has nothing but figures, as in a date or a code; an empty one has no more."""
    return _FIGURES.fullmatch(cell) is not None


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
