"""Reads an e-mail cell: the usual slips mended, anything doubtful refused with its reason.

Checked by email-validator without asking the DNS: a list is read in a village office with no network.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from dispatcher.i18n import N_
from dispatcher.vietnamese import text

REASONS: dict[str, str] = {
    "no-at": N_("there is no @ in the e-mail address"),
    "accents": N_("there are accented letters in the e-mail address; write it as the mailbox is called"),
    "spaces": N_("there are spaces inside the e-mail address"),
    "incomplete": N_("the e-mail address is cut short after the @"),
    "doubtful": N_("the part after the @ looks misspelt; ask for the address again"),
    "invalid": N_("this is not an e-mail address that can exist"),
}
REPAIRS: dict[str, str] = {
    "spaces": N_("spaces taken out of the e-mail address"),
    "punctuation": N_("signs around the e-mail address taken off"),
    "at-sign": N_("the @ of the e-mail address written as a sign"),
    "comma": N_("a comma in the e-mail address made a point"),
    "domain": N_("a misspelt mail provider put right"),
    "more": N_("only the first of several e-mail addresses is used"),
}
# Closed lists: a provider nobody else can be, and what fingers make of it.
_PROVIDERS: dict[str, str] = {
    **dict.fromkeys(
        (
            "gmail", "gmail.co", "gmail.con", "gmail.cm", "gmail.om", "gmail.comm", "gmail.coml",
            "gmail.cpm", "gmail.vom", "gmail.xom", "gmail.cim", "gmail..com", "gmailcom", "gmai.com",
            "gmal.com", "gmial.com", "gamil.com", "gmaill.com", "gmil.com", "gnail.com", "gmali.com",
            "gmaul.com", "gmail.com.com", "gmaii.com", "g.mail.com", "gmall.com", "ggmail.com",
        ),
        "gmail.com",
    ),
    **dict.fromkeys(("yaho.com", "yahooo.com", "yahoo.con", "yhoo.com", "yahoo.cm"), "yahoo.com"),
    **dict.fromkeys(("yahoo.com.v", "yaho.com.vn", "yahoo.comvn", "yahoo.com,vn"), "yahoo.com.vn"),
    **dict.fromkeys(("hotmail.con", "hotmai.com", "hotmal.com", "hotmial.com"), "hotmail.com"),
    **dict.fromkeys(("outlook.con", "outlok.com", "outllook.com"), "outlook.com"),
    "icloud.con": "icloud.com",
}  # fmt: skip
_DOUBTFUL = frozenset({"gmail.com.vn", "gmail.vn", "yahoo", "yahoo.vn", "hotmail.com.vn", "mail.com.vn"})
_NOTHING = frozenset(
    {"", "khong", "khongco", "chuaco", "ko", "k", "x", "none", "null", "na", "no", "0", "anonymous", "andanh"}
)

_ALLOWED = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9]|-(?!-))*(?<!-)\.)+[a-z]{2,24}", re.ASCII
)
_AT = re.compile(r"\s*(?:\(at\)|\[at\]|\{at\}|\(a còng\)|a còng|\(@\)|\[@\])\s*|@@+", re.IGNORECASE)
_DOT = re.compile(r"\s*(?:\(dot\)|\[dot\]|\(chấm\))\s*", re.IGNORECASE)
_WRAPPED = re.compile(r"^(?:e?-?mail|thư điện tử|địa chỉ)?\s*[:：]\s*|^mailto:", re.IGNORECASE)
_BESIDE = re.compile(r"\s*\([^)@]*\)")
_BETWEEN = re.compile(r"[;,/|\n]+|\s+(?:hoặc|và|or|and)\s+|\s+(?=\S+@)")
_EDGES = " \t'\"“”‘’<>()[]{}.,;:!?-–…*=`"


class ParsedEmail(NamedTuple):
    """What a cell gives: an address in lower case or "", the reason of a refusal, what was mended."""

    address: str
    reason: str = ""
    repairs: tuple[str, ...] = ()


def parse(cell: object) -> ParsedEmail:
    """Read the e-mail address in a cell; empty without a reason when the cell says there is none."""
    if isinstance(cell, str) and (address := cell.lower()) and is_plain_address(address):
        return ParsedEmail(address)
    return _parse_slow(cell) if isinstance(cell, str) else ParsedEmail("", "" if not cell else "no-at")


def is_plain_address(address: str) -> bool:
    """Return quickly whether an address in lower case is one that email-validator takes as it stands."""
    if len(address) > 254 or _ALLOWED.fullmatch(address) is None:
        return False
    local, _at, domain = address.rpartition("@")
    last = domain.rpartition(".")[2]
    if len(local) > 64 or last in SPECIAL_USE_DOMAIN_NAMES or len(max(domain.split("."), key=len)) > 63:
        return False
    return domain not in _PROVIDERS and domain not in _DOUBTFUL


@lru_cache(maxsize=1024)
def _parse_slow(cell: str) -> ParsedEmail:
    repairs: list[str] = []
    tidy = text.clean(unicodedata.normalize("NFKC", cell))
    if text.fold(tidy) in _NOTHING and "@" not in tidy:
        return ParsedEmail("")
    tidy = _step(tidy, _DOT.sub(".", _AT.sub("@", tidy)), "at-sign", repairs)
    if "@" not in tidy:
        return ParsedEmail("", "no-at")
    if "<" in tidy and ">" in tidy:
        tidy = _step(tidy, tidy[tidy.index("<") + 1 : tidy.rindex(">")], "punctuation", repairs)
    tidy = _step(tidy, _BESIDE.sub("", tidy), "punctuation", repairs)
    tidy = _step(tidy, _WRAPPED.sub("", tidy).strip(_EDGES), "punctuation", repairs)
    tidy = _step(tidy, re.sub(r"\s*@\s*|\s+\.\s*|\s*\.\s+", _tight, tidy), "spaces", repairs)
    tidy = _step(tidy, re.sub(r"(?<=@)([\w.-]+),\s?(com|vn|net|org|edu)\b", r"\1.\2", tidy), "comma", repairs)
    pieces = [piece.strip(_EDGES) for piece in _BETWEEN.split(tidy)]
    first, *more = [piece for piece in pieces if "@" in piece] or [tidy]
    if not more and len(pieces) > 1 and not _is_words_around(pieces):
        return ParsedEmail("", "spaces")
    if more:
        repairs.append("more")
    return _validated(first.lower(), repairs)


def _tight(match: re.Match[str]) -> str:
    return match[0].strip()


def _step(before: str, after: str, repair: str, repairs: list[str]) -> str:
    if before != after and repair not in repairs:
        repairs.append(repair)
    return after


def _is_words_around(pieces: list[str]) -> bool:
    """Return whether a name stands beside the address ("Trần Bình; a@b.vn")."""
    beside = " ".join(piece for piece in pieces if "@" not in piece)
    return not beside or not beside.isascii() or " " in beside


def _validated(address: str, repairs: list[str]) -> ParsedEmail:
    local, _at, domain = address.rpartition("@")
    domain = _step(domain, _PROVIDERS.get(domain, domain), "domain", repairs)
    address = f"{local}@{domain}"
    if not address.isascii():
        return ParsedEmail("", "accents")
    if " " in address:
        return ParsedEmail("", "spaces")
    if domain in _DOUBTFUL:
        return ParsedEmail("", "doubtful")
    if "." not in domain.strip("."):
        return ParsedEmail("", "incomplete")
    try:
        validated = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return ParsedEmail("", "invalid")
    return ParsedEmail(validated.normalized.lower(), "", tuple(repairs))
