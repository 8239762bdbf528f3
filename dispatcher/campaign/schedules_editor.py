"""Edits the text of schedules.toml for people who do not: one campaign at a time, all else to the letter.

A campaign by itself is a *fragment*: the TOML text of its tables, with their comments. Whatever cannot be
written back without a change to something else is refused; an edit never costs anybody their own.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import hashlib
import shutil
import tomllib
from collections.abc import Mapping, MutableMapping, MutableSequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import comment
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Comment, Table, Whitespace

from dispatcher.errors import DispatcherError, os_error_message
from dispatcher.i18n import _

# A folder that is not ours, or a file that is mounted by itself: it is written where it stands.
NOT_REPLACED = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.EXDEV})


class NotEditable(DispatcherError):
    """The file, or the fragment, is written in a way that cannot be edited without harm."""


class ChangedMeanwhile(DispatcherError):
    """Somebody else has written the file since it was looked at."""


def read_file(path: Path) -> str:
    """Return the file as it stands, line ends and all. Raises NotEditable."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise NotEditable(_("the file cannot be read: {error}", error=os_error_message(error))) from error
    except UnicodeDecodeError as error:
        raise NotEditable(_("the file is not in UTF-8")) from error


def write_file(path: Path, text: str, *, seen: str) -> None:
    """Write the file, whole or not at all; `seen` is what it held when the edit was made.

    Raises ChangedMeanwhile, and writes nothing, when it holds something else now; NotEditable when it
    cannot be written.
    """
    place = path.resolve()
    if read_file(place) != seen:
        raise ChangedMeanwhile(_("{file} was edited by somebody else meanwhile", file=path.name))
    head = codecs.BOM_UTF8 if place.read_bytes().startswith(codecs.BOM_UTF8) else b""
    data = head + _with_line_ends_of(seen, text).encode()
    beside = place.with_name(f".{place.name}.new")
    try:
        try:
            beside.write_bytes(data)
            shutil.copymode(place, beside)
            beside.replace(place)
        except OSError as error:
            beside.unlink(missing_ok=True)
            if error.errno not in NOT_REPLACED:
                raise
            place.write_bytes(data)
    except OSError as error:
        raise NotEditable(
            _("{file} cannot be written: {error}", file=path.name, error=os_error_message(error))
        ) from error


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet; one that is there stays as it is. Raises NotEditable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError), path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise NotEditable(
            _("{file} cannot be written: {error}", file=path.name, error=os_error_message(error))
        ) from error


def fingerprint(text: str) -> str:
    """Return 64 hex digits that tell whether the file is as it was seen."""
    return hashlib.sha256(text.encode()).hexdigest()


def campaign_fragment(text: str, name: str) -> str:
    """Return the tables of one campaign, comments and all; empty when the file has none of this name.

    Raises NotEditable for a file that cannot be read.
    """
    document = _parse(text)
    found = document.get("campaign", {})
    if not isinstance(found, dict) or not isinstance(found.get(name), dict):
        return ""
    alone = tomlkit.document()
    campaigns = tomlkit.table(is_super_table=True)
    campaigns.append(name, document["campaign"][name])
    alone.append("campaign", campaigns)
    return f"{tomlkit.dumps(alone).strip()}\n"


def put_campaign(text: str, name: str, fragment: str) -> str:
    """Return `text` with the campaign as the fragment says: in its place, or at the end when it is new.

    Raises NotEditable when anything else of the file would change.
    """
    before, wanted = _read(text), _read(fragment)
    alone = wanted.get("campaign")
    if (
        set(wanted) != {"campaign"}
        or not isinstance(alone, dict)
        or set(alone) != {name}
        or not isinstance(alone[name], dict)
    ):
        raise NotEditable(
            _("there may be nothing but the campaign {name} here: [campaign.{name}]", name=name)
        )
    campaigns = before.get("campaign", {})
    if isinstance(campaigns, dict):
        after = _replaced(text, name, fragment) if name in campaigns else _appended(text, fragment)
        expected = {**before, "campaign": {**campaigns, name: alone[name]}}
    if not isinstance(campaigns, dict) or _read_or_none(after) != expected:
        raise NotEditable(
            _("schedules.toml is written in a way that pages cannot edit; put the campaign in by hand")
        )
    return after


def edit(fragment: str, name: str) -> tuple[tomlkit.TOMLDocument, MutableMapping[str, Any]]:
    """Return a fragment to be changed, and the table of its campaign; `tomlkit.dumps` makes it text again."""
    document = _parse(fragment)
    return document, document["campaign"][name]


def set_key(table: MutableMapping[str, Any], key: str, value: object) -> None:
    """Write a key; None takes it away. What says the same already stays as it is written."""
    if value is None:
        table.pop(key, None)
    elif key not in table or _plain(table[key]) != value:
        table[key] = value


def remove_at(items: MutableSequence[Any], index: int) -> None:
    """Take one step or digest out; a note that stands under it speaks of the next one, and stays."""
    gone, before = items[index], items[index - 1] if index else None
    del items[index]
    if before is not None and isinstance(gone, Table) and isinstance(before, Table):
        for note in _notes_below(gone):
            before.add(comment(note))


def append(table: MutableMapping[str, Any], key: str, values: Mapping[str, object]) -> None:
    """Add a step or digest, written as the others are: in a table of its own, or in one line."""
    items = table.get(key)
    if items is None:
        table[key] = items = tomlkit.aot()
    made = tomlkit.table() if isinstance(items, AoT) else tomlkit.inline_table()
    made.update(values)
    items.append(made)


def _notes_below(table: Table) -> list[str]:
    notes: list[str] = []
    for _key, item in reversed(table.value.body):
        if isinstance(item, Comment):
            notes.insert(0, item.as_string().strip().lstrip("#").strip())
        elif not isinstance(item, Whitespace):
            break
    return notes


def _with_line_ends_of(seen: str, text: str) -> str:
    plain = text.replace("\r\n", "\n")
    return plain.replace("\n", "\r\n") if "\r\n" in seen else plain


def _plain(value: Any) -> object:
    return value.unwrap() if hasattr(value, "unwrap") else value


def _appended(text: str, fragment: str) -> str:
    return f"{text.rstrip()}\n\n{fragment.strip()}\n" if text.strip() else f"{fragment.strip()}\n"


def _replaced(text: str, name: str, fragment: str) -> str:
    document, alone = _parse(text), _parse(fragment)
    document["campaign"][name] = alone["campaign"][name]
    return tomlkit.dumps(document)


def _parse(text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except (TOMLKitError, RecursionError) as error:
        raise NotEditable(_("not valid TOML: {error}", error=error)) from error


def _read(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise NotEditable(_("not valid TOML: {error}", error=error)) from error


def _read_or_none(text: str) -> Mapping[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
