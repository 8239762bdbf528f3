"""`rename` and `optout end` with the real command, over the books of a played campaign on each database."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dispatcher.ledger.recipients import review, suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from tests.command import Command
from tests.ledger_fixture import phone_number
from tests.played_books import CAMPAIGN, OPTED_OUT, Books

WHO = f"0{phone_number(OPTED_OUT + 1)[3:]}"  # somebody who has not said no to everything

BASIS = 'basis = "public_task"\nsupplied_by = "x"\nchannels = ["sms"]\n'


@pytest.fixture
def place(office: Command) -> Command:
    """The command beside schedules of its own, which know the played campaign by its name."""
    for folder in ("templates", "contacts"):
        (office.folder / folder).mkdir()
    for name in ("residents.csv", "staff.csv"):
        (office.folder / "contacts" / name).write_text("Họ tên,SĐT\nMai,0900000777\n", encoding="utf-8")
    (office.folder / "templates" / "daily.sms.j2").write_text("{{ office.name }}: Moi ong ba du thi.")
    settings = {
        f"DISPATCHER_{name.upper()}": str(office.folder / file)
        for name, file in
        (("schedules", "schedules.toml"), ("templates", "templates"), ("contacts", "contacts"))
    }  # fmt: skip
    here = replace(office, settings={**office.settings, **settings})
    write(here)
    return here


def write(
    place: Command, *, campaign: str = CAMPAIGN, audience: str = "residents", step: str = "daily"
) -> None:
    """Write schedules in which one of the names is another."""
    (place.folder / "schedules.toml").write_text(
        'prices = { default = 400 }\noffice = { name = "UBND", sender = "UBND", phone = "0900 000 000" }\n'
        f'[audience.{audience}]\ntitle = "Bà con"\nlists = ["residents.csv"]\npriority = 1\n{BASIS}'
        f'[audience.staff]\ntitle = "Cán bộ"\nlists = ["staff.csv"]\npriority = 2\n{BASIS}'
        f'[campaign.{campaign}]\ntitle = "Cuộc thi"\nstarts = 2025-11-01\nends = 2025-11-10\n'
        f'audiences = ["{audience}", "staff"]\nopt_out = "never"\n'
        f'step = [{{ name = "{step}", every = "daily 08:00", template = "daily" }}]\n',
        encoding="utf-8",
    )


def scopes(place: Command) -> set[str]:
    return {one["scope"] for one in place.json("optout", "list")}


NAMES = {
    "campaign": (CAMPAIGN, "mua-xuan", f"campaign:{CAMPAIGN}"),
    "audience": ("residents", "nhan-dan", "audience:residents"),
}


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_that_is_gone_is_an_error_until_the_printed_line_is_run(place: Command, kind: str) -> None:
    old, new, scope = NAMES[kind]
    assert place.run("optout", "add", WHO, "--scope", scope).returncode == 0
    assert place.json("why", WHO)["undecided"] == []
    assert place.run("check").returncode == 0
    write(place, **{kind: new})
    line = f"dispatcher rename {kind} {old} {new}"
    told = place.run("check")
    assert (told.returncode, line in " ".join(told.stdout.split())) == (1, True)
    assert [one["severity"] for one in place.json("why", WHO)["undecided"]] == ["error"]
    assert line in " ".join(place.run("why", WHO, "--full").stdout.split())
    done = place.run(*line.split()[1:], "--json", "--who", "chi Lan")
    moved = json.loads(done.stdout)
    assert (done.returncode, moved["opt_outs"], moved["new"]) == (0, 1, new)
    assert (moved["participations"], moved["occurrences"] > 5) == (
        (1, True) if kind == "campaign" else (0, False)
    )
    assert scopes(place) == {"all", f"{kind}:{new}"}
    assert place.run("check").returncode == 0
    assert place.json("why", WHO)["undecided"] == []
    assert place.run("reconcile", "--offline").returncode == 0
    # Taken back as it was done: in the file, then with the command.
    write(place)
    assert place.run("rename", kind, new, old).returncode == 0
    assert scopes(place) == {"all", scope}
    assert place.run("check").returncode == 0


def test_people_decided_about_are_an_error_too_when_their_audience_is_gone(
    place: Command, books: Books
) -> None:
    with books.ledger.begin() as connection:
        review.hold(connection, [3], "moved", who="chi Lan", now=books.now)
    write(place, audience="nhan-dan")
    told = place.run("check")
    assert (told.returncode, "1 decision about a person" in " ".join(told.stdout.split())) == (1, True)
    assert place.json("rename", "audience", "residents", "nhan-dan")["decisions"] == 1
    assert [one["audience"] for one in place.json("contacts", "held")] == ["nhan-dan"]
    assert place.run("check").returncode == 0


def test_the_end_of_an_audience_says_who_stays_held_and_what_decides_for_them(
    place: Command, books: Books
) -> None:
    with books.ledger.begin() as connection:
        review.hold(connection, [3], "moved", who="chi Lan", now=books.now)
    write(place, audience="nhan-dan")
    assert "contacts held" in " ".join(place.run("check").stdout.split())
    told = place.run("optout", "end", "audience:residents", "--yes")
    said = " ".join(told.stdout.split())
    assert (told.returncode, "1 person stays held" in said, "contacts release" in said) == (1, True, True)
    [held] = place.json("contacts", "held")
    assert place.run("contacts", "drop", str(held["contact_id"]), "--yes").returncode == 0
    told = place.run("optout", "end", "audience:residents", "--yes")
    assert "1 person is no longer dropped" in " ".join(told.stdout.split())
    assert place.run("check").returncode == 0


@pytest.mark.parametrize("odd", ["VIETTEL", "+4915550001"])
def test_whatever_stands_among_the_stops_can_be_lifted(place: Command, books: Books, odd: str) -> None:
    suppressions.opt_out(books.ledger, [OptOut(channel="sms", address=odd, how="web")], now=books.now)
    assert odd in {one["address"] for one in place.json("optout", "list")}
    assert place.json("optout", "remove", odd, "--yes")["lifted"] == ["all"]
    assert odd not in {one["address"] for one in place.json("optout", "list")}


def test_one_stop_about_a_name_that_is_gone_can_be_lifted(place: Command) -> None:
    scope = f"campaign:{CAMPAIGN}"
    assert place.run("optout", "add", WHO, "--scope", scope).returncode == 0
    write(place, campaign="khac")
    assert place.json("optout", "remove", WHO, "--scope", scope, "--yes")["lifted"] == [scope]
    assert scopes(place) == {"all"}


def test_an_audience_that_stood_beside_the_old_one_is_not_guessed_and_becomes_one_with_it_only_when_meant(
    place: Command,
) -> None:
    """What was decided about residents means nothing for the staff, whatever their audiences are called."""
    assert place.run("optout", "add", WHO, "--scope", "audience:residents").returncode == 0
    text = (place.folder / "schedules.toml").read_text(encoding="utf-8")
    begin, end = text.index("[audience.residents]"), text.index("[audience.staff]")
    alone = (text[:begin] + text[end:]).replace('["residents", "staff"]', '["staff"]')
    (place.folder / "schedules.toml").write_text(alone, encoding="utf-8")
    told = " ".join(place.run("check").stdout.split())
    assert "dispatcher rename audience residents NEW" in told
    refused = place.run("rename", "audience", "residents", "staff")
    assert (refused.returncode, "beside each other" in refused.stdout + refused.stderr) == (1, True)
    assert scopes(place) == {"all", "audience:residents"}
    assert place.json("rename", "audience", "residents", "staff", "--yes")["opt_outs"] == 1
    assert scopes(place) == {"all", "audience:staff"}


def test_a_step_keeps_its_history(place: Command) -> None:
    write(place, step="moi-ngay")
    assert place.json("rename", "step", "daily", "moi-ngay")["occurrences"] > 5
    assert place.run("rename", "step", "daily", "moi-ngay").returncode == 1  # nothing is left by that name
    write(place)
    assert place.run("rename", "step", "moi-ngay", "daily", "--campaign", CAMPAIGN).returncode == 0


def test_a_step_is_told_apart_from_one_that_is_gone(place: Command) -> None:
    write(place, step="moi-ngay")
    assert place.json("rename", "apart", "daily", "moi-ngay") == {
        "campaign": CAMPAIGN, "old": "daily", "new": "moi-ngay", "apart": True,
    }  # fmt: skip
    assert place.run("rename", "apart", "never", "moi-ngay").returncode == 1  # the ledger does not know it
    assert place.run("rename", "apart", "daily", "x").returncode == 2  # the file does not


REFUSED = {
    ("campaign", CAMPAIGN, "mua-xuan"): "still stands in schedules.toml",
    ("campaign", "cu", "mua-xuan"): "schedules.toml has no mua-xuan",
    ("audience", "residents", "nhan-dan"): "still stands in schedules.toml",
    ("audience", "cu", "nhan-dan"): "schedules.toml has no nhan-dan",
    ("step", "daily", "x"): "still stands in schedules.toml",
    ("step", "cu", "x"): "schedules.toml has no x",
    ("step", "cu", "daily", "--campaign", "mua-xuan"): "there is no campaign",
    ("campaign", "cu"): "NAME is missing",
}


def test_the_file_leads_and_what_it_does_not_know_is_refused(place: Command) -> None:
    for words, said in REFUSED.items():
        done = place.run("rename", *words)
        assert (done.returncode, said in " ".join(done.stderr.split())) == (2, True), done.stderr


def test_a_campaign_with_messages_of_its_own_is_nobodys_new_name(place: Command) -> None:
    done = place.run("rename", "campaign", "cu", CAMPAIGN)
    assert (done.returncode, "have left under the name" in done.stderr) == (1, True)
    assert place.run("rename", "audience", "cu", "residents").returncode == 1  # nothing known by that name


def test_what_is_over_is_ended_once(place: Command) -> None:
    for scope in (f"campaign:{CAMPAIGN}", "audience:residents"):
        assert place.run("optout", "add", WHO, "--scope", scope).returncode == 0
        assert place.run("optout", "end", scope).returncode == 2  # it still stands in the file
    write(place, campaign="khac", audience="nhan-dan")
    said = place.run("check")
    assert (said.returncode, "optout end" in said.stdout) == (1, True)
    for scope in (f"campaign:{CAMPAIGN}", "audience:residents"):
        assert place.json("optout", "end", scope, "--yes")["lifted"] == 1
        assert place.run("optout", "end", scope, "--yes").returncode == 1
    assert "optout end" not in place.run("check").stdout
    assert scopes(place) == {"all"}
    for odd in ("all", "campaign:", "x", "advertising", ""):
        assert place.run("optout", "end", odd).returncode == 2
