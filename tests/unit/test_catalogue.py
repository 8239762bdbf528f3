"""Every sentence people read stands in the Vietnamese catalogue, with its blanks, and gets them filled."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages import Message
from babel.messages.mofile import read_mo

from scripts import messages

FOUND = [message for message in messages.collect() if message.id]
VIETNAMESE = messages.read(messages.VIETNAMESE)
SOURCES = sorted(messages.PACKAGE.rglob("*.py"))
ROOT = messages.PACKAGE.parent
READ = (
    ROOT / "docs" / "huong-dan.md",
    *ROOT.glob("templates/**/*.j2"),
    *messages.PACKAGE.glob("web/templates/*.html"),
)


def forms(sentence: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (sentence,) if isinstance(sentence, str) else tuple(sentence or ())


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_sentence_is_translated_with_the_same_blanks():
    assert [f"{message.id}: {wrong}" for message in FOUND if (wrong := _what_is_wrong(message))] == []


def _what_is_wrong(message: Message) -> str:
    translated = VIETNAMESE.get(message.id)
    if translated is None:
        return "unknown to the catalogue, run `make messages`"
    if not all(forms(translated.string) or [""]) or translated.fuzzy:
        return "not translated"
    same = blanks(forms(translated.string)[-1]) == blanks(forms(message.id)[-1])
    return "" if same else "other blanks"


def test_nothing_is_translated_that_nobody_says():
    said = {forms(message.id) for message in FOUND}
    assert [m.id for m in VIETNAMESE if m.id and forms(m.id) not in said] == []
    assert not VIETNAMESE.obsolete


def test_the_compiled_catalogue_is_fresh():
    with messages.VIETNAMESE.with_suffix(".mo").open("rb") as file:
        compiled = {forms(message.id): forms(message.string) for message in read_mo(file) if message.id}
    assert compiled == {
        forms(message.id): forms(message.string) for message in VIETNAMESE if message.id and message.string
    }


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(messages.PACKAGE)))
def test_a_sentence_is_marked_whole_and_every_blank_is_filled(source: Path):
    for call, name, sentence in _calls(ast.parse(source.read_text(encoding="utf-8"))):
        where = f"{source.name}:{call.lineno}"
        assert not isinstance(sentence, ast.JoinedStr | ast.BinOp), f"{where}: cannot be looked up"
        given = {keyword.arg for keyword in call.keywords}
        if name == "N_" or None in given or not isinstance(sentence, ast.Constant):
            continue  # filled elsewhere
        given |= {"n"} if name == "ngettext" else set()
        assert blanks(sentence.value) <= given, f"{where}: {sentence.value}"


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str, ast.expr]]:
    """Find the marked sentences; of two forms, the one for many."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="_" | "N_" as name), args=[sentence, *_]):
                yield node, name, sentence
            case ast.Call(func=ast.Name(id="ngettext" as name), args=[_, sentence, *_]):
                yield node, name, sentence


def _rejected() -> list[str]:
    """Take the forms that the glossary decided against, the second column of its last table."""
    table = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").partition("## One word")[2]
    rows = [line.split("|")[2] for line in table.splitlines() if line.startswith("|")]
    return [form.strip() for row in rows[2:] for form in row.split(",") if form.strip()]


def _texts() -> Iterator[tuple[str, str]]:
    for message in VIETNAMESE:
        for form in forms(message.string) if message.id else ():
            yield str(message.id), form
    for file in READ:
        yield (
            file.name,
            re.sub(r"\{[{%#].*?[}%#]\}|<[^>]*>", "", file.read_text(encoding="utf-8"), flags=re.DOTALL),
        )


@pytest.mark.parametrize("rejected", _rejected())
def test_one_word_for_one_thing(rejected: str):
    # A rime such as "ủy" ends a word, whatever begins it; anything else stands as whole words.
    begins = "" if len(rejected) == 2 else r"(?<!\w)"
    found = re.compile(rf"{begins}{re.escape(rejected)}(?!\w)", re.IGNORECASE)
    assert [(where, text) for where, text in _texts() if found.search(text)] == []


def test_letters_are_composed():
    assert [where for where, text in _texts() if text != unicodedata.normalize("NFC", text)] == []
