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

from dispatcher import app as pieces
from dispatcher import settings as environment
from dispatcher.app import App
from dispatcher.clock import SimulatedClock
from dispatcher.feedback import inbox
from dispatcher.ledger import consent, users
from dispatcher.ledger.consent import OptOut
from dispatcher.sandbox import process
from dispatcher.sandbox.process import Sandbox
from dispatcher.simulation.run import pointed_at
from dispatcher.web import passwords
from dispatcher.web.application import Face, application
from dispatcher.web.server import listen, serving
from tests import town

T = TypeVar("T")
ROOT = Path(__file__).parent.parent
MORNING = datetime(2025, 11, 8, 0, 30, tzinfo=UTC)  # 07:30 in Việt Nam, three days before the deadline
WALL = datetime(2025, 1, 1, tzinfo=UTC)
PASSWORD = "mot-mat-khau-dai"
ROLES = ("admin", "organiser", "viewer", "lead")
AREAS = ("Thôn Đông", "Thôn Đoài", "Thôn Phương La")


@cache
def _hashed() -> str:
    return passwords.hashed(PASSWORD)


class House:
    """A running service, and the strings to pull."""

    def __init__(
        self, app: App, face: Face, clock: SimulatedClock, sandbox: Sandbox, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.app = app
        self.face = face
        self.clock = clock
        self.sandbox = sandbox
        self.ledger = app.ledger
        self.url = app.links.public_url
        self._loop = loop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the service's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def play(self, hours: float = 1.0) -> None:
        """Let time pass: what is due goes out, receipts come back."""
        self.run(self._play(timedelta(hours=hours)))

    async def _play(self, passing: timedelta) -> None:
        app = self.app
        self.clock.move_by(passing)
        await app.crossing(app.calendar.tick, self.clock.now())
        for channel in app.gateways:
            while await app.delivery.work(channel):
                pass
        self.clock.move_by(timedelta(minutes=20))
        await asyncio.to_thread(self.sandbox.move_clock, self.clock.now())
        await self._read()

    async def _read(self) -> None:
        await self.app.crossing(inbox.read, self.ledger, self.app.edition, now=self.clock.now())

    def read_inbox(self) -> None:
        """Let the service read what came back."""
        self.run(self._read())

    def visitor(self, name: str = "") -> Visitor:
        """Open a browser of one's own; with `name`, signed in."""
        made = Visitor(self.url)
        if name:
            made.sign_in(name)
        return made


class Visitor(requests.Session):
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
        csrf = token_of(self.get("/sign-in").text)
        return self.post("/sign-in", data={"csrf": csrf, "name": name, "password": password, "next": "/"})

    def act(self, path: str, *, seen_on: str = "/password", **fields: str) -> requests.Response:
        """Send a form as its page would, token and all."""
        return self.post(path, data={"csrf": token_of(self.get(seen_on).text), **fields})


def token_of(page: str) -> str:
    """Read a form's token off its page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page[:500]
    return found.group(1)


@contextmanager
def open_house(folder: Path, database_url: str, **changes: Any) -> Iterator[House]:
    """Open a service over `database_url`, with a few people in its lists and one account a role."""
    with ExitStack() as stack:
        listener = stack.enter_context(_closing(listen("127.0.0.1", 0)))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        sandbox = stack.enter_context(
            process.start(folder / "sandbox", now=MORNING, inbound_url=f"{url}/twilio/inbound")
        )
        settings = replace(
            pointed_at(environment.read({}), sandbox),
            schedules=ROOT / "schedules.toml",
            templates=ROOT / "templates",
            contacts=ROOT / "contacts",
            public_url=url,
            database_url=database_url,
            **changes,
        )
        clock = SimulatedClock(MORNING)
        app = pieces.build(settings, clock=clock)
        people(app)
        face = application(app, sandbox)
        loop = stack.enter_context(_running(lambda: serving(face, listener), app))
        yield House(app, face, clock, sandbox, loop)


def people(app: App) -> None:
    """Let a few people in, and one account a role."""
    for place, area in enumerate(AREAS):
        rows = [
            ("residents", f"Nguyễn Thị Hương {place}-{n}", town.number(place * 100 + n), "") for n in range(5)
        ]
        town.settle_in(app.ledger, *rows, area=area)
        clerk = ("staff", f"Trần Văn Bình {place}", town.number(5000 + place), f"binh{place}@hatay.example")
        town.settle_in(app.ledger, clerk, area=area)
    town.settle_in(
        app.ledger, ("residents", "Phạm Văn Cũ", town.number(9001), ""), state="held", held_reason="dead"
    )
    refusal = OptOut(channel="sms", address=town.number(104), who="test", how="web")
    consent.opt_out(app.ledger, [refusal], now=WALL)
    for role in ROLES:
        users.put(
            app.ledger, role, role=role, area=AREAS[0] if role == "lead" else "",
            password_hash=_hashed(), who="test", now=WALL,
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
