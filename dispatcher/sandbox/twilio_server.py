"""A Twilio-compatible messaging API on loopback: create, fetch, list, signed callbacks, replies of phones.

It validates as strictly as the real one, fails on demand (see `failures`), writes every accepted message
to its log before it answers, and lets receipts come on its own `VirtualClock`.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain, islice
from json.encoder import encode_basestring
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from dispatcher.sandbox import callbacks, failures, provider_log, twilio_responses
from dispatcher.sandbox.http_server import HTML, Request, ResponseSlot
from dispatcher.sandbox.twilio_message import TwilioMessage, from_timestamp, matches_filter
from dispatcher.sandbox.twilio_requests import ApiError, parse_create, parse_int, read_form
from dispatcher.sandbox.virtual_clock import VirtualClock

ACCOUNT_SID = "AC" + "5a" * 16
SERVICE_SID = "MG" + "5b" * 16

PAGE_SIZE, PAGE_SIZE_MAX = 50, 1000
STATUS_RANK = {
    "accepted": 0,
    "queued": 1,
    "sending": 2,
    "sent": 3,
    "delivered": 4,
    "undelivered": 4,
    "failed": 4,
}
_UNAVAILABLE = (
    b"<html><head><title>503 Service Unavailable</title></head><body>No server is available.</body></html>"
)
_TWIML_MESSAGE = re.compile(r"<Message(?:\s[^>]*)?>(?:\s*<Body>)?([^<]*)")

_Answer = Callable[[], None]


class _CallbackPlan(NamedTuple):
    """How a message's statuses are told; kept until the last of them, not as long as the message."""

    url: str
    fault: str
    reports_done_date: bool


class TwilioServer:
    """The API's state and rules; `http_server` gives it requests."""

    def __init__(
        self,
        *,
        folder: Path,
        clock: VirtualClock,
        hooks: callbacks.CallbackSender,
        sampler: failures.FailureSampler,
        account_sid: str = ACCOUNT_SID,
        auth_token: str,
        inbound_url: str = "",
    ) -> None:
        self.clock = clock
        self.webhook_sender = hooks
        self.sampler = sampler
        self.account_sid = account_sid
        self.inbound_url = inbound_url
        self.lines = provider_log.AppendOnlyFile(folder / provider_log.SMS_FILE)
        self.inbound_lines = provider_log.AppendOnlyFile(folder / provider_log.INBOUND_FILE)
        self.counts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._authorization = b"Basic " + b64encode(f"{account_sid}:{auth_token}".encode())
        self._account_path = f"{twilio_responses.API_PATH}/{account_sid}"
        self._messages_path = f"{self._account_path}/Messages.json"
        self._by_sid: dict[str, TwilioMessage] = {}
        self._by_to: dict[str, list[TwilioMessage]] = {}
        self._attempts: defaultdict[str, int] = defaultdict(int)
        self._replies: defaultdict[str, list[provider_log.LoggedInbound]] = defaultdict(list)
        self._restore(folder)

    # --- the API

    def handle(self, request: Request, slot: ResponseSlot) -> None:
        """Answer one request below /2010-04-01."""
        try:
            if request.headers.get(b"authorization") != self._authorization:
                raise ApiError(401, 20003)
            if request.path == self._messages_path and request.method == "POST":
                self._create(read_form(request.body), slot)
            elif request.path == self._messages_path and request.method == "GET":
                slot.respond_json(200, self._list(dict(parse_qsl(request.query, keep_blank_values=True))))
            elif request.path == f"{self._account_path}.json" and request.method == "GET":
                slot.respond_json(
                    200, {"sid": self.account_sid, "friendly_name": "sandbox", "status": "active"}
                )
            else:
                slot.respond_json(200, self._fetch(request))
        except ApiError as refusal:
            self.refused[str(refusal.code)] += 1
            slot.respond(refusal.status, refusal.body)

    def _create(self, form: dict[str, str], slot: ResponseSlot) -> None:
        to, sender, body, callback, validity = parse_create(form)
        self._attempts[to] += 1
        n = self._attempts[to]
        draw = self.sampler.sample_text(to, n)
        outcome = failures.TEXT_OUTCOMES[draw.outcome]
        if not outcome.creates:
            self._refuse(draw.outcome, outcome, to, slot)
            return
        now = self.clock.now()
        sid = "SM" + token_hex(16)
        parts = twilio_responses.count_segments(body)
        line = provider_log.text_line(
            at=provider_log.format_time(now), sid=sid, to=to, sender=sender, body=body, callback=callback,
            validity=validity, outcome=draw.outcome, parts=parts, n=n,
        )  # fmt: skip
        status = "accepted" if sender.startswith("MG") else "queued"
        created = now.timestamp()
        offset = self.lines.append(line)
        message = TwilioMessage(sid, to, sender, status, created, offset, len(line))
        self._store(message)
        self.counts["sms"] += 1
        if (
            outcome.response_mode != "at-once" or draw.callback_fault == "early"
        ):  # the usual answer brings its own flush
            self.flush()
        respond = partial(self._respond_created, slot, outcome, message, body, parts)
        callback_plan = _CallbackPlan(callback, draw.callback_fault, draw.reports_done_date)
        self._schedule_statuses(message, draw, callback_plan, respond)

    def _respond_created(
        self, slot: ResponseSlot, outcome: failures.TextOutcome, message: TwilioMessage, body: str, parts: int
    ) -> None:
        if outcome.response_mode == "drop":
            slot.hang_up()
        elif outcome.response_mode == "error":
            slot.respond(500, twilio_responses.error_body(500, 20500))
        elif outcome.response_mode != "never":
            text = self._created_body(message, body, parts)
            if outcome.response_mode == "slow":
                wait = self.sampler.failures.slow_seconds
                asyncio.get_running_loop().call_later(wait, slot.respond, 201, text)
            else:
                slot.respond(201, text)

    def _created_body(self, message: TwilioMessage, body: str, parts: int) -> bytes:
        """Make the answer to a create by hand; `twilio_responses` has the same, more slowly."""
        when = twilio_responses.format_date(int(message.created))
        by_service = message.sender.startswith("MG")
        sender = encode_basestring(message.sender)
        uri = f"{twilio_responses.API_PATH}/{self.account_sid}/Messages/{message.sid}"
        return (
            f'{{"account_sid":"{self.account_sid}","api_version":"2010-04-01","body":{encode_basestring(body)},'
            f'"date_created":"{when}","date_sent":null,"date_updated":"{when}","direction":"outbound-api",'
            f'"error_code":null,"error_message":null,"from":{"null" if by_service else sender},'
            f'"messaging_service_sid":{sender if by_service else "null"},"num_media":"0",'
            f'"num_segments":"{0 if by_service else parts}","price":null,"price_unit":"USD",'
            f'"sid":"{message.sid}","status":"{message.status}","subresource_uris":{{"media":"{uri}/Media.json"}},'
            f'"tags":null,"to":"{message.to}","uri":"{uri}.json"}}'
        ).encode("utf-8", "replace")

    def _refuse(self, name: str, outcome: failures.TextOutcome, to: str, slot: ResponseSlot) -> None:
        self.refused[str(outcome.error_code) if outcome.error_code else name] += 1
        if outcome.response_mode == "drop":
            slot.hang_up()
        elif outcome.http_status == 503:
            slot.respond(503, _UNAVAILABLE, HTML)
        else:
            headers = [("Retry-After", str(self.sampler.failures.retry_after_seconds))]
            body = twilio_responses.error_body(outcome.http_status, outcome.error_code, to=to)
            slot.respond(outcome.http_status, body, headers=headers if outcome.http_status == 429 else ())

    def _fetch(self, request: Request) -> dict[str, Any]:
        sid = request.path.removeprefix(f"{self._account_path}/Messages/").removesuffix(".json")
        message = self._by_sid.get(sid)
        if message is None or request.method != "GET":
            raise ApiError(404, 20404, path=request.path)
        return self._resource(message)

    def _resource(self, message: TwilioMessage) -> dict[str, Any]:
        kept = self.lines.read_at(message.offset, message.length)
        return twilio_responses.message_resource(
            account=self.account_sid, sid=message.sid, to=message.to, sender=message.sender,
            body=kept["body"], status=message.status, created=message.created, sent=message.sent,
            updated=message.updated, code=message.code, parts=kept["parts"],
        )  # fmt: skip

    def _list(self, query: dict[str, str]) -> dict[str, Any]:
        size = min(PAGE_SIZE_MAX, max(1, parse_int(query.get("PageSize", ""), PAGE_SIZE)))
        page = parse_int(query.get("Page", ""), 0)
        known = self._by_to.get(query["To"], []) if "To" in query else self._by_sid.values()
        ours = (message for message in reversed(known) if matches_filter(message, query))
        matching = chain(self._inbound_resources(query), ours)
        page_items = [  # only what is on the page is read from disk
            self._resource(one) if isinstance(one, TwilioMessage) else one
            for one in islice(matching, page * size, (page + 1) * size)
        ]

        def uri(number: int) -> str:
            filters = {name: value for name, value in query.items() if name not in {"Page", "PageToken"}}
            return f"{self._messages_path}?{urlencode({**filters, 'PageSize': size, 'Page': number})}"

        return {
            "messages": page_items,
            "first_page_uri": uri(0),
            "next_page_uri": uri(page + 1) if next(matching, None) else None,
            "previous_page_uri": uri(page - 1) if page else None,
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": max(0, page * size + len(page_items) - 1),
            "uri": uri(page),
        }

    def _inbound_resources(self, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        """Yield what phones have sent us, the newest first, as far as the filters ask for it."""
        texts = [text for replies in self._replies.values() for text in replies if not text.reply]
        for text in sorted(texts, key=lambda one: one.at, reverse=True):
            message = TwilioMessage(
                text.sid, self._our_number(text.phone), text.phone, "received", text.at.timestamp(), 0, 0
            )
            if query.get("To", message.to) == message.to and matches_filter(message, query):
                yield twilio_responses.message_resource(
                    account=self.account_sid, sid=text.sid, to=message.to, sender=text.phone, body=text.body,
                    status="received", created=message.created, sent=message.created,
                    updated=message.created, code=0, parts=twilio_responses.count_segments(text.body),
                ) | {"direction": "inbound"}  # fmt: skip

    def _our_number(self, phone: str) -> str:
        """Return what a phone answers to: who wrote to it last."""
        known = self._by_to.get(phone)
        return known[-1].sender if known else SERVICE_SID

    # --- what happens to a message afterwards

    def _schedule_statuses(
        self, message: TwilioMessage, draw: failures.Draw, callback_plan: _CallbackPlan, answer: _Answer
    ) -> None:
        """Put the statuses to come on the timeline, and answer: at once, or after an early callback."""
        outcome = failures.TEXT_OUTCOMES[draw.outcome]
        sent_at = message.created + draw.sent_after
        steps: list[tuple[float, str, int]] = []
        if self.sampler.failures.every_status:
            waits = draw.sent_after / 3
            steps += [(message.created + waits, "queued", 0), (message.created + 2 * waits, "sending", 0)]
        if outcome.final_status != "failed":
            steps.append((sent_at, "sent", 0))
        if outcome.final_status != "sent":
            steps.append((sent_at + draw.receipt_after, outcome.final_status, outcome.final_code))
        if draw.callback_fault == "contradicted":
            steps.append((sent_at + 2 * draw.receipt_after, "undelivered", 30008))
        if draw.callback_fault == "shuffled":
            times = [due for due, _, _ in steps]
            steps = [(due, *step[1:]) for due, step in zip(times, reversed(steps), strict=True)]
        if callback_plan.fault == "early" and callback_plan.url:
            _, status, code = steps.pop(0)
            self._apply_status(message, callback_plan, status, code, answer)
        else:
            answer()
        for due, status, code in steps:
            self.clock.call_at(due, partial(self._apply_status, message, callback_plan, status, code))

    def _apply_status(
        self,
        message: TwilioMessage,
        callback_plan: _CallbackPlan,
        status: str,
        code: int,
        then: _Answer | None = None,
    ) -> None:
        now = self.clock.now()
        if STATUS_RANK[status] > STATUS_RANK[message.status]:
            message.status = status
            message.code = code
            message.updated = now.timestamp()
        if message.sent is None and STATUS_RANK[status] >= STATUS_RANK["sent"] and status != "failed":
            message.sent = now.timestamp()
        if not callback_plan.url:
            return
        if callback_plan.fault == "lost":
            self.counts["callbacks_lost"] += 1
            return
        fields = self._callback_fields(
            message, status, code, now if callback_plan.reports_done_date else None
        )
        done = partial(self._on_callback_result, then)
        for _ in range(2 if callback_plan.fault == "doubled" else 1):
            self.webhook_sender.post(callback_plan.url, fields, ordering_key=message.offset, on_result=done)

    def _callback_fields(
        self, message: TwilioMessage, status: str, code: int, done_at: datetime | None
    ) -> Sequence[tuple[str, str]]:
        """List the fields of a status callback, sorted by name."""
        fields = [("AccountSid", self.account_sid), ("ApiVersion", "2010-04-01")]
        if code:
            fields.append(("ErrorCode", str(code)))
        if message.sender.startswith("MG"):
            fields += [("MessageSid", message.sid), ("MessageStatus", status)]
            fields.append(("MessagingServiceSid", message.sender))
        else:
            fields += [("From", message.sender), ("MessageSid", message.sid), ("MessageStatus", status)]
        if done_at is not None and status in {"delivered", "undelivered"}:
            fields.append(("RawDlrDoneDate", f"{done_at:%y%m%d%H%M}"))
        return [*fields, ("SmsSid", message.sid), ("SmsStatus", status), ("To", message.to)]

    def _on_callback_result(self, then: _Answer | None, status: int, _: bytes) -> None:
        self.counts["callbacks_delivered" if 200 <= status < 300 else "callbacks_failed"] += 1
        if then is not None:
            then()

    # --- phones that answer

    def send_inbound(self, phone: str, body: str, on_result: callbacks.ResultCallback) -> str:
        """Send us `body` from `phone`; calls `on_result` with our webhook's answer. Return the SID."""
        sid = "SM" + token_hex(16)
        sender = self._our_number(phone)
        self._log_inbound(provider_log.LoggedInbound(at=self.clock.now(), sid=sid, phone=phone, body=body))
        fields = {
            "AccountSid": self.account_sid, "ApiVersion": "2010-04-01", "Body": body, "From": phone,
            "FromCountry": "VN", "MessageSid": sid, "NumMedia": "0",
            "NumSegments": str(twilio_responses.count_segments(body)), "SmsMessageSid": sid, "SmsSid": sid,
            "SmsStatus": "received", "To": sender,
        }  # fmt: skip
        if sender.startswith("MG"):
            fields["MessagingServiceSid"] = sender
        answered = partial(self._on_inbound_result, phone, on_result)
        self.webhook_sender.post(self.inbound_url, sorted(fields.items()), ordering_key=0, on_result=answered)
        return sid

    def _on_inbound_result(
        self, phone: str, done: callbacks.ResultCallback, status: int, body: bytes
    ) -> None:
        for text in _TWIML_MESSAGE.findall(body.decode("utf-8", "replace")):
            sid = "SM" + token_hex(16)
            now = self.clock.now()
            self._log_inbound(
                provider_log.LoggedInbound(at=now, sid=sid, phone=phone, body=text.strip(), reply=True)
            )
        done(status, body)

    def _log_inbound(self, text: provider_log.LoggedInbound) -> None:
        self.counts["inbound"] += not text.reply
        self._replies[text.phone].append(text)
        values = {name: getattr(text, name) for name in text.__dataclass_fields__}
        self.inbound_lines.append(provider_log.json_line({**values, "at": provider_log.format_time(text.at)}))
        self.inbound_lines.flush()

    def conversation(self, phone: str) -> list[dict[str, Any]]:
        """List what went to and fro with `phone`, oldest first: at, direction, body, status, sid, code."""
        ours = [
            {"at": kept["at"], "direction": "to-phone", "body": kept["body"], "sid": message.sid,
             "status": message.status, "code": message.code, "parts": kept["parts"]}
            for message in self._by_to.get(phone, [])
            for kept in (self.lines.read_at(message.offset, message.length),)
        ]  # fmt: skip
        theirs = [
            {"at": provider_log.format_time(text.at), "direction": "to-phone" if text.reply else "from-phone",
             "body": text.body, "sid": text.sid, "status": "received", "code": 0, "parts": 1}
            for text in self._replies[phone]
        ]  # fmt: skip
        return sorted(ours + theirs, key=lambda row: str(row["at"]))

    def phones(self) -> list[dict[str, Any]]:
        """List the phones that got something, latest first: to, messages, last_at."""
        rows = [
            {
                "to": to,
                "messages": len(known),
                "last_at": provider_log.format_time(from_timestamp(known[-1].created)),
            }
            for to, known in self._by_to.items()
        ]
        return sorted(rows, key=lambda row: str(row["last_at"]), reverse=True)

    # --- keeping

    def flush(self) -> None:
        """Write the log; called before any answer leaves."""
        self.lines.flush()

    def close(self) -> None:
        """Close the files."""
        self.lines.close()
        self.inbound_lines.close()

    def _store(self, message: TwilioMessage) -> None:
        self._by_sid[message.sid] = message
        known = self._by_to.get(message.to)
        if known is None:
            self._by_to[message.to] = [message]
        else:
            message.to = known[0].to  # one string for all messages to this number
            known.append(message)

    def _restore(self, folder: Path) -> None:
        """Take over what an earlier run of this sandbox accepted; its receipts are taken as done."""
        offset = 0
        with (folder / provider_log.SMS_FILE).open("rb") as file:
            for text, values in zip(
                file, provider_log.read_lines(folder / provider_log.SMS_FILE), strict=False
            ):
                outcome = failures.TEXT_OUTCOMES.get(values["outcome"], failures.TEXT_OUTCOMES["delivered"])
                created = datetime.fromisoformat(values["at"]).timestamp()
                to, sender, sid = values["to"], values["sender"], values["sid"]
                message = TwilioMessage(sid, to, sender, outcome.final_status, created, offset, len(text))
                message.code = outcome.final_code
                message.sent = created
                self._store(message)
                self._attempts[to] = max(self._attempts[to], values["n"])
                self.counts["sms"] += 1
                offset += len(text)
        for heard in provider_log.read_inbound(folder):
            self._replies[heard.phone].append(heard)
