"""The configuration in force: schedules and templates, loaded together or not at all."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dispatcher import plan
from dispatcher.campaign.load import load
from dispatcher.campaign.model import Schedules
from dispatcher.campaign.plan_hashes import plan_hash
from dispatcher.errors import ConfigurationError, Problem, os_error_message
from dispatcher.i18n import _
from dispatcher.message.compose import Composer
from dispatcher.message.environment import TemplateSet
from dispatcher.message.rendering import LinkMaker
from dispatcher.message.syntax import check_syntax
from dispatcher.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Schedules and templates as of one load; immutable."""

    schedules: Schedules
    composer: Composer
    fingerprint: str
    schedules_text: str = ""  # as it stood in the file
    warnings: tuple[Problem, ...] = ()
    _approval_hashes: dict[str, Mapping[str, str]] = field(default_factory=dict, repr=False, compare=False)

    def approval_hashes(self, campaign: str) -> Mapping[str, str]:
        """Return the hashes of what an approval of `campaign` freezes here: its plan and its texts."""
        if campaign not in self._approval_hashes:
            self._approval_hashes[campaign] = {
                "plan": plan_hash(self.schedules, campaign),
                "texts": self._hash_templates(campaign),
            }
        return self._approval_hashes[campaign]

    def to_json(self) -> str:
        """Return all it was made of, for `restore_configuration`."""
        parts = {
            "fingerprint": self.fingerprint,
            "schedules": self.schedules_text,
            "templates": dict(self.composer.templates.sources),
        }
        return json.dumps(parts, ensure_ascii=False, sort_keys=True)

    def _hash_templates(self, campaign: str) -> str:
        """Hash every template but those that only other campaigns and their audiences can reach."""
        chosen_campaign = self.schedules.campaigns[campaign]
        reached = {
            campaign,
            *chosen_campaign.audiences,
            *(name for digest in chosen_campaign.digests for name in digest.to),
        }
        elsewhere = {*self.schedules.campaigns, *self.schedules.audiences} - reached
        digest = hashlib.sha256()
        for name, text in sorted(self.composer.templates.sources.items()):
            if name.partition("/")[0] not in elsewhere:
                digest.update(f"{name}\0{text}\0".encode())
        return digest.hexdigest()


def load_configuration(settings: Settings, links: LinkMaker | None) -> Configuration:
    """Read schedules and templates from disk.

    Raises ConfigurationError with every error at once; advice travels with the edition.
    """
    try:
        return _read_configuration(settings, links)
    except OSError as error:  # a folder that may be listed and not entered, a share that went away meanwhile
        remedy = _("Let it be read by who calls dispatcher, or call it as the service's user.")
        file = str(error.filename or settings.templates)
        raise ConfigurationError([Problem(file=file, what=os_error_message(error), remedy=remedy)]) from error


def _read_configuration(settings: Settings, links: LinkMaker | None) -> Configuration:
    loaded = load(
        settings.schedules,
        templates=settings.templates,
        contacts=settings.contacts,
        closed_channels=settings.closed_channels,
    )
    problems = (*loaded.problems, *plan.check(loaded)) if loaded.schedules else loaded.problems
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors or loaded.schedules is None:
        raise ConfigurationError(errors or problems)
    return Configuration(
        schedules=loaded.schedules,
        composer=Composer(loaded.schedules, settings.templates, links),
        fingerprint=fingerprint(settings.schedules, settings.templates),
        schedules_text=loaded.text,
        warnings=problems,
    )


def load_servable(settings: Settings, links: LinkMaker | None) -> Configuration:
    """Do what `load_configuration` does, for whoever sends: every template can be read as well."""
    config = load_configuration(settings, links)
    require_readable_templates(config)
    return config


def require_readable_templates(config: Configuration) -> None:
    """Raise ConfigurationError when a template cannot be read: its messages would fail one by one.

    It takes a tenth of a second, so nobody asks who only looks.
    """
    found = check_syntax(config.composer.templates, tuple(config.schedules.campaigns))
    if errors := [problem for problem in found if problem.severity == "error"]:
        raise ConfigurationError(errors)


def restore_configuration(text: str, settings: Settings, links: LinkMaker | None) -> Configuration:
    """Make the configuration again that `Configuration.to_json` wrote; nothing on disk is looked at.

    Raises ValueError when this version cannot read it any more.
    """
    parts = json.loads(text)
    schedules = Schedules.model_validate(tomllib.loads(parts["schedules"]))
    schedules.close_channels(settings.closed_channels)
    templates = TemplateSet(folder=settings.templates, sources=parts["templates"])
    return Configuration(
        schedules=schedules,
        composer=Composer(schedules, templates, links),
        fingerprint=parts["fingerprint"],
        schedules_text=parts["schedules"],
    )


def fingerprint(*paths: Path) -> str:
    """Hash files and folders by name and content; what is not there counts as empty."""
    digest = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                digest.update(f"{file.relative_to(path) if path.is_dir() else file.name}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
