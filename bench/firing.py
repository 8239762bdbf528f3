"""Planning one step for 100,000 and for 1,000,000 people: seconds, and the memory it takes (flat).

Each size runs in a process of its own, so that its peak memory is its own. The people are written by SQL,
the step is fired by the ledger's own `firing.fire`, for four audiences that overlap.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.schema.tables import contact_import
from dispatcher.ledger.sending import campaign_states, occurrences
from dispatcher.plan import Occurrence

NOW = datetime(2025, 11, 8, 1, 0, tzinfo=UTC)
SIZES = (100_000, 1_000_000)
# One person in fifty is staff, and everybody is a resident: the overlap that priorities have to settle.
PEOPLE = (
    (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
        "INSERT INTO person (id, name, name_key, area, area_key) "
        "SELECT i, 'Người ' || i, 'nguoi' || i, 'Thôn ' || (i % 7), 'thon' || (i % 7) FROM n"
    ),
    (
        "INSERT INTO address (person_id, channel, address, rank) "
        "SELECT id, 'sms', '+849' || (10000000 + id), 0 FROM person"
    ),
    "INSERT INTO contact (person_id, audience, import_id) SELECT id, 'residents', 1 FROM person",
    (
        "INSERT INTO contact (person_id, audience, import_id) "
        "SELECT id, 'staff', 1 FROM person WHERE id % 50 = 0"
    ),
)
SLICES = [
    Target(audience="staff", channels=("email", "sms")),
    Target(audience="residents", channels=("sms",)),
]


def main() -> None:
    """Run every size in its own process and print the ratio."""
    if len(sys.argv) > 2:
        measure(int(sys.argv[2]))
        return
    lines = [_child(size) for size in SIZES]
    for size, (seconds, peak) in zip(SIZES, lines, strict=True):
        print(f"{size:>9,} people: {seconds:6.2f} s, {size / seconds:>9,.0f} a second, peak {peak:.0f} MB")
    print(f"memory, 1,000,000 to 100,000: {lines[1][1] / lines[0][1]:.2f}")


def _child(size: int) -> tuple[float, float]:
    command = [sys.executable, "-m", "bench.firing", "--size", str(size)]
    seconds, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(peak)


def measure(count: int) -> None:
    """Fire one step for `count` people; print seconds and peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger.open(f"sqlite:///{Path(folder) / 'ledger.sqlite3'}")
        with ledger.begin() as connection:
            connection.execute(sa.insert(contact_import).values(id=1, at=NOW, who="bench", summary={}))
            for statement in PEOPLE:
                parameters = {"count": count} if ":count" in statement else {}
                connection.execute(sa.text(statement), parameters)
        campaign_states.ensure(ledger, "bench", now=NOW)
        before = time.perf_counter()
        step = Occurrence(
            campaign="bench", step="3-days", key="k", kind="warning", template="3-days", due_at=NOW,
            expires_at=NOW + timedelta(hours=8), audiences=("staff", "residents"),
        )  # fmt: skip
        fired = occurrences.start(ledger, step, SLICES, shard_size=2000, now=NOW)
        seconds = time.perf_counter() - before
        assert fired is not None
        assert fired.messages == count, fired
        ledger.close()
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
    print(f"{seconds:.3f} {peak:.1f}")


if __name__ == "__main__":
    main()
