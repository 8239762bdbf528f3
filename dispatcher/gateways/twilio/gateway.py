"""SMS through Twilio, or any server that speaks its REST API."""

from __future__ import annotations

import asyncio
import logging
import unicodedata
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from twilio.rest import Client

from dispatcher import failpoints
from dispatcher.clock import monotonic
from dispatcher.errors import ConfigurationError
from dispatcher.gateways import (
    SENDING_STOPPED,
    Capabilities,
    Envelope,
    GatewayOptions,
    Result,
    SendingStopped,
    SendPermit,
)
from dispatcher.gateways.adaptive_concurrency import AdaptiveConcurrencyLimit
from dispatcher.gateways.batch_circuit_breaker import BatchCircuitBreaker
from dispatcher.gateways.provider import InboundText, ListedText
from dispatcher.gateways.twilio import message_list, responses
from dispatcher.gateways.twilio.http_client import (
    HttpStatusError,
    TwilioHttpClient,
    confirm_write,
    write_deadline,
)
from dispatcher.gateways.twilio.webhooks import CONNECTION_OVERRIDES
from dispatcher.i18n import _
from dispatcher.settings import is_loopback, problem

API_URL = "https://api.twilio.com"
RATE_PER_SECOND = 10.0  # Twilio's own default for an alphanumeric sender
CONCURRENCY = 64  # a REST account takes about 100 calls at once
TIMEOUT_SECONDS = 30.0
CONNECT_TIMEOUT_SECONDS = 10.0
PERMIT_SECONDS = 10.0  # a call that has leave and is not written by then is not made
THROTTLE_SECONDS = 0.5  # after "too many" without a Retry-After
LOCAL_WAIT_SECONDS_MAX = 5.0  # a longer Retry-After goes back to the ledger instead of being waited out here
VALIDITY_SECONDS_MAX = 36000
BATCH_MAX = 500
BATCH_MAX_WITHOUT_LOOKUP = 100  # what nobody can be asked about afterwards goes out in smaller numbers

log = logging.getLogger(__name__)


class TwilioGateway:
    """One account and one sender, made from the settings that stand in the package's `PROVIDER`.

    Optional values besides: `concurrency`, `timeout_seconds`. Where Twilio keeps neither text nor number
    (DISPATCHER_TWILIO_RETENTION), it cannot be asked about a message whose answer was lost.
    Raises ConfigurationError.
    """

    name = "twilio"

    def __init__(self, options: GatewayOptions) -> None:
        values = options.values
        sender = values.get("TWILIO_FROM") or options.sender
        _check(values, sender)
        base_url = values.get("DISPATCHER_TWILIO_BASE_URL") or API_URL
        self._retention = values.get("DISPATCHER_TWILIO_RETENTION") or "sensitive"
        keeps_nothing = self._retention == "discard"
        loopback = is_loopback(base_url)
        timeout = float(values.get("timeout_seconds") or TIMEOUT_SECONDS) * options.timeout_scale
        connect_timeout = min(timeout, CONNECT_TIMEOUT_SECONDS * options.timeout_scale)
        self._http = TwilioHttpClient(
            timeout_seconds=timeout, connect_timeout_seconds=connect_timeout, loopback=loopback
        )
        # An environment of its own: TWILIO_EDGE and TWILIO_REGION would silently rewrite the address.
        client = Client(
            values["TWILIO_ACCOUNT_SID"],
            values["TWILIO_AUTH_TOKEN"],
            http_client=self._http,
            environment={"": ""},
        )
        client.api.base_url = base_url.rstrip("/")
        self._messages = client.api.v2010.account.messages
        self._limit = AdaptiveConcurrencyLimit(
            start=16, max_limit=int(values.get("concurrency") or CONCURRENCY)
        )
        self._fixed_parameters = _fixed_parameters(values, sender)
        self._clock = options.clock
        self._blocked_until = (
            0.0  # by `clock.elapsed`, before which nobody calls: the provider asked for a rest
        )
        self.capabilities = Capabilities(
            channel="sms",
            rate_per_second=options.rate_per_second or RATE_PER_SECOND,
            batch_max=BATCH_MAX_WITHOUT_LOOKUP if keeps_nothing else BATCH_MAX,
            supports_lookup=not keeps_nothing,
            supports_receipts=True,
            confirms=True,
            loopback=loopback,
            permit_seconds=PERMIT_SECONDS * options.timeout_scale,
            response_timeout_seconds=timeout,
        )

    async def send(
        self, envelopes: Sequence[Envelope], *, acquire_permit: SendPermit | None = None
    ) -> Sequence[Result]:
        """Send all, as many at once as Twilio takes; one result an envelope, in the same order."""
        results: list[Result | None] = [None] * len(envelopes)
        queue = iter(enumerate(envelopes))
        breaker = BatchCircuitBreaker()

        async def work() -> None:
            for index, envelope in queue:
                results[index] = await self._send_one(envelope, acquire_permit, breaker)

        async with asyncio.TaskGroup() as workers:
            for _number in range(min(self._limit.max_limit, len(envelopes))):
                workers.create_task(work())
        return [result for result in results if result is not None]

    async def _send_one(
        self, envelope: Envelope, acquire_permit: SendPermit | None, breaker: BatchCircuitBreaker
    ) -> Result:
        epoch = await self._limit.acquire()
        try:
            if breaker.open_result is None:
                await self._wait_for_permit(acquire_permit, breaker)
            if breaker.open_result is not None:
                return replace(breaker.open_result, key=envelope.key)
            result = await self._create(envelope)
        finally:
            self._limit.release()
        failpoints.hit("answered")
        breaker.record(result)
        self._adapt(result, epoch)
        return result

    async def _wait_for_permit(self, acquire_permit: SendPermit | None, breaker: BatchCircuitBreaker) -> None:
        """Wait until Twilio and our own limiter let the next call go, or pull the brake."""
        wait = self._blocked_until - self._clock.monotonic()
        if wait > LOCAL_WAIT_SECONDS_MAX:
            breaker.trip("20429", "throttled", "asked to wait", retry_after=wait)
            return
        if wait > 0:
            await self._clock.sleep(wait)
        if acquire_permit is None:
            return
        try:
            await acquire_permit()
        except Exception as error:  # noqa: BLE001 - calls under way must get their answers, not be cancelled
            breaker.trip(SENDING_STOPPED, "transport", f"no leave to send: {type(error).__name__}")
        write_deadline.set(monotonic() + self.capabilities.permit_seconds)

    def _adapt(self, result: Result, epoch: int) -> None:
        """Let the answer move the number of places, and the moment of the next call."""
        if result.kind == "accepted":
            self._limit.on_success()
        elif result.code == "20429":
            self._limit.on_throttled(epoch)
            wait = THROTTLE_SECONDS if result.retry_after_seconds is None else result.retry_after_seconds
            self._blocked_until = max(self._blocked_until, self._clock.monotonic() + wait)
        elif result.is_unanswered:
            self._limit.on_throttled(epoch)

    async def _create(self, envelope: Envelope) -> Result:
        validity = max(1, min(VALIDITY_SECONDS_MAX, envelope.validity_seconds))
        parameters: dict[str, object] = {**self._fixed_parameters, "validity_period": validity}
        if self._is_forgotten(envelope):
            parameters |= {"content_retention": "discard", "address_retention": "obfuscate"}
        if envelope.callback_url:
            parameters["status_callback"] = envelope.callback_url + CONNECTION_OVERRIDES
        confirm_write.set(envelope.confirm)
        try:
            message = await self._messages.create_async(
                to=envelope.to, body=unicodedata.normalize("NFC", envelope.body), **parameters
            )
        except HttpStatusError as status_error:
            return responses.refused(envelope, status_error)
        except SendingStopped:
            return responses.stopped(envelope)
        except Exception as error:  # noqa: BLE001 - whatever it was, this message gets its answer
            return responses.no_answer(envelope, error)
        return responses.accepted(envelope, message)

    async def look_up(
        self, envelope: Envelope, *, since: datetime, provider_id: str = "", exclude: Collection[str] = ()
    ) -> Result:
        """Ask what became of `envelope`: by its id, else by number, time and text.

        Without a body, any text to this number from `since` on counts, except those `known` as other
        messages. A message may take a moment to appear in Twilio's list: ask a minute after the attempt, not
        at once.
        """
        try:
            return await self._find(envelope, since, provider_id, exclude)
        except HttpStatusError as status_error:
            if status_error.status == 404 and provider_id:
                return responses.not_found(envelope)
            detail = f"look-up refused: HTTP {status_error.status}"
            wait = status_error.retry_after_seconds
            return responses.unknown(envelope, status_error.code, detail, retry_after=wait)
        except Exception as error:  # noqa: BLE001 - a look-up never ends in an exception either
            return responses.unknown(envelope, "look-up", f"no answer: {type(error).__name__}")

    async def _find(
        self, envelope: Envelope, since: datetime, provider_id: str, exclude: Collection[str]
    ) -> Result:
        if provider_id:
            return responses.accepted(envelope, await self._messages(provider_id).fetch_async())
        if self._is_forgotten(envelope):
            detail = "the provider keeps neither text nor number"
            return responses.unknown(envelope, "retention", detail)
        message, complete = await message_list.find_message(self._messages, envelope, since, exclude)
        if message is not None:
            return responses.accepted(envelope, message)
        if not complete:
            return responses.unknown(envelope, "look-up", "too many to look through")
        return responses.not_found(envelope)

    def _is_forgotten(self, envelope: Envelope) -> bool:
        """Return whether Twilio is told to keep neither text nor number."""
        return self._retention == "discard" or (self._retention == "sensitive" and envelope.sensitive)

    async def inbound_since(self, since: datetime) -> Sequence[InboundText]:
        """Return the texts that came in from `since` on; by our number where there is one, else all."""
        sender = str(self._fixed_parameters.get("from_", ""))
        by_number = sender.startswith("+") and "messaging_service_sid" not in self._fixed_parameters
        return await message_list.inbound_texts(
            self._messages, since, **({"to": sender} if by_number else {})
        )

    @property
    def senders(self) -> frozenset[str]:
        """Whom our texts come from."""
        named = (self._fixed_parameters.get(name) for name in ("messaging_service_sid", "from_"))
        return frozenset(str(one) for one in named if one)

    def outbound_since(self, since: datetime) -> AsyncIterator[Sequence[ListedText]]:
        """Give what the account has sent from `since` on, whoever of its programs did, a page at a time."""
        return message_list.outbound_pages(self._messages, since, self._clock)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()


def _check(values: Mapping[str, Any], sender: str) -> None:
    missing = [name for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN") if not values.get(name)]
    if not values.get("TWILIO_MESSAGING_SERVICE_SID") and not sender:
        missing.append("TWILIO_FROM")
    if missing:
        what = _("the SMS gateway twilio lacks {names}", names=", ".join(missing))
        remedy = _(
            "Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM."
        )
        raise ConfigurationError([problem(missing[0], what, remedy)])


def _fixed_parameters(values: Mapping[str, Any], sender: str) -> dict[str, object]:
    # Smart encoding would change our words behind our back; we have already chosen them.
    fixed: dict[str, object] = {"smart_encoded": False}
    if values.get("TWILIO_MESSAGING_SERVICE_SID"):
        fixed["messaging_service_sid"] = values["TWILIO_MESSAGING_SERVICE_SID"]
    if sender:
        fixed["from_"] = sender
    return fixed
