"""`contacts`: checked row by row, loaded with the difference shown first, decided about, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import AsJson, Full, Who, Yes
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.ledger.people import LoadSummary
    from dispatcher.ledger.people_held import Held
    from dispatcher.report.lists import ListFile, Lists
    from dispatcher.settings import Settings

Files = Annotated[
    list[Path] | None,
    typer.Argument(help=_("Lists; without any, all those of schedules.toml."), show_default=False),
]
Contacts = Annotated[list[int], typer.Argument(help=_("Numbers of contacts, as `contacts held` shows them."))]


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    group = typer.Typer(no_args_is_help=True, help=_("Contact lists: check, load, decide, take back."))
    group.command("check", help=_("What we make of lists, row by row, with reasons."))(check)
    group.command("load", help=_("Take the lists into the ledger; the difference is shown first."))(load)
    group.command("held", help=_("Who waits for a decision: dead, moved, refuses, retired."))(held)
    group.command("release", help=_("Write to held contacts after all."))(release)
    group.command("drop", help=_("Never write to held contacts."))(drop)
    group.command("loads", help=_("The loads there were."))(loads)
    group.command("undo", help=_("Take a load back; opt-outs stay."))(undo)
    app.add_typer(group, name="contacts")


# --- check --------------------------------------------------------------------------------------------


def check(
    files: Files = None,
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
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import accounts, opening, speaking
    from dispatcher.contacts import rejects as workbook
    from dispatcher.report.lists import Lists

    settings = opening.settings()
    lists = Lists(files=_chosen(settings, files or [], audience))
    shown = accounts.Shown(limit=rows)
    read = accounts.answered(lists.rows()) if as_json else shown.kept(lists.rows())
    if rejects is None:
        for _row in read:
            pass
    else:
        written = workbook.write(_workbook(rejects), read, lists.sheets)
        words = ngettext(
            "{n} row to correct is in {file}", "{n} rows to correct are in {file}", written, file=rejects
        )
        speaking.note(words)
    if as_json:
        accounts.close_answer(lists)
    else:
        accounts.draw(lists, explained=True)
        shown.draw()
    speaking.problems(lists.problems)
    raise typer.Exit(1 if lists.problems or lists.account.counts["rejected"] else 0)


def _workbook(path: Path) -> Path:
    if path.suffix.lower() != ".xlsx":
        raise typer.BadParameter(_("{file} must end in .xlsx", file=path), param_hint="--rejects")
    if not path.parent.is_dir():
        raise typer.BadParameter(_("there is no folder {folder}", folder=path.parent), param_hint="--rejects")
    return path


def _chosen(settings: Settings, files: Sequence[Path], audience: str) -> tuple[ListFile, ...]:
    """Find the lists that are meant; a list given by its path needs no schedules.toml."""
    from dispatcher.report import lists

    schedules = _schedules(settings, needed=not files)
    if schedules is not None and audience:
        audience = _known_audience(schedules, audience)
    if not files:
        assert schedules is not None
        found = lists.find(schedules, settings.contacts)
        return tuple(item for item in found if audience in {"", item.audience})
    return tuple(_one(settings, schedules, path, audience) for path in _spread(files))


def _spread(files: Sequence[Path]) -> list[Path]:
    """Let a folder stand for the lists in it."""
    from dispatcher.campaign import lists as list_files

    found: list[Path] = []
    for path in files:
        inside = list_files.files(path, ("*", "*/*")) if path.is_dir() else ()
        if not path.exists():
            raise typer.BadParameter(_("there is no file {file}", file=path))
        found += inside or (path,)
    return found


def _one(settings: Settings, schedules: Schedules | None, path: Path, audience: str) -> ListFile:
    from dispatcher.report import lists

    if schedules is not None and not audience:
        for item in lists.find(schedules, settings.contacts):
            if item.path.resolve() == path.resolve():
                return item
    name = audience or path.resolve().parent.name
    if schedules is not None and name in schedules.audiences:
        return lists.list_file(path, schedules.audiences[name], settings.contacts)
    return lists.ListFile(path=path, file=path.name, audience=audience or name)


def _schedules(settings: Settings, *, needed: bool) -> Schedules | None:
    from dispatcher.campaign.load import load as load_schedules
    from dispatcher.errors import ConfigurationBroken

    loaded = load_schedules(settings.schedules, templates=settings.templates, contacts=settings.contacts)
    if needed and loaded.schedules is None:
        raise ConfigurationBroken([problem for problem in loaded.problems if problem.severity == "error"])
    return loaded.schedules


def _known_audience(schedules: Schedules, name: str) -> str:
    from dispatcher.cli import opening

    return opening.known(name, schedules.audiences, _("there is no audience {name}", name=repr(name)))


# --- load ---------------------------------------------------------------------------------------------


def load(
    files: Files = None,
    audience: Annotated[
        str, typer.Option(metavar="AUDIENCE", help=_("Only the lists of this audience."))
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Show the difference and stop."))] = False,
    yes: Yes = False,
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import accounts, opening, speaking
    from dispatcher.report import loading

    settings = opening.settings()
    schedules = _schedules(settings, needed=True)
    assert schedules is not None
    audience = _known_audience(schedules, audience) if audience else ""
    wanted = loading.wanted(schedules, settings.contacts, files=files or (), audience=audience)
    with opening.ledger(settings) as ledger:
        asking = not yes and not as_json
        if dry_run or asking:
            lists, summary = loading.difference(ledger, wanted, now=opening.now())
            if not as_json:
                accounts.draw(lists)
                accounts.draw_difference(summary)
            if dry_run:
                _finish(lists, summary, as_json=as_json)
            if not _goes_on(summary):
                speaking.note(_("Nothing was changed."))
                raise typer.Exit(0 if not _changes(summary) else 1)
        lists, summary = loading.load(ledger, wanted, who=opening.who(who), now=opening.now())
    if not as_json:
        if not asking:
            accounts.draw(lists)
            accounts.draw_difference(summary)
        speaking.say(
            _("Load {load} is done; `dispatcher contacts undo {load}` takes it back.", load=summary.load_id)
        )
    _finish(lists, summary, as_json=as_json)


def _changes(summary: LoadSummary) -> bool:
    return any((summary.total("new"), summary.total("changed"), summary.total("gone")))


def _goes_on(summary: LoadSummary) -> bool:
    """Ask before people are changed or let go; a script is not asked."""
    from dispatcher.cli import speaking

    if not _changes(summary):
        return False
    return speaking.confirm(_("Load this? [y/n]")) != "no"


def _finish(lists: Lists, summary: LoadSummary, *, as_json: bool) -> None:
    from dispatcher.cli import accounts, speaking

    if as_json:
        speaking.answer(accounts.load_value(lists, summary))
    if lists.erased:
        words = ngettext(
            "{n} row is about somebody who was erased, and was left out.",
            "{n} rows are about people who were erased, and were left out.",
            lists.erased,
        )
        speaking.note(words, style="yellow")
    held = summary.total("held")
    if held:
        words = ngettext(
            "{n} person waits for a decision: dispatcher contacts held",
            "{n} people wait for a decision: dispatcher contacts held",
            held,
        )
        speaking.note(words, style="yellow")
    raise typer.Exit(0)


def loads(as_json: AsJson = False) -> None:
    from dispatcher.cli import accounts, opening, speaking
    from dispatcher.ledger import people

    with opening.ledger(opening.settings()) as ledger:
        past = people.loads(ledger)
    if as_json:
        speaking.answer([accounts.past_value(item) for item in past])
        return
    if not past:
        speaking.say(_("Nothing was loaded yet: dispatcher contacts load"))
        return
    speaking.draw(
        (_("load"), _("when"), _("who"), _("lists"), _("new"), _("changed"), _("gone"), _("taken back")),
        [accounts.past_row(item) for item in past],
        right=(4, 5, 6),
    )


def undo(
    number: Annotated[
        int, typer.Argument(metavar="LOAD", help=_("Its number, as `contacts loads` shows it."))
    ],
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    from dataclasses import asdict

    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import people_undo

    with opening.ledger(opening.settings()) as ledger:
        done = people_undo.undo(ledger, number, who=opening.who(who), now=opening.now())
    if as_json:
        speaking.answer(asdict(done))
        return
    speaking.say(
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
    full: Full = False,
    as_json: AsJson = False,
) -> None:
    from dataclasses import asdict

    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import people_held

    settings = opening.settings()
    if audience:
        schedules = _schedules(settings, needed=True)
        assert schedules is not None
        audience = _known_audience(schedules, audience)
    with opening.ledger(settings) as ledger:
        found = people_held.held(ledger, audience=audience, decided=decided)
    if as_json:
        speaking.answer([asdict(one) for one in found])
        return
    if not found:
        speaking.say(_("Nobody was decided about.") if decided else _("Nobody waits for a decision."))
        return
    speaking.draw(
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
        [_held_row(one, full=full) for one in found],
    )
    if not decided:
        speaking.note(_("Decide: dispatcher contacts release NUMBER, or dispatcher contacts drop NUMBER"))


def _held_row(one: Held, *, full: bool) -> tuple[object, ...]:
    from dispatcher.cli import speaking
    from dispatcher.contacts.notes import HOLDS
    from dispatcher.report import words

    place = " · ".join(filter(None, (one.file, one.sheet)))
    decided = f"{words.said(words.CONTACT_STATES, one.state)} · {one.decided_by}" if one.decided_by else ""
    return (
        str(one.contact_id), one.name, one.area,
        " ".join(speaking.shown(number, full=full) for number in one.phones),
        _(HOLDS.get(one.reason, one.reason)), one.note,
        _("{file}, row {row}", file=place, row=one.row), decided,
    )  # fmt: skip


def release(contacts: Contacts, who: Who = "", as_json: AsJson = False) -> None:
    _decide("release", contacts, who, as_json=as_json)


def drop(contacts: Contacts, who: Who = "", as_json: AsJson = False) -> None:
    _decide("drop", contacts, who, as_json=as_json)


def _decide(word: str, contacts: Sequence[int], who: str, *, as_json: bool) -> None:
    from dataclasses import asdict

    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import people_held

    act = people_held.release if word == "release" else people_held.drop
    done, refused = [], []
    with opening.ledger(opening.settings()) as ledger:
        for contact_id in contacts:
            try:
                done.append(act(ledger, contact_id, who=opening.who(who), now=opening.now()))
            except people_held.NotHeld as error:
                refused.append(str(error))
    if as_json:
        speaking.answer([asdict(one) for one in done])
    else:
        for one in done:
            name = one.name or one.contact_id
            if word == "release":
                speaking.say(_("{name} is written to.", name=name))
            else:
                speaking.say(_("{name} is not written to any more.", name=name))
    for words in refused:
        speaking.note(words, style="yellow")
    raise typer.Exit(1 if refused else 0)
