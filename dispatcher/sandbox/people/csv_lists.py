"""Lists as .csv: the class list of the schools and a household list of each thôn, no two alike."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from dispatcher.sandbox.people import cell_noise
from dispatcher.sandbox.people.population import COMMUNE, THON, Population, SamplePerson
from dispatcher.vietnamese.text import unaccent

# --- parents --------------------------------------------------------------------------------------------

_CLASSES = ("1A", "1B", "2A", "3A", "4B", "5A", "6A", "6B", "7A", "8A", "9A", "Mẫu giáo 5 tuổi")
_CHILDREN = ("An", "Bảo", "Chi", "Duy", "Giang", "Hân", "Khôi", "Linh", "Minh", "Ngọc", "Phúc", "Vy")


def parents(path: Path, population: Population) -> None:
    """Write the class lists as one table; families with two children stand there twice."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ("STT", "Lớp", "Họ và tên học sinh", "Họ tên phụ huynh", "Điện thoại liên hệ", "Thôn", "Ghi chú")
        )
        writer.writerows((number, *row) for number, row in enumerate(_parent_rows(population), 1))


def _parent_rows(population: Population) -> Iterator[Sequence[object]]:
    for place in range(population.parents):
        parent = population.person(population.parent(place))
        children = 2 if place % 12 == 7 else 1
        for child in range(children):
            yield _parent_row(population, place, parent, child)


def _parent_row(population: Population, place: int, parent: SamplePerson, child: int) -> Sequence[object]:
    family = parent.name.split()[0]
    pupil = f"{family} {('Gia', 'Bảo', 'Minh')[place % 3]} {_CHILDREN[(place * 5 + child) % len(_CHILDREN)]}"
    phone = cell_noise.phone_cell(parent)
    if place % 23 == 11:
        phone = cell_noise.two_phones_cell(parent, population.person(parent.serial + 1))
    return (_CLASSES[(place + 4 * child) % len(_CLASSES)], pupil, parent.name, phone, parent.thon, "")


# --- residents ------------------------------------------------------------------------------------------


class ResidentListFormat(NamedTuple):
    """How one thôn keeps its list."""

    headings: tuple[str, ...]
    row: Callable[[int, SamplePerson], Sequence[object]]
    title: tuple[str, ...] = ()
    delimiter: str = ","


def _plain(number: int, person: SamplePerson) -> Sequence[object]:
    return (
        number,
        person.name,
        _born(person),
        f"Thôn {person.thon}",
        cell_noise.phone_cell(person),
        cell_noise.note_cell(person),
    )


def _book(number: int, person: SamplePerson) -> Sequence[object]:
    return (
        number,
        person.name,
        f"Xóm {1 + person.serial % 4}",
        cell_noise.phone_cell(person),
        cell_noise.note_cell(person),
    )


def _addressed(number: int, person: SamplePerson) -> Sequence[object]:
    address = f"Xóm {1 + person.serial % 3}, thôn {person.thon}, xã {COMMUNE}"
    return number, person.name, address, cell_noise.phone_cell(person), cell_noise.note_cell(person)


def _split(number: int, person: SamplePerson) -> Sequence[object]:
    *others, given = person.name.split()
    return (
        number,
        " ".join(others),
        given,
        person.thon,
        cell_noise.phone_cell(person),
        cell_noise.note_cell(person),
    )


def _capitals(number: int, person: SamplePerson) -> Sequence[object]:
    return (
        number,
        person.name.upper(),
        person.thon,
        cell_noise.phone_cell(person),
        "",
        cell_noise.note_cell(person),
    )


def _courteous(number: int, person: SamplePerson) -> Sequence[object]:
    return (
        number, person.honorific.title(), person.name, f"Thôn {person.thon}", cell_noise.phone_cell(person),
        cell_noise.note_cell(person),
    )  # fmt: skip


def _titled(number: int, person: SamplePerson) -> Sequence[object]:
    name = f"{person.honorific.title()} {person.name}" if person.serial % 3 else person.name
    return number, name, f"thôn {person.thon}", cell_noise.note_cell(person), cell_noise.phone_cell(person)


def _born(person: SamplePerson) -> int:
    return 1950 + int(person.random_values[1] * 55)


_FORMATS = (
    ResidentListFormat(("STT", "Họ và tên", "Năm sinh", "Thôn", "Số điện thoại", "Ghi chú"), _plain),
    ResidentListFormat(
        ("TT", "Tên chủ hộ", "Xóm", "SĐT", "Ghi chú"),
        _book,
        title=("SỔ THEO DÕI HỘ GIA ĐÌNH", "Thôn {thon} - xã Hà Tây", ""),
        delimiter=";",
    ),
    ResidentListFormat(("STT", "Họ tên", "Địa chỉ", "Điện thoại", "Ghi chú"), _addressed),
    ResidentListFormat(("Stt", "Họ đệm", "Tên", "Thôn", "Di động", "Ghi chú"), _split),
    ResidentListFormat(("STT", "HỌ VÀ TÊN", "THÔN", "SỐ ĐT", "ZALO", "GHI CHÚ"), _capitals),
    ResidentListFormat(
        ("TT", "Danh xưng", "Họ và tên", "Thôn", "Số điện thoại liên hệ", "Ghi chú"), _courteous
    ),
    ResidentListFormat(
        ("Số TT", "Họ và tên", "Nơi ở", "Ghi chú", "ĐTDĐ"),
        _titled,
        title=("DANH SÁCH NHÂN DÂN THÔN {thon}",),
    ),
)


def residents(folder: Path, population: Population) -> tuple[Path, ...]:
    """Write a list for each thôn in one pass over the population; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{unaccent(thon).lower().replace(' ', '-')}.csv" for thon in THON)
    with ExitStack() as open_files:
        writers = []
        for path, thon, shape in zip(paths, THON, _FORMATS, strict=True):
            file = open_files.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
            writer = csv.writer(file, delimiter=shape.delimiter, lineterminator="\n")
            for line in shape.title:
                writer.writerow((line.format(thon=thon), *[""] * (len(shape.headings) - 1)))
            writer.writerow(shape.headings)
            writers.append(writer)
        numbers = [0] * len(THON)
        for index in range(population.residents):
            person = population.person(index)
            place = THON.index(person.thon)
            numbers[place] += 1
            writers[place].writerow(_FORMATS[place].row(numbers[place], person))
    return paths
