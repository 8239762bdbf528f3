"""Makes people of the cells of one row: the plan is drawn once a sheet, then followed a million times."""

from __future__ import annotations

from collections.abc import Sequence

from dispatcher.contacts import Cell, Contact, Lead, leads, mail, notes, oddities, places
from dispatcher.contacts.fonts import Mender
from dispatcher.contacts.plans import Plan, Slot
from dispatcher.vietnamese import encodings, names, phone, text


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
    """Follows a plan row by row."""

    def __init__(self, plan: Plan, *, audience: str, mender: Mender) -> None:
        self.plan = plan
        self.audience = audience
        self.mender = mender
        self.group = ""  # the group row above: "Thôn Đông", "KHỐI ĐẢNG"
        self._staff = notes.is_staff(audience)

    def said(self, cells: Sequence[Cell], index: int, repairs: list[str]) -> str:
        """Give the text of a cell, mended and tidy; what was mended goes into `repairs`."""
        cell = cells[index] if index < len(cells) else None
        if not isinstance(cell, str):
            return oddities.plain(cell)
        if not cell:
            return ""
        mended = self.mender.mend(cell)
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
            reading.reasons += [f"look:{flag}" for flag in found.flags if found.numbers]
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
