"""Collects the sentences of the code into the Vietnamese catalogue and compiles it: `make messages`.

English needs no catalogue: the sentences in the code are English.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog, mofile, pofile
from babel.messages.extract import extract_from_dir

PACKAGE = Path(__file__).parent.parent / "dispatcher"
TEMPLATE = PACKAGE / "locale" / "dispatcher.pot"
VIETNAMESE = PACKAGE / "locale" / "vi" / "LC_MESSAGES" / "dispatcher.po"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**.j2", "jinja2"), ("**.html", "jinja2")]
# A catalogue changes when a sentence does, not with the day or the line it stands on.
DATED = datetime(2025, 10, 11, tzinfo=UTC)


def main() -> None:
    """Bring template, translation and compiled catalogue up to date with the code."""
    found = collect()
    vietnamese = read(VIETNAMESE)
    vietnamese.update(found, no_fuzzy_matching=True)
    vietnamese.obsolete.clear()
    _write(TEMPLATE, found)
    _write(VIETNAMESE, vietnamese)
    with VIETNAMESE.with_suffix(".mo").open("wb") as target:
        mofile.write_mo(target, vietnamese)
    missing = [message.id for message in vietnamese if message.id and not _is_translated(message.string)]
    for sentence in missing:
        print("not translated:", sentence)
    print(f"{len(vietnamese)} sentences, {len(missing)} not translated")


def collect() -> Catalog:
    """Return every sentence marked in the code."""
    catalogue = _empty()
    for file, _line, sentence, comments, context in extract_from_dir(PACKAGE, METHODS, keywords=KEYWORDS):
        catalogue.add(sentence, None, [(f"dispatcher/{file}", 1)], auto_comments=comments, context=context)
    return catalogue


def read(file: Path) -> Catalog:
    """Read a catalogue; an empty one when there is none yet."""
    if not file.exists():
        return _empty("vi")
    with file.open("rb") as source:
        return pofile.read_po(source, locale="vi")


def _empty(locale: str | None = None) -> Catalog:
    return Catalog(
        locale=locale,
        header_comment="# The sentences people read.",
        project="dispatcher",
        version="1",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        creation_date=DATED,
        revision_date=DATED,
        charset="utf-8",
        fuzzy=False,
    )


def _write(file: Path, catalogue: Catalog) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    target = io.BytesIO()
    pofile.write_po(target, catalogue, width=110, sort_output=True, include_lineno=False)
    file.write_bytes(target.getvalue().strip() + b"\n")


def _is_translated(string: str | Sequence[str] | None) -> bool:
    return bool(string) and all(string or ())  # of a plural every form


if __name__ == "__main__":
    main()
