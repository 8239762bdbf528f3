"""`backup` and `restore`: a copy of the ledger to lay away, and the ledger from such a copy."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import JsonOption, WhoOption, YesOption
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.ledger.backups import Backup
    from dispatcher.ledger.sending.restoration import RestoredBooks
    from dispatcher.settings import Settings


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(help=_("Copy the ledger to a file while the service works; the copy is opened and checked."))(
        backup
    )
    app.command(
        help=_(
            "Put a backup in the ledger's place. Every campaign is paused then, and what may have left since "
            "is asked about before anything goes out again."
        )
    )(restore)


def backup(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help=_("Where to; without it a file named by the moment, in the backup folder.")
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger import backups
    from dispatcher.ledger.privacy import secret_key

    settings = context.brake_settings()
    with context.ledger(settings) as ledger:
        now = context.now()
        target = file or settings.backup_folder / backups.file_name(ledger, now=now)
        done = backups.create(ledger, target, now=now)
        removed = () if file else backups.prune(settings.backup_folder, keep=settings.backup_keep)
        key = "" if settings.secret_key else str(secret_key.key_file(ledger))
    if as_json:
        console.print_json(
            {"file": str(done.file), "bytes": done.bytes, "begun_at": now.isoformat(), "key_file": key,
             "removed": [str(one) for one in removed]}
        )  # fmt: skip
        return
    console.print_line(_("Backed up to {file} ({size} KB).", file=done.file, size=done.bytes // 1024))
    if key:
        console.print_line(
            _("Keep {file} too, in another place: links and erasures need it, and it is not in the backup.",
              file=key)
        )  # fmt: skip
    else:
        console.print_line(_("Keep DISPATCHER_SECRET_KEY too, in another place: it is not in the backup."))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("A file that dispatcher backup has made."))],
    yes: YesOption = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger import backups
    from dispatcher.ledger.privacy import secret_key
    from dispatcher.ledger.sending import restoration
    from dispatcher.service import single_instance_lock

    settings = context.brake_settings()
    found = backups.inspect(file)
    now = context.now()
    with single_instance_lock(settings):
        if not yes:
            _print_question(found, settings)
            console.require_confirmation(_("Put it in the ledger's place? [y/n]"), yes=False)
        before = _replace(found, settings, now)
        with context.ledger(settings) as ledger:
            since = backups.begun_at(ledger) or restoration.newest_moment(ledger) or now
            done = restoration.begin(ledger, since=since, who=context.acting_user(who), now=now)
            secret_key.secret_of(ledger)  # says so if the file with it is not there
    if as_json:
        console.print_json(
            {"since": since.isoformat(), "before": str(before or ""), "paused": list(done.paused),
             "texts_in_doubt": done.texts_in_doubt, "mails_in_doubt": done.mails_in_doubt}
        )  # fmt: skip
        return
    _print_done(done, since, before)


def _replace(found: Backup, settings: Settings, now: datetime) -> Path | None:
    from dispatcher.ledger import backups, sqlite_file

    place = sqlite_file(settings.database_url)
    if place is not None:
        return backups.put_in_place(found, place, now=now)
    backups.load_archive(found, settings.database_url)
    return None


def _print_question(found: Backup, settings: Settings) -> None:
    from dispatcher.cli import console
    from dispatcher.ledger import sqlite_file

    place = sqlite_file(settings.database_url)
    console.print_line(
        _("{file} takes the place of {ledger}. What happened after the backup of {at} is not in it.",
          file=found.file, ledger=place or "DISPATCHER_DATABASE_URL", at=_local(found.begun_at))
    )  # fmt: skip
    if place is not None and place.exists():
        console.print_line(_("The ledger that is there now is moved aside, not deleted."))


def _print_done(done: RestoredBooks, since: datetime, before: Path | None) -> None:
    from dispatcher.cli import console

    console.print_line(_("The ledger is as it was at {at}.", at=_local(since)))
    if before is not None:
        console.print_line(_("The one before is kept as {file}.", file=before))
    console.print_line(
        ngettext("{n} campaign is paused.", "{n} campaigns are paused.", len(done.paused))
        + " "
        + ngettext(
            "About {n} text that may have left since the provider is asked first.",
            "About {n} texts that may have left since the provider is asked first.",
            done.texts_in_doubt,
        )
    )
    if done.mails_in_doubt:
        console.print_line(
            ngettext(
                "{n} mail may have left; nobody can be asked about it, and it is not sent again.",
                "{n} mails may have left; nobody can be asked about them, and they are not sent again.",
                done.mails_in_doubt,
            ),
            style="yellow",
        )
    for words in (
        _("What was entered after that moment is gone: lists, participation, decisions, opt-outs by link or "
          "page, people who were forgotten. Enter it again before anything is sent."),
        _("Then: dispatcher run, and when dispatcher status shows no more doubts, dispatcher resume "
          "CAMPAIGN."),
    ):  # fmt: skip
        console.print_line(words, style="yellow")


def _local(moment: datetime | None) -> str:
    if moment is None:
        return "?"
    return f"{moment.astimezone():%d/%m/%Y %H:%M}"
