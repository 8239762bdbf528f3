"""The secret stands beside the ledger, never in it; what older versions kept there is moved and works on."""

from __future__ import annotations

import hashlib
import hmac
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from dispatcher.contacts import Contact
from dispatcher.errors import ConfigurationError
from dispatcher.ledger import Ledger
from dispatcher.ledger.privacy import erasure, secret_key
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema import key_values
from dispatcher.ledger.schema.tables import meta, suppression
from dispatcher.vietnamese.text import fold
from tests.ledger_fixture import NOON, add_people, phone_number

SOMEBODY = phone_number(1)
OLD_SECRET, OLD_KEY = "the secret of an older version", "the key of an older version"


@pytest.fixture
def ledger(database_url: str, tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(database_url, key_folder=tmp_path / "office")
    (tmp_path / "office").mkdir()
    yield opened
    opened.close()


def again(ledger: Ledger, secret: str = "") -> Ledger:
    ledger.close()
    return Ledger.open(ledger.url, secret_key=secret, key_folder=ledger.key_folder)


def values(ledger: Ledger) -> str:
    with ledger.read() as connection:
        return " ".join(f"{row.key}={row.value}" for row in connection.execute(sa.select(meta)))


def row(number: str) -> Contact:
    return Contact("Ai Đó", "", "", (number,), "", "", "", "", "", "", "residents", "", fold("Ai Đó"))


def test_it_is_made_once_in_a_file_of_its_owners_only(ledger: Ledger) -> None:
    secret, file = secret_key.secret_of(ledger), secret_key.key_file(ledger)
    assert (file.read_text().strip(), stat.S_IMODE(file.stat().st_mode)) == (secret, 0o600)
    assert secret not in values(ledger)
    assert secret_key.secret_of(again(ledger)) == secret


def test_it_stands_beside_the_ledger_or_beside_the_schedules(ledger: Ledger, tmp_path: Path) -> None:
    secret_key.secret_of(ledger)
    found = [file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.key")]
    assert found == (["ledger.sqlite3.key"] if ledger.dialect == "sqlite" else ["office/dispatcher.key"])


def test_a_setting_goes_before_and_no_file_is_made(ledger: Ledger) -> None:
    key_values.put(ledger, "secret", OLD_SECRET)
    configured = again(ledger, "the secret of the settings")
    secret_key.move_out(configured)
    assert secret_key.secret_of(configured) == "the secret of the settings"
    assert not secret_key.key_file(configured).exists()
    assert OLD_SECRET not in values(configured)


def test_what_an_older_version_kept_in_the_ledger_is_moved_and_works_on(ledger: Ledger) -> None:
    key_values.put(ledger, "secret", OLD_SECRET)
    key_values.put(ledger, "erased-key", OLD_KEY)
    token = "erased:" + hmac.digest(OLD_KEY.encode(), SOMEBODY.encode(), hashlib.sha256).hex()[:32]
    with ledger.begin() as connection:
        facts = {"channel": "sms", "address": token, "scope": "all", "reason": "erased", "at": NOON}
        connection.execute(sa.insert(suppression).values(facts))
    secret_key.move_out(ledger)
    assert secret_key.secret_of(ledger) == OLD_SECRET == secret_key.key_file(ledger).read_text().strip()
    assert not [secret for secret in (OLD_SECRET, OLD_KEY) if secret in values(ledger)]
    assert erasure.erased_registry(again(ledger)).matches(row(SOMEBODY))


def test_a_ledger_without_its_file_is_refused_and_no_new_secret_made(ledger: Ledger) -> None:
    secret_key.secret_of(ledger)
    secret_key.key_file(ledger).unlink()
    with pytest.raises(ConfigurationError, match="gone"):
        secret_key.secret_of(again(ledger))
    assert not secret_key.key_file(ledger).exists()


def test_the_file_of_another_ledger_is_refused(ledger: Ledger) -> None:
    secret_key.secret_of(ledger)
    secret_key.key_file(ledger).write_text("the secret of another ledger")
    with pytest.raises(ConfigurationError, match="another ledger"):
        secret_key.secret_of(again(ledger))


def test_with_another_secret_nobody_erased_comes_back_unseen(ledger: Ledger) -> None:
    erasure.erase(ledger, SOMEBODY, people=[], who="Lan", now=NOON)
    with pytest.raises(ConfigurationError):
        erasure.erased_registry(again(ledger, "another secret, 12345"))


def test_a_secret_that_was_changed_still_knows_who_was_erased(ledger: Ledger) -> None:
    first, second = "the first secret of two", "the second secret of two"
    erasure.erase(again(ledger, first), SOMEBODY, people=[], who="Lan", now=NOON)
    both = Ledger.open(ledger.url, secret_key=second, old_secret_key=first)
    assert erasure.erased_registry(both).matches(row(SOMEBODY))
    both.close()
    assert erasure.erased_registry(again(ledger, second)).matches(row(SOMEBODY))
    with pytest.raises(ConfigurationError):
        erasure.erased_registry(again(ledger, first))


def test_the_ledger_alone_does_not_tell_who_was_erased(ledger: Ledger) -> None:
    erasure.erase(ledger, SOMEBODY, people=[], who="Lan", now=NOON)
    with ledger.read() as connection:
        known = set(connection.scalars(sa.select(suppression.c.address)))
        stored = list(connection.scalars(sa.select(meta.c.value)))
    for key in (*stored, *(value.removeprefix("sealed:") for value in stored)):
        assert "erased:" + hmac.digest(key.encode(), SOMEBODY.encode(), "sha256").hex()[:32] not in known


def test_nothing_writes_an_erased_address_down_again(ledger: Ledger) -> None:
    (person,) = add_people(ledger, ("residents", "Nguyễn Văn Hoà", SOMEBODY, ""))
    erasure.erase(ledger, SOMEBODY, people=[person], who="Lan", now=NOON)
    wishes = [
        OptOut(channel="sms", address=SOMEBODY, how=how) for how in ("keyword", "link", "api", "import")
    ]
    assert suppressions.opt_out(ledger, wishes, now=NOON) == 0
    assert suppressions.find(ledger, address=SOMEBODY) == ()
