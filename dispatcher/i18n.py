"""Translation: the reader's language, Vietnamese unless asked otherwise.

`_("{n} rows read", n=5)` looks the English sentence up in the catalogue of the current language and
fills the blanks afterwards. The language is a context variable, so that two web requests can differ.
"""

from __future__ import annotations

import gettext
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
LOCALE_DIR = Path(__file__).parent / "locale"

_current: ContextVar[Language] = ContextVar("language", default="vi")


def set_language(language: str) -> None:
    """Speak `language` from here on in this context; anything unknown means Vietnamese."""
    _current.set("en" if language.lower().startswith("en") else "vi")


def current_language() -> Language:
    """Return which language is being spoken."""
    return _current.get()


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation("dispatcher", LOCALE_DIR, languages=[language], fallback=True)


def _(message: str, /, **values: object) -> str:
    """Translate `message`, then fill its `{blanks}`."""
    translated = _catalogue(_current.get()).gettext(message) if message else ""
    return translated.format(**values) if values else translated


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """Translate the form that fits `n`; `{n}` is filled as well."""
    return _catalogue(_current.get()).ngettext(one, many, n).format(n=n, **values)


def N_(message: str, /) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark `message` for the catalogue without translating it yet (tables at the top of a module)."""
    return message
