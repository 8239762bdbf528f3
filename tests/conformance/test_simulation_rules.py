"""A rule of a simulation that was broken is named: books are spoilt on purpose.

Each row of a table spoils one thing. `0` in its last column stands at the other side of the boundary: what
looks alike and is right must not be accused.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import chain, count
from typing import Any

import pytest
import sqlalchemy as sa

from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema import tables
from dispatcher.ledger.schema.tables import contact, contact_import, message, occurrence
from dispatcher.simulation.checks import RULE_LABELS, rule_violations
from tests.engine_fixture import MORNING
from tests.ledger_fixture import phone_number
from tests.played_books import CAMPAIGN, OPTED_OUT, PARTICIPANT, Books
from tests.spoilt_books import (
    DAY,
    MICROSECOND,
    SECOND,
    WEEK,
    Spoil,
    changed,
    ids,
    left_at,
    write,
    written_again,
)


def last(books: Books, step: str = "daily", *, channel: str = "sms") -> sa.Row[Any]:
    """Return the last message of a step, made the last one to its address."""
    with books.ledger.read() as connection:
        row = connection.execute(
            sa.select(message).where(message.c.id == ids(books, step, channel=channel)[-1])
        ).one()
    books.spoil(
        sa.delete(message).where(message.c.address == row.address, message.c.submitted_at > row.submitted_at)
    )
    return row


def just(when: str, row: sa.Row[Any]) -> datetime:
    """Return the moment before or after a message left."""
    moment: datetime = row.submitted_at
    return moment + (MICROSECOND if when == "after" else -MICROSECOND)


def texts_to_one_number(*hours: float) -> Spoil:
    """Let one number have got texts at these hours, from the first one's own time; the rest far apart."""

    def spoil(books: Books) -> None:
        number = sa.select(message.c.address).where(message.c.id == ids(books)[0]).scalar_subquery()
        mine = books.select(sa.select(message.c.id).where(message.c.address == number).order_by(message.c.id))
        far_apart = (24 * 30 * n for n in count(1))
        for one, hour in zip(mine, chain(hours, far_apart), strict=False):
            books.spoil(write(one, submitted_at=MORNING + timedelta(hours=hour)))

    return spoil


def opted_out(when: str, *, channel: str = "sms", scope: str = "all", reason: str = "opted-out") -> Spoil:
    """Let somebody have said no just before, or just after, they were written to."""

    def spoil(books: Books) -> None:
        row = last(books, channel="email" if reason == "complaint" else "sms")
        wish = OptOut(channel=channel, address=row.address, scope=scope, reason=reason)
        suppressions.opt_out(books.ledger, [wish], now=just(when, row))

    return spoil


def took_part(
    when: str, step: str = "daily", *, campaign_name: str = CAMPAIGN, relative: bool = False
) -> Spoil:
    """Let somebody, or a relative on their phone, have taken part just before or after a message left."""

    def spoil(books: Books) -> None:
        row = last(books, step, channel="email" if step == "chiefs" else "sms")
        books.spoil(sa.delete(tables.participation))
        person_id = row.person_id
        if relative:
            person_id = books.select(sa.select(sa.func.max(tables.person.c.id)))[0] + 1
            books.spoil(sa.insert(tables.person).values(id=person_id, name="Em"))
            at_the_phone = {"person_id": person_id, "channel": row.channel, "address": row.address}
            books.spoil(sa.insert(tables.address).values(**at_the_phone))
        moment = just(when, row)
        fact = Participation(campaign=campaign_name, person_id=person_id, at=moment, source="test")
        participation.record(books.ledger, [fact], now=moment)

    return spoil


def held(when: str, reason: str = "dead", *, state: str = "held", elsewhere: bool = False) -> Spoil:
    """Let a list of theirs have held or dropped somebody just before or after a message left."""

    def spoil(books: Books) -> None:
        row = last(books)
        moment = just(when, row)
        books.spoil(sa.insert(contact_import).values(id=99, at=moment, who="test", summary={}))
        values = {"state": state, "held_reason": reason, "import_id": 99, "decided_at": moment}
        if elsewhere:
            values |= {"person_id": row.person_id, "audience": "party"}
            books.spoil(sa.insert(contact).values(**values))
        else:
            books.spoil(sa.update(contact).where(contact.c.id == row.contact_id).values(**values))

    return spoil


def after_deadline(books: Books, *, step: str = "daily", by: timedelta = SECOND) -> None:
    closes = books.schedules.campaigns[CAMPAIGN].deadline + by
    one = ids(books, step)[-1]
    books.spoil(sa.update(occurrence).values(due_at=closes - DAY, expires_at=closes + WEEK))
    books.spoil(write(one, submitted_at=closes))


RULES: list[tuple[str, Spoil, str, int]] = [
    ("before-dawn", left_at(time(6, 0)), "window", 1),
    ("a-second-before-it-opens", left_at(time(7, 29, 59)), "window", 1),
    ("when-it-opens", left_at(time(7, 30)), "window", 0),
    ("a-second-before-it-closes", left_at(time(20, 29, 59)), "window", 0),
    ("when-it-closes", left_at(time(20, 30)), "window", 1),
    ("at-night", left_at(time(23, 59)), "window", 1),
    ("a-mail-at-night", left_at(time(23, 59), channel="email"), "window", 0),
    ("a-text-that-was-refused-at-night", left_at(time(23, 59), rank=3), "window", 0),
    ("three-in-a-day", texts_to_one_number(0, 1, 2), "cap", 1),
    ("three-within-a-day", texts_to_one_number(0, 11, 23.99), "cap", 1),
    ("two-in-a-day", texts_to_one_number(0, 11, 24), "cap", 0),
    ("nine-in-a-week", texts_to_one_number(*(20 * n for n in range(9))), "cap-week", 1),
    ("nine-in-a-week-and-a-bit", texts_to_one_number(*(21 * n for n in range(9))), "cap-week", 0),
    ("one-message-twice", written_again, "twice", 1),
    *(
        (f"after-a-no-to-{scope.partition(':')[0]}", opted_out("before", scope=scope), "after-opt-out", 1)
        for scope in ("all", f"campaign:{CAMPAIGN}", "audience:residents")
    ),
    *(
        (
            f"after-a-no-to-another-{scope.partition(':')[0]}",
            opted_out("before", scope=scope),
            "after-opt-out",
            0,
        )
        for scope in ("campaign:other", "audience:staff")
    ),
    ("before-a-no", opted_out("after"), "after-opt-out", 0),
    ("after-a-no-on-another-channel", opted_out("before", channel="email"), "after-opt-out", 0),
    ("after-a-complaint", opted_out("before", channel="email", reason="complaint"), "after-opt-out", 1),
    ("after-taking-part", took_part("before"), "after-participation", 1),
    ("a-warning-after-taking-part", took_part("before", "before"), "after-participation", 1),
    ("after-a-relative-took-part", took_part("before", relative=True), "after-participation", 1),
    ("thanks-after-taking-part", took_part("before", "thanks"), "after-participation", 0),
    ("a-digest-after-taking-part", took_part("before", "chiefs"), "after-participation", 0),
    ("before-taking-part", took_part("after"), "after-participation", 0),
    ("after-taking-part-in-another", took_part("before", campaign_name="other"), "after-participation", 0),
    ("to-somebody-held", held("before"), "after-hold", 1),
    ("to-somebody-held-in-another-list", held("before", elsewhere=True), "after-hold", 1),
    ("to-somebody-dropped", held("before", state="dropped"), "after-hold", 1),
    ("before-they-were-held", held("after"), "after-hold", 0),
    ("before-they-were-dropped", held("after", state="dropped"), "after-hold", 0),
    ("to-somebody-retired-elsewhere", held("before", "retired", elsewhere=True), "after-hold", 0),
    ("to-somebody-released", held("before", state="active"), "after-hold", 0),
    ("a-warning-the-next-day", left_at(time(8, 0), "before", days=1), "day", 1),
    ("a-warning-the-day-before", left_at(time(20, 0), "before", days=-1), "day", 1),
    ("a-warning-in-the-evening", left_at(time(20, 0), "before"), "day", 0),
    ("a-reminder-the-next-day", left_at(time(8, 0), days=1), "day", 0),
    ("a-reminder-after-the-deadline", after_deadline, "deadline", 1),
    ("a-warning-after-the-deadline", lambda books: after_deadline(books, step="before"), "deadline", 1),
    ("a-reminder-at-the-deadline", lambda books: after_deadline(books, by=timedelta()), "deadline", 0),
    ("thanks-after-the-deadline", lambda books: after_deadline(books, step="thanks"), "deadline", 0),
    ("a-flaw", changed(status="submitting", lookup_at=None), "flaw", 1),
]


@pytest.mark.parametrize(
    ("spoil", "rule", "times"), [row[1:] for row in RULES], ids=[row[0] for row in RULES]
)
def test_a_rule_that_was_broken_is_named(books: Books, spoil: Spoil, rule: str, times: int) -> None:
    spoil(books)
    found = {one.rule: one for one in rule_violations(books.ledger, books.schedules, now=books.now)}
    assert (found[rule].count if rule in found else 0) == times
    if times:
        assert RULE_LABELS[rule] in str(found[rule])
        assert len(found[rule].examples) == times


def test_every_rule_of_a_simulation_is_seen_to_fail() -> None:
    assert {rule for _name, _spoil, rule, times in RULES if times} == set(RULE_LABELS)


def test_people_who_said_no_or_took_part_are_in_the_books(books: Books) -> None:
    """What is spoilt above is no accident of the play: both left early, and nobody wrote to them after."""
    reasons = {(phone_number(OPTED_OUT), "opted-out"), (phone_number(PARTICIPANT), "participated")}
    with books.ledger.read() as connection:
        rows = connection.execute(
            sa.select(message.c.address, message.c.reason).where(message.c.reason != "").distinct()
        )
        assert {(row.address, row.reason) for row in rows} == reasons
