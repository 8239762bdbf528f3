"""Lists as .xlsx with what offices put around them: letterhead, title, group rows, signature.

The same bytes every time: the date of creation is fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from dispatcher.sandbox.people import cell_noise
from dispatcher.sandbox.people.population import THON, THON_LEADS, Population, SamplePerson, email_address

_CREATED = datetime(2025, 10, 14, 8, tzinfo=UTC).replace(tzinfo=None)

_ROLES = (
    ("I. ĐẢNG UỶ, HĐND, UBND, UBMTTQ XÃ", None),
    ("Bí thư Đảng uỷ", "Đảng uỷ xã"),
    ("Phó Bí thư Thường trực Đảng uỷ", "Đảng uỷ xã"),
    ("Chủ tịch UBND xã", "UBND xã"),
    ("Phó Chủ tịch UBND xã", "UBND xã"),
    ("Chủ tịch Uỷ ban MTTQ Việt Nam xã", "Uỷ ban MTTQ xã"),
    ("II. PHÒNG, BAN, ĐOÀN THỂ", None),
    ("Chánh Văn phòng HĐND và UBND", "Văn phòng HĐND và UBND"),
    ("Trưởng phòng Văn hoá - Xã hội", "Phòng Văn hoá - Xã hội"),
    ("Chuyên viên phụ trách chuyển đổi số", "Phòng Văn hoá - Xã hội"),
    ("Trưởng phòng Kinh tế", "Phòng Kinh tế"),
    ("Giám đốc", "Trung tâm Phục vụ hành chính công"),
    ("Trưởng Công an xã", "Công an xã"),
    ("Trạm trưởng", "Trạm Y tế"),
    ("Bí thư Đoàn TNCS Hồ Chí Minh xã", "Đoàn TNCS Hồ Chí Minh"),
    ("Chủ tịch Hội LHPN xã", "Hội LHPN"),
    ("III. TRƯỜNG HỌC", None),
    ("Hiệu trưởng", "Trường Mầm non Hà Tây"),
    ("Hiệu trưởng", "Trường Tiểu học Hà Tây"),
    ("Hiệu trưởng", "Trường THCS Hà Tây"),
    ("Giáo viên, Tổng phụ trách Đội", "Trường THCS Hà Tây"),
    ("Nhân viên văn thư", "Trường Tiểu học Hà Tây"),
    ("IV. TRƯỞNG THÔN", None),
    *((f"Trưởng thôn {thon}", f"Thôn {thon}") for thon in THON),
    ("V. BÍ THƯ CHI BỘ THÔN", None),
    *((f"Bí thư Chi bộ thôn {thon}", f"Chi bộ thôn {thon}") for thon in THON),
    ("VI. TỔ CÔNG NGHỆ SỐ CỘNG ĐỒNG", None),
    *((f"Tổ trưởng Tổ công nghệ số cộng đồng thôn {thon}", f"Tổ công nghệ số thôn {thon}") for thon in THON),
    ("VII. VIÊN CHỨC, NGƯỜI LAO ĐỘNG", None),
)
_FURTHER_ROLES = (
    ("Giáo viên", "Trường THCS Hà Tây"),
    ("Giáo viên", "Trường Tiểu học Hà Tây"),
    ("Giáo viên", "Trường Mầm non Hà Tây"),
    ("Chuyên viên", "Văn phòng HĐND và UBND"),
    ("Thành viên", "Tổ công nghệ số cộng đồng"),
    ("Y sĩ", "Trạm Y tế"),
)


@contextmanager
def _workbook(path: Path, sheet: str, widths: Sequence[int]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Open a workbook that keeps one row in memory; give its sheet and its formats."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as workbook:
        workbook.set_properties({"author": "UBND xã Hà Tây (mẫu)", "created": _CREATED})
        worksheet = workbook.add_worksheet(sheet)
        for column, width in enumerate(widths):
            worksheet.set_column(column, column, width)
        formats = {
            "title": workbook.add_format({"bold": True, "align": "center", "font_size": 14}),
            "centre": workbook.add_format({"align": "center"}),
            "heading": workbook.add_format({"bold": True, "align": "center", "border": 1, "text_wrap": True}),
            "group": workbook.add_format({"bold": True, "border": 1}),
            "cell": workbook.add_format({"border": 1}),
        }
        yield worksheet, formats


def _letterhead(worksheet: Any, formats: dict[str, Any], *, office: str, title: str, last: int) -> int:
    """Write what stands above a list; give the row of the headings."""
    middle = last // 2
    worksheet.merge_range(0, 0, 0, middle - 1, office, formats["centre"])
    worksheet.merge_range(0, middle, 0, last, "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM", formats["centre"])
    worksheet.merge_range(1, middle, 1, last, "Độc lập - Tự do - Hạnh phúc", formats["centre"])
    worksheet.merge_range(3, 0, 3, last, title, formats["title"])
    return 5


def _rows(worksheet: Any, formats: dict[str, Any], first: int, rows: Iterable[Sequence[object]]) -> int:
    """Write rows; one with a single value is a group. Return the row after the last."""
    row = first
    for row, values in enumerate(rows, first):
        kind = formats["group"] if len(values) == 1 else formats["cell"]
        for column, value in enumerate(values):
            worksheet.write(row, column, value, kind)
    return row + 1


# --- staff ----------------------------------------------------------------------------------------------


def staff(path: Path, population: Population) -> None:
    """Write the list of everybody at work for the commune."""
    with _workbook(path, "Danh sách", (5, 26, 44, 34, 18, 30, 20)) as (worksheet, formats):
        first = _letterhead(
            worksheet,
            formats,
            office="UỶ BAN NHÂN DÂN XÃ HÀ TÂY",
            title="DANH SÁCH CÁN BỘ, CÔNG CHỨC, VIÊN CHỨC, NGƯỜI LAO ĐỘNG",
            last=6,
        )
        headings = (
            "STT",
            "Họ và tên",
            "Chức vụ",
            "Đơn vị công tác",
            "Số điện thoại",
            "Thư điện tử",
            "Ghi chú",
        )
        worksheet.write_row(first, 0, headings, formats["heading"])
        after = _rows(worksheet, formats, first + 1, _staff_rows(population))
        worksheet.write(after + 1, 5, "Hà Tây, ngày 14 tháng 10 năm 2025")
        worksheet.write(after + 2, 5, "NGƯỜI LẬP DANH SÁCH")


def _staff_rows(population: Population) -> Iterator[Sequence[object]]:
    place = 0
    for role, unit in _ROLES:
        if unit is None:
            yield (role,)
        else:
            yield _staff_row(population, place, role, unit)
            place += 1
    for further in range(place, population.staff):
        yield _staff_row(population, further, *_FURTHER_ROLES[further % len(_FURTHER_ROLES)])


def _staff_row(population: Population, place: int, role: str, unit: str) -> Sequence[object]:
    person = population.person(population.staff_member(place))
    name = f"{person.honorific.title()} {person.name}" if place % 9 == 4 else person.name
    return (place + 1, name, role, unit, cell_noise.numeric_phone_cell(person), _mail(person, place), "")


def _mail(person: SamplePerson, place: int) -> str:
    """A few have no mail; one has half an address."""
    if place in {26, 31} or place % 40 == 38:
        return ""
    return email_address(person, place).removesuffix(".example" if place == 17 else "")


# --- party ----------------------------------------------------------------------------------------------

_CELLS = (*(f"Chi bộ thôn {thon}" for thon in THON), "Chi bộ Cơ quan", "Chi bộ Trường học")


def party(path: Path, population: Population) -> None:
    """Write the list of party members, cell by cell; the cell stands only in the first row of its block."""
    with _workbook(path, "Đảng viên", (5, 24, 26, 18, 30, 26)) as (worksheet, formats):
        first = _letterhead(
            worksheet, formats, office="ĐẢNG BỘ XÃ HÀ TÂY", title="DANH SÁCH ĐẢNG VIÊN CÁC CHI BỘ", last=5
        )
        headings = ("TT", "Chi bộ", "Họ tên đảng viên", "SĐT", "Email", "Ghi chú")
        worksheet.write_row(first, 0, headings, formats["heading"])
        _rows(worksheet, formats, first + 1, _party_rows(population))


def _party_rows(population: Population) -> Iterator[Sequence[object]]:
    number = 0
    for cell in _CELLS:
        label = cell
        for place in range(population.party):
            person = population.person(population.party_member(place))
            if _party_cell(population, place, person) != cell:
                continue
            number += 1
            note = {13: "miễn sinh hoạt", 29: "đã mất", 39: "chuyển sinh hoạt đảng đi"}.get(place % 60, "")
            yield (
                number,
                label,
                person.name,
                cell_noise.numeric_phone_cell(person),
                _party_mail(place, person),
                note,
            )
            label = ""


def _staff_place(place: int) -> int | None:
    block, within = divmod(place, 5)
    return 2 * block + within if within < 2 else None


def _party_cell(population: Population, place: int, person: SamplePerson) -> str:
    at_work = _staff_place(place)
    if at_work is None or at_work in THON_LEADS or at_work >= population.staff:
        return f"Chi bộ thôn {person.thon}"
    return _CELLS[-1] if at_work in range(14, 19) else _CELLS[-2]


def _party_mail(place: int, person: SamplePerson) -> str:
    at_work = _staff_place(place)
    return _mail(person, at_work) if at_work is not None and place % 3 else ""
