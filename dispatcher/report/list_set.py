"""The lists of the contacts folder, audience by audience, read into one account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from dispatcher.campaign import contact_files
from dispatcher.campaign.audiences import Audience
from dispatcher.campaign.model import Schedules
from dispatcher.channels import Channel
from dispatcher.contacts import Contact, Overrides, ParsedRow
from dispatcher.contacts.duplicates import DuplicateFinder
from dispatcher.contacts.import_report import ImportReport
from dispatcher.contacts.known_areas import KnownAreas
from dispatcher.contacts.list_reader import ListReader, SheetResult, read_file
from dispatcher.errors import Problem
from dispatcher.i18n import N_, _
from dispatcher.ledger.recipients.imports import ListSource
from dispatcher.message import Recipient


@dataclass(frozen=True, kw_only=True, slots=True)
class ListFile:
    """One list: where it is, whose it is, and what its rows call it."""

    path: Path
    file: str
    audience: str
    overrides: Overrides | None = None
    areas: Sequence[str] = ()  # all thôn of the office; empty: not listed
    basis: str = ""
    supplied_by: str = ""

    def as_source(self) -> ListSource:
        """Return it as a load remembers it."""
        return ListSource(
            audience=self.audience, file=self.file, basis=self.basis, supplied_by=self.supplied_by
        )


def find_lists(schedules: Schedules, contacts: Path) -> tuple[ListFile, ...]:
    """Return every list that schedules.toml names, the audience with the highest priority first."""
    return tuple(
        describe_list(path, audience, contacts)
        for audience in schedules.audiences_by_priority()
        for path in contact_files.find_files(contacts, audience.lists)
    )


# what a file is or where it lies -> what is wrong, what to do
_UNREAD: dict[contact_files.UnreadKind, tuple[str, str]] = {
    "spreadsheet": (
        N_("this file is not read: a spreadsheet of a kind we do not know"),
        N_("Open it in Excel or LibreOffice and save it as .xlsx in {folders}."),
    ),
    "document": (
        N_("this file is not read: a document, not a list"),
        N_("Put the list into a spreadsheet, a person a row, and save it as .xlsx in {folders}."),
    ),
    "picture": (
        N_("this file is not read: a picture, not a list"),
        N_("Put the list into a spreadsheet, a person a row, and save it as .xlsx in {folders}."),
    ),
    "archive": (
        N_("this file is not read: an archive"),
        N_("Unpack it and put the lists in it into {folders}."),
    ),
    "other": (
        N_("this file is not read: its name does not end as that of a list does"),
        N_("If it is a list, save it as .xlsx in {folders}."),
    ),
    "in-root": (
        N_("this list is not read: it lies in no folder of an audience"),
        N_("Move it into {folders}."),
    ),
    "wrong-folder": (
        N_("this list is not read: no audience of schedules.toml reads its folder"),
        N_("Move it into {folders}, or name its folder in the lists of an audience."),
    ),
    "subfolder": (
        N_("this list is not read: it lies in a folder inside that of its audience"),
        N_("Move it up into {folders}, or name its folder in the lists of its audience."),
    ),
    "not-wanted": (
        N_("this list is not read: no pattern in the lists of an audience fits its name"),
        N_("Rename it, or add it to the lists of its audience in schedules.toml."),
    ),
}


def find_unread_files(schedules: Schedules | None, contacts: Path) -> list[Problem]:
    """Return, as advice, each file of the contacts folder that no audience reads, with what to do.

    While schedules.toml cannot be read, every folder passes for an audience's.
    """
    if schedules is None:
        lists = find_lists_by_folder(contacts)
        folders = tuple(sorted({Path(item.file).parts[0] for item in lists}))
    else:
        patterns = [pattern for audience in schedules.audiences.values() for pattern in audience.lists]
        lists, folders = find_lists(schedules, contacts), contact_files.folders_of(patterns)
    unread = contact_files.find_unread(contacts, [item.path for item in lists], folders)
    return [_unread_problem(item, folders) for item in unread]


def _unread_problem(item: contact_files.UnreadFile, folders: Sequence[str]) -> Problem:
    what, remedy = _UNREAD[item.kind]
    alike = get_close_matches(item.file.split("/")[0].lower(), folders, n=1) if "/" in item.file else []
    meant = ", ".join(f"{folder}/" for folder in alike or folders)
    return Problem(file=item.file, what=_(what), remedy=_(remedy, folders=meant), severity="advice")


def find_lists_by_folder(contacts: Path) -> tuple[ListFile, ...]:
    """Return the lists of each folder: what can be said while schedules.toml cannot be read."""
    return tuple(
        ListFile(path=path, file=_relative_name(path, contacts), audience=path.relative_to(contacts).parts[0])
        for path in contact_files.find_files(contacts, ("*/*",))
    )


def describe_list(path: Path, audience: Audience, contacts: Path) -> ListFile:
    """Describe the list at `path` as one of `audience`."""
    return ListFile(
        path=path,
        file=_relative_name(path, contacts),
        audience=audience.name,
        overrides=column_overrides(audience, path),
        areas=audience.areas,
        basis=audience.basis,
        supplied_by=audience.supplied_by,
    )


def column_overrides(audience: Audience, path: Path) -> Overrides | None:
    """Return what schedules.toml says about the columns of a list."""
    for pattern, columns in audience.columns.items():
        if contact_files.matches(path, pattern):
            return Overrides(header_row=columns.header_row, columns=columns.holds, sheets=columns.sheets)
    return None


def _relative_name(path: Path, contacts: Path) -> str:
    try:
        return path.resolve().relative_to(contacts.resolve()).as_posix()
    except ValueError:
        return path.name


@dataclass(kw_only=True)
class ListSet:
    """Reads lists as their rows are asked for; account, sheets and problems are complete afterwards."""

    files: Sequence[ListFile]
    import_report: ImportReport = field(default_factory=ImportReport)
    sheets: list[SheetResult] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    area_questions: list[str] = field(default_factory=list)  # about thôn that the office has not listed
    unread: Sequence[Problem] = ()  # advice about files that are no lists of an audience
    erased: int = 0  # rows left out of a load, being about people who were erased

    def rows(self, audience: str | None = None) -> Iterator[ParsedRow]:
        """Go through the rows of every list, or of those of one audience."""
        for name in dict.fromkeys(item.audience for item in self.files):
            if audience in {None, name}:
                repeats = DuplicateFinder()
                for item in self.files:
                    if item.audience == name:
                        yield from self._read(item, repeats)

    def sources(self) -> tuple[ListSource, ...]:
        """Return the lists as a load remembers them."""
        return tuple(item.as_source() for item in self.files)

    def _read(self, item: ListFile, repeats: DuplicateFinder) -> Iterator[ParsedRow]:
        reading = read_file(
            item.path,
            audience=item.audience,
            overrides=item.overrides,
            file=item.file,
            duplicate_finder=repeats,
        )
        areas = KnownAreas(item.areas)
        yield from self.import_report.count(areas.settle(self._collect_sheets(reading)))
        self.area_questions += areas.questions()
        self.import_report.add_sheets(reading)
        self.problems += [replace(problem, file=item.file) for problem in reading.problems]

    def _collect_sheets(self, reading: ListReader) -> Iterator[ParsedRow]:
        """Make known what a sheet turned out to be as soon as its first row comes."""
        known = 0
        for row in reading:
            if len(reading.sheets) != known:
                self.sheets += reading.sheets[known:]
                known = len(reading.sheets)
            yield row
        self.sheets += reading.sheets[known:]


def recipients_of(rows: Iterable[ParsedRow]) -> Iterator[Recipient]:
    """Yield the people who may be written to, once for every channel they have."""
    for row in rows:
        if row.contact is not None and row.status in {"accepted", "repaired"}:
            yield from _of_contact(row, row.contact)


def _of_contact(row: ParsedRow, contact: Contact) -> Iterator[Recipient]:
    addresses: tuple[tuple[Channel, str], ...] = (
        ("sms", contact.phones[0] if contact.phones else ""),
        ("email", contact.email),
    )
    for channel, address in addresses:
        if address:
            yield Recipient.of(
                contact,
                person_id=0,
                audience=contact.audience,
                channel=channel,
                address=address,
                list_file=row.file,
                list_row=row.row,
            )
