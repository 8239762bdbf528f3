"""Closes a connection so that its last answer arrives, also while the caller is still sending.

A socket that is closed with something unread in it makes the system throw away what was on its way to the
caller: an early "too large" would be lost. So our half is closed first, and what still comes in is read and
forgotten for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

LINGER_SECONDS = 5.0
LINGER_BYTES_MAX = 32 * 1024 * 1024


class LingeringTransport(asyncio.Transport):
    """A transport as asyncio gives it, but for `close`; `is_caller_sending` says whether more will come."""

    def __init__(
        self, inner: asyncio.Transport, loop: asyncio.AbstractEventLoop, is_caller_sending: Callable[[], bool]
    ) -> None:
        self._inner = inner
        self._loop = loop
        self._is_caller_sending = is_caller_sending
        self._bytes_left = LINGER_BYTES_MAX
        self.is_lingering = False

    def close(self) -> None:
        """Close, at once where nothing more comes; else when the caller has finished or the time is over."""
        if self._inner.is_closing() or self.is_lingering or not self._is_caller_sending():
            self._inner.close()
            return
        self.is_lingering = True
        self._inner.write_eof()
        self._inner.resume_reading()
        self._loop.call_later(LINGER_SECONDS, self._inner.close)

    def forget(self, data: bytes) -> None:
        """Take what comes in while lingering."""
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            self._inner.abort()

    def is_closing(self) -> bool:
        """Return whether nothing is to be written any more."""
        return self.is_lingering or self._inner.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport knows of the connection."""
        return self._inner.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send."""
        self._inner.write(data)

    def pause_reading(self) -> None:
        """Read nothing for a while."""
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._inner.resume_reading()

    def abort(self) -> None:
        """Close at once, whatever is on its way."""
        self._inner.abort()
