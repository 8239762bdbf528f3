"""Health and metrics: /healthz, /readyz, /metrics.

Figures name campaigns: they are for holders of an API token, and for the machine of a service that has no
public address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from dispatcher import ledger, metrics
from dispatcher.ledger import Ledger, LedgerError
from dispatcher.ledger.access import api_tokens
from dispatcher.ledger.queries import message_counts, to_do
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.sending import rate_limits
from dispatcher.web import security_log
from dispatcher.web.page_context import PageContext
from dispatcher.web.request_origin import client_host, may_carry_secrets, may_read_unasked

QUEUE_AGE_MAX = 60.0  # seconds: what came in is read every second or so; longer means that nobody reads it
SKEW_MAX = 5.0
HEARTBEAT_AGE_MAX = 90.0  # the sweep comes every 15 seconds
MAILBOX_AGE_MAX = 180.0  # the mailbox is looked into every minute
PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class HealthPages:
    """/healthz, /readyz, /metrics."""

    def __init__(self, context: PageContext) -> None:
        self._context = context

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        return (
            Route("/healthz", healthz, methods=["GET"]),
            Route("/readyz", self.readyz, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        )

    async def readyz(self, _request: Request) -> Response:
        """Return whether everything needed for work is there; 503 when something is not."""
        try:
            checks = await self._context.read(self._checks)
        except LedgerError:
            return JSONResponse({"ready": False, "problems": ["database"]}, 503)
        problems = [name for name, wrong in checks.pop("wrong").items() if wrong]
        return JSONResponse({"ready": not problems, "problems": problems, **checks}, 503 if problems else 200)

    async def metrics(self, request: Request) -> Response:
        """Return the metrics in Prometheus' text format."""
        if not await self._may_read_metrics(request):
            security_log.record_refusal("token", path="/metrics", source=client_host(request.scope))
            return PlainTextResponse("", 403)
        return Response(await self._context.read(self._metrics_text), media_type=PROMETHEUS_TEXT)

    async def _may_read_metrics(self, request: Request) -> bool:
        if may_read_unasked(request, self._context.app.links.public_url):
            return True
        scheme, _space, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            return False
        if not may_carry_secrets(request, self._context.app.settings):
            return False
        token = await self._context.read(
            api_tokens.find, self._context.app.ledger, secret.strip(), now=self._context.wall_clock.now()
        )
        return token is not None

    def _checks(self) -> dict[str, Any]:
        now, wall_now = self._context.now(), self._context.wall_clock.now()
        database_now = ledger.database_now(self._context.app.ledger)
        inbox = event_inbox.backlog(self._context.app.ledger)
        skew = (database_now - wall_now).total_seconds() if database_now else 0.0
        waiting = _age(inbox.oldest_at, now) or 0.0
        beat = _age(metrics.last_heartbeat("scheduler"), wall_now)
        mailbox_beat = _age(metrics.last_heartbeat("bounce-mailbox"), wall_now)
        return {
            "database": "ok",
            "stage": self._context.app.settings.stage,
            "queue": inbox.waiting,
            "queue_age_seconds": waiting,
            "waiting": [
                {"kind": one.kind, "count": one.count, "oldest_age_seconds": _age(one.oldest_at, now)}
                for one in inbox.kinds
            ],
            "last_callback_age_seconds": _age(inbox.last_at, now),
            "clock_skew_seconds": round(skew, 3),
            "scheduler_beat_age_seconds": beat,
            "wrong": {
                "ledger-damaged": bool(self._context.app.damage),
                "queue": waiting > QUEUE_AGE_MAX,
                "clock": abs(skew) > SKEW_MAX,
                "scheduler": beat is not None and beat > HEARTBEAT_AGE_MAX,
                "bounce-mailbox": mailbox_beat is not None and mailbox_beat > MAILBOX_AGE_MAX,
            },
        }

    def _metrics_text(self) -> bytes:
        registry = CollectorRegistry()
        registry.register(_LedgerCollector(self._context.app.ledger, self._context.now()))
        return generate_latest(registry) + generate_latest(metrics.REGISTRY)


async def healthz(_request: Request) -> Response:
    """Answer 200 while the process runs."""
    return PlainTextResponse("ok")


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else max(0.0, round((now - moment).total_seconds(), 1))


class _LedgerCollector(Collector):
    """What stands in the ledger, as gauges."""

    def __init__(self, ledger: Ledger, now: datetime) -> None:
        self._ledger = ledger
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield one family after the other."""
        yield self._messages()
        yield from self._queue()
        waiting = to_do.counts(self._ledger)
        yield GaugeMetricFamily("dispatcher_held", "People held until somebody decides.", value=waiting.held)
        yield self._set_aside()
        yield self._opt_outs()
        yield from self._gateways()
        lagging = message_counts.count_dirty_shards(self._ledger)
        yield GaugeMetricFamily("dispatcher_tally_lag", "Shards to be counted anew.", value=lagging)

    def _messages(self) -> Metric:
        family = GaugeMetricFamily(
            "dispatcher_messages", "Messages by how they stand.", labels=["campaign", "channel", "status"]
        )
        sums: Counter[tuple[str, str, str]] = Counter()
        for item in message_counts.totals(self._ledger):
            sums[item.campaign, item.channel, item.status] += item.messages
        for labels, value in sums.items():
            family.add_metric(labels, value)
        return family

    def _queue(self) -> Iterator[Metric]:
        inbox = event_inbox.backlog(self._ledger)
        yield GaugeMetricFamily("dispatcher_queue", "Reports that wait to be folded.", value=inbox.waiting)
        yield GaugeMetricFamily(
            "dispatcher_queue_age_seconds", "Age of the oldest report that waits.",
            value=_age(inbox.oldest_at, self._now) or 0.0,
        )  # fmt: skip
        if inbox.last_at is not None:
            yield GaugeMetricFamily(
                "dispatcher_last_callback_age_seconds", "Age of the last report from a provider.",
                value=_age(inbox.last_at, self._now) or 0.0,
            )  # fmt: skip

    def _set_aside(self) -> Metric:
        family = GaugeMetricFamily(
            "dispatcher_set_aside", "What came in, could not be read and waits for a person.", labels=["kind"]
        )
        for kind, count in event_inbox.count_set_aside(self._ledger).items():
            family.add_metric([kind], count)
        return family

    def _opt_outs(self) -> Metric:
        family = CounterMetricFamily("dispatcher_opt_outs", "Opt-outs by the way they came.", labels=["how"])
        for how, count in suppressions.count_opt_outs(self._ledger).items():
            family.add_metric([how], count)
        return family

    def _gateways(self) -> Iterator[Metric]:
        rate = GaugeMetricFamily("dispatcher_rate", "Messages a second in force.", labels=["gateway"])
        blocked = GaugeMetricFamily(
            "dispatcher_blocked", "1: the gateway is given a rest.", labels=["gateway"]
        )
        for throttle in rate_limits.gateway_rates(self._ledger):
            rate.add_metric([throttle.gateway], throttle.rate)
            resting = throttle.blocked_until is not None and throttle.blocked_until > self._now
            blocked.add_metric([throttle.gateway], float(resting))
        yield rate
        yield blocked
