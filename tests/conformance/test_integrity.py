"""What is wrong in the ledger is said, by the ledger and by `reconcile`: books are spoilt on purpose.

Each row of a table spoils one thing. `0` in its last column stands at the other side of the boundary: what
looks alike and is right must not be accused.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from dispatcher.ledger.schema.tables import campaign, message, occurrence, shard
from dispatcher.report.integrity_report import VIOLATION_LABELS, check_integrity
from dispatcher.simulation.checks import compare_with_log, rule_violations
from tests.command import Command
from tests.played_books import Books
from tests.spoilt_books import (
    DAY,
    HOUR,
    MICROSECOND,
    Spoil,
    both,
    changed,
    ids,
    recount,
    write,
    written_again,
)


def after_expiry(by: timedelta) -> Spoil:
    def spoil(books: Books) -> None:
        ends = sa.select(occurrence.c.expires_at).where(occurrence.c.id == message.c.occurrence_id)
        one = ids(books)[0]
        # Words of its own: so late it is close to the next day's.
        books.spoil(write(one, submitted_at=ends.scalar_subquery(), body_hash="other"))
        if by:
            in_micros = sa.type_coerce(message.c.submitted_at, sa.BigInteger) + by // MICROSECOND
            books.spoil(write(one, submitted_at=in_micros))

    return spoil


def close_together(gap: timedelta) -> Spoil:
    """Let two messages to one number, of two occurrences, have gone out so long after each other."""

    def spoil(books: Books) -> None:
        first = ids(books)[0]
        address = sa.select(message.c.address).where(message.c.id == first).scalar_subquery()
        same = sa.select(message.c.id).where(
            message.c.id.in_(ids(books)), message.c.address == address, message.c.id != first
        )
        second = books.select(same.order_by(message.c.id))[0]
        left_at = sa.select(sa.type_coerce(message.c.submitted_at, sa.BigInteger)).where(
            message.c.id == first
        )
        moment = sa.type_coerce(left_at.scalar_subquery() + gap // MICROSECOND, message.c.submitted_at.type)
        books.spoil(write(second, submitted_at=moment))

    return spoil


def shard_of(books: Books, one: int) -> int:
    return books.select(sa.select(message.c.shard_id).where(message.c.id == one))[0]


def waits(shard_state: str) -> Spoil:
    """Let a message wait in a shard of this state."""

    def spoil(books: Books) -> None:
        one = ids(books)[0]
        books.spoil(sa.update(shard).where(shard.c.id == shard_of(books, one)).values(state=shard_state))
        books.spoil(write(one, next_at=books.now))

    return spoil


def counted_then(spoil: Spoil) -> Spoil:
    """Bring the figures of the pages up to date, then spoil."""

    def both(books: Books) -> None:
        recount(books)
        assert check_integrity(books.ledger, now=books.now).violations == {}
        spoil(books)

    return both


BUDGET = {
    "used-too-much": sa.update(campaign).values(budget_used=campaign.c.budget_used + 1),
    "used-too-little": sa.update(campaign).values(budget_used=campaign.c.budget_used - 1),
    "nothing-sent": sa.insert(campaign).values(
        name="empty", changed_at=datetime(2025, 11, 1, tzinfo=UTC), budget_used=1
    ),
}


INTEGRITY: list[tuple[str, Spoil, str, int]] = [
    ("in-a-done-shard", waits("done"), "stranded", 1),
    ("in-a-cancelled-shard", waits("cancelled"), "stranded", 1),
    ("in-an-open-shard", waits("open"), "stranded", 0),
    (
        "in-no-shard",
        lambda books: books.spoil(write(ids(books)[0], next_at=books.now, shard_id=9)),
        "stranded",
        1,
    ),
    ("nobody-asks", changed(status="submitting", lookup_at=None), "unasked", 1),
    (
        "somebody-asks",
        lambda books: books.spoil(write(ids(books)[0], status="submitting", lookup_at=books.now)),
        "unasked",
        0,
    ),
    *(
        (f"{status}-by-nobody", changed(status=status, provider_id=None), "unnamed", 1)
        for status in ("sending", "sent", "delivered")
    ),
    ("failed-by-nobody", changed(status="permanent-failure", provider_id=None), "unnamed", 0),
    ("a-moment-after-expiry", after_expiry(MICROSECOND), "late", 1),
    ("at-expiry", after_expiry(timedelta()), "late", 0),
    ("late-but-refused", both(after_expiry(DAY), changed(rank=3)), "late", 0),
    *(
        (name, lambda books, statement=statement: books.spoil(statement), "budget", 1)
        for name, statement in BUDGET.items()
    ),
    ("a-message-that-cost-more", changed(vnd=message.c.vnd + 1), "budget", 1),
    ("one-message-twice", written_again, "doubled", 1),
    ("another-channel", lambda books: written_again(books, channel="email", vnd=0), "doubled", 0),
    ("the-same-words-within-hours", close_together(HOUR * 6), "repeated", 1),
    ("the-same-words-half-a-day-later", close_together(HOUR * 6 + MICROSECOND), "repeated", 0),
    (
        "the-same-words-as-one-that-failed",
        both(close_together(HOUR), changed(status="permanent-failure")),
        "repeated",
        0,
    ),
    ("a-status-not-counted", counted_then(changed(status="delivered")), "areas", 1),
    ("a-reason-not-counted", counted_then(changed(reason="number")), "areas", 1),
    ("an-area-not-counted", counted_then(changed(area="Thôn Tây")), "areas", 1),
    ("parts-not-counted", counted_then(changed(parts=2)), "areas", 1),
    (
        "a-message-not-counted",
        counted_then(lambda books: books.spoil(sa.delete(message).where(message.c.id == ids(books)[0]))),
        "areas",
        1,
    ),
    (
        "to-be-counted",
        counted_then(
            both(
                changed(status="delivered"),
                lambda books: books.spoil(sa.update(shard).values(needs_recount=1)),
            )
        ),
        "areas",
        0,
    ),
]


def test_books_that_nobody_spoilt_are_sound(books: Books) -> None:
    assert check_integrity(books.ledger, now=books.now).is_consistent
    assert rule_violations(books.ledger, books.schedules, now=books.now) == ()
    assert compare_with_log(books.ledger, books.links, books.sandbox).is_balanced


@pytest.mark.parametrize(
    ("spoil", "rule", "times"), [row[1:] for row in INTEGRITY], ids=[row[0] for row in INTEGRITY]
)
def test_what_is_wrong_in_the_ledger_is_said(books: Books, spoil: Spoil, rule: str, times: int) -> None:
    spoil(books)
    report = check_integrity(books.ledger, now=books.now)
    assert report.violations.get(rule, 0) == times
    assert report.is_consistent is not bool(times)


def test_every_rule_of_the_ledger_is_seen_to_fail() -> None:
    assert {rule for _name, _spoil, rule, times in INTEGRITY if times} == set(VIOLATION_LABELS)


@pytest.mark.parametrize("rule", VIOLATION_LABELS)
def test_reconcile_says_each_flaw_and_exits_1(books: Books, office: Command, rule: str) -> None:
    assert office.run("reconcile", "--offline").returncode == 0
    next(spoil for _name, spoil, broken, times in INTEGRITY if (broken, times) == (rule, 1))(books)
    done = office.run("reconcile", "--offline")
    assert done.returncode == 1
    assert f"✗ {VIOLATION_LABELS[rule]}: 1" in done.stdout
    assert "The books do not balance" in done.stdout
    said = office.json("reconcile", "--offline")
    assert (said["sound"], said["flaws"][rule]) == (False, 1)


def test_a_wrong_budget_is_named_with_both_sums(books: Books, office: Command) -> None:
    books.spoil(sa.update(campaign).values(budget_used=campaign.c.budget_used + 1_000_000))
    report = check_integrity(books.ledger, now=books.now)
    (found,) = report.wrong_budgets
    assert (found.campaign in report.areas, found.used - found.cost) == (True, 1_000_000)
    assert office.json("reconcile", "--offline")["wrong_budgets"] == [
        {"campaign": found.campaign, "used": found.used, "cost": found.cost}
    ]
    assert f"{found.campaign}: " in office.run("reconcile", "--offline").stdout
