"""Reads what mail services send of their own accord: notices in JSON, as Amazon's, and statistics in XML.

A notice names the mail it is about, so the key of ours stands in it as in any report. Statistics about a
domain (DMARC, TLS) arrive every day and say nothing about one mail: nobody has to read them here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from dispatcher.feedback.bounces import parsed_mail
from dispatcher.feedback.bounces.bounce_report import BounceFinding
from dispatcher.feedback.bounces.classification import classify_failure
from dispatcher.feedback.bounces.parsed_mail import ParsedMail
from dispatcher.gateways import ErrorClass

# RFC 7489, 7.2.1.1: receiver!domain!begin!end.xml, packed; RFC 8460, 5.1: the same with .json.
_STATISTICS_FILE = re.compile(r"[\w.-]+![\w.-]+!\d{9,}!\d{9,}(?:![\w-]+)?(?:\.(?:xml|json|gz|zip))+")
_STATISTICS_SUBJECT = re.compile(r"\s*report domain:.{1,200}submitter:", re.IGNORECASE)
_KINDS = ("notificationType", "eventType")
_SUBTYPES: Mapping[str, ErrorClass] = {
    "MessageTooLarge": "content",
    "ContentRejected": "content",
    "AttachmentRejected": "content",
    "MailboxFull": "temporary",
}
_TYPES: Mapping[str, ErrorClass] = {"Permanent": "number", "Transient": "temporary"}


def is_statistics(mail: ParsedMail) -> bool:
    """Return whether a mail brings figures about our domain, and nothing about one mail."""
    if mail.header("TLS-Report-Domain") or _STATISTICS_SUBJECT.match(mail.subject()):
        return True
    names = (parsed_mail.file_name_of(part) for part in mail.parts if not part.is_multipart())
    return any(_STATISTICS_FILE.fullmatch(name.strip()) for name in names)


def parse_notice(mail: ParsedMail) -> BounceFinding | None:
    """Return what a notice says; None when it is none."""
    for notice in _objects(mail.body_text()):
        kind = next((str(notice[name]).lower() for name in _KINDS if name in notice), "")
        facts = notice.get(kind)
        if isinstance(facts, dict):
            return _finding(kind, facts)
    return None


def _objects(text: str) -> Iterator[dict[str, object]]:
    """Yield the JSON object that a body begins with, and the one that its Message holds as a text."""
    for _layer in range(2):
        try:
            found, _end = json.JSONDecoder().raw_decode(text.lstrip())
        except (ValueError, RecursionError):
            return
        if not isinstance(found, dict):
            return
        yield found
        text = str(found.get("Message", ""))


def _finding(kind: str, facts: dict[str, object]) -> BounceFinding | None:
    if kind == "complaint":
        code = str(facts.get("complaintFeedbackType") or "abuse")
        return BounceFinding(
            kind="complaint", code=code, recipients=_addresses(facts, "complainedRecipients")
        )
    if kind == "delivery":
        named = facts.get("recipients")
        addresses = tuple(map(str, named)) if isinstance(named, list) else ()
        return BounceFinding(kind="delivered", recipients=addresses)
    if kind != "bounce":
        return None
    first = next(iter(_entries(facts, "bouncedRecipients")), {})
    status, diagnostic = str(first.get("status", "")), str(first.get("diagnosticCode", ""))
    code, error_class = classify_failure(status, diagnostic)
    said = _SUBTYPES.get(str(facts.get("bounceSubType"))) or _TYPES.get(str(facts.get("bounceType")))
    return BounceFinding(
        kind="failed",
        code=code,
        error_class=error_class if code else said or "temporary",
        diagnostic=diagnostic,
        recipients=_addresses(facts, "bouncedRecipients"),
    )


def _entries(facts: dict[str, object], name: str) -> list[dict[str, object]]:
    listed = facts.get(name)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _addresses(facts: dict[str, object], name: str) -> tuple[str, ...]:
    found = (str(one.get("emailAddress", "")) for one in _entries(facts, name))
    return tuple(address for address in found if "@" in address)
