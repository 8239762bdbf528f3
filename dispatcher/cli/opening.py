"""Opens what a verb works on: settings, schedules, the ledger, a campaign by its name."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING

import typer

from dispatcher import settings as environment
from dispatcher.clock import SystemClock
from dispatcher.errors import DispatcherError
from dispatcher.i18n import _
from dispatcher.settings import Settings

if TYPE_CHECKING:
    from dispatcher.campaign.model import Campaign, Schedules
    from dispatcher.edition import Edition
    from dispatcher.ledger import Ledger


class Unknown(DispatcherError):
    """Somebody named a thing that does not exist."""


def settings() -> Settings:
    """Read the environment. Raises ConfigurationBroken."""
    return environment.read(os.environ)


def edition(chosen: Settings) -> Edition:
    """Read schedules and templates. Raises ConfigurationBroken."""
    from dispatcher import edition as editions

    return editions.read(chosen, None)


@contextmanager
def ledger(chosen: Settings) -> Iterator[Ledger]:
    """Open the ledger for a while."""
    from dispatcher.ledger.opening import open_ledger, plainly

    with plainly(chosen.database_url):
        opened = open_ledger(chosen.database_url)
        try:
            yield opened
        finally:
            opened.close()


def campaign(schedules: Schedules, name: str) -> Campaign:
    """Find a campaign. Raises Unknown, with what may have been meant."""
    return schedules.campaigns[
        known(name, schedules.campaigns, _("there is no campaign {name}", name=repr(name)))
    ]


def only_campaign(schedules: Schedules, name: str) -> str:
    """Give the campaign meant; without a name the only one there is. Raises Unknown."""
    if name or len(schedules.campaigns) != 1:
        return campaign(schedules, name).name
    return next(iter(schedules.campaigns))


def day(words: str, option: str) -> date | None:
    """Read a day as people write it; None for nothing. Raises BadParameter."""
    if not words:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(words.strip(), form).date()  # noqa: DTZ007 - a plain day has no zone
        except ValueError:
            continue
    raise typer.BadParameter(
        _("{words} is not a day; write 2025-10-11 or 11/10/2025", words=repr(words)), param_hint=option
    )


def known(word: str, words: Iterable[str], missing: str) -> str:
    """Give `word` if it is one of `words`, whatever its case; else raise Unknown saying `missing`."""
    from dispatcher.campaign.findings import did_you_mean

    words = list(words)
    for one in words:
        if one.lower() == word.strip().lower():
            return one
    raise Unknown(f"{missing}. {did_you_mean(word, words)}".strip())


def now() -> datetime:
    """Give the present moment."""
    return SystemClock().now()


def who(given: str) -> str:
    """Name who acts: as given, else the user of this machine."""
    if given.strip():
        return given.strip()
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "cli"
