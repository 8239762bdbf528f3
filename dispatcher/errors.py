"""Problems and errors that say what, where, which value, and what to do.

Bad input from people is data to show (`Problem`), not an exception to throw. Exceptions are for the
caller who cannot go on; each carries its exit code.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dispatcher.i18n import N_, _

Severity = Literal["error", "advice"]

# What the system says in English only, in the reader's words.
OS_ERRORS: Mapping[int, str] = {
    errno.ENOENT: N_("it does not exist"),
    errno.ENOTDIR: N_("a part of the path is not a folder"),
    errno.EISDIR: N_("it is a folder"),
    errno.EACCES: N_("there is no permission"),
    errno.EPERM: N_("there is no permission"),
    errno.EEXIST: N_("it exists already"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EROFS: N_("nothing can be written there"),
    errno.EADDRINUSE: N_("another program listens there"),
    errno.EADDRNOTAVAIL: N_("this machine has no such address"),
    errno.ECONNREFUSED: N_("nothing answers there"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong in what people wrote, with its remedy.

    `what` and `remedy` are sentences in the reader's language. `line` counts from 1; None when the
    problem belongs to the whole file. `where` is a key path (`campaign.x.step[2].at`) or a cell (`D7`).
    """

    file: str
    what: str
    remedy: str = ""
    line: int | None = None
    where: str = ""
    value: str = ""
    severity: Severity = "error"


class DispatcherError(Exception):
    """Something stopped the work; the message is for people."""

    exit_code = 2


class ConfigurationError(DispatcherError):
    """Settings, schedules, templates or lists cannot be used as they are; holds every problem at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.what for problem in problems))


class LeaseLost(DispatcherError):
    """Another worker holds a newer token on this shard; what we were about to write is not ours to write."""

    exit_code = 1


def os_error_message(error: OSError) -> str:
    """Return why the system refused; what we have no words for, in its own."""
    known = OS_ERRORS.get(error.errno or 0)
    return _(known) if known else error.strerror or str(error)
