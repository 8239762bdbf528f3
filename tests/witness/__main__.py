"""`python -m tests.witness`: every case on SQLite and PostgreSQL, a table, exit code 1 when one is wrong."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests import postgres
from tests.witness.cases import CASES


def main() -> None:
    """Try everything."""
    wrong = 0
    server = postgres.PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name, case in CASES.items():
                for kind in ("sqlite", "postgresql"):
                    place = Path(folder) / f"{name}-{kind}"
                    url = f"sqlite:///{place / 'ledger.sqlite3'}"
                    if kind == "postgresql":
                        server.create(name)
                        url = server.url(name)
                    for finding in case(place, url):
                        wrong += not finding.is_right
                        verdict = "right" if finding.is_right else "WRONG"
                        print(f"{kind:10} {verdict} {finding.what} {finding.seen}", flush=True)
    finally:
        server.stop()
    print(f"{wrong} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
