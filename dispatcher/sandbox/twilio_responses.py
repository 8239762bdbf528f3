"""The bodies of Twilio's responses: message resource, pages, errors; and its count of segments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

API_PATH = "/2010-04-01/Accounts"

# What the errors say, as far as their wording is documented; nobody may depend on it.
ERROR_MESSAGES: Mapping[int, str] = {
    20001: "Invalid parameter",
    20003: "Authenticate",
    20404: "The requested resource {path} was not found",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    21211: "Invalid 'To' Phone Number: {to}",
    21212: "Invalid From Number (caller ID): {sender}",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number provided is not a valid message-capable Twilio phone number",
    21609: "The 'StatusCallback' URL {url} is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21612: "Message cannot be sent with the current combination of 'To' ({to}) and/or 'From' parameters",
    21614: "To number: {to}, is not a mobile number",
    21701: "The Messaging Service {sender} does not exist",
    21617: "The concatenated message body exceeds the 1600 character limit",
}
MASKED = "X" * 4

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("^{}\\[~]|€\f")  # each takes two places
_GSM = GSM_BASIC | GSM_EXTENSION


def count_segments(body: str) -> int:
    """Count the segments of `body`: 160 or 153 a part in GSM-7, 70 or 67 UTF-16 units otherwise."""
    if _GSM.issuperset(body):
        units = len(body) + sum(body.count(sign) for sign in GSM_EXTENSION)
        return 1 if units <= 160 else -(-units // 153)
    units = len(body.encode("utf-16-le", "surrogatepass")) // 2
    return 1 if units <= 70 else -(-units // 67)


def error_body(status: int, code: int, **blanks: str) -> bytes:
    """Make the body of an error."""
    return json.dumps(
        {
            "code": code,
            "message": ERROR_MESSAGES[code].format(**blanks),
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }
    ).encode()


@lru_cache(maxsize=256)
def format_date(second: int) -> str:
    """Write a moment as the API does, RFC 2822 in GMT."""
    return format_datetime(datetime.fromtimestamp(second, UTC)).replace("-0000", "+0000")


def message_resource(
    *,
    account: str,
    sid: str,
    to: str,
    sender: str,
    body: str,
    status: str,
    created: float,
    sent: float | None,
    updated: float,
    code: int,
    parts: int,
) -> dict[str, Any]:
    """Make the message resource. With a Messaging Service, segments are 0 until it was sent."""
    uri = f"{API_PATH}/{account}/Messages/{sid}"
    by_service = sender.startswith("MG")
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": body,
        "date_created": format_date(int(created)),
        "date_sent": None if sent is None else format_date(int(sent)),
        "date_updated": format_date(int(updated)),
        "direction": "outbound-api",
        "error_code": code or None,
        "error_message": None,
        "from": None if by_service and sent is None else sender,
        "messaging_service_sid": sender if by_service else None,
        "num_media": "0",
        "num_segments": "0" if by_service and sent is None else str(parts),
        "price": None,
        "price_unit": "USD",
        "sid": sid,
        "status": status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "tags": None,
        "to": to,
        "uri": f"{uri}.json",
    }
