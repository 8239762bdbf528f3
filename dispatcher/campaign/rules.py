"""What must hold between the keys of schedules.toml.

Each rule looks at what could be read, so that one mistake does not hide another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dispatcher.campaign import step_kinds
from dispatcher.campaign.line_numbers import KeyPath
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.problem_collector import ProblemCollector, did_you_mean
from dispatcher.campaign.steps import RENAMED_KEYS, Digest, Step
from dispatcher.i18n import _


def check(collector: ProblemCollector, schedules: Schedules) -> None:
    """Add every broken rule to `collector`."""
    audiences = tuple(collector.raw.get("audience", ()))
    _check_renamed_keys(collector, schedules)
    _check_priorities(collector, schedules)
    for campaign in schedules.campaigns.values():
        _check_audiences(collector, campaign, audiences)
        _check_step_names(collector, campaign)
        _check_class(collector, schedules, campaign)
        _check_hours(collector, schedules, campaign)


def steps_and_digests(campaign: Campaign) -> Iterator[tuple[KeyPath, Step | Digest]]:
    """Yield every step and digest with its path."""
    for index, step in enumerate(campaign.steps):
        yield ("campaign", campaign.name, "step", index), step
    for index, digest in enumerate(campaign.digests):
        yield ("campaign", campaign.name, "digest", index), digest


def _check_renamed_keys(collector: ProblemCollector, schedules: Schedules) -> None:
    """Advise on each old key once, at the first place that has it."""
    paths = [path for campaign in schedules.campaigns.values() for path, _step in steps_and_digests(campaign)]
    for old, new in RENAMED_KEYS.items():
        path = next((path for path in paths if collector.present_key(path, new, old) == old), None)
        if path is not None:
            collector.add(
                (*path, old),
                _('"{old}" is called "{new}" now; the old word goes on working', old=old, new=new),
                _("Write {new} = … here and wherever else it stands.", new=new),
                severity="advice",
            )


def _check_priorities(collector: ProblemCollector, schedules: Schedules) -> None:
    first: dict[int, str] = {}
    for name, audience in schedules.audiences.items():
        other = first.setdefault(audience.priority, name)
        if other != name:
            collector.add(
                ("audience", name, "priority"),
                _('audience "{other}" has the same priority', other=other),
                _("Give each audience its own number: who is in both is written to as the lower one."),
            )


def _check_audiences(collector: ProblemCollector, campaign: Campaign, known: Sequence[str]) -> None:
    campaign_path: KeyPath = ("campaign", campaign.name)
    if campaign.name in known:
        collector.add(
            campaign_path,
            _("a campaign and an audience have the same name"),
            _("Rename one: the folders of their templates would be the same."),
            value=campaign.name,
        )
    _check_audience_names(collector, (*campaign_path, "audiences"), campaign.audiences, known)
    for index, step in enumerate(campaign.steps):
        path = (*campaign_path, "step", index, "audiences")
        _check_audience_names(collector, path, step.audiences or (), known, within=campaign.audiences)
    for index, digest in enumerate(campaign.digests):
        _check_audience_names(collector, (*campaign_path, "digest", index, "to"), digest.to, known)


def _check_audience_names(
    collector: ProblemCollector,
    path: KeyPath,
    names: Sequence[str],
    known: Sequence[str],
    *,
    within: Sequence[str] | None = None,
) -> None:
    for index, name in enumerate(names):
        if name not in known:
            what = _('there is no audience "{name}"', name=name)
            collector.add((*path, index), what, did_you_mean(name, known))
        elif within is not None and name not in within:
            what = _('the campaign does not speak to "{name}"', name=name)
            collector.add((*path, index), what, _("Add it to the audiences of the campaign, or take it out."))
        elif name in names[:index]:
            collector.add((*path, index), _('"{name}" stands here twice', name=name), _("Take one out."))


def _check_step_names(collector: ProblemCollector, campaign: Campaign) -> None:
    seen: set[str] = set()
    for path, step in steps_and_digests(campaign):
        if step.name in seen:
            what = _('another step or digest is called "{name}" too', name=step.name)
            collector.add((*path, "name"), what, _("Give each its own name: the ledger knows them by it."))
        if campaign.moved == "tell" and step.name in step_kinds.DEADLINE_NOTICES:
            what = _('"{name}" is what tells of a deadline that was moved', name=step.name)
            collector.add((*path, "name"), what, _("Give the step another name."))
        seen.add(step.name)


def _check_class(collector: ProblemCollector, schedules: Schedules, campaign: Campaign) -> None:
    if campaign.class_ != "advertising":
        return
    for index, name in enumerate(campaign.audiences):
        audience = schedules.audiences.get(name)
        if audience is not None and audience.basis != "consent":
            collector.add(
                ("campaign", campaign.name, "audiences", index),
                _('advertising needs consent, but the lists of "{name}" have another basis', name=name),
                _(
                    "Take the audience out, or use lists of people who agreed (basis = {basis}).",
                    basis="consent",
                ),
            )
    if campaign.opt_out == "never":
        collector.add(
            ("campaign", campaign.name, "opt_out"),
            _("advertising must say how to refuse"),
            _('Write opt_out = "always", or take the line out.'),
        )


def _check_hours(collector: ProblemCollector, schedules: Schedules, campaign: Campaign) -> None:
    """One occurrence is one moment for all its audiences, so they need hours in common."""
    timed_steps = [step for step in campaign.steps if step.after is None]
    for names in [(name,) for name in campaign.audiences] + [
        step.audiences or campaign.audiences for step in timed_steps
    ]:
        shared = campaign.window
        for name in names:
            own = schedules.audiences[name].window if name in schedules.audiences else None
            if own is not None and not shared.intersect(own):
                collector.add(
                    ("audience", name, "window"),
                    _("no hour suits this audience and what it shares its steps with"),
                    _("The others leave {hours}: widen these hours, or make steps of its own.", hours=shared),
                )
                return
            shared = shared.intersect(own) if own else shared
