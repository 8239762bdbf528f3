"""Who answers for an area or for the commune, told from the position a list gives them.

They are sent the digests, so the table is narrow: a deputy or the chair of a society is none.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dispatcher.contacts import Leadership, places
from dispatcher.vietnamese import text

_AREA = re.compile(
    r"(?<!pho )truong (?:thon|xom|khu|ap|ban|lang|khu dan cu|kdc|tdp|to dan pho)\b"
    r"|\b(?<!pho )to truong (?:to )?(?:dan pho|tdp|(?:to )?cong nghe so|cnscd|cns)"
    r"|(?<!pho )bi thu (?:chi bo )?(?:kiem )?(?:thon|xom|khu|tdp|to dan pho|ap|lang)\b"
    r"|(?<!pho )bi thu chi bo (?:thon|xom|khu|tdp|to dan pho|ap|lang|kdc)\b"
)
_CELL_LEAD = re.compile(r"(?<!pho )bi thu(?: chi bo)?\b")
_AREA_CELL = re.compile(r"chi bo (?:thon|xom|khu|tdp|to dan pho|ap|lang|kdc)\b")
_COMMUNE = re.compile(
    r"chu tich (?:ubnd|uy ban nhan dan|uy ban)(?! mttq| mat tran)\b|bi thu dang (?:uy|bo)\b"
    r"|cong chuc (?:phu trach )?(?:van hoa|vh)\b|\bvan hoa xa hoi\b|\bvhxh\b|\bvh xh\b"
)
_CHAIR = re.compile(r"^(?:pho )?chu tich$|^bi thu$|^pho bi thu$")
_PEOPLES_COMMITTEE = re.compile(
    r"^(?:khoi |lanh dao |thuong truc )?(?:ubnd|uy ban nhan dan)\b(?!.*(?:mttq|mat tran))"
)
_PARTY_COMMITTEE = re.compile(
    r"^(?:khoi |thuong truc )?(?:dang uy|ban thuong vu dang uy|ban chap hanh dang bo)\b"
)


@lru_cache(maxsize=8192)
def leadership_of(role: str, unit: str = "") -> Leadership:
    """Return whether somebody in this position leads an area ("area") or the commune ("commune")."""
    if not role:
        return ""
    words, place = text.fold_words(role), text.fold_words(unit)
    if _COMMUNE.search(words):
        return "commune"
    if _CHAIR.search(words):
        chairs = _PEOPLES_COMMITTEE if "chu tich" in words else _PARTY_COMMITTEE
        if chairs.search(place):
            return "commune"
    if _AREA.search(words) or (_CELL_LEAD.search(words) and _AREA_CELL.search(place)):
        return "area"
    return ""


_BESIDE_AN_AREA = re.compile(
    r"^(?:truong (?:thon|xom|ban(?! cong tac| ct)|ap|khu|lang|buon|kdc|tdp|to)|(?:khu|thon|xom|ap|ban) truong"
    r"|to truong|bi thu)\b"
)


def leadership_beside_area(position: str) -> Leadership:
    """Return "area" for a position that leads the area named in the same row: "Tổ trưởng" beside "TDP 3"."""
    return "area" if _BESIDE_AN_AREA.search(text.fold_words(position)) else ""


@lru_cache(maxsize=8192)
def area_of_role(role: str, unit: str = "") -> str:
    """Find the area in a position or a unit: "Trưởng thôn Đông", "Chi bộ thôn An Liệt"."""
    for words in (role, unit):
        match = re.search(
            r"(?:thôn|xóm|tổ dân phố|tdp|khu dân cư|kdc)\s+(?!trưởng)\S+(?:\s+\S+){0,3}$",
            words,
            re.IGNORECASE,
        )
        if match:
            return places.normalise_area(match[0])
    return ""
