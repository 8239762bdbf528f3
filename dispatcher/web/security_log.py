"""Writes down whom we turned away: what kind of refusal, from where, about which part of us.

Never what they sent: a wrong password, token or link may be somebody's right one elsewhere.
"""

from __future__ import annotations

import logging

from dispatcher import metrics

logger = logging.getLogger(__name__)


def record_refusal(kind: str, *, path: str, source: str, who: str = "") -> None:
    """Write a refusal down and count it. Of `path` only the first step: the rest may be a key."""
    metrics.REFUSALS.labels(kind).inc()
    place = f"/{path.lstrip('/').partition('/')[0]}"[:40]
    logger.warning(
        "refused (%s): %r, from %s%s", kind, place, source or "nobody knows where",
        f", as {who}" if who else "", extra={"action": "refused"},
    )  # fmt: skip
