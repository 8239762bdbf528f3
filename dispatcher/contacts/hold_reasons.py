"""Looks through the notes of a list for what forbids writing to somebody: dead, moved, retired, refuses.

Erring towards holding is cheap (a person decides); a reminder to a dead person's telephone is the worst
error there is. Only the words that led to it are kept: "hộ nghèo" beside them is nobody's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

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
}

# "mất" alone means lost as well: mất điện thoại, mất sức (unfit for work), mất liên lạc.
_LOST = (
    "(?:sức|điện thoại|đt|sđt|số|sim|máy|liên lạc|sóng|tín hiệu|việc|ngủ|trí|khả năng|tài sản|giấy|thẻ|tích"
    "|đất|mùa|nhà|tiền|trộm|xe|ngón|chân|tay)"
)
_DEAD = (
    rf"(?:đã|mới|vừa) mất(?! {_LOST})|\bmất (?:ngày|năm|tháng|hôm|tết|lúc|do|vì|rồi|từ)\b"
    rf"|\bmất\b(?= ?[\d(])|^mất$|^mất(?! {_LOST})\b|(?:ông|bà|cụ|chồng|vợ|chủ hộ) mất\b"
    r"|qua đời|từ trần|tử vong|\bchết\b|đã khuất|tạ thế|quá cố|đã hy sinh|khai tử|báo tử|†|✝"
)
_MOVED = (
    r"chuyển (?:đi|khẩu|hộ khẩu|nơi|chỗ|nhà|sang|về|ra|vào|trường|công tác|sinh hoạt|vùng|cư trú|hẳn)"
    r"|đã chuyển(?! đổi| đến)|^chuyển(?! đến| đổi)|(?:cắt|xoá|xóa) (?:hộ )?khẩu"
    r"|không còn (?:ở|cư trú|sinh sống|công tác|học)|thôi học|bỏ học|đi khỏi|rời khỏi"
)
_RETIRED = (
    r"nghỉ hưu|hưu trí|về hưu|đã hưu|nghỉ (?:việc|công tác|chế độ|mất sức)|thôi việc|nghỉ theo nghị định"
)
_REFUSES = (
    r"không (?:muốn )?(?:được )?(?:nhận|nhắn|gửi|gởi|liên hệ|làm phiền|đồng ý)(?! được)"
    r"|đừng (?:nhắn|gửi|gọi|liên hệ)|từ chối|chặn (?:tin|số)|h(?:uỷ|ủy) (?:nhận|đăng ký)|ngừng nhận"
    r"|không cần nhắn|yêu cầu dừng|phản đối"
)
_NUMBER = (
    r"sai số|nhầm số|số sai|số (?:này )?(?:không đúng|không phải)|thay số|số cũ|số khác|bỏ số"
    r"|(?<!chuyển )đổi số"  # "chuyển đổi số" is the digital transformation
    r"|không dùng số|mất (?:sim|số)\b|thuê bao (?:không|tạm)|không (?:đúng|phải) số|số không (?:có|tồn tại)"
)
# A small "not" before it turns most of these round: "chưa mất", "không chuyển đi".
_NOT = r"(?<!chưa )(?<!không )(?<!chẳng )"
_ACCENTED: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("dead", re.compile(f"{_NOT}(?:{_DEAD})")),
    ("refuses", re.compile(_REFUSES)),
    ("moved", re.compile(f"{_NOT}(?:{_MOVED})")),
    ("number", re.compile(_NUMBER)),
    ("retired", re.compile(f"{_NOT}(?:{_RETIRED})")),
)
# Written without accents "mat" is also eye, face and cool; only what cannot be anything else.
_BARE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("dead", re.compile(
        r"(?<!chua )da mat(?! suc| dien| dt| sdt| so| lien)|^mat$|\bmat (?:nam|ngay) \d"
        r"|qua doi|tu tran|tu vong|\bda chet\b|^chet$|ta the")),
    ("refuses", re.compile(
        r"khong (?:muon )?(?:nhan|dong y)(?! duoc)|tu choi|dung (?:nhan|gui) tin|\bstop\b")),
    ("moved", re.compile(
        r"(?<!khong )(?<!chua )(?:chuyen (?:di|khau|ho khau|cong tac|truong|sinh hoat)"
        r"|da chuyen\b(?! den| doi)|cat (?:ho )?khau)")),
    ("number", re.compile(r"sai so|nham so|(?<!chuyen )doi so|so cu\b|so sai")),
    ("retired", re.compile(r"nghi huu|huu tri|ve huu|nghi viec|thoi viec")),
)  # fmt: skip
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


def find_hold_reason(notes: Iterable[str], *, staff: bool) -> HoldFinding | None:
    """Find the gravest reason to hold somebody in what stands beside their name; None when there is none."""
    findings = [finding for note in notes if note for finding in _findings(note)]
    order = list(HOLD_REASONS)
    grave = [found for found in findings if staff or found.reason != "retired"]
    if not grave:
        return None
    return min(grave, key=lambda found: order.index(found.reason))


@lru_cache(maxsize=4096)
def _findings(note: str) -> tuple[HoldFinding, ...]:
    plain = text.clean(note)
    whole = tuple(_hold(plain))
    if not whole:
        return ()
    segments = [_unwrapped(text.clean(segment)) for segment in _SEGMENT.split(text.nfc(note))]
    found = [HoldFinding(hold, segment) for segment in segments for hold in _hold(segment)]
    named = {finding.reason for finding in found}
    found += [HoldFinding(hold, plain) for hold in whole if hold not in named]
    return tuple(HoldFinding(hold, words[:NOTE_MAX_CHARACTERS]) for hold, words in found)


def _unwrapped(words: str) -> str:
    words = words.strip(" .")
    return words[1:-1].strip(" .") if words[:1] == "(" and words.find(")") == len(words) - 1 else words


def _hold(note: str) -> Iterable[str]:
    lower = note.lower()
    patterns = _BARE if lower.isascii() else _ACCENTED
    return (hold for hold, pattern in patterns if pattern.search(lower))


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
