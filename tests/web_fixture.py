"""A whole service for the tests of its web face: real ledger, real HTTP, the sandbox for a provider.

It runs in a thread of its own, so that a test can be a visitor: with requests, or with a browser.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import requests

from dispatcher.app import App, build
from dispatcher.clock import SimulatedClock
from dispatcher.feedback import inbox_processor
from dispatcher.gateways import registry
from dispatcher.ledger.access import users
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.sandbox import process
from dispatcher.sandbox.process import Sandbox
from dispatcher.simulation.scenario import with_sandbox_settings
from dispatcher.web import passwords
from dispatcher.web.application import WebApp, create_app
from dispatcher.web.server import bind, serve
from tests import ledger_fixture

T = TypeVar("T")
ROOT = Path(__file__).parent.parent
MORNING = datetime(2025, 11, 8, 0, 30, tzinfo=UTC)  # 07:30 in Việt Nam, three days before the deadline
WALL_TIME = datetime(2025, 1, 1, tzinfo=UTC)
PASSWORD = "mot-mat-khau-dai"
ROLES = ("admin", "organiser", "viewer", "lead")
AREAS = ("Thôn Đông", "Thôn Đoài", "Thôn Phương La")


@cache
def _hashed() -> str:
    return passwords.hash_password(PASSWORD)


class WebFixture:
    """A running service, and the strings to pull."""

    def __init__(
        self,
        app: App,
        web_app: WebApp,
        clock: SimulatedClock,
        sandbox: Sandbox,
        loop: asyncio.AbstractEventLoop,
        url: str,
    ) -> None:
        self.app = app
        self.web_app = web_app
        self.clock = clock
        self.sandbox = sandbox
        self.ledger = app.ledger
        self.url = url
        self._loop = loop

    def run_coroutine(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the service's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def advance(self, hours: float = 1.0) -> None:
        """Let time pass: what is due goes out, receipts come back."""
        self.run_coroutine(self._advance(timedelta(hours=hours)))

    async def _advance(self, passing: timedelta) -> None:
        app = self.app
        self.clock.advance(passing)
        await app.ledger_thread.run(app.step_runner.tick, self.clock.now())
        for channel in app.gateways:
            while await app.delivery.serve_next_shard(channel):
                pass
        self.clock.advance(timedelta(minutes=20))
        await asyncio.to_thread(self.sandbox.move_clock, self.clock.now())
        await self._read()

    async def _read(self) -> None:
        await self.app.ledger_thread.run(
            inbox_processor.process, self.ledger, self.app.config, now=self.clock.now()
        )

    def process_inbox(self) -> None:
        """Let the service read what came back."""
        self.run_coroutine(self._read())

    def browser(self, name: str = "") -> Browser:
        """Open a browser of one's own; with `name`, signed in."""
        made = Browser(self.url)
        if name:
            made.sign_in(name)
        return made


class Browser(requests.Session):
    """Somebody with a browser that keeps cookies."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.trust_env = False
        self.headers["accept-language"] = "en"

    def request(self, method: Any, url: Any, *given: Any, **options: Any) -> requests.Response:  # type: ignore[override]  # fewer names than requests gives
        options.setdefault("timeout", 20)
        options["allow_redirects"] = False
        return super().request(method, self.url + str(url), *given, **options)

    def sign_in(self, name: str, password: str = PASSWORD) -> requests.Response:
        """Fill the form in."""
        csrf = csrf_token_of(self.get("/sign-in").text)
        return self.post("/sign-in", data={"csrf": csrf, "name": name, "password": password, "next": "/"})

    def submit(self, path: str, *, form_page: str = "/password", **fields: str) -> requests.Response:
        """Send a form as its page would, token and all."""
        return self.post(path, data={"csrf": csrf_token_of(self.get(form_page).text), **fields})


def csrf_token_of(page: str) -> str:
    """Read a form's token off its page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page[:500]
    return found.group(1)


@contextmanager
def open_web(folder: Path, database_url: str, **changes: Any) -> Iterator[WebFixture]:
    """Open a service over `database_url`, with a few people in its lists and one account a role."""
    with ExitStack() as stack:
        listener = stack.enter_context(_closing(bind("127.0.0.1", 0)))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        sandbox = stack.enter_context(
            process.start(folder / "sandbox", now=MORNING, inbound_url=process.inbound_url(url))
        )
        given = {
            "schedules": ROOT / "schedules.toml",
            "templates": ROOT / "templates",
            "contacts": ROOT / "contacts",
            "public_url": url,
            "database_url": database_url,
            "trusted_proxies": ("127.0.0.1/32",),  # tests say by X-Forwarded-For who they are
        }
        settings = replace(with_sandbox_settings(registry.read_settings({}), sandbox), **given | changes)
        clock = SimulatedClock(MORNING)
        app = build(settings, clock=clock)

        async def reload() -> None:  # the service does so whenever files have changed
            await asyncio.to_thread(app.live_config.reload)

        app.delivery.refresh = reload
        add_people_and_users(app)
        web_app = create_app(app, sandbox)
        loop = stack.enter_context(
            _running(lambda: serve(web_app, listener, trusted_proxies=settings.trusted_proxies), app)
        )
        yield WebFixture(app, web_app, clock, sandbox, loop, url)


def add_people_and_users(app: App) -> None:
    """Let a few people in, and one account a role."""
    for place, area in enumerate(AREAS):
        rows = [
            ("residents", f"Nguyễn Thị Hương {place}-{n}", ledger_fixture.phone_number(place * 100 + n), "")
            for n in range(5)
        ]
        ledger_fixture.add_people(app.ledger, *rows, area=area)
        clerk = (
            "staff",
            f"Trần Văn Bình {place}",
            ledger_fixture.phone_number(5000 + place),
            f"binh{place}@hatay.example",
        )
        ledger_fixture.add_people(app.ledger, clerk, area=area)
    ledger_fixture.add_people(
        app.ledger,
        ("residents", "Phạm Văn Cũ", ledger_fixture.phone_number(9001), ""),
        state="held",
        held_reason="dead",
    )
    refusal = OptOut(channel="sms", address=ledger_fixture.phone_number(104), who="test", how="web")
    suppressions.opt_out(app.ledger, [refusal], now=WALL_TIME)
    for role in ROLES:
        users.save(
            app.ledger, role, role=role, area=AREAS[0] if role == "lead" else "",
            password_hash=_hashed(), who="test", now=WALL_TIME,
        )  # fmt: skip


@contextmanager
def _closing(listener: Any) -> Iterator[Any]:
    try:
        yield listener
    finally:
        listener.close()


@contextmanager
def _running(serve: Callable[[], Any], app: App) -> Iterator[asyncio.AbstractEventLoop]:
    """Run a service in a thread until the block ends."""
    ready, loops, stop = threading.Event(), [], asyncio.Event()

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        try:
            async with serve():
                ready.set()
                await stop.wait()
        finally:
            ready.set()
            await app.close()

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield loops[0]
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(30)
        assert not thread.is_alive()
