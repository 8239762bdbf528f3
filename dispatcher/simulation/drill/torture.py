"""Kills the service at every point of its path and at any moment, until the time or the kills are used up."""

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

from dispatcher import edition
from dispatcher.app import make_links
from dispatcher.clock import SystemClock, elapsed
from dispatcher.ledger import Ledger
from dispatcher.ledger.fates import Unrest, fates, unknown, unrest
from dispatcher.report import loading
from dispatcher.sandbox import process
from dispatcher.sandbox.failures import Failures
from dispatcher.sandbox.process import Sandbox
from dispatcher.settings import read
from dispatcher.simulation.drill import scene
from dispatcher.simulation.drill.life import Life, free_port
from dispatcher.simulation.drill.proof import Proof, prove
from dispatcher.simulation.drill.scene import Plan, Scene

# A little slowness keeps calls open, so that kills fall between call and answer.
ROUGH = Failures(
    sms={"slow": 0.03},
    mail={"slow": 0.03},
    slow_seconds=0.1,
    sent_after=(0.05, 0.5),
    receipt_after=(0.05, 1.0),
)
# Where to strike, in an order in which each leaves work for the next; the number is drawn from the span.
STRIKES: tuple[tuple[str, tuple[int, int]], ...] = (
    ("claimed", (1, 6)),
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
)
ANY_MOMENT = "any moment"
AFTER_LISTENING = (0.0, 1.5)  # seconds: when a kill without a point falls
POINT_WITHIN = 5.0  # seconds after listening in which an armed point has to come, or it is killed anyway
REST_WITHIN = 120.0
QUIET = 2
KILLED = -signal.SIGKILL
WRONG = ("lost", "imagined", "unknown", "twice", "stuck", "groundless", "flaws")


@dataclass(kw_only=True)
class Tally:
    """How often the service was killed, and where."""

    kills: Counter[str] = field(default_factory=Counter)
    lives: int = 0
    fell: list[int] = field(default_factory=list)  # exit codes of lives that ended by themselves
    doubtful: set[tuple[int, int]] = field(default_factory=set)  # message, attempt: in doubt after some kill

    @property
    def total(self) -> int:
        """All kills."""
        return self.kills.total()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A drill, played to its end."""

    tally: Tally
    proof: Proof
    rest: Unrest  # what had not come to rest in time: nothing, if all is well
    seconds: float

    @property
    def is_sound(self) -> bool:
        """Whether the promise was kept."""
        return self.proof.is_sound and not self.rest.total and not self.tally.fell

    @property
    def lost(self) -> int:
        """How many messages were promised, and neither arrived nor are held for a person."""
        proof = self.proof
        return len(proof.lost) + len(proof.imagined) + len(proof.stuck) + self.rest.total

    def wrong(self) -> dict[str, list[Any]]:
        """Name what must not be, by kind."""
        found = {name: list(getattr(self.proof, name)) for name in WRONG} | {"fell": self.tally.fell}
        return {name: items for name, items in found.items() if items}

    def as_json(self) -> dict[str, Any]:
        """Give it for machines; messages are counted, and named only where something went wrong."""
        proof = self.proof
        return {
            "sound": self.is_sound,
            "kills": self.tally.total,
            "points": dict(self.tally.kills.most_common()),
            "messages": proof.planned,
            "accepted": proof.accepted,
            "lost": self.lost,
            "twice": len(proof.twice),
            "unknown": len(proof.unknown),
            "texts_in_doubt": {"asked": proof.asked, "there": proof.there, "sent_again": proof.again},
            "mails_in_doubt": {"sent_again": len(proof.repeated), "held": len(proof.held)},
            "wrong": self.wrong(),
            "seconds": round(self.seconds, 1),
        }


class Torture:
    """One ledger, one provider that stays up, and a service that does not."""

    def __init__(self, stage: Scene, sandbox: Sandbox, *, seed: int = 1) -> None:
        self.stage = stage
        self.sandbox = sandbox
        self.environ: Mapping[str, str] = {
            **sandbox.environ(),
            # Ten minutes for an answer are right out there; this server answers at once or never.
            "DISPATCHER_SMTP_URL": f"{sandbox.smtp_url}?answer_patience_seconds=60&patience_seconds=30",
            "DISPATCHER_BIND": f"127.0.0.1:{free_port()}",
            **stage.environ,
        }
        self.settings = read(self.environ)
        self.log = stage.folder / "service.log"
        self.tally = Tally()
        self._dice = random.Random(seed)  # noqa: S311 - where to strike is no secret
        self._strikes = cycle(STRIKES)

    def load(self) -> None:
        """Put the people into the ledger."""
        schedules = edition.read(self.settings, None).schedules
        with self.ledger() as ledger:
            wanted = loading.wanted(schedules, self.settings.contacts)
            loading.load(ledger, wanted, who="drill", now=SystemClock().now())

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the ledger beside the service."""
        opened = Ledger.open(self.settings.database_url)
        try:
            yield opened
        finally:
            opened.close()

    def start(self, fault: str = "", **environ: str) -> Life:
        """Begin a life of the service."""
        self.tally.lives += 1
        return Life({**self.environ, **environ}, self.log, fault=fault)

    def strike(self) -> str:
        """Let the service live a little and kill it; gives where."""
        if self.tally.lives % 3 == 2:
            where, fault = ANY_MOMENT, ""
        else:
            where, (low, high) = next(self._strikes)
            fault = f"{where}:{self._dice.randint(low, high)}"
        with self.start(fault) as life:
            life.wait_until_it_listens()
            died = life.wait(POINT_WITHIN if fault else self._dice.uniform(*AFTER_LISTENING))
        if died not in {None, KILLED}:
            self.tally.fell.append(died or 0)
        where = where if died is not None else ANY_MOMENT
        self.tally.kills[where] += 1
        self.note_doubts()
        return where

    def note_doubts(self) -> None:
        """Remember what nobody knows now, after a life ended: anything else may not come into doubt."""
        with self.ledger() as ledger:
            self.tally.doubtful |= unknown(ledger)

    def come_to_rest(self, *, within: float = REST_WITHIN, **environ: str) -> Unrest:
        """Live undisturbed until nothing is to come any more, then stop orderly."""
        with self.start(**environ) as life:
            life.wait_until_it_listens()
            rest = self.wait_for_rest(life, within=within)
            life.ask_to_stop()
            life.wait(60)
        return rest

    def wait_for_rest(self, *lives: Life, within: float = REST_WITHIN) -> Unrest:
        """Wait while they live until nothing is to come any more."""
        ends_at = elapsed() + within
        with self.ledger() as ledger:
            # Twice in a row: a report may be on its way from the provider to the inbox between two looks.
            rest, quiet = self.unrest(ledger), 0
            while quiet < QUIET and elapsed() < ends_at and all(life.exit_code is None for life in lives):
                time.sleep(0.1)
                rest = self.unrest(ledger)
                quiet = 0 if rest.total else quiet + 1
        return rest

    def unrest(self, ledger: Ledger) -> Unrest:
        """Count what is still to come, waves that were not fired yet among it."""
        found = unrest(ledger)
        missing = self.stage.plan.messages - sum(self.counts(ledger).values())
        return Unrest(
            waiting=found.waiting + missing,
            unanswered=found.unanswered,
            in_doubt=found.in_doubt,
            unread=found.unread + self._reports_to_come(),
        )

    def _reports_to_come(self) -> int:
        callbacks = self.sandbox.summary()["callbacks"]
        return int(callbacks["pending"] + callbacks["in_flight"])

    def counts(self, ledger: Ledger) -> Counter[str]:
        """Count messages by status."""
        return Counter(fate.status for fate in fates(ledger))

    def prove(self) -> Proof:
        """Compare both sides."""
        with self.ledger() as ledger:
            links = make_links(self.settings, ledger)
            return prove(
                ledger,
                links,
                self.sandbox.folder,
                doubtful=frozenset(self.tally.doubtful),
                now=SystemClock().now(),
            )


def play(
    folder: Path,
    plan: Plan,
    *,
    database_url: str,
    kills: float = float("inf"),
    seconds: float = float("inf"),
    seed: int = 1,
    failures: Failures = ROUGH,
    watch: Callable[[Torture], None] = lambda _torture: None,
) -> Outcome:
    """Play a whole drill in `folder`: build, load, kill, let it come to rest, prove."""
    began = elapsed()
    with process.start(folder / "sandbox", failures=failures, keep_mail=False) as sandbox:
        now = SystemClock().now()
        stage = scene.build(folder, plan, database_url=database_url, now=now)
        torture = Torture(stage, sandbox, seed=seed)
        torture.load()
        while torture.tally.total < kills and elapsed() - began < seconds:
            torture.strike()
            watch(torture)
        rest = torture.come_to_rest()
        return Outcome(tally=torture.tally, proof=torture.prove(), rest=rest, seconds=elapsed() - began)
