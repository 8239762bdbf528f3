"""Whatever we make holds people: it is for its owner alone, however open the account it runs under is."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import requests

from tests.command import Command
from tests.running_service import new_office, running


def too_open(folder: Path) -> dict[str, str]:
    """What others could read or change below a folder, with its mode."""
    return {
        str(path.relative_to(folder)): oct(stat.S_IMODE(path.stat().st_mode))
        for path in folder.rglob("*")
        if not path.is_symlink() and path.stat().st_mode & 0o077
    }


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """An office whose settings, lists, words and ledger we made, under the usual umask of 022."""
    return new_office(tmp_path_factory.mktemp("modes"))


def test_a_new_office(office: Command) -> None:
    assert (office.folder / ".env").exists()
    assert (office.folder / "dispatcher.sqlite3").exists()
    assert too_open(office.folder.parent) == {}


@pytest.mark.parametrize(
    ("words", "made"),
    [
        (("contacts", "load", "--yes"), "dispatcher.sqlite3"),
        (("contacts", "check", "--rejects", "rejects.xlsx"), "rejects.xlsx"),
        (("export", "0990000011", "--out", "copies"), "copies"),
        (("simulate", "--keep", "played"), "played"),
    ],
    ids=lambda words: words[0] if isinstance(words, tuple) else "",
)
def test_what_a_verb_writes(office: Command, words: tuple[str, ...], made: str) -> None:
    if words[:2] == ("contacts", "check"):  # a row that cannot be used
        (shipped,) = (office.folder / "contacts" / "ho-gia-dinh").iterdir()
        with shipped.open("a", encoding="utf-8") as file:
            file.write("7,Ngô Văn Sai,Thôn Đoài,12,\n")
    done = office.run(*words)
    assert (office.folder / made).exists(), done.stdout + done.stderr
    assert too_open(office.folder) == {}


def test_a_running_service(office: Command) -> None:
    """Its ledger with what SQLite lays beside it, its key, its sandbox."""
    temporary = office.folder / "temporary"
    temporary.mkdir(mode=0o700)
    with running(office, TMPDIR=str(temporary)) as service:
        requests.post(f"{service.url}/sign-in", data={"name": "x"}, timeout=5)
        assert too_open(office.folder) == {}
    assert too_open(office.folder) == {}
