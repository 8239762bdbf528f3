"""Shows what one person would receive, with what it costs and what the other spelling would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatcher import sms_encoding
from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import Schedules
from dispatcher.message import Draft, Recipient, RenderContext
from dispatcher.message.compose import Composer
from dispatcher.message.digest import DigestFigures, sample_figures
from dispatcher.message.rendering import text_renderer
from dispatcher.message.unsendable import UnsendableMessage
from dispatcher.plan import Occurrence
from dispatcher.vietnamese.text import NotAscii


@dataclass(frozen=True, kw_only=True, slots=True)
class Spelling:
    """One way to write a text."""

    text: str
    cost: sms_encoding.SmsSize


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What one person would receive.

    `draft` is None when the message may not be sent as it is; `error` then says why. For a text both
    spellings are given; `unaccented` is None when it cannot be written so.
    """

    file: str
    draft: Draft | None
    error: UnsendableMessage | None = None
    accented: Spelling | None = None
    unaccented: Spelling | None = None


def preview_context(
    schedules: Schedules, occurrence: Occurrence, *, due_at: datetime | None = None
) -> RenderContext:
    """Return the occasion of an occurrence as one would meet it who has heard nothing of the campaign yet.

    `due_at` (aware) stands in for its own time, as for thanks, which have none.
    """
    due_at = due_at or occurrence.due_at
    return RenderContext(
        campaign=occurrence.campaign,
        step=occurrence.step,
        kind=occurrence.kind,
        template=occurrence.template,
        due_at=due_at,
        today=schedules.to_local(due_at).date(),
        is_first=True,
    )


def preview(
    composer: Composer, recipient: Recipient, context: RenderContext, *, figures: DigestFigures | None = None
) -> Preview:
    """Write what `recipient` would receive on `context`; a digest without figures gets made-up ones.

    Raises MessageUnfit when there is no template to show.
    """
    file = composer.templates.file_path(composer.template_name(recipient, context))
    if context.kind in step_kinds.NEEDING_FIGURES and figures is None:
        figures = sample_figures(context.today)
    draft, unsendable = None, None
    try:
        draft = composer.compose(recipient, context, figures=figures)
    except UnsendableMessage as error:
        unsendable = error
    if recipient.channel == "email":
        return Preview(file=file, draft=draft, error=unsendable)
    accented, unaccented = _spellings(composer, recipient, context)
    return Preview(file=file, draft=draft, error=unsendable, accented=accented, unaccented=unaccented)


def _spellings(
    composer: Composer, recipient: Recipient, context: RenderContext
) -> tuple[Spelling | None, Spelling | None]:
    try:
        composed = text_renderer(composer.prepare(recipient, context))(recipient)
    except UnsendableMessage:
        return None, None
    accented = Spelling(text=composed, cost=sms_encoding.measure(composed))
    try:
        plain, cost = sms_encoding.apply_policy(composed, "unaccented")
    except NotAscii:
        return accented, None
    return accented, Spelling(text=plain, cost=cost)
