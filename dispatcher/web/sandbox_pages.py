"""The sandbox's pages: what phones and mailboxes received, and replies in their place.

Only there when the service talks to a sandbox of its own. One can answer as the phone's owner.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dispatcher.sandbox.process import Sandbox, SandboxError, inbound_url
from dispatcher.web.auth import CurrentUser, read_form
from dispatcher.web.pages import Pages
from dispatcher.web.previews import MAIL_CSP
from dispatcher.web.template_filters import quote_segment

SHOWN_MAX = 200
BODY_MAX = 1600
_LINK = re.compile(r"https?://[^\s<>\"]+")
_PHONE = re.compile(r"\+84\d{8,10}")
MAIL_FRAME_CSP = MAIL_CSP.replace("sandbox;", "sandbox allow-popups allow-popups-to-escape-sandbox;")


class SandboxPages(Pages):
    """Below /sandbox; every page is a 404 when there is no sandbox."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._access.route
        return (
            route("/sandbox", self.show, permission="act"),
            route("/sandbox/phones/{phone}", self.phone, permission="act"),
            route("/sandbox/phones/{phone}", self.answer, permission="act", methods=["POST"]),
            route("/sandbox/mailboxes/{address}", self.mailbox, permission="act"),
            route("/sandbox/mailboxes/{address}/{index:id}", self.mail, permission="act"),
        )

    async def show(self, request: Request, _user: CurrentUser) -> Response:
        """List phones and mailboxes, those that heard from us last first."""
        phones = await self._fetch("messages", "")
        mailboxes = await self._fetch("mails", "")
        return self._context.render_page(
            request, "sandbox.html", phones=phones[:SHOWN_MAX], phone_count=len(phones),
            mailboxes=mailboxes[:SHOWN_MAX], mailbox_count=len(mailboxes),
        )  # fmt: skip

    async def phone(self, request: Request, _user: CurrentUser) -> Response:
        """Show one phone's conversation."""
        phone = _phone_or_404(request)
        texts = [_text(item) for item in await self._fetch("messages", phone)]
        return self._context.render_page(request, "sandbox-phone.html", phone=phone, texts=texts)

    async def answer(self, request: Request, _user: CurrentUser) -> Response:
        """Answer as the owner of the phone: it comes back to us through the provider's webhook."""
        phone, sandbox = _phone_or_404(request), self._sandbox()
        body = str((await read_form(request)).get("body", "")).strip()[:BODY_MAX]
        if body:
            url = inbound_url(self._context.app.links.public_url)
            try:
                await asyncio.to_thread(sandbox.send_inbound, phone, body, url=url)
            except SandboxError as error:
                raise HTTPException(502) from error
        return RedirectResponse(f"/sandbox/phones/{quote_segment(phone)}", 303)

    async def mailbox(self, request: Request, _user: CurrentUser) -> Response:
        """Show one mailbox."""
        address = request.path_params["address"]
        mails = [_mail(item) for item in await self._fetch("mails", address)]
        if not mails:
            raise HTTPException(404)
        text = request.query_params.get("mail", "")
        mail_index = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else len(mails) - 1
        return self._context.render_page(
            request,
            "sandbox-mailbox.html",
            address=address,
            mails=mails,
            mail_index=min(mail_index, len(mails) - 1),
        )

    async def mail(self, request: Request, _user: CurrentUser) -> Response:
        """Return one mail's HTML for the frame; its links open beside it."""
        mails = await self._fetch("mails", request.path_params["address"])
        mail_index = request.path_params["index"]
        if mail_index >= len(mails):
            raise HTTPException(404)
        html = str(mails[mail_index].get("html", "")).replace("<head>", '<head><base target="_blank">', 1)
        headers = {"content-security-policy": MAIL_FRAME_CSP, "x-frame-options": "SAMEORIGIN"}
        return HTMLResponse(html, headers=headers)

    def _sandbox(self) -> Sandbox:
        if self._context.sandbox is None:
            raise HTTPException(404)
        return self._context.sandbox

    async def _fetch(self, what: str, to: str) -> list[dict[str, Any]]:
        sandbox = self._sandbox()
        try:
            return await asyncio.to_thread(sandbox.messages if what == "messages" else sandbox.mails, to)
        except SandboxError as error:
            raise HTTPException(502) from error


def _phone_or_404(request: Request) -> str:
    phone: str = request.path_params["phone"]
    if not _PHONE.fullmatch(phone):
        raise HTTPException(404)
    return phone


def _text(item: dict[str, Any]) -> dict[str, Any]:
    """Prepare one text: its words cut at the links, so that they can be clicked."""
    body, pieces, end = str(item["body"]), [], 0
    for link in _LINK.finditer(body):
        pieces += [(body[end : link.start()], False), (link.group(), True)]
        end = link.end()
    pieces.append((body[end:], False))
    return {**item, "pieces": pieces, "at": datetime.fromisoformat(str(item["at"]))}


def _mail(item: dict[str, Any]) -> dict[str, Any]:
    links = list(dict.fromkeys(_LINK.findall(str(item.get("text", "")))))
    return {**item, "links": links, "at": datetime.fromisoformat(str(item["at"]))}
