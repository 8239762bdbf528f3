"""The real command, called as an officer calls it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dispatcher.cli import main

ROOT = Path(__file__).parent.parent
COMMAND = (sys.executable, "-m", "dispatcher")


@dataclass(frozen=True, kw_only=True)
class CommandResult:
    """What a call came to."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True, kw_only=True)
class Command:
    """A folder to work in, with the settings that go with it. Nobody sits at a terminal there."""

    folder: Path
    settings: Mapping[str, str]

    def run(self, *words: str, stdin: str | bytes = "", **settings: str) -> CommandResult:
        """Call the command within this process: the same as `start`, without half a second of imports."""
        out, err = _stream(), _stream()
        kept = dict(os.environ), Path.cwd(), sys.stdin, os.umask(0o022)  # the command sets its own
        os.environ.clear()
        os.environ.update(self.environ(settings))
        os.chdir(self.folder)
        sys.stdin = _stream(stdin)
        try:
            with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
                copy_context().run(main, words)
        finally:
            os.environ.clear()
            os.environ.update(kept[0])
            os.chdir(kept[1])
            sys.stdin = kept[2]
            os.umask(kept[3])
        return CommandResult(returncode=int(ended.value.code or 0), stdout=_said(out), stderr=_said(err))

    def run_in_process(self, *words: str, stdin: str = "", **settings: str) -> CommandResult:
        """Call the command in a process of its own."""
        done = subprocess.run(
            [*COMMAND, *words], cwd=self.folder, env=self.environ(settings), input=stdin,
            capture_output=True, encoding="utf-8", check=False, timeout=100,
        )  # fmt: skip
        return CommandResult(returncode=done.returncode, stdout=done.stdout, stderr=done.stderr)

    def json(self, *words: str, **settings: str) -> Any:
        """Call the command with --json and read the one value it gives."""
        return json.loads(self.run(*words, "--json", **settings).stdout)

    def environ(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a call: this process's, without what concerns us, and `settings`."""
        ours = ("DISPATCHER", "TWILIO")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        # Nor is anything that stands on this machine.
        fixed = {"DISPATCHER_LANG": "en", "DISPATCHER_SETTINGS_FILE": os.devnull}
        return {**kept, **fixed, **self.settings, **settings}


def _stream(said: str | bytes = "") -> io.TextIOWrapper:
    raw = said if isinstance(said, bytes) else said.encode()
    return io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", write_through=True)


def _said(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


def command_in(folder: Path, contacts: Path | None = None) -> Command:
    """Work in `folder` on the sample campaign, with the lists of `contacts`."""
    return Command(
        folder=folder,
        settings={
            "DISPATCHER_SCHEDULES": str(ROOT / "schedules.toml"),
            "DISPATCHER_TEMPLATES": str(ROOT / "templates"),
            "DISPATCHER_CONTACTS": str(contacts or ROOT / "contacts"),
        },
    )
