"""The words beside a number: reasons against it, and what is kept as a note."""

from __future__ import annotations

import re

from dispatcher.vietnamese.phone.classification import Classification
from dispatcher.vietnamese.phone.segments import LETTER
from dispatcher.vietnamese.phone.splitting import ClassifiedRun

_LETTERS = re.compile(LETTER)
_SAYS_SOMETHING = re.compile(rf"{LETTER}|[?>→⇒➔]")

_NUMBER_WORD = r"(?:số(?: điện thoại)?|sđt|đt|dđ|sim|máy|so|sdt|dt)"
_NO_GOOD = r"(?:cũ|sai|nhầm|hỏng|hủy|huỷ|khóa|khoá)"
_NOT = r"(?:không|khong|ko|kg|k|hông|chẳng|hết|thôi|ngừng|ngưng)"
_USED = r"(?:sử dụng|su dung|sd|dùng|dung|xài|xai|sài)"
_ANSWERED = r"(?:liên lạc|lien lac|gọi|goi|ll) ?(?:được|duoc|đc|dc)"
_THIS = r"(?:nữa|nua|rồi|được|đc|số|sim|máy|đt|điện thoại|di động|này|so|nay)"
# "cũ" counts after "số" or alone: "trưởng thôn cũ" is about the man, "không dùng Zalo" about nothing wrong.
# Without accents only what is nobody's name: "(Huy)" and "(Khoa)" are people.
_MARKED_WRONG = re.compile(
    "|".join(
        (
            rf"\b{_NUMBER_WORD} ?(?:này )?(?:đã |bị )?(?:{_NO_GOOD}|ảo)\b",
            rf"^\W*(?:đã |bị )?(?:{_NO_GOOD}|bỏ|cu|sai|da bo|bo roi)(?: rồi| r| hẳn| luôn| roi)?\W*$",
            r"\b(?:so|sdt|dt) (?:cu|sai|nham)\b|\b(?:sai|nhầm|nham) (?:số|so|máy)\b",
            r"\b(?:đã|bị) (?:đổi|bỏ|hủy|huỷ|khóa|khoá|cắt|thu hồi)\b",
            r"(?<!chuyển )\b(?:đổi|bỏ|mất|hỏng|hong) (?:số|sim|máy|may|điện thoại|đt)\b",
            rf"\b{_NOT} (?:còn |có |con )?{_USED}(?: {_THIS})*\W*$|\b{_NOT} (?:còn )?{_USED} (?:nữa|nua)\b",
            rf"\b{_NOT} còn (?:sử dụng|dùng)\b",
            rf"\b(?:{_NOT}|o|0) (?:thể )?{_ANSWERED}\b|\b{_NOT} lldc\b",
            rf"\b(?:liên lạc|lien lac|gọi|goi|ll)(?: mãi| hoài)? {_NOT} (?:được|duoc|đc|dc)\b",
            rf"\b{_NOT} đúng\b|\b{_NOT} phải(?: (?:số|sđt|của|là số)\b|\W*$)",
            r"\b(?:không|ko|k) tồn tại\b|\bngắt kết nối\b|\bhết hạn\b|\bgạch(?: bỏ| đi)?\W*$",
            r"^\W*(?:đã )?(?:xóa|xoá|xoa)(?: bỏ| đi| số| rồi)*\W*$",
            r"^\W*(?:lúc |hồi |số )?trước(?: đây| kia)?\W*$",
            rf"\bthuê bao(?: (?:tạm|{_NOT}|đã|bị)\b|\W*$)|\b(?:khóa|khoá) (?:sim|máy|số|\d|một|hai)\b",
        )
    ),
    re.IGNORECASE,
)
_CODE_BEFORE = re.compile(
    r"\b(?:mssv|msv|mshs|cccd|cmnd|cmt|mst|stk|sbd|bhxh|bhyt"
    r"|(?:mã|số) (?:thẻ|số thuế|hồ sơ|hs|sv|định danh))\W*$",
    re.IGNORECASE,
)
_SAYS_NEW_BEFORE = re.compile(r"\b(?:mới|(?:so|sdt|dt) moi)\W*$", re.IGNORECASE)
_SAYS_NEW_AFTER = re.compile(r"^\W*(?:(?:số |sđt )?mới|(?:so|sdt|dt) moi)\b", re.IGNORECASE)
# "chuyển đổi số" is the digital transformation, not a new number.
_CHANGED = re.compile(r"(?<!chuyển )\b(?:đổi|thay) (?:số|sim|máy)\b", re.IGNORECASE)
_REPLACED_BY = re.compile(
    r"[-=]+>|[→⇒➔]|\b(?:đổi|chuyển|thay)(?: số)? (?:thành|sang|bằng|qua)\b"
    r"|\b(?:nay|giờ|số mới) (?:là|dùng|xài)\b",
    re.IGNORECASE,
)
_REPLACES = re.compile(r"\bthay (?:thế )?cho(?: số)?\W*$|\bthay thế(?: số)?\W*$", re.IGNORECASE)
_FIELD_ENDS = re.compile(r"[;,/|\n)]")
_DOUBTED = re.compile(r"\s*\(?\?+\)?\s*(?:$|[;,/\n])|\?+[0-9]")


def has_words(text: str) -> bool:
    """Return whether there is anything beside numbers that may say something about them."""
    return _SAYS_SOMETHING.search(text) is not None


def reject_marked_wrong(text: str, runs: list[ClassifiedRun]) -> list[ClassifiedRun]:
    """Refuse the numbers that the words beside them call old, wrong or doubtful.

    Words belong to the number in the same field. Between two numbers without a mark they belong to both;
    a label before a colon belongs to what follows; an arrow or "đổi thành" makes the first one old.
    """
    if sum(bool(one.classification.number) for one in runs) > 1 and _CHANGED.search(text):
        return [_rejected(one, "marked-wrong") for one in runs]
    return [_checked(text, runs, place) for place in range(len(runs))]


def _checked(text: str, runs: list[ClassifiedRun], index: int) -> ClassifiedRun:
    run = runs[index]
    last = index + 1 == len(runs)
    before = text[runs[index - 1].end if index else 0 : run.start]
    after = text[run.end : len(text) if last else runs[index + 1].start]
    if _DOUBTED.match(text, run.end):
        return _rejected(run, "unclear")
    if not last and _REPLACED_BY.search(after):
        return _rejected(run, "marked-wrong")
    if index and _REPLACES.search(before):  # "0987… (thay cho 0912…)"
        return _rejected(run, "marked-wrong")
    if _REPLACED_BY.search(before):
        before = ""
    own_before = _FIELD_ENDS.split(before)[-1] if index else before
    own_after = "" if not last and after.rstrip().endswith(":") else _FIELD_ENDS.split(after)[0]
    if _CODE_BEFORE.search(before):
        return _rejected(run, "citizen-id")
    if _SAYS_NEW_BEFORE.search(own_before):  # "mới 0987… cũ 0912…"
        own_after = ""
    elif index and _SAYS_NEW_AFTER.search(own_after):  # "0912… cũ 0987… mới"
        own_before = ""
    if any(_MARKED_WRONG.search(" ".join(words.split())) for words in (own_before, own_after)):
        return _rejected(run, "marked-wrong")
    return run


def _rejected(run: ClassifiedRun, reason: str) -> ClassifiedRun:
    return run._replace(classification=Classification(reason=reason)) if run.classification.number else run


_NOT_WORDS = re.compile(r"[()\[\]{};,/|:=#*>\"\n]+")


def remarks(text: str, runs: list[ClassifiedRun]) -> str:
    """Return the words of a cell without its long digits (identity numbers must not travel).

    Where one number was struck and another stays, the words that struck the first have done their work: they
    are no reason to doubt the person.
    """
    without = list(text)
    for one in runs:
        if one.length >= 5:
            without[one.start : one.end] = ";" * one.length
    parts = (" ".join(part.split()).strip(" .-_+'?") for part in _NOT_WORDS.split("".join(without)))
    if {"", "marked-wrong"} <= {one.classification.reason for one in runs}:
        parts = (" ".join(_MARKED_WRONG.sub("", part).split()) for part in parts)
    return ", ".join(part for part in parts if _LETTERS.search(part))
