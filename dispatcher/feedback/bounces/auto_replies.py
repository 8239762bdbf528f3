"""Recognises answers of machines that say nothing about delivery: holiday notices, thanks, read receipts."""

from __future__ import annotations

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
SUBJECTS = tuple(
    fold_words(words)
    for words in (
        "Tự động trả lời", "Trả lời tự động", "Thư trả lời tự động", "Vắng mặt", "Đi vắng", "Nghỉ phép",
        "Automatic reply", "Auto reply", "Autoreply", "Auto response", "Auto:", "Out of office",
        "Out of the office", "OOO", "Vacation", "On leave", "Abwesenheitsnotiz", "Réponse automatique",
        "Autosvar", "自动回复", "자동 회신",
    )
)  # fmt: skip


def is_auto_reply(mail: ParsedMail) -> bool:
    """Return whether a machine answers. To be asked after all that speaks of delivery."""
    for name, values in AUTO_REPLY_HEADERS:
        value = mail.header(name).lower()
        if value and (not values or value.startswith(values)):
            return True
    subject = fold_words(mail.subject())
    return subject.startswith(SUBJECTS) or mail.first_part("message/disposition-notification") is not None
