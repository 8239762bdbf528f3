"""What Twilio's answers say about one message."""

from __future__ import annotations

import logging
import re
from typing import Any

from dispatcher.gateways import SENDING_STOPPED, Envelope, Result
from dispatcher.gateways.twilio import codes
from dispatcher.gateways.twilio.http_client import HttpStatusError, NeverSent

# The one error that Twilio promises to mean "never processed", whatever the status.
TOO_MANY_REQUESTS = "20429"
OBEYED_SECONDS_MAX = (
    900.0  # a Retry-After beyond this is a mistake to show, not an order: all texts would stop
)
_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")

log = logging.getLogger(__name__)


def accepted(envelope: Envelope, message: Any) -> Result:
    """Return how a message stands that Twilio has; unknown when the answer names none as Twilio does."""
    if not _SID.fullmatch(str(message.sid or "")):
        return unknown(envelope, "answer", "the answer names no message")
    twilio_status = str(message.status or "")
    code = str(message.error_code or "")
    error_code = codes.lookup_code(code) if code else None
    status = codes.ledger_status(twilio_status, code)
    return Result(
        key=envelope.key,
        kind="accepted",
        status=status or "sending",
        provider_id=str(message.sid),
        code=code,
        error_class=error_code.error_class if error_code else "",
        retry_after_seconds=error_code.retry_after_seconds if error_code else None,
        detail="" if status else f"unknown status {twilio_status!r}",
        parts=_to_int(message.num_segments) or None,  # 0 until a messaging service has chosen the sender
        vnd=_price_in_vnd(message.price, message.price_unit),
    )


def _to_int(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _price_in_vnd(price: object, unit: object) -> int | None:
    if price is None or str(unit).upper() != "VND":
        return None
    try:
        return round(abs(float(str(price))))
    except (ValueError, OverflowError):  # "inf"
        return None


def refused(envelope: Envelope, error: HttpStatusError) -> Result:
    """Decide what an error status says about this message."""
    code = error.code or (TOO_MANY_REQUESTS if error.status == 429 else "")
    error_code = codes.BY_CODE.get(code)
    wait, detail = _wait(error), _detail(error)
    if not _refuses(error.status) and code != TOO_MANY_REQUESTS:
        # The front door failed, or sent us elsewhere, perhaps after the room behind had taken the message.
        return unknown(envelope, code or f"http-{error.status}", detail, retry_after=wait)
    if error_code is None:
        return _unlisted_code(envelope, error, code)
    if error_code.error_class == "ambiguous":
        return unknown(envelope, code, detail, retry_after=wait)
    return Result(
        key=envelope.key,
        kind="later" if error_code.is_retryable else "refused",
        code=code,
        error_class=error_code.error_class,
        detail=detail,
        retry_after_seconds=error_code.retry_after_seconds if wait is None else wait,
    )


def _refuses(status: int) -> bool:
    return 400 <= status < 500 and status != 408


def _wait(error: HttpStatusError) -> float | None:
    """Return how long to wait; beyond a quarter of an hour only where our own table says so too."""
    asked = error.retry_after_seconds
    if asked is None or asked <= OBEYED_SECONDS_MAX:
        return asked
    log.error("Twilio asks to wait %.0f seconds, which is not done", asked, extra={"action": "retry-after"})
    listed = codes.BY_CODE.get(error.code)
    return max(OBEYED_SECONDS_MAX, (listed and listed.retry_after_seconds) or 0.0)


def _detail(error: HttpStatusError) -> str:
    listed = codes.BY_CODE.get(error.code)
    named = f": {listed.name}" if listed else ""
    asked = error.retry_after_seconds or 0
    return f"HTTP {error.status}{named}" + (
        f"; asks to wait {asked:.0f} s" if asked > OBEYED_SECONDS_MAX else ""
    )


def _unlisted_code(envelope: Envelope, error: HttpStatusError, code: str) -> Result:
    """Without a known code only the status tells whose fault it may be, and that nothing was taken.

    "Not there" without a word of Twilio's own tells neither: it may be somebody's between us.
    """
    if not code and error.status in {404, 405}:
        return unknown(envelope, f"http-{error.status}", _detail(error), retry_after=_wait(error))
    is_ours_to_fix = error.status in {401, 403}
    return Result(
        key=envelope.key,
        kind="later",
        code=code or f"http-{error.status}",
        error_class="config" if is_ours_to_fix else "",
        detail=_detail(error),
        retry_after_seconds=_wait(error),
    )


def no_answer(envelope: Envelope, error: Exception) -> Result:
    """Decide what it means that no answer came."""
    if isinstance(error, NeverSent):
        detail = f"no connection: {error}"
        return Result(key=envelope.key, kind="later", code="connect", error_class="transport", detail=detail)
    return unknown(envelope, "no-answer", f"no answer: {type(error).__name__}")


def stopped(envelope: Envelope) -> Result:
    """Its leave ran out before a byte of it was written."""
    detail = "the leave to send ran out"
    return Result(
        key=envelope.key, kind="later", code=SENDING_STOPPED, error_class="transport", detail=detail
    )


def unknown(envelope: Envelope, code: str, detail: str, *, retry_after: float | None = None) -> Result:
    """Nobody knows; ask before any resend."""
    return Result(
        key=envelope.key,
        kind="unknown",
        code=code,
        error_class="ambiguous",
        detail=detail,
        retry_after_seconds=retry_after,
    )


def not_found(envelope: Envelope) -> Result:
    """It is clearly not there."""
    return Result(key=envelope.key, kind="refused", code="not-found", detail="the provider does not have it")
