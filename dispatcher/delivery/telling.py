"""Tells the ledger what nobody else knows, for as long as it is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from dispatcher.clock import elapsed
from dispatcher.crossing import Crossing
from dispatcher.delivery.patience import Patience
from dispatcher.ledger import Passing

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """Says a thing to the ledger again and again, until it has heard."""

    crossing: Crossing
    stopping: Callable[[], bool]
    patience: Patience

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` in the ledger's thread until it comes back.

        Raises `ledger.Away` when we are told to stop and the ledger does not come back for a while: what
        was not written then is asked about by the next life.
        """
        told_at: float | None = None
        while True:
            try:
                return await self.crossing(function, *args, **kwargs)
            except Passing:
                logger.exception("the ledger is away; trying again", extra={"action": "ledger-away"})
                if self.stopping():
                    told_at = told_at or elapsed()
                    if elapsed() - told_at >= self.patience.goodbye.total_seconds():
                        raise
            await asyncio.sleep(self.patience.trouble.total_seconds())
