"""One checked state of what organisers wrote: schedules and templates, taken over together or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dispatcher import plan
from dispatcher.campaign.load import load
from dispatcher.campaign.model import Schedules, plan_hash
from dispatcher.errors import ConfigurationBroken, Problem
from dispatcher.message.compose import Composer
from dispatcher.message.writing import LinkMaker
from dispatcher.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What the service works with until the next edition."""

    schedules: Schedules
    composer: Composer
    fingerprint: str
    advice: tuple[Problem, ...] = ()
    _frozen: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False, compare=False)

    def frozen(self, campaign: str) -> Mapping[str, str]:
        """Give the hashes of what an approval of `campaign` freezes here: its plan and its texts."""
        if campaign not in self._frozen:
            self._frozen[campaign] = {
                "plan": plan_hash(self.schedules, campaign),
                "texts": self._hash_texts(campaign),
            }
        return self._frozen[campaign]

    def _hash_texts(self, campaign: str) -> str:
        """Hash every template but those that only other campaigns and their audiences can reach."""
        chosen = self.schedules.campaigns[campaign]
        reached = {campaign, *chosen.audiences, *(name for digest in chosen.digests for name in digest.to)}
        elsewhere = {*self.schedules.campaigns, *self.schedules.audiences} - reached
        digest = hashlib.sha256()
        for name, text in sorted(self.composer.texts.sources.items()):
            if name.partition("/")[0] not in elsewhere:
                digest.update(f"{name}\0{text}\0".encode())
        return digest.hexdigest()


def read(settings: Settings, links: LinkMaker | None) -> Edition:
    """Read schedules and templates from disk.

    Raises ConfigurationBroken with every error at once; advice travels with the edition.
    """
    loaded = load(settings.schedules, templates=settings.templates, contacts=settings.contacts)
    problems = (*loaded.problems, *plan.check(loaded)) if loaded.schedules else loaded.problems
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors or loaded.schedules is None:
        raise ConfigurationBroken(errors or problems)
    return Edition(
        schedules=loaded.schedules,
        composer=Composer(loaded.schedules, settings.templates, links),
        fingerprint=fingerprint(settings.schedules, settings.templates),
        advice=problems,
    )


def fingerprint(*places: Path) -> str:
    """Hash files and folders by name and content; what is not there counts as empty."""
    digest = hashlib.sha256()
    for place in places:
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.is_file():
                digest.update(f"{file.relative_to(place) if place.is_dir() else file.name}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
