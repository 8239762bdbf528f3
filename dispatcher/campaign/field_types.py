"""What the fields of schedules.toml are made of: numbers, names and addresses as organisers write them.

Each check takes one text and raises `InvalidValue` with a remedy when carriers, mail servers or the ledger
would not take it.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from dispatcher.campaign.time_values import InvalidValue
from dispatcher.i18n import _

SENDER_LENGTH_MAX = 11


def _check_identifier(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", text):
        raise InvalidValue(
            _("a name may hold small letters a-z, digits and - only"),
            _('Write it without accents and spaces, for example "cong-dan-so".'),
        )
    return text


def _check_sender_name(text: str) -> str:
    if len(text) > SENDER_LENGTH_MAX:
        what = _("the sender name has {n} characters, at most 11 are allowed", n=len(text))
        raise InvalidValue(what, _("Shorten it to the name registered with the carriers."))
    if not re.fullmatch(r"[A-Za-z0-9 ._-]+", text):
        raise InvalidValue(
            _("the sender name holds a character that carriers do not take"),
            _("Use Latin letters without accents, digits, space, dot, - and _ only."),
        )
    if not re.search(r"[A-Za-z]", text):
        raise InvalidValue(_("the sender name has no letter"), _("A sender name needs at least one letter."))
    return text


def _check_mail_address(text: str) -> str:
    if text and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+", text):
        raise InvalidValue(_("this is not an e-mail address"), _('Write it like "ubnd@hatay.example.vn".'))
    return text


def _check_non_empty(text: str) -> str:
    if not text.strip():
        raise InvalidValue(_("there is nothing in it"), _("Write a text between the quotation marks."))
    return text.strip()


Identifier = Annotated[str, AfterValidator(_check_identifier)]
NonEmptyText = Annotated[str, AfterValidator(_check_non_empty)]
SenderName = Annotated[str, AfterValidator(_check_sender_name)]
MailAddress = Annotated[str, AfterValidator(_check_mail_address)]  # may be empty
Count = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Days = Annotated[int, Strict(), Field(ge=1, le=36500)]


class Frozen(BaseModel):
    """A table of the file: no key that we do not know, and nothing changes it afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=False)
