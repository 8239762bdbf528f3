"""The ledger's code words in the reader's language; a word without a sentence is shown as it is."""

from __future__ import annotations

from dispatcher.i18n import N_, _

CHANNELS: dict[str, str] = {"sms": N_("SMS"), "email": N_("mail")}
KINDS: dict[str, str] = {
    "reminder": N_("reminder"),
    "warning": N_("deadline warning"),
    "thanks": N_("thanks"),
    "digest": N_("digest"),
}
STATUSES: dict[str, str] = {
    "created": N_("waiting"),
    "submitting": N_("on its way to the provider"),
    "in-doubt": N_("in doubt, the provider is asked"),
    "sending": N_("taken by the provider"),
    "sent": N_("sent, no receipt yet"),
    "delivered": N_("delivered"),
    "temporary-failure": N_("failed for now, is tried again"),
    "permanent-failure": N_("failed for good"),
    "technical-failure": N_("never left us"),
    "cancelled": N_("not sent"),
    "expired": N_("its time ran out"),
}
REASONS: dict[str, str] = {
    "participated": N_("took part already"),
    "opted-out": N_("said no"),
    "suppressed": N_("address is not to be used"),
    "held": N_("held for a decision"),
    "erased": N_("erased"),
    "campaign-ended": N_("the campaign is over"),
    "campaign-cancelled": N_("the campaign was called off"),
    "frequency-cap": N_("the number had its most texts"),
    "expired": N_("the deadline or the day was over"),
    "budget": N_("the budget is used up"),
    "content": N_("the text could not be written"),
    "configuration": N_("the provider's settings are wrong"),
    "number": N_("the number or address is not right"),
    "blocked": N_("blocked by carrier or mail server"),
    "retries-used-up": N_("tried in vain too often"),
    "unreachable": N_("could not be reached"),
    "not-found": N_("the provider does not know it"),
    "no-receipt": N_("no receipt ever came"),
}
STATES: dict[str, str] = {
    "active": N_("active"),
    "paused": N_("paused"),
    "cancelled": N_("called off"),
    "ended": N_("over"),
    "held": N_("held"),
    "dropped": N_("not written to"),
    "gone": N_("not in the list any more"),
    "": N_("not begun"),
}


def channel(word: str) -> str:
    """Name a channel."""
    return _(CHANNELS.get(word, word))


def kind(word: str) -> str:
    """Name a kind of step."""
    return _(KINDS.get(word, word))


def status(word: str) -> str:
    """Say how a message stands."""
    return _(STATUSES.get(word, word))


def reason(word: str) -> str:
    """Say why a message was not sent or failed; a provider's code stays what it is."""
    return _(REASONS[word]) if word in REASONS else word


def state(word: str) -> str:
    """Say how a campaign or a contact stands."""
    return _(STATES.get(word, word))
