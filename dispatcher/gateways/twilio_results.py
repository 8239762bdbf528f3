"""What Twilio's answers say about one message: pure, from an answer or its absence to a `Result`."""

from __future__ import annotations

from typing import Any

from dispatcher.gateways import NOT_NOW, Envelope, Result, twilio_codes
from dispatcher.gateways.twilio_http import HttpRefused, certainly_not_sent

TOO_MANY = "20429"  # the one error that Twilio promises to mean "never processed", whatever the status


def found(envelope: Envelope, message: Any) -> Result:
    """Say how a message stands that Twilio has."""
    word = str(message.status or "")
    code = str(message.error_code or "")
    known = twilio_codes.read(code) if code else None
    status = twilio_codes.ledger_status(word, code)
    return Result(
        key=envelope.key,
        kind="accepted",
        status=status or "sending",
        provider_id=message.sid,
        code=code,
        error_class=known.error_class if known else "",
        retry_after_seconds=known.retry_after_seconds if known else None,
        detail="" if status else f"unknown status {word!r}",
        parts=_whole(message.num_segments) or None,  # 0 until a messaging service has chosen the sender
        vnd=_dong(message.price, message.price_unit),
    )


def _whole(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isdecimal() else 0


def _dong(price: object, unit: object) -> int | None:
    if price is None or str(unit).upper() != "VND":
        return None
    try:
        return round(abs(float(str(price))))
    except ValueError:
        return None


def refusal(envelope: Envelope, answer: HttpRefused) -> Result:
    """Decide what an error status says about this message."""
    code = answer.code or (TOO_MANY if answer.status == 429 else "")
    known = twilio_codes.CODES.get(code)
    detail = f"HTTP {answer.status}" + (f": {known.name}" if known else "")
    wait = answer.retry_after_seconds
    if (answer.status >= 500 or answer.status == 408) and code != TOO_MANY:
        # The front door failed, perhaps after the room behind it had taken the message.
        return unknown(envelope, code or f"http-{answer.status}", detail, retry_after=wait)
    if known is None:
        return _unlisted(envelope, answer, code)
    if known.error_class == "ambiguous":
        return unknown(envelope, code, detail, retry_after=wait)
    return Result(
        key=envelope.key,
        kind="later" if known.again else "refused",
        code=code,
        error_class=known.error_class,
        detail=detail,
        retry_after_seconds=known.retry_after_seconds if wait is None else wait,
    )


def _unlisted(envelope: Envelope, answer: HttpRefused, code: str) -> Result:
    """Below 500 nothing was taken; without a known code, only the status tells whose fault it may be."""
    is_ours_to_fix = answer.status < 400 or answer.status in {401, 403, 404, 405}
    return Result(
        key=envelope.key,
        kind="later",
        code=code or f"http-{answer.status}",
        error_class="config" if is_ours_to_fix and not code else "",
        detail=f"HTTP {answer.status}",
        retry_after_seconds=answer.retry_after_seconds,
    )


def no_answer(envelope: Envelope, error: Exception) -> Result:
    """Decide what it means that no answer came."""
    name = type(error).__name__
    if certainly_not_sent(error):
        detail = f"no connection: {name}"
        return Result(key=envelope.key, kind="later", code="connect", error_class="transport", detail=detail)
    return unknown(envelope, "no-answer", f"no answer: {name}")


def not_now(envelope: Envelope) -> Result:
    """Its leave ran out before a byte of it was written."""
    detail = "the leave to send ran out"
    return Result(key=envelope.key, kind="later", code=NOT_NOW, error_class="transport", detail=detail)


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
