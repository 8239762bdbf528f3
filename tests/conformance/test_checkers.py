"""Every checker is seen to fail: sound books are spoilt on purpose, and the rule that was broken is named.

Each row of a table spoils one thing. `0` in its last column stands at the other side of the boundary: what
looks alike and is right must not be accused.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from itertools import chain, count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dispatcher.ledger.queries import message_counts
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema import tables
from dispatcher.ledger.schema.tables import (
    attempt,
    campaign,
    contact,
    contact_import,
    message,
    occurrence,
    shard,
)
from dispatcher.report.integrity_report import VIOLATION_LABELS, check_integrity
from dispatcher.sandbox import provider_log
from dispatcher.simulation.checks import RULE_LABELS, compare_with_log, rule_violations
from dispatcher.simulation.drill.verification import verify
from tests import played_books
from tests.engine_fixture import MORNING
from tests.ledger_fixture import phone_number
from tests.played_books import CAMPAIGN, OPTED_OUT, PARTICIPANT, Books

MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
Spoil = Callable[[Books], Any]


@pytest.fixture(scope="module")
def played_sqlite(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, datetime]:
    folder = tmp_path_factory.mktemp("played")
    file = shutil.copy(sqlite_template, folder / "ledger.sqlite3")
    return folder, played_books.play(f"sqlite:///{file}", folder / "sandbox")


@pytest.fixture(scope="module")
def played_postgres(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: sa.URL,
    postgres_admin: sa.Connection,
    postgres_template: str,
) -> Iterator[tuple[Path, datetime, str]]:
    folder, name = tmp_path_factory.mktemp("played"), f"{postgres_template}_played"
    postgres_admin.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    url = postgres_server.set(database=name).render_as_string(hide_password=False)
    yield folder, played_books.play(url, folder / "sandbox"), name
    postgres_admin.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """Books of one's own to spoil, on each database."""
    if request.param == "sqlite":
        folder, now = request.getfixturevalue("played_sqlite")
        url = f"sqlite:///{shutil.copy(folder / 'ledger.sqlite3', tmp_path / 'ledger.sqlite3')}"
    else:
        folder, now, name = request.getfixturevalue("played_postgres")
        url = request.getfixturevalue("postgres_databases")(template=name)
    shutil.copytree(folder / "sandbox", tmp_path / "sandbox")
    with played_books.open_books(url, tmp_path / "sandbox", now) as opened:
        yield opened


# --- the hand that spoils -----------------------------------------------------------------------------


def ids(books: Books, step: str = "daily", *, channel: str = "sms", status: str = "sending") -> list[int]:
    """Messages of a step, by id."""
    return books.select(
        sa.select(message.c.id)
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(occurrence.c.step == step, message.c.channel == channel, message.c.status == status)
        .order_by(message.c.id)
    )


def write(one: int, **values: Any) -> sa.Update:
    return sa.update(message).where(message.c.id == one).values(**values)


def both(*spoils: Spoil) -> Spoil:
    return lambda books: [spoil(books) for spoil in spoils]


def changed(step: str = "daily", *, channel: str = "sms", which: int = 0, **values: Any) -> Spoil:
    """Write other values into one message that left."""
    return lambda books: books.spoil(write(ids(books, step, channel=channel)[which], **values))


def left_at(at: time, step: str = "daily", *, channel: str = "sms", days: int = 0, **extra: Any) -> Spoil:
    """Let one message have left at a local time of its day, `days` later."""

    def spoil(books: Books) -> None:
        one = ids(books, step, channel=channel)[0]
        (due_at,) = books.select(
            sa.select(occurrence.c.due_at)
            .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
            .where(message.c.id == one)
        )
        day = books.schedules.to_local(due_at).date() + timedelta(days=days)  # type: ignore[arg-type]
        moment = datetime.combine(day, at, tzinfo=books.schedules.timezone).astimezone(UTC)
        books.spoil(write(one, submitted_at=moment, **extra))

    return spoil


def after_expiry(by: timedelta) -> Spoil:
    def spoil(books: Books) -> None:
        ends = sa.select(occurrence.c.expires_at).where(occurrence.c.id == message.c.occurrence_id)
        one = ids(books)[0]
        books.spoil(write(one, submitted_at=ends.scalar_subquery()))
        if by:
            in_micros = sa.type_coerce(message.c.submitted_at, sa.BigInteger) + by // MICROSECOND
            books.spoil(write(one, submitted_at=in_micros))

    return spoil


def shard_of(books: Books, one: int) -> int:
    return books.select(sa.select(message.c.shard_id).where(message.c.id == one))[0]


def waits(shard_state: str) -> Spoil:
    """Let a message wait in a shard of this state."""

    def spoil(books: Books) -> None:
        one = ids(books)[0]
        books.spoil(sa.update(shard).where(shard.c.id == shard_of(books, one)).values(state=shard_state))
        books.spoil(write(one, next_at=books.now))

    return spoil


def without_uniqueness(books: Books) -> None:
    """Take away what keeps the database from holding two messages of one occurrence to one address."""
    with books.ledger.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE spoilt AS SELECT * FROM message")
        connection.exec_driver_sql("DROP TABLE message")
        connection.exec_driver_sql("ALTER TABLE spoilt RENAME TO message")


def written_again(books: Books, **values: Any) -> int:
    """Write one message a second time."""
    without_uniqueness(books)
    one, new = ids(books)[0], max(books.select(sa.select(message.c.id))) + 1
    kept = [column for column in message.c if column.name not in {"id", *values}]
    copied = sa.select(sa.literal(new), *kept, *(sa.literal(value) for value in values.values())).where(
        message.c.id == one
    )
    names = ["id", *(column.name for column in kept), *values]
    return books.spoil(sa.insert(message).from_select(names, copied))


def recount(books: Books) -> None:
    while message_counts.recount(books.ledger, offset=timedelta(hours=7)):
        pass


def counted_then(spoil: Spoil) -> Spoil:
    """Bring the figures of the pages up to date, then spoil."""

    def both(books: Books) -> None:
        recount(books)
        assert check_integrity(books.ledger, now=books.now).violations == {}
        spoil(books)

    return both


# --- what the ledger says of itself ---------------------------------------------------------------------

BUDGET = {
    "used-too-much": sa.update(campaign).values(budget_used=campaign.c.budget_used + 1),
    "used-too-little": sa.update(campaign).values(budget_used=campaign.c.budget_used - 1),
    "nothing-sent": sa.insert(campaign).values(
        name="empty", changed_at=datetime(2025, 11, 1, tzinfo=UTC), budget_used=1
    ),
}
INTEGRITY: list[tuple[str, Spoil, str, int]] = [
    ("in-a-done-shard", waits("done"), "stranded", 1),
    ("in-a-cancelled-shard", waits("cancelled"), "stranded", 1),
    ("in-an-open-shard", waits("open"), "stranded", 0),
    (
        "in-no-shard",
        lambda books: books.spoil(write(ids(books)[0], next_at=books.now, shard_id=9)),
        "stranded",
        1,
    ),
    ("nobody-asks", changed(status="submitting", lookup_at=None), "unasked", 1),
    (
        "somebody-asks",
        lambda books: books.spoil(write(ids(books)[0], status="submitting", lookup_at=books.now)),
        "unasked",
        0,
    ),
    *(
        (f"{status}-by-nobody", changed(status=status, provider_id=None), "unnamed", 1)
        for status in ("sending", "sent", "delivered")
    ),
    ("failed-by-nobody", changed(status="permanent-failure", provider_id=None), "unnamed", 0),
    ("a-moment-after-expiry", after_expiry(MICROSECOND), "late", 1),
    ("at-expiry", after_expiry(timedelta()), "late", 0),
    (
        "late-but-refused",
        both(after_expiry(DAY), changed(rank=3)),
        "late",
        0,
    ),
    *(
        (name, lambda books, statement=statement: books.spoil(statement), "budget", 1)
        for name, statement in BUDGET.items()
    ),
    ("a-message-that-cost-more", changed(vnd=message.c.vnd + 1), "budget", 1),
    ("one-message-twice", written_again, "doubled", 1),
    ("another-channel", lambda books: written_again(books, channel="email", vnd=0), "doubled", 0),
    ("a-status-not-counted", counted_then(changed(status="delivered")), "counts", 1),
    ("a-reason-not-counted", counted_then(changed(reason="number")), "counts", 1),
    ("an-area-not-counted", counted_then(changed(area="Thôn Tây")), "counts", 1),
    ("parts-not-counted", counted_then(changed(parts=2)), "counts", 1),
    (
        "a-message-not-counted",
        counted_then(lambda books: books.spoil(sa.delete(message).where(message.c.id == ids(books)[0]))),
        "counts",
        1,
    ),
    (
        "to-be-counted",
        counted_then(
            both(
                changed(status="delivered"),
                lambda books: books.spoil(sa.update(shard).values(needs_recount=1)),
            )
        ),
        "counts",
        0,
    ),
]


def test_books_that_nobody_spoilt_are_sound(books: Books) -> None:
    assert check_integrity(books.ledger, now=books.now).is_consistent
    assert rule_violations(books.ledger, books.schedules, now=books.now) == ()
    assert compare_with_log(books.ledger, books.links, books.sandbox).is_balanced


@pytest.mark.parametrize(
    ("spoil", "rule", "times"), [row[1:] for row in INTEGRITY], ids=[row[0] for row in INTEGRITY]
)
def test_what_is_wrong_in_the_ledger_is_said(books: Books, spoil: Spoil, rule: str, times: int) -> None:
    spoil(books)
    report = check_integrity(books.ledger, now=books.now)
    assert report.violations.get(rule, 0) == times
    assert report.is_consistent is not bool(times)


def test_every_rule_of_the_ledger_is_seen_to_fail() -> None:
    assert {rule for _name, _spoil, rule, times in INTEGRITY if times} == set(VIOLATION_LABELS)


# --- the rules of a simulation ----------------------------------------------------------------------------


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


# --- beside the provider's log ------------------------------------------------------------------------------


def log_lines(books: Books, file: str, change: Callable[[list[str]], list[str]]) -> None:
    path = books.sandbox / file
    path.write_text("".join(change(path.read_text().splitlines(keepends=True))))


def log_without_first(file: str) -> Spoil:
    return lambda books: log_lines(books, file, lambda lines: lines[1:])


def log_with_first_twice(file: str, outcome: str = "") -> Spoil:
    def twice(lines: list[str]) -> list[str]:
        return [*lines, lines[0].replace('"outcome":"delivered"', f'"outcome":"{outcome or "delivered"}"')]

    return lambda books: log_lines(books, file, twice)


def unanswered(*, channel: str = "email") -> Spoil:
    """Let the first attempt at the first message in the log have had no answer."""

    def spoil(books: Books) -> None:
        reader = provider_log.read_mails if channel == "email" else provider_log.read_texts
        first: Any = next(iter(reader(books.sandbox)))
        key = first.message_id.partition("@")[0] if channel == "email" else first.callback.rpartition("/")[2]
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


SMS, MAIL = provider_log.SMS_FILE, provider_log.MAIL_FILE
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
    ("a-flaw", lambda books: books.spoil(BUDGET["used-too-much"]), {"flaws": 1}),
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


def test_people_who_said_no_or_took_part_are_in_the_books(books: Books) -> None:
    """What is spoilt above is no accident of the play: both left early, and nobody wrote to them after."""
    reasons = {
        (phone_number(OPTED_OUT), "opted-out"),
        (phone_number(PARTICIPANT), "participated"),
    }
    with books.ledger.read() as connection:
        rows = connection.execute(
            sa.select(message.c.address, message.c.reason).where(message.c.reason != "").distinct()
        )
        assert {(row.address, row.reason) for row in rows} == reasons
