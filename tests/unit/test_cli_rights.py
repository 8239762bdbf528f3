"""What people ask about their data, on the command line."""

from __future__ import annotations

from contextlib import closing

import pytest

from dispatcher.ledger import open_ledger
from tests import ledger_fixture
from tests.command import command_in
from tests.ledger_fixture import phone_number
from tests.unit.test_cli_people import a_resident


@pytest.fixture(scope="module")
def cli(tmp_path_factory):
    """A ledger with the sample lists loaded; the tests of this file go on where the one before ended."""
    here = command_in(tmp_path_factory.mktemp("rights"))
    assert here.run("contacts", "load", "--yes").returncode == 0
    return here


def test_nobody_waits_at_first(cli):
    assert cli.run("rights").returncode == 0
    assert cli.json("rights") == []


def test_a_request_is_taken_done_and_told(cli):
    phone = a_resident(cli)["phones"][0]
    taken = cli.json("rights", "take", "access", phone, "--words", "cho xem", "--received", "2026-01-05")
    assert (taken["state"], taken["words"]) == ("open", "cho xem")
    assert taken["answer_by"].startswith("2026-01-07")
    assert taken["due_at"].startswith("2026-01-15")
    late = cli.run("--lang", "en", "rights")
    assert late.returncode == 1
    assert "LATE" in late.stdout
    assert phone not in late.stdout
    assert "dispatcher rights" in cli.run("--lang", "en", "status").stdout
    done = cli.json("rights", "done", str(taken["id"]), "--told")
    assert (done["state"], done["next_due"]) == ("done", None)
    assert cli.run("rights").returncode == 0
    assert [one["id"] for one in cli.json("rights", "--all")] == [taken["id"]]


@pytest.mark.parametrize(
    ("verb", "code"),
    [
        (("take", "acces", "0900000001"), 2),
        (("take", "access", "12"), 2),
        (("take", "access", "0900000001", "--received", "2999-01-01"), 2),
        (("take", "restriction", "0900999888"), 1),
        (("take", "correction", "0900999888"), 1),
        (("done", "77"), 1),
        (("refuse", "1"), 1),
        (("lift", "1"), 1),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(cli, verb, code):
    done = cli.run("rights", *verb)
    assert done.returncode == code, done
    assert done.stderr.strip()


def test_of_several_people_on_a_number_one_is_given_theirs(cli):
    with closing(open_ledger(f"sqlite:///{next(cli.folder.glob('*.sqlite3'))}")) as ledger:
        one, other = ledger_fixture.add_people(
            ledger, ("residents", "Lý Văn Một", phone_number(777), ""),
            ("residents", "Lý Văn Hai", phone_number(777), ""),
        )  # fmt: skip
    refused = cli.run("--lang", "en", "export", phone_number(777), "--out", "handed")
    assert refused.returncode == 2
    assert f"{other}: Lý Văn Hai" in refused.stderr
    assert not (cli.folder / "handed").exists()
    people = cli.json("export", phone_number(777), "--person", str(one))["people"]
    assert [person["name"] for person in people] == ["Lý Văn Một"]
