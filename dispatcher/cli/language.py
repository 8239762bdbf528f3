"""Which language to speak: `--lang` wherever it stands, else DISPATCHER_LANG, else Vietnamese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dispatcher import i18n
from dispatcher.i18n import _

OPTION = "--lang"


def decide(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[list[str], str]:
    """Choose the language; gives the arguments without `--lang`, and what is wrong with its value, if so."""
    rest, said = _without_option(arguments)
    asked = environ.get("DISPATCHER_LANG", "") if said is None else said
    i18n.use(asked or "vi")
    if said is not None and said.lower() not in i18n.LANGUAGES:
        return rest, _("--lang is vi or en, not {value}", value=repr(said))
    return rest, ""


def _without_option(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """Take `--lang vi` or `--lang=vi` out; after `--` everything belongs to the verb."""
    rest: list[str] = []
    said: str | None = None
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*rest, word, *words], said
        if word == OPTION:
            said = next(words, "")
        elif word.startswith(f"{OPTION}="):
            said = word.partition("=")[2]
        else:
            rest.append(word)
    return rest, said
