"""A progress bar on standard error while a simulation runs; silent when that is no terminal."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from dispatcher.cli import console
from dispatcher.i18n import _
from dispatcher.simulation.simulation_loop import ProgressEvent
from dispatcher.vietnamese.dates import VIETNAM


class ProgressBar:
    """Shows which day it is in the simulation, and how many messages there are."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self._since = since
        self._until = until
        terminal = console.stderr()
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=terminal,
            transient=True,
            disable=not terminal.is_terminal,
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

    def update(self, event: ProgressEvent) -> None:
        """Move on to where the simulation stands."""
        words = _(
            "{day}: {messages} messages",
            day=f"{event.now.astimezone(VIETNAM):%d/%m/%Y}",
            messages=console.format_number(event.messages),
        )
        self._bar.update(self._task, completed=(event.now - self._since).total_seconds(), description=words)
