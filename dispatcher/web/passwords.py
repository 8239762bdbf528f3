"""Passwords: hashed with argon2id, off the event loop, and only so many at a time."""

from __future__ import annotations

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LENGTH_MIN = 10
LENGTH_MAX = 200  # hashing is meant to be slow; nobody needs to feed it a book
CONCURRENT_MAX = 2  # each takes 64 MB for a twentieth of a second

_hasher = PasswordHasher()
_turns = asyncio.Semaphore(CONCURRENT_MAX)


@cache
def _dummy_hash() -> str:
    """What a name nobody has is compared with, so that the answer takes as long and tells nothing.

    Made when first asked for: a process that lets nobody sign in need not hold 64 MB for a moment.
    """
    return _hasher.hash(secrets.token_urlsafe(16))


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
