"""What the web face bears: callbacks while a step is sent, and the dashboard over a million messages.

python -m bench.web [callbacks|dashboard] [--rate 1000] [--seconds 10] [--messages 1000000]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa

from dispatcher.app import App, build
from dispatcher.clock import SystemClock
from dispatcher.feedback import inbox_processor
from dispatcher.gateways import registry
from dispatcher.ledger import Ledger
from dispatcher.ledger.access import users
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.schema import bulk
from dispatcher.ledger.schema.tables import contact_import, event, message, to_micros
from dispatcher.ledger.sending import campaign_states, occurrences
from dispatcher.plan import Occurrence
from dispatcher.sandbox import process
from dispatcher.simulation.scenario import with_sandbox_settings
from dispatcher.web import passwords
from dispatcher.web.application import create_app
from dispatcher.web.server import bind, serve

ROOT = Path(__file__).parent.parent
CAMPAIGN = "cong-dan-so"
NOW = datetime(2025, 11, 8, 5, 0, tzinfo=UTC)
PASSWORD = "a password for measuring"
GATEWAYS = {
    "TWILIO_ACCOUNT_SID": "AC0",
    "TWILIO_AUTH_TOKEN": "t",
    "TWILIO_FROM": "+15550001",
    "DISPATCHER_TWILIO_BASE_URL": "http://127.0.0.1:9",
    "DISPATCHER_SMTP_URL": "smtp://127.0.0.1:9",
}
AREAS = 20
CONNECTIONS = 32


class Noon(SystemClock):
    """A clock that goes as fast as any, from noon of a day of the campaign: texts may go out."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=time.monotonic() - self._began)


def main() -> None:
    """Measure what is asked for, or everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("callbacks", "dashboard", "caller"))
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--url", default="")
    parser.add_argument("--auth-token", default="")
    given = parser.parse_args()
    if given.what == "caller":
        asyncio.run(_call(given))
        return
    if given.what in {None, "callbacks"}:
        asyncio.run(callbacks(given.rate, given.seconds))
    if given.what in {None, "dashboard"}:
        asyncio.run(dashboard(given.messages))


# --- callbacks while a step is sent ----------------------------------------------------------------------


async def callbacks(rate: int, seconds: int) -> None:
    """Take `rate` callbacks a second from a process of its own, while the same service sends texts."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        listener = bind("127.0.0.1", 0)
        stack.callback(listener.close)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        sandbox = stack.enter_context(process.start(folder / "sandbox"))
        settings = replace(
            with_sandbox_settings(registry.read_settings({}), sandbox),
            public_url=url,
            sms_rate=100_000.0,
            schedules=ROOT / "schedules.toml",
            templates=ROOT / "templates",
            database_url=f"sqlite:///{folder / 'ledger.sqlite3'}",
        )
        app = build(settings, clock=Noon())
        _people(app.ledger, rate * seconds * 3)
        _fire(app.ledger, steps=1, now=app.clock.now())
        async with serve(create_app(app), listener):
            await _both(app, url, rate, seconds, sandbox.auth_token)
        await app.close()


async def _both(app: App, url: str, rate: int, seconds: int, auth_token: str) -> None:
    caller = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.web", "caller", "--url", url, "--rate", str(rate),
        "--seconds", str(seconds), "--auth-token", auth_token, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stop = asyncio.Event()
    working = asyncio.create_task(_work(app, stop))
    output, _nothing = await caller.communicate()
    stop.set()
    sent = await working
    report = json.loads(output)
    with app.ledger.read() as connection:
        kept = connection.scalar(
            sa.select(sa.func.count()).select_from(event).where(event.c.provider_id.like("BENCH%"))
        )
    print(
        f"callbacks: {report['answered']:,} of {report['offered']:,} taken in {report['seconds']:.1f} s "
        f"({report['answered'] / report['seconds']:,.0f}/s), p50 {report['p50'] * 1000:.0f} ms, "
        f"p99 {report['p99'] * 1000:.0f} ms; kept in the ledger: {kept:,}; "
        f"sent meanwhile: {sent:,} texts ({sent / report['seconds']:,.0f}/s)"
    )
    if not report["answered"] == kept == report["offered"]:
        raise SystemExit("callbacks were lost")


async def _work(app: App, stop: asyncio.Event) -> int:
    """Send what is open until told to stop, reading the inbox as the service does; gives how many left."""
    reading = asyncio.create_task(_read(app, stop))
    while not stop.is_set():
        if not await app.delivery.serve_next_shard("sms"):
            await asyncio.sleep(0.05)
    await reading
    with app.ledger.read() as connection:
        return (
            connection.scalar(
                sa.select(sa.func.count()).select_from(message).where(message.c.provider_id.is_not(None))
            )
            or 0
        )


async def _read(app: App, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await app.ledger_thread.run(inbox_processor.process, app.ledger, app.config, now=app.clock.now())
        await asyncio.sleep(1.0)


async def _call(given: argparse.Namespace) -> None:
    """Be the provider: `rate` signed callbacks a second over a few connections; prints what came of it."""
    host, port = given.url.removeprefix("http://").split(":")
    offered = given.rate * given.seconds
    began = asyncio.get_running_loop().time() + 0.5
    answered: list[float] = []

    async def line(place: int) -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for n in range(place, offered, CONNECTIONS):
            due = began + n / given.rate
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            writer.write(_request(given.url, given.auth_token, n))
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith((b"HTTP/1.1 204", b"HTTP/1.1 200")):
                answered.append(asyncio.get_running_loop().time() - due)
        writer.close()

    await asyncio.gather(*(line(place) for place in range(CONNECTIONS)))
    seconds = asyncio.get_running_loop().time() - began
    cuts = statistics.quantiles(answered, n=100)
    print(
        json.dumps(
            {
                "offered": offered,
                "answered": len(answered),
                "seconds": seconds,
                "p50": cuts[49],
                "p99": cuts[98],
            }
        )
    )


def _request(url: str, auth_token: str, n: int) -> bytes:
    form = {"MessageSid": f"BENCH{n:028d}", "MessageStatus": "delivered", "To": f"+84900{n % 1_000_000:06d}",
            "AccountSid": "AC0", "ApiVersion": "2010-04-01"}  # fmt: skip
    path = f"/twilio/status/unknown-{n}"
    facts = url + path + "".join(name + form[name] for name in sorted(form))
    signature = base64.b64encode(hmac.digest(auth_token.encode(), facts.encode(), hashlib.sha1)).decode()
    body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in form.items())
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


# --- the dashboard ---------------------------------------------------------------------------------------


async def dashboard(messages: int) -> None:
    """Open the pages of a campaign with so many messages, cold and warm."""
    steps = 5
    with tempfile.TemporaryDirectory() as name:
        settings = replace(
            registry.read_settings(GATEWAYS),
            mail_from="a@b.example",
            schedules=ROOT / "schedules.toml",
            templates=ROOT / "templates",
            database_url=f"sqlite:///{Path(name) / 'ledger.sqlite3'}",
        )
        app = build(settings)
        began = time.perf_counter()
        _people(app.ledger, messages // steps)
        _fire(app.ledger, steps=steps, now=NOW)
        _settle(app.ledger)
        print(f"dashboard: {messages:,} messages made in {time.perf_counter() - began:.0f} s")
        await _open_pages(app)
        await app.close()


async def _open_pages(app: App) -> None:
    users.save(
        app.ledger,
        "bench",
        role="viewer",
        password_hash=passwords.hash_password(PASSWORD),
        who="bench",
        now=NOW,
    )
    listener = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with AsyncExitStack() as stack:
        face = create_app(app)
        await stack.enter_async_context(serve(face, listener))
        first = await asyncio.to_thread(_visit, url)
        print("  just started, nothing counted yet: " + _told(first))
        began = time.perf_counter()
        while await face._context.write(face._context.figures_cache.refresh, NOW):
            pass
        print(f"  every shard counted anew: {time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        await face._context.read(face._context.figures_cache.recount_areas, CAMPAIGN, app.clock.now())
        print(f"  people counted by area, beside the pages: {time.perf_counter() - began:.1f} s")
        print("  counted: " + _told(await asyncio.to_thread(_visit, url)))
        with app.ledger.begin() as connection:
            connection.execute(sa.text("UPDATE shard SET needs_recount = 1 WHERE id % 20 = 0"))
        print("  a twentieth changed: " + _told(await asyncio.to_thread(_visit, url)))


def _visit(url: str) -> dict[str, float]:
    """Sign in and open the pages; gives the seconds each took."""
    session = requests.Session()
    session.trust_env = False
    page = session.get(f"{url}/sign-in", timeout=60).text
    csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
    session.post(
        f"{url}/sign-in", data={"csrf": csrf, "name": "bench", "password": PASSWORD}, timeout=60
    ).raise_for_status()
    return {
        name: _timed(lambda path=path: session.get(url + path, timeout=60))
        for name, path in (("overview", "/"), ("campaign", f"/campaigns/{CAMPAIGN}"), ("metrics", "/metrics"))
    }


def _timed(ask: Callable[[], Any]) -> float:
    began = time.perf_counter()
    ask().raise_for_status()
    return time.perf_counter() - began


def _told(seconds: dict[str, float]) -> str:
    return ", ".join(f"{name} {value * 1000:.0f} ms" for name, value in seconds.items())


# --- people and messages ---------------------------------------------------------------------------------


def _people(ledger: Ledger, count: int) -> None:
    """Write so many residents of twenty thôn."""
    with ledger.begin() as connection:
        connection.execute(sa.insert(contact_import).values(id=1, at=NOW, who="bench", summary={}))
        for start in range(0, count, 10_000):
            ids = range(start + 1, min(count, start + 10_000) + 1)
            persons = [(n, f"Người {n}", f"nguoi {n}", f"Thôn {n * AREAS // (count + 1)}", "") for n in ids]
            bulk.insert(connection, "person", ("id", "name", "name_key", "area", "area_key"), persons)
            addresses = [(n, "sms", f"+849{n:08d}", 0) for n in ids]
            bulk.insert(connection, "address", ("person_id", "channel", "address", "rank"), addresses)
            contacts = [(n, n, "residents", 1) for n in ids]
            bulk.insert(connection, "contact", ("id", "person_id", "audience", "import_id"), contacts)


def _fire(ledger: Ledger, *, steps: int, now: datetime) -> None:
    campaign_states.ensure(ledger, CAMPAIGN, now=now)
    for n in range(steps):
        due = now - timedelta(days=n)
        step = Occurrence(
            campaign=CAMPAIGN, step="deadline", key=f"k{n}", kind="warning", template="3-days", due_at=due,
            expires_at=now + timedelta(hours=8), audiences=("residents",),
        )  # fmt: skip
        occurrences.start(
            ledger, step, [Target(audience="residents", channels=("sms",))], shard_size=2000, now=due
        )


def _settle(ledger: Ledger) -> None:
    """Let most have been delivered, some failed, some not needed."""
    with ledger.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE message SET next_at = NULL, parts = 1, vnd = 400, submitted_at = :at, rank = 8, "
                "status = CASE WHEN id % 50 = 0 THEN 'permanent-failure' WHEN id % 9 = 0 THEN 'cancelled' "
                "WHEN id % 7 = 0 THEN 'sent' ELSE 'delivered' END, "
                "reason = CASE WHEN id % 50 = 0 THEN 'number' WHEN id % 9 = 0 THEN 'participated' ELSE '' END"
            ),
            {"at": to_micros(NOW)},
        )
        connection.execute(
            sa.text(
                "INSERT INTO participation (campaign, person_id, at, learnt_at, source) "
                "SELECT :c, id, :at, :at, 'bench' FROM person WHERE id % 9 = 0"
            ),
            {"c": CAMPAIGN, "at": to_micros(NOW)},
        )


if __name__ == "__main__":
    main()
