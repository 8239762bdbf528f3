"""One checked state of what organisers wrote: schedules and templates, taken over together or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from dispatcher.campaign.load import load
from dispatcher.campaign.model import Schedules
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


def read(settings: Settings, links: LinkMaker | None) -> Edition:
    """Read schedules and templates from disk.

    Raises ConfigurationBroken with every error at once; advice travels with the edition.
    """
    loaded = load(settings.schedules, templates=settings.templates, contacts=settings.contacts)
    errors = [problem for problem in loaded.problems if problem.severity == "error"]
    if errors or loaded.schedules is None:
        raise ConfigurationBroken(errors or loaded.problems)
    return Edition(
        schedules=loaded.schedules,
        composer=Composer(loaded.schedules, settings.templates, links),
        fingerprint=fingerprint(settings.schedules, settings.templates),
        advice=loaded.problems,
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
