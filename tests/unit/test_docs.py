"""What the docs say is what the code does: verbs, settings and TOML keys, links, make targets."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dispatcher.gateways import registry
from scripts import reference

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
REFERENCE = reference.REFERENCE.read_text(encoding="utf-8")


def test_every_verb_and_every_key_has_its_line():
    asked = [sys.executable, "-m", "scripts.reference", "--check"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("row", registry.setting_rows(), ids=lambda row: row.name)
def test_every_setting_has_its_line_and_its_default(row):
    line = next((line for line in REFERENCE.splitlines() if line.startswith(f"| `{row.name}` ")), "")
    assert line, f"{row.name} is missing in docs/reference.md"
    assert row.default in line


def test_no_setting_is_documented_that_does_not_exist():
    told = re.findall(r"^\| `((?:DISPATCHER|TWILIO)_\w+)` ", REFERENCE, re.MULTILINE)
    assert set(told) == {row.name for row in registry.setting_rows()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target, part in re.findall(r"\]\(([^)#:\s]*)(?:#([^)]*))?\)", text):
        linked = (page.parent / target).resolve() if target else page
        assert linked.exists(), f"{page.name} links to {target}"
        if part:
            assert part in _anchors(linked), f"{page.name} links to {target}#{part}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_shown_can_be_called(page):
    from typer.main import get_command

    from dispatcher.cli import app

    text = page.read_text(encoding="utf-8")
    shown = re.findall(r"(?:^ {4}|`)(?:\.venv/bin/)?dispatcher ([a-z][^\n`]*)", text, re.MULTILINE)
    whole = get_command(app)
    for words in (line.split(" #")[0].split() for line in shown):
        command, path = whole, []
        while words and words[0] in getattr(command, "commands", {}):
            path.append(words[0])
            command = command.commands[words.pop(0)]
        assert path, f"{page.name}: there is no verb {words}"
        options = {name for part in command.params for name in part.opts} | {"--help", "--lang"}
        assert {word for word in words if word.startswith("--")} <= options, f"{page.name}: {path} {words}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_told_of_exists(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    told = set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8")))
    assert told <= targets


def test_the_first_result_stands_within_twenty_lines_of_the_readme():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert any("make demo" in line for line in lines[:20])


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
