"""Passwords: hashed with argon2id, off the event loop, and only so many at a time."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LENGTH_MIN = 10
LENGTH_MAX = 200  # hashing is meant to be slow; nobody needs to feed it a book
AT_A_TIME = 2  # each takes 64 MB for a twentieth of a second

_hasher = PasswordHasher()
_turns = asyncio.Semaphore(AT_A_TIME)


@cache
def _nobody() -> str:
    """What a name nobody has is compared with, so that the answer takes as long and tells nothing.

    Made when first asked for: a process that lets nobody sign in need not hold 64 MB for a moment.
    """
    return _hasher.hash(secrets.token_urlsafe(16))


def hashed(password: str) -> str:
    """Hash a password for keeping."""
    return _hasher.hash(password)


def fits(kept: str, password: str) -> bool:
    """Tell whether a password is the one that was hashed; an empty hash fits none."""
    try:
        _hasher.verify(kept or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


async def is_right(kept: str, password: str) -> bool:
    """Tell it without holding up anybody else."""
    if len(password) > LENGTH_MAX:
        return False
    async with _turns:
        return await asyncio.to_thread(fits, kept, password)
