"""`contacts`: checked row by row, loaded with the difference shown first, decided about, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from dispatcher.cli import contact_people
from dispatcher.cli.options import FullOption, JsonOption, WhoOption, YesOption
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.errors import Problem
    from dispatcher.ledger.recipients.imports import ImportSummary
    from dispatcher.ledger.recipients.review import HeldContact
    from dispatcher.report.import_lists import Selection
    from dispatcher.report.list_set import ListFile, ListSet
    from dispatcher.settings import Settings

FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(help=_("Lists; without any, all those of schedules.toml."), show_default=False),
]
ContactsArgument = Annotated[
    list[int], typer.Argument(help=_("Numbers of contacts, as `contacts held` shows them."))
]


def register(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(no_args_is_help=True, help=_("Contact lists: check, load, decide, take back."))
    group.command("check", help=_("What we make of lists, row by row, with reasons."))(check)
    group.command("load", help=_("Take the lists into the ledger; the difference is shown first."))(load)
    group.command("held", help=_("Who waits for a decision: dead, moved, refuses, retired."))(held)
    group.command("release", help=_("Write to held contacts after all."))(release)
    group.command("drop", help=_("Never write to held contacts."))(drop)
    group.command("loads", help=_("The loads there were."))(loads)
    group.command("undo", help=_("Take a load back; opt-outs stay."))(undo)
    contact_people.register(group)
    app.add_typer(group, name="contacts")


# --- check --------------------------------------------------------------------------------------------


def check(
    files: FilesArgument = None,
    audience: Annotated[
        str,
        typer.Option(
            metavar="AUDIENCE", help=_("Whose list it is, for one that lies outside the contacts folder.")
        ),
    ] = "",
    rejects: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.xlsx", help=_("Write the rows to correct to a workbook, the reason beside each.")
        ),
    ] = None,
    rows: Annotated[int, typer.Option(metavar="N", help=_("Show so many rows of each kind; 0: all."))] = 20,
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context, import_report_view
    from dispatcher.contacts.rejects import write_workbook
    from dispatcher.report.list_set import ListSet

    settings = context.settings()
    list_set = ListSet(
        files=_select_lists(settings, files or [], audience),
        unread=() if files else _unread_files(settings),
    )
    samples = import_report_view.RowSamples(limit=rows)
    rows_read = (
        import_report_view.stream_json_rows(list_set.rows()) if as_json else samples.collect(list_set.rows())
    )
    if rejects is None:
        for _row in rows_read:
            pass
    else:
        written = write_workbook(_workbook(rejects), rows_read, list_set.sheets)
        words = ngettext(
            "{n} row to correct is in {file}", "{n} rows to correct are in {file}", written, file=rejects
        )
        console.print_note(words)
    if as_json:
        import_report_view.close_json(list_set)
    else:
        import_report_view.print_report(list_set, explained=True)
        samples.print_samples()
    console.print_problems([*list_set.problems, *list_set.unread])
    raise typer.Exit(1 if list_set.problems or list_set.import_report.counts["rejected"] else 0)


def _unread_files(settings: Settings) -> Sequence[Problem]:
    """Name the files of the contacts folder that no audience reads."""
    from dispatcher.report import list_set

    schedules = _schedules(settings, needed=True)
    assert schedules is not None
    return list_set.find_unread_files(schedules, settings.contacts)


def _workbook(path: Path) -> Path:
    if path.suffix.lower() != ".xlsx":
        raise typer.BadParameter(_("{file} must end in .xlsx", file=path), param_hint="--rejects")
    if not path.parent.is_dir():
        raise typer.BadParameter(_("there is no folder {folder}", folder=path.parent), param_hint="--rejects")
    return path


def _select_lists(settings: Settings, files: Sequence[Path], audience: str) -> tuple[ListFile, ...]:
    """Find the lists that are meant; a list given by its path needs no schedules.toml."""
    from dispatcher.report import list_set

    schedules = _schedules(settings, needed=not files)
    if schedules is not None and audience:
        audience = _known_audience(schedules, audience)
    if not files:
        assert schedules is not None
        lists = list_set.find_lists(schedules, settings.contacts)
        return tuple(item for item in lists if audience in {"", item.audience})
    return tuple(_list_of(settings, schedules, path, audience) for path in _expand_folders(files))


def _expand_folders(files: Sequence[Path]) -> list[Path]:
    """Replace each folder by the lists in it."""
    from dispatcher.campaign import contact_files

    expanded: list[Path] = []
    for path in files:
        inside = contact_files.find_files(path, ("*", "*/*")) if path.is_dir() else ()
        if not path.exists():
            raise typer.BadParameter(_("there is no file {file}", file=path))
        expanded += inside or (path,)
    return expanded


def _list_of(settings: Settings, schedules: Schedules | None, path: Path, audience: str) -> ListFile:
    from dispatcher.report import list_set

    if schedules is not None and not audience:
        for item in list_set.find_lists(schedules, settings.contacts):
            if item.path.resolve() == path.resolve():
                return item
    name = audience or path.resolve().parent.name
    if schedules is not None and name in schedules.audiences:
        return list_set.describe_list(path, schedules.audiences[name], settings.contacts)
    return list_set.ListFile(path=path, file=path.name, audience=audience or name)


def _schedules(settings: Settings, *, needed: bool) -> Schedules | None:
    from dispatcher.campaign.load import load as load_schedules
    from dispatcher.errors import ConfigurationError

    loaded = load_schedules(settings.schedules, templates=settings.templates, contacts=settings.contacts)
    if needed and loaded.schedules is None:
        raise ConfigurationError([problem for problem in loaded.problems if problem.severity == "error"])
    return loaded.schedules


def _known_audience(schedules: Schedules, name: str) -> str:
    from dispatcher.cli import context

    return context.match_name(name, schedules.audiences, _("there is no audience {name}", name=repr(name)))


# --- load ---------------------------------------------------------------------------------------------


def load(
    files: FilesArgument = None,
    audience: Annotated[
        str, typer.Option(metavar="AUDIENCE", help=_("Only the lists of this audience."))
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Show the difference and stop."))] = False,
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context, import_report_view
    from dispatcher.report import import_lists

    settings = context.settings()
    schedules = _schedules(settings, needed=True)
    assert schedules is not None
    audience = _known_audience(schedules, audience) if audience else ""
    selection = import_lists.select(schedules, settings.contacts, files=files or (), audience=audience)
    if dry_run or not yes:
        list_set, summary = _preview(settings, selection, as_json=as_json)
        has_changes = any(summary.total(kind) for kind in ("new", "changed", "gone"))
        if dry_run or (has_changes and not console.is_confirmed(_("Load this? [y/n]"), yes=False)):
            _finish(list_set, summary, as_json=as_json, exit_code=0 if dry_run else 1)
        if not has_changes:
            console.print_note(_("Nothing was changed."))
            if context.ledger_exists(settings):
                with context.ledger(settings) as ledger:
                    context.keep_configuration(settings, ledger)
            _finish(list_set, summary, as_json=as_json)
    with context.ledger(settings, create=True) as ledger:
        list_set, summary = import_lists.import_selection(
            ledger, selection, who=context.acting_user(who), now=context.now()
        )
        context.keep_configuration(settings, ledger)
    if not as_json:
        if yes:
            import_report_view.print_report(list_set)
            import_report_view.print_changes(summary)
        console.print_line(
            _("Load {load} is done; `dispatcher contacts undo {load}` takes it back.", load=summary.import_id)
        )
    _finish(list_set, summary, as_json=as_json)


def _preview(settings: Settings, selection: Selection, *, as_json: bool) -> tuple[ListSet, ImportSummary]:
    """Show what loading would change; where there is no ledger yet, everybody is new, and none is made."""
    from dispatcher.cli import context, import_report_view
    from dispatcher.report import import_lists

    with context.ledger_or_empty(settings) as ledger:
        list_set, summary = import_lists.preview_import(ledger, selection, now=context.now())
    if not as_json:
        import_report_view.print_report(list_set)
        import_report_view.print_changes(summary)
    return list_set, summary


def _finish(list_set: ListSet, summary: ImportSummary, *, as_json: bool, exit_code: int = 0) -> NoReturn:
    from dispatcher.cli import console, import_report_view

    if as_json:
        console.print_json(import_report_view.load_as_json(list_set, summary))
    if list_set.erased:
        words = ngettext(
            "{n} row is about somebody who was erased, and was left out.",
            "{n} rows are about people who were erased, and were left out.",
            list_set.erased,
        )
        console.print_note(words, style="yellow")
    held = summary.total("held")
    if held:
        words = ngettext(
            "{n} person waits for a decision: dispatcher contacts held",
            "{n} people wait for a decision: dispatcher contacts held",
            held,
        )
        console.print_note(words, style="yellow")
    raise typer.Exit(exit_code)


def loads(as_json: JsonOption = False) -> None:
    from dispatcher.cli import console, context, import_report_view
    from dispatcher.ledger.recipients import imports

    with context.ledger(context.settings()) as ledger:
        past = imports.past_imports(ledger)
    if as_json:
        console.print_json([import_report_view.past_load_as_json(item) for item in past])
        return
    if not past:
        console.print_line(_("Nothing was loaded yet: dispatcher contacts load"))
        return
    console.print_table(
        (_("load"), _("when"), _("who"), _("lists"), _("new"), _("changed"), _("gone"), _("taken back")),
        [import_report_view.past_load_row(item) for item in past],
        right_aligned=(4, 5, 6),
    )


def undo(
    number: Annotated[
        int, typer.Argument(metavar="LOAD", help=_("Its number, as `contacts loads` shows it."))
    ],
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dataclasses import asdict

    from dispatcher.cli import console, context
    from dispatcher.ledger.recipients import import_undo

    with context.ledger(context.settings()) as ledger:
        question = _("Take load {load} back? [y/n]", load=number)
        console.require_confirmation(question, yes=yes)
        done = import_undo.undo(ledger, number, who=context.acting_user(who), now=context.now())
    if as_json:
        console.print_json(asdict(done))
        return
    console.print_line(
        _(
            "Load {load} was taken back: {removed} contacts removed, {restored} as before, "
            "{kept} kept as gone because they had been written to.",
            load=number, removed=done.removed, restored=done.restored, kept=done.kept,
        )
    )  # fmt: skip


# --- held ---------------------------------------------------------------------------------------------


def held(
    audience: Annotated[str, typer.Option(metavar="AUDIENCE", help=_("Only this audience."))] = "",
    decided: Annotated[bool, typer.Option("--decided", help=_("Who was decided about instead."))] = False,
    full: FullOption = False,
    as_json: JsonOption = False,
) -> None:
    from dataclasses import asdict

    from dispatcher.cli import console, context
    from dispatcher.ledger.recipients import review

    settings = context.settings()
    if audience:
        schedules = _schedules(settings, needed=True)
        assert schedules is not None
        audience = _known_audience(schedules, audience)
    with context.ledger(settings) as ledger:
        contacts = review.held_contacts(ledger, audience=audience, decided=decided)
        protected = frozenset() if full else context.protected_audiences(settings, ledger)
        if contacts and (full or as_json):
            context.record_view(ledger, "held")
    if as_json:
        console.print_json([asdict(one) for one in contacts])
        return
    if not contacts:
        console.print_line(_("Nobody was decided about.") if decided else _("Nobody waits for a decision."))
        return
    console.print_table(
        (
            _("number"),
            _("name"),
            _("thôn"),
            _("telephone"),
            _("why"),
            _("the list's own words"),
            _("list"),
            _("decided"),
        ),
        [_held_row(one, full=full, protected=one.audience in protected) for one in contacts],
    )
    if not decided:
        console.print_note(
            _("Decide: dispatcher contacts release NUMBER, or dispatcher contacts drop NUMBER")
        )


def _held_row(held_contact: HeldContact, *, full: bool, protected: bool) -> tuple[object, ...]:
    """Return a line of the table; of a protected list only its number, why, and what was decided."""
    from dispatcher.cli import console
    from dispatcher.report import labels

    place = " · ".join(filter(None, (held_contact.file, held_contact.sheet)))
    said_by = held_contact.decided_by if held_contact.state == "held" else ""
    decided = (
        f"{labels.label(labels.CONTACT_STATES, held_contact.state)} · {held_contact.decided_by}"
        if held_contact.decided_by
        else ""
    )
    if protected:
        why, place = labels.hold_reason(held_contact.reason, said_by), _("(protected: --full)")
        return str(held_contact.contact_id), "", held_contact.area, "", why, "", place, decided
    return (
        str(held_contact.contact_id), held_contact.name, held_contact.area,
        " ".join(console.format_address(number, full=full) for number in held_contact.phones),
        labels.hold_reason(held_contact.reason, said_by), held_contact.note,
        _("{file}, row {row}", file=place, row=held_contact.row), decided,
    )  # fmt: skip


def release(
    contacts: ContactsArgument, yes: YesOption = False, who: WhoOption = "", as_json: JsonOption = False
) -> None:
    _decide("release", contacts, who, yes=yes, as_json=as_json)


def drop(
    contacts: ContactsArgument, yes: YesOption = False, who: WhoOption = "", as_json: JsonOption = False
) -> None:
    _decide("drop", contacts, who, yes=yes, as_json=as_json)


def _decide(decision: str, contacts: Sequence[int], who: str, *, yes: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from dispatcher.cli import console, context
    from dispatcher.ledger.recipients import review

    act = review.release if decision == "release" else review.drop
    done, refused = [], []
    settings = context.settings()
    with context.ledger(settings) as ledger:
        protected = context.protected_audiences(settings, ledger)
        count = len(contacts)
        question = (
            ngettext("Write to {n} person after all? [y/n]", "Write to {n} people after all? [y/n]", count)
            if decision == "release"
            else ngettext("Never write to {n} person? [y/n]", "Never write to {n} people? [y/n]", count)
        )
        console.require_confirmation(question, yes=yes)
        for contact_id in contacts:
            try:
                done.append(act(ledger, contact_id, who=context.acting_user(who), now=context.now()))
            except review.NotHeld as error:
                refused.append(str(error))
    if as_json:
        console.print_json([asdict(one) for one in done])
    else:
        for one in done:
            name = one.contact_id if one.audience in protected else one.name or one.contact_id
            if decision == "release":
                console.print_line(_("{name} is written to.", name=name))
            else:
                console.print_line(_("{name} is not written to any more.", name=name))
    for words in refused:
        console.print_note(words, style="yellow")
    raise typer.Exit(1 if refused else 0)
