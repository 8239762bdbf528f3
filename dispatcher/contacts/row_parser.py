"""Makes people of the cells of one row: the plan is drawn once a sheet, then followed a million times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from dispatcher.contacts import (
    Cell,
    Contact,
    Leadership,
    email_cell,
    hold_context,
    hold_reasons,
    leadership,
    places,
)
from dispatcher.contacts.birth_years import birth_year
from dispatcher.contacts.cells import format_cell
from dispatcher.contacts.column_plan import ColumnPlan, PersonColumns
from dispatcher.contacts.hold_context import HoldContext, PlacedFinding
from dispatcher.contacts.hold_reasons import HoldFinding
from dispatcher.contacts.layouts import column_letter
from dispatcher.contacts.legacy_fonts import LegacyFontDecoder
from dispatcher.vietnamese import encodings, names, phone, text

_NO_NAMES = """
    null na nan undefined none nil unknown noname empty blank test tbd xxx xx x abc chuaco khongco
    khongro chuaro khongbiet trong khong ko chuacapnhat dangcapnhat khongten chuaten andanh anonymous
    vodanh khongxacdinh chuaxacdinh ref value name hoten hovaten ten nodata khongcoten chuacoten
    chuabiet kr kbiet kco kro ngoidung nguoidung user admin guest aaa asdf bosung bosungsau capnhatsau
    div0 num nt nhutren nhtren botrong detrong canbosung choxacminh chuabietten chuaxacminh khach khachvanglai
    khachle nguoithuetro desau xemlai
    embe besosinh conchuadatten chuho chuhogiadinh dangboxung thieu thieuten khongghi demo sample todo
"""
_PLACEHOLDERS = frozenset(("", *_NO_NAMES.split()))


def is_placeholder(name: str) -> bool:
    """Return whether a cell of names only says that there is none: "NULL", "N/A", "Chưa có", "?", "0"."""
    folded = text.fold(name)
    return (
        folded in _PLACEHOLDERS or not any(map(str.isalpha, folded)) or folded.rstrip("0123456789") == "test"
    )


class ParsedPerson:
    """What came out for one person: the contact, if any, with reasons and repairs as code words."""

    __slots__ = ("contact", "has_unusable_address", "hold", "reasons", "repairs")

    def __init__(self) -> None:
        self.contact: Contact | None = None
        self.hold = ""
        self.has_unusable_address = False  # a number or mail of this person could not be taken
        self.reasons: list[str] = []
        self.repairs: list[str] = []


class RowParser:
    """Follows a plan row by row."""

    def __init__(
        self,
        plan: ColumnPlan,
        *,
        audience: str,
        decoder: LegacyFontDecoder,
        context: HoldContext | None = None,
        headings: Mapping[int, str] | None = None,
    ) -> None:
        self.plan = plan
        self.audience = audience
        self.decoder = decoder
        self.context = context or HoldContext()
        self.row = 0  # the row being read, as the spreadsheet counts
        self.group_finding: PlacedFinding | None = None
        self._headings = headings or {}
        self.group = ""  # the group row above: "Thôn Đông", "KHỐI ĐẢNG"
        self._staff = hold_reasons.is_staff(audience)

    def enter_group(self, title: str) -> None:
        """Read on below a group row; "" is below none."""
        self.group = title
        self.group_finding = hold_context.of_words(title, "group", staff=self._staff)

    def cell_text(self, cells: Sequence[Cell], index: int, repairs: list[str]) -> str:
        """Return the text of a cell, mended and tidy; what was mended goes into `repairs`."""
        cell = cells[index] if index < len(cells) else None
        if not isinstance(cell, str):
            return format_cell(cell)
        if not cell:
            return ""
        repaired = self.decoder.decode(cell)
        if repaired.encoding is not None:
            repairs.append(f"text:{repaired.encoding}")
            if repaired.doubtful:
                repairs.append("text:doubtful")
        cell = repaired.text
        tidy = text.clean(cell)
        if tidy != cell and tidy == text.nfc(cell):
            repairs.append("text:composed")
        return tidy

    def parse(self, person_columns: PersonColumns, cells: Sequence[Cell]) -> ParsedPerson:
        """Read one person."""
        result = ParsedPerson()
        repairs, reasons = result.repairs, result.reasons
        remarks: list[str] = []
        raw_name = " ".join(
            filter(None, [self.cell_text(cells, index, repairs) for index in person_columns.names])
        )
        own_name, behind = hold_reasons.split_name(raw_name)
        parsed_name = names.parse("" if is_placeholder(own_name) else own_name)
        repairs += [f"name:{repair}" for repair in (*(("note",) if behind else ()), *parsed_name.repairs)]
        beside_name = [behind, parsed_name.note]
        phones = self._phones(person_columns, cells, result, remarks)
        email = self._email(cells, result)
        area, unit, role, lead = self.area_and_position(cells, repairs, person_columns.role)
        remarks += [self.cell_text(cells, index, repairs) for index in self.plan.notes]
        remarks += [
            self.cell_text(cells, index, [])
            for index in (*self.plan.unheaded, *range(self.plan.width, len(cells)))
            if index < len(cells) and isinstance(cells[index], str) and cells[index]
        ]
        finding = hold_context.gravest(self._findings(cells, remarks, beside_name))
        hold, note = (finding.reason, finding.words) if finding else ("", "")
        if finding and finding.place:
            reasons.append(
                f"read:{finding.place}={finding.value}" if finding.value else f"read:{finding.place}"
            )
        if not hold:
            hold = self._consent_hold(cells)
        honorific = parsed_name.honorific or self.honorific_of(person_columns, cells)
        result.contact = Contact(
            parsed_name.full,
            parsed_name.given,
            honorific,
            phones,
            email,
            area,
            unit,
            role,
            lead,
            note,
            self.audience,
            hold,
            text.fold(parsed_name.full),
            self.birth_year_of(cells),
        )
        result.hold = hold
        if self.is_lossy(f"{raw_name}\n{area}\n{unit}\n{role}"):
            reasons.insert(0, "text:lossy")
        return result

    def birth_year_of(self, cells: Sequence[Cell]) -> int:
        """Return the year of birth the row states, 0 when it states none."""
        for index in self.plan.births:
            if index < len(cells) and (year := birth_year(cells[index])):
                return year
        return 0

    def is_plain_name(self, cell: str) -> bool:
        """Return whether a name is read exactly as it stands, called by its last word."""
        repairs: list[str] = []
        cell_text = self.cell_text((cell,), 0, repairs)
        if hold_reasons.split_name(cell_text)[1] or is_placeholder(cell_text):
            return False
        parsed_name = names.parse(cell_text)
        return (
            cell_text == parsed_name.full == cell
            and parsed_name.given == cell.rpartition(" ")[2]
            and not (repairs or parsed_name.repairs or parsed_name.note or parsed_name.honorific)
        )

    def is_lossy(self, words: str) -> bool:
        """Return whether letters are gone from what is imported."""
        return ("?" in words or "\ufffd" in words) and encodings.is_lossy(words)

    def area_and_position(
        self, cells: Sequence[Cell], repairs: list[str], position: str = ""
    ) -> tuple[str, str, str, Leadership]:
        """Return area, unit, role and lead; `position` is what the heading of a list of heads says."""
        unit, area = self._unit_and_area(cells, repairs)
        said = [position, *(self._place_text(cells, i, repairs) for i in self.plan.roles)]
        role = ", ".join(dict.fromkeys(filter(None, said)))
        lead = leadership.leadership_of(role, unit or self.group)
        if position and area:
            lead = lead or leadership.leadership_beside_area(position)
        if not area:
            area = leadership.area_of_role(role if lead == "area" else "", unit)
        return area, unit, role, lead

    def _findings(
        self, cells: Sequence[Cell], remarks: Sequence[str], beside_name: Sequence[str]
    ) -> Iterator[PlacedFinding]:
        """Yield all that speaks against writing to this person, from the nearest to the farthest."""
        staff = self._staff
        yield from hold_context.placed(hold_reasons.find_hold_reason(remarks, staff=staff))
        yield from hold_context.placed(hold_reasons.find_hold_reason(beside_name, staff=staff), "name")
        yield from self._of_columns(self.plan.flags, hold_reasons.is_marked, cells)
        yield from self._of_columns(self.plan.assurances, hold_reasons.is_denied, cells)
        for index in self.plan.others:
            if index < len(cells) and (found := self._in_cell(cells[index])):
                yield PlacedFinding(found.reason, found.words, "column", self._heading(index))
        yield from filter(None, (self.group_finding, self.context.finding))
        for mark in self.context.marks.get(self.row, ()):
            if found_mark := hold_context.of_mark(mark, staff=staff):
                yield found_mark

    def _of_columns(
        self, indices: Iterable[tuple[int, str]], holds: Callable[[Cell], bool], cells: Sequence[Cell]
    ) -> Iterator[PlacedFinding]:
        for index, reason in indices:
            if index < len(cells) and holds(cells[index]):
                words = f"{self._headings.get(index, '')}: {format_cell(cells[index])}"
                yield PlacedFinding(reason, words, "column", self._heading(index))

    def _heading(self, index: int) -> str:
        return f"{column_letter(index)} “{self._headings.get(index, '')}”"

    def _in_cell(self, cell: Cell) -> HoldFinding | None:
        if not isinstance(cell, str) or hold_reasons.is_figures(cell):
            return None
        return hold_reasons.find_hold_reason(
            [self.cell_text((cell,), 0, [])], staff=self._staff, is_note=False
        )

    def is_harmless(self, cell: Cell) -> bool:
        """Return whether a cell outside the columns of notes says nothing against anybody."""
        return self._in_cell(cell) is None

    def is_harmless_note(self, cell: Cell) -> bool:
        """Return whether a note needs no mending and says nothing against anybody."""
        repairs: list[str] = []
        words = self.cell_text((cell,), 0, repairs)
        return not repairs and hold_reasons.find_hold_reason([words], staff=self._staff) is None

    def _phones(
        self, person_columns: PersonColumns, cells: Sequence[Cell], person: ParsedPerson, remarks: list[str]
    ) -> tuple[str, ...]:
        numbers = self._numbers(person_columns.phones, cells, person, remarks)
        for index in person_columns.fallback_phones:
            numbers = numbers or self._numbers((index,), cells, person, remarks)
        return numbers

    def _numbers(
        self, indices: Sequence[int], cells: Sequence[Cell], person: ParsedPerson, remarks: list[str]
    ) -> tuple[str, ...]:
        numbers: list[str] = []
        refused: list[str] = []
        for index in indices:
            cell = cells[index] if index < len(cells) else None
            if cell is None or cell == "":
                continue
            parsed = phone.parse(cell)
            numbers += parsed.numbers
            person.repairs += [f"phone:{repair}" for repair in parsed.repairs]
            person.reasons += [f"look:{flag}" for flag in parsed.flags if parsed.numbers]
            if parsed.note:
                remarks.append(self.cell_text((parsed.note,), 0, person.repairs))
            if parsed.reason and parsed.reason != "empty":
                refused.append(parsed.reason)
                remarks.append(format_cell(cell))
        if numbers:
            refused = [reason for reason in refused if reason != "no-number"]
        person.has_unusable_address = person.has_unusable_address or bool(refused)
        person.reasons += [f"phone:{reason}" for reason in dict.fromkeys(refused)]
        return tuple(dict.fromkeys(numbers))

    def _email(self, cells: Sequence[Cell], person: ParsedPerson) -> str:
        address = ""
        for index in self.plan.emails:
            cell = cells[index] if index < len(cells) else None
            if not cell:
                continue
            parsed = email_cell.parse(cell)
            if parsed.reason:
                person.reasons.append(f"mail:{parsed.reason}")
                person.has_unusable_address = True
            if not address:
                address = parsed.address
                person.repairs += [f"mail:{repair}" for repair in parsed.repairs]
        return address

    def _unit_and_area(self, cells: Sequence[Cell], repairs: list[str]) -> tuple[str, str]:
        plan = self.plan
        unit = next(filter(None, (self.cell_text(cells, index, repairs) for index in plan.units)), "")
        area = ""
        for index, heading in plan.areas:
            area = area or places.normalise_area(self._place_text(cells, index, repairs), heading)
        for index in plan.addresses if not area else ():
            area = area or places.area_of_address(self._place_text(cells, index, repairs))
        group = self.group
        of_group = places.area_of_title(group) or (
            places.normalise_area(group) if places.is_place(group) else ""
        )
        area = area or of_group or plan.title_area
        if not unit:
            unit = plan.title_unit if not group or places.is_place(group) else group
        for index in plan.old_communes if area else ():
            commune = places.commune_name(self.cell_text(cells, index, repairs))
            area = f"{area} ({commune})" if commune and commune not in area else area
        return unit, area

    def _place_text(self, cells: Sequence[Cell], index: int, repairs: list[str]) -> str:
        """Return the text of a cell of a place or position, without words such as "Đã mất"."""
        words = self.cell_text(cells, index, repairs)
        found = hold_reasons.find_hold_reason([words], staff=False, is_note=False)
        if found is None:
            return words
        return words.replace(found.words, "").strip(" ,;:()-–") if found.words in words else ""

    def honorific_of(self, person_columns: PersonColumns, cells: Sequence[Cell]) -> str:
        """Return the form of address that the row or the heading states."""
        ignored: list[str] = []
        for index in self.plan.honorifics:
            if (title := self.cell_text(cells, index, ignored).lower().rstrip(". ")) and "/" not in title:
                return names.parse(f"{title} Nguyễn Văn An").honorific
        for index, heading in self.plan.sexes:
            if title := names.honorific_from_gender(self.cell_text(cells, index, ignored), heading):
                return title
        return person_columns.honorific

    def _consent_hold(self, cells: Sequence[Cell]) -> str:
        for index in self.plan.consents:
            cell = cells[index] if index < len(cells) else None
            if hold_reasons.lacks_consent(cell):
                return "refuses" if format_cell(cell) else "no-consent"
        return ""
