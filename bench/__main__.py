"""`make bench`: every measurement one after the other, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PARTS_ONLY = {"__main__", "__init__", "sinks"}  # pieces that measurements are made of


def main() -> int:
    """Run the measurements named, or all of them; gives the number that failed."""
    folder = Path(__file__).parent
    names = sys.argv[1:] or sorted(path.stem for path in folder.glob("*.py") if path.stem not in PARTS_ONLY)
    failed = 0
    for name in names:
        print(f"== {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
