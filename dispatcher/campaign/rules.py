"""What must hold between the keys of schedules.toml.

Each rule looks at what could be read, so that one mistake does not hide another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dispatcher.campaign.findings import Findings, did_you_mean
from dispatcher.campaign.model import Campaign, Digest, Schedules, Step
from dispatcher.campaign.positions import Path
from dispatcher.i18n import _


def check(findings: Findings, schedules: Schedules) -> None:
    """Add every broken rule to `findings`."""
    audiences = tuple(findings.raw.get("audience", ()))
    _check_priorities(findings, schedules)
    for campaign in schedules.campaigns.values():
        _check_audiences(findings, campaign, audiences)
        _check_step_names(findings, campaign)
        _check_class(findings, schedules, campaign)
        _check_hours(findings, schedules, campaign)


def timed(campaign: Campaign) -> Iterator[tuple[Path, Step | Digest]]:
    """Give every step and digest with its path."""
    for place, step in enumerate(campaign.steps):
        yield ("campaign", campaign.name, "step", place), step
    for place, digest in enumerate(campaign.digests):
        yield ("campaign", campaign.name, "digest", place), digest


def _check_priorities(findings: Findings, schedules: Schedules) -> None:
    first: dict[int, str] = {}
    for name, audience in schedules.audiences.items():
        other = first.setdefault(audience.priority, name)
        if other != name:
            findings.add(
                ("audience", name, "priority"),
                _('audience "{other}" has the same priority', other=other),
                _("Give each audience its own number: who is in both is written to as the lower one."),
            )


def _check_audiences(findings: Findings, campaign: Campaign, known: Sequence[str]) -> None:
    here: Path = ("campaign", campaign.name)
    if campaign.name in known:
        findings.add(
            here,
            _("a campaign and an audience have the same name"),
            _("Rename one: the folders of their templates would be the same."),
            value=campaign.name,
        )
    _check_known(findings, (*here, "audiences"), campaign.audiences, known)
    for place, step in enumerate(campaign.steps):
        path = (*here, "step", place, "audiences")
        _check_known(findings, path, step.audiences or (), known, within=campaign.audiences)
    for place, digest in enumerate(campaign.digests):
        _check_known(findings, (*here, "digest", place, "to"), digest.to, known)


def _check_known(
    findings: Findings,
    path: Path,
    names: Sequence[str],
    known: Sequence[str],
    *,
    within: Sequence[str] | None = None,
) -> None:
    for place, name in enumerate(names):
        if name not in known:
            what = _('there is no audience "{name}"', name=name)
            findings.add((*path, place), what, did_you_mean(name, known))
        elif within is not None and name not in within:
            what = _('the campaign does not speak to "{name}"', name=name)
            findings.add((*path, place), what, _("Add it to the audiences of the campaign, or take it out."))
        elif name in names[:place]:
            findings.add((*path, place), _('"{name}" stands here twice', name=name), _("Take one out."))


def _check_step_names(findings: Findings, campaign: Campaign) -> None:
    seen: set[str] = set()
    for path, step in timed(campaign):
        if step.name in seen:
            what = _('another step or digest is called "{name}" too', name=step.name)
            findings.add((*path, "name"), what, _("Give each its own name: the ledger knows them by it."))
        seen.add(step.name)


def _check_class(findings: Findings, schedules: Schedules, campaign: Campaign) -> None:
    if campaign.class_ != "advertising":
        return
    for place, name in enumerate(campaign.audiences):
        audience = schedules.audiences.get(name)
        if audience is not None and audience.basis != "consent":
            findings.add(
                ("campaign", campaign.name, "audiences", place),
                _('advertising needs consent, but the lists of "{name}" have another basis', name=name),
                _(
                    "Take the audience out, or use lists of people who agreed (basis = {basis}).",
                    basis="consent",
                ),
            )
    if campaign.opt_out == "never":
        findings.add(
            ("campaign", campaign.name, "opt_out"),
            _("advertising must say how to refuse"),
            _('Write opt_out = "always", or take the line out.'),
        )


def _check_hours(findings: Findings, schedules: Schedules, campaign: Campaign) -> None:
    """One occurrence is one moment for all its audiences, so they need hours in common."""
    timed_steps = [step for step in campaign.steps if step.after is None]
    for names in [(name,) for name in campaign.audiences] + [
        step.audiences or campaign.audiences for step in timed_steps
    ]:
        shared = campaign.window
        for name in names:
            own = schedules.audiences[name].window if name in schedules.audiences else None
            if own is not None and not shared.meet(own):
                findings.add(
                    ("audience", name, "window"),
                    _("no hour suits this audience and what it shares its steps with"),
                    _("The others leave {hours}: widen these hours, or make steps of its own.", hours=shared),
                )
                return
            shared = shared.meet(own) if own else shared
