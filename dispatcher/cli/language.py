"""Which language to speak: `--lang` wherever it stands, else DISPATCHER_LANG, else Vietnamese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dispatcher import env_files, i18n
from dispatcher.i18n import _

OPTION = "--lang"


def select_language(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[list[str], str]:
    """Choose the language; gives the arguments without `--lang`, and what is wrong with its value, if so."""
    rest, option = _without_option(arguments)
    wish = env_files.peek(environ, "DISPATCHER_LANG") if option is None else option
    i18n.set_language(wish or "vi")
    if option is not None and option.lower() not in i18n.LANGUAGES:
        return rest, _("--lang is vi or en, not {value}", value=repr(option))
    return rest, ""


def _without_option(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """Take `--lang vi` or `--lang=vi` out; after `--` everything belongs to the verb."""
    rest: list[str] = []
    option: str | None = None
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*rest, word, *words], option
        if word == OPTION:
            option = next(words, "")
        elif word.startswith(f"{OPTION}="):
            option = word.partition("=")[2]
        else:
            rest.append(word)
    return rest, option
