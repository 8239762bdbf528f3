"""Names and addresses as organisers write them.

Each check takes one text and raises `Refused` with a remedy when carriers, mail servers or the ledger would
not take it.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from dispatcher.campaign.moments import Refused
from dispatcher.i18n import _

SENDER_LENGTH_MAX = 11


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", text):
        raise Refused(
            _("a name may hold small letters a-z, digits and - only"),
            _('Write it without accents and spaces, for example "cong-dan-so".'),
        )
    return text


def _sender(text: str) -> str:
    if len(text) > SENDER_LENGTH_MAX:
        what = _("the sender name has {n} characters, at most 11 are allowed", n=len(text))
        raise Refused(what, _("Shorten it to the name registered with the carriers."))
    if not re.fullmatch(r"[A-Za-z0-9 ._-]+", text):
        raise Refused(
            _("the sender name holds a character that carriers do not take"),
            _("Use Latin letters without accents, digits, space, dot, - and _ only."),
        )
    if not re.search(r"[A-Za-z]", text):
        raise Refused(_("the sender name has no letter"), _("A sender name needs at least one letter."))
    return text


def _mail(text: str) -> str:
    if text and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+", text):
        raise Refused(_("this is not an e-mail address"), _('Write it like "ubnd@hatay.example.vn".'))
    return text


def _filled(text: str) -> str:
    if not text.strip():
        raise Refused(_("there is nothing in it"), _("Write a text between the quotation marks."))
    return text.strip()


Name = Annotated[str, AfterValidator(_name)]
Filled = Annotated[str, AfterValidator(_filled)]
Sender = Annotated[str, AfterValidator(_sender)]
MailAddress = Annotated[str, AfterValidator(_mail)]  # may be empty
