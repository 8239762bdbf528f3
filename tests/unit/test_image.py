"""The image can be built: what its Dockerfile brings along is all that the wheel is made of."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_wheel_is_built_from_what_the_dockerfile_copies(tmp_path: Path) -> None:
    build_stage = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("FROM ")[1]
    copied = [line.split()[1:-1] for line in build_stage.splitlines() if line.startswith("COPY ")]
    for name in (name for names in copied for name in names):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=tmp_path, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "dispatcher/starter/templates/extended.sms.j2",
        "dispatcher/starter/schedules.toml",
        "dispatcher/locale/vi/LC_MESSAGES/dispatcher.mo",
    } <= held
