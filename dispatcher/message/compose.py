"""Composes the text or mail of one step for one recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from dispatcher.campaign.model import Schedules
from dispatcher.message import Draft, Recipient, RenderContext
from dispatcher.message.digest import DigestFigures, digest_variables
from dispatcher.message.environment import TemplateEnvironment, TemplateSet, load_templates
from dispatcher.message.rendering import (
    TOOK_PART_PLACEHOLDER,
    UNSUBSCRIBE_PLACEHOLDER,
    LinkMaker,
    PreparedTemplate,
    Renderer,
    mail_renderer,
    sms_renderer,
    with_links,
)
from dispatcher.message.template_analysis import TemplateInputs, analyse
from dispatcher.message.template_variables import build_variables
from dispatcher.message.unsendable import UnsendableMessage, as_unsendable

CONTEXT_CACHE_SIZE = 64


@dataclass(kw_only=True, slots=True)
class _CachedContext:
    """What is worked out once an occasion."""

    variables: dict[str, Any]
    renderers: dict[tuple[str, str], Renderer] = field(default_factory=dict)


class Composer:
    """Renders the templates of a folder, as they were when it was made, for the campaigns of a schedule."""

    def __init__(
        self, schedules: Schedules, templates: Path | TemplateSet, links: LinkMaker | None = None
    ) -> None:
        self.schedules = schedules
        self.templates = templates if isinstance(templates, TemplateSet) else load_templates(templates)
        self._links = links
        self._environments: dict[tuple[str, bool], TemplateEnvironment] = {}
        self._inputs: dict[tuple[str, str], TemplateInputs] = {}
        self._cache: dict[RenderContext, _CachedContext] = {}
        self._latest: tuple[RenderContext, _CachedContext] | None = None

    def compose(
        self, recipient: Recipient, context: RenderContext, *, figures: DigestFigures | None = None
    ) -> Draft:
        """Write what `recipient` receives on `context`; `figures` are for digests.

        Raises MessageUnfit when there is no text, a value is missing, or the text is over the limit: a
        text is never cut short.
        """
        cached = self._cached(context)
        if figures is not None:
            last_day = cached.variables["deadline"]
            extra = digest_variables(figures, recipient, today=context.today, last_day=last_day)
            return self._renderer(recipient, context, {**cached.variables, **extra})(recipient)
        key = (recipient.audience, recipient.channel)
        renderer = cached.renderers.get(key)
        if renderer is None:
            renderer = cached.renderers[key] = self._renderer(recipient, context, cached.variables)
        return renderer(recipient)

    def template_name(self, recipient: Recipient, context: RenderContext) -> str:
        """Return the name of the template that fits. Raises UnsendableMessage when there is none."""
        name = self.templates.find_template(
            context.campaign, recipient.audience, context.template, recipient.channel
        )
        if name is None:
            detail = f"{recipient.audience}/{context.template} ({recipient.channel})"
            raise UnsendableMessage("no-template", detail, file=str(self.templates.folder))
        return name

    def environment(self, campaign: str, *, html: bool = False) -> TemplateEnvironment:
        """Return the sandbox of a campaign; it keeps the compiled templates."""
        key = (campaign, html)
        if key not in self._environments:
            self._environments[key] = TemplateEnvironment(self.templates, campaign, html=html)
        return self._environments[key]

    def inputs_of(self, campaign: str, name: str) -> TemplateInputs:
        """Return what a template reads. Raises TemplateNotFound and TemplateSyntaxError."""
        key = (campaign, name)
        if key not in self._inputs:
            self._inputs[key] = analyse(self.environment(campaign), name)
        return self._inputs[key]

    def _cached(self, context: RenderContext) -> _CachedContext:
        if self._latest is not None and self._latest[0] is context:
            return self._latest[1]
        cached = self._cache.get(context)
        if cached is None:
            if len(self._cache) >= CONTEXT_CACHE_SIZE:
                del self._cache[next(iter(self._cache))]
            cached = self._cache[context] = _CachedContext(variables=build_variables(self.schedules, context))
        self._latest = (context, cached)
        return cached

    def prepare(
        self, recipient: Recipient, context: RenderContext, variables: Mapping[str, Any] | None = None
    ) -> PreparedTemplate:
        """Return the template for a kind of recipient with all that its readers have in common.

        Raises MessageUnfit when there is none or it cannot be read.
        """
        name = self.template_name(recipient, context)
        file = self.templates.file_path(name)
        try:
            inputs = self.inputs_of(context.campaign, name)
        except TemplateError as error:
            raise as_unsendable(error, file=file) from error
        return PreparedTemplate(
            environment=self.environment(context.campaign),
            name=name,
            file=file,
            inputs=inputs,
            variables={
                **(variables or self._cached(context).variables),
                "audience": self.schedules.audiences[recipient.audience],
                **self._link_variables(recipient, context),
            },
        )

    def _renderer(
        self, recipient: Recipient, context: RenderContext, variables: Mapping[str, Any]
    ) -> Renderer:
        prepared = self.prepare(recipient, context, variables)
        try:
            if recipient.channel == "sms":
                return sms_renderer(prepared, self.schedules.audiences[recipient.audience].text)
            markup = self.environment(context.campaign, html=True)
            renderer = mail_renderer(prepared, markup, reply_to=self.schedules.office.mail)
        except TemplateError as error:
            raise as_unsendable(error, file=prepared.file) from error
        return with_links(renderer, self._links, context.campaign)

    def _link_variables(self, recipient: Recipient, context: RenderContext) -> dict[str, Any]:
        if recipient.channel == "sms" or self._links is None:
            return {"unsubscribe_url": "", "took_part_url": ""}
        has_participation_link = self.schedules.campaigns[context.campaign].participation_link
        return {
            "unsubscribe_url": UNSUBSCRIBE_PLACEHOLDER,
            "took_part_url": TOOK_PART_PLACEHOLDER if has_participation_link else "",
        }
