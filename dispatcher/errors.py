"""What can be wrong, said so that the reader can act: what, where, which value, what to do.

Bad input from people is data to show (`Problem`), not an exception to throw. Exceptions are for the
caller who cannot go on; each carries its exit code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "advice"]


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


class ConfigurationBroken(DispatcherError):
    """Settings, schedules, templates or lists cannot be used as they are; holds every problem at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.what for problem in problems))


class LostLease(DispatcherError):
    """Another worker holds a newer token on this shard; what we were about to write is not ours to write."""

    exit_code = 1
