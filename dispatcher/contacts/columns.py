"""What a column is, told by its heading: what it holds, whose it is, of when, and whether it says "not".

A heading nobody knows stays unknown, whatever stands below it: numbers under "Màu xe" are asked about.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from dispatcher.contacts import heading_words, hold_reasons
from dispatcher.i18n import N_
from dispatcher.vietnamese import text

# kind -> what it is called in an account; the keys are the words an organiser may use in `columns`
COLUMN_KINDS: dict[str, str] = {
    "number": N_("running number"),
    "name": N_("full name"),
    "family_name": N_("family and middle name"),
    "middle_name": N_("middle name"),
    "given_name": N_("given name"),
    "officer": N_("name of who holds this position"),
    "honorific": N_("form of address"),
    "sex": N_("sex, for ông or bà"),
    "male": N_("tick for men, for ông"),
    "female": N_("tick for women, for bà"),
    "phone": N_("telephone number"),
    "zalo": N_("Zalo number"),
    "old_phone": N_("old telephone number, used where the row has no other"),
    "spare_phone": N_("second telephone number, used where the row has no other"),
    "relative_phone": N_("a relative's number, not used"),
    "other_phone": N_("somebody else's number, not used"),
    "email": N_("e-mail address"),
    "area": N_("thôn, xóm or tổ"),
    "part_of_area": N_("xóm or tổ"),
    "address": N_("address"),
    "old_commune": N_("commune before the merger"),
    "unit": N_("agency or unit"),
    "party_cell": N_("chi bộ"),
    "class": N_("class"),
    "role": N_("position"),
    "pupil": N_("pupil, not imported"),
    "father": N_("father's name"),
    "mother": N_("mother's name"),
    "parent": N_("parent's name"),
    "father_phone": N_("father's number"),
    "mother_phone": N_("mother's number"),
    "parent_phone": N_("parent's number"),
    "note": N_("note"),
    "consent": N_("wish to receive messages"),
    "dead": N_("who has died: held"),
    "moved": N_("who has moved away: held"),
    "refuses": N_("who does not want messages: held"),
    "wrong_number": N_("whose number is wrong: held"),
    "retired": N_("who has retired: held among staff"),
    "alive": N_("who is alive; “no” is held"),
    "present": N_("who lives here; “no” is held"),
    "number_in_use": N_("whose number is in use; “no” is held"),
    "timestamp": N_("moment of the answer"),
    "ignore": N_("not imported"),
}

RUN_TOGETHER_MIN = 5  # letters: shorter ones are abbreviations
HEADING_MAX_CHARACTERS = 250  # the longest questions of form exports; a paragraph is no heading

QUESTION_WORDS_MIN = 8  # a form's question says many things beside the one that is asked

# What makes a row of headings probable: a list of people has names and a way to reach them.
WEIGHTS: dict[str, float] = {
    **dict.fromkeys(COLUMN_KINDS, 1.0),
    **dict.fromkeys(("name", "family_name", "phone", "father_phone", "mother_phone", "parent_phone"), 3.0),
    **dict.fromkeys(("email", "pupil", "father", "mother", "parent", "number", "officer", "old_phone"), 2.0),
    "ignore": 0.75,
    "zalo": 2.0,
}
# Numbers that may be written to, those only where nothing better is there, and those of others.
PHONE_KINDS = frozenset(
    {"phone", "zalo", "father_phone", "mother_phone", "parent_phone", "old_phone", "spare_phone"}
)
OTHERS_PHONE_KINDS = frozenset({"relative_phone", "other_phone"})
NAME_KINDS = frozenset(
    {"name", "family_name", "middle_name", "given_name", "officer", "father", "mother", "parent"}
)
# Columns whose cell holds a person: kind -> reason of hold_reasons; a tick counts, or a "no" does.
FLAG_KINDS = {
    "dead": "dead", "moved": "moved", "refuses": "refuses", "wrong_number": "number", "retired": "retired",
}  # fmt: skip
ASSURANCE_KINDS = {"alive": "dead", "present": "moved", "number_in_use": "number"}
_KIND_OF_FLAG = {reason: kind for kind, reason in FLAG_KINDS.items()}

SELF = frozenset({"", "self", "receiver"})


class HeadingMeaning(NamedTuple):
    """What a heading says.

    `kind` is a key of COLUMN_KINDS, empty when the words are unknown. `owner` is a word of
    `heading_words.OWNERS`: whose name, number or mail it is. `rank` orders the columns of one kind, from 0.
    """

    kind: str
    owner: str = ""
    rank: int = 1


def _compiled(table: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((key, re.compile("|".join(patterns))) for key, *patterns in table)


_RULES, _OWNERS = _compiled(heading_words.RULES), _compiled(heading_words.OWNERS)
_FLAGS, _ASSURANCES = _compiled(heading_words.FLAGS), _compiled(heading_words.ASSURANCES)
_PHONE = re.compile(
    rf"\b{heading_words.PHONE}\b|(?:phone|mobile)\b|^lien (?:he|lac)(?: nguoi (?:nha|than))?$"
    r"|^so (?:cu|moi|ca nhan|rieng)(?: \d+ so| (?:truoc|sau)(?: khi)? .*)?$"
)
_EMAIL = re.compile(rf"\b{heading_words.EMAIL}\b")
_ZALO = re.compile("^(?:lien he |lien lac )?(?:so |sdt |nick |tai khoan )?zalo$")
_NOT_A_NUMBER = re.compile(
    r"^(?:ten|nhom|link|loai|nha mang|mang|hang|label|type)\b|\b(?:label|type|display name)$"
    r"|co .* khong$|\b(?:mac|imei)\b"
)
_BOTH, _FATHER, _MOTHER = (heading_words.PARENTS[which] for which in ("both", "father", "mother"))
_OLD, _NEW, _SPARE = map(re.compile, (heading_words.OLD, heading_words.NEW, heading_words.SPARE))
_SECOND = re.compile(r"\b(?:phu|khac|other|secondary|thu hai|2|3|hai)\b")
_UNUSED = re.compile(heading_words.UNUSED)
_NO_NUMBER = re.compile(f"{heading_words.CODES}|{heading_words.MONEY}|{heading_words.DATES}")
_CODE = re.compile(heading_words.CODES)
_NOTE = re.compile(
    "ghi chu|chu thich|^ly do (?:khong|chua)|^ket qua (?:lien|goi|nhan|xac)|tinh trang|trang thai|hien trang"
    "|bien dong|dien bien|con song.*(?:mat|chet)"
    "|song chet|^status"
)
_QUESTION = re.compile(r"\bco\b.*\bkhong$|\bhay khong\b|\?$")
# "Đã mất (x)", "x nếu đã mất": how the column is filled in is no part of what it says.
_HOW_TO_TICK = re.compile(
    r"^(?:x|danh dau|danh x|tich|tick)(?: x| vao)? (?:neu|khi) "
    r"|(?<=\w)(?:(?: danh| tich| tick)? x| co khong| x khong)$"
)
_CAMEL = re.compile(r"(?<=[a-zà-ỹ])(?=[A-ZĐ])")


def kind_of(heading: str) -> str:
    """Return what a column under `heading` holds: a key of COLUMN_KINDS, empty when the words are unknown."""
    return meaning_of(heading).kind


@lru_cache(maxsize=4096)
def meaning_of(heading: str) -> HeadingMeaning:
    """Return what `heading` says; its `kind` is empty when the words are unknown."""
    if not heading or len(heading) > HEADING_MAX_CHARACTERS:
        return HeadingMeaning("")
    run_together = heading_words.RUN_TOGETHER.get(text.fold(heading))
    if run_together:
        return HeadingMeaning(run_together)
    words = _HOW_TO_TICK.sub("", text.fold_words(heading))
    if len(words) < RUN_TOGETHER_MIN and not words[-1:].isdigit():
        return _meaning(words, heading)
    if " " in words:
        apart = " ".join(_parted(word) or word for word in words.split())
        readings: tuple[str, ...] = (words, apart) if apart != words else (words,)
    else:
        stem, number = words.rstrip("0123456789"), words.lstrip("abcdefghijklmnopqrstuvwxyz")
        numbered = f"{_parted(stem) or stem} {number}".strip()
        readings = (words, numbered, _parted(words), _humps(heading))
    parted = (_meaning(said, heading) for said in readings if said)
    return next((meaning for meaning in parted if meaning.kind), HeadingMeaning(""))


def _meaning(words: str, heading: str) -> HeadingMeaning:
    kind = _note_or_flag(words, heading)
    if kind:
        return HeadingMeaning(kind)
    if _EMAIL.search(words):
        return _email(words)
    number = _PHONE.search(words)
    if number and "dau thoi gian" not in words:
        code = _CODE.search(words)
        if _ZALO.search(words):
            return HeadingMeaning("zalo", "", 2)
        return HeadingMeaning("ignore") if code and code.start() < number.start() else _phone(words, heading)
    return _other(words, heading)


# Why a column is left out, where its heading says so by itself.
_IGNORED = (
    (_CODE, N_("a code, not a telephone number: not imported")),
    (re.compile(heading_words.MONEY), N_("sums of money: not imported")),
    (re.compile(heading_words.DATES), N_("dates: not imported")),
)


def why_ignored(heading: str) -> str:
    """Return the reason, a sentence for `_`, why a column is not imported; empty for none."""
    words = text.fold_words(heading)
    words = words if " " in words else _parted(words) or words
    return next((why for pattern, why in _IGNORED if pattern.search(words)), "")


def _humps(heading: str) -> str:
    """Part "loaiHopDong" at its capitals; empty for what only looks like it: "pHONe"."""
    pieces = _CAMEL.sub(" ", heading.strip()).split(" ")
    return text.fold_words(" ".join(pieces)) if all(piece[1:].islower() for piece in pieces) else ""


def _parted(word: str) -> str:
    """Part "hotenchuho" into words of headings, as few as will do; empty when it cannot be done."""
    best: list[str | None] = ["", *[None] * len(word)]
    for end in range(1, len(word) + 1):
        options = [
            f"{before} {word[start:end]}".strip()
            for start in range(max(0, end - 8), end)
            if (before := best[start]) is not None and word[start:end] in heading_words.VOCABULARY
        ]
        best[end] = min(options, key=lambda said: said.count(" "), default=None)
    return best[-1] or ""


def names_a_number(heading: str) -> bool:
    """Return whether a heading speaks of telephones, whatever else it says."""
    return _PHONE.search(text.fold_words(heading)) is not None


def _note_or_flag(words: str, heading: str) -> str:
    """Return "note", or the kind of a column whose cells hold somebody; else ""."""
    if _NOTE.search(words):
        return "" if "hon nhan" in words or "suc khoe" in words else "note"
    is_phone = _PHONE.search(words)
    for kind, pattern in _ASSURANCES:
        if pattern.search(words):
            return kind
    if _QUESTION.search(words) and not words.startswith(("da ", "co phai da ")):
        return ""
    for reason, pattern in _FLAGS:
        if pattern.search(words):
            return _KIND_OF_FLAG[reason]
    if is_phone or _NO_NUMBER.search(words):
        return ""
    said = hold_reasons.find_hold_reason([heading], staff=True, is_note=False)
    return _KIND_OF_FLAG[said.reason] if said else ""


def _email(words: str) -> HeadingMeaning:
    if _NOT_A_NUMBER.search(words):
        return HeadingMeaning("ignore")
    owner = "parent" if _FATHER.search(words) or _MOTHER.search(words) else _owner(words)
    return HeadingMeaning("email", owner, 2 if _OLD.search(words) or _SECOND.search(words) else 1)


_PHONE_OF = {"spouse": "relative_phone", "relative": "relative_phone"}


def _phone(words: str, heading: str) -> HeadingMeaning:
    """Tell whose number it is, and of when."""
    if _NOT_A_NUMBER.search(words):
        return HeadingMeaning("ignore")
    if of_parent := _parent_phone(words, heading):
        return HeadingMeaning(of_parent, "parent")
    owner = _owner(words)
    if owner == "receiver":
        return HeadingMeaning("phone", owner, 0)
    if not owner and _says_more(words):
        owner = "unknown"
    if owner not in SELF:
        return HeadingMeaning(_PHONE_OF.get(owner, "other_phone"), owner)
    return _of_when(words, owner)


def _says_more(words: str) -> bool:
    """Return whether a short heading has a word that headings of a person's own number do not have."""
    beside = _PHONE.sub(" ", words).split()
    return len(beside) < QUESTION_WORDS_MIN and not all(
        word in heading_words.OWN_NUMBER_WORDS or word.isdigit() for word in beside
    )


def _parent_phone(words: str, heading: str) -> str:
    father, mother = _says_father(words, heading), bool(_MOTHER.search(words))
    if _BOTH.search(words) or (father and mother):
        return "parent_phone"
    return "father_phone" if father else "mother_phone" if mother else ""


def _of_when(words: str, owner: str) -> HeadingMeaning:
    if _UNUSED.search(words) and not _NEW.search(words):
        return HeadingMeaning("ignore", owner)
    if _OLD.search(words) and not _NEW.search(words):
        return HeadingMeaning("old_phone", owner)
    if _NEW.search(words):
        return HeadingMeaning("phone", owner, 0)
    if _SPARE.search(words):
        return HeadingMeaning("spare_phone", owner)
    return HeadingMeaning("phone", owner, 2 if _SECOND.search(words) else 1)


def _says_father(words: str, heading: str) -> bool:
    """Tell "bố" from "bộ" and "bỏ" where the heading has its accents."""
    match = _FATHER.search(words)
    if match is None or heading.isascii() or "cha" in match[0] or "father" in match[0]:
        return match is not None
    return ("ba" if match[0] == "ba" else "bố") in re.findall(r"\w+", text.nfc(heading).lower())


def _owner(words: str) -> str:
    return next((owner for owner, pattern in _OWNERS if pattern.search(words)), "")


def _other(words: str, heading: str) -> HeadingMeaning:
    lower = text.nfc(heading).lower()
    for kind, pattern in _RULES:
        if not pattern.search(words) or (kind == "father" and not _says_father(words, heading)):
            continue
        if words == "nam" and "ă" in lower:  # năm, not nam
            return HeadingMeaning("ignore")
        if words == "con" and "ò" in lower:  # còn, not con
            return HeadingMeaning("alive")
        if words == "ban" and "ả" in lower:  # bản, not ban
            return HeadingMeaning("area")
        if _NO_NUMBER.match(words) and kind in _YIELDS_TO_CODES:
            return HeadingMeaning("ignore")
        return HeadingMeaning(kind, _owner(words) if kind == "name" else "")
    return HeadingMeaning("ignore" if _NO_NUMBER.search(words) else "")


# "Mã hộ", "Số hồ sơ đơn vị": the code of a thing is not the thing.
_YIELDS_TO_CODES = frozenset(
    {"name", "address", "unit", "class", "pupil", "number", "given_name", "area", "party_cell", "role"}
)
