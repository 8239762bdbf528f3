"""Makes people of the cells of one row: the plan is drawn once a sheet, then followed a million times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.contacts import Cell, Contact, Lead, columns, leads, mail, notes, oddities, places
from dispatcher.contacts.headers import Column, Layout
from dispatcher.vietnamese import encodings, names, phone, text


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """The columns of one person of a row; a class list has one for each parent."""

    names: tuple[int, ...]  # joined by a space: "Họ đệm | Tên"
    phones: tuple[int, ...]
    honorific: str = ""  # what the heading says: a mother is bà
    shared: bool = False  # the telephone column is the family's, not this person's own
    nameless: bool = False  # the list names only the pupil


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Which columns feed what; places counted from 0, in order of preference."""

    slots: tuple[Slot, ...]
    family: Slot | None  # of a class list: who is meant where no parent is named
    names: tuple[int, ...]  # every column that names somebody, pupils included
    emails: tuple[int, ...]
    areas: tuple[tuple[int, str], ...]  # with the heading
    addresses: tuple[int, ...]
    old_communes: tuple[int, ...]
    units: tuple[int, ...]
    roles: tuple[int, ...]
    honorifics: tuple[int, ...]
    sexes: tuple[tuple[int, str], ...]  # with what a tick or a year of birth in the column says
    notes: tuple[int, ...]
    unheaded: tuple[int, ...]  # looked through for warnings; all beyond `width` as well
    width: int
    consents: tuple[int, ...]
    timestamps: tuple[int, ...]
    numbers: tuple[int, ...]
    title_area: str
    title_unit: str


def plan_of(layout: Layout, *, audience: str) -> Plan:
    """Draw the plan for a sheet with this layout."""
    slots = _slots(layout, is_staff=notes.is_staff(audience))
    of_pupil = any(slot.nameless or slot.honorific or slot.shared for slot in slots)
    return Plan(
        slots=slots,
        family=_family(layout) if of_pupil else None,
        names=_places(layout.of(*columns.NAMES, "pupil")),
        emails=_places(layout.of("email")),
        areas=tuple((c.index, c.heading) for c in _areas(layout)),
        addresses=_places(layout.of("address")),
        old_communes=_places(layout.of("old_commune")),
        units=_places((*layout.of("class"), *layout.of("party_cell"), *layout.of("unit"))),
        roles=_places(layout.of("role")),
        honorifics=_places(layout.of("honorific")),
        sexes=() if of_pupil else tuple((c.index, _SEXES[c.kind]) for c in layout.of(*_SEXES)),
        notes=_places(layout.of("note")),
        unheaded=layout.unheaded,
        width=layout.width,
        consents=_places(layout.of("consent")),
        timestamps=_places(layout.of("timestamp")),
        numbers=_places(layout.of("number")),
        title_area=layout.area,
        title_unit=layout.unit,
    )


_SEXES = {"sex": "", "male": "Nam", "female": "Nữ"}


def _places(found: Sequence[Column]) -> tuple[int, ...]:
    return tuple(column.index for column in found)


def _areas(layout: Layout) -> tuple[Column, ...]:
    """Give the columns of places, the thôn before the xóm; a thôn named in the title comes before a xóm."""
    parts = () if layout.area else layout.of("part_of_area")
    return (*layout.of("area"), *parts)


_PARENTS = (
    ("father", "father_phone", "ông"),
    ("mother", "mother_phone", "bà"),
    ("parent", "parent_phone", ""),
)


def _slots(layout: Layout, *, is_staff: bool) -> tuple[Slot, ...]:
    own = (*layout.of("phone"), *layout.of("zalo"))
    if is_staff or not names_pupils(layout):
        return _grown_ups(layout, own)
    shared = _places(own)
    named = [entry for entry in _PARENTS if layout.of(entry[0])]
    slots = [
        Slot(
            names=_places(layout.of(name))[:1],
            phones=_places(layout.of(phones)) or shared,
            honorific=honorific,
            shared=not layout.of(phones),
            nameless=True,
        )
        for name, phones, honorific in named
    ]
    without = [entry for entry in _PARENTS if not layout.of(entry[0]) and layout.of(entry[1])]
    slots += [
        Slot(names=(), phones=_places(layout.of(phones)), honorific=honorific, nameless=True)
        for _name, phones, honorific in without
    ]
    return tuple(slots) or (Slot(names=(), phones=shared, nameless=True),)


def _family(layout: Layout) -> Slot | None:
    own = _places((*layout.of("phone"), *layout.of("zalo")))
    return Slot(names=(), phones=own, nameless=True) if own else None


def names_pupils(layout: Layout) -> bool:
    """Tell whether the list is one of pupils, written for their parents."""
    if layout.of("pupil", "father_phone", "mother_phone", "parent_phone"):
        return True
    if layout.of("father", "mother") or (layout.of("parent") and layout.of("name", "family_name")):
        return True
    if layout.of("parent"):
        return True
    about_children = any(
        "sinh" in text.fold(c.heading) or "hocsinh" in text.fold(c.heading) for c in layout.of("ignore")
    )
    return bool(layout.of("class") and (about_children or layout.of("female")) and not layout.of("role"))


def _grown_ups(layout: Layout, own: Sequence[Column]) -> tuple[Slot, ...]:
    numbers = _places(layout.of("number"))
    full = layout.of("name")
    phones = (*own, *layout.of("parent_phone", "father_phone", "mother_phone"))
    if len(full) > 1 and len(numbers) == len(full):  # two lists printed side by side
        ends = (*numbers[1:], 1 << 30)
        return tuple(
            Slot(
                names=tuple(c.index for c in full if first <= c.index < end),
                phones=tuple(c.index for c in phones if first <= c.index < end),
            )
            for first, end in zip(numbers, ends, strict=True)
        )
    parts = _places((*layout.of("family_name"), *layout.of("given_name")))
    parents = _places(layout.of("parent", "father", "mother"))[:1]
    name = parts if layout.of("family_name") else (_places(full)[:1] or parts or parents)
    return (Slot(names=name, phones=_places(phones)),)


class Reading:
    """What came out for one person: the contact, if any, with reasons and repairs as code words."""

    __slots__ = ("contact", "hold", "left_out", "reasons", "repairs")

    def __init__(self) -> None:
        self.contact: Contact | None = None
        self.hold = ""
        self.left_out = False  # a number or mail of this person could not be taken
        self.reasons: list[str] = []
        self.repairs: list[str] = []


class People:
    """Follows a plan row by row; knows the encoding that most of the list is in."""

    def __init__(self, plan: Plan, *, audience: str, prior: str = "") -> None:
        self.plan = plan
        self.audience = audience
        self.prior = prior
        self.group = ""  # the group row above: "Thôn Đông", "KHỐI ĐẢNG"
        self._staff = notes.is_staff(audience)

    def said(self, cells: Sequence[Cell], index: int, repairs: list[str]) -> str:
        """Give the text of a cell, mended and tidy; what was mended goes into `repairs`."""
        cell = cells[index] if index < len(cells) else None
        if not isinstance(cell, str):
            return oddities.plain(cell)
        if not cell:
            return ""
        if self.prior or encodings.suspect(cell):
            mended = encodings.repair(cell, prior=self.prior)
            if mended.encoding is not None:
                repairs.append(f"text:{mended.encoding}")
                if mended.doubtful:
                    repairs.append("text:doubtful")
                cell = mended.text
        tidy = text.clean(cell)
        if tidy != cell and tidy == text.nfc(cell):
            repairs.append("text:composed")
        return tidy

    def read(self, slot: Slot, cells: Sequence[Cell]) -> Reading:
        """Read one person."""
        reading = Reading()
        repairs, reasons = reading.repairs, reading.reasons
        beside: list[str] = []
        raw_name = " ".join(filter(None, [self.said(cells, index, repairs) for index in slot.names]))
        person = names.read(raw_name)
        repairs += [f"name:{repair}" for repair in person.repairs]
        beside.append(person.note)
        phones = self._phones(slot, cells, reading, beside)
        email = self._email(cells, reading)
        area, unit, role, lead = self.place_and_post(cells, repairs)
        beside += [self.said(cells, index, repairs) for index in self.plan.notes]
        beside += [
            self.said(cells, index, [])
            for index in (*self.plan.unheaded, *range(self.plan.width, len(cells)))
            if index < len(cells) and isinstance(cells[index], str) and cells[index]
        ]
        finding = notes.scan([*beside, role] if self._staff else beside, staff=self._staff)
        hold, note = (finding.hold, finding.words) if finding else ("", "")
        if not hold:
            hold = self._without_consent(cells)
        honorific = person.honorific or self.honorific_of(slot, cells)
        reading.contact = Contact(
            person.full, person.given, honorific, phones, email, area, unit, role, lead, note, self.audience,
            hold, text.fold(person.full),
        )  # fmt: skip
        reading.hold = hold
        if self.is_lossy(f"{raw_name}\n{area}\n{unit}\n{role}"):
            reasons.insert(0, "text:lossy")
        return reading

    def is_plain_name(self, cell: str) -> bool:
        """Tell whether a name is read exactly as it stands, called by its last word."""
        repairs: list[str] = []
        said = self.said((cell,), 0, repairs)
        person = names.read(said)
        return (
            said == person.full == cell
            and person.given == cell.rpartition(" ")[2]
            and not (repairs or person.repairs or person.note or person.honorific)
        )

    def is_lossy(self, said: str) -> bool:
        """Tell whether letters are gone from what is imported."""
        return ("?" in said or "\ufffd" in said) and encodings.lossy(said)

    def place_and_post(self, cells: Sequence[Cell], repairs: list[str]) -> tuple[str, str, str, Lead]:
        """Give area, unit, role and lead."""
        unit, area = self._unit_and_area(cells, repairs)
        role = ", ".join(dict.fromkeys(filter(None, [self.said(cells, i, repairs) for i in self.plan.roles])))
        lead = leads.lead_of(role, unit or self.group)
        if not area:
            area = leads.area_of_role(role if lead == "area" else "", unit)
        return area, unit, role, lead

    def _phones(
        self, slot: Slot, cells: Sequence[Cell], reading: Reading, beside: list[str]
    ) -> tuple[str, ...]:
        numbers: list[str] = []
        refused: list[str] = []
        for index in slot.phones:
            cell = cells[index] if index < len(cells) else None
            if cell is None or cell == "":
                continue
            found = phone.read(cell)
            numbers += found.numbers
            reading.repairs += [f"phone:{repair}" for repair in found.repairs]
            reading.reasons += [f"phone:{flag}" for flag in found.flags if found.numbers]
            if found.note:
                beside.append(self.said((found.note,), 0, reading.repairs))
            if found.reason and found.reason != "empty":
                refused.append(found.reason)
                beside.append(oddities.plain(cell))
        if numbers:
            refused = [reason for reason in refused if reason != "no-number"]
        reading.left_out = reading.left_out or bool(refused)
        reading.reasons += [f"phone:{reason}" for reason in dict.fromkeys(refused)]
        return tuple(dict.fromkeys(numbers))

    def _email(self, cells: Sequence[Cell], reading: Reading) -> str:
        address = ""
        for index in self.plan.emails:
            cell = cells[index] if index < len(cells) else None
            if not cell:
                continue
            found = mail.read(cell)
            if found.reason:
                reading.reasons.append(f"mail:{found.reason}")
                reading.left_out = True
            if not address:
                address = found.address
                reading.repairs += [f"mail:{repair}" for repair in found.repairs]
        return address

    def _unit_and_area(self, cells: Sequence[Cell], repairs: list[str]) -> tuple[str, str]:
        plan = self.plan
        unit = next(filter(None, (self.said(cells, index, repairs) for index in plan.units)), "")
        area = ""
        for index, heading in plan.areas:
            area = area or places.area(self.said(cells, index, repairs), heading)
        for index in plan.addresses if not area else ():
            area = area or places.area_of_address(self.said(cells, index, repairs))
        group = self.group
        of_group = places.of_title(group) or (places.area(group) if places.is_place(group) else "")
        area = area or of_group or plan.title_area
        if not unit:
            unit = plan.title_unit if not group or places.is_place(group) else group
        for index in plan.old_communes if area else ():
            commune = places.without_kind(self.said(cells, index, repairs))
            area = f"{area} ({commune})" if commune and commune not in area else area
        return unit, area

    def honorific_of(self, slot: Slot, cells: Sequence[Cell]) -> str:
        """Give the form of address that the row or the heading states."""
        ignored: list[str] = []
        for index in self.plan.honorifics:
            if (said := self.said(cells, index, ignored).lower().rstrip(". ")) and "/" not in said:
                return names.read(f"{said} Nguyễn Văn An").honorific
        for index, heading in self.plan.sexes:
            if said := names.honorific_from_gender(self.said(cells, index, ignored), heading):
                return said
        return slot.honorific

    def _without_consent(self, cells: Sequence[Cell]) -> str:
        for index in self.plan.consents:
            cell = cells[index] if index < len(cells) else None
            if notes.refuses_by_tick(cell):
                return "refuses" if oddities.plain(cell) else "no-consent"
        return ""
