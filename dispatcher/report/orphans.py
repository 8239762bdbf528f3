"""What hangs on names that are gone from the schedules, and who of a notice is on the Do-Not-Call list."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from dispatcher.campaign.model import Schedules
from dispatcher.errors import Problem
from dispatcher.i18n import N_, _, ngettext
from dispatcher.ledger import Ledger, renames
from dispatcher.ledger.queries import people_counts
from dispatcher.ledger.renames import Orphan

NEW_NAME = "NEW"
TITLES = {"campaign": N_('campaign "{name}"'), "audience": N_('audience "{name}"')}


def find_problems(ledger: Ledger, schedules: Schedules) -> list[Problem]:
    """Return, as advice, each name that is gone with the command that carries it over, and other warnings."""
    found = renames.orphans(ledger, campaigns=schedules.campaigns, audiences=schedules.audiences)
    names = {"campaign": tuple(schedules.campaigns), "audience": tuple(schedules.audiences)}
    return [
        *(_orphan_problem(one, names[one.kind]) for one in found if one.kind in names),
        *_do_not_call_problems(ledger, schedules),
    ]


def _orphan_problem(orphan: Orphan, names: Collection[str]) -> Problem:
    hanging = [
        ngettext("{n} opt-out", "{n} opt-outs", orphan.opt_outs) if orphan.opt_outs else "",
        ngettext("{n} decision about a person", "{n} decisions about people", orphan.decisions)
        if orphan.decisions else "",
        _("a pause") if orphan.is_paused else "",
    ]  # fmt: skip
    title = _(TITLES[orphan.kind]).format(name=orphan.name)
    what = _(
        "{title} is gone, and on it hang: {things}; these people are not written to until it is decided",
        title=title, things=", ".join(filter(None, hanging)),
    )  # fmt: skip
    remedy = _(
        "Renamed: dispatcher rename {kind} {old} {new}. Over for good: dispatcher optout end {kind}:{old}",
        kind=orphan.kind, old=orphan.name, new=_guess(orphan.name, names),
    )  # fmt: skip
    return Problem(
        file="schedules.toml",
        where=f"{orphan.kind}.{orphan.name}",
        what=what,
        remedy=remedy,
        severity="advice",
    )


def _guess(old: str, names: Collection[str]) -> str:
    close = get_close_matches(old, names, 1, 0.5)
    return close[0] if close else (next(iter(names)) if len(names) == 1 else NEW_NAME)


def _do_not_call_problems(ledger: Ledger, schedules: Schedules) -> list[Problem]:
    """Return how many people of each notice want no advertising: it is none, so they are written to."""
    problems = []
    for campaign in schedules.campaigns.values():
        if campaign.class_ == "advertising":
            continue
        if count := people_counts.count_do_not_call(ledger, campaign.audiences):
            what = ngettext(
                "{n} number of this campaign is on the Do-Not-Call list",
                "{n} numbers of this campaign are on the Do-Not-Call list",
                count,
            )
            remedy = _("It is a notice, not advertising, so they are written to. Be sure that it is none.")
            where = f"campaign.{campaign.name}"
            problems.append(
                Problem(file="schedules.toml", where=where, what=what, remedy=remedy, severity="advice")
            )
    return problems
