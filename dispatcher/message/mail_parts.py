"""A mail as its reader will see it, before any MIME."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class MailParts:
    """Subject and bodies; `html` may be empty, `text` never is."""

    subject: str
    text: str
    html: str = ""
    unsubscribe_url: str = ""  # becomes List-Unsubscribe and List-Unsubscribe-Post (RFC 8058)
    reply_to: str = ""
