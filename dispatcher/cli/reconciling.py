"""`reconcile`: do the books balance, in themselves and beside what the provider says?"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.cli.options import AsJson
from dispatcher.i18n import _

if TYPE_CHECKING:
    from dispatcher.ledger import Ledger
    from dispatcher.ledger.taken import Taken
    from dispatcher.report.proof import Proof
    from dispatcher.settings import Settings
    from dispatcher.simulation.rules import Reconciliation

ASKED = 200
CONCURRENT = 8


def add(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("Do the books balance, in themselves and beside the provider? Exit 1 when not."))(
        reconcile
    )


@dataclass(kw_only=True)
class Difference:
    """What the provider said about messages that it took."""

    asked: int = 0
    there: int = 0
    missing: list[int] = field(default_factory=list)  # clearly not there
    unclear: int = 0
    other_status: Counter[str] = field(default_factory=Counter)  # ours → theirs


def reconcile(
    campaign: Annotated[
        str, typer.Option(metavar="CAMPAIGN", help=_("Only the sums of this campaign."))
    ] = "",
    ask: Annotated[
        int, typer.Option(metavar="N", help=_("Ask the provider about the last N messages it took; 0: all."))
    ] = ASKED,
    offline: Annotated[bool, typer.Option("--offline", help=_("Do not ask the provider."))] = False,
    log: Annotated[
        Path | None, typer.Option(metavar="DIR", help=_("Compare with the log of a sandbox in this folder."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.report import proof

    settings = opening.settings()
    if log is not None and not log.is_dir():
        raise typer.BadParameter(_("there is no folder {folder}", folder=log), param_hint="--log")
    with opening.ledger(settings) as ledger:
        found = proof.prove(ledger, now=opening.now(), campaign=campaign)
        beside = None if log is None else _beside_log(settings, ledger, log)
        difference = None if offline or not settings.has_twilio else _ask(settings, ledger, ask)
    sound = (
        found.adds_up
        and (beside is None or beside.balanced)
        and (difference is None or not difference.missing)
    )
    if as_json:
        speaking.answer(_value(found, beside, difference, sound=sound))
    else:
        _draw(found, beside, difference, sound=sound)
    raise typer.Exit(0 if sound else 1)


def _beside_log(settings: Settings, ledger: Ledger, folder: Path) -> Reconciliation:
    from dispatcher.app import make_links
    from dispatcher.simulation.rules import reconcile as compare

    return compare(ledger, make_links(settings, ledger), folder)


def _ask(settings: Settings, ledger: Ledger, limit: int) -> Difference:
    """Ask the provider of texts about what it took; mail servers cannot be asked."""
    import asyncio

    from dispatcher.ledger import taken

    return asyncio.run(_look_up(settings, taken.latest(ledger, "sms", limit=limit)))


async def _look_up(settings: Settings, messages: tuple[Taken, ...]) -> Difference:
    import asyncio
    from datetime import timedelta

    from dispatcher.app import twilio_values
    from dispatcher.gateways import Envelope, GatewayOptions
    from dispatcher.gateways.registry import open_gateways

    values = twilio_values(settings, sender="-")  # asking needs no sender, opening does
    gateway = open_gateways({"twilio": GatewayOptions(values=values)})["twilio"]
    turns = asyncio.Semaphore(CONCURRENT)
    found = Difference()

    async def one(item: Taken) -> None:
        envelope = Envelope(key=str(item.message_id), to=item.address, body=item.words)
        async with turns:
            result = await gateway.look_up(
                envelope, since=item.submitted_at - timedelta(minutes=5), provider_id=item.provider_id
            )
        found.asked += 1
        if result.kind == "accepted":
            found.there += 1
            if result.status and result.status != item.status:
                found.other_status[f"{item.status} → {result.status}"] += 1
        elif result.code == "not-found":
            found.missing.append(item.message_id)
        else:
            found.unclear += 1

    try:
        await asyncio.gather(*map(one, messages))
    finally:
        await gateway.close()
    return found


def _value(
    found: Proof, beside: Reconciliation | None, difference: Difference | None, *, sound: bool
) -> dict[str, Any]:
    return {
        "sound": sound,
        "planned": found.planned,
        "sums": [{**asdict(one), "due_at": one.due_at.isoformat()} for one in found.sums],
        "areas": {name: [asdict(one) for one in areas] for name, areas in found.areas.items()},
        "in_doubt": found.questions.get("in-doubt", 0),
        "questions": found.questions,
        "flaws": found.flaws,
        "provider": None if difference is None else asdict(difference),
        "log": None if beside is None else {**asdict(beside), "balanced": beside.balanced},
    }


def _draw(found: Proof, beside: Reconciliation | None, difference: Difference | None, *, sound: bool) -> None:
    from dispatcher.cli import speaking
    from dispatcher.report.proof import FLAWS

    _draw_sums(found)
    for word, count in found.flaws.items():
        speaking.say(f"✗ {_(FLAWS.get(word, word))}: {count}", style="bold red")
    if found.questions:
        speaking.heading(_("Not known yet"))
        _draw_questions(found)
    if difference is not None:
        _draw_difference(difference)
    if beside is not None:
        _draw_beside(beside)
    speaking.say("")
    if sound:
        speaking.say(_("✓ The books balance."), style="bold green")
    else:
        speaking.say(_("✗ The books do not balance."), style="bold red")


def _draw_sums(found: Proof) -> None:
    from dispatcher.cli import speaking
    from dispatcher.report import words

    steps: dict[tuple[str, str], Counter[str]] = {}
    for one in found.sums:
        steps.setdefault((one.campaign, one.step), Counter())[one.status] += one.messages
    statuses = sorted({one.status for one in found.sums})
    totals = [sum(counts[status] for counts in steps.values()) for status in statuses]
    speaking.draw(
        (_("campaign"), _("step"), _("planned"), *map(words.status, statuses)),
        [
            (name, step, counts.total(), *(counts[status] or "" for status in statuses))
            for (name, step), counts in steps.items()
        ],
        right=tuple(range(2, 3 + len(statuses))),
        total=(_("together"), "", found.planned, *totals),
    )


def _draw_questions(found: Proof) -> None:
    from dispatcher.cli import speaking
    from dispatcher.report import words

    for word, count in found.questions.items():
        speaking.say(
            f"{words.status(word)}: {speaking.number(count)}", style="yellow" if word == "in-doubt" else ""
        )


def _draw_difference(difference: Difference) -> None:
    from dispatcher.cli import speaking

    speaking.heading(_("What the provider says of the last messages it took"))
    speaking.draw(
        (_("asked about"), _("there"), _("not there"), _("no clear answer")),
        [(difference.asked, difference.there, len(difference.missing), difference.unclear)],
        right=(0, 1, 2, 3),
    )
    for change, count in difference.other_status.items():
        speaking.say(
            _("{change}: {count}; the next receipt or question settles it", change=change, count=count)
        )


def _draw_beside(beside: Reconciliation) -> None:
    from dispatcher.cli import speaking
    from dispatcher.cli.outcome import draw_reconciliation

    speaking.heading(_("Beside the provider's own log"))
    draw_reconciliation(beside)
