"""Twilio's words and numbers, as tables: what a status means, what an error code means and asks for.

Sources: twilio.com/docs/api/errors/<code> where `seen` is "docs"; "lists" are the code lists of public
projects (Spoke, VA notify, TundraSoft) whose wording was not checked against Twilio's own page. Twilio
asks not to build on `error_code`, because codes come and go: an unknown code is tried once more, then fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dispatcher.gateways import ErrorClass

HOUR = 3600.0
Action = Literal[
    "fail",
    "mark-number",
    "opt-out",
    "hold",  # nothing more to this number until somebody has looked
    "retry",
    "pause",  # the whole gateway waits
    "leave",  # it may have arrived: it is not sent again by itself
    "stop",
]


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One error code: whose fault, what to do, and how long to wait before offering it again."""

    code: str
    name: str
    error_class: ErrorClass
    action: Action
    source: Literal["docs", "lists"]
    is_retryable: bool = False  # the message itself is sound: it may be offered again
    retry_after_seconds: float | None = None


ERROR_CODES: tuple[ErrorCode, ...] = (
    # The request itself
    ErrorCode("20003", "authentication failed", "config", "stop", "lists", is_retryable=True),
    ErrorCode("20404", "no such account or resource", "config", "stop", "lists", is_retryable=True),
    ErrorCode("20429", "too many requests; never processed", "throttled", "retry", "docs", is_retryable=True),
    # The number
    ErrorCode("21211", "invalid To", "number", "mark-number", "lists"),
    ErrorCode("21217", "phone number does not seem to be valid", "number", "mark-number", "lists"),
    ErrorCode("21268", "information-service number", "number", "mark-number", "lists"),
    ErrorCode("21614", "To is not SMS capable (a landline in Vietnam)", "number", "mark-number", "lists"),
    ErrorCode("21635", "To is a landline", "number", "mark-number", "docs"),
    ErrorCode("30005", "unknown destination handset", "number", "mark-number", "lists"),
    ErrorCode("30006", "landline or unreachable carrier", "number", "mark-number", "docs"),
    # The reader's will
    ErrorCode("21610", "recipient unsubscribed", "opt-out", "opt-out", "lists"),
    ErrorCode("30004", "message blocked", "blocked", "hold", "lists"),
    # The text
    ErrorCode("21602", "body is missing", "content", "fail", "lists"),
    ErrorCode("21617", "body over 1,600 characters", "content", "fail", "lists"),
    ErrorCode("30007", "filtered by carrier: content or sender not registered", "content", "fail", "lists"),
    # Sender and account: sound messages, broken settings
    ErrorCode("21212", "From is not a valid number", "config", "stop", "lists", is_retryable=True),
    ErrorCode("21401", "invalid sender", "config", "stop", "docs", is_retryable=True),
    ErrorCode("21603", "sender is missing", "config", "stop", "lists", is_retryable=True),
    ErrorCode("21606", "From is not valid or not SMS capable", "config", "stop", "docs", is_retryable=True),
    ErrorCode("21609", "status callback address is not valid", "config", "stop", "lists", is_retryable=True),
    ErrorCode("21701", "messaging service does not exist", "config", "stop", "lists", is_retryable=True),
    ErrorCode("21703", "messaging service has no senders", "config", "stop", "lists", is_retryable=True),
    ErrorCode("30002", "account suspended", "config", "stop", "lists", is_retryable=True),
    ErrorCode("30034", "sender not registered for the United States", "config", "stop", "lists"),
    ErrorCode("30042", "sender blocked as generic or malformed", "config", "stop", "docs"),
    # Settings that stand in the way of this one number
    ErrorCode("21408", "region not enabled for the account", "config", "stop", "lists", is_retryable=True),
    ErrorCode("21608", "trial account, number not verified", "config", "stop", "docs", is_retryable=True),
    ErrorCode("21612", "this sender cannot reach this number", "config", "stop", "docs", is_retryable=True),
    # Our own mistakes
    ErrorCode("14107", "30 messages in 30 s between two numbers", "config", "stop", "docs"),
    ErrorCode("35114", "SendAt out of range", "config", "stop", "lists"),
    ErrorCode("35115", "SendAt too far ahead", "config", "stop", "docs"),
    ErrorCode("35117", "SendAt too soon", "config", "stop", "lists"),
    # For now
    ErrorCode("21611", "queue of this sender is full", "account", "pause", "docs", True, 600.0),
    ErrorCode("30001", "queue overflow or validity passed", "temporary", "retry", "docs", True, 300.0),
    ErrorCode("30003", "handset unreachable: off, no signal", "temporary", "retry", "docs", True, 4 * HOUR),
    ErrorCode("30008", "unknown error", "temporary", "retry", "lists", True, HOUR),
    ErrorCode("30500", "Twilio internal error", "temporary", "retry", "docs", True, 300.0),
    ErrorCode("63017", "over 2,000 messages a second", "throttled", "retry", "docs", True, 5.0),
    ErrorCode("30410", "carrier timed out; may have arrived", "ambiguous", "leave", "docs"),
    ErrorCode("60728", "hourly message limit of the account", "account", "pause", "docs", True, HOUR),
    ErrorCode("63038", "daily message limit of the account", "account", "pause", "docs", True, 24 * HOUR),
)

BY_CODE: Mapping[str, ErrorCode] = {row.code: row for row in ERROR_CODES}


def lookup_code(code: str) -> ErrorCode:
    """Return what `code` means; an unknown one has no class and may be tried again."""
    error_code = BY_CODE.get(code)
    return error_code or ErrorCode(code, "not in our table", "", "retry", "lists", is_retryable=True)


def error_class_of(code: str) -> ErrorClass:
    """Return whose fault `code` is; empty for one that is not Twilio's, or that we do not know."""
    error_code = BY_CODE.get(code)
    return error_code.error_class if error_code else ""


# Twilio's status words -> the ledger's. `failed` and `undelivered` depend on the code beside them.
# `canceled` comes after acceptance, so it has to outrank `sending`: a failure for good.
STATUSES: Mapping[str, str] = {
    "accepted": "sending",
    "scheduled": "sending",
    "queued": "sending",
    "sending": "sending",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "partially_delivered": "temporary-failure",
    "canceled": "permanent-failure",
}
FAILURE_STATUSES = frozenset({"failed", "undelivered"})
TEMPORARY_CLASSES: frozenset[ErrorClass] = frozenset({"", "temporary", "account", "throttled", "ambiguous"})


def ledger_status(twilio_status: str, code: str = "") -> str:
    """Translate a status word with the error code beside it; empty for a word we do not know."""
    if twilio_status in FAILURE_STATUSES:
        return (
            "temporary-failure" if lookup_code(code).error_class in TEMPORARY_CLASSES else "permanent-failure"
        )
    return STATUSES.get(twilio_status, "")
