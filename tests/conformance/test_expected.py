"""What `plan` counts is what firing writes, on every database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from dispatcher.ledger import Ledger, firing
from dispatcher.ledger.expected import expected
from dispatcher.ledger.firing import Slice
from dispatcher.ledger.tables import message
from tests.town import NOON, number, occasion, open_campaign, settle_in

STAFF = Slice(audience="staff", channels=("email", "sms"))
RESIDENTS = Slice(audience="residents", channels=("sms", "email"))


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(database_url)
    open_campaign(opened)
    settle_in(
        opened,
        ("staff", "An", number(1), "an@hatay.example"),
        ("residents", "An", number(1), "an@hatay.example"),
        ("staff", "Bình", number(2), ""),
        ("residents", "Chi", number(2), ""),  # Bình's telephone
        ("residents", "Dung", number(3), ""),
        ("residents", "Em", number(3), ""),
        ("residents", "Giang", "", "giang@hatay.example"),
    )
    settle_in(opened, ("residents", "Hoa", number(4), ""), state="held", held_reason="dead")
    yield opened
    opened.close()


@pytest.mark.parametrize("slices", [[STAFF, RESIDENTS], [RESIDENTS, STAFF], [RESIDENTS], [STAFF]])
def test_it_is_what_firing_writes(ledger: Ledger, slices: list[Slice]) -> None:
    counted: Counter[tuple[str, str, str]] = Counter()
    for one in expected(ledger, occasion(), slices):
        counted[one.audience, one.channel, one.prefix] += one.messages
    firing.fire(ledger, occasion(), slices, shard_size=10, now=NOON)
    written: Counter[tuple[str, str, str]] = Counter()
    with ledger.read() as connection:
        for row in connection.execute(sa.select(message)):
            written[row.audience, row.channel, row.address[:6] if row.channel == "sms" else ""] += 1
    assert counted == written


def test_nobody_is_nobody(ledger: Ledger) -> None:
    assert expected(ledger, occasion(), []) == ()
