"""`bounces`: what came back by mail, from files, from a mail server's pipe, or from the mailbox."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import JsonOption
from dispatcher.i18n import N_, _

if TYPE_CHECKING:
    from dispatcher.feedback.bounces.ingestion import BounceOutcome, IngestedReports
    from dispatcher.ledger import Ledger
    from dispatcher.settings import Settings
    from dispatcher.signed_links import SignedLinks

STDIN = Path("-")
EX_TEMPFAIL = 75  # EX_TEMPFAIL: a mail server keeps the report and comes back with it
OUTCOME_LABELS: Mapping[BounceOutcome, str] = {
    "dead-address": N_("the address is dead: no more mail goes there"),
    "for-now": N_("refused for now: box full, server away; five in a row are a dead address"),
    "our-mail": N_("refused for what we wrote or how we sent it"),
    "complaint": N_("the reader complained: no more mail goes there"),
    "delayed": N_("on its way still, or handed on"),
    "delivered": N_("arrived"),
    "auto-reply": N_("a machine's answer: ignored"),
    "unmatched": N_("about no mail of ours"),
    "other": N_("not understood: for a person to read"),
}

PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        help=_(
            "Mails, mbox files, maildirs; - is one mail on standard input; none: DISPATCHER_BOUNCE_MAILBOX."
        ),
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(no_args_is_help=True, help=_("What came back by mail: reports, complaints."))
    group.command("read", help=_("Take in reports of mails that were not delivered, and complaints."))(read)
    app.add_typer(group, name="bounces")


def read(files: PathsArgument = None, as_json: JsonOption = False) -> None:
    if files == [STDIN]:
        _process_stdin(as_json=as_json)
        return
    if files and STDIN in files:
        raise typer.BadParameter(_("- stands alone: it is one mail on standard input"))
    from dispatcher.cli import context

    settings = context.settings()
    with _open_ledger(settings) as (ledger, links):
        _print_summary(_process(files, settings, ledger, links), as_json=as_json)


def _process(
    files: Sequence[Path] | None, settings: Settings, ledger: Ledger, links: SignedLinks
) -> IngestedReports:
    from dispatcher.cli import context
    from dispatcher.errors import ConfigurationError, Problem
    from dispatcher.feedback.bounces import imap, ingestion, mailbox_files
    from dispatcher.feedback.bounces.mail_process import MailReader

    if files:
        pages = (page for file in files for page in mailbox_files.read_mails(file))
        with MailReader() as reader:
            return ingestion.ingest(ledger, links, pages, reader=reader, now=context.now())
    if not settings.bounce_mailbox:
        what = _("there is no mailbox to read")
        remedy = _("Name files, or set DISPATCHER_BOUNCE_MAILBOX.")
        where = "DISPATCHER_BOUNCE_MAILBOX"
        raise ConfigurationError([Problem(file=_("environment"), where=where, what=what, remedy=remedy)])
    return imap.poll(settings, ledger, links, now=context.now())


def _process_stdin(*, as_json: bool) -> None:
    """Take one mail from a mail server's pipe: whatever goes wrong here, it must not return the report."""
    from dispatcher.cli import console, context
    from dispatcher.errors import ConfigurationError
    from dispatcher.feedback.bounces import ingestion, mailbox_files
    from dispatcher.feedback.bounces.mail_process import MailReader

    try:
        raw = mailbox_files.read_pipe(sys.stdin.buffer)
        with _open_ledger(context.settings()) as (ledger, links), MailReader() as reader:
            done = ingestion.ingest(ledger, links, [[raw]], reader=reader, now=context.now())
            _print_summary(done, as_json=as_json)
    except ConfigurationError as broken:
        console.print_problems(broken.problems)
        raise typer.Exit(EX_TEMPFAIL) from broken
    except Exception as error:  # any other exit code would make the mail server give up the report
        console.print_note(_("not taken in: {error}", error=f"{type(error).__name__}: {error}"))
        raise typer.Exit(EX_TEMPFAIL) from error


@contextmanager
def _open_ledger(settings: Settings) -> Iterator[tuple[Ledger, SignedLinks]]:
    from dispatcher.app import make_signed_links
    from dispatcher.cli import context

    with context.ledger(settings) as ledger:
        yield ledger, make_signed_links(settings, ledger)


def _print_summary(summary: IngestedReports, *, as_json: bool) -> None:
    from dispatcher.cli import console

    if as_json:
        console.print_json({"mails": summary.mails, "new": summary.new, "outcomes": dict(summary.outcomes)})
        return
    rows = [
        (_(OUTCOME_LABELS[word]), summary.outcomes[word])
        for word in OUTCOME_LABELS
        if word in summary.outcomes
    ]
    if rows:
        console.print_table((_("what came back"), _("mails")), rows, right_aligned=(1,))
    mails, new = console.format_number(summary.mails), console.format_number(summary.new)
    console.print_line(_("{mails} mails read, {new} reports new to the ledger.", mails=mails, new=new))
