"""Passwords: judged by how soon they would be guessed, hashed with argon2id, off the event loop."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dispatcher.i18n import _
from dispatcher.vietnamese.text import fold_words

LENGTH_MIN = 10
LENGTH_MAX = 200  # hashing is meant to be slow; nobody needs to feed it a book
OWN_CHARACTERS_MIN = 4  # beside what everybody would try: zxcvbn takes a name said twice for a new word
SCORE_MIN = 3  # of zxcvbn's 0 to 4: more than 100 million guesses
JUDGED_LENGTH_MAX = 72  # what is longer is strong by its beginning, or weak throughout
# What its lists of common passwords do not hold: what people here type first.
COMMON_WORDS = (
    "matkhau", "mat khau", "anhyeuem", "emyeuanh", "yeuem", "vietnam", "toiyeuvietnam", "xinchao", "taikhoan",
    "quantri", "quantrivien", "canbo", "nhanvien", "giadinh", "conyeu", "nguyen", "hanoi", "haiphong",
    "saigon", "hochiminh", "danang", "ubnd", "uyban", "uybannhandan", "xaphuong", "congan", "bimat",
    "khongbiet", "khongco", "dispatcher", "nhactin",
)  # fmt: skip
CONCURRENT_MAX = 2  # each takes 64 MB for a twentieth of a second

_hasher = PasswordHasher()
_turns = asyncio.Semaphore(CONCURRENT_MAX)


@cache
def _dummy_hash() -> str:
    """What a name nobody has is compared with, so that the answer takes as long and tells nothing.

    Made when first asked for: a process that lets nobody sign in need not hold 64 MB for a moment.
    """
    return _hasher.hash(secrets.token_urlsafe(16))


def weakness(password: str, words: Iterable[str] = ()) -> str:
    """Return why a password is not taken, in the reader's language; empty when it is good enough.

    `words` are what a stranger would try first: the account's name, the office's.
    """
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        return _("A password has at least {n} characters.", n=LENGTH_MIN)
    from zxcvbn import zxcvbn  # its lists take a moment to load

    told = {spelling for word in words for spelling in _spellings(word)}
    is_known = len(_without(password, {*COMMON_WORDS, *told})) < OWN_CHARACTERS_MIN
    judged = zxcvbn(password[:JUDGED_LENGTH_MAX], user_inputs=[*COMMON_WORDS, *sorted(told)])
    if judged["score"] >= SCORE_MIN and not is_known:
        return ""
    return _(
        "This password would soon be guessed: it is common, or made of the office's words, a name, a date or "
        "a row of keys. Take several words that do not belong together."
    )


def _without(password: str, words: Iterable[str]) -> str:
    """Return the letters and digits left when what is known is taken out, however often it stands."""
    rest = _letters(password)
    for word in sorted(map(_letters, words), key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _spellings(text: str) -> Iterable[str]:
    """Return the words of a text as people type them into a password: as is, unaccented, run together."""
    words = fold_words(text).split()
    runs = ("".join(words[first:last]) for first in range(len(words)) for last in range(first + 1, first + 5))
    return {run for run in (*runs, text.lower()) if len(run) > 2}


def hash_password(password: str) -> str:
    """Hash a password for keeping."""
    return _hasher.hash(password)


def verify(password_hash: str, password: str) -> bool:
    """Return whether a password is the one that was hashed; an empty hash fits none."""
    try:
        _hasher.verify(password_hash or _dummy_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


async def verify_async(password_hash: str, password: str) -> bool:
    """Return it without holding up anybody else."""
    if len(password) > LENGTH_MAX:
        return False
    async with _turns:
        return await asyncio.to_thread(verify, password_hash, password)
