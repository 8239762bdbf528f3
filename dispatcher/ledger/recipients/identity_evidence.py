"""What speaks against two people of one name and thôn being one: years of birth, sex, age and office."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from dispatcher.i18n import N_
from dispatcher.vietnamese.text import fold_words

Objection = Literal["", "birth-year", "sex", "age"]
OBJECTIONS: Mapping[str, str] = {
    "birth-year": N_("born in different years"),
    "sex": N_("addressed as a man and as a woman"),
    "age": N_("the age does not go with the position"),
}
WORKING_AGES = range(16, 66)  # of whoever holds an office or teaches
_OFFICE = re.compile(
    r"\b(?:cong chuc|vien chuc|can bo|chuyen vien|giao vien|nhan vien|ke toan|van thu|cong an|can su)\b"
)
_MEN = frozenset({"ông", "anh", "chú", "cậu", "bác trai"})
_WOMEN = frozenset({"bà", "chị", "cô", "dì", "mợ"})


@dataclass(kw_only=True, slots=True)
class Evidence:
    """What lists say of a person beside name and thôn."""

    honorific: str = ""
    birth_years: set[int] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)


def objection(one: Evidence, other: Evidence, *, year: int) -> Objection:
    """Return what speaks against the two being the same person, in the year `year`; "" if nothing."""
    if one.birth_years and other.birth_years and not one.birth_years & other.birth_years:
        return "birth-year"
    titles = {one.honorific.lower(), other.honorific.lower()}
    if titles & _MEN and titles & _WOMEN:
        return "sex"
    for office, person in ((one.roles, other.birth_years), (other.roles, one.birth_years)):
        if _holds_office(office) and person and not any(year - born in WORKING_AGES for born in person):
            return "age"
    return ""


def _holds_office(roles: Collection[str]) -> bool:
    return any(_OFFICE.search(fold_words(role)) for role in roles)
