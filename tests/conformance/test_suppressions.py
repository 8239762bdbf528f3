"""Who takes a no back, and which reason stands."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.tables import consent as consent_log
from tests.ledger_fixture import NOON, phone_number


def test_only_a_persons_own_no_can_be_taken_back_by_them(ledger: Ledger) -> None:
    wish = OptOut(channel="sms", address=phone_number(0), who=phone_number(0), how="keyword", words="TC")
    assert suppressions.opt_out(ledger, [wish, wish], now=NOON) == 1
    dead = OptOut(channel="sms", address=phone_number(1), reason="dead-address", how="provider")
    suppressions.opt_out(ledger, [dead], now=NOON)
    for n in (0, 1):
        suppressions.opt_in(ledger, channel="sms", address=phone_number(n), who="x", how="keyword", now=NOON)
    assert [item.address for item in suppressions.find(ledger)] == [phone_number(1)]


@pytest.mark.parametrize("reasons", [("dead-address", "opted-out"), ("opted-out", "dead-address")])
def test_a_dead_number_that_comes_to_life_does_not_forget_its_owners_no(
    ledger: Ledger, reasons: tuple[str, str]
) -> None:
    for reason in reasons:
        suppressions.opt_out(
            ledger, [OptOut(channel="sms", address=phone_number(0), reason=reason)], now=NOON
        )
    assert [item.reason for item in suppressions.find(ledger)] == ["opted-out"]
    with ledger.read() as connection:
        told = connection.scalars(sa.select(consent_log.c.reason).order_by(consent_log.c.id)).all()
    assert tuple(told) == reasons[: 1 + (reasons[1] == "opted-out")]
