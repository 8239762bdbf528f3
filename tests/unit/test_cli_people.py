"""An officer's walk through lists, opt-outs, participation and erasing, with the real command."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import closing

import pytest

from dispatcher.ledger import audit_log, open_ledger
from tests import ledger_fixture
from tests.command import ROOT, command_in
from tests.ledger_fixture import phone_number

LIST = ROOT / "contacts" / "residents" / "an-thinh.csv"


@pytest.fixture(scope="module")
def cli(tmp_path_factory):
    """A ledger with the sample lists loaded; the tests of this file go on where the one before ended."""
    here = command_in(tmp_path_factory.mktemp("people"))
    done = here.run("contacts", "load", "--who", "Lan", "--yes")
    assert done.returncode == 0, done.stderr
    return here


def a_resident(cli):
    for row in cli.json("contacts", "check", str(LIST))["rows"]:
        if row["status"] == "accepted":
            return row["contact"]
    raise AssertionError("nobody was accepted")


def test_a_list_is_told_row_by_row(cli):
    done = cli.run("contacts", "check", str(LIST), "--json")
    value = json.loads(done.stdout)
    rows = value["rows"]
    assert value["problems"] == []
    assert sum(value["counts"].values()) == len(rows)
    assert [one["file"] for one in value["lists"]] == ["residents/" + LIST.name]
    assert {"file", "sheet", "row", "status", "contact", "reasons"} <= set(rows[0])
    kinds = {row["status"] for row in rows}
    assert kinds <= {"accepted", "repaired", "held", "rejected", "merged", "skipped"}
    rejected = [row for row in rows if row["status"] == "rejected"]
    assert done.returncode == (1 if rejected else 0)
    assert all(row["reasons"] for row in rejected)


def test_the_rows_to_correct_are_written(cli):
    done = cli.run("contacts", "check", str(LIST), "--rejects", "out.xlsx")
    again = cli.json("contacts", "check", "out.xlsx", "--audience", "residents")
    rejected = done.stdout.count(LIST.name)
    assert rejected
    assert (cli.folder / "out.xlsx").stat().st_size > 1000
    assert any(row["status"] == "rejected" for row in again["rows"])


def test_a_list_without_rows_is_one_answer_too(cli):
    (cli.folder / "empty.csv").write_text("Họ tên,SĐT\n", encoding="utf-8")
    value = cli.json("contacts", "check", "empty.csv", "--audience", "residents")
    assert [row["status"] for row in value["rows"]] in ([], ["skipped"])
    (cli.folder / "letter.csv").write_text("", encoding="utf-8")
    value = cli.json("contacts", "check", "letter.csv", "--audience", "residents")
    assert value["rows"] == []
    assert value["problems"][0]["what"]


def test_loading_again_changes_nothing(cli):
    value = cli.json("contacts", "load", "--dry-run")
    assert (value["new"], value["changed"], value["gone"]) == (0, 0, 0)
    assert value["unchanged"] > 400
    assert [load["who"] for load in cli.json("contacts", "loads")] == ["Lan"]


def test_a_list_cut_short_lets_nobody_go_unless_somebody_says_so(cli, tmp_path):
    """Nobody is at a terminal to ask: a script that means it says --yes."""
    shutil.copytree(ROOT / "contacts", tmp_path / "contacts")
    short = tmp_path / "contacts" / "residents" / LIST.name
    short.write_text("".join(short.read_text(encoding="utf-8").splitlines(True)[:5]), encoding="utf-8")
    shutil.copy(cli.folder / "dispatcher.sqlite3", tmp_path)
    contacts = {
        "DISPATCHER_CONTACTS": str(tmp_path / "contacts"),
        "DISPATCHER_DATABASE_URL": f"sqlite:///{tmp_path / 'dispatcher.sqlite3'}",
    }
    gone = cli.json("contacts", "load", "--dry-run", **contacts)["gone"]
    assert gone > 10
    for words in ((), ("--json",)):
        done = cli.run("contacts", "load", *words, **contacts)
        assert (done.returncode, "--yes does it without asking" in done.stderr) == (1, True)
    assert (json.loads(done.stdout)["gone"], json.loads(done.stdout)["load"]) == (gone, None)
    assert len(cli.json("contacts", "loads", **contacts)) == 1
    assert cli.run("contacts", "load", "--yes", **contacts).returncode == 0
    number = str(cli.json("contacts", "loads", **contacts)[0]["load"])
    assert cli.run("contacts", "undo", number, "--yes", **contacts).returncode == 0
    assert cli.json("contacts", "load", "--dry-run", **contacts)["gone"] == gone


ASKING = (
    ("approve", "cong-dan-so"),
    ("cancel", "cong-dan-so"),
    ("contacts", "undo", "1"),
    ("contacts", "release", "1"),
    ("contacts", "drop", "1"),
    ("contacts", "split", "1"),
    ("forget", "0990000115", "--everybody"),
    ("golive",),
    ("optout", "end", "campaign:gone"),
    ("optout", "import", str(LIST)),
    ("optout", "remove", "0990000115"),
    ("rights", "lift", "1"),
    ("users", "remove", "mai"),
)


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_what_changes_people_wants_a_word_without_a_terminal(cli, words):
    """A program that asks for JSON has said nothing yet either."""
    for form in ((), ("--json",)) if words[0] != "users" else ((),):
        done = cli.run(*words, *form)
        assert done.returncode == 1
        assert "Nothing was changed; --yes" in done.stderr


def test_whatever_takes_yes_asks(cli):
    """What stops messages does not ask; a list of people is shown first, and tried where it is tried."""
    import typer

    from dispatcher.cli.application import app

    root = typer.main.get_command(app)
    groups = [(name, command, getattr(command, "commands", {})) for name, command in root.commands.items()]
    verbs = [(name, one) for name, one, inner in groups if not inner]
    verbs += [(f"{name} {sub}", one) for name, _group, inner in groups for sub, one in inner.items()]
    taking_yes = {name for name, one in verbs if any("--yes" in option.opts for option in one.params)}
    asking = {" ".join(words[:2]) if words[:2][0] in {"contacts", "optout", "rights", "users"} else words[0]
              for words in ASKING}  # fmt: skip
    shown_first = {"contacts load", "participation import", "participation undo", "restore"}
    # `rename audience` asks where it makes two one: test_cli_rename tries it.
    assert "rights done" in taking_yes  # asks before it erases; what else is asked of it was taken down
    assert taking_yes - asking - shown_first - {"rights done", "rename audience"} == {"optout add"}


def test_looking_at_a_load_makes_no_ledger(tmp_path):
    here = command_in(tmp_path)
    seen = here.json("contacts", "load", "--dry-run")
    assert (seen["new"] > 400, seen["changed"], seen["gone"]) == (True, 0, 0)
    refused = here.run("contacts", "load")
    assert (refused.returncode, "Nothing was changed" in refused.stderr) == (1, True)
    assert not list(tmp_path.iterdir())


def test_what_columns_are_taken_for_is_said_before_a_list_of_refusals_is_taken_in(cli):
    done = cli.run("optout", "import", str(LIST))
    told, _asked, _rest = done.stderr.partition("Nothing was changed")
    assert "“Di động” = telephone number" in told


def test_held_people_are_decided_about(cli):
    held = cli.json("contacts", "held")
    first, second = held[0]["contact_id"], held[1]["contact_id"]
    assert cli.run("contacts", "release", str(first), "--who", "Lan", "--yes").returncode == 0
    assert cli.run("contacts", "drop", str(second), "--who", "Lan", "--yes").returncode == 0
    left = {one["contact_id"] for one in cli.json("contacts", "held")}
    decided = {one["contact_id"]: one["decided_by"] for one in cli.json("contacts", "held", "--decided")}
    assert left.isdisjoint({first, second})
    assert decided == {first: "Lan", second: "Lan"}


def test_numbers_are_masked_unless_asked_for(cli):
    phone = a_resident(cli)["phones"][0]
    assert phone not in cli.run("why", phone).stdout
    assert phone in cli.run("why", phone, "--full").stdout


def test_saying_no_and_coming_back(cli):
    phone = a_resident(cli)["phones"][0]
    assert cli.json("optout", "add", phone, "--words", "gọi điện")["new"] == 1
    assert cli.json("optout", "add", phone)["new"] == 0
    assert cli.json("why", phone)["suppressions"][0]["reason"] == "opted-out"
    assert cli.run("contacts", "load", "--yes").returncode == 0  # no load lifts it
    assert phone in [one["address"] for one in cli.json("optout", "list")]
    for told in (cli.run("optout", "list").stdout, cli.run("why", phone).stdout):
        assert "command line" in told  # no code words: neither cli nor all
        assert "everything" in told
    assert cli.json("optout", "remove", phone, "--yes")["lifted"] == ["all"]


def test_a_list_of_refusals_needs_no_names(cli):
    file = cli.folder / "refused.csv"
    file.write_text("Họ tên,SĐT\n,0911222333\nAi Đó,0911222334\nAi Khác,12\n", encoding="utf-8")
    done = cli.run("optout", "import", str(file), "--json", "--yes")
    value = json.loads(done.stdout)
    assert (done.returncode, value["new"], [one["row"] for one in value["unread"]]) == (0, 2, [4])
    assert [said for said in value["column_account"] if "SĐT" in said]
    file.write_text("Họ tên,SĐT\nAi Khác,12\n", encoding="utf-8")
    assert cli.run("optout", "import", str(file), "--yes").returncode == 1  # it stopped nobody


def test_every_row_of_a_list_of_refusals_is_accounted_for(cli):
    """A number that is none looks like the name of a group: it is somebody who said no, all the same."""
    file = cli.folder / "numbers.csv"
    file.write_text("SĐT\n0911222335\nabc\n12345\nxin loại\n0911222336\n", encoding="utf-8")
    value = cli.json("optout", "import", str(file), "--yes")
    assert (value["rows"], value["addresses"]) == (5, 2)
    assert [one["row"] for one in value["unread"]] == [3, 4, 5]
    told = cli.run("optout", "import", str(file), "--yes", "--lang", "en").stdout
    assert "a group heading" in told


def test_who_took_part_is_learnt(cli):
    known = a_resident(cli)
    file = cli.folder / "took-part.csv"
    file.write_text(
        f"Họ và tên,SĐT,Thôn\n{known['name']},{known['phones'][0]},\nNgười Lạ,,Đông\n", encoding="utf-8"
    )
    asked = cli.run("participation", "import", str(file))  # nobody at the terminal to ask
    assert (asked.returncode, "--yes" in asked.stderr) == (1, True)
    assert cli.json("participation", "list", "cong-dan-so")["people"] == []
    value = cli.json("participation", "import", str(file), "--yes")
    assert (value["matched"], value["unmatched"], value["new"], value["import"]) == (1, 1, 1, 1)
    listed = cli.json("participation", "list", "cong-dan-so")
    assert [one["name"] for one in listed["people"]] == [known["name"]]
    assert "✓" in cli.run("why", known["phones"][0]).stdout


def test_a_list_of_who_took_part_is_taken_back(cli):
    assert [one["new"] for one in cli.json("participation", "imports")] == [1]
    done = cli.run("participation", "undo", "1", "--who", "Lan", "--yes")
    assert done.returncode == 0, done.stderr
    assert "1" in done.stdout
    assert cli.run("participation", "undo", "1").returncode == 1


def test_a_day_outside_the_campaign_is_refused(cli):
    done = cli.run("participation", "import", "took-part.csv", "--at", "01/01/2020", "--yes")
    assert (done.returncode, "01/01/2020" in done.stderr) == (2, True)


def test_an_erased_person_stays_erased(cli):
    known = a_resident(cli)
    phone = known["phones"][0]
    assert cli.run("forget", phone).returncode == 1  # nobody at the terminal to ask
    done = cli.json("forget", phone, "--everybody", "--yes")
    assert done["people"] >= 1
    assert cli.run("contacts", "load", "--yes").returncode == 0
    assert cli.run("why", phone).returncode == 1
    assert phone not in cli.run("optout", "list", "--full").stdout


def test_forget_names_the_copies_that_are_not_its_own(cli):
    (cli.folder / "var" / "sandbox").mkdir(parents=True)
    (cli.folder / "var" / "sandbox" / "messages.jsonl").write_text("{}", encoding="utf-8")
    assert cli.run("backup").returncode == 0
    done = cli.run("--lang", "en", "forget", a_resident(cli)["phones"][0], "--everybody", "--yes")
    said = " ".join((done.stdout + done.stderr).split())
    assert "1 backup in backups" in said
    assert "var/sandbox" in said
    assert "until it is written anew" not in said  # nobody serves it: done at once
    assert cli.json("forget", a_resident(cli)["phones"][0], "--everybody", "--yes")["off_disk"]


def test_a_campaign_is_steered(cli):
    assert cli.json("pause", "cong-dan-so", "--reason", "chờ")["state"] == "paused"
    assert cli.run("status").returncode == 1  # it waits for somebody
    assert cli.json("resume", "cong-dan-so")["state"] == "active"
    assert len(cli.json("approve", "cong-dan-so", "--yes")["approved"]) == 64
    assert cli.run("cancel", "cong-dan-so").returncode == 1
    assert cli.json("cancel", "cong-dan-so", "--yes")["state"] == "cancelled"
    assert cli.run("resume", "cong-dan-so").returncode == 1


def test_the_books_of_a_young_ledger_balance(cli):
    done = cli.run("reconcile")
    assert done.returncode == 0, done.stdout
    assert cli.json("reconcile")["planned"] == 0


def test_a_load_is_taken_back(cli):
    loads = cli.json("contacts", "loads")
    for load in loads:
        assert cli.run("contacts", "undo", str(load["load"]), "--yes").returncode == 0
    assert all(load["undone_at"] for load in cli.json("contacts", "loads"))


def test_a_backup_takes_nobodys_place_without_a_word(cli, tmp_path):
    backup = str(tmp_path / "backup.sqlite3")
    assert cli.json("backup", backup)["file"] == backup
    for form in ((), ("--json",)):
        done = cli.run("restore", backup, *form)
        assert done.returncode == 1
        assert "Nothing was changed; --yes" in done.stderr
    assert list(cli.folder.rglob("*.before-restore")) == []


def test_nothing_tells_of_a_protected_list_unless_asked_in_full(cli):
    number, name = phone_number(7551), "Đàm Thị Kín Đáo"
    with closing(open_ledger(f"sqlite:///{next(cli.folder.glob('*.sqlite3'))}")) as ledger:
        ledger_fixture.add_people(ledger, ("party", name, number, ""))
    assert cli.run("optout", "add", number, "--scope", "audience:party").returncode == 0
    for words in (("why", number), ("contacts", "find", name), ("optout", "list", number)):
        for language in ("vi", "en"):
            done = cli.run("--lang", language, *words)
            assert not re.search(rf"{name}|\bparty\b|Đảng viên", done.stdout), words
        assert re.search(rf"{name}|\bparty\b", cli.run(*words, "--full").stdout), words
    assert cli.run("preview", "cong-dan-so", "launch", "--audience", "party").returncode == 0
    with closing(open_ledger(f"sqlite:///{next(cli.folder.glob('*.sqlite3'))}")) as ledger:
        looks = [one.detail["what"] for one in audit_log.entries(ledger) if one.action == "view"]
    assert {"history", "people", "preview"} <= {*looks}
    with closing(open_ledger(f"sqlite:///{next(cli.folder.glob('*.sqlite3'))}")) as ledger:
        ledger_fixture.add_people(ledger, ("party", f"{name} Hai", "", ""), state="held", held_reason="dead")
    (held,) = [one["contact_id"] for one in cli.json("contacts", "held") if one["name"] == f"{name} Hai"]
    done = cli.run("contacts", "drop", str(held), "--yes")
    assert (done.returncode, name in done.stdout, str(held) in done.stdout) == (0, False, True)
