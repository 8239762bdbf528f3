"""Shows what one person would receive, with what it costs and what the other spelling would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatcher import gsm
from dispatcher.campaign.model import Schedules
from dispatcher.message import Draft, Occasion, Recipient
from dispatcher.message.compose import Composer
from dispatcher.message.digest import Figures, sample_figures
from dispatcher.message.unfit import MessageUnfit
from dispatcher.message.writing import wording
from dispatcher.plan import Occurrence
from dispatcher.vietnamese.text import NotAscii


@dataclass(frozen=True, kw_only=True, slots=True)
class Spelling:
    """One way to write a text."""

    text: str
    cost: gsm.Measure


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What one person would receive.

    `draft` is None when the message may not be sent as it is; `unfit` then says why. For a text both
    spellings are given; `unaccented` is None when it cannot be written so.
    """

    file: str
    draft: Draft | None
    unfit: MessageUnfit | None = None
    accented: Spelling | None = None
    unaccented: Spelling | None = None


def foreseen(schedules: Schedules, occurrence: Occurrence, *, due_at: datetime | None = None) -> Occasion:
    """Give the occasion of an occurrence as one would meet it who has heard nothing of the campaign yet.

    `due_at` (aware) stands in for its own time, as for thanks, which have none.
    """
    due_at = due_at or occurrence.due_at
    return Occasion(
        campaign=occurrence.campaign,
        step=occurrence.step,
        kind=occurrence.kind,
        moment=occurrence.moment,
        due_at=due_at,
        today=schedules.local(due_at).date(),
        first=True,
    )


def preview(
    composer: Composer, recipient: Recipient, occasion: Occasion, *, figures: Figures | None = None
) -> Preview:
    """Write what `recipient` would receive on `occasion`; a digest without figures gets made-up ones.

    Raises MessageUnfit when there is no template to show.
    """
    file = composer.texts.path(composer.find(recipient, occasion))
    if occasion.kind == "digest" and figures is None:
        figures = sample_figures(occasion.today)
    draft, unfit = None, None
    try:
        draft = composer.compose(recipient, occasion, figures=figures)
    except MessageUnfit as error:
        unfit = error
    if recipient.channel == "email":
        return Preview(file=file, draft=draft, unfit=unfit)
    accented, unaccented = _spellings(composer, recipient, occasion)
    return Preview(file=file, draft=draft, unfit=unfit, accented=accented, unaccented=unaccented)


def _spellings(
    composer: Composer, recipient: Recipient, occasion: Occasion
) -> tuple[Spelling | None, Spelling | None]:
    try:
        words = wording(composer.script(recipient, occasion))(recipient)
    except MessageUnfit:
        return None, None
    accented = Spelling(text=words, cost=gsm.measure(words))
    try:
        plain, cost = gsm.choose(words, "unaccented")
    except NotAscii:
        return accented, None
    return accented, Spelling(text=plain, cost=cost)
