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
HINT_LABELS = {
    "": "",
    "dead": N_("may have died"),
    "wrong-number": N_("may be the wrong number"),
    "moved": N_("may have moved away"),
    "needs-help": N_("needs help to take part"),
    "distrust": N_("takes it for fraud"),
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

    if jsonl:
        json_lines.answer_lines(_understand)
    answers = texts or [line for line in json_lines.read_stdin().splitlines() if line.strip()]
    read = [{"raw": answer, **_understand(answer)} for answer in answers]
    if as_json:
        console.print_json(read)
        return
    rows = [
        (
            one["raw"],
            _(MEANING_LABELS[one["meaning"]]),
            HINT_LABELS[one["hint"]] and _(HINT_LABELS[one["hint"]]),
        )
        for one in read
    ]
    console.print_table((_("written"), _("meaning"), _("hint")), rows)


def _understand(value: object) -> dict[str, str]:
    from dispatcher.feedback.replies import classify_reply

    return classify_reply(value if isinstance(value, str) else "")._asdict()
