"""What a list says about whether somebody took part: in a heading, in a cell below it, in a title.

"Chưa tham gia" is no participation, nor is "Đã đăng ký"; what is neither a yes nor a no is left to a person.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Literal

from dispatcher.contacts import Cell
from dispatcher.vietnamese import text

Verdict = Literal["yes", "no", "unclear", ""]  # "": nothing is said
VERDICTS: tuple[Verdict, ...] = ("yes", "no", "unclear", "")
# tick: "Đã thi"; negated: "Chưa thi"; status: "Trạng thái"; moment: "Ngày nộp"; score: "Điểm"; note: a remark
ColumnUse = Literal["", "tick", "negated", "status", "moment", "score", "note"]


def _any_of(patterns: str) -> str:
    """Join patterns, parted by commas, into one that any of them fits, as whole words."""
    return rf"\b(?:{'|'.join(pattern.strip() for pattern in patterns.split(','))})\b"


# What people are asked to do, as campaigns call it; all patterns are about folded words.
_DEED = _any_of(
    r"""tham gia, tham du, du thi, thi, lam bai, nop bai, nop, hoan thanh, hoan tat, thuc hien, ky cam ket,
    khai bao, kich hoat, cai dat, dong, dong tien, tiem, tiem chung, gia han, mua, co mat, diem danh, hoc,
    tap huan, tra loi, khao sat, bau, attend\w*, participat\w*, complet\w*, finish\w*, submit\w*,
    took part, taken part, done, passed"""
)
_NOT = _any_of("chua, khong, ko, k, kg, vang, not, no, absent, un, never, incomplete, missing")
_ABSENT = _any_of("vang, vang mat, absent, incomplete")
_NOT_YET = re.compile(rf"{_NOT}(?: \w+){{0,2}}? ?{_DEED}|{_ABSENT}")
_BOTH = re.compile(
    r"\b(?:da|co)\b.{0,12}\b(?:chua|khong)\b|\b(?:chua|khong)\b.{0,12}\b(?:va|hay|hoac)\b.{0,12}\bda\b"
)
_ONLY_REGISTERED = re.compile(_any_of(r"dang ky, regist\w+, ghi danh, (?:khach|giay|duoc) moi, invited?"))
_TITLE_YES = re.compile(
    rf"\b(?:da|co|who) {_DEED}|" + _any_of("completed, finished, took part, participants")
)
_TICK = re.compile(
    rf"^(?:da |co |so |luot |tinh trang |ket qua )*{_DEED}"
    r"(?: (?:thi|bai|cuoc thi|vong|tuan|dot|lan|cuoc|hoi thi|so)\b.*| \d.*| roi| chua| khong)?$"
    r"|^da (?!co$)\w+(?: \w+){0,3}$"
)
_STATUS = re.compile(
    _any_of(
        """trang thai, tinh trang, ket qua, status, state, result, tien do, danh gia, xep loai, xac nhan,
        completion"""
    )
)
_MOMENT = re.compile(
    rf"\b(?:ngay|thoi gian|thoi diem|gio|luc|date|time)\b.*{_DEED}|{_DEED}.*\b(?:ngay|luc|date|time|at|on)\b"
)
_SCORE = re.compile(
    _any_of(
        r"""diem(?! danh), diem so, score, points?, mark, so cau dung, so lan, so luot, luot thi, lan thi,
        attempts?"""
    )
)
_NOTE = re.compile(_any_of("ghi chu, chu thich, note, remarks?, y kien, ly do"))
_OTHER = re.compile(
    _any_of(
        """dien thoai, sdt, dia chi, ngay sinh, nam sinh, cccd, email, ho ten, ho va ten, thon, xom, so luong,
        ty le, ti le, gioi tinh, hon nhan, suc khoe, cu tru, chi tieu, noi, dia diem, hinh thuc, don vi,
        trinh do, hang, link, thiet bi"""
    )
    + "|%"
)

_NO_CELL = re.compile(
    rf"^(?:{_NOT}|0|n|f|false|sai|none|-|–|o)$|"
    + _any_of("chua, khong, ko, vang, not, absent, incomplete, never")
)
_OPEN_CELL = re.compile(
    _any_of(
        r"""dang (?!ky)\w+, dang, do dang, cho, pending, in progress, started, huy, cancel\w*, mot phan,
        mot nua, partial\w*, hoan lai, hoan thi, tam hoan, de nghi, du kien, se, hen"""
    )
)
_PASS_OR_FAIL = re.compile(r"^(?:khong|ko|chua) dat\b|^(?:truot|rot|fail\w*)$")
_YES_CELL = re.compile(
    rf"^(?:x+|v|y|t|1|co|da|roi|xong|yes|true|dung|ok|oke|du|tot|kha|gioi|xuat sac|trung binh|dat|pass"
    rf"|present)$"
    rf"|^(?:da|co|duoc)\b|\broi$|\bxong$|{_DEED}"
)
_SIGNS_YES = frozenset("xX×✓✔☑✅vV●•+")
_SIGNS_NO = frozenset("-–—✗✘❌☐□○")
_PERCENT = re.compile(r"^(\d{1,3})(?:[.,]\d+)? ?%$")
_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?|\d{4}-\d{2}-\d{2}")


@lru_cache(maxsize=1024)
def use_of_column(heading: str) -> ColumnUse:
    """Return what the column under `heading` tells about taking part; empty when nothing."""
    words = text.fold_words(heading)
    if not words or _OTHER.search(words):
        return ""
    if _NOTE.search(words):
        return "note"
    if _MOMENT.search(words):
        return "moment"
    if _SCORE.search(words):
        return "score"
    if _BOTH.search(words) or _STATUS.search(words):
        return "status"
    if _ONLY_REGISTERED.search(words):
        return ""
    if _NOT_YET.search(words):
        return "negated"
    if words.endswith((" chua", " khong")) and _TICK.search(words):
        return "status"
    return "tick" if _TICK.search(words) else ""


@lru_cache(maxsize=8192)
def verdict_of_cell(cell: Cell, use: ColumnUse) -> Verdict:
    """Return what a cell says under a column of this use; empty for a cell that says nothing.

    A tick under "Chưa thi" is a no; a remark ("note") can only say no, or leave it open.
    """
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return ""
    said = _spoken(cell)
    if use == "moment":
        return said if said in {"no", "unclear"} else "yes" if _is_moment(cell) else "unclear"
    if use == "score":
        return _score(cell)
    if use == "negated":
        return {"yes": "no", "no": "unclear"}.get(said, said)  # type: ignore[return-value]  # a Verdict each
    if use == "note":
        return said if said == "no" and _NOT_YET.search(text.fold_words(str(cell))) else ""
    return said


def verdict_of_title(words: str) -> Verdict:
    """Return what a title, a group row, or the name of a sheet or file says about everybody below it."""
    folded = text.fold_words(words)
    if _BOTH.search(folded):
        return ""
    if _NOT_YET.search(folded):
        return "no"
    if _ONLY_REGISTERED.search(folded):
        return "unclear"
    return "yes" if _TITLE_YES.search(folded) else ""


def _spoken(cell: Cell) -> Verdict:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if not isinstance(cell, str):
        return "yes" if cell == 1 or isinstance(cell, date) else "no" if cell == 0 else "unclear"
    word = cell.strip()
    if word in _SIGNS_YES or word in _SIGNS_NO:
        return "yes" if word in _SIGNS_YES else "no"
    if percent := _PERCENT.match(word):
        return "yes" if percent[1] == "100" else "no" if percent[1] == "0" else "unclear"
    return _of_words(text.fold_words(word), has_date=_DATE.search(word) is not None)


def _of_words(words: str, *, has_date: bool) -> Verdict:
    is_no = _NO_CELL.search(words) is not None
    if _PASS_OR_FAIL.search(words) or (_ONLY_REGISTERED.search(words) and not is_no):
        return "unclear"
    if is_no:
        return "no"
    if _OPEN_CELL.search(words):
        return "unclear"
    return "yes" if has_date or _YES_CELL.search(words) else "unclear"


def _is_moment(cell: Cell) -> bool:
    return not isinstance(cell, str) or _DATE.search(cell) is not None


def _score(cell: Cell) -> Verdict:
    """Return whether somebody has a score: nought may be that of who was not there."""
    if not isinstance(cell, str):
        return "yes" if isinstance(cell, float | int) and cell > 0 else "unclear"
    digits = re.match(r"\d+(?:[.,]\d+)?", cell.strip())
    if digits:
        return "yes" if float(digits[0].replace(",", ".")) > 0 else "unclear"
    return _spoken(cell)
