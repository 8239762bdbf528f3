"""Lists uploaded in the browser: who took part, and who must not be written to."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import Route

from dispatcher.web.desk import Desk
from dispatcher.web.doors import Doors


class Uploads:
    """Addresses ending in /uploads take files."""

    def __init__(self, desk: Desk, doors: Doors) -> None:
        self._desk = desk
        self._doors = doors

    def routes(self) -> Sequence[Route]:
        """Give the routes."""
        return ()
