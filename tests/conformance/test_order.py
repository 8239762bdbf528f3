"""Whatever the order in which the world reports, and however often, the ledger ends up the same."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatcher.delivery.result_mapping import map_result
from dispatcher.gateways import Result
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.queries import integrity
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.receipts.status_updates import FailedDelivery
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.schema.tables import attempt, message
from dispatcher.ledger.sending import attempt_results, claims, occurrences
from dispatcher.ledger.sending.claim_types import ClaimedMessage, Limits
from dispatcher.message import Draft, Recipient
from tests.ledger_fixture import HOUR, NOON, add_residents, make_occurrence, start_campaign

MINUTE = timedelta(minutes=1)
RETRY = NOON + 2 * HOUR
# Everything that tells one message from another; the rest has to be the same.
OWN = {"id", "person_id", "contact_id", "address", "shard_id", "occurrence_id", "provider_id", "body_hash"}


@dataclass(frozen=True)
class Answer:
    """The provider's answer to the call itself."""

    kind: str = "accepted"
    facts: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return f"answer {self.kind}"


@dataclass(frozen=True)
class Report:
    """What comes afterwards; `named`: under our own key, else by the provider's name for the message only."""

    status: str
    code: str = ""
    error_class: str = ""
    named: bool = True
    source: str = "callback"
    attempt: int = 0  # 0: the present one
    facts: tuple[tuple[str, Any], ...] = field(default=())

    def __str__(self) -> str:
        return (
            f"{self.source} {self.status} {self.code}{'' if self.named else ' (unknown key)'} {self.attempt}"
        )


ANSWER = Answer()
LOST = Answer("unknown", (("code", "no-answer"), ("error_class", "ambiguous")))
QUEUED, SENT, DELIVERED = Report("sending"), Report("sent"), Report("delivered")
POLL = Report("sent", source="lookup", facts=(("parts", 2), ("vnd", 740)))
UNREACHABLE = Report("temporary-failure", "30003", "temporary")
UNKNOWN_ERROR = Report("temporary-failure", "30008", "temporary")
NOBODY = Report("permanent-failure", "30005", "number")
REFUSED = Report("permanent-failure", "21610", "opt-out")
BLOCKED = Report("permanent-failure", "30004", "blocked")
REPORTS = [QUEUED, SENT, DELIVERED, POLL, UNREACHABLE, UNKNOWN_ERROR, NOBODY, REFUSED, BLOCKED]
STRANGER = [Report(one.status, one.code, one.error_class, named=False) for one in REPORTS if one is not POLL]


@contextmanager
def opened(url: str) -> Iterator[Ledger]:
    ledger = Ledger.open(url)
    start_campaign(ledger)
    yield ledger
    ledger.close()


class Lanes:
    """Messages to each of which the same happens, in an order of its own."""

    fired = itertools.count()
    people = itertools.count(step=1000)

    def __init__(self, ledger: Ledger, count: int) -> None:
        self.ledger = ledger
        self.count = count
        first = next(self.people)
        add_residents(ledger, count, audience=f"lane{first}", first=first)
        step = make_occurrence(key=str(next(self.fired)), audiences=(f"lane{first}",))
        part = Target(audience=f"lane{first}", channels=("sms",))
        occurrences.start(ledger, step, [part], shard_size=1000, now=NOON)
        self.claimed = self._claim(NOON)
        self._reported = itertools.count()

    def _claim(self, now: datetime) -> tuple[ClaimedMessage, ...]:
        lease = claims.lease_shard(self.ledger, owner="a", now=now, lease=MINUTE, channels=("sms",))
        assert lease is not None
        batch = claims.claim_messages(
            self.ledger,
            lease,
            now=now,
            lease_until=now + MINUTE,
            latest_send_at=now,
            lookup_at=now + 2 * MINUTE,
            gateway="test",
            limits=Limits(batch_size=1000, vnd_per_part=lambda _number: 350),
            compose=words,
        )
        claims.release_shard(self.ledger, lease, now=now)
        assert len(batch.claimed) == self.count
        return batch.claimed

    def fail_once(self) -> None:
        """Let every message be taken, fail, and be claimed anew."""
        self.happen([ANSWER] * self.count)
        self.happen([UNREACHABLE] * self.count)
        self.fold()
        self.claimed = self._claim(RETRY)

    def happen(self, acts: Sequence[Answer | Report | None]) -> None:
        """Let one thing happen to each message."""
        pairs = list(zip(self.claimed, acts, strict=True))
        self._answer([(item, act) for item, act in pairs if isinstance(act, Answer)])
        self._report([(item, act) for item, act in pairs if isinstance(act, Report)])

    def fold(self) -> None:
        event_inbox.apply_events(self.ledger, now=NOON, retry_at=retry_at)

    def _answer(self, pairs: Sequence[tuple[ClaimedMessage, Answer]]) -> None:
        verdicts = [
            map_result(
                item,
                Result(
                    key="k",
                    kind=act.kind,  # type: ignore[arg-type]
                    provider_id=f"SM{item.message_id}-{item.attempt}" if act.kind == "accepted" else "",
                    **dict(act.facts),
                ),
                gateway="test",
                started_at=NOON,
                now=NOON,
                next_retry_at=lambda _tries, _least: RETRY,
            )
            for item, act in pairs
        ]
        if verdicts:
            stops = [verdict.opt_out for verdict in verdicts if verdict.opt_out]
            settled = [verdict.attempt_result for verdict in verdicts]
            attempt_results.store(self.ledger, settled, opt_outs=stops, now=NOON)

    def _report(self, pairs: Sequence[tuple[ClaimedMessage, Report]]) -> None:
        told = [
            Event(
                kind="status",
                # A repeat is told apart here, so that folding itself has to cope with it.
                dedupe_key=f"{item.message_id}|{next(self._reported)}",
                gateway="test",
                source=act.source,
                message_id=item.message_id if act.named else None,
                attempt=(act.attempt or item.attempt) if act.named else 0,
                provider_id=f"SM{item.message_id}-{act.attempt or item.attempt}",
                status=act.status,
                code=act.code,
                error_class=act.error_class,
                **dict(act.facts),
            )
            for item, act in pairs
        ]
        event_inbox.record(self.ledger, told, now=NOON)

    def outcomes(self) -> list[dict[str, Any]]:
        """Give how each message stands, without what is its own."""
        stopped = {item.address: (item.reason, item.how) for item in suppressions.find(self.ledger)}
        ids = [item.message_id for item in self.claimed]
        with self.ledger.read() as connection:
            rows = connection.execute(
                sa.select(message).where(message.c.id.in_(ids)).order_by(message.c.id)
            ).mappings()
            tries = connection.execute(sa.select(attempt).where(attempt.c.message_id.in_(ids)))
            told = {(row.message_id, row.no): (row.outcome, row.code) for row in tries}
            return [
                {name: value for name, value in row.items() if name not in OWN}
                | {"named": row["provider_id"] == f"SM{row['id']}-{row['attempt']}"}
                | {
                    "stopped": stopped.get(row["address"], ("", ""))[0],
                    "told": [told.get((row["id"], no)) for no in (1, 2)],
                }
                for row in rows
            ]


def retry_at(failure: FailedDelivery) -> Any:
    return RETRY


def words(recipient: Recipient, first: bool) -> Draft:
    return Draft(body=f"Mời {recipient.name}", parts=1, encoding="GSM-7", body_hash=recipient.name)


def play(
    ledger: Ledger,
    orders: Sequence[Sequence[Answer | Report]],
    *,
    fold_after: Sequence[bool],
    failed_once: bool = False,
) -> None:
    """Let the same things happen to one message an order, and compare."""
    lanes = Lanes(ledger, len(orders))
    if failed_once:
        lanes.fail_once()
    for place, fold in enumerate(fold_after):
        lanes.happen([order[place] for order in orders])
        if fold:
            lanes.fold()
    lanes.fold()
    lanes.fold()  # what a late answer has made known by name
    outcomes = lanes.outcomes()
    for order, outcome in zip(orders, outcomes, strict=True):
        assert outcome == outcomes[0], (
            f"{[str(act) for act in order]} not as {[str(act) for act in orders[0]]}"
        )
    assert integrity.violations(ledger, now=NOON) == ()


SETS = {
    "delivered": [ANSWER, QUEUED, SENT, DELIVERED, POLL],
    "answer lost": [LOST, QUEUED, SENT, DELIVERED, POLL],
    "unreachable": [ANSWER, QUEUED, SENT, UNREACHABLE, POLL],
    "failed twice over": [ANSWER, SENT, UNREACHABLE, UNKNOWN_ERROR, NOBODY],
    "a conflict": [ANSWER, SENT, NOBODY, DELIVERED, POLL],
    "a soft conflict": [ANSWER, UNREACHABLE, DELIVERED, DELIVERED, POLL],
    "opted out": [ANSWER, QUEUED, REFUSED, REFUSED, BLOCKED],
    "unknown keys": [ANSWER, STRANGER[0], STRANGER[1], STRANGER[2], POLL],
}


@pytest.mark.parametrize("name", SETS)
def test_every_order_ends_the_same(database_url: str, name: str) -> None:
    orders = list(itertools.permutations(SETS[name]))
    with opened(database_url) as ledger:
        play(ledger, orders, fold_after=[True] * len(SETS[name]))


BEFORE = {
    "the first arrived after all": [ANSWER, SENT, replace(DELIVERED, attempt=1), replace(SENT, attempt=1)],
    "both arrived": [ANSWER, SENT, DELIVERED, replace(DELIVERED, attempt=1)],
    "the first is told again": [ANSWER, DELIVERED, replace(UNREACHABLE, attempt=1), replace(SENT, attempt=1)],
    "the second failed": [ANSWER, NOBODY, replace(DELIVERED, attempt=1), POLL],
}


@pytest.mark.parametrize("name", BEFORE)
def test_late_news_of_an_earlier_attempt_ends_the_same(database_url: str, name: str) -> None:
    orders = list(itertools.permutations(BEFORE[name]))
    with opened(database_url) as ledger:
        play(ledger, orders, fold_after=[True] * len(BEFORE[name]), failed_once=True)


def check_any_order(ledger: Ledger, data: st.DataObject) -> None:
    reports = data.draw(st.lists(st.sampled_from([*REPORTS, *STRANGER]), max_size=6))
    answers = data.draw(st.sampled_from([[ANSWER], [ANSWER, ANSWER], [LOST]]))
    if answers == [LOST]:  # nobody ever tells the name by which the provider knows it
        reports = [one for one in reports if one.named]
    acts = [*answers, *reports]
    orders = [acts, *(data.draw(st.permutations(acts)) for _ in range(5))]
    play(
        ledger, orders, fold_after=data.draw(st.lists(st.booleans(), min_size=len(acts), max_size=len(acts)))
    )


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_reports_with_repeats_folded_at_any_time_end_the_same(
    sqlite_url: str, data: st.DataObject
) -> None:
    with opened(sqlite_url) as ledger:
        check_any_order(ledger, data)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_so_they_do_on_postgresql(postgres_url: str, data: st.DataObject) -> None:
    with opened(postgres_url) as ledger:
        check_any_order(ledger, data)
