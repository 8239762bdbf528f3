"""What the ledger's code words mean to people, and what to do about each failure."""

from __future__ import annotations

from collections.abc import Mapping

from dispatcher.campaign import step_kinds
from dispatcher.contacts.hold_reasons import HOLD_REASONS
from dispatcher.gateways import registry
from dispatcher.i18n import N_, _, ngettext
from dispatcher.ledger.privacy.rights_requests import RightsRequest
from dispatcher.report.digest_figures import PAUSE_REASONS

STATUSES: Mapping[str, str] = {
    "created": N_("waiting"),
    "submitting": N_("being sent"),
    "in-doubt": N_("in doubt"),
    "sending": N_("with the provider"),
    "sent": N_("sent, no receipt yet"),
    "delivered": N_("delivered"),
    "temporary-failure": N_("not reached, tried again"),
    "permanent-failure": N_("undeliverable"),
    "technical-failure": N_("never left us"),
    "cancelled": N_("not needed"),
    "expired": N_("out of time"),
}

REASONS: Mapping[str, str] = {
    "participated": N_("has taken part already"),
    "opted-out": N_("does not wish to receive messages"),
    "suppressed": N_("the address is not written to"),
    "held": N_("held until somebody decides"),
    "erased": N_("the person was erased"),
    "restricted": N_("nobody may write to them: they asked for it"),
    "corrected": N_("the address was put right meanwhile"),
    "campaign-ended": N_("the campaign has ended"),
    "campaign-cancelled": N_("the campaign was cancelled"),
    "frequency-cap": N_("has been written to often enough"),
    "schedule-changed": N_("the schedule was changed meanwhile"),
    "expired": N_("its time had passed"),
    "budget": N_("the budget is used up"),
    "content": N_("the text may not be sent"),
    "configuration": N_("our settings are wrong"),
    "number": N_("the number or address is not right"),
    "blocked": N_("blocked by the carrier"),
    "retries-used-up": N_("tried several times in vain"),
    "unreachable": N_("the phone could not be reached"),
    "not-found": N_("the provider does not know of it"),
    "no-receipt": N_("no receipt ever came"),
    "participation-undone": N_("it was taken back that they took part"),
    "trial": N_("was part of a trial"),
    "dead-address": N_("the address does not work"),
    "no-address": N_("the lists have no usable number or address"),
    "do-not-call": N_("is on the Do-Not-Call list"),
    "complaint": N_("they complained of spam"),
}
# What became of one try, and of one report where it changed nothing.
ATTEMPT_OUTCOMES: Mapping[str, str] = {
    "accepted": N_("taken by the provider"),
    "refused": N_("refused for good"),
    "later": N_("refused for now"),
    "unknown": N_("no answer"),
}
REPORT_RESULTS: Mapping[str, str] = {
    "no-change": N_("(known already)"),
    "unmatched": N_("(about no message of ours)"),
    "unknown-word": N_("(a word we do not know)"),
    "earlier-attempt": N_("(about an earlier try)"),
}
# How somebody said no.
OPT_OUT_SOURCES: Mapping[str, str] = {
    "keyword": N_("answer to a text"),
    "link": N_("link in a message"),
    "one-click": N_("button of the mail program"),
    "new-address": N_("said at the address before this one"),
    "provider": N_("told by the provider"),
    "bounce": N_("mail that came back"),
    "complaint": N_("complaint"),
    "import": N_("imported list"),
    "cli": N_("command line"),
    "web": N_("web page"),
    "api": N_("other system"),
}

ADVICE: Mapping[str, str] = {
    "number": N_("Ask the head of the thôn for the right number and load the list again."),
    "opted-out": N_("Respect it; speak to them in person if it matters."),
    "content": N_("Change the text in templates/, look at the preview, and try a test message."),
    "configuration": N_("Check account, sender and settings with: dispatcher check."),
    "blocked": N_("Ask the carrier why; visit these people meanwhile."),
    "retries-used-up": N_("Nothing now; whoever stays unreached stands in the list to visit."),
    "unreachable": N_("Nothing now; whoever stays unreached stands in the list to visit."),
    "budget": N_("Raise budget_vnd in schedules.toml, then resume."),
    "not-found": N_("Nothing: it was not sent a second time, to be safe."),
}
REASON_OF_ERROR_CLASS: Mapping[str, str] = {
    "number": "number",
    "opt-out": "opted-out",
    "content": "content",
    "config": "configuration",
    "account": "configuration",
    "temporary": "unreachable",
    "ambiguous": "unreachable",
}

CAMPAIGN_STATES: Mapping[str, str] = {
    "active": N_("running"),
    "paused": N_("paused"),
    "cancelled": N_("cancelled"),
    "ended": N_("ended"),
}

CONTACT_STATES: Mapping[str, str] = {
    "active": N_("is written to"),
    "held": N_("held until somebody decides"),
    "dropped": N_("never written to, by decision"),
    "gone": N_("no longer in the list"),
}

STEP_KINDS: Mapping[str, str] = {name: kind.label for name, kind in step_kinds.STEP_KINDS.items()}

CHANNELS: Mapping[str, str] = {"sms": N_("text message"), "email": N_("e-mail")}
ROLES: Mapping[str, str] = {
    "viewer": N_("viewer: sees figures"),
    "lead": N_("thôn lead: sees the own area only"),
    "organiser": N_("organiser: runs campaigns"),
    "admin": N_("administrator: everything, and who may sign in"),
}

AUDIT_ACTIONS: Mapping[str, str] = {
    "active": N_("resumed"),
    "paused": N_("paused"),
    "cancelled": N_("cancelled"),
    "ended": N_("ended"),
    "approve": N_("approved"),
    "campaign-published": N_("wrote the campaign into schedules.toml"),
    "words-saved": N_("saved the words of a step"),
    "draft-discarded": N_("threw a draft away"),
    "answer": N_("decided about an answer"),
    "restore": N_("restored the ledger from a backup"),
    "release": N_("released a held person"),
    "drop": N_("dropped a held person"),
    "sign-in": N_("signed in"),
    "sign-in-refused": N_("was turned away at sign-in"),
    "add-user": N_("added a user"),
    "change-user": N_("changed a user"),
    "change-password": N_("set a password"),
    "send-reset": N_("asked for a link for a new password"),
    "account-mail-failed": N_("a mail to this account was not sent"),
    "set-email": N_("set a mail address"),
    "remove-email": N_("removed a mail address"),
    "add-second-factor": N_("set up a second factor"),
    "remove-second-factor": N_("removed a second factor"),
    "remove-user": N_("removed a user"),
    "add-token": N_("made an API token"),
    "revoke-token": N_("revoked an API token"),
    "add-hook": N_("added a connection"),
    "remove-hook": N_("removed a connection"),
    "send-test": N_("sent a test"),
    "upload-participation": N_("uploaded who took part"),
    "upload-opt-outs": N_("uploaded who does not wish to be written to"),
    "look-up": N_("looked up an address"),
    "export": N_("exported"),
    "view": N_("looked at people's data"),
    "rename": N_("carried over to a new name"),
    "tell-apart": N_("told a step apart from another one"),
    "end-scope": N_("ended the opt-outs of what is gone"),
    "undo-load": N_("took back a list"),
    "split-people": N_("parted namesakes"),
    "undo-participation": N_("took back a list of who took part"),
    "forget": N_("erased a person"),
    "readmit": N_("let an erased person be listed again"),
    "retention": N_("forgot what is kept no longer"),
    "golive": N_("ended the trial: the ledger is in real use"),
    "rights-request": N_("dealt with a request about somebody's data"),
    "forget-messages": N_("forgot old messages, as the retention says"),
}
# What people ask about their own data, and how it stands.
REQUEST_KINDS: Mapping[str, str] = {
    "access": N_("to be given what is held on them"),
    "correction": N_("to have it put right"),
    "restriction": N_("that nobody writes to them"),
    "objection": N_("that something stops"),
    "erasure": N_("to be erased"),
}
CORRECTED_FIELDS: Mapping[str, str] = {
    "name": N_("name"),
    "phone": N_("telephone"),
    "email": N_("mail"),
    "area": N_("thôn"),
}
REQUEST_STATES: Mapping[str, str] = {
    "open": N_("still to be done"),
    "done": N_("done"),
    "refused": N_("refused"),
}
REQUEST_DECISIONS: Mapping[str, str] = {
    "take": N_("taken down"),
    "done": N_("done"),
    "refuse": N_("refused"),
    "extend": N_("given more days"),
    "answer": N_("told"),
    "lift": N_("restriction lifted"),
}
# The buttons under an answer.
ANSWER_DECISIONS: Mapping[str, str] = {
    "opt-out": N_("Said no: stop"),
    "took-part": N_("Took part"),
    "wrong-number": N_("Wrong number"),
    "dead": N_("Has died"),
    "moved": N_("Moved away"),
    "read": N_("Mark as read"),
}
# Why somebody is held whom a person, and no list, marked so.
SAID_HOLD_REASONS: Mapping[str, str] = {
    "number": N_("answered: the number is wrong"),
    "dead": N_("answered: this person has died"),
    "moved": N_("answered: this person has moved away"),
    "same-number": N_("has the number of somebody who is not written to; who is this?"),
}
# What the log adds to an action.
AUDIT_DETAILS: Mapping[str, str] = {
    "role": N_("role"),
    "area": N_("thôn"),
    "reason": N_("reason"),
    "note": N_("note"),
    "people": N_("people"),
    "messages": N_("messages"),
    "reports": N_("reports"),
    "already": N_("it was so before"),
    "source": N_("source"),
    "to": N_("to whom"),
    "step": N_("step"),
    "outcome": N_("how it stands"),
    "decision": N_("decision"),
    "what": N_("what"),
    "request": N_("request"),
}
VIEWS: Mapping[str, str] = {
    "held": N_("held people"),
    "answers": N_("answers"),
    "visits": N_("people to visit"),
    "opt-outs": N_("opt-outs, in full"),
    "history": N_("the history of one address"),
    "participation": N_("who took part, by name"),
    "preview": N_("words made out for people of the lists"),
    "joins": N_("people who were taken for one"),
    "rights": N_("requests about people's data"),
    "people": N_("people of a name"),
}
_VALUES: Mapping[str, Mapping[str, str]] = {
    "role": ROLES,
    "outcome": ATTEMPT_OUTCOMES,
    "what": VIEWS,
    "reason": {**PAUSE_REASONS, **SAID_HOLD_REASONS, **HOLD_REASONS},
    "decision": {**ANSWER_DECISIONS, **REQUEST_DECISIONS},
    "request": REQUEST_KINDS,
}


def label(table: Mapping[str, str], code: str) -> str:
    """Return a code in the reader's language; one we do not know stays as it is."""
    return _(table[code]) if code in table else code


def status(code: str) -> str:
    """Return how a message stands."""
    return label(STATUSES, code)


def reason(code: str) -> str:
    """Return why; a provider's number is explained as far as we know it."""
    if code in REASONS or not code:
        return label(REASONS, code)
    advice_key = REASON_OF_ERROR_CLASS.get(registry.explain(code), "")
    meaning = label(REASONS, advice_key) if advice_key in REASONS else ""
    return f"{meaning} ({code})" if meaning else _("the provider reported {code}", code=code)


def advice(code: str) -> str:
    """Return what to do about a failure; empty when there is nothing to say."""
    if code in ADVICE:
        return _(ADVICE[code])
    if not code:
        return ""
    return label(ADVICE, REASON_OF_ERROR_CLASS.get(registry.explain(code), ""))


def scope(code: str) -> str:
    """Return what an opt-out holds for."""
    kind, _colon, name = code.partition(":")
    if kind == "campaign":
        return _("campaign {name}", name=name)
    if kind == "advertising":
        return _("advertising")
    return _("audience {name}", name=name) if kind == "audience" else _("everything")


def opt_out_source(code: str) -> str:
    """Return how somebody said no."""
    return label(OPT_OUT_SOURCES, code)


def report_result(code: str) -> str:
    """Return what a report came to where it changed nothing; empty where it changed something."""
    return _(REPORT_RESULTS[code]) if code in REPORT_RESULTS else ""


def request_state(request: RightsRequest) -> str:
    """Return how a request stands, with why it was refused or when a restriction was lifted."""
    if request.is_restricting:
        return _("holds")
    if request.lifted_at is not None:
        return _("lifted")
    state = label(REQUEST_STATES, request.state)
    return f"{state}: {request.refused_because}" if request.refused_because else state


def hold_reason(code: str, decided_by: str) -> str:
    """Return why somebody is held: the list says so, or `decided_by` who read an answer."""
    if decided_by and code in SAID_HOLD_REASONS:
        return f"{_(SAID_HOLD_REASONS[code])} ({decided_by})"
    return label(HOLD_REASONS, code)


def area(name: str) -> str:
    """Return an area's name; people whose list names none are an area of their own."""
    return name or _("(no thôn given)")


def detail(key: str, value: object) -> str:
    """Return one detail of an audit entry in the reader's language."""
    return f"{label(AUDIT_DETAILS, key)}: {label(_VALUES.get(key, {}), str(value))}"


def pause_reason(code: str) -> str:
    """Return why a campaign waits."""
    return label(PAUSE_REASONS, code)


def missed(count: int) -> str:
    """Return how many steps came too late to be sent."""
    return ngettext(
        "{n} step came too late and was not sent", "{n} steps came too late and were not sent", count
    )
