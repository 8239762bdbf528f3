"""A Twilio-compatible messaging API on loopback: create, fetch, list, signed callbacks, replies of phones.

It validates as strictly as the real one, fails on demand (see `failures`), writes every accepted message
to its log before it answers, and lets receipts come on its own `Timeline`.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from json.encoder import encode_basestring
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from dispatcher.sandbox import failures, log, twilio_answers, webhooks
from dispatcher.sandbox.http_server import HTML, Request, Slot
from dispatcher.sandbox.timeline import Timeline
from dispatcher.sandbox.twilio_message import Message, matches, moment
from dispatcher.sandbox.twilio_requests import Refused, number, read_form, validated

ACCOUNT_SID = "AC" + "5a" * 16
AUTH_TOKEN = "sandbox-auth-token"  # noqa: S105 - opens nothing but this sandbox
SERVICE_SID = "MG" + "5b" * 16

PAGE_SIZE, PAGE_SIZE_MAX = 50, 1000
RANK = {"accepted": 0, "queued": 1, "sending": 2, "sent": 3, "delivered": 4, "undelivered": 4, "failed": 4}
_UNAVAILABLE = (
    b"<html><head><title>503 Service Unavailable</title></head><body>No server is available.</body></html>"
)
_TWIML_MESSAGE = re.compile(r"<Message(?:\s[^>]*)?>(?:\s*<Body>)?([^<]*)")

_Answer = Callable[[], None]


class _Telling(NamedTuple):
    """How a message's statuses are told; kept until the last of them, not as long as the message."""

    callback: str
    mischief: str
    says_when_done: bool


class TwilioServer:
    """The API's state and rules; `http_server` gives it requests."""

    def __init__(
        self,
        *,
        folder: Path,
        timeline: Timeline,
        hooks: webhooks.Webhooks,
        dice: failures.Dice,
        account_sid: str = ACCOUNT_SID,
        auth_token: str = AUTH_TOKEN,
        inbound_url: str = "",
    ) -> None:
        self.timeline = timeline
        self.hooks = hooks
        self.dice = dice
        self.account_sid = account_sid
        self.inbound_url = inbound_url
        self.lines = log.Lines(folder / log.SMS_FILE)
        self.inbound_lines = log.Lines(folder / log.INBOUND_FILE)
        self.counts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._authorization = b"Basic " + b64encode(f"{account_sid}:{auth_token}".encode())
        self._account_path = f"{twilio_answers.API}/{account_sid}"
        self._messages_path = f"{self._account_path}/Messages.json"
        self._by_sid: dict[str, Message] = {}
        self._by_to: dict[str, list[Message]] = {}
        self._tries: defaultdict[str, int] = defaultdict(int)
        self._replies: defaultdict[str, list[log.Inbound]] = defaultdict(list)
        self._remember(folder)

    # --- the API

    def handle(self, request: Request, slot: Slot) -> None:
        """Answer one request below /2010-04-01."""
        try:
            if request.headers.get(b"authorization") != self._authorization:
                raise Refused(401, 20003)
            if request.path == self._messages_path and request.method == "POST":
                self._create(read_form(request.body), slot)
            elif request.path == self._messages_path and request.method == "GET":
                slot.answer_json(200, self._list(dict(parse_qsl(request.query, keep_blank_values=True))))
            elif request.path == f"{self._account_path}.json" and request.method == "GET":
                slot.answer_json(
                    200, {"sid": self.account_sid, "friendly_name": "sandbox", "status": "active"}
                )
            else:
                slot.answer_json(200, self._fetch(request))
        except Refused as refusal:
            self.refused[str(refusal.code)] += 1
            slot.answer(refusal.status, refusal.body)

    def _create(self, form: dict[str, str], slot: Slot) -> None:
        to, sender, body, callback, validity = validated(form)
        self._tries[to] += 1
        n = self._tries[to]
        draw = self.dice.sms(to, n)
        outcome = failures.OUTCOMES[draw.outcome]
        if not outcome.creates:
            self._refuse(draw.outcome, outcome, to, slot)
            return
        now = self.timeline.now()
        sid = "SM" + token_hex(16)
        parts = twilio_answers.segments(body)
        line = log.sms_line(
            at=log.written(now), sid=sid, to=to, sender=sender, body=body, callback=callback,
            validity=validity, outcome=draw.outcome, parts=parts, n=n,
        )  # fmt: skip
        status = "accepted" if sender.startswith("MG") else "queued"
        created = now.timestamp()
        place = self.lines.append(line)
        message = Message(sid, to, sender, status, created, place, len(line))
        self._keep(message)
        self.counts["sms"] += 1
        if outcome.manner != "at-once" or draw.mischief == "early":  # the usual answer brings its own flush
            self.flush()
        answer = partial(self._answer, slot, outcome, message, body, parts)
        telling = _Telling(callback, draw.mischief, draw.says_when_done)
        self._plan(message, draw, telling, answer)

    def _answer(self, slot: Slot, outcome: failures.Outcome, message: Message, body: str, parts: int) -> None:
        if outcome.manner == "drop":
            slot.drop()
        elif outcome.manner == "error":
            slot.answer(500, twilio_answers.error(500, 20500))
        elif outcome.manner != "never":
            text = self._created_text(message, body, parts)
            if outcome.manner == "slow":
                wait = self.dice.failures.slow_seconds
                asyncio.get_running_loop().call_later(wait, slot.answer, 201, text)
            else:
                slot.answer(201, text)

    def _created_text(self, message: Message, body: str, parts: int) -> bytes:
        """Make the answer to a create by hand; `twilio_answers.message` says the same more slowly."""
        when = twilio_answers.date(int(message.created))
        by_service = message.sender.startswith("MG")
        sender = encode_basestring(message.sender)
        uri = f"{twilio_answers.API}/{self.account_sid}/Messages/{message.sid}"
        return (
            f'{{"account_sid":"{self.account_sid}","api_version":"2010-04-01","body":{encode_basestring(body)},'
            f'"date_created":"{when}","date_sent":null,"date_updated":"{when}","direction":"outbound-api",'
            f'"error_code":null,"error_message":null,"from":{"null" if by_service else sender},'
            f'"messaging_service_sid":{sender if by_service else "null"},"num_media":"0",'
            f'"num_segments":"{0 if by_service else parts}","price":null,"price_unit":"USD",'
            f'"sid":"{message.sid}","status":"{message.status}","subresource_uris":{{"media":"{uri}/Media.json"}},'
            f'"tags":null,"to":"{message.to}","uri":"{uri}.json"}}'
        ).encode("utf-8", "replace")

    def _refuse(self, name: str, outcome: failures.Outcome, to: str, slot: Slot) -> None:
        self.refused[str(outcome.code) if outcome.code else name] += 1
        if outcome.manner == "drop":
            slot.drop()
        elif outcome.http == 503:
            slot.answer(503, _UNAVAILABLE, HTML)
        else:
            headers = [("Retry-After", str(self.dice.failures.retry_after_seconds))]
            body = twilio_answers.error(outcome.http, outcome.code, to=to)
            slot.answer(outcome.http, body, headers=headers if outcome.http == 429 else ())

    def _fetch(self, request: Request) -> dict[str, Any]:
        sid = request.path.removeprefix(f"{self._account_path}/Messages/").removesuffix(".json")
        message = self._by_sid.get(sid)
        if message is None or request.method != "GET":
            raise Refused(404, 20404, path=request.path)
        return self._resource(message)

    def _resource(self, message: Message) -> dict[str, Any]:
        kept = self.lines.read_at(message.offset, message.length)
        return twilio_answers.message(
            account=self.account_sid, sid=message.sid, to=message.to, sender=message.sender,
            body=kept["body"], status=message.status, created=message.created, sent=message.sent,
            updated=message.updated, code=message.code, parts=kept["parts"],
        )  # fmt: skip

    def _list(self, query: dict[str, str]) -> dict[str, Any]:
        size = min(PAGE_SIZE_MAX, max(1, number(query.get("PageSize", ""), PAGE_SIZE)))
        page = number(query.get("Page", ""), 0)
        known = self._by_to.get(query["To"], []) if "To" in query else self._by_sid.values()
        found = (message for message in reversed(known) if matches(message, query))
        shown = list(islice(found, page * size, (page + 1) * size))

        def uri(number: int) -> str:
            filters = {name: value for name, value in query.items() if name not in {"Page", "PageToken"}}
            return f"{self._messages_path}?{urlencode({**filters, 'PageSize': size, 'Page': number})}"

        return {
            "messages": [self._resource(message) for message in shown],
            "first_page_uri": uri(0),
            "next_page_uri": uri(page + 1) if next(found, None) else None,
            "previous_page_uri": uri(page - 1) if page else None,
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": max(0, page * size + len(shown) - 1),
            "uri": uri(page),
        }

    # --- what happens to a message afterwards

    def _plan(self, message: Message, draw: failures.Draw, telling: _Telling, answer: _Answer) -> None:
        """Put the statuses to come on the timeline, and answer: at once, or after an early callback."""
        outcome = failures.OUTCOMES[draw.outcome]
        sent_at = message.created + draw.sent_after
        steps: list[tuple[float, str, int]] = []
        if self.dice.failures.every_status:
            waits = draw.sent_after / 3
            steps += [(message.created + waits, "queued", 0), (message.created + 2 * waits, "sending", 0)]
        if outcome.fate != "failed":
            steps.append((sent_at, "sent", 0))
        if outcome.fate != "sent":
            steps.append((sent_at + draw.receipt_after, outcome.fate, outcome.fate_code))
        if draw.mischief == "contradicted":
            steps.append((sent_at + 2 * draw.receipt_after, "undelivered", 30008))
        if draw.mischief == "shuffled":
            times = [due for due, _, _ in steps]
            steps = [(due, *step[1:]) for due, step in zip(times, reversed(steps), strict=True)]
        if telling.mischief == "early" and telling.callback:
            _, status, code = steps.pop(0)
            self._happen(message, telling, status, code, answer)
        else:
            answer()
        for due, status, code in steps:
            self.timeline.at(due, partial(self._happen, message, telling, status, code))

    def _happen(
        self, message: Message, telling: _Telling, status: str, code: int, then: _Answer | None = None
    ) -> None:
        now = self.timeline.now()
        if RANK[status] > RANK[message.status]:
            message.status = status
            message.code = code
            message.updated = now.timestamp()
        if message.sent is None and RANK[status] >= RANK["sent"] and status != "failed":
            message.sent = now.timestamp()
        if not telling.callback:
            return
        if telling.mischief == "lost":
            self.counts["callbacks_lost"] += 1
            return
        fields = self._callback_fields(message, status, code, now if telling.says_when_done else None)
        done = partial(self._called_back, then)
        for _ in range(2 if telling.mischief == "doubled" else 1):
            self.hooks.post(telling.callback, fields, pin=message.offset, done=done)

    def _callback_fields(
        self, message: Message, status: str, code: int, done_at: datetime | None
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

    def _called_back(self, then: _Answer | None, status: int, _: bytes) -> None:
        self.counts["callbacks_delivered" if 200 <= status < 300 else "callbacks_failed"] += 1
        if then is not None:
            then()

    # --- phones that answer

    def inbound(self, phone: str, body: str, done: webhooks.Done) -> str:
        """Let `phone` send us `body`; `done` hears what our webhook answered. Gives the SID."""
        sid = "SM" + token_hex(16)
        known = self._by_to.get(phone)
        sender = known[-1].sender if known else SERVICE_SID
        self._heard(log.Inbound(at=self.timeline.now(), sid=sid, phone=phone, body=body))
        fields = {
            "AccountSid": self.account_sid, "ApiVersion": "2010-04-01", "Body": body, "From": phone,
            "FromCountry": "VN", "MessageSid": sid, "NumMedia": "0",
            "NumSegments": str(twilio_answers.segments(body)), "SmsMessageSid": sid, "SmsSid": sid,
            "SmsStatus": "received", "To": sender,
        }  # fmt: skip
        if sender.startswith("MG"):
            fields["MessagingServiceSid"] = sender
        answered = partial(self._inbound_answered, phone, done)
        self.hooks.post(self.inbound_url, sorted(fields.items()), pin=0, done=answered)
        return sid

    def _inbound_answered(self, phone: str, done: webhooks.Done, status: int, body: bytes) -> None:
        for text in _TWIML_MESSAGE.findall(body.decode("utf-8", "replace")):
            sid = "SM" + token_hex(16)
            now = self.timeline.now()
            self._heard(log.Inbound(at=now, sid=sid, phone=phone, body=text.strip(), reply=True))
        done(status, body)

    def _heard(self, text: log.Inbound) -> None:
        self.counts["inbound"] += not text.reply
        self._replies[text.phone].append(text)
        values = {name: getattr(text, name) for name in text.__dataclass_fields__}
        self.inbound_lines.append(log.line({**values, "at": log.written(text.at)}))
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
            {"at": log.written(text.at), "direction": "to-phone" if text.reply else "from-phone",
             "body": text.body, "sid": text.sid, "status": "received", "code": 0, "parts": 1}
            for text in self._replies[phone]
        ]  # fmt: skip
        return sorted(ours + theirs, key=lambda row: str(row["at"]))

    def phones(self) -> list[dict[str, Any]]:
        """List the phones that got something, latest first: to, messages, last_at."""
        rows = [
            {"to": to, "messages": len(known), "last_at": log.written(moment(known[-1].created))}
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

    def _keep(self, message: Message) -> None:
        self._by_sid[message.sid] = message
        known = self._by_to.get(message.to)
        if known is None:
            self._by_to[message.to] = [message]
        else:
            message.to = known[0].to  # one string for all messages to this number
            known.append(message)

    def _remember(self, folder: Path) -> None:
        """Take over what an earlier life of this sandbox accepted; its receipts are taken as done."""
        offset = 0
        with (folder / log.SMS_FILE).open("rb") as file:
            for text, values in zip(file, log.rows(folder / log.SMS_FILE), strict=False):
                outcome = failures.OUTCOMES.get(values["outcome"], failures.OUTCOMES["delivered"])
                created = datetime.fromisoformat(values["at"]).timestamp()
                to, sender, sid = values["to"], values["sender"], values["sid"]
                message = Message(sid, to, sender, outcome.fate, created, offset, len(text))
                message.code = outcome.fate_code
                message.sent = created
                self._keep(message)
                self._tries[to] = max(self._tries[to], values["n"])
                self.counts["sms"] += 1
                offset += len(text)
        for heard in log.read_inbound(folder):
            self._replies[heard.phone].append(heard)
