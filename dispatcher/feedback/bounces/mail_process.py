"""Reads mails that anybody may have sent in a process of its own; one that is too much is for a person.

Run as a module it is that process: a line when it is ready, then for each mail (its length on a line, then
the mail) a line of JSON.
"""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType
from typing import BinaryIO, Self

from pydantic import TypeAdapter, ValidationError

from dispatcher import child_process
from dispatcher.errors import DispatcherError
from dispatcher.feedback.bounces.bounce_report import BounceFinding, UnattributedReport
from dispatcher.feedback.bounces.parsed_mail import BYTES_MAX
from dispatcher.feedback.bounces.returned_mail import fallback_report_id, read_report
from dispatcher.i18n import _

CPU_SECONDS_PER_MAIL = 5.0  # an honest one takes some milliseconds

_REPORT = TypeAdapter(UnattributedReport)
_READY = b"ready\n"


class MailReaderUnavailable(DispatcherError):
    """That process does not start: no fault of any mail, so every mail waits where it is."""

    exit_code = 1


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
        """Return what a mail says; `other` for one that cannot be read, whatever comes.

        Raises MailReaderUnavailable when there is nobody to read it.
        """
        raw = raw[:BYTES_MAX]
        child = self._child or self._start()
        try:
            return _REPORT.validate_json(_ask(child, raw))
        except (ValidationError, OSError):
            self._stop()
            return UnattributedReport(
                finding=BounceFinding(kind="other"), keys=(), report_id=fallback_report_id(raw)
            )

    def _start(self) -> subprocess.Popen[bytes]:
        what = _("mails cannot be read now: the process that reads them does not start")
        try:
            self._child = child = child_process.start(__name__)
        except OSError as error:
            raise MailReaderUnavailable(what) from error
        assert child.stdout is not None
        if child.stdout.readline() != _READY:
            self._stop()
            raise MailReaderUnavailable(what)
        return child

    def _stop(self) -> None:
        if self._child is not None:
            child_process.stop(self._child)
            self._child = None


def _ask(child: subprocess.Popen[bytes], raw: bytes) -> bytes:
    asked, answers = child.stdin, child.stdout
    assert asked is not None
    assert answers is not None
    asked.write(b"%d\n" % len(raw) + raw)
    asked.flush()
    return answers.readline()


def main(asked: BinaryIO, answers: BinaryIO) -> None:
    """Be that process."""
    child_process.limit_self(cpu_seconds=None)
    answers.write(_READY)
    answers.flush()
    while length := asked.readline():
        raw = asked.read(int(length))
        child_process.limit_next_piece(CPU_SECONDS_PER_MAIL)
        answers.write(_REPORT.dump_json(read_report(raw)) + b"\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
