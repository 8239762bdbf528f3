"""A lead sees exactly their own thôn: never one whose name differs by tones, and only one that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatcher.contacts.area_names import exact_area
from dispatcher.ledger import open_ledger
from dispatcher.ledger.access import users
from dispatcher.web import passwords
from tests import ledger_fixture
from tests.command import command_in
from tests.web_fixture import PASSWORD, WALL_TIME, WebFixture, open_web

# Alike but for tones and đ, and how many live there.
ALIKE = {"Thôn Hà Vân": 3, "Thôn Hạ Vạn": 4, "Thôn Ha Van": 5, "Thôn Đông": 6, "Thôn Dong": 7, "Thôn Lý": 8}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("own-area")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        for area, count in ALIKE.items():
            people = [("residents", f"Lê Thị {area} {n}", "", "") for n in range(count)]
            ledger_fixture.add_people(opened.ledger, *people, area=area)
        yield opened


def lead_of(web: WebFixture, name: str, area: str) -> str:
    """The page of a lead whose account says `area`."""
    hashed = passwords.hash_password(PASSWORD)
    users.save(web.ledger, name, role="lead", area=area, password_hash=hashed, who="t", now=WALL_TIME)
    return web.browser(name).get("/my-area").text


@pytest.mark.parametrize("area", ALIKE)
def test_a_lead_sees_the_people_of_the_own_thon_and_nobody_elses(web: WebFixture, area: str) -> None:
    page = lead_of(web, f"lead{list(ALIKE).index(area)}", area)
    assert set(re.findall(r"<li>Lê Thị (Thôn .+?) \d+ ", page)) == {area}
    assert f"<small>({ALIKE[area]})</small>" in page


@pytest.mark.parametrize(
    "area", ["Thôn Hà Vạn", "Thôn Hạ Van", "hà van", "Thôn Đồng", "Thôn", "%", "Thôn Ly"]
)
def test_a_thon_that_no_list_has_shows_nobody_and_says_so(web: WebFixture, area: str) -> None:
    page = lead_of(web, "lead-x", area)
    assert "<li>" not in page.partition("<h1>")[2].partition("</main>")[0]
    assert "Nobody in the lists lives in a thôn of exactly this name" in page


def test_the_page_of_accounts_offers_the_thon_there_are_and_takes_no_other(web: WebFixture) -> None:
    admin = web.browser("admin")
    offered = re.findall(r"<option>(Thôn [^<]+)</option>", admin.get("/users").text)
    assert set(ALIKE) <= set(offered)
    for area in ("Thôn Hà Vạn", "", "hà van", "Thôn Nào Đó"):
        assert admin.submit("/users", name="moi", role="lead", area=area).status_code == 422
    assert users.find(web.ledger, "moi") is None
    assert admin.submit("/users", name="moi", role="lead", area="Thôn Hạ Vạn").status_code == 200
    made = users.find(web.ledger, "moi")
    assert made is not None
    assert made.area == "Thôn Hạ Vạn"
    assert admin.submit("/users", name="moi", role="lead", area="Thôn Hả Vạn").status_code == 422


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Thôn Hà Vân", "Thôn Hà Vân"), ("THÔN  HÀ VÂN", "Thôn Hà Vân"), ("Hạ Vạn", "Thôn Hạ Vạn"),
        ("Thôn Lí", "Thôn Lý"), ("Thôn Hà Vạn", ""), ("", ""), ("Thôn", ""), ("Dong", "Thôn Dong"),
        ("Đông", "Thôn Đông"), ("Đồng", ""),
    ],
)  # fmt: skip
def test_accents_count_and_nothing_else_does(typed: str, meant: str) -> None:
    assert exact_area(typed, ALIKE) == meant


def test_the_command_line_takes_only_a_thon_of_the_lists(tmp_path: Path) -> None:
    url, cli = f"sqlite:///{tmp_path / 'l.sqlite3'}", command_in(tmp_path)
    settings = {"DISPATCHER_DATABASE_URL": url}
    add = ("users", "add", "thon", "--role", "lead")
    cli.run("db", "upgrade", **settings)
    done = cli.run(*add, "--area", "Thôn Hà Vân", **settings)
    assert (done.returncode, "contacts load" in done.stderr) == (2, True)
    ledger = open_ledger(url)
    for area in ("Thôn Hà Vân", "Thôn Hạ Vạn"):
        ledger_fixture.add_people(ledger, ("residents", f"Lê Thị {area}", "", ""), area=area)
    ledger.close()
    for wrong in ("Thôn Ha Van", "Thôn Hà Vạn", ""):
        done = cli.run(*add, "--area", wrong, **settings)
        told = " ".join(done.stderr.replace("│", " ").split())
        assert (done.returncode, "Thôn Hạ Vạn, Thôn Hà Vân" in told) == (2, True), told
    assert cli.json(*add, "--area", "hạ vạn", **settings)["area"] == "Thôn Hạ Vạn"


def test_the_command_line_sets_where_mails_to_an_account_go(tmp_path: Path) -> None:
    settings, cli = {"DISPATCHER_DATABASE_URL": f"sqlite:///{tmp_path / 'l.sqlite3'}"}, command_in(tmp_path)
    cli.run("db", "upgrade", **settings)
    cli.run("users", "add", "lan", **settings)
    made = cli.json("users", "mail", "lan", "Lan@HaTay.example", **settings)
    assert made == {"name": "lan", "mail": "lan@hatay.example"}
    assert [one["mail"] for one in cli.json("users", "list", **settings)] == ["lan@hatay.example"]
    assert cli.run("users", "mail", "lan", "lan at hatay", **settings).returncode == 2
    assert cli.run("users", "mail", "nobody", "a@hatay.example", **settings).returncode == 2
    assert cli.json("users", "mail", "lan", **settings)["mail"] == ""
