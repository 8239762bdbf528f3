"""SMS through Twilio, or any server that speaks its REST API."""

from __future__ import annotations

import asyncio
import logging
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from twilio.rest import Client

from dispatcher import faults
from dispatcher.clock import elapsed
from dispatcher.errors import ConfigurationBroken, Problem
from dispatcher.gateways import (
    NOT_NOW,
    Envelope,
    GatewayOptions,
    NotNow,
    Pace,
    Result,
    Traits,
    twilio_results,
)
from dispatcher.gateways.concurrency import AdaptiveLimit
from dispatcher.gateways.twilio_brake import Brake
from dispatcher.gateways.twilio_http import HttpClient, HttpRefused, may_write_until
from dispatcher.gateways.twilio_search import search
from dispatcher.i18n import _
from dispatcher.settings import is_loopback

API = "https://api.twilio.com"
RATE_PER_SECOND = 10.0  # Twilio's own default for an alphanumeric sender
CONCURRENCY = 64  # a REST account takes about 100 calls at once
TIMEOUT_SECONDS = 30.0
CONNECT_SECONDS = 10.0
LEAVE_SECONDS = 10.0  # a call that has leave and is not written by then is not made
REST_SECONDS = 0.5  # after "too many" without a Retry-After
HOLD_SECONDS_MAX = 5.0  # a longer Retry-After goes back to the ledger instead of being waited out here
VALIDITY_SECONDS_MAX = 36000
BODY_LENGTH_MAX = 1600
BATCH_MAX = 500
BATCH_MAX_UNASKABLE = 100  # what nobody can be asked about afterwards goes out in smaller numbers

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
        timeout = float(values.get("timeout_seconds") or TIMEOUT_SECONDS) * options.patience
        connecting = min(timeout, CONNECT_SECONDS * options.patience)
        self._http = HttpClient(
            timeout_seconds=timeout, connect_timeout_seconds=connecting, loopback=loopback
        )
        # An environment of its own: TWILIO_EDGE and TWILIO_REGION would silently rewrite the address.
        client = Client(
            values["account_sid"], values["auth_token"], http_client=self._http, environment={"": ""}
        )
        client.api.base_url = base_url.rstrip("/")
        self._messages = client.api.v2010.account.messages
        self._limit = AdaptiveLimit(start=16, ceiling=int(values.get("concurrency") or CONCURRENCY))
        self._fixed = _fixed_parameters(values, keeps_nothing=self._keeps_nothing)
        self._clock = options.clock
        self._hold_until = 0.0  # by `clock.elapsed`, before which nobody calls: the provider asked for a rest
        self.traits = Traits(
            channel="sms",
            rate_per_second=options.rate_per_second or RATE_PER_SECOND,
            batch_max=BATCH_MAX_UNASKABLE if self._keeps_nothing else BATCH_MAX,
            can_be_asked=not self._keeps_nothing,
            has_receipts=True,
            body_length_max=BODY_LENGTH_MAX,
            loopback=loopback,
            leave_seconds=LEAVE_SECONDS * options.patience,
            answer_seconds=timeout,
        )

    async def send(self, envelopes: Sequence[Envelope], *, pace: Pace | None = None) -> Sequence[Result]:
        """Send all, as many at once as Twilio takes; one result an envelope, in the same order."""
        results: list[Result | None] = [None] * len(envelopes)
        turns = iter(enumerate(envelopes))
        brake = Brake()

        async def work() -> None:
            for at, envelope in turns:
                results[at] = await self._send_one(envelope, pace, brake)

        async with asyncio.TaskGroup() as workers:
            for _number in range(min(self._limit.ceiling, len(envelopes))):
                workers.create_task(work())
        return [result for result in results if result is not None]

    async def _send_one(self, envelope: Envelope, pace: Pace | None, brake: Brake) -> Result:
        entered = await self._limit.enter()
        try:
            if brake.pulled is None:
                await self._wait_for_leave(pace, brake)
            if brake.pulled is not None:
                return replace(brake.pulled, key=envelope.key)
            result = await self._create(envelope)
        finally:
            self._limit.leave()
        faults.point("answered")
        brake.learn(result)
        self._learn(result, entered)
        return result

    async def _wait_for_leave(self, pace: Pace | None, brake: Brake) -> None:
        """Wait until Twilio and our own limiter let the next call go, or pull the brake."""
        wait = self._hold_until - self._clock.elapsed()
        if wait > HOLD_SECONDS_MAX:
            brake.pull("20429", "throttled", "asked to wait", retry_after=wait)
            return
        if wait > 0:
            await self._clock.pause(wait)
        if pace is None:
            return
        try:
            await pace()
        except Exception as error:  # noqa: BLE001 - calls under way must get their answers, not be cancelled
            brake.pull(NOT_NOW, "transport", f"no leave to send: {type(error).__name__}")
        may_write_until.set(elapsed() + self.traits.leave_seconds)

    def _learn(self, result: Result, entered: int) -> None:
        """Let the answer move the number of places, and the moment of the next call."""
        if result.kind == "accepted":
            self._limit.went_well()
        elif result.code == "20429":
            self._limit.too_many(entered)
            wait = REST_SECONDS if result.retry_after_seconds is None else result.retry_after_seconds
            self._hold_until = max(self._hold_until, self._clock.elapsed() + wait)
        elif result.kind == "unknown" or result.code == "connect":
            self._limit.too_many(entered)

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
            return twilio_results.refusal(envelope, refusal)
        except NotNow:
            return twilio_results.not_now(envelope)
        except Exception as error:  # noqa: BLE001 - whatever it was, this message gets its answer
            return twilio_results.no_answer(envelope, error)
        if not message.sid:
            return twilio_results.unknown(envelope, "answer", "the answer names no message")
        return twilio_results.found(envelope, message)

    async def look_up(
        self, envelope: Envelope, *, since: datetime, provider_id: str = "", known: Collection[str] = ()
    ) -> Result:
        """Ask what became of `envelope`: by its id, else by number, time and text.

        Without a body, any text to this number from `since` on counts, except those `known` as other
        messages. A message may take a moment to appear in Twilio's list: ask a minute after the attempt, not
        at once.
        """
        try:
            return await self._ask(envelope, since, provider_id, known)
        except HttpRefused as refusal:
            if refusal.status == 404 and provider_id:
                return twilio_results.not_found(envelope)
            detail = f"look-up refused: HTTP {refusal.status}"
            wait = refusal.retry_after_seconds
            return twilio_results.unknown(envelope, refusal.code, detail, retry_after=wait)
        except Exception as error:  # noqa: BLE001 - a look-up never ends in an exception either
            return twilio_results.unknown(envelope, "look-up", f"no answer: {type(error).__name__}")

    async def _ask(
        self, envelope: Envelope, since: datetime, provider_id: str, known: Collection[str]
    ) -> Result:
        if provider_id:
            return twilio_results.found(envelope, await self._messages(provider_id).fetch_async())
        if self._keeps_nothing:
            detail = "the provider keeps neither text nor number"
            return twilio_results.unknown(envelope, "retention", detail)
        message, complete = await search(self._messages, envelope, since, known)
        if message is not None:
            return twilio_results.found(envelope, message)
        if not complete:
            return twilio_results.unknown(envelope, "look-up", "too many to look through")
        return twilio_results.not_found(envelope)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()


def _check(values: dict[str, str]) -> None:
    if values.get("retention", "") not in {"", "discard"}:
        what = _("retention is {value}, which the gateway twilio does not know", value=values["retention"])
        remedy = _("Leave it empty, or write discard.")
        raise ConfigurationBroken([Problem(file=_("environment"), what=what, remedy=remedy)])
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
