"""Puts the words of one occasion together for one person: a text of known cost, or a mail in both forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from dispatcher.campaign.model import Schedules
from dispatcher.message import Draft, Occasion, Recipient
from dispatcher.message.digest import Figures, digest_facts
from dispatcher.message.environment import TextEnvironment, Texts, read_texts
from dispatcher.message.facts import facts
from dispatcher.message.unfit import MessageUnfit, unfit
from dispatcher.message.variables import Uses, uses
from dispatcher.message.writing import (
    TOOK_PART,
    UNSUBSCRIBE,
    LinkMaker,
    Script,
    Writer,
    mail_writer,
    text_writer,
    with_links,
)

OCCASIONS_REMEMBERED = 64


@dataclass(kw_only=True, slots=True)
class _Moment:
    """What is worked out once an occasion."""

    facts: dict[str, Any]
    writers: dict[tuple[str, str], Writer] = field(default_factory=dict)


class Composer:
    """Renders the templates of a folder, as they were when it was made, for the campaigns of a schedule."""

    def __init__(self, schedules: Schedules, templates: Path | Texts, links: LinkMaker | None = None) -> None:
        self.schedules = schedules
        self.texts = templates if isinstance(templates, Texts) else read_texts(templates)
        self._links = links
        self._environments: dict[tuple[str, bool], TextEnvironment] = {}
        self._uses: dict[tuple[str, str], Uses] = {}
        self._moments: dict[Occasion, _Moment] = {}
        self._latest: tuple[Occasion, _Moment] | None = None

    def compose(self, recipient: Recipient, occasion: Occasion, *, figures: Figures | None = None) -> Draft:
        """Write what `recipient` receives on `occasion`; `figures` are for digests.

        Raises MessageUnfit when there is no text, a value is missing, or the text is over the limit: a
        text is never cut short.
        """
        moment = self._moment(occasion)
        if figures is not None:
            last_day = moment.facts["deadline"]
            extra = digest_facts(figures, recipient, today=occasion.today, last_day=last_day)
            return self._writer(recipient, occasion, {**moment.facts, **extra})(recipient)
        key = (recipient.audience, recipient.channel)
        writer = moment.writers.get(key)
        if writer is None:
            writer = moment.writers[key] = self._writer(recipient, occasion, moment.facts)
        return writer(recipient)

    def find(self, recipient: Recipient, occasion: Occasion) -> str:
        """Name the template that fits. Raises MessageUnfit when there is none."""
        found = self.texts.find(occasion.campaign, recipient.audience, occasion.moment, recipient.channel)
        if found is None:
            wanted = f"{recipient.audience}/{occasion.moment} ({recipient.channel})"
            raise MessageUnfit("no-template", wanted, file=str(self.texts.folder))
        return found

    def environment(self, campaign: str, *, html: bool = False) -> TextEnvironment:
        """Give the sandbox of a campaign; it keeps the compiled templates."""
        key = (campaign, html)
        if key not in self._environments:
            self._environments[key] = TextEnvironment(self.texts, campaign, html=html)
        return self._environments[key]

    def uses(self, campaign: str, name: str) -> Uses:
        """Tell what a template reads. Raises TemplateNotFound and TemplateSyntaxError."""
        key = (campaign, name)
        if key not in self._uses:
            self._uses[key] = uses(self.environment(campaign), name)
        return self._uses[key]

    def _moment(self, occasion: Occasion) -> _Moment:
        if self._latest is not None and self._latest[0] is occasion:
            return self._latest[1]
        found = self._moments.get(occasion)
        if found is None:
            if len(self._moments) >= OCCASIONS_REMEMBERED:
                del self._moments[next(iter(self._moments))]
            found = self._moments[occasion] = _Moment(facts=facts(self.schedules, occasion))
        self._latest = (occasion, found)
        return found

    def script(
        self, recipient: Recipient, occasion: Occasion, known: Mapping[str, Any] | None = None
    ) -> Script:
        """Give the template for a kind of recipient with all that its readers have in common.

        Raises MessageUnfit when there is none or it cannot be read.
        """
        name = self.find(recipient, occasion)
        file = self.texts.path(name)
        try:
            reads = self.uses(occasion.campaign, name)
        except TemplateError as error:
            raise unfit(error, file=file) from error
        return Script(
            environment=self.environment(occasion.campaign),
            name=name,
            file=file,
            uses=reads,
            known={
                **(known or self._moment(occasion).facts),
                "audience": self.schedules.audiences[recipient.audience],
                **self._link_facts(recipient, occasion),
            },
        )

    def _writer(self, recipient: Recipient, occasion: Occasion, known: Mapping[str, Any]) -> Writer:
        script = self.script(recipient, occasion, known)
        try:
            if recipient.channel == "sms":
                return text_writer(script, self.schedules.audiences[recipient.audience].text)
            markup = self.environment(occasion.campaign, html=True)
            writer = mail_writer(script, markup, reply_to=self.schedules.office.mail)
        except TemplateError as error:
            raise unfit(error, file=script.file) from error
        return with_links(writer, self._links, occasion.campaign)

    def _link_facts(self, recipient: Recipient, occasion: Occasion) -> dict[str, Any]:
        if recipient.channel == "sms" or self._links is None:
            return {"unsubscribe_url": "", "took_part_url": ""}
        wanted = self.schedules.campaigns[occasion.campaign].participation_link
        return {"unsubscribe_url": UNSUBSCRIBE, "took_part_url": TOOK_PART if wanted else ""}
