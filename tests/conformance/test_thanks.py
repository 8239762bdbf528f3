"""Whoever took part is thanked, once: also those who are learnt of while others are being thanked, and those
of whom it was taken back in between.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.queries import message_counts
from dispatcher.ledger.queries.integrity import violations
from dispatcher.ledger.recipients import participation, participation_imports
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.schema.tables import attempt, message
from dispatcher.ledger.sending import claims, occurrences, put_back
from dispatcher.ledger.sending.claim_types import ClaimResult, Limits
from dispatcher.ledger.sending.recount import recount_shards
from dispatcher.message import Draft
from tests.ledger_fixture import (
    CAMPAIGN,
    HOUR,
    NOON,
    add_people,
    add_residents,
    make_occurrence,
    phone_number,
)

RESIDENTS = [Target(audience="residents", channels=("sms",))]
MINUTE = timedelta(minutes=1)


def test_thanks_go_once_to_each_who_took_part(ledger: Ledger) -> None:
    ids = add_people(
        ledger, ("residents", "Một", phone_number(1), ""), ("residents", "Hai", phone_number(2), "")
    )
    step = make_occurrence("thanks", key="*", kind="thanks")
    for person_id in ids:
        participation.record(
            ledger, [Participation(campaign=CAMPAIGN, person_id=person_id, at=NOON, source="t")], now=NOON
        )
        assert occurrences.add_recipients(ledger, step, RESIDENTS, shard_size=10, now=NOON).messages == 1
    assert occurrences.add_recipients(ledger, step, RESIDENTS, shard_size=10, now=NOON).messages == 0
    assert sum(item.messages for item in message_counts.exact_by_step(ledger)) == 2


def test_thanks_find_whoever_was_learnt_of_since_also_a_little_late(ledger: Ledger) -> None:
    add_residents(ledger, 4)
    step = make_occurrence("thanks", key="*", kind="thanks")

    def thank(person_id: int, *, learnt_at: datetime, now: datetime) -> int:
        took = [Participation(campaign=CAMPAIGN, person_id=person_id, at=NOON, source="list")]
        participation.record(ledger, took, now=learnt_at)
        return occurrences.add_recipients(ledger, step, RESIDENTS, shard_size=10, now=now).messages

    assert thank(1, learnt_at=NOON, now=NOON) == 1
    assert thank(2, learnt_at=NOON + 5 * HOUR, now=NOON + 5 * HOUR) == 1
    # Its transaction was under way when the last look was taken; or the clock has been set back since.
    assert thank(3, learnt_at=NOON + 5 * HOUR - MINUTE, now=NOON + 6 * HOUR) == 1
    assert thank(4, learnt_at=NOON + HOUR, now=NOON + HOUR) == 1
    assert (
        occurrences.add_recipients(ledger, step, RESIDENTS, shard_size=10, now=NOON + 7 * HOUR).messages == 0
    )


# --- participation that is taken back -----------------------------------------------------------------

THANKS = make_occurrence("thanks", key="*", kind="thanks", expires_at=NOON + timedelta(days=9))


def imported(ledger: Ledger, *people: int, at: datetime = NOON) -> int:
    facts = [Participation(campaign=CAMPAIGN, person_id=one, at=at, source="list") for one in people]
    done = participation_imports.record_import(ledger, CAMPAIGN, facts, (), source="list", who="Lan", now=at)
    return done.import_id


def undo(ledger: Ledger, number: int, *, at: datetime) -> int:
    return participation_imports.undo(ledger, number, who="Mai", now=at).thanks


def thank(ledger: Ledger, *, at: datetime) -> int:
    return occurrences.add_recipients(ledger, THANKS, RESIDENTS, shard_size=10, now=at).messages


def standing(ledger: Ledger) -> dict[int, tuple[str, str]]:
    question = sa.select(message.c.person_id, message.c.status, message.c.reason).order_by(message.c.id)
    with ledger.read() as connection:
        return {row[0]: (row[1], row[2]) for row in connection.execute(question)}


def claim(ledger: Ledger, *, at: datetime) -> ClaimResult:
    lease = claims.lease_shard(ledger, owner="a", now=at, lease=MINUTE, channels=("sms",))
    assert lease is not None
    return claims.claim_messages(
        ledger, lease, now=at, lease_until=at + MINUTE, latest_send_at=at, lookup_at=at + MINUTE,
        gateway="test", limits=Limits(batch_size=9),
        compose=lambda recipient, _first: Draft(
            body="Cảm ơn", parts=1, encoding="GSM-7", body_hash=recipient.name
        ),
    )  # fmt: skip


UNDONE = ("cancelled", "participation-undone")
WAITS = ("created", "")


def test_thanks_come_again_when_participation_does(ledger: Ledger) -> None:
    add_residents(ledger, 3)
    number = imported(ledger, 1, 2)
    assert thank(ledger, at=NOON) == 2
    assert undo(ledger, number, at=NOON + MINUTE) == 2
    assert thank(ledger, at=NOON + MINUTE) == 0
    assert standing(ledger) == {1: UNDONE, 2: UNDONE}
    imported(ledger, 2, 3, at=NOON + HOUR)
    for again in (1, 2):
        thank(ledger, at=NOON + again * HOUR)
        assert standing(ledger) == {1: UNDONE, 2: WAITS, 3: WAITS}
    while recount_shards(ledger, offset=timedelta(hours=7)):
        pass
    assert violations(ledger, now=NOON) == ()
    both_shards = [one for _shard in (1, 2) for one in claim(ledger, at=NOON + 3 * HOUR).claimed]
    assert [one.recipient.person_id for one in both_shards] == [2, 3]


def test_nobody_is_thanked_twice_however_often_it_is_taken_back(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    number = imported(ledger, 1)
    thank(ledger, at=NOON)
    assert len(claim(ledger, at=NOON).claimed) == 1  # it may have left
    assert undo(ledger, number, at=NOON) == 0
    imported(ledger, 1, at=NOON + HOUR)
    assert thank(ledger, at=NOON + HOUR) == 0
    assert standing(ledger) == {1: ("submitting", "")}


def test_what_was_claimed_and_put_back_is_decided_about_anew(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    number = imported(ledger, 1)
    thank(ledger, at=NOON)
    claimed = claim(ledger, at=NOON).claimed
    undo(ledger, number, at=NOON)
    put_back.put_back(ledger, claimed, now=NOON)
    with ledger.begin() as connection:
        connection.execute(sa.text("UPDATE shard SET lease_until = NULL"))
    assert claim(ledger, at=NOON).claimed == ()
    assert standing(ledger) == {1: UNDONE}
    imported(ledger, 1, at=NOON + HOUR)
    thank(ledger, at=NOON + HOUR)
    assert standing(ledger) == {1: WAITS}


@pytest.mark.parametrize(("outcome", "again"), [("later", WAITS), ("unknown", UNDONE), ("accepted", UNDONE)])
def test_what_was_tried_comes_again_only_if_it_cannot_have_left(
    ledger: Ledger, outcome: str, again: tuple[str, str]
) -> None:
    add_residents(ledger, 1)
    number = imported(ledger, 1)
    thank(ledger, at=NOON)
    (tried,) = claim(ledger, at=NOON).claimed
    with ledger.begin() as connection:
        connection.execute(
            sa.update(message).values(status="temporary-failure", next_at=NOON + HOUR, lookup_at=None)
        )
        connection.execute(
            sa.insert(attempt).values(message_id=tried.message_id, no=1, started_at=NOON, outcome=outcome)
        )
    assert undo(ledger, number, at=NOON) == 1
    imported(ledger, 1, at=NOON + HOUR)
    thank(ledger, at=NOON + HOUR)
    assert standing(ledger) == {1: again}


def test_whoever_shares_the_number_is_thanked_instead(ledger: Ledger) -> None:
    number = phone_number(1)
    ids = add_people(ledger, ("residents", "Một", number, ""), ("residents", "Hai", number, ""))
    wrong = imported(ledger, ids[0])
    imported(ledger, ids[1])
    thank(ledger, at=NOON)
    assert standing(ledger) == {ids[0]: WAITS}
    undo(ledger, wrong, at=NOON + 9 * HOUR)
    thank(ledger, at=NOON + 9 * HOUR)
    assert standing(ledger) == {ids[1]: WAITS}
