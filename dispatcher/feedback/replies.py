"""What a resident's answer means; the whole of it must be understood, or a person reads it.

Huy, Dũng and Dung are common given names: "Cảm ơn, Huy" is no refusal, so what is understood is taken out
of the answer and nothing may be left. Only a no that cannot be mistaken counts beside words unknown to us.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

from dispatcher.feedback import reply_phrases as phrases
from dispatcher.i18n import N_
from dispatcher.vietnamese.typed_words import expression, keys

ReplyMeaning = Literal["opt-out", "took-part", "return", "person"]
ReplyHint = Literal["", "dead", "wrong-number", "moved", "needs-help", "distrust"]

HINT_LABELS: dict[ReplyHint, str] = {
    "": "",
    "dead": N_("may have died"),
    "wrong-number": N_("may be the wrong number"),
    "moved": N_("may have moved away"),
    "needs-help": N_("needs help to take part"),
    "distrust": N_("takes it for fraud"),
}
LENGTH_MAX = 500  # three texts; whoever writes more wants to be read
WORDS_MAX = 80
# What stands where something was understood, so that its neighbours do not meet. "|" parts clauses.
UNDERSTOOD = "_ "
CLEAR = "__ "


class Reply(NamedTuple):
    """What an answer means, and what it is about: the hint is for whoever reads it and decides nothing."""

    meaning: ReplyMeaning
    hint: ReplyHint = ""


def classify_reply(body: str) -> Reply:
    """Return what an answer asks for, "person" when somebody has to read it. Any text will do."""
    words = keys(body[: LENGTH_MAX + 1])
    if len(body) > LENGTH_MAX or words.count(" ") > WORDS_MAX:
        return Reply("person", _hint(words))
    return Reply(_meaning(words), _hint(words))


def _meaning(words: str) -> ReplyMeaning:
    if _pattern(phrases.REFUSALS_OR_NAMES).fullmatch(words.replace("| ", "")):
        return "opt-out"
    if _pattern(phrases.NOT_MEANT).search(words):
        return "person"
    left, _names = _take_out(words, phrases.CALLED)
    left, clear = _take_out(left, phrases.CLEAR_REFUSALS, mark=CLEAR)
    left, refused = _take_out(left, phrases.REFUSALS)
    left, took_part = _take_out(left, phrases.TOOK_PART)
    left, returns = _take_out(left, phrases.RETURNS)
    for understood in (phrases.REASONS, phrases.COURTESIES):
        left, _count = _take_out(left, understood)
    if clear and not _is_doubtful(left):
        return "opt-out"
    unsure = (returns and (refused or took_part)) or _is_done_by_others(words)
    if unsure or left.strip("|_ "):
        return "person"
    return "opt-out" if refused else "took-part" if took_part else "return" if returns else "person"


def _is_doubtful(left: str) -> bool:
    """Return whether what stands beside a clear no may turn it into something else."""
    in_clauses = (clause for clause in left.split("|") if CLEAR in clause)
    return bool(_pattern(phrases.DOUBTS).search(left)) or any(
        map(_pattern(phrases.DOUBTS_IN_CLAUSE).search, in_clauses)
    )


def _is_done_by_others(words: str) -> bool:
    apart, _couples = _take_out(words, phrases.TOGETHER)
    return bool(_pattern(phrases.DONE_BY_OTHERS).search(apart))


def _hint(words: str) -> ReplyHint:
    people, _things = _take_out(words, phrases.THINGS_LOST)
    hints = (hint for hint in get_args(ReplyHint) if hint and _pattern(phrases.HINTS[hint]).search(people))
    return next(hints, "")


def _take_out(words: str, table: str, *, mark: str = UNDERSTOOD) -> tuple[str, int]:
    return _pattern(table).subn(mark, words)


@lru_cache
def _pattern(table: str) -> re.Pattern[str]:
    """Compile a table of phrases; on the first answer, not at start."""
    phrases_read = (expression(line, phrases.PARTS) for line in table.splitlines() if line)
    return re.compile(rf"(?<!\S)(?:{'|'.join(phrases_read)})")
