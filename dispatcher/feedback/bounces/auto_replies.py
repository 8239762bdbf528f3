"""Recognises answers of machines that say nothing about delivery: holiday notices, thanks, read receipts.

A person's letter taken for a machine's is read by nobody. So a subject of absence counts only where it is the
whole subject, or stands before ours with a colon: "Vắng mặt buổi họp chi bộ" was written by somebody.
"""

from __future__ import annotations

import re

from dispatcher.feedback.bounces.parsed_mail import ParsedMail
from dispatcher.vietnamese.text import fold_words

# Header field -> beginnings of values that give a machine away; empty: the field alone does.
AUTO_REPLY_HEADERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Auto-Submitted", ("auto-replied", "auto-generated", "auto-notified")),  # RFC 3834
    ("X-Autoreply", ()),
    ("X-Autorespond", ()),
    ("X-Autoresponder", ()),
    ("X-Auto-Reply", ()),
    ("X-Vacation", ()),
    ("X-Mail-Autoreply", ()),
    ("X-MS-Exchange-Inbox-Rules-Loop", ()),
    ("Precedence", ("auto_reply", "auto-reply")),
    ("X-Precedence", ("auto_reply", "auto-reply")),
    ("Delivered-To", ("autoresponder",)),
)
# What only a machine begins a subject with.
SUBJECTS = tuple(
    fold_words(words)
    for words in (
        "Tự động trả lời", "Trả lời tự động", "Thư trả lời tự động", "Thư tự động", "Tin nhắn tự động",
        "Email tự động", "Phản hồi tự động", "Thư phản hồi tự động", "Hệ thống trả lời tự động",
        "Automatic reply", "Auto reply", "Autoreply", "Auto response", "Automated response", "AutoResponder",
        "Out of office", "Out of the office", "Abwesenheitsnotiz", "Réponse automatique", "Autosvar",
        "自动回复", "자동 회신",
    )
)  # fmt: skip
# The same in one word before a colon, and what stands there or alone in a notice of absence or of receipt.
_ABSENCE = (
    r"(?:(?:xin )?thong bao )?(?:(?:toi|em|minh) )?(?:hien )?(?:tam )?(?:dang |se |da )*"
    r"(?:vang mat|di vang|nghi (?:phep|le|tet|om|thai san|huu|viec|mat)|di cong tac|cong tac"
    r"|khong co mat (?:tai|o) (?:van phong|co quan|noi lam viec)|khong o van phong|ngoai van phong"
    r"|chuyen cong tac|vacation|on vacation|on leave|annual leave|ooo|away|i am away)"
    r"(?: (?:tu|den|den het|toi|until|from|to|ngay|het|nam|thang|trong|va|\d+))*"
)
_WHOLE_SUBJECT = re.compile(_ABSENCE)
_BEFORE_COLON = re.compile(rf"{_ABSENCE}|da doc|read|tu dong|auto")
_A_PERSON = re.compile(r"kinh gui|kinh thua|xin (?:vang|nghi)|thi nhe|se thi|mai toi")
# People write "Đã nhận: giấy mời" too: what is received counts with what the text says.
_RECEIVED_BEFORE_COLON = re.compile(r"(?:xac nhan )?da (?:tiep )?nhan(?: thu| mail| email)?|received")
_RECEIVED = re.compile(
    r"(?:da (?:duoc )?tiep nhan|so tiep nhan|da nhan duoc (?:thu|email)|has been received)(?! chua)"
)
# What a machine says of itself in its first lines.
_OF_ITSELF = re.compile(
    r"^(?:thu |tin )?(?:tra loi |phan hoi )?tu dong"
    r"|(?:day la|(?:thu|email|mail|tin|tin nhan) nay (?:la|duoc))(?: \w+){0,5} tu dong"
    r"|(?:thu|email|mail)(?: cua (?:ban|ong ba|quy vi))? da (?:duoc )?(?:he thong )?tiep nhan(?! chua)"
    r"|vui long khong (?:tra loi|hoi am|reply) (?:lai )?(?:thu|email|mail|tin)"
    r"|xin dung tra loi (?:thu|email|mail)"
    r"|this (?:is|e ?mail is|message is|message was) an? auto|automatically generated|auto generated"
)
FIRST_WORDS_MAX = 300
# Where an answer ends and the mail it answers begins.
_QUOTED = re.compile(
    r"^(?:>|-{3,}|_{5,}|(?:from|từ|người gửi|on|vào) ?[^\n]{0,200}(?::\s|wrote|đã viết))",
    re.IGNORECASE | re.MULTILINE,
)


def is_auto_reply(mail: ParsedMail) -> bool:
    """Return whether a machine answers. To be asked after all that speaks of delivery."""
    for name, values in AUTO_REPLY_HEADERS:
        value = mail.header(name).lower()
        if value and (not values or value.startswith(values)):
            return True
    receipt = mail.first_part("message/disposition-notification") is not None
    return receipt or _says_so(mail.subject(), _first_words(mail.body_text()))


def _says_so(subject: str, words: str) -> bool:
    whole = fold_words(subject)
    before = fold_words(subject.partition(":")[0]) if ":" in subject else ""
    received = _RECEIVED_BEFORE_COLON.fullmatch(before) and _RECEIVED.search(words)
    alone = _WHOLE_SUBJECT.fullmatch(whole) and not _A_PERSON.search(words)
    absent = alone or _BEFORE_COLON.fullmatch(before)
    return whole.startswith(SUBJECTS) or bool(received or absent or _OF_ITSELF.search(words))


def _first_words(text: str) -> str:
    quoted = _QUOTED.search(text)
    return fold_words(text[: quoted.start() if quoted else len(text)][:FIRST_WORDS_MAX])
