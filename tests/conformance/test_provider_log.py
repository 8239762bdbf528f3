"""What differs from the provider's own log is counted and named: books or log are spoilt on purpose."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dispatcher.ledger.queries.message_log import PendingWork
from dispatcher.ledger.schema.tables import attempt, campaign, message, occurrence
from dispatcher.sandbox import process, provider_log
from dispatcher.simulation.checks import compare_with_log, rule_violations
from dispatcher.simulation.drill.crash_test import DrillResult, KillCount
from dispatcher.simulation.drill.verification import verify
from dispatcher.simulation.summary import SimulationSummary
from tests.command import Command
from tests.ledger_fixture import phone_number
from tests.played_books import Books
from tests.spoilt_books import MAIL, SMS, Spoil, both, changed, ids, log_with_first_twice, log_without_first

AT_REST = {"waiting": 0, "unanswered": 0, "in_doubt": 0, "unread": 0}


def unanswered(*, channel: str = "email") -> Spoil:
    """Let the first attempt at the first message in the log have had no answer."""

    def spoil(books: Books) -> None:
        reader = provider_log.read_mails if channel == "email" else provider_log.read_texts
        first: Any = next(iter(reader(books.sandbox)))
        key = first.message_id.partition("@")[0] if channel == "email" else first.message_key
        parsed = books.links.parse_message_key(key)
        assert parsed is not None
        books.spoil(sa.update(attempt).where(attempt.c.message_id == parsed[0]).values(outcome="unknown"))

    return spoil


def logged(message_id: int | None) -> Spoil:
    """Let the provider have taken a text that our ledger knows nothing about; None: with a key not ours."""

    def spoil(books: Books) -> None:
        key = "k" if message_id is None else books.links.message_key(message_id, 1)
        line = provider_log.text_line(
            at="2025-11-03T01:00:00.000Z", sid="SM", to=phone_number(0), sender="", body="", parts=1, n=1,
            callback=f"https://nhac/{key}", validity=1, outcome="delivered",
        )  # fmt: skip
        with (books.sandbox / provider_log.SMS_FILE).open("ab") as file:
            file.write(line)

    return spoil


def in_doubt_is_held(books: Books) -> None:
    """Let the campaign be the one of a drill that holds a mail in doubt."""
    books.spoil(sa.update(occurrence).values(campaign="drill-hold"))
    books.spoil(sa.update(campaign).values(name="drill-hold"))


NEVER_ACCEPTED = sa.update(attempt).values(outcome="refused")
COMPARED: list[tuple[str, Spoil, dict[str, int]]] = [
    ("a-text-lost", log_without_first(SMS), {"lost": 1}),
    ("a-mail-lost", log_without_first(MAIL), {"lost": 1}),
    ("a-text-twice", log_with_first_twice(SMS), {"twice": 1}),
    ("a-text-twice-but-arrived-once", log_with_first_twice(SMS, "blocked"), {}),
    ("a-text-twice-on-the-phone-without-receipt", log_with_first_twice(SMS, "no-receipt"), {"twice": 1}),
    ("a-mail-twice", log_with_first_twice(MAIL), {"twice": 1}),
    ("a-mail-again-for-want-of-an-answer", both(unanswered(), log_with_first_twice(MAIL)), {"repeated": 1}),
    (
        "a-text-again-for-want-of-an-answer",
        both(unanswered(channel="sms"), log_with_first_twice(SMS)),
        {"twice": 1},
    ),
    ("in-doubt", changed(status="in-doubt"), {"in_doubt": 1}),
    ("an-intent", changed(status="submitting"), {"in_doubt": 1}),
    (
        "one-that-never-left",
        both(
            lambda books: books.spoil(NEVER_ACCEPTED.where(attempt.c.message_id == ids(books)[0])),
            changed(status="cancelled", provider_id=None),
        ),
        {"unexpected": 1},
    ),
    ("one-that-was-never-planned", logged(1_000_000), {"unexpected": 1}),
    ("one-that-is-not-ours", logged(None), {}),
]
DIFFERENCES = ("lost", "twice", "repeated", "in_doubt", "unexpected")


@pytest.mark.parametrize(("spoil", "wanted"), [row[1:] for row in COMPARED], ids=[row[0] for row in COMPARED])
def test_what_differs_from_the_providers_log_is_counted(
    books: Books, spoil: Spoil, wanted: dict[str, int]
) -> None:
    spoil(books)
    compared = compare_with_log(books.ledger, books.links, books.sandbox)
    assert {name: asdict(compared)[name] for name in DIFFERENCES if asdict(compared)[name]} == wanted
    assert compared.is_balanced is not bool(wanted.keys() - {"repeated"})


VERIFIED: list[tuple[str, Spoil, dict[str, int]]] = [
    ("a-text-gone", log_without_first(SMS), {"imagined": 1}),
    ("a-mail-gone", log_without_first(MAIL), {"imagined": 1}),
    ("a-text-twice", log_with_first_twice(SMS), {"twice": 1}),
    ("a-mail-twice", log_with_first_twice(MAIL), {"twice": 1}),
    (
        "a-mail-again-for-want-of-an-answer",
        both(unanswered(), log_with_first_twice(MAIL)),
        {"repeated": 1, "groundless": 1},
    ),
    (
        "a-mail-again-where-it-was-to-be-held",
        both(unanswered(), log_with_first_twice(MAIL), in_doubt_is_held),
        {"twice": 1, "groundless": 1},
    ),
    (
        "a-text-again-for-want-of-an-answer",
        both(unanswered(channel="sms"), log_with_first_twice(SMS)),
        {"twice": 1, "groundless": 1},
    ),
    ("a-text-in-doubt", changed(status="in-doubt"), {"stuck": 1, "groundless": 1}),
    ("a-mail-in-doubt", changed(channel="email", status="in-doubt"), {"stuck": 1, "groundless": 1}),
    (
        "a-mail-in-doubt-where-it-is-to-be-held",
        both(changed(channel="email", status="in-doubt"), in_doubt_is_held),
        {"held": 1, "groundless": 1},
    ),
    ("one-the-ledger-denies", changed(status="technical-failure"), {"unknown": 1}),
    ("one-that-was-never-planned", logged(1_000_000), {"unknown": 1}),
    ("one-that-is-not-ours", logged(None), {"unknown": 1}),
    ("a-flaw", lambda books: books.spoil(sa.update(campaign).values(budget_used=1)), {"flaws": 1}),
]
FINDINGS = ("lost", "imagined", "unknown", "twice", "repeated", "held", "stuck", "groundless", "flaws")


@pytest.mark.parametrize(("spoil", "wanted"), [row[1:] for row in VERIFIED], ids=[row[0] for row in VERIFIED])
def test_a_drill_names_what_must_not_be(books: Books, spoil: Spoil, wanted: dict[str, int]) -> None:
    books.spoil(sa.delete(message).where(message.c.status == "cancelled"))  # a drill cancels nothing
    assert verify(books.ledger, books.links, books.sandbox, now=books.now).is_sound
    spoil(books)
    proof = verify(books.ledger, books.links, books.sandbox, now=books.now)
    assert {name: len(getattr(proof, name)) for name in FINDINGS if getattr(proof, name)} == wanted
    assert not proof.is_sound


def test_a_drill_names_what_was_planned_and_never_left(books: Books) -> None:
    cancelled = books.select(sa.select(message.c.id).where(message.c.status == "cancelled"))
    proof = verify(books.ledger, books.links, books.sandbox, now=books.now)
    assert proof.lost == tuple(sorted(cancelled))
    assert not proof.is_sound


def test_a_doubt_that_a_kill_explains_is_not_groundless(books: Books) -> None:
    books.spoil(sa.delete(message).where(message.c.status == "cancelled"))
    unanswered(channel="sms")(books)
    (doubtful,) = books.select(sa.select(attempt.c.message_id).where(attempt.c.outcome == "unknown"))
    for known, is_sound in (((doubtful, 1), True), ((doubtful + 1, 1), False)):
        proof = verify(books.ledger, books.links, books.sandbox, in_doubt=[known], now=books.now)
        assert proof.is_sound is is_sound


def test_reconcile_says_what_the_log_has_not(books: Books, office: Command) -> None:
    assert office.run("reconcile", "--offline", "--log", "sandbox").returncode == 0
    log_without_first(SMS)(books)
    done = office.run("reconcile", "--offline", "--log", "sandbox")
    assert (done.returncode, "The books do not balance" in done.stdout) == (1, True)
    assert office.json("reconcile", "--offline", "--log", "sandbox")["log"]["lost"] == 1


def test_reconcile_says_what_the_provider_has_not(books: Books, office: Command, tmp_path: Path) -> None:
    with books.ledger.begin() as connection:
        connection.execute(sa.update(message).where(message.c.channel == "sms").values(gateway="twilio"))
    with process.start(tmp_path / "provider") as sandbox:
        theirs = {**sandbox.environ(), "DISPATCHER_MAIL_FROM": "nhac@hatay.example"}
        done = office.run("reconcile", "--ask", "3", "--json", **theirs)
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    assert (done.returncode, said["sound"]) == (1, False)
    assert (said["provider"]["asked"], len(said["provider"]["missing"])) == (3, 3)


def test_what_another_gateway_took_is_not_asked_of_this_one(
    books: Books, office: Command, tmp_path: Path
) -> None:
    with process.start(tmp_path / "provider") as sandbox:
        theirs = {**sandbox.environ(), "DISPATCHER_MAIL_FROM": "nhac@hatay.example"}
        provider = json.loads(office.run("reconcile", "--ask", "3", "--json", **theirs).stdout)["provider"]
    assert (provider["asked"], provider["missing"], provider["unclear"]) == (3, [], 3)


@pytest.mark.parametrize("sound", [True, False])
@pytest.mark.parametrize("of", ["violations", "comparison"])
def test_a_simulation_is_sound_only_if_everything_is(books: Books, of: str, sound: bool) -> None:
    if not sound:
        (changed(status="submitting", lookup_at=None) if of == "violations" else log_without_first(SMS))(
            books
        )
    found = {
        "violations": rule_violations(books.ledger, books.schedules, now=books.now),
        "comparison": compare_with_log(books.ledger, books.links, books.sandbox),
    }
    nothing = dict.fromkeys(one.name for one in fields(SimulationSummary))
    quiet = nothing | {"violations": (), of: found[of]}
    assert SimulationSummary(**quiet).is_sound is sound  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pending", "exits", "sound"),
    [({}, [], True), *(({name: 1}, [], False) for name in AT_REST), ({}, [1], False)],
)
def test_a_drill_is_sound_only_if_it_came_to_rest(
    books: Books, pending: dict[str, int], exits: list[int], sound: bool
) -> None:
    books.spoil(sa.delete(message).where(message.c.status == "cancelled"))
    result = DrillResult(
        kills=KillCount(unexpected_exits=exits),
        verification=verify(books.ledger, books.links, books.sandbox, now=books.now),
        pending=PendingWork(**AT_REST | pending),
        seconds=1.0,
    )
    assert result.is_sound is sound
    assert result.lost == sum(pending.values())
    assert result.violations() == ({"fell": exits} if exits else {})
