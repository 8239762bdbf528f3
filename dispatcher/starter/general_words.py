"""General words for a template that nobody has written yet: they fit any campaign, to be edited there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Words:
    """What one occasion says: the text, the headline of the mail, the mail's paragraphs."""

    text: str
    headline: str
    mail: str


_DAYS = Words(
    "{{ days_left_words }} để {{ action }} (hạn cuối {{ deadline|short_date }}). "
    "Ông/bà chưa {{ verb }} xin thu xếp.",
    "{{ days_left_words|cap }} để {{ action }}",
    "{{ days_left_words|cap }} để {{ action_long }}. "
    "Ông/bà chưa {{ verb }}, mời ông/bà thu xếp trước khi hết hạn.",
)
_REMINDER = Words(
    "mời ông/bà {{ action }} chậm nhất ngày {{ deadline|short_date }}, {{ days_left_words }}.",
    "Mời ông/bà {{ action }}",
    "{{ office.name }} nhắc ông/bà {{ action_long }} chậm nhất {{ deadline|long_date }}, "
    "{{ days_left_words }}.",
)
WORDS: Mapping[str, Words] = {
    "launch": Words(
        "mời ông/bà {{ action }} chậm nhất ngày {{ deadline|short_date }}.",
        "Mời ông/bà {{ action }}",
        "{{ office.name }} trân trọng mời ông/bà {{ action_long }} chậm nhất {{ deadline|long_date }}.",
    ),
    "1-day": Words(
        "{{ last_day_words }} là hạn cuối để {{ action }}. Ông/bà chưa {{ verb }} xin thu xếp.",
        "{{ last_day_words|cap }} là hạn cuối để {{ action }}",
        "{{ last_day_words|cap }} là hạn cuối để {{ action_long }}. Mời ông/bà thu xếp cho kịp.",
    ),
    "last-hours": Words(
        "chỉ còn đến {{ until_today }} để {{ action }}. Ông/bà chưa {{ verb }} xin tranh thủ.",
        "Chỉ còn đến {{ until_today }} để {{ action }}",
        "Chỉ còn đến {{ until_today }} để {{ action_long }}. Ông/bà nào chưa kịp, xin tranh thủ.",
    ),
    "thanks": Words(
        "cảm ơn ông/bà {{ done }}. Từ nay ông/bà không nhận tin nhắc về việc này nữa.",
        "Cảm ơn ông/bà {{ done }}",
        "{{ office.name }} trân trọng cảm ơn ông/bà {{ done }}.\n\n"
        "Từ nay ông/bà không nhận thư nhắc về {{ short_title }} nữa.",
    ),
}
_TEXT = '{{% extends "layout.sms.j2" %}}\n{{% block words %}}{text}{{% endblock %}}\n'
_MAIL = (
    '{{% extends "layout.mail.j2" %}}\n{{% block headline %}}{headline}{{% endblock %}}\n'
    "{{% block words %}}\n{mail}\n{{% endblock %}}\n"
)


def words_for(template: str, own: Mapping[str, Words] | None = None) -> Words:
    """Return the words for a template by its name: launch, 7-days, thanks; any other: a reminder."""
    if own and template in own:
        return own[template]
    if template in WORDS:
        return WORDS[template]
    if template == "last-day":
        return WORDS["1-day"]
    return _DAYS if re.fullmatch(r"\d+-days", template) else _REMINDER


def file_text(words: Words, channel: Literal["sms", "email"]) -> str:
    """Return the text of a template file with these words."""
    if channel == "sms":
        return _TEXT.format(text=words.text)
    return _MAIL.format(headline=words.headline, mail=words.mail)
