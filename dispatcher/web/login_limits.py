"""Limits password guesses without locking an account's owner out.

Failures are counted by name and source together, and by source: these refuse. A name that many sources try
is answered later and later; only far beyond that is it refused, and then still open to browsers that have
signed in to it before.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from dispatcher.ledger import Ledger
from dispatcher.ledger.access import sessions

# All within a quarter of an hour.
FAILURES_PER_NAME_AND_SOURCE_MAX = 5
FAILURES_PER_SOURCE_MAX = 20
FAILURES_PER_NAME_MAX = 100
RESETS_PER_SOURCE_MAX = 10
FAILURES_BEFORE_DELAY = 5  # of a name, from wherever
DELAY_SECONDS_MAX = 5.0


class LoginAllowance(NamedTuple):
    """May a password be tried, and after how many seconds."""

    is_allowed: bool
    delay_seconds: float = 0.0


def may_ask_for_reset(ledger: Ledger, *, source: str, now: datetime) -> bool:
    """Count a request for a link by mail, whatever name it gives; False when there were enough."""
    counted = f"reset {source}"
    failed = sessions.failed_logins(ledger, name="", source=counted, now=now)
    if failed.by_source >= RESETS_PER_SOURCE_MAX:
        return False
    sessions.record_login_attempt(ledger, name="", source=counted, ok=False, now=now)
    return True


def record_attempt(
    ledger: Ledger, *, name: str, source: str, is_known_device: bool = False, now: datetime
) -> LoginAllowance:
    """Count an attempt as failed before it is made, so that a thousand at once are no more than a few.

    A refused one is not counted: waiting a quarter of an hour always helps.
    """
    if is_known_device:
        source = f"device of {name}"
    failed = sessions.failed_logins(ledger, name=name, source=source, now=now)
    if failed.by_name_and_source >= FAILURES_PER_NAME_AND_SOURCE_MAX:
        return LoginAllowance(is_allowed=False)
    too_many = failed.by_source >= FAILURES_PER_SOURCE_MAX or failed.by_name >= FAILURES_PER_NAME_MAX
    if too_many and not is_known_device:
        return LoginAllowance(is_allowed=False)
    sessions.record_login_attempt(ledger, name=name, source=source, ok=False, now=now)
    beyond = 0 if is_known_device else failed.by_name - FAILURES_BEFORE_DELAY + 1
    return LoginAllowance(is_allowed=True, delay_seconds=min(max(0.0, float(beyond)), DELAY_SECONDS_MAX))
