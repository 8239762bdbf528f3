"""Reads mails that anybody may have sent in a process of its own; one that is too much is for a person.

Run as a module it is that process: for each mail (its length on a line, then the mail) a line of JSON.
"""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType
from typing import BinaryIO, Self

from pydantic import TypeAdapter, ValidationError

from dispatcher import child_process
from dispatcher.feedback.bounces.bounce_report import BounceFinding, UnattributedReport
from dispatcher.feedback.bounces.parsed_mail import BYTES_MAX
from dispatcher.feedback.bounces.returned_mail import fallback_report_id, read_report

CPU_SECONDS_PER_MAIL = 5.0  # an honest one takes some milliseconds

_REPORT = TypeAdapter(UnattributedReport)


class MailReader:
    """That process, for any number of mails; begun with the first, begun anew after one that broke it."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def read(self, raw: bytes) -> UnattributedReport:
        """Return what a mail says; `other` for one that cannot be read. Never raises, whatever comes."""
        raw = raw[:BYTES_MAX]
        try:
            return _REPORT.validate_json(self._ask(raw))
        except (ValidationError, OSError):
            self._stop()
            return UnattributedReport(
                finding=BounceFinding(kind="other"), keys=(), report_id=fallback_report_id(raw)
            )

    def _ask(self, raw: bytes) -> bytes:
        if self._child is None:
            self._child = child_process.start(__name__)
        asked, answers = self._child.stdin, self._child.stdout
        assert asked is not None
        assert answers is not None
        asked.write(b"%d\n" % len(raw) + raw)
        asked.flush()
        return answers.readline()

    def _stop(self) -> None:
        if self._child is not None:
            child_process.stop(self._child)
            self._child = None


def main(asked: BinaryIO, answers: BinaryIO) -> None:
    """Be that process."""
    child_process.limit_self(cpu_seconds=None)
    while length := asked.readline():
        raw = asked.read(int(length))
        child_process.limit_next_piece(CPU_SECONDS_PER_MAIL)
        answers.write(_REPORT.dump_json(read_report(raw)) + b"\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
