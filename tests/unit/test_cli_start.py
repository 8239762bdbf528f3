"""The two ways in: the script that an installation puts on the path, and `python -m dispatcher`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dispatcher import __version__

SCRIPT = str(Path(sys.executable).with_name("dispatcher"))


@pytest.mark.parametrize(
    "command", [[SCRIPT], [sys.executable, "-m", "dispatcher"]], ids=["script", "module"]
)
def test_both_are_the_same_command(command: list[str]) -> None:
    said = subprocess.run([*command, "--version"], capture_output=True, encoding="utf-8", check=True)
    assert said.stdout == f"dispatcher {__version__}\n"
    wrong = subprocess.run(
        [*command, "chek", "--lang", "en"], capture_output=True, encoding="utf-8", check=False
    )
    assert wrong.returncode == 2
    assert "no verb chek" in wrong.stderr
    assert "dispatcher --help" in wrong.stderr, "help names the command, not the file it was started from"
