"""What the docs say is what the code does: verbs, settings and TOML keys, links, make targets."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dispatcher.gateways import registry
from dispatcher.settings import Setting
from scripts import reference

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
REFERENCE = reference.REFERENCE.read_text(encoding="utf-8")


def test_every_verb_and_every_key_has_its_line():
    asked = [sys.executable, "-m", "scripts.reference", "--check"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("row", registry.setting_rows(), ids=lambda row: row.name)
def test_every_setting_has_its_line_and_its_default(row):
    assert has_line(row, REFERENCE)


def test_no_setting_is_documented_that_does_not_exist():
    assert settings_told(REFERENCE) == {row.name for row in registry.setting_rows()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    assert broken_links(page, page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_shown_can_be_called(page):
    assert wrong_commands(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_told_of_exists(page):
    assert unknown_targets(page.read_text(encoding="utf-8")) == set()


def test_the_first_result_stands_within_twenty_lines_of_the_readme():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert any("make demo" in line for line in lines[:20])


# --- the same checks, seen to fail ----------------------------------------------------------------------


FILL = "import sys; from scripts import reference; sys.stdout.write(reference.filled(sys.stdin.read()))"


@pytest.mark.parametrize("known", ["`--offline`", "Hard stop for the cost", "`to_visit`"])
def test_a_reference_that_lags_behind_is_noticed(known):
    stale = REFERENCE.replace(known, "`gone`")
    # In a process of its own: help texts keep the language they were imported in.
    filled = subprocess.run(
        [sys.executable, "-c", FILL], input=stale, cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    ).stdout
    assert stale != REFERENCE == filled


@pytest.mark.parametrize("row", registry.setting_rows(), ids=lambda row: row.name)
def test_a_setting_without_its_line_or_its_default_is_noticed(row):
    line = next(line for line in REFERENCE.splitlines() if line.startswith(f"| `{row.name}` "))
    assert not has_line(row, REFERENCE.replace(line, ""))
    assert has_line(row, REFERENCE.replace(line, f"| `{row.name}` | |")) is not bool(row.default)


def test_a_setting_that_does_not_exist_is_noticed():
    assert "DISPATCHER_GONE" in settings_told(f"{REFERENCE}\n| `DISPATCHER_GONE` | |")


@pytest.mark.parametrize("link", ["gone.md", "why.md#gone", "#gone", "../gone/README.md"])
def test_a_link_that_leads_nowhere_is_noticed(link):
    page = ROOT / "docs" / "howto.md"
    assert broken_links(page, f"See [there]({link}).") == [link]
    assert broken_links(page, "See [there](why.md#the-ledger), [that](https://nhac.example).") == []


@pytest.mark.parametrize(
    "shown", ["`dispatcher fly`", "    dispatcher check --fast\n", "`dispatcher contacts load --gone x`"]
)
def test_a_command_that_cannot_be_called_is_noticed(shown):
    assert len(wrong_commands(f"Try\n\n{shown}")) == 1


def test_a_target_that_does_not_exist_is_noticed():
    assert unknown_targets("Call `make coffee`, then `make test`.") == {"coffee"}


# --- the checks -----------------------------------------------------------------------------------------


def has_line(row: Setting, text: str) -> bool:
    line = next((line for line in text.splitlines() if line.startswith(f"| `{row.name}` ")), "")
    return bool(line) and row.default in line


def settings_told(text: str) -> set[str]:
    return set(re.findall(r"^\| `((?:DISPATCHER|TWILIO)_\w+)` ", text, re.MULTILINE))


def broken_links(page: Path, text: str) -> list[str]:
    broken = []
    for target, part in re.findall(r"\]\(([^)#:\s]*)(?:#([^)]*))?\)", text):
        linked = (page.parent / target).resolve() if target else page
        if not linked.exists() or (part and part not in _anchors(linked)):
            broken.append(f"{target}#{part}" if part else target)
    return broken


def wrong_commands(text: str) -> list[str]:
    from typer.main import get_command

    from dispatcher.cli import app

    wrong = []
    shown = re.findall(r"(?:^ {4}|`)(?:\.venv/bin/)?dispatcher ([a-z][^\n`]*)", text, re.MULTILINE)
    for line in shown:
        command, path, words = get_command(app), [], line.split(" #")[0].split()
        while words and words[0] in getattr(command, "commands", {}):
            path.append(words[0])
            command = command.commands[words.pop(0)]
        options = {name for part in command.params for name in part.opts} | {"--help", "--lang"}
        if not path or not {word for word in words if word.startswith("--")} <= options:
            wrong.append(line)
    return wrong


def unknown_targets(text: str) -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    return set(re.findall(r"`make ([a-z]+)", text)) - targets


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
