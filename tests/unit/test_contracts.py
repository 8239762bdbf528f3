"""The contracts on imports are seen to fail: in a copy of the package each is broken on purpose."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
BREAKS = {  # contract -> a file, and an import that it must not hold
    "Data flows one way: each module imports only from those further down this list": (
        "clock.py",
        "from dispatcher import plan",
    ),
    "SQL is written in the ledger only": ("report/agenda.py", "import sqlalchemy"),
    "Who asks the ledger writes nothing": (
        "ledger/queries/to_do.py",
        "from dispatcher.ledger.sending import shards",
    ),
    "Who writes to the ledger does not lean on its reports": (
        "ledger/sending/shards.py",
        "from dispatcher.ledger.queries import to_do",
    ),
    "A provider's library is known to its gateway only": ("delivery/retry.py", "import aiosmtplib"),
    "The mail server of the sandbox stays in the sandbox": ("gateways/registry.py", "import aiosmtpd"),
    "The alarm clock rings in the engine only": ("service.py", "import apscheduler"),
    "Faces are drawn in cli and web only": ("report/labels.py", "import typer"),
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, to be broken."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    only_code = shutil.ignore_patterns("__pycache__", "locale", "static", "*.html")
    return Path(shutil.copytree(ROOT / "dispatcher", tmp_path / "dispatcher", ignore=only_code))


def lint(package: Path) -> str:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=package.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_every_contract_is_seen_to_fail(package: Path) -> None:
    for file, line in BREAKS.values():
        with (package / file).open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")
    said = lint(package)
    assert [name for name in BREAKS if f"{name} BROKEN" not in said] == []
    assert set(BREAKS) == {contract["name"] for contract in CONTRACTS["contracts"]}


def test_a_module_without_a_place_in_the_list_is_found(package: Path) -> None:
    (package / "stray.py").write_text('"""A module nobody gave a place."""\n', encoding="utf-8")
    assert "stray" in lint(package)
