"""What was confirmed holds from then on, at the provider's door; and the rate asked is the rate kept.

One service and several, a provider that takes long to answer, a batch on its way, and somebody who decides.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

import pytest

from dispatcher import configuration
from dispatcher.clock import SystemClock
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries.message_log import states
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.sending import campaign_states
from dispatcher.report import import_lists
from dispatcher.sandbox.failures import Failures
from dispatcher.simulation.drill.crash_test import CrashTest
from dispatcher.simulation.drill.drill_fixture import HOLD_CAMPAIGN, wave_name
from dispatcher.simulation.drill.service_process import free_port
from tests.crash import witness
from tests.crash.assertions import count_accepted, log_tail, wait_until
from tests.crash.conftest import MakeCrashTest
from tests.crash.witness import Arrival, Decision

WORKERS = [("sqlite_url", 1), ("postgres_url", 1), ("postgres_url", 3), ("postgres_url", 5)]
REAL_TIME = {"patience": 1.0, "policies": ("hold",), "mails": 0}
NEW_EDITION = "a new edition of schedules and templates is in force"


def slow_provider(seconds: float) -> Failures:
    """A provider half of whose answers take so long."""
    return Failures(sms={"slow": 0.5}, slow_seconds=seconds, sent_after=(0.1, 0.3), receipt_after=(0.1, 0.3))


@contextmanager
def services(crash_test: CrashTest, count: int) -> Iterator[None]:
    """Run so many services on one database."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(crash_test.start(DISPATCHER_BIND=f"127.0.0.1:{free_port()}"))
        yield


class Office:
    """Somebody who decides, beside the service, and keeps what was confirmed when."""

    def __init__(self, crash_test: CrashTest) -> None:
        self._crash_test = crash_test
        self._people = crash_test.fixture.plan.texts
        self.decisions: list[Decision] = []

    def decide_about_people(self) -> None:
        """Opt out, report, hold and take off the list: everybody who is still to come, by turns."""
        numbers = [f"0901{place:06d}" for place in range(self._people)]
        turns: list[Callable[[Ledger, set[str]], None]] = [self._opt_out, self._take_part, self._load_list]
        for turn, decide in enumerate(turns):
            chosen = {number for place, number in enumerate(numbers) if place % 5 == turn}
            with self._crash_test.ledger() as ledger:
                decide(ledger, chosen)
            self._confirm(decide.__name__, lambda arrival, them=chosen: _local(arrival.to) in them)

    def _confirm(self, what: str, contradicts: Callable[[Arrival], bool]) -> None:
        now = SystemClock().now()
        self.decisions.append(Decision(what=what, confirmed_at=now, contradicts=contradicts))

    def _opt_out(self, ledger: Ledger, numbers: set[str]) -> None:
        wishes = [OptOut(channel="sms", address=_international(number), how="cli") for number in numbers]
        suppressions.opt_out(ledger, wishes, now=SystemClock().now())

    def _take_part(self, ledger: Ledger, numbers: set[str]) -> None:
        now = SystemClock().now()
        addresses = [_international(number) for number in numbers]
        found = participation.people_by_address(ledger, "sms", addresses)
        known = [person.person_id for people in found.values() for person in people]
        facts = [
            Participation(campaign=HOLD_CAMPAIGN, person_id=who, at=now, source="a list") for who in known
        ]
        assert participation.record(ledger, facts, now=now) == len(numbers)

    def _load_list(self, ledger: Ledger, numbers: set[str]) -> None:
        """Load the list again: half of them are marked as dead, the other half are gone from it."""
        schedules = configuration.load_configuration(self._crash_test.settings, None).schedules
        file = self._crash_test.fixture.folder / "contacts" / f"{wave_name(0)}.csv"
        rows = list(csv.reader(file.open(encoding="utf-8", newline="")))
        dead = set(sorted(numbers)[::2])
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow([*rows[0], "Ghi chú"])
            for row in rows[1:]:
                if row[2] in dead:
                    writer.writerow([*row, "đã mất"])
                elif row[2] not in numbers:
                    writer.writerow([*row, ""])
        selection = import_lists.select(schedules, self._crash_test.settings.contacts)
        import_lists.import_selection(ledger, selection, who="lan", now=SystemClock().now())

    def edit_text(self) -> None:
        """Change what the text says; confirmed when a service says so."""
        text = self._crash_test.fixture.folder / "templates" / "wave.sms.j2"
        text.write_text(text.read_text(encoding="utf-8").replace("Đây là", "Nay là"), encoding="utf-8")
        log = self._crash_test.log
        wait_until(lambda: NEW_EDITION in log.read_text(errors="replace"), what="the new edition")
        self._confirm("edit", lambda arrival: "Đây là" in arrival.body or "Day la" in arrival.body)

    def pause(self, seconds: float) -> None:
        """Pause for a while, and go on."""
        with self._crash_test.ledger() as ledger:
            campaign_states.pause(ledger, HOLD_CAMPAIGN, reason="look", who="lan", now=SystemClock().now())
            paused_at = SystemClock().now()
            wait_until(lambda: SystemClock().now() > paused_at + timedelta(seconds=seconds), what="a while")
            resumed_at = SystemClock().now()
            campaign_states.resume(ledger, HOLD_CAMPAIGN, who="lan", now=resumed_at)
        self.decisions.append(
            Decision(
                what="pause", confirmed_at=paused_at, until=resumed_at, contradicts=lambda _arrival: True
            )
        )

    def cancel(self) -> None:
        """Call it off."""
        with self._crash_test.ledger() as ledger:
            campaign_states.cancel(ledger, HOLD_CAMPAIGN, reason="", who="lan", now=SystemClock().now())
        self._confirm("cancel", lambda _arrival: True)


def _international(number: str) -> str:
    return f"+84{number[1:]}"


def _local(number: str) -> str:
    return f"0{number.removeprefix('+84')}"


def play(crash_test: CrashTest, *, workers: int, pace: float, edits: bool = True) -> None:
    """Let the office decide in the middle of it, and ask the witness."""
    office = Office(crash_test)

    def wait_for_more(messages: float) -> None:
        target = count_accepted(crash_test) + max(2, messages)
        wait_until(lambda: count_accepted(crash_test) >= target, what="messages on their way", seconds=90)

    with services(crash_test, workers):
        wait_for_more(pace)
        office.decide_about_people()
        wait_for_more(pace)
        office.pause(3)
        wait_for_more(pace)
        if edits:
            office.edit_text()
            wait_for_more(pace)
        office.cancel()
        cancelled_at = SystemClock().now()
        wait_until(lambda: SystemClock().now() > cancelled_at + timedelta(seconds=3), what="a while")
        folder = crash_test.sandbox.folder
        assert witness.too_late(folder, office.decisions) == [], log_tail(crash_test)
    with crash_test.ledger() as ledger:
        assert {"opted-out", "participated", "held"} <= reasons(ledger)


def reasons(ledger: Ledger) -> set[str]:
    return {fate.reason for fate in states(ledger)}


def test_from_then_on_means_from_then_on(make_crash_test_on: MakeCrashTest, sqlite_url: str) -> None:
    crash_test = make_crash_test_on(sqlite_url, failures=slow_provider(3), texts=300, rate=20.0, **REAL_TIME)
    play(crash_test, workers=1, pace=10, edits=False)


@pytest.mark.torture
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("database", "workers"), WORKERS)
@pytest.mark.parametrize("rate", [5.0, 50.0])
def test_it_does_with_any_number_of_workers_and_a_slow_provider(
    make_crash_test_on: MakeCrashTest,
    request: pytest.FixtureRequest,
    database: str,
    workers: int,
    rate: float,
) -> None:
    crash_test = make_crash_test_on(
        request.getfixturevalue(database), failures=slow_provider(28), texts=1500, rate=rate, **REAL_TIME
    )
    play(crash_test, workers=workers, pace=min(rate, 10))


@pytest.mark.torture
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("database", "workers"), WORKERS)
def test_the_rate_asked_is_the_rate_kept(
    make_crash_test_on: MakeCrashTest, request: pytest.FixtureRequest, database: str, workers: int
) -> None:
    """97 % of it and more over the whole run, and nowhere more than 102 % in ten seconds."""
    rate, texts = 50.0, 1500
    crash_test = make_crash_test_on(request.getfixturevalue(database), texts=texts, rate=rate, **REAL_TIME)
    with services(crash_test, workers):
        wait_until(lambda: count_accepted(crash_test) == texts, what="all of them", seconds=120)
    moments: list[datetime] = [one.at for one in witness.arrivals(crash_test.sandbox.folder)]
    kept = (len(moments) - 1) / (moments[-1] - moments[0]).total_seconds()
    most = witness.most_within(moments, timedelta(seconds=10))
    assert (kept >= 0.97 * rate, most <= 1.02 * 10 * rate) == (True, True), (kept, most)
