"""General words for every template that schedules.toml needs and nobody has written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

from pydantic import ValidationError

from dispatcher.campaign import referenced_files
from dispatcher.campaign.model import Schedules
from dispatcher.settings import Settings
from dispatcher.starter import general_words
from dispatcher.starter.general_words import Words


def missing_words(
    settings: Settings, text: str, campaign: str | None = None, own: Mapping[str, Words] | None = None
) -> dict[str, str]:
    """Return the text of each template that is missing, by its file inside the folder of templates.

    `text` is a schedules.toml, of which nothing is said while it cannot be read; `campaign` asks about one
    only. `own` are words that go before the general ones. Digests bring words of their own, and are left out.
    """
    try:
        schedules = Schedules.model_validate(tomllib.loads(text))
    except (ValidationError, tomllib.TOMLDecodeError):
        return {}
    schedules.close_channels(settings.closed_channels)
    existing = referenced_files.existing_templates(settings.templates)
    return {
        file: general_words.file_text(general_words.words_for(template, own), channel)
        for name, chosen in schedules.campaigns.items()
        if campaign in {None, name}
        for file, (template, channel) in referenced_files.missing_templates(
            schedules, chosen, existing
        ).items()
    }
