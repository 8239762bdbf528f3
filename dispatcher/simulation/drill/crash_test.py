"""Kills the service at every failpoint and at random, until the time or the kills are used up."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from dispatcher import configuration
from dispatcher.app import make_signed_links
from dispatcher.clock import SystemClock, monotonic
from dispatcher.gateways import registry
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries.message_log import PendingWork, pending_work, states, unresolved_attempts
from dispatcher.report import import_lists
from dispatcher.sandbox import process
from dispatcher.sandbox.failures import Failures
from dispatcher.sandbox.process import Sandbox
from dispatcher.simulation.drill import drill_fixture
from dispatcher.simulation.drill.drill_fixture import DrillFixture, DrillPlan
from dispatcher.simulation.drill.service_process import ServiceProcess, free_port
from dispatcher.simulation.drill.verification import DrillVerification, verify

# A little slowness keeps calls open, so that kills fall between call and answer.
SLOW_PROVIDER = Failures(
    sms={"slow": 0.03},
    mail={"slow": 0.03},
    slow_seconds=0.1,
    sent_after=(0.05, 0.5),
    receipt_after=(0.05, 1.0),
)
# Where to strike, in an order in which each leaves work for the next; the number is drawn from the span.
KILL_POINTS: tuple[tuple[str, tuple[int, int]], ...] = (
    ("cleared", (1, 6)),
    ("doubting", (1, 3)),
    ("on-the-wire", (1, 60)),
    ("doubted", (1, 3)),
    ("answered", (1, 60)),
    ("doubt-asked", (1, 12)),
    ("sent", (1, 6)),
    ("doubt-noted", (1, 1)),
    ("leave-given", (1, 60)),
    ("resending", (1, 1)),
    ("settling", (1, 6)),
    ("resent", (1, 1)),
    ("claiming", (1, 6)),
    ("folding", (1, 4)),
    ("settled", (1, 6)),
    ("event-recording", (1, 6)),
    ("firing", (1, 1)),
    ("event-recorded", (1, 6)),
    ("slots-reserved", (1, 8)),
    ("folded", (1, 6)),
    ("fired", (1, 1)),
    ("finishing", (1, 3)),
    ("shard-taking", (1, 3)),
    ("finished", (1, 3)),
    ("shard-taken", (1, 3)),
    ("claimed", (1, 6)),
    ("clearing", (1, 6)),
)
ANY_TIME = "any moment"
RANDOM_KILL_SECONDS = (0.0, 1.5)  # seconds: when a kill without a point falls
POINT_SECONDS_MAX = 5.0  # seconds after listening in which an armed point has to come, or it is killed anyway
IDLE_SECONDS_MAX = 120.0
IDLE_CHECKS = 2
KILLED_EXIT_CODE = -signal.SIGKILL
VIOLATION_FIELDS = ("lost", "imagined", "unknown", "twice", "stuck", "groundless", "flaws")


@dataclass(kw_only=True)
class KillCount:
    """How often the service was killed, and where."""

    by_point: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    unexpected_exits: list[int] = field(default_factory=list)  # exit codes of lives that ended by themselves
    in_doubt: set[tuple[int, int]] = field(default_factory=set)  # message, attempt: in doubt after some kill

    @property
    def total(self) -> int:
        """All kills."""
        return self.by_point.total()


@dataclass(frozen=True, kw_only=True)
class DrillResult:
    """A drill, played to its end."""

    kills: KillCount
    verification: DrillVerification
    pending: PendingWork  # what had not come to rest in time: nothing, if all is well
    seconds: float

    @property
    def is_sound(self) -> bool:
        """Return whether the promise was kept."""
        return self.verification.is_sound and not self.pending.total and not self.kills.unexpected_exits

    @property
    def lost(self) -> int:
        """How many messages were promised, and neither arrived nor are held for a person."""
        proof = self.verification
        return len(proof.lost) + len(proof.imagined) + len(proof.stuck) + self.pending.total

    def violations(self) -> dict[str, list[Any]]:
        """Return what must not be, by kind."""
        all_kinds = {name: list(getattr(self.verification, name)) for name in VIOLATION_FIELDS} | {
            "fell": self.kills.unexpected_exits
        }
        return {name: items for name, items in all_kinds.items() if items}

    def as_json(self) -> dict[str, Any]:
        """Return it for machines; messages are counted, and named only where something went wrong."""
        proof = self.verification
        return {
            "sound": self.is_sound,
            "kills": self.kills.total,
            "points": dict(self.kills.by_point.most_common()),
            "messages": proof.planned,
            "accepted": proof.accepted,
            "lost": self.lost,
            "twice": len(proof.twice),
            "unknown": len(proof.unknown),
            "texts_in_doubt": {"asked": proof.asked, "there": proof.there, "sent_again": proof.again},
            "mails_in_doubt": {"sent_again": len(proof.repeated), "held": len(proof.held)},
            "wrong": self.violations(),
            "seconds": round(self.seconds, 1),
        }


class CrashTest:
    """One ledger, one provider that stays up, and a service that does not."""

    def __init__(self, fixture: DrillFixture, sandbox: Sandbox, *, seed: int = 1) -> None:
        self.fixture = fixture
        self.sandbox = sandbox
        self.environ: Mapping[str, str] = {
            **sandbox.environ(),
            # Ten minutes for an answer are right out there; this server answers at once or never.
            "DISPATCHER_SMTP_URL": f"{sandbox.smtp_url}?answer_patience_seconds=60&patience_seconds=30",
            "DISPATCHER_BIND": f"127.0.0.1:{free_port()}",
            **fixture.environ,
        }
        self.settings = registry.read_settings(self.environ)
        self.log = fixture.folder / "service.log"
        self.kills = KillCount()
        self._random = random.Random(seed)  # noqa: S311 - where to strike is no secret
        self._kill_points = cycle(KILL_POINTS)

    def load_people(self) -> None:
        """Import the people into the ledger. Raises RuntimeError when the reader did not take them all."""
        schedules = configuration.load_configuration(self.settings, None).schedules
        with self.ledger() as ledger:
            selection = import_lists.select(schedules, self.settings.contacts)
            _lists, summary = import_lists.import_selection(
                ledger, selection, who="drill", now=SystemClock().now()
            )
        if (ready := summary.total("new") - summary.total("held")) != self.fixture.plan.messages:
            raise RuntimeError(f"{ready} of {self.fixture.plan.messages} made-up people can be written to")

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the ledger beside the service."""
        opened = Ledger.open(
            self.settings.database_url,
            secret_key=self.settings.secret_key,
            key_folder=self.settings.schedules.parent,
        )
        try:
            yield opened
        finally:
            opened.close()

    def start(self, fault: str = "", **environ: str) -> ServiceProcess:
        """Begin a life of the service."""
        self.kills.starts += 1
        return ServiceProcess({**self.environ, **environ}, self.log, fault=fault)

    def kill_once(self) -> str:
        """Run the service for a while and kill it; return where."""
        if self.kills.starts % 3 == 2:
            point, fault = ANY_TIME, ""
        else:
            point, (low, high) = next(self._kill_points)
            fault = f"{point}:{self._random.randint(low, high)}"
        with self.start(fault) as service:
            service.wait_until_listening()
            exit_code = service.wait(
                POINT_SECONDS_MAX if fault else self._random.uniform(*RANDOM_KILL_SECONDS)
            )
        if exit_code not in {None, KILLED_EXIT_CODE}:
            self.kills.unexpected_exits.append(exit_code or 0)
        point = point if exit_code is not None else ANY_TIME
        self.kills.by_point[point] += 1
        self.record_in_doubt()
        return point

    def record_in_doubt(self) -> None:
        """Remember what nobody knows now, after a life ended: anything else may not come into doubt."""
        with self.ledger() as ledger:
            self.kills.in_doubt |= unresolved_attempts(ledger)

    def run_until_idle(self, *, within: float = IDLE_SECONDS_MAX, **environ: str) -> PendingWork:
        """Live undisturbed until nothing is to come any more, then stop orderly."""
        with self.start(**environ) as life:
            life.wait_until_listening()
            pending = self.wait_until_idle(life, within=within)
            life.terminate()
            life.wait(60)
        return pending

    def wait_until_idle(self, *processes: ServiceProcess, within: float = IDLE_SECONDS_MAX) -> PendingWork:
        """Wait while they live until nothing is to come any more."""
        ends_at = monotonic() + within
        with self.ledger() as ledger:
            # Twice in a row: a report may be on its way from the provider to the inbox between two looks.
            pending, quiet = self.pending_work(ledger), 0
            while (
                quiet < IDLE_CHECKS
                and monotonic() < ends_at
                and all(life.exit_code is None for life in processes)
            ):
                time.sleep(0.1)
                pending = self.pending_work(ledger)
                quiet = 0 if pending.total else quiet + 1
        return pending

    def pending_work(self, ledger: Ledger) -> PendingWork:
        """Count what is still to come, waves that were not fired yet among it."""
        pending = pending_work(ledger)
        missing = self.fixture.plan.messages - sum(self.count_by_status(ledger).values())
        return PendingWork(
            waiting=pending.waiting + missing,
            unanswered=pending.unanswered,
            in_doubt=pending.in_doubt,
            unread=pending.unread + self._reports_to_come(),
        )

    def _reports_to_come(self) -> int:
        callbacks = self.sandbox.summary()["callbacks"]
        return int(callbacks["pending"] + callbacks["in_flight"])

    def count_by_status(self, ledger: Ledger) -> Counter[str]:
        """Count messages by status."""
        return Counter(fate.status for fate in states(ledger))

    def verify(self) -> DrillVerification:
        """Compare both sides."""
        with self.ledger() as ledger:
            links = make_signed_links(self.settings, ledger)
            return verify(
                ledger,
                links,
                self.sandbox.folder,
                in_doubt=frozenset(self.kills.in_doubt),
                now=SystemClock().now(),
            )


def run_drill(
    folder: Path,
    plan: DrillPlan,
    *,
    database_url: str,
    kills: float = float("inf"),
    seconds: float = float("inf"),
    seed: int = 1,
    failures: Failures = SLOW_PROVIDER,
    on_kill: Callable[[CrashTest], None] = lambda _crash_test: None,
) -> DrillResult:
    """Play a whole drill in `folder`: build, load, kill, let it come to rest, prove."""
    began = monotonic()
    with process.start(folder / "sandbox", failures=failures, keep_mail=False) as sandbox:
        now = SystemClock().now()
        fixture = drill_fixture.build_fixture(folder, plan, database_url=database_url, now=now)
        crash_test = CrashTest(fixture, sandbox, seed=seed)
        crash_test.load_people()
        while crash_test.kills.total < kills and monotonic() - began < seconds:
            crash_test.kill_once()
            on_kill(crash_test)
        pending = crash_test.run_until_idle()
        return DrillResult(
            kills=crash_test.kills,
            verification=crash_test.verify(),
            pending=pending,
            seconds=monotonic() - began,
        )
