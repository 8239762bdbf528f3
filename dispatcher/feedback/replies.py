"""What a resident's short answer means; only a whole message counts.

Huy, Dũng and Dung are common given names: "Cảm ơn, Huy" is no refusal, so a word inside a longer answer
decides nothing and a person reads it.
"""

from __future__ import annotations

from typing import Literal

from dispatcher.vietnamese.text import fold, fold_words

ReplyIntent = Literal["opt-out", "return", "took-part", ""]

KEYWORDS: dict[ReplyIntent, tuple[str, ...]] = {
    "opt-out": (
        "TC",
        "Từ chối",
        "Hủy",
        "Dừng",
        "Ngừng",
        "Không nhận",
        "Không nhận tin",
        "Không nhận tin nhắn",
        "Dừng nhận tin",
        "Stop",
        "Stopall",
        "Unsubscribe",
    ),
    "return": ("DK", "Đăng ký", "Nhận lại", "Start", "Unstop"),
    "took-part": ("Xong", "Đã thi", "Đã dự thi", "Da thi xong"),
}

# People thank while they refuse; the thanks are no part of the word.
COURTESIES = ("cam on", "xin cam on", "thank you", "thanks", "a", "nhe", "xin", "vui long")

_INTENTS: dict[str, ReplyIntent] = {
    fold(word).replace(" ", ""): meaning for meaning, words in KEYWORDS.items() for word in words
}


def classify_reply(body: str) -> ReplyIntent:
    """Return what an answer asks for; empty when a person has to read it."""
    words = fold_words(body)
    direct = _INTENTS.get(words.replace(" ", ""))
    if direct:
        return direct
    for courtesy in COURTESIES:
        for rest in (words.removeprefix(f"{courtesy} "), words.removesuffix(f" {courtesy}")):
            # "Cảm ơn, Huy" signs with a name: after thanks only the unmistakable words count.
            intent = _INTENTS.get(rest.replace(" ", "")) if rest != words else None
            if intent and rest not in {"huy", "dung"}:
                return intent
    return ""
