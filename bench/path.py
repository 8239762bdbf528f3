"""What a message costs on its way: claimed, written, handed to a gateway that takes everything, settled.

    python -m bench.path [messages] [--profile]

CPU seconds of this process count, not the clock: waiting for the disk or for PostgreSQL is no work of ours.
The texts are those of the real campaign; a personal mail names its reader, the other goes to all alike.
"""

from __future__ import annotations

import asyncio
import cProfile
import logging
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

import sqlalchemy as sa

from dispatcher import memory
from dispatcher.app import assemble, make_signed_links
from dispatcher.clock import SimulatedClock
from dispatcher.configuration import load_configuration
from dispatcher.delivery import Delivery
from dispatcher.gateways import Capabilities, Envelope, Result, SendPermit
from dispatcher.gateways.opened import OpenGateways
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import contact_import, message
from dispatcher.ledger.sending import campaign_states
from dispatcher.ledger_thread import LedgerThread
from dispatcher.settings import from_environment
from tests import postgres

P = ParamSpec("P")
T = TypeVar("T")
CAMPAIGN = "cong-dan-so"
MORNING = datetime(2025, 10, 27, 1, 0, tzinfo=UTC)  # a Monday, 08:00 in Việt Nam: the weekly reminder
BATCH = 500
SETTINGS = from_environment(
    {
        "DISPATCHER_PUBLIC_URL": "https://nhac.hatay.gov.vn",
        "DISPATCHER_SECRET_KEY": "a secret of benches only",
        "DISPATCHER_MAIL_FROM": "nhac@hatay.example",
        "DISPATCHER_BOUNCE_ADDRESS": "nhac@hatay.example",
    }
)
MESSAGES = 10_000
PEOPLE = (
    (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
        "INSERT INTO person (id, name, name_key, given_name, honorific, area, area_key) SELECT i, "
        "'Nguyễn Thị Đào ' || i, 'nguyen thi dao ' || i, 'Đào', 'bà', 'Thôn ' || (i % 7), 'thon ' || (i % 7) "
        "FROM n"
    ),
    (
        "INSERT INTO address (person_id, channel, address, rank) SELECT id, :channel, "
        "CASE :channel WHEN 'sms' THEN '+849' || (10000000 + id) ELSE 'dan' || id || '@hatay.example' END, 0 "
        "FROM person"
    ),
    (
        "INSERT INTO contact (person_id, audience, role, import_id) "
        "SELECT id, :audience, 'cán bộ', 1 FROM person"
    ),
)


@dataclass(kw_only=True)
class NullGateway:
    """Takes everything at once."""

    capabilities: Capabilities
    name: str = "null"

    async def send(
        self, envelopes: Sequence[Envelope], *, acquire_permit: SendPermit | None = None
    ) -> Sequence[Result]:
        assert acquire_permit is not None
        results = []
        for envelope in envelopes:
            await acquire_permit()
            assert envelope.confirm is not None
            await envelope.confirm()
            results.append(
                Result(key=envelope.key, kind="accepted", status="sending", provider_id=f"SM{envelope.key}")
            )
        return results

    async def look_up(self, envelope: Envelope, *, since: datetime, provider_id: str = "") -> Result:
        raise NotImplementedError

    async def close(self) -> None:
        """There is nothing to give back."""


def measure(url: str, *, channel: str, audience: str, count: int, profile: bool) -> float:
    """Return the CPU milliseconds of one message."""
    ledger = Ledger.open(url)
    config = load_configuration(SETTINGS, make_signed_links(SETTINGS, ledger))
    with ledger.begin() as connection:
        connection.execute(sa.insert(contact_import).values(id=1, at=MORNING, who="bench", summary={}))
        for statement in PEOPLE:
            parameters = {"count": count, "channel": channel, "audience": audience}
            used = {name: value for name, value in parameters.items() if f":{name}" in statement}
            connection.execute(sa.text(statement), used)
    traits = Capabilities(channel=channel, rate_per_second=1e6, batch_max=BATCH, confirms=True)  # type: ignore[arg-type]  # sms or email
    app = assemble(
        SETTINGS,
        gateways=OpenGateways({channel: [NullGateway(capabilities=traits)]}),
        config=config,
        clock=SimulatedClock(MORNING),
        ledger=ledger,
    )
    app.step_runner.tick(MORNING)
    campaign_states.resume(ledger, CAMPAIGN, who="bench", now=MORNING)
    delivery = app.delivery
    memory.settle()  # as the service does
    profiler = cProfile.Profile() if profile else None
    cpu = asyncio.run(_serve(delivery, channel, profiler))
    with ledger.read() as connection:
        sent = connection.scalar(
            sa.select(sa.func.count()).where(message.c.status == "sending", message.c.channel == channel)
        )
    asyncio.run(app.close())
    assert sent == count, f"{sent} of {count} went out"
    if profiler is not None:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    return cpu / count * 1000


class _SameThread(LedgerThread):
    """The ledger in the caller's thread."""

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the function returns; nothing else runs meanwhile."""
        return function(*args, **kwargs)


async def _serve(delivery: Delivery, channel: str, profiler: cProfile.Profile | None) -> float:
    if profiler is not None:  # in one thread, so that the profiler sees everything
        delivery.ledger_thread = _SameThread()
        profiler.enable()
    before = time.process_time()
    while await delivery.serve_next_shard(channel):
        pass
    spent = time.process_time() - before
    if profiler is not None:
        profiler.disable()
    return spent


@contextmanager
def _databases() -> Iterator[dict[str, str]]:
    server = postgres.PostgresServer()
    with tempfile.TemporaryDirectory() as folder:
        numbers = iter(range(1000))
        admin = sa.create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")

        class Fresh(dict[str, str]):
            def __missing__(self, kind: str) -> str:
                if kind == "sqlite":
                    return f"sqlite:///{Path(folder) / f'{next(numbers)}.sqlite3'}"
                name = f"bench{next(numbers)}"
                with admin.connect() as connection:
                    connection.exec_driver_sql(f"CREATE DATABASE {name}")
                return server.url(name)

        yield Fresh()
        admin.dispose()
    server.stop()


def main() -> None:
    """Measure both channels on both databases."""
    figures_wanted = [word for word in sys.argv[1:] if word.isdecimal()]
    logging.disable(logging.WARNING)  # what was due before the Monday of the bench is missed, and said so
    count = int(figures_wanted[0]) if figures_wanted else MESSAGES
    profile = "--profile" in sys.argv
    kinds = {
        "texts": ("sms", "residents"),
        "mails alike": ("email", "residents"),
        "personal mails": ("email", "staff"),
    }
    with _databases() as databases:
        for database in ("sqlite", "postgresql"):
            for what, (channel, audience) in kinds.items():
                cost = measure(
                    databases[database], channel=channel, audience=audience, count=count, profile=profile
                )
                print(f"{database:>10}  {what:<15} {cost:6.3f} ms of CPU a message", flush=True)


if __name__ == "__main__":
    main()
