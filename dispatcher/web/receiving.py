"""The smallest web face: providers' webhooks and nothing else, for when nobody looks at pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from dispatcher.app import App
from dispatcher.web.inbox import InboxWriter
from dispatcher.web.providers import PREFIX, Receive, Scope, Send, TwilioHooks

if TYPE_CHECKING:
    from dispatcher.web.application import Face


class Receiver:
    """Takes what providers report; anything else is for `beyond`, when somebody opens pages later."""

    def __init__(self, app: App) -> None:
        inbox = InboxWriter(ledger=app.ledger, crossing=app.crossing, clock=app.clock)
        self._hooks = TwilioHooks(auth_token=app.settings.twilio_auth_token, links=app.links, inbox=inbox)
        self.beyond: Face | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self.beyond is not None and not scope["path"].startswith(PREFIX):
            await self.beyond(scope, receive, send)
        else:
            await self._hooks(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Nothing works beside the webhooks."""
        yield

    async def let_go(self) -> None:
        """No page is open."""
