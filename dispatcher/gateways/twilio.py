"""SMS through Twilio, or any server that speaks its REST API."""

from __future__ import annotations

import asyncio
import logging
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from twilio.rest import Client

from dispatcher.errors import ConfigurationBroken, Problem
from dispatcher.gateways import Envelope, GatewayOptions, Pace, Result, Traits, twilio_codes
from dispatcher.gateways.concurrency import AdaptiveLimit
from dispatcher.gateways.twilio_http import HttpClient, HttpRefused, certainly_not_sent
from dispatcher.i18n import _
from dispatcher.settings import is_loopback

API = "https://api.twilio.com"
RATE_PER_SECOND = 10.0  # Twilio's own default for an alphanumeric sender
CONCURRENCY = 64  # a REST account takes about 100 calls at once
TIMEOUT_SECONDS = 30.0
HOLD_SECONDS_MAX = 5.0  # a longer Retry-After goes back to the ledger instead of being waited out here
VALIDITY_SECONDS_MAX = 36000
BODY_LENGTH_MAX = 1600
CLOCKS_APART = timedelta(minutes=10)  # how far Twilio's clock and ours may differ when looking up
LOOK_UP_PAGE = 1000
LOOK_UP_PAGES_MAX = 5

log = logging.getLogger(__name__)


def open_gateway(options: GatewayOptions) -> TwilioGateway:
    """Make the gateway from `account_sid`, `auth_token`, and `messaging_service_sid` or `from`.

    Optional: `base_url`, `concurrency`, `timeout_seconds`, `retention` (`discard`: Twilio keeps neither
    the text nor the number; then it cannot be asked about a message whose answer was lost).
    Raises ConfigurationBroken.
    """
    return TwilioGateway(options)


class TwilioGateway:
    """One account and one sender."""

    name = "twilio"

    def __init__(self, options: GatewayOptions) -> None:
        values = options.values
        _check(values)
        base_url = values.get("base_url") or API
        self._keeps_nothing = values.get("retention") == "discard"
        loopback = is_loopback(base_url)
        timeout = float(values.get("timeout_seconds") or TIMEOUT_SECONDS)
        self._http = HttpClient(timeout_seconds=timeout, loopback=loopback)
        # An environment of its own: TWILIO_EDGE and TWILIO_REGION would silently rewrite the address.
        client = Client(
            values["account_sid"], values["auth_token"], http_client=self._http, environment={"": ""}
        )
        client.api.base_url = base_url.rstrip("/")
        self._messages = client.api.v2010.account.messages
        self._limit = AdaptiveLimit(start=16, ceiling=int(values.get("concurrency") or CONCURRENCY))
        self._fixed = _fixed_parameters(values, keeps_nothing=self._keeps_nothing)
        self._hold_until = 0.0  # loop time before which nobody calls: the provider asked for a rest
        self.traits = Traits(
            channel="sms",
            rate_per_second=options.rate_per_second or RATE_PER_SECOND,
            can_be_asked=not self._keeps_nothing,
            has_receipts=True,
            body_length_max=BODY_LENGTH_MAX,
            loopback=loopback,
        )

    async def send(self, envelopes: Sequence[Envelope], *, pace: Pace | None = None) -> Sequence[Result]:
        """Send all, as many at once as Twilio takes; one result an envelope, in the same order."""
        results: list[Result | None] = [None] * len(envelopes)
        turns = iter(enumerate(envelopes))

        async def work() -> None:
            for at, envelope in turns:
                results[at] = await self._send_one(envelope, pace)

        async with asyncio.TaskGroup() as workers:
            for _number in range(min(self._limit.ceiling, len(envelopes))):
                workers.create_task(work())
        return [result for result in results if result is not None]

    async def _send_one(self, envelope: Envelope, pace: Pace | None) -> Result:
        entered = await self._limit.enter()
        try:
            wait = self._hold_until - asyncio.get_running_loop().time()
            if wait > HOLD_SECONDS_MAX:
                return _later(envelope, "20429", detail="not offered: asked to wait", retry_after=wait)
            if wait > 0:
                await asyncio.sleep(wait)
            if pace is not None:
                await pace()
            result = await self._create(envelope)
        finally:
            self._limit.leave()
        self._learn(result, entered)
        return result

    def _learn(self, result: Result, entered: int) -> None:
        """Let the answer move the number of places, and the moment of the next call."""
        if result.kind == "accepted":
            self._limit.went_well()
        elif result.code == "20429":
            self._limit.too_many(entered)
            rest = result.retry_after_seconds or 0.0
            self._hold_until = max(self._hold_until, asyncio.get_running_loop().time() + rest)

    async def _create(self, envelope: Envelope) -> Result:
        validity = max(1, min(VALIDITY_SECONDS_MAX, envelope.validity_seconds))
        given: dict[str, object] = {**self._fixed, "validity_period": validity}
        if envelope.callback_url:
            given["status_callback"] = envelope.callback_url
        try:
            message = await self._messages.create_async(
                to=envelope.to, body=unicodedata.normalize("NFC", envelope.body), **given
            )
        except HttpRefused as refusal:
            return _refusal(envelope, refusal)
        except Exception as error:  # noqa: BLE001 - whatever it was, this message gets its answer
            return _no_answer(envelope, error)
        if not message.sid:
            return _unknown(envelope, "answer", "the answer names no message")
        return _found(envelope, message)

    async def look_up(self, envelope: Envelope, *, since: datetime, provider_id: str = "") -> Result:
        """Ask what became of `envelope`: by its id, else by number, time and text.

        A lost answer may belong to a message that is still on its way into Twilio's list: ask a minute
        after the attempt, not at once.
        """
        try:
            if provider_id:
                return _found(envelope, await self._messages(provider_id).fetch_async())
            if self._keeps_nothing:
                return _unknown(envelope, "retention", "the provider keeps neither text nor number")
            message, complete = await self._search(envelope, since)
        except HttpRefused as refusal:
            if refusal.status == 404 and provider_id:
                return _not_found(envelope)
            detail = f"look-up refused: HTTP {refusal.status}"
            return _unknown(envelope, refusal.code, detail, retry_after=refusal.retry_after_seconds)
        except Exception as error:  # noqa: BLE001 - a look-up never ends in an exception either
            return _unknown(envelope, "look-up", type(error).__name__)
        if message is not None:
            return _found(envelope, message)
        return _not_found(envelope) if complete else _unknown(envelope, "look-up", "too many to look through")

    async def _search(self, envelope: Envelope, since: datetime) -> tuple[Any, bool]:
        """Find the message; tell also whether everything there was has been seen.

        The filter works on the day in GMT of *sending*; a message that is still queued has none, and
        whether the filter shows it is not documented. So "not there" needs a look without it as well.
        """
        earliest = since - CLOCKS_APART
        message, complete = await self._search_pages(envelope, earliest, date_sent_after=earliest)
        if message is None:
            message, complete = await self._search_pages(envelope, earliest)
        return message, complete

    async def _search_pages(
        self, envelope: Envelope, earliest: datetime, **filters: object
    ) -> tuple[Any, bool]:
        if "date_sent_after" in filters:
            filters["date_sent_after"] = earliest.strftime("%Y-%m-%d")
        page = await self._messages.page_async(to=envelope.to, page_size=LOOK_UP_PAGE, **filters)
        for _number in range(LOOK_UP_PAGES_MAX):
            for message in page:
                if _is_ours(message, envelope, earliest):
                    return message, True
            page = await page.next_page_async()
            if page is None:
                return None, True
        return None, False

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()


def _check(values: dict[str, str]) -> None:
    missing = [name for name in ("account_sid", "auth_token") if not values.get(name)]
    if not values.get("messaging_service_sid") and not values.get("from"):
        missing.append("from")
    if missing:
        names = ", ".join(missing)
        what = _("the SMS gateway twilio lacks {names}", names=names)
        remedy = _(
            "Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM."
        )
        raise ConfigurationBroken([Problem(file=_("environment"), what=what, remedy=remedy)])


def _fixed_parameters(values: dict[str, str], *, keeps_nothing: bool) -> dict[str, object]:
    # Smart encoding would change our words behind our back; we have already chosen them.
    fixed: dict[str, object] = {"smart_encoded": False}
    if values.get("messaging_service_sid"):
        fixed["messaging_service_sid"] = values["messaging_service_sid"]
    if values.get("from"):
        fixed["from_"] = values["from"]
    if keeps_nothing:
        fixed |= {"content_retention": "discard", "address_retention": "obfuscate"}
    return fixed


def _is_ours(message: Any, envelope: Envelope, earliest: datetime) -> bool:
    """Compare what the filter cannot: the exact number, the moment, the text, and who sent it."""
    if message.to != envelope.to or not str(message.direction or "outbound").startswith("outbound"):
        return False
    if isinstance(message.date_created, datetime) and message.date_created < earliest:
        return False
    # A trial account puts its own sentence in front.
    return str(message.body or "").endswith(unicodedata.normalize("NFC", envelope.body))


def _found(envelope: Envelope, message: Any) -> Result:
    word = str(message.status or "")
    code = str(message.error_code or "")
    status = twilio_codes.ledger_status(word, code)
    return Result(
        key=envelope.key,
        kind="accepted",
        status=status or "sending",
        provider_id=message.sid,
        code=code,
        error_class=twilio_codes.read(code).error_class if code else "",
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


def _refusal(envelope: Envelope, refusal: HttpRefused) -> Result:
    """Decide what an error status says about this message."""
    code = refusal.code or ("20429" if refusal.status == 429 else "")
    known = twilio_codes.CODES.get(code)
    detail = f"HTTP {refusal.status}" + (f": {known.name}" if known else "")
    if (known is None or known.error_class == "ambiguous") and (
        refusal.status >= 500 or refusal.status == 408
    ):
        # The front door failed, perhaps after the room behind it had taken the message.
        code = code or f"http-{refusal.status}"
        return _unknown(envelope, code, detail, retry_after=refusal.retry_after_seconds)
    if known is None:
        return _unlisted(envelope, refusal, code)
    wait = refusal.retry_after_seconds
    return Result(
        key=envelope.key,
        kind="later" if known.again else "refused",
        code=code,
        error_class=known.error_class,
        detail=detail,
        retry_after_seconds=known.retry_after_seconds if wait is None and known.again else wait,
    )


def _unlisted(envelope: Envelope, refusal: HttpRefused, code: str) -> Result:
    """Below 500 nothing was taken; without a known code, only the status tells whose fault it may be."""
    is_ours_to_fix = refusal.status < 400 or refusal.status in {401, 403, 404, 405}
    return Result(
        key=envelope.key,
        kind="later",
        code=code or f"http-{refusal.status}",
        error_class="config" if is_ours_to_fix and not code else "",
        detail=f"HTTP {refusal.status}",
        retry_after_seconds=refusal.retry_after_seconds,
    )


def _no_answer(envelope: Envelope, error: Exception) -> Result:
    name = type(error).__name__
    if certainly_not_sent(error):
        return _later(envelope, "connect", detail=f"no connection: {name}")
    return _unknown(envelope, "no-answer", f"no answer: {name}")


def _later(envelope: Envelope, code: str, *, detail: str, retry_after: float | None = None) -> Result:
    return Result(
        key=envelope.key,
        kind="later",
        code=code,
        error_class="temporary",
        detail=detail,
        retry_after_seconds=retry_after,
    )


def _unknown(envelope: Envelope, code: str, detail: str, *, retry_after: float | None = None) -> Result:
    return Result(
        key=envelope.key,
        kind="unknown",
        code=code,
        error_class="ambiguous",
        detail=detail,
        retry_after_seconds=retry_after,
    )


def _not_found(envelope: Envelope) -> Result:
    return Result(key=envelope.key, kind="refused", code="not-found", detail="the provider does not have it")
