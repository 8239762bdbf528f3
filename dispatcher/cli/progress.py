"""A bar on standard error while a simulation plays; silent where nobody watches."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from dispatcher.cli import speaking
from dispatcher.i18n import _
from dispatcher.simulation.driver import Moment
from dispatcher.vietnamese.dates import VIETNAM


class Progress:
    """Shows which day it is in the simulation, and how many messages there are."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self._since = since
        self._until = until
        console = speaking.aside()
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(_("loading lists"), total=(until - since).total_seconds())

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar away; doing it again does nothing."""
        self._bar.stop()

    def watch(self, moment: Moment) -> None:
        """Move on to where the simulation stands."""
        words = _(
            "{day}: {messages} messages",
            day=f"{moment.now.astimezone(VIETNAM):%d/%m/%Y}",
            messages=speaking.number(moment.messages),
        )
        self._bar.update(self._task, completed=(moment.now - self._since).total_seconds(), description=words)
