"""What classes of pages have in common."""

from __future__ import annotations

from dispatcher.web.auth import AccessControl
from dispatcher.web.page_context import PageContext


class Pages:
    """Pages that belong together; a subclass gives their `routes`, each with the permission it needs."""

    def __init__(self, context: PageContext, access: AccessControl) -> None:
        self._context = context
        self._access = access
