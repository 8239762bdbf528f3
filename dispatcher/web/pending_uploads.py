"""Uploaded lists between being looked at and being taken in: few, private, and not for long."""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

KEPT_MAX = 20
KEPT_FOR = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingUpload:
    """A list that somebody looks at; `name` is what their browser calls it."""

    path: Path
    name: str
    user: str
    campaign: str
    at: datetime


class PendingUploads:
    """Keeps them in a folder that goes with the process. Whoever comes too late uploads again."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="dispatcher-")
        self._kept: dict[str, PendingUpload] = {}

    def keep(self, content: bytes, *, name: str, user: str, campaign: str, now: datetime) -> tuple[str, Path]:
        """Keep a list; gives the key by which it is found again, and where it lies."""
        self._drop_old(now)
        key = secrets.token_urlsafe(16)
        path = Path(self._folder.name) / f"{key}{Path(name).suffix.lower()}"
        path.write_bytes(content)
        self._kept[key] = PendingUpload(path=path, name=name, user=user, campaign=campaign, at=now)
        return key, path

    def find(self, key: str, *, user: str, campaign: str, now: datetime) -> PendingUpload | None:
        """Return a list that this user uploaded for this campaign; None when it is there no more."""
        self._drop_old(now)
        found = self._kept.get(key)
        return found if found and (found.user, found.campaign) == (user, campaign) else None

    def claim(self, key: str, *, user: str, campaign: str, now: datetime) -> PendingUpload | None:
        """Return what `find` does, for this caller alone: who clicks twice takes it in once."""
        found = self.find(key, user=user, campaign=campaign, now=now)
        return None if found is None else self._kept.pop(key)

    def give_back(self, key: str, upload: PendingUpload) -> None:
        """Keep a list that was claimed and not taken in."""
        self._kept[key] = upload

    def _drop(self, key: str) -> None:
        if (found := self._kept.pop(key, None)) is not None:
            found.path.unlink(missing_ok=True)

    def _drop_old(self, now: datetime) -> None:
        old = [key for key, item in self._kept.items() if now - item.at > KEPT_FOR]
        for key in [*old, *list(self._kept)[: max(0, len(self._kept) - len(old) - KEPT_MAX + 1)]]:
            self._drop(key)
