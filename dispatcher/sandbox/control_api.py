"""The sandbox's control API: its clock, its failures, inbound texts, its counts.

GET  /sandbox/summary                       counts, callbacks pending, next one due
POST /sandbox/clock     {now, wait}         move the clock; with wait, answer when what was due is delivered
POST /sandbox/inbound   {from, body, url}   a phone answers; hears what our webhook said
POST /sandbox/failures  {seed, sms, ...}    fields of failures.Failures
GET  /sandbox/messages?to=                  one phone's conversation; without `to`, the phones
GET  /sandbox/mails?to=                     one mailbox; without `to`, the mailboxes
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from dispatcher.sandbox import failures, provider_log
from dispatcher.sandbox.callbacks import LOOPBACK
from dispatcher.sandbox.http_server import Request, ResponseSlot
from dispatcher.sandbox.smtp_server import MailServer
from dispatcher.sandbox.twilio_server import TwilioServer


class ControlApi:
    """Answers requests below /sandbox, and hands the rest to the Twilio API."""

    def __init__(self, texts: TwilioServer, mails: MailServer) -> None:
        self._texts = texts
        self._mails = mails
        self._tasks: set[asyncio.Task[None]] = set()
        self._routes: dict[tuple[str, str], Callable[[dict[str, Any], ResponseSlot], None]] = {
            ("GET", "/sandbox/summary"): self._summary,
            ("GET", "/sandbox/messages"): self._messages,
            ("GET", "/sandbox/mails"): self._mailbox,
            ("POST", "/sandbox/clock"): self._clock,
            ("POST", "/sandbox/inbound"): self._inbound,
            ("POST", "/sandbox/failures"): self._failures,
        }

    def handle(self, request: Request, slot: ResponseSlot) -> None:
        """Answer any request of the HTTP server."""
        if request.path.startswith("/2010-04-01/"):
            self._texts.handle(request, slot)
            return
        verb = self._routes.get((request.method, request.path))
        if verb is None or not _is_same_origin(request):
            slot.respond_json(404, {"problem": "there is nothing here"})
            return
        try:
            verb(_arguments(request), slot)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            slot.respond_json(400, {"problem": f"{type(error).__name__}: {error}"})

    def summary(self) -> dict[str, Any]:
        """Count: accepted and refused by channel, callbacks, what is still to come."""
        timeline, hooks, counts = self._texts.clock, self._texts.webhook_sender, self._texts.counts
        due = timeline.next_due()
        return {
            "now": provider_log.format_time(timeline.now()),
            "controlled": timeline.is_controlled,
            "accepted": {"sms": counts["sms"], "email": self._mails.counts["accepted"]},
            "refused": {"sms": dict(self._texts.refused), "email": dict(self._mails.refused)},
            "inbound": counts["inbound"],
            "bounces": self._mails.counts["bounced"],
            "callbacks": {
                "pending": timeline.pending_count,
                "in_flight": hooks.in_flight,
                "delivered": counts["callbacks_delivered"],
                "failed": counts["callbacks_failed"],
                "lost": counts["callbacks_lost"],
                "retried": hooks.retried,
            },
            "next_due": provider_log.format_time(due) if due else None,
        }

    def _summary(self, _: dict[str, Any], slot: ResponseSlot) -> None:
        slot.respond_json(200, self.summary())

    def _messages(self, values: dict[str, Any], slot: ResponseSlot) -> None:
        to = values.get("to")
        slot.respond_json(200, self._texts.conversation(to) if to else self._texts.phones())

    def _mailbox(self, values: dict[str, Any], slot: ResponseSlot) -> None:
        to = values.get("to")
        slot.respond_json(200, self._mails.mailbox(to) if to else self._mails.mailboxes())

    def _clock(self, values: dict[str, Any], slot: ResponseSlot) -> None:
        now = datetime.fromisoformat(values["now"])
        if now.tzinfo is None:
            raise ValueError("now: a moment needs its offset, such as 2025-10-11T07:30:00+07:00")
        self._texts.clock.set_time(now)
        if values.get("wait"):
            self._spawn(self._answer_when_settled(slot))
        else:
            self._summary(values, slot)

    async def _answer_when_settled(self, slot: ResponseSlot) -> None:
        await self._texts.webhook_sender.wait_until_idle()
        self._summary({}, slot)

    def _inbound(self, values: dict[str, Any], slot: ResponseSlot) -> None:
        self._texts.inbound_url = values.get("url") or self._texts.inbound_url
        if not self._texts.inbound_url:
            raise ValueError("url: no inbound webhook is known; give one here or at start")

        def done(status: int, _: bytes) -> None:
            slot.respond_json(200, {"sid": sid, "status": status})

        sid = ""
        sid = self._texts.send_inbound(values["from"], values["body"], done)

    def _failures(self, values: dict[str, Any], slot: ResponseSlot) -> None:
        sampler = failures.FailureSampler(failures.Failures.from_json(values))
        self._texts.sampler = sampler
        self._mails.sampler = sampler
        slot.respond_json(200, sampler.failures.as_json())

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _is_same_origin(request: Request) -> bool:
    """Refuse what a strange web page makes a browser ask: a foreign Host or Origin."""
    host = request.headers.get(b"host", b"").decode("latin-1")
    origin = request.headers.get(b"origin", b"").decode("latin-1").rpartition("//")[2]
    return all(LOOPBACK.fullmatch(re.sub(r":\d+$", "", name)) for name in (host, origin or "localhost"))


def _arguments(request: Request) -> dict[str, Any]:
    if request.method == "GET":
        # a plus sign belongs to a phone number here, whatever forms make of it
        query = parse_qs(request.query.replace("+", "%2B"))
        return {name: values[-1] for name, values in query.items()}
    values = json.loads(request.body or b"{}")
    if not isinstance(values, dict):
        raise TypeError("a JSON object is expected")
    return values
