"""What hangs on names that are gone from the schedules, and who of a notice is on the Do-Not-Call list."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from dispatcher.campaign.model import Schedules
from dispatcher.errors import Problem
from dispatcher.i18n import N_, _, ngettext
from dispatcher.ledger import Ledger, renames
from dispatcher.ledger.queries import people_counts
from dispatcher.ledger.queries.address_history import AddressHistory
from dispatcher.ledger.renames import Orphan

NEW_NAME = "NEW"
TITLES = {"campaign": N_('campaign "{name}"'), "audience": N_('audience "{name}"')}


def find_problems(ledger: Ledger, schedules: Schedules) -> list[Problem]:
    """Return each name that is gone with the command that carries it over, and other warnings."""
    orphans = [_orphan_problem(ledger, one, schedules) for one in _find(ledger, schedules)]
    return [*orphans, *_do_not_call_problems(ledger, schedules)]


def of_address(ledger: Ledger, schedules: Schedules, history: AddressHistory) -> list[Problem]:
    """Return the names that are gone and keep the people of one address from being written to."""
    hanging = {tuple(scope.split(":", 1)) for scope, *_rest in history.suppressions}
    hanging |= {
        ("audience", audience)
        for person in history.people
        for audience, _file, _sheet, _row, state, _note in person.lists
        if state in renames.DECIDED_STATES
    }
    found = (one for one in _find(ledger, schedules) if (one.kind, one.name) in hanging)
    return [_orphan_problem(ledger, one, schedules) for one in found]


def _find(ledger: Ledger, schedules: Schedules) -> list[Orphan]:
    found = renames.orphans(ledger, campaigns=schedules.campaigns, audiences=schedules.audiences)
    return [one for one in found if one.kind in TITLES]


def _orphan_problem(ledger: Ledger, orphan: Orphan, schedules: Schedules) -> Problem:
    """Return it as an error when people are not written to because of it: somebody has to decide."""
    names = schedules.campaigns if orphan.kind == "campaign" else schedules.audiences
    hanging = [
        ngettext("{n} opt-out", "{n} opt-outs", orphan.opt_outs) if orphan.opt_outs else "",
        ngettext("{n} decision about a person", "{n} decisions about people", orphan.decisions)
        if orphan.decisions else "",
        _("a pause") if orphan.is_paused else "",
    ]  # fmt: skip
    title = _(TITLES[orphan.kind]).format(name=orphan.name)
    things = ", ".join(filter(None, hanging))
    stops_people = bool(orphan.opt_outs or orphan.decisions)
    what = (
        _(
            "{title} is gone, and on it hang: {things}; these people are not written to until it is decided",
            title=title, things=things,
        )
        if stops_people
        else _("{title} is gone, and on it hangs: {things}", title=title, things=things)
    )  # fmt: skip
    remedy = _(
        "Renamed: dispatcher rename {kind} {old} {new}. Over for good: dispatcher optout end {kind}:{old}",
        kind=orphan.kind, old=orphan.name, new=_guess(ledger, orphan, names),
    )  # fmt: skip
    if orphan.held:
        remedy += " " + ngettext(
            "{n} of them is held for what is about themselves, and only you can decide that: "
            "dispatcher contacts held, then dispatcher contacts release or drop.",
            "{n} of them are held for what is about themselves, and only you can decide that: "
            "dispatcher contacts held, then dispatcher contacts release or drop.",
            orphan.held,
        )
    return Problem(
        file="schedules.toml",
        where=f"{orphan.kind}.{orphan.name}",
        what=what,
        remedy=remedy,
        severity="error" if stops_people else "advice",
    )


def _guess(ledger: Ledger, orphan: Orphan, names: Collection[str]) -> str:
    """Return what it is called now, most likely: who has its people, the only one, or one that is alike."""
    shared = renames.successors(ledger, orphan, names)
    if most := max(shared.values(), default=0):
        return next(name for name, people in shared.items() if people == most)
    if len(shared) == 1:
        return next(iter(shared))
    return next(iter(get_close_matches(orphan.name, list(shared), 1, 0.5)), NEW_NAME)


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
