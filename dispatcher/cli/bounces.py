"""`bounces`: what came back by mail, from files, from a mail server's pipe, or from the mailbox."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dispatcher.cli.options import AsJson
from dispatcher.i18n import N_, _

if TYPE_CHECKING:
    from dispatcher.feedback.bounces.taking import Taken
    from dispatcher.ledger import Ledger
    from dispatcher.links import Links
    from dispatcher.settings import Settings

PIPE = Path("-")
TRY_AGAIN_LATER = 75  # EX_TEMPFAIL: a mail server keeps the report and comes back with it
MEANINGS = {
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

Places = Annotated[
    list[Path] | None,
    typer.Argument(
        help=_(
            "Mails, mbox files, maildirs; - is one mail on standard input; none: DISPATCHER_BOUNCE_MAILBOX."
        ),
        show_default=False,
    ),
]


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    group = typer.Typer(no_args_is_help=True, help=_("What came back by mail: reports, complaints."))
    group.command("read", help=_("Take in reports of mails that were not delivered, and complaints."))(read)
    app.add_typer(group, name="bounces")


def read(files: Places = None, as_json: AsJson = False) -> None:
    if files == [PIPE]:
        _take_piped(as_json=as_json)
        return
    if files and PIPE in files:
        raise typer.BadParameter(_("- stands alone: it is one mail on standard input"))
    from dispatcher.cli import opening

    settings = opening.settings()
    with _opened(settings) as (ledger, links):
        _show(_taken_from(files, settings, ledger, links), as_json=as_json)


def _taken_from(files: Sequence[Path] | None, settings: Settings, ledger: Ledger, links: Links) -> Taken:
    from dispatcher.cli import opening
    from dispatcher.errors import ConfigurationBroken, Problem
    from dispatcher.feedback.bounces import files as boxes
    from dispatcher.feedback.bounces import imap, taking

    if files:
        pages = (page for file in files for page in boxes.read(file))
        return taking.take_in(ledger, links, pages, now=opening.now())
    if not settings.bounce_mailbox:
        what = _("there is no mailbox to read")
        remedy = _("Name files, or set DISPATCHER_BOUNCE_MAILBOX.")
        where = "DISPATCHER_BOUNCE_MAILBOX"
        raise ConfigurationBroken([Problem(file=_("environment"), where=where, what=what, remedy=remedy)])
    return imap.poll(settings, ledger, links, now=opening.now())


def _take_piped(*, as_json: bool) -> None:
    """Take one mail from a mail server's pipe: whatever goes wrong here, it must not return the report."""
    from dispatcher.cli import opening, speaking
    from dispatcher.errors import ConfigurationBroken
    from dispatcher.feedback.bounces import files as boxes
    from dispatcher.feedback.bounces import taking

    try:
        raw = boxes.piped(sys.stdin.buffer)
        with _opened(opening.settings()) as (ledger, links):
            _show(taking.take_in(ledger, links, [[raw]], now=opening.now()), as_json=as_json)
    except ConfigurationBroken as broken:
        speaking.problems(broken.problems)
        raise typer.Exit(TRY_AGAIN_LATER) from broken
    except Exception as error:  # any other exit code would make the mail server give up the report
        speaking.note(_("not taken in: {error}", error=f"{type(error).__name__}: {error}"))
        raise typer.Exit(TRY_AGAIN_LATER) from error


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Ledger, Links]]:
    from dispatcher.app import make_links
    from dispatcher.cli import opening

    with opening.ledger(settings) as ledger:
        yield ledger, make_links(settings, ledger)


def _show(taken: Taken, *, as_json: bool) -> None:
    from dispatcher.cli import speaking

    if as_json:
        speaking.answer({"mails": taken.mails, "new": taken.new, "outcomes": dict(taken.outcomes)})
        return
    rows = [(_(MEANINGS[word]), taken.outcomes[word]) for word in MEANINGS if word in taken.outcomes]
    if rows:
        speaking.draw((_("what came back"), _("mails")), rows, right=(1,))
    mails, new = speaking.number(taken.mails), speaking.number(taken.new)
    speaking.say(_("{mails} mails read, {new} reports new to the ledger.", mails=mails, new=new))
