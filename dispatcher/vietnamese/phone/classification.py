"""Classifies one run of digits: a mobile, or the reason why not.

A run comes as the groups it was written in, because "031 3823456" and "0313 823 456" have the same digits
and are not the same number: the first is how a landline in Hải Phòng was written for decades.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import phonenumbers

from dispatcher.vietnamese.phone import numbering
from dispatcher.vietnamese.phone.numbering import IsMobile


class DigitGroup(NamedTuple):
    """Digits without a break, and what stood around them."""

    digits: str
    gap: str = ""  # text between the group before and this one
    plus: bool = False  # a plus sign directly before
    closed: bool = False  # a closing bracket directly behind
    start: int = 0

    @property
    def end(self) -> int:
        """The place behind the last digit."""
        return self.start + len(self.digits)

    @property
    def in_brackets(self) -> bool:
        """Return whether the digits stand alone in brackets."""
        return self.closed and self.gap.rstrip().endswith("(")


class Classification(NamedTuple):
    """A run of digits understood: `number` is E.164, or `reason` says why there is none."""

    number: str = ""
    reason: str = ""
    repairs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def is_recognised(self) -> bool:
        """Return whether the digits are complete, as a mobile or as something else we know."""
        return self.reason not in UNRECOGNISED


UNRECOGNISED = frozenset({"too-long", "too-short", "not-in-use", "unclear"})

DIGITS_MAX = 15  # E.164
NATIONAL_DIGITS = 9  # of a mobile, behind +84


class NationalNumber(NamedTuple):
    """The part after +84, how many written digits stood before it, and how it was introduced."""

    digits: str
    prefix_length: int
    prefix_kind: str  # "trunk" 0…, "country" +84…, "bare" without either
    repairs: tuple[str, ...] = ()


def classify(groups: Sequence[DigitGroup], is_mobile: IsMobile) -> Classification:
    """Return what the digits of `groups`, read as one number, are."""
    digits = "".join(group.digits for group in groups)
    if len(digits) > DIGITS_MAX:
        return Classification(reason="too-long")
    plus = groups[0].plus
    ends = tuple(accumulate(len(group.digits) for group in groups))
    national = _national(digits, plus, ends)
    if national is None:
        return Classification(reason=_foreign_or_malformed(digits, plus))
    if _FILLER.fullmatch(national.digits):
        return Classification(reason="placeholder")
    piece = _mobile(national, groups, ends, is_mobile)
    return piece or Classification(reason=_rejection_reason(digits, national, groups))


def _national(digits: str, plus: bool, ends: Sequence[int]) -> NationalNumber | None:
    """Take country code and zeros off; None when the number belongs to another country or to none."""
    if digits.startswith("0084"):
        return _after_country_code(digits, 4)
    if digits.startswith("00"):
        return None
    if _has_doubled_trunk_code(digits) and (plus or 3 in ends or not _CITIZEN_ID.fullmatch(digits)):
        return _after_country_code(digits, 3, ("country-code",))
    if digits.startswith("0"):
        return NationalNumber(digits[1:], 1, "trunk", ("country-code",) if plus else ())
    if digits.startswith("84") and (plus or len(digits) >= 10 or 2 in ends):
        return _after_country_code(digits, 2)
    if plus:
        return None
    return NationalNumber(digits, 0, "bare")


def _has_doubled_trunk_code(digits: str) -> bool:
    """Return whether a country code stands behind a zero: 084 912345678, and 084 0912345678."""
    return digits.startswith("084") and len(digits) - 3 - digits.startswith("0840") == NATIONAL_DIGITS


def _after_country_code(digits: str, skipped: int, repairs: tuple[str, ...] = ()) -> NationalNumber:
    if digits[skipped : skipped + 1] == "0":
        return NationalNumber(digits[skipped + 1 :], skipped + 1, "country", ("country-code",))
    return NationalNumber(digits[skipped:], skipped, "country", repairs)


def _mobile(
    national: NationalNumber, groups: Sequence[DigitGroup], ends: Sequence[int], is_mobile: IsMobile
) -> Classification | None:
    digits, repairs = national.digits, national.repairs
    if national.prefix_kind == "bare":
        if not _may_have_lost_its_zero(groups):
            return None
        repairs = (*repairs, "lost-zero")
    if len(digits) == 10 and digits[:3] in numbering.OLD_MOBILE_PREFIXES:
        digits = numbering.OLD_MOBILE_PREFIXES[digits[:3]] + digits[3:]
        return Classification(f"+84{digits}", repairs=(*repairs, "old-prefix")) if is_mobile(digits) else None
    if len(digits) != NATIONAL_DIGITS or not is_mobile(digits):
        return None
    likeness = _landline_likeness(digits, national.prefix_length, groups, ends)
    if likeness == "written":
        return Classification(reason="may-be-old-landline")
    flags = (("may-be-old-landline",) if likeness else ()) + (
        ("may-be-placeholder",) if _repeated(digits) else ()
    )
    if national.prefix_kind == "bare" and digits.endswith("000"):
        flags = (*flags, "may-be-rounded")
    return Classification(f"+84{digits}", repairs=repairs, flags=flags)


def _may_have_lost_its_zero(groups: Sequence[DigitGroup]) -> bool:
    """Two groups around a point or comma are a decimal fraction, unless cut where people cut a number.

    A single digit apart from the rest may be a row number or a slip.
    """
    sizes = {len(group.digits) for group in groups}
    if 1 in sizes and len(sizes) > 1:
        return False
    if len(groups) == 2 and ("." in groups[1].gap or "," in groups[1].gap):
        return len(groups[0].digits) in {2, 3} and sum(len(group.digits) for group in groups) == 9
    return True


# What people type when a form insists: counting up, a first digit and noughts, one digit throughout.
_FILLER = re.compile(r"123456789[0-9]?|[0-9]0{8}|([0-9])\1{8,9}")


def _repeated(digits: str) -> bool:
    return len(set(digits[-7:])) == 1


# --- mobiles that may be old landlines ------------------------------------------------------------------

# From 2008 on subscriber numbers in the provinces began with 3 (VNPT), 2 (EVN) or 6 (Viettel).
LANDLINE_STARTS = frozenset("236")
CITY_STARTS = frozenset("2345678")  # Hồ Chí Minh City had more networks
# How people cut the last seven digits of a mobile: 091 234 5678. Any other cut is a landline's.
MOBILE_CUTS = frozenset({(3, 4), (3, 2, 2), (2, 2, 3), (2, 3, 2)})


def _landline_likeness(digits: str, skipped: int, groups: Sequence[DigitGroup], ends: Sequence[int]) -> str:
    """Say "written" when cut behind an old area code as landlines are, "digits" when only they fit, or ""."""
    code = numbering.colliding_area_code(digits)
    subscriber = digits[len(code) :]
    starts = CITY_STARTS if code == "8" else LANDLINE_STARTS
    if not code or subscriber[0] not in starts:
        return ""
    cut_at = skipped + len(code)
    in_pairs = all(len(group.digits) == 2 for group in groups)  # 08 88 14 33 61: nobody cut a landline so
    if cut_at in ends and not in_pairs and not any(skipped < end < cut_at for end in ends):
        place = ends.index(cut_at)
        cuts = tuple(len(group.digits) for group in groups[place + 1 :])
        if groups[place].closed or code == "8" or cuts not in MOBILE_CUTS:
            return "written"
        return "digits"
    return "digits" if subscriber[0] == "3" else ""


# --- what is not a mobile -------------------------------------------------------------------------------

# Province 001-096, century and sex (0 and 1: 19.., 2 and 3: 20..), year of birth, serial. Nobody born in 2030
# or later is written to, so 084 356 … is a number of Viettel's, not a woman of Trà Vinh.
_CITIZEN_ID = re.compile(r"0(?:0[1-9]|[1-8][0-9]|9[0-6])(?:[01][0-9]{2}|[23][0-2][0-9])[0-9]{6}")
_OLD_IDENTITY = re.compile(r"[12][0-9]{8}")
_SERVICE = re.compile(r"1[89]00[0-9]{4,6}|1[0-9]{2,4}|[17]99[0-9]{4}|69[0-9]{5,7}")
_LOCAL_LANDLINE = re.compile(r"[2-8][0-9]{6}")


def _rejection_reason(digits: str, national: NationalNumber, groups: Sequence[DigitGroup]) -> str:
    rest = national.digits
    if national.prefix_kind != "country" and _CITIZEN_ID.fullmatch(f"0{rest}") and _one_or_short(groups):
        return "citizen-id"
    if numbering.is_landline(rest):
        return "landline"
    if _SERVICE.fullmatch(rest):
        return "service"
    if national.prefix_kind == "bare":
        if _OLD_IDENTITY.fullmatch(digits):
            return "citizen-id"
        if _LOCAL_LANDLINE.fullmatch(digits):
            return "landline"
        if len(digits) > 10 and _valid_abroad(digits):
            return "foreign"
        if len(digits) == 9 and numbering.is_mobile(digits):
            return "unclear"
    return _by_length(rest)


def _one_or_short(groups: Sequence[DigitGroup]) -> bool:
    """Identity numbers stand in one piece or in small ones: "0912345678 79" is a phone and something more."""
    return len(groups) == 1 or all(len(group.digits) <= 6 for group in groups)


def _by_length(national: str) -> str:
    old = national[:2] in {"12", "16", "18", "19"}
    length = 10 if old else 9
    if len(national) < length:
        return "too-short"
    return "too-long" if len(national) > length else "not-in-use"


def _foreign_or_malformed(digits: str, plus: bool) -> str:
    if _CITIZEN_ID.fullmatch(digits):  # those of Hà Nội begin with 001
        return "citizen-id"
    if plus or _valid_abroad(digits.lstrip("0")):
        return "foreign"
    return "too-long" if len(digits) > 10 else "too-short"


def _valid_abroad(digits: str) -> bool:
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return False
    return number.country_code != 84 and phonenumbers.is_valid_number(number)
