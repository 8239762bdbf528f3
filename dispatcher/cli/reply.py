"""`reply`: what we make of a resident's answer, without settings, ledger or lists."""

from __future__ import annotations

from typing import Annotated

import typer

from dispatcher.cli import json_lines
from dispatcher.cli.json_lines import JsonLinesOption
from dispatcher.cli.options import JsonOption
from dispatcher.i18n import N_, _

MEANING_LABELS = {
    "opt-out": N_("refuses: no more texts"),
    "took-part": N_("took part: no more reminders"),
    "return": N_("wants texts again"),
    "person": N_("for a person to read"),
}


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("What we make of a resident's answer: a no, took part, or for a person to read."))(
        reply
    )


def reply(
    texts: Annotated[
        list[str] | None, typer.Argument(help=_("Answers as people write them."), show_default=False)
    ] = None,
    as_json: JsonOption = False,
    jsonl: JsonLinesOption = False,
) -> None:
    from dispatcher.cli import console
    from dispatcher.feedback.replies import HINT_LABELS, classify_reply

    if jsonl:
        json_lines.answer_lines(_understand, texts_only=True, unreadable=_understand(""))
    answers = texts or [line for line in json_lines.read_stdin().splitlines() if line.strip()]
    if as_json:
        console.print_json([{"raw": answer, **_understand(answer)} for answer in answers])
        return
    rows = [
        (answer, _(MEANING_LABELS[reply.meaning]), _(HINT_LABELS[reply.hint]) if reply.hint else "")
        for answer, reply in ((answer, classify_reply(answer)) for answer in answers)
    ]
    console.print_table((_("written"), _("meaning"), _("hint")), rows)


def _understand(answer: object) -> dict[str, str]:
    from dispatcher.feedback.replies import classify_reply

    return classify_reply(str(answer))._asdict()
