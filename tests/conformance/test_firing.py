"""Who gets a message when a step fires, and in which shard."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.queries import message_counts
from dispatcher.ledger.schema.tables import person
from dispatcher.ledger.sending import claims, occurrences
from tests.ledger_fixture import NOON, add_people, add_residents, make_occurrence, phone_number
from tests.sending_fixture import MINUTE, RESIDENTS, claim, fire, statuses, take


def test_firing_twice_is_firing_once(ledger: Ledger) -> None:
    add_residents(ledger, 5)
    assert fire(ledger) == 5
    assert occurrences.start(ledger, make_occurrence(), RESIDENTS, shard_size=100, now=NOON) is None
    assert statuses(ledger) == {"created": 5}


def test_shards_hold_everybody_once(ledger: Ledger) -> None:
    add_residents(ledger, 25)
    fired = occurrences.start(ledger, make_occurrence(), RESIDENTS, shard_size=10, now=NOON)
    assert fired is not None
    assert (fired.messages, fired.shards) == (25, 3)
    seen = []
    for _ in range(3):
        lease = take(ledger)
        seen.append(len(claim(ledger, lease).claimed))
        claims.release_shard(ledger, lease, now=NOON)
    assert sorted(seen) == [5, 10, 10]
    assert claims.lease_shard(ledger, owner="a", now=NOON, lease=MINUTE, channels=("sms",)) is None


def test_a_number_shared_by_a_family_gets_one_text(ledger: Ledger) -> None:
    add_people(
        ledger, ("residents", "Bà Tư", phone_number(1), ""), ("residents", "Cháu Năm", phone_number(1), "")
    )
    assert fire(ledger) == 1


def test_a_person_in_several_lists_is_written_to_as_the_first(ledger: Ledger) -> None:
    add_people(
        ledger,
        ("staff", "Trần Văn Lúa", phone_number(1), "lua@hatay.example"),
        ("residents", "Trần Văn Lúa", phone_number(1), "lua@hatay.example"),
        ("residents", "Phạm Thị Cấy", phone_number(2), ""),
    )
    slices = [
        Target(audience="staff", channels=("email", "sms")),
        Target(audience="residents", channels=("sms",)),
    ]
    assert fire(ledger, slices, audiences=("staff", "residents")) == 2
    assert {(item.audience, item.channel) for item in message_counts.exact_by_step(ledger)} == {
        ("staff", "email"),
        ("residents", "sms"),
    }


def test_the_first_channel_a_person_has_is_used(ledger: Ledger) -> None:
    add_people(
        ledger, ("staff", "Một", phone_number(1), "mot@hatay.example"), ("staff", "Hai", phone_number(2), "")
    )
    fire(ledger, [Target(audience="staff", channels=("email", "sms"))], audiences=("staff",))
    assert {(item.channel, item.messages) for item in message_counts.exact_by_step(ledger)} == {
        ("email", 1),
        ("sms", 1),
    }


@pytest.mark.parametrize(("reason", "written"), [("dead", 0), ("retired", 1)])
def test_whoever_is_held_in_one_list_is_held_in_all_unless_only_retired(
    ledger: Ledger, reason: str, written: int
) -> None:
    add_people(ledger, ("staff", "Cụ Bảy", phone_number(1), ""), state="held", held_reason=reason)
    add_people(ledger, ("residents", "Cụ Bảy", phone_number(1), ""))
    assert fire(ledger) == written


def test_digests_go_to_leads_only(ledger: Ledger) -> None:
    add_people(ledger, ("staff", "Không", "", "khong@hatay.example"))
    slices = [Target(audience="staff", channels=("email",), leads_only=True)]
    assert fire(ledger, slices, kind="digest", audiences=("staff",)) == 0


def test_who_leads_nothing_is_not_served_by_what_goes_to_leads_only(ledger: Ledger) -> None:
    add_people(
        ledger,
        ("staff", "Trần Văn Lúa", phone_number(1), ""),
        ("residents", "Trần Văn Lúa", phone_number(1), ""),
    )
    slices = [Target(audience="staff", channels=("sms",), leads_only=True), *RESIDENTS]
    assert fire(ledger, slices, audiences=("staff", "residents")) == 1
    assert [item.audience for item in message_counts.exact_by_step(ledger)] == ["residents"]


def test_nobody_who_was_erased_is_written_to(ledger: Ledger) -> None:
    """Not even where a list or an address of theirs were left behind."""
    gone, _here = add_people(
        ledger, ("residents", "Xoá", phone_number(1), ""), ("residents", "Còn", phone_number(2), "")
    )
    with ledger.begin() as connection:
        connection.execute(sa.update(person).where(person.c.id == gone).values(erased_at=NOON))
    assert fire(ledger) == 1
