"""The smallest ASGI application: providers' webhooks and nothing else, for simulations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from dispatcher.app import App
from dispatcher.web.provider_webhooks import ProviderWebhooks, Receive, Scope, Send, is_webhook

if TYPE_CHECKING:
    from dispatcher.web.application import WebApp


class WebhookApp:
    """Takes what providers report; anything else goes to the pages, once they are opened."""

    def __init__(self, app: App) -> None:
        self._webhooks = ProviderWebhooks(app)
        self.pages: WebApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self.pages is not None and not is_webhook(scope["path"]):
            await self.pages(scope, receive, send)
        else:
            await self._webhooks(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Nothing works beside the webhooks."""
        yield

    async def close_streams(self) -> None:
        """No page is open."""
