"""Keeps the pages of a finished simulation open."""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

from dispatcher.feedback import inbox_processor
from dispatcher.ledger.access import users
from dispatcher.simulation.scenario import SimulationResult
from dispatcher.web import passwords
from dispatcher.web.application import create_app
from dispatcher.web.server import bind, serve

ACCOUNT = "demo"
INBOX_INTERVAL_SECONDS = 1.0  # how often answers from the sandbox's phones are read


@dataclass(frozen=True, kw_only=True, slots=True)
class LoginDetails:
    """Where to look and how to get in."""

    url: str
    account: str
    password: str


async def serve_pages(result: SimulationResult, on_ready: Callable[[LoginDetails], None]) -> None:
    """Serve the pages of a simulation until SIGINT or SIGTERM; `on_ready` hears where they are."""
    app, stop = result.app, asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    password = secrets.token_urlsafe(9)
    await app.ledger_thread.run(
        users.save,
        app.ledger,
        ACCOUNT,
        role="admin",
        password_hash=passwords.hash_password(password),
        who=ACCOUNT,
        now=app.clock.now(),
    )
    listener = _listen(app.settings.port)
    web_app = create_app(app, result.sandbox)
    result.webhook_app.pages = web_app  # so that the links in the messages can be clicked
    async with serve(web_app, listener):
        on_ready(
            LoginDetails(
                url=f"http://127.0.0.1:{listener.getsockname()[1]}",
                account=ACCOUNT,
                password=password,
            )
        )
        while not stop.is_set():
            await app.ledger_thread.run(inbox_processor.process, app.ledger, app.config, now=app.clock.now())
            await _wait_for(stop, INBOX_INTERVAL_SECONDS)


def _listen(port: int) -> socket.socket:
    """Listen on the usual port, or on any when somebody has it."""
    try:
        return bind("127.0.0.1", port)
    except OSError:
        return bind("127.0.0.1", 0)


async def _wait_for(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
