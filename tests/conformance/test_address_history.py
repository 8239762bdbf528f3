"""The life of an address, as the ledger tells it."""

from __future__ import annotations

from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import address_history
from dispatcher.ledger.recipients import participation
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.sending import occurrences
from tests.ledger_fixture import CAMPAIGN, HOUR, NOON, add_residents, make_occurrence, phone_number
from tests.sending_fixture import MINUTE, RESIDENTS, claim, fire, report, settle, take


def test_a_life_tells_thanks_when_they_went(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    (person,) = address_history.load(ledger, phone_number(0)).people
    told = [Participation(campaign=CAMPAIGN, person_id=person.person_id, at=NOON, source="t")]
    participation.record(ledger, told, now=NOON)
    thanks = make_occurrence("thanks", key="*", kind="thanks", due_at=NOON - HOUR)
    occurrences.add_recipients(ledger, thanks, RESIDENTS, shard_size=10, now=NOON)
    settle(ledger, claim(ledger, take(ledger)))
    fire(ledger, due_at=NOON - MINUTE)
    life = address_history.load(ledger, phone_number(0))
    assert [one.kind for one in life.messages] == ["warning", "thanks"]
    assert [one.scheduled_at for one in life.messages] == [NOON - MINUTE, NOON]


def test_the_life_of_an_address_is_told(ledger: Ledger) -> None:
    add_residents(ledger, 1)
    fire(ledger)
    batch = claim(ledger, take(ledger))
    settle(ledger, batch)
    report(ledger, batch, "delivered")
    life = address_history.load(ledger, phone_number(0))
    assert [person.name for person in life.people] == ["Người 0"]
    (told,) = life.messages
    assert (told.status, told.words, told.attempts[0][1]) == ("delivered", "Mời Người 0", "accepted")
    assert [event[1] for event in told.events] == ["delivered"]
