"""What `plan` counts is what firing writes, on every database."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.queries.message_estimate import estimate
from dispatcher.ledger.schema.tables import message
from dispatcher.ledger.sending import occurrences
from tests.ledger_fixture import NOON, add_people, make_occurrence, phone_number

STAFF = Target(audience="staff", channels=("email", "sms"))
RESIDENTS = Target(audience="residents", channels=("sms", "email"))


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    add_people(
        ledger,
        ("staff", "An", phone_number(1), "an@hatay.example"),
        ("residents", "An", phone_number(1), "an@hatay.example"),
        ("staff", "Bình", phone_number(2), ""),
        ("residents", "Chi", phone_number(2), ""),  # Bình's telephone
        ("residents", "Dung", phone_number(3), ""),
        ("residents", "Em", phone_number(3), ""),
        ("residents", "Giang", "", "giang@hatay.example"),
    )
    add_people(ledger, ("residents", "Hoa", phone_number(4), ""), state="held", held_reason="dead")
    return ledger


@pytest.mark.parametrize("slices", [[STAFF, RESIDENTS], [RESIDENTS, STAFF], [RESIDENTS], [STAFF]])
def test_it_is_what_firing_writes(ledger: Ledger, slices: list[Target]) -> None:
    counted: Counter[tuple[str, str, str]] = Counter()
    for one in estimate(ledger, make_occurrence(), slices):
        counted[one.audience, one.channel, one.prefix] += one.messages
    occurrences.start(ledger, make_occurrence(), slices, shard_size=10, now=NOON)
    written: Counter[tuple[str, str, str]] = Counter()
    with ledger.read() as connection:
        for row in connection.execute(sa.select(message)):
            written[row.audience, row.channel, row.address[:6] if row.channel == "sms" else ""] += 1
    assert counted == written


def test_nobody_is_nobody(ledger: Ledger) -> None:
    assert estimate(ledger, make_occurrence(), []) == ()
