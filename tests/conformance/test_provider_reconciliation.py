"""The ledger beside the provider's own list, both ways: doubles, losses, restored ledgers are found.

Books of a played campaign are spoilt on purpose, on our side or on the provider's; a real sandbox lists its
log to the real gateway. What is empty stands for what looks alike and is right.
"""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

import pytest
import sqlalchemy as sa

from dispatcher.feedback import provider_reconciliation
from dispatcher.feedback.provider_reconciliation import ProviderReconciliation
from dispatcher.gateways import GatewayOptions
from dispatcher.gateways.twilio.gateway import TwilioGateway
from dispatcher.ledger import text_comparison
from dispatcher.ledger.privacy import retention
from dispatcher.ledger.schema.tables import attempt, event, message
from dispatcher.ledger.text_comparison import ListedRow
from dispatcher.sandbox import process, provider_log
from dispatcher.sandbox.server import SandboxOptions, serve
from tests.command import Command
from tests.ledger_fixture import phone_number
from tests.played_books import CAMPAIGN, Books
from tests.spoilt_books import DAY, SMS, Spoil, both, changed, log_lines, log_without_first

MINUTE = timedelta(minutes=1)
FINDINGS = ("missing", "unheld", "repeated")


def compare(books: Books) -> ProviderReconciliation:
    """Let the gateway list what a sandbox over the books' log has."""

    async def run() -> ProviderReconciliation:
        async with serve(SandboxOptions(folder=books.sandbox, auth_token="token")) as sandbox:
            values = {
                "TWILIO_ACCOUNT_SID": sandbox.texts.account_sid,
                "TWILIO_AUTH_TOKEN": "token",
                "TWILIO_FROM": "UBND",
                "DISPATCHER_TWILIO_BASE_URL": f"http://127.0.0.1:{sandbox.http_port}",
            }
            since = provider_reconciliation.period_start(books.ledger, now=books.now)
            return await provider_reconciliation.reconcile(
                {"twilio": TwilioGateway(GatewayOptions(values=values))},
                books.ledger, since=since, latest=200,
            )  # fmt: skip

    books.spoil(sa.update(message).where(message.c.channel == "sms").values(gateway="twilio"))
    return asyncio.run(run())


def logged_again(
    *, sid: str = "SM-again", after: timedelta = MINUTE, **changes: str
) -> Callable[[Books], None]:
    """Let the provider have taken the words of its first text once more, to the same number."""

    def spoil(books: Books) -> None:
        first = next(iter(provider_log.read_texts(books.sandbox)))
        values = {
            name: getattr(first, name) for name in first.__dataclass_fields__ if name not in {"at", "sid"}
        }
        line = provider_log.text_line(
            **values | changes, at=provider_log.format_time(first.at + after), sid=sid
        )
        with (books.sandbox / SMS).open("ab") as file:
            file.write(line)

    return spoil


def with_outcome(outcome: str) -> Spoil:
    """Let the provider's first text have fared otherwise."""
    return lambda books: log_lines(
        books,
        SMS,
        lambda lines: [lines[0].replace('"outcome":"delivered"', f'"outcome":"{outcome}"'), *lines[1:]],
    )


def closer_together(books: Books) -> None:
    """Let the next text to the first number have gone out three minutes after the first: a renamed step."""
    first, *rest = [json.loads(line) for line in (books.sandbox / SMS).read_text().splitlines()]
    again = next(line for line in rest if (line["to"], line["body"]) == (first["to"], first["body"]))
    again["at"] = provider_log.format_time(datetime.fromisoformat(first["at"]) + 3 * MINUTE)
    lines = [json.dumps(line, ensure_ascii=False) + "\n" for line in (first, *rest)]
    (books.sandbox / SMS).write_text("".join(lines))


def first_of_log(books: Books) -> int:
    """Return which of our messages the provider's first text is."""
    first = next(iter(provider_log.read_texts(books.sandbox)))
    return books.select(sa.select(message.c.id).where(message.c.provider_id == first.sid))[0]


def without_name(*, in_attempt: bool, **values: object) -> Spoil:
    """Take the provider's name for its first text out of the message, and perhaps out of all else."""

    def spoil(books: Books) -> None:
        one = first_of_log(books)
        books.spoil(sa.update(message).where(message.c.id == one).values(provider_id=None, **values))
        if in_attempt:
            books.spoil(sa.update(attempt).where(attempt.c.message_id == one).values(provider_id=None))
            books.spoil(sa.delete(event).where(event.c.message_id == one))

    return spoil


def told_by_a_report(books: Books) -> None:
    """Let only a report, as it came in, know the provider's name."""
    one, first = first_of_log(books), next(iter(provider_log.read_texts(books.sandbox)))
    without_name(in_attempt=True)(books)
    books.spoil(
        sa.insert(event).values(
            received_at=first.at,
            kind="status",
            dedupe_key="k",
            message_id=one,
            attempt=1,
            provider_id=first.sid,
            status="delivered",
            raw={},
        )
    )


def restored(books: Books) -> None:
    """Put a backup from before the last days back."""
    cut = books.now - 6 * DAY
    lost = sa.select(message.c.id).where(message.c.submitted_at > cut)
    for table in (attempt, event):
        books.spoil(sa.delete(table).where(table.c.message_id.in_(lost)))
    books.spoil(sa.delete(message).where(message.c.submitted_at > cut))


def forgotten(books: Books) -> None:
    retention.anonymise_campaign(books.ledger, CAMPAIGN, now=books.now)


DOUBTFUL = without_name(in_attempt=True, status="in-doubt")
ROWS: list[tuple[str, Spoil, dict[str, int]]] = [
    ("nothing-spoilt", lambda _books: None, {}),
    ("twice-and-one-unknown", logged_again(), {"unheld": 1, "repeated": 1}),
    ("thrice", both(logged_again(), logged_again(sid="SM-2")), {"unheld": 2, "repeated": 1}),
    ("again-next-day", logged_again(after=timedelta(hours=36)), {"unheld": 1}),
    ("other-words", logged_again(body="Tin khác"), {"unheld": 1}),
    ("without-words", logged_again(body=""), {"unheld": 1}),
    ("again-after-a-failure", both(with_outcome("blocked"), logged_again()), {"unheld": 1}),
    ("of-another-sender", logged_again(sender="Y TE"), {}),
    ("a-step-renamed", closer_together, {"repeated": 1}),
    ("lost", log_without_first(SMS), {"missing": 1}),
    ("known-by-its-attempt", without_name(in_attempt=False), {}),
    ("known-by-a-report", told_by_a_report, {}),
    ("known-by-nothing", without_name(in_attempt=True), {"unheld": 1}),
    ("in-doubt", DOUBTFUL, {}),
    ("in-doubt-and-twice", both(DOUBTFUL, logged_again()), {"unheld": 1, "repeated": 1}),
    ("moved-on", changed(status="sent"), {}),
    ("forgotten", forgotten, {}),
    ("forgotten-and-one-more", both(forgotten, logged_again(after=timedelta(hours=7))), {"unheld": 1}),
]  # fmt: skip


def crowd(texts: int) -> Spoil:
    """Let the provider have so many texts more, to as many numbers, that the ledger knows nothing of."""

    def spoil(books: Books) -> None:
        first = next(iter(provider_log.read_texts(books.sandbox)))
        lines = [
            provider_log.text_line(
                at=provider_log.format_time(first.at + timedelta(milliseconds=n)),
                **{
                    name: getattr(first, name)
                    for name in first.__dataclass_fields__
                    if name not in {"at", "sid", "to"}
                },
                sid=f"SM-{n}",
                to=phone_number(100_000 + n),
            )
            for n in range(texts)
        ]
        with (books.sandbox / SMS).open("ab") as file:
            file.write(b"".join(lines))

    return spoil


on_sqlite = pytest.mark.parametrize("books", ["sqlite"], indirect=True)


def counts(found: ProviderReconciliation) -> dict[str, int]:
    for name in FINDINGS:
        assert len(getattr(found, name)) == getattr(found, f"{name}_count")
    return {name: len(getattr(found, name)) for name in FINDINGS if getattr(found, name)}


@on_sqlite
@pytest.mark.parametrize(("spoil", "wanted"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_one_side_has_and_the_other_has_not_is_found(
    books: Books, spoil: Spoil, wanted: dict[str, int]
) -> None:
    spoil(books)
    found = compare(books)
    assert counts(found) == wanted
    assert found.is_balanced is not bool(wanted)


def test_a_restored_ledger_finds_everything_that_was_sent_since(books: Books) -> None:
    everything = {text.sid for text in provider_log.read_texts(books.sandbox)}
    assert counts(compare(books)) == {}
    restored(books)
    with books.ledger.read() as connection:
        held = set(connection.scalars(sa.select(message.c.provider_id).where(message.c.channel == "sms")))
    found = compare(books)
    assert {text.provider_id for text in found.unheld} == everything - held != set()
    assert (found.missing, found.listed, found.there) == ([], len(everything), len(held - {None}))


@on_sqlite
def test_every_text_is_accounted_for(books: Books) -> None:
    both(DOUBTFUL, changed(status="sent", which=3), logged_again(sender="Y TE"))(books)
    found = compare(books)
    assert (found.in_doubt, found.other_senders, found.forgotten) == (1, 1, 0)
    assert found.other_status.keys() == {"sending → delivered", "sent → delivered"}
    assert found.other_status["sent → delivered"] == 1
    forgotten(books)
    again = compare(books)
    assert (again.asked, again.forgotten + again.other_senders, again.in_doubt) == (0, found.listed, 0)


@on_sqlite
def test_of_very_many_findings_the_first_are_named_and_all_are_counted(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_reconciliation, "NAMED_MAX", 30)
    crowd(2500)(books)  # more than two pages
    found = compare(books)
    assert (found.unheld_count, len(found.unheld), found.repeated_count) == (2500, 30, 0)
    assert [one.provider_id for one in found.unheld[:2]] == ["SM-0", "SM-1"]
    assert found.is_balanced is False


@on_sqlite
def test_what_is_held_in_memory_does_not_grow_with_the_list(books: Books) -> None:
    """Ten thousand texts more; a value each, as a list of them was, would take some 8 MB."""
    compare(books)
    crowd(10_000)(books)
    tracemalloc.start()
    try:
        with text_comparison.compare(books.ledger) as texts:
            texts.hold(books.now - 31 * DAY, 200)
            for page in in_pages(provider_log.read_texts(books.sandbox)):
                texts.add(page)
            texts.name_ours(books.now - 31 * DAY)
            assert texts.count_strange() == 10_000
            assert sum(1 for _one in texts.strange({"UBND"})) == 10_000
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


def in_pages(lines: Iterable[provider_log.LoggedText]) -> Iterator[list[ListedRow]]:
    left = iter(lines)
    while page := list(islice(left, 1000)):
        yield [
            ListedRow(
                gateway="twilio", provider_id=one.sid, address=one.to, sender=one.sender, words=one.body,
                status="", at=one.at,
            )
            for one in page
        ]  # fmt: skip


@on_sqlite
def test_reconcile_names_each_and_exits_1(books: Books, office: Command) -> None:
    one, first = first_of_log(books), next(iter(provider_log.read_texts(books.sandbox)))
    books.spoil(sa.update(message).where(message.c.channel == "sms").values(gateway="twilio"))
    with process.start(books.sandbox) as sandbox:
        theirs = {**sandbox.environ(), "DISPATCHER_MAIL_FROM": "nhac@hatay.example"}
        sound = office.run("reconcile", **theirs)
        assert (sound.returncode, "The books balance" in sound.stdout) == (0, True), sound.stdout
        assert "Mail servers keep no list" in sound.stderr
    logged_again()(books)
    with process.start(books.sandbox) as sandbox:
        theirs = {**sandbox.environ(), "DISPATCHER_MAIL_FROM": "nhac@hatay.example"}
        done = office.run("reconcile", **theirs)
        assert done.returncode == 1
        assert "1 text is with the provider, and the ledger knows nothing of it" in done.stdout
        assert "1 number got the same words twice within hours" in done.stdout
        assert (first.to in done.stdout, first.sid in done.stdout) == (False, True)
        assert first.to in office.run("reconcile", "--full", **theirs).stdout
        said = json.loads(office.run("reconcile", "--json", **theirs).stdout)
        assert said["provider"]["repeated"][0]["message_ids"] == [one]
        assert said["provider"]["unheld"][0]["provider_id"] == "SM-again"
        late = office.run("reconcile", "--since", "2026-01-01", "--ask", "1", **theirs)
        assert late.returncode == 0, late.stdout
    gone = replace(office, settings={**office.settings, **theirs})
    away = gone.run("reconcile", "--json")
    assert (away.returncode, list(json.loads(away.stdout)["provider"]["unread"])) == (1, ["twilio"])
