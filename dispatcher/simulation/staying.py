"""After a simulation: its pages stay open, so that an organiser can walk through what happened."""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass

from dispatcher.feedback import inbox
from dispatcher.ledger import users
from dispatcher.simulation.run import Played
from dispatcher.web import passwords
from dispatcher.web.application import application
from dispatcher.web.server import listen, serving

ACCOUNT = "demo"
LOOK_SECONDS = 1.0  # how often answers from the sandbox's phones are read


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """Where to look and how to get in."""

    url: str
    account: str
    password: str


async def stay(played: Played, told: Callable[[Door], None]) -> None:
    """Serve the pages of a simulation until SIGINT or SIGTERM; `told` hears where they are."""
    app, stop = played.app, asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    password = secrets.token_urlsafe(9)
    await app.crossing(
        users.put,
        app.ledger,
        ACCOUNT,
        role="admin",
        password_hash=passwords.hashed(password),
        who=ACCOUNT,
        now=app.clock.now(),
    )
    listener = _listen(app.settings.port)
    face = application(app, played.sandbox)
    played.receiver.beyond = face  # so that the links in the messages can be clicked
    async with serving(face, listener):
        told(
            Door(
                url=f"http://127.0.0.1:{listener.getsockname()[1]}",
                account=ACCOUNT,
                password=password,
            )
        )
        while not stop.is_set():
            await app.crossing(inbox.read, app.ledger, app.edition, now=app.clock.now())
            await _either(stop, LOOK_SECONDS)


def _listen(port: int) -> socket.socket:
    """Listen on the usual port, or on any when somebody has it."""
    try:
        return listen("127.0.0.1", port)
    except OSError:
        return listen("127.0.0.1", 0)


async def _either(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
