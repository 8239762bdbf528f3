"""No file of the contacts folder is passed over in silence: `check` names it, and says what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dispatcher.campaign import contact_files
from dispatcher.campaign.contact_files import find_unread
from tests.command import ROOT, Command

LIST = "Họ và tên,Số điện thoại\nNguyễn Văn An,0900008401\n"


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    for file in ("residents/dong-ha.csv", "staff/can-bo.csv"):
        put(tmp_path, file)
    return tmp_path


def put(folder: Path, file: str) -> None:
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(LIST, encoding="utf-8")


def unread(contacts: Path) -> dict[str, str]:
    patterns = ("residents/*", "staff/*.csv")
    lists = contact_files.find_files(contacts, patterns)
    found = find_unread(contacts, lists, contact_files.folders_of(patterns))
    return {item.file: item.kind for item in found}


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("residents/thon-tay.docx", "document"),
        ("residents/thon-ha.pdf", "document"),
        ("residents/thon-nam.xlsb", "spreadsheet"),
        ("residents/thon-bac.numbers", "spreadsheet"),
        ("residents/anh.JPG", "picture"),
        ("residents/tat-ca.zip", "archive"),
        ("residents/khong-duoi", "other"),
        ("thon-tay.xlsx", "in-root"),
        ("thon-tay.docx", "document"),
        ("resident/thon-tay.xlsx", "wrong-folder"),
        ("residents/2025/thon-tay.csv", "subfolder"),
        ("staff/can-bo.xlsx", "not-wanted"),
    ],
)
def test_what_no_audience_reads_is_named(file: str, kind: str, contacts: Path) -> None:
    assert unread(contacts) == {}
    put(contacts, file)
    assert unread(contacts) == {file: kind}


@pytest.mark.parametrize("file", ["residents/~$dong-ha.xlsx", "residents/.DS_Store", ".git/config"])
def test_hidden_and_lock_files_are_no_lists(file: str, contacts: Path) -> None:
    put(contacts, file)
    assert unread(contacts) == {}


def test_check_says_where_to_put_it(tmp_path: Path) -> None:
    contacts = tmp_path / "contacts"
    shutil.copytree(ROOT / "contacts", contacts)
    for file in ("residents/tay.docx", "resident/b.csv", "c.csv"):
        put(contacts, file)
    place = Command(
        folder=tmp_path,
        settings={
            "DISPATCHER_SCHEDULES": str(ROOT / "schedules.toml"),
            "DISPATCHER_TEMPLATES": str(ROOT / "templates"),
            "DISPATCHER_CONTACTS": str(contacts),
        },
    )
    for words in (("check",), ("contacts", "check")):
        problems = place.json(*words)["problems"]
        said = {problem["file"]: problem for problem in problems if problem["severity"] == "advice"}
        assert {"residents/tay.docx", "resident/b.csv", "c.csv"} <= said.keys()
        assert "residents/" in said["resident/b.csv"]["remedy"]
