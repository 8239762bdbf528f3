"""A campaign's own word for having done it: "đã gia hạn", where a general one would say "đã tham gia"."""

from __future__ import annotations

from dispatcher import i18n
from dispatcher.campaign.model import Campaign
from dispatcher.i18n import _

GENERAL = Campaign.model_fields["done"].default


def done_word(campaign: Campaign) -> str:
    """Return what somebody is called who has done it, as it stands inside a sentence.

    The word is Vietnamese: to other readers it is quoted, but for the general one, which is translated.
    """
    word = f"{campaign.done[:1].lower()}{campaign.done[1:]}"
    if word == GENERAL:
        return _("took part")
    return word if i18n.current_language() == "vi" else f"“{word}”"
