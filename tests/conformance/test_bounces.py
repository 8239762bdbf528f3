"""What reports that came back by mail do to the ledger, on every database."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatcher.feedback.bounces.ingestion import ingest
from dispatcher.feedback.bounces.mail_process import MailReader
from dispatcher.ledger import Ledger
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.status_updates import FailedDelivery
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.schema.message_status import RANK
from dispatcher.ledger.schema.tables import event, message, occurrence, shard
from dispatcher.signed_links import SignedLinks, verp_address
from tests.ledger_fixture import CAMPAIGN, HOUR, NOON

LINKS = SignedLinks("https://nhac.hatay.example", "a secret for the tests")
READER = MailReader()
BOX = "bounce@hatay.example"
_numbers = itertools.count(1)


def somebody() -> str:
    return f"reader-{next(_numbers)}@nowhere.example"


def mailed(
    ledger: Ledger, address: str, count: int = 1, *, first: int = 0, status: str = "sent", attempt: int = 1
) -> list[int]:
    """Write mails to one reader into the ledger, an hour apart, as if the mail server had taken them."""
    ids = []
    with ledger.begin() as connection:
        for n in range(first, first + count):
            facts = {
                "campaign": CAMPAIGN,
                "step": "weekly",
                "key": str(n),
                "kind": "reminder",
                "state": "open",
            }
            found = connection.scalar(sa.select(occurrence.c.id).where(occurrence.c.key == str(n)))
            if found is None:
                times = {"due_at": NOON, "expires_at": NOON + 200 * HOUR}
                found = connection.scalar(
                    sa.insert(occurrence).values(**facts, **times).returning(occurrence.c.id)
                )
                connection.execute(
                    sa.insert(shard).values(
                        id=found * 65536, occurrence_id=found, channel="email", not_before=NOON, state="done"
                    )
                )
            row = {"occurrence_id": found, "shard_id": found * 65536, "person_id": 1, "contact_id": 1}
            said = {"channel": "email", "address": address, "audience": "staff", "attempt": attempt}
            stands = {
                "status": status,
                "rank": RANK[status],
                "submitted_at": NOON + n * HOUR,
                "status_at": NOON,
            }
            ids.append(
                connection.scalar(sa.insert(message).values(**row, **said, **stands).returning(message.c.id))
            )
    return ids


def report(
    message_id: int,
    status: str,
    *,
    attempt: int = 1,
    action: str = "failed",
    to: str = "",
    number: object = "",
) -> bytes:
    """A delivery report as a mail server writes it; `to` replaces the address with our key in it."""
    back = to or verp_address(BOX, LINKS.message_key(message_id, attempt))
    return (
        f"From: MAILER-DAEMON@relay.example\nTo: {back}\nMessage-ID: <{next(_numbers)}{number}@relay>\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=xx\n\n"
        "--xx\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
        f"Final-Recipient: rfc822; somebody@nowhere.example\nAction: {action}\nStatus: {status}\n\n--xx--\n"
    ).encode()


@pytest.fixture(scope="module", autouse=True)
def one_reader() -> Iterator[None]:
    with READER:
        yield


def named(address: str, status: str = "5.1.1") -> bytes:
    """A report that names an address and nothing that is ours, as anybody could write it."""
    return report(0, status, to="nhac@hatay.example").replace(b"somebody@nowhere.example", address.encode())


def complaint(message_id: int) -> bytes:
    about = LINKS.message_id_header(message_id, "hatay.example")
    return (
        f"From: button@mailbox.example\nTo: {BOX}\nMessage-ID: <{next(_numbers)}@mailbox.example>\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=xx\n\n"
        "--xx\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\n"
        f"--xx\nContent-Type: message/rfc822\n\nMessage-ID: <{about}>\n\n--xx--\n"
    ).encode()


def take(ledger: Ledger, *mails: bytes) -> dict[str, int]:
    return dict(ingest(ledger, LINKS, [mails], reader=READER, now=NOON).outcomes)


def fold(ledger: Ledger, *, again: bool = False) -> None:
    def retry_at(failure: FailedDelivery) -> object:
        return NOON + 2 * HOUR if again else None

    event_inbox.apply_events(ledger, now=NOON, retry_at=retry_at)  # type: ignore[arg-type]


def stands(ledger: Ledger, ids: Sequence[int]) -> list[tuple[str, str]]:
    with ledger.read() as connection:
        rows = connection.execute(sa.select(message).where(message.c.id.in_(ids)).order_by(message.c.id))
        return [(row.status, row.reason) for row in rows]


def stopped(ledger: Ledger, address: str) -> list[tuple[str, str]]:
    return [(item.reason, item.how) for item in suppressions.find(ledger, address=address)]


def results(ledger: Ledger) -> list[str]:
    with ledger.read() as connection:
        return list(connection.scalars(sa.select(event.c.result).order_by(event.c.id)))


def test_a_dead_address_fails_its_mail_late_and_gets_no_other(ledger: Ledger) -> None:
    address = somebody()
    ids = mailed(ledger, address, 2)
    assert take(ledger, report(ids[0], "5.1.1")) == {"dead-address": 1}
    fold(ledger)
    assert stands(ledger, ids) == [("permanent-failure", "5.1.1"), ("sent", "")]
    assert stopped(ledger, address) == [("dead-address", "bounce")]


@pytest.mark.parametrize("code", ["5.7.1", "5.6.0", "5.3.4", "5.7.26"])
def test_our_own_fault_fails_the_mail_and_not_the_address(ledger: Ledger, code: str) -> None:
    address = somebody()
    ids = mailed(ledger, address)
    assert take(ledger, report(ids[0], code)) == {"our-mail": 1}
    fold(ledger)
    assert stands(ledger, ids) == [("permanent-failure", code)]
    assert stopped(ledger, address) == []


def test_a_full_box_is_tried_again_when_the_occasion_lasts(ledger: Ledger) -> None:
    ids = mailed(ledger, somebody())
    assert take(ledger, report(ids[0], "5.2.2")) == {"for-now": 1}
    fold(ledger, again=True)
    with ledger.read() as connection:
        row = connection.execute(sa.select(message).where(message.c.id == ids[0])).one()
        open_again = connection.scalar(sa.select(shard.c.state).where(shard.c.id == row.shard_id))
    assert (row.status, row.next_at, open_again) == ("temporary-failure", NOON + 2 * HOUR, "open")


def test_what_came_back_about_an_earlier_attempt_is_never_a_reason_to_send_again(ledger: Ledger) -> None:
    address = somebody()
    ids = mailed(ledger, address, attempt=2)
    message_id = LINKS.message_id_header(ids[0], "hatay.example")
    take(ledger, report(ids[0], "4.4.1", attempt=1), report(ids[0], "4.4.1", to=f"<{message_id}>"))
    fold(ledger, again=True)
    assert stands(ledger, ids) == [("sent", "")]
    take(ledger, report(ids[0], "5.1.1", to=f"<{message_id}>"))  # but a dead address is dead at any attempt
    fold(ledger, again=True)
    assert stands(ledger, ids) == [("permanent-failure", "5.1.1")]


def test_a_report_that_overtakes_the_servers_answer_counts(ledger: Ledger) -> None:
    ids = mailed(ledger, somebody(), status="submitting")
    take(ledger, report(ids[0], "5.1.1"))
    fold(ledger)
    assert stands(ledger, ids) == [("permanent-failure", "5.1.1")]


@pytest.mark.parametrize(("count", "dead"), [(4, False), (5, True), (6, True)])
def test_five_in_a_row_for_the_moments_sake_are_a_dead_address(
    ledger: Ledger, count: int, dead: bool
) -> None:
    address = somebody()
    ids = mailed(ledger, address, count)
    take(ledger, *(report(one, "4.2.2") for one in ids))
    fold(ledger)
    assert stopped(ledger, address) == ([("dead-address", "bounce")] if dead else [])


@pytest.mark.parametrize("good", range(6))
def test_one_that_arrived_between_them_begins_the_count_anew(ledger: Ledger, good: int) -> None:
    address = somebody()
    ids = mailed(ledger, address, 6)
    take(ledger, *(report(one, "4.2.2") for place, one in enumerate(ids) if place != good))
    fold(ledger)
    assert bool(stopped(ledger, address)) == (good == 0)


def test_five_attempts_at_one_mail_are_one_mail(ledger: Ledger) -> None:
    address = somebody()
    ids = mailed(ledger, address, attempt=5)
    take(ledger, *(report(ids[0], "4.2.2", attempt=attempt) for attempt in range(1, 6)))
    fold(ledger)
    assert stopped(ledger, address) == []


def test_a_complaint_stops_all_mail_to_its_reader_and_says_nothing_about_delivery(ledger: Ledger) -> None:
    address = somebody()
    ids = mailed(ledger, address)
    assert take(ledger, complaint(ids[0])) == {"complaint": 1}
    fold(ledger)
    assert stopped(ledger, address) == [("complaint", "complaint")]
    assert stands(ledger, ids) == [("sent", "")]


def test_good_news_and_no_news(ledger: Ledger) -> None:
    address = somebody()
    ids = mailed(ledger, address, 2)
    told = take(
        ledger, report(ids[0], "2.1.5", action="delivered"), report(ids[1], "4.2.0", action="delayed")
    )
    assert told == {"delivered": 1, "delayed": 1}
    fold(ledger)
    assert stands(ledger, ids) == [("delivered", ""), ("sent", "")]
    assert results(ledger) == ["raised", "noted"]


def test_a_report_taken_in_twice_is_no_news(ledger: Ledger) -> None:
    ids = mailed(ledger, somebody())
    raw = report(ids[0], "5.1.1")
    first, again = (ingest(ledger, LINKS, [[raw]], reader=READER, now=NOON) for _time in range(2))
    assert (first.new, again.new, again.mails) == (1, 0, 1)


def test_who_forges_a_report_stops_nobody(ledger: Ledger) -> None:
    address = somebody()
    ids = mailed(ledger, address)
    assert take(ledger, *(named(address) for _time in range(20))) == {"for-now": 20}
    fold(ledger, again=True)
    assert stands(ledger, ids) == [("sent", "")]
    assert stopped(ledger, address) == []


def test_reports_that_only_name_an_address_count_once_a_mail(ledger: Ledger) -> None:
    address = somebody()
    for place in range(5):
        assert stopped(ledger, address) == []
        mailed(ledger, address, first=place)
        take(ledger, named(address.upper()), named(address))
        fold(ledger)
    assert stopped(ledger, address) == [("dead-address", "bounce")]


def test_what_is_about_nobody_we_know_is_kept(ledger: Ledger) -> None:
    assert take(ledger, named("stranger@nowhere.example"), report(999_999, "5.1.1")) == {
        "unmatched": 1,
        "dead-address": 1,
    }
    fold(ledger)
    assert results(ledger) == ["unmatched", "unmatched"]


def test_what_names_only_an_address_must_be_about_a_recent_mail(ledger: Ledger) -> None:
    address = somebody()
    mailed(ledger, address)
    late = ingest(ledger, LINKS, [[named(address)]], reader=READER, now=NOON + timedelta(days=15))
    assert late.outcomes == {"unmatched": 1}


def test_answers_of_machines_and_people_write_nothing(ledger: Ledger) -> None:
    raw = b"From: a@b.example\nSubject: Re: Nhac viec\nMessage-ID: <1@b>\n\nCam on\n"
    assert take(ledger, raw, raw.replace(b"\n\n", b"\nAuto-Submitted: auto-replied\n\n")) == {
        "other": 1,
        "auto-reply": 1,
    }
    assert results(ledger) == []


KINDS = ("hard", "soft", "ours", "delivered", "delayed", "complaint", "named")


def _written(kind: str, one: int, address: str, number: int) -> bytes:
    codes = {"hard": "5.1.1", "soft": "4.2.2", "ours": "5.7.1"}
    if kind in codes:
        return report(one, codes[kind], number=number)
    if kind in {"delivered", "delayed"}:
        return report(one, "2.0.0", action=kind, number=number)
    return complaint(one) if kind == "complaint" else named(address)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(KINDS)), max_size=12),
    chance=st.randoms(use_true_random=False),
)
def test_any_order_and_any_repetition_leave_the_same_ledger(
    ledger: Ledger, told: list[tuple[int, str]], chance: object
) -> None:
    left = []
    for _history in range(2):
        address = somebody()
        ids = mailed(ledger, address, 6)
        mails = [_written(kind, ids[place], address, n) for n, (place, kind) in enumerate(told)]
        mails += chance.sample(mails, len(mails) // 2)  # type: ignore[attr-defined]
        chance.shuffle(mails)  # type: ignore[attr-defined]
        while mails:
            count = chance.randint(1, 4)  # type: ignore[attr-defined]
            page, mails = mails[:count], mails[count:]
            take(ledger, *page)
            fold(ledger)
        with ledger.read() as connection:
            rows = connection.execute(
                sa.select(message).where(message.c.address == address).order_by(message.c.id)
            )
            left.append(([(row.status, row.conflict) for row in rows], bool(stopped(ledger, address))))
    assert left[0] == left[1]
