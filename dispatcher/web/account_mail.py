"""Mails to those who sign in: a link for a new password, and word of what was changed on their account."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from dispatcher.i18n import N_, _
from dispatcher.ledger import audit_log
from dispatcher.ledger.access import password_resets, users
from dispatcher.ledger.access.password_resets import VALID
from dispatcher.ledger.access.users import Account
from dispatcher.message import Draft
from dispatcher.message.mail_parts import MailParts
from dispatcher.web import direct_send
from dispatcher.web.auth import AccessControl, new_token
from dispatcher.web.page_context import PageContext
from dispatcher.web.pages import Pages

logger = logging.getLogger(__name__)

RESET_PATH = "/reset"
PASSWORD_CHANGED = N_("The password was changed.")
SECOND_FACTOR_ADDED = N_("A second factor was set up.")
SECOND_FACTOR_REMOVED = N_("The second factor was removed.")
EMAIL_CHANGED = N_("The mail address of the account was changed.")
ROLE_CHANGED = N_("The role of the account was changed.")


class AccountMail:
    """Sends them beside the answer to a request: how long it takes tells nobody who has an account."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def is_possible(self) -> bool:
        """Return whether mails reach people; those of a trial lie open in the sandbox."""
        return "email" in self._context.app.gateways and not self._context.app.settings.trial

    async def close(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._under_way)

    def send_resets(self, typed: str) -> None:
        """Send a link to whoever is meant by a name or mail address, if anybody is."""
        self._begin(self._send_resets(typed))

    def tell(self, account: Account, what: str) -> None:
        """Tell an account what was changed on it, at the address it had before."""
        if account.email and self.is_possible:
            self._begin(self._send_notice(account, what))

    def tell_name(self, name: str, what: str) -> None:
        """Do the same for the account of this name."""
        if self.is_possible:
            self._begin(self._tell_name(name, what))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _send_resets(self, typed: str) -> None:
        ledger = self._context.app.ledger
        for account in await self._context.read(password_resets.accounts_meant, ledger, typed):
            token, now = new_token(), self._context.wall_clock.now()
            if await self._context.write(password_resets.add, ledger, account.name, token, now=now):
                subject = _("A new password for {name}", name=account.name)
                await self._send(account, MailParts(subject=subject, text=self._reset_text(account, token)))

    def _reset_text(self, account: Account, token: str) -> str:
        return _(
            "Somebody asked for a new password for the account {name} of {office}. If it was you, open this "
            "address within {minutes} minutes and choose one:\n\n{url}\n\nIf it was not you, do nothing: the "
            "present password stays.\n",
            name=account.name,
            office=self._context.app.config.schedules.office.name,
            minutes=VALID.seconds // 60,
            url=f"{self._context.app.links.public_url}{RESET_PATH}/{token}",
        )

    async def _tell_name(self, name: str, what: str) -> None:
        account = await self._context.read(users.find, self._context.app.ledger, name)
        if account is not None and account.email:
            await self._send_notice(account, what)

    async def _send_notice(self, account: Account, what: str) -> None:
        text = _(
            "{what}\n\nAccount: {name}, of {office}. If you know of it, nothing is to be done. If not, tell "
            "whoever runs the service at once, and change your password: {url}\n",
            what=_(what),
            name=account.name,
            office=self._context.app.config.schedules.office.name,
            url=f"{self._context.app.links.public_url}/account",
        )
        await self._send(
            account, MailParts(subject=_("Your account {name} was changed", name=account.name), text=text)
        )

    async def _send(self, account: Account, mail: MailParts) -> None:
        app, now = self._context.app, self._context.wall_clock.now()
        try:
            result = await direct_send.send_directly(app, "email", account.email, Draft(mail=mail), now=now)
            outcome: str = result.kind
        except Exception as error:  # noqa: BLE001 - nobody waits for it: it is written down
            outcome = type(error).__name__
        if outcome == "accepted":
            return
        logger.error("a mail to an account was not sent: %s", outcome, extra={"action": "account-mail"})
        await self._context.write(
            audit_log.write, app.ledger, who=account.name, action="account-mail-failed", subject=account.name,
            detail={"outcome": outcome}, now=now,
        )  # fmt: skip


class MailingPages(Pages):
    """Pages that tell accounts by mail what is done on them."""

    def __init__(self, context: PageContext, access: AccessControl, mail: AccountMail) -> None:
        super().__init__(context, access)
        self._mail = mail
