"""A whole month of a commune, through real HTTP and SMTP: how long it takes, and how much memory.

    python -m bench.month [residents]

Staff, party members and parents come on top, as many as such a commune has.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

RESIDENTS = 10_000
DISPATCHER = str(Path(sys.executable).with_name("dispatcher"))


def main() -> None:
    """Make the people, play the month, say what it took."""
    residents = int(sys.argv[1]) if len(sys.argv) > 1 else RESIDENTS
    with tempfile.TemporaryDirectory() as folder:
        made = [DISPATCHER, "sandbox", "people", "--residents", str(residents), folder]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        played = [DISPATCHER, "simulate", "--people", folder, "--json"]
        answer = subprocess.run(played, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    month = json.loads(answer.stdout)
    sums = month["reconciliation"]
    print(
        f"{month['people']:,} people, {month['planned']:,} messages planned, {sums['accepted']:,} sent: "
        f"{month['seconds']:.1f} s, {month['peak_rss_mb']:.0f} MB; lost {sums['lost']}, "
        f"twice {sums['twice']}, in doubt {sums['in_doubt']}, rules broken {len(month['rules_broken'])}"
    )


if __name__ == "__main__":
    main()
