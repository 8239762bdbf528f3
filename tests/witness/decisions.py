"""Somebody who decides while it goes out, by the commands an office has, and what arrived against it.

A decision counts from the moment its command has ended, an edit of the schedules from the moment the first
service says that it is in force.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from dispatcher.clock import SystemClock
from dispatcher.simulation.drill.crash_test import CrashTest
from dispatcher.simulation.drill.drill_fixture import HOLD_CAMPAIGN, RESEND_CAMPAIGN, wave_name
from tests.witness import arrivals
from tests.witness.arrivals import Arrival, Decision
from tests.witness.office import wait_for

IN_FORCE = "a new edition of schedules and templates is in force"
NEVER = timedelta(0)
PATIENCE = 120.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one decision at the provider."""

    what: str
    arrived_after: int  # against it, at any time after it was confirmed
    latest: timedelta  # how long after it the last of these came
    came_between: int  # everything else until the end: it went on, or had nothing to go on with

    @property
    def is_right(self) -> bool:
        """Whether nothing came later than promised."""
        return self.latest <= arrivals.PROMISED


class Desk:
    """An office's desk beside its services: decides, and keeps what was confirmed when."""

    def __init__(self, office: CrashTest, *, services: int) -> None:
        self._office = office
        self._services = services
        self._folder = office.fixture.folder
        self._edits = 0
        self._edited: set[str] = set()  # steps
        self._texts = office.fixture.plan.texts
        self.decisions: list[Decision] = []

    # --- about people --------------------------------------------------------------------------------

    def opt_out(self) -> None:
        """Note down a no from every sixth person."""
        chosen = self._chosen(0)
        self._command("optout", "add", *sorted(chosen), "--yes")
        self._confirm("opt-out", lambda arrival: _local(arrival.to) in chosen)

    def import_participation(self) -> None:
        """Take in a list of who took part: every sixth person, of the first campaign."""
        chosen = {number for number in self._chosen(1) if self._campaign_of(number) == HOLD_CAMPAIGN}
        file = self._folder / "took-part.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([("Họ và tên", "Số điện thoại"), *self._names(chosen)])
        self._command("participation", "import", str(file), "--campaign", HOLD_CAMPAIGN, "--yes")
        self._confirm("participation import", lambda arrival: _local(arrival.to) in chosen)

    def load_lists(self) -> None:
        """Load the lists again: every sixth person is marked as dead, another sixth is gone from them."""
        dead, gone = self._chosen(2), self._chosen(3)
        for file in sorted((self._folder / "contacts").glob("*.csv")):
            with file.open(encoding="utf-8", newline="") as current:
                head, *rows = csv.reader(current)
            with file.open("w", encoding="utf-8", newline="") as out:
                writer = csv.writer(out)
                writer.writerow([*head, "Ghi chú"])
                writer.writerows(
                    [*row, "đã mất" if row[2] in dead else ""] for row in rows if row[2] not in gone
                )
        self._command("contacts", "load", "--yes")
        self._confirm("hold (marked as dead)", lambda arrival: _local(arrival.to) in dead)
        self._confirm("list load (gone)", lambda arrival: _local(arrival.to) in gone)

    # --- about campaigns -----------------------------------------------------------------------------

    def pause(self, seconds: float) -> None:
        """Pause both campaigns one after the other for a while, and let them go on."""
        names = (HOLD_CAMPAIGN, RESEND_CAMPAIGN)
        paused_at = {}
        for name in names:
            self._command("pause", name)
            paused_at[name] = SystemClock().now()
        wait_for(lambda: SystemClock().now() > paused_at[names[-1]] + timedelta(seconds=seconds), PATIENCE)
        for name in names:
            resumed_at = SystemClock().now()  # before the command: what it lets go arrives before it ends
            self._command("resume", name)
            self.decisions.append(
                Decision(
                    what=f"pause of {name}", confirmed_at=paused_at[name], until=resumed_at,
                    contradicts=self._is_of(name),
                )
            )  # fmt: skip

    def cancel(self, name: str) -> None:
        """Call a campaign off."""
        self._command("cancel", name, "--yes")
        self._confirm(f"cancel of {name}", self._is_of(name))

    # --- about the schedules -------------------------------------------------------------------------

    def edit_words(self) -> None:
        """Change what the text says."""
        text = self._folder / "templates" / "wave.sms.j2"
        at = self._edit(text, lambda old: old.replace("Đây là", "Nay là"))
        was_said = re.compile("Đây là|Day la")
        self._confirm("edit: words", lambda arrival: bool(was_said.search(arrival.body)), at=at)

    def drop_step(self) -> None:
        """Take out the step that goes out now."""
        wave = self._wave_now()
        at = self._edit_schedules(lambda old: re.sub(rf"\n  {{ name = \"{wave}\".*", "", old))
        self._confirm("edit: step gone", self._is_of_waves({wave}), at=at)

    def move_step(self) -> None:
        """Move the step that goes out now to two hours later."""
        wave = self._wave_now()

        def later(old: str) -> str:
            at = re.search(rf'name = "{wave}", at = ([^,]*),', old)
            assert at is not None
            moment = datetime.fromisoformat(at[1]) + timedelta(hours=2)
            return old.replace(at[0], at[0].replace(at[1], f"{moment:%Y-%m-%dT%H:%M:%S}"))

        at = self._edit_schedules(later)
        self._confirm("edit: step moved", self._is_of_waves({wave}), at=at)

    def drop_audience(self) -> None:
        """Let the step that goes out now speak to another audience, and not to its own."""
        wave = self._wave_now()
        waves = self._waves()
        of_campaign = waves[waves.index(wave) % 2 :: 2]
        other = next(name for name in of_campaign if name not in self._edited)
        mine = f'name = "{wave}", at = '
        at = self._edit_schedules(
            lambda old: re.sub(rf'({mine}[^,]*, audiences = \["){wave}', rf"\g<1>{other}", old)
        )
        self._confirm("edit: audience dropped", self._is_of_waves({wave}), at=at)

    def end_campaign(self) -> None:
        """Move the deadline of the first campaign to the past."""

        def earlier(old: str) -> str:
            """End a second after all its steps were due, the one that was moved too."""
            before, head, mine = old.partition(f"[campaign.{HOLD_CAMPAIGN}]")
            mine, other, after = mine.partition("[campaign.")
            due = re.search(r"at = ([^,]*),", mine)
            assert due is not None
            over = datetime.fromisoformat(due[1]) + timedelta(seconds=1)
            mine = re.sub(r"\nends = .*", f"\nends = {over:%Y-%m-%dT%H:%M:%S}", mine)
            return before + head + re.sub(r"at = [^,]*,", due[0], mine) + other + after

        at = self._edit_schedules(earlier)
        self._confirm("edit: deadline moved to the past", self._is_of(HOLD_CAMPAIGN), at=at)

    # --- looking -------------------------------------------------------------------------------------

    def wait_for_more(self, messages: float) -> None:
        """Wait until so many more have arrived."""
        target = arrivals.count(self._office.sandbox.folder) + max(2, messages)
        wait_for(lambda: arrivals.count(self._office.sandbox.folder) >= target, PATIENCE)

    def outcomes(self) -> list[Outcome]:
        """Read what the provider has."""
        all_of_them = arrivals.arrivals(self._office.sandbox.folder)
        found = []
        for one in self.decisions:
            later = [
                arrival
                for arrival in all_of_them
                if arrival.at > one.confirmed_at and (one.until is None or arrival.at < one.until)
            ]
            against = [arrival.at - one.confirmed_at for arrival in later if one.contradicts(arrival)]
            found.append(
                Outcome(
                    what=one.what, arrived_after=len(against), latest=max(against, default=NEVER),
                    came_between=len(later) - len(against),
                )
            )  # fmt: skip
        return found

    def _waves(self) -> list[str]:
        return [wave_name(place) for place in range(self._office.fixture.plan.waves)]

    def _wave_now(self) -> str:
        """Return the step, of those that were not edited yet, that goes out now."""
        coming = set(self._waves()) - self._edited
        found: list[str] = []

        def is_one_going_out() -> bool:
            since = SystemClock().now() - timedelta(seconds=2)
            recent = [one for one in arrivals.arrivals(self._office.sandbox.folder) if one.at > since]
            found[:] = [wave for one in recent if (wave := self._wave_of(one)) in coming]
            return bool(found)

        assert wait_for(is_one_going_out, PATIENCE), f"nothing goes out: {self._log_tail()}"
        self._edited.add(found[-1])
        return found[-1]

    def _log_tail(self) -> str:
        return self._office.log.read_text(encoding="utf-8", errors="replace")[-2000:]

    def _wave_of(self, arrival: Arrival) -> str:
        return wave_name(int(_local(arrival.to)[4:]) // self._texts)

    def _chosen(self, turn: int) -> set[str]:
        people = self._office.fixture.plan.waves * self._texts
        return {f"0901{number:06d}" for number in range(people) if number % 6 == turn}

    def _names(self, numbers: Collection[str]) -> list[tuple[str, str]]:
        found = []
        for file in (self._folder / "contacts").glob("*.csv"):
            with file.open(encoding="utf-8", newline="") as opened:
                found += [(row[1], row[2]) for row in csv.reader(opened) if row[2] in numbers]
        return found

    def _campaign_of(self, number: str) -> str:
        place = int(number[4:]) // self._texts
        names = (HOLD_CAMPAIGN, RESEND_CAMPAIGN)[: len(self._office.fixture.plan.policies)]
        return names[place % len(names)]

    def _is_of(self, campaign: str) -> Callable[[Arrival], bool]:
        return lambda arrival: self._campaign_of(_local(arrival.to)) == campaign

    def _is_of_waves(self, waves: Collection[str]) -> Callable[[Arrival], bool]:
        return lambda arrival: self._wave_of(arrival) in waves

    def _confirm(
        self, what: str, contradicts: Callable[[Arrival], bool], *, at: datetime | None = None
    ) -> None:
        moment = at or SystemClock().now()
        self.decisions.append(Decision(what=what, confirmed_at=moment, contradicts=contradicts))

    def _edit_schedules(self, change: Callable[[str], str]) -> datetime:
        return self._edit(self._folder / "schedules.toml", change)

    def _edit(self, file: Path, change: Callable[[str], str]) -> datetime:
        """Edit a file; gives when the first service said that this is in force. Waits for all of them."""
        old = file.read_text(encoding="utf-8")
        new = change(old)
        assert new != old, f"the edit of {file.name} changed nothing"
        said = self._edits * self._services
        file.write_text(new, encoding="utf-8")
        assert wait_for(lambda: self._editions() > said, PATIENCE), "nobody has taken the edit over"
        confirmed_at = SystemClock().now()
        self._edits += 1
        wait_for(lambda: self._editions() >= self._edits * self._services, PATIENCE)
        return confirmed_at

    def _editions(self) -> int:
        return self._office.log.read_text(encoding="utf-8", errors="replace").count(IN_FORCE)

    def _command(self, *words: str) -> None:
        """Call the command as an officer does; an answer that says it was not done is none."""
        done = subprocess.run(
            [sys.executable, "-m", "dispatcher", *words], env=self._office_environ(), capture_output=True,
            text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, (words[:2], done.stdout[-500:], done.stderr[-2000:])

    def _office_environ(self) -> dict[str, str]:
        mine = {
            key: value for key, value in os.environ.items() if not key.startswith(("DISPATCHER_", "TWILIO_"))
        }
        return {**mine, **self._office.environ}


def _local(number: str) -> str:
    return f"0{number.removeprefix('+84')}"


def play(office: CrashTest, *, services: int, pace: float, is_short: bool = False) -> list[Outcome]:
    """Decide in the middle of it, kind after kind, and look at the provider's log; services run already.

    `is_short`: one decision about people, one about a campaign and one about the schedules.
    """
    desk = Desk(office, services=services)
    turns: list[Callable[[], None]] = [
        desk.opt_out,
        desk.import_participation,
        desk.load_lists,
        lambda: desk.pause(3),
        desk.edit_words,
        desk.drop_step,
        desk.move_step,
        desk.drop_audience,
        desk.end_campaign,
        lambda: desk.cancel(RESEND_CAMPAIGN),
    ]
    for decide in [desk.opt_out, desk.drop_step, turns[-1]] if is_short else turns:
        desk.wait_for_more(pace)
        decide()
    ended_at = SystemClock().now()
    wait_for(lambda: SystemClock().now() > ended_at + timedelta(seconds=4), PATIENCE)
    return desk.outcomes()
