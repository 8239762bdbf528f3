"""A made-up commune: every fact about person 417 follows from the seed and 417.

Nothing is remembered, so a town of a million takes no more memory than one of four hundred. Numbers come
from blocks that no network is known to use: 0990 000 100 and up (the carrier table of phonenumbers names
nobody for 0990 and 0991); a few old-style numbers become 0590 000 000 and up. Mail domains end in
`.example`, which is reserved and never delivered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from struct import unpack
from typing import NamedTuple

from dispatcher.vietnamese.text import unaccent


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


THON = ("Đông Hà", "Tây Hà", "Phúc Lâm", "An Thịnh", "Cẩm Khê", "Thượng Vạn", "Hạ Vạn")
COMMUNE = "Hà Tây"
RESIDENTS_MAX = 1_800_000  # the block of numbers holds two million, and some people live elsewhere

_THON_SHARES = (0.19, 0.36, 0.52, 0.66, 0.79, 0.90, 1.01)  # cumulated: the villages differ in size
_FIRST_NUMBER = 100

_FAMILIES = _words(
    "Nguyễn Nguyễn Nguyễn Nguyễn Nguyễn Nguyễn Nguyễn Trần Trần Trần Lê Lê Phạm Phạm Phạm Hoàng Vũ Vũ Đặng "
    "Bùi Đỗ Đỗ Ngô Dương Đào Đinh Tăng Mạc Lương Phùng Tạ Chu"
)
_MIDDLES = {
    "ông": _words("Văn Văn Văn Văn Đức Hữu Quang Minh Xuân Đình Công Duy Ngọc Thanh Trọng Bá"),
    "bà": _words("Thị Thị Thị Thị Thị Thị Ngọc Thu Thanh Minh Kim Phương Hồng Bích Thuý Mai"),
}
_GIVEN = {
    "ông": _words(
        "An Bắc Bình Chiến Cường Dũng Duy Đạt Đông Giang Hải Hiếu Hoà Hoàn Hùng Hưng Huy Khánh Khoa Kiên "
        "Lâm Long Mạnh Nam Phong Phú Quân Quyết Sơn Thắng Thuỷ Tuấn"
    ),
    "bà": _words(
        "Anh Ánh Chi Dung Duyên Đào Hà Hạnh Hằng Hiền Hoa Hoà Hồng Huệ Hương Lan Liên Loan Mai Nga "
        "Ngân Nhung Oanh Phượng Quyên Tâm Thảo Thơm Thuỷ Trang Vân Yến"
    ),
}


class SamplePerson(NamedTuple):
    """One made-up person, number `serial` of the population. `number` is national, perhaps a relative's."""

    serial: int
    name: str
    honorific: str  # ông or bà
    thon: str
    number: str
    shares_number: bool  # the number is a relative's
    row_defect: str  # of a list's row: "" or a word of CONDITIONS
    random_values: tuple[float, ...]  # for whatever else is to be decided about this person

    @property
    def e164(self) -> str:
        """The number as the whole world writes it."""
        return f"+84{self.number}"


# What is the matter with somebody's row, and how often. Spared are those who are in several lists.
ROW_DEFECTS = {
    "landline": 0.04,
    "old-landline": 0.015,
    "old-prefix": 0.03,
    "broken": 0.04,
    "missing": 0.05,
    "refuses": 0.03,
    "dead": 0.02,
    "moved": 0.025,
    "words-beside": 0.03,
}
_SHARED = 0.25  # of the third and fourth person of every four


@dataclass(frozen=True, kw_only=True, slots=True)
class Population:
    """How big the population is, and who of it is staff, party member or parent.

    Of every four residents the first may be staff, the second in the party, the third a parent; so each
    list can be gone through without looking at the others. Whoever is numbered from `residents` on lives
    elsewhere.
    """

    seed: int
    residents: int
    staff: int
    party: int
    parents: int

    @classmethod
    def of_size(cls, residents: int, *, seed: int) -> Population:
        """Make a population in proportion: staff grow slowly. Raises ValueError for an impossible size."""
        if not 1 <= residents <= RESIDENTS_MAX:
            raise ValueError(f"residents must be between 1 and {RESIDENTS_MAX}, not {residents}")
        times = residents / 400
        staff = max(40, round(40 * times**0.5))
        party, parents = max(20, round(60 * times**0.75)), max(20, round(120 * times**0.8))
        return cls(seed=seed, residents=residents, staff=staff, party=party, parents=parents)

    # --- who is who

    def staff_member(self, place: int) -> int:
        """Return the person that stands at `place` of the staff list."""
        here = place % 10 < 7 or place in THON_LEADS
        return self._resident(place, self.staff, 0) if here else self.residents + place

    def party_member(self, place: int) -> int:
        """Return the person at `place` of the party list: two of five are staff as well."""
        block, within = divmod(place, 5)
        if within < 2 and 2 * block + within < self.staff:
            return self.staff_member(2 * block + within)
        if place % 10 == 9:
            return self.residents + self.staff + place
        return self._resident(place, self.party, 1)

    def parent(self, place: int) -> int:
        """The person at `place` of the parents: a tenth staff, a tenth party, a fifth from elsewhere."""
        block, within = divmod(place, 10)
        if within == 0 and block < self.staff:
            return self.staff_member(block)
        if within == 5 and 5 * block + 3 < self.party:
            return self.party_member(5 * block + 3)
        if within in {2, 7}:
            return self.residents + self.staff + self.party + place
        return self._resident(place, self.parents, 2)

    def _resident(self, place: int, of: int, slot: int) -> int:
        serial = 4 * place * self._stride(of) + slot
        return serial if serial < self.residents else self.residents + self.staff + self.party + serial

    def _stride(self, of: int) -> int:
        return max(1, self.residents // 4 // of)

    def _is_in_a_list(self, serial: int) -> bool:
        if serial >= self.residents or serial % 4 == 3:
            return serial >= self.residents
        block, slot = divmod(serial, 4)
        of = (self.staff, self.party, self.parents)[slot]
        return block % self._stride(of) == 0 and block // self._stride(of) < of

    # --- persons

    def person(self, serial: int) -> SamplePerson:
        """Make person `serial`."""
        draws = self._draws(serial)
        owner, of_owner = serial, draws
        while owner % 4 > 1 and of_owner[0] < _SHARED:
            owner -= 1
            of_owner = self._draws(owner)
        shared = owner != serial
        is_man = draws[1] < 0.5
        if owner == serial - 1:  # a couple
            is_man = of_owner[1] >= 0.5
        honorific = "ông" if is_man else "bà"
        family = _pick(_FAMILIES, of_owner[2] if shared and draws[3] < 0.5 else draws[2])
        name = f"{family} {_pick(_MIDDLES[honorific], draws[4])} {_pick(_GIVEN[honorific], draws[5])}"
        condition = "" if shared or self._is_in_a_list(serial) else _condition(draws[6])
        old = condition == "old-prefix" or (shared and self._has_old_number(owner, of_owner))
        number = f"59{owner:07d}" if old else f"99{owner + _FIRST_NUMBER:07d}"
        return SamplePerson(
            serial, name, honorific, self._thon(owner, of_owner), number, shared, condition, draws[7:]
        )

    def _has_old_number(self, serial: int, draws: tuple[float, ...]) -> bool:
        return not self._is_in_a_list(serial) and _condition(draws[6]) == "old-prefix"

    def _thon(self, serial: int, draws: tuple[float, ...]) -> str:
        if serial % 4 == 0 and serial < self.residents and self._is_in_a_list(serial):
            place = serial // 4 // self._stride(self.staff)
            if place in THON_LEADS:
                return THON[THON_LEADS[place]]
        return THON[next(place for place, upto in enumerate(_THON_SHARES) if draws[7] < upto)]

    def _draws(self, serial: int) -> tuple[float, ...]:
        """Return twelve numbers in [0, 1) that belong to this person."""
        digest = blake2b(f"{self.seed}|{serial}".encode(), digest_size=24).digest()
        return tuple(value / 65_536 for value in unpack("<12H", digest))


# Places of the staff list that belong to a thôn: head, secretary and digital team of each.
THON_LEADS = {19 + 7 * kind + thon: thon for kind in range(3) for thon in range(7)}


def _pick(words: Sequence[str], draw: float) -> str:
    return words[int(draw * len(words))]


def _condition(draw: float) -> str:
    for condition, share in ROW_DEFECTS.items():
        draw -= share
        if draw < 0:
            return condition
    return ""


def email_address(person: SamplePerson, place: int) -> str:
    """Make a mail address that nobody has: "huong.nt07@hatay.example"."""
    *others, given = unaccent(person.name).lower().split()
    return f"{given}.{''.join(word[0] for word in others)}{place + 1:02d}@hatay.example"
