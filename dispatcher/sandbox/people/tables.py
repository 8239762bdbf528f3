"""Lists as .csv: the class list of the schools and a household list of each thôn, no two alike."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from dispatcher.sandbox.people import writing
from dispatcher.sandbox.people.town import COMMUNE, THON, Person, Town
from dispatcher.vietnamese.text import unaccent

# --- parents --------------------------------------------------------------------------------------------

_CLASSES = ("1A", "1B", "2A", "3A", "4B", "5A", "6A", "6B", "7A", "8A", "9A", "Mẫu giáo 5 tuổi")
_CHILDREN = ("An", "Bảo", "Chi", "Duy", "Giang", "Hân", "Khôi", "Linh", "Minh", "Ngọc", "Phúc", "Vy")


def parents(path: Path, town: Town) -> None:
    """Write the class lists as one table; families with two children stand there twice."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ("STT", "Lớp", "Họ và tên học sinh", "Họ tên phụ huynh", "Điện thoại liên hệ", "Thôn", "Ghi chú")
        )
        writer.writerows((number, *row) for number, row in enumerate(_parent_rows(town), 1))


def _parent_rows(town: Town) -> Iterator[Sequence[object]]:
    for place in range(town.parents):
        parent = town.person(town.parent(place))
        children = 2 if place % 12 == 7 else 1
        for child in range(children):
            yield _parent_row(town, place, parent, child)


def _parent_row(town: Town, place: int, parent: Person, child: int) -> Sequence[object]:
    family = parent.name.split()[0]
    pupil = f"{family} {('Gia', 'Bảo', 'Minh')[place % 3]} {_CHILDREN[(place * 5 + child) % len(_CHILDREN)]}"
    phone = writing.phone(parent)
    if place % 23 == 11:
        phone = writing.several(parent, town.person(parent.serial + 1))
    return (_CLASSES[(place + 4 * child) % len(_CLASSES)], pupil, parent.name, phone, parent.thon, "")


# --- residents ------------------------------------------------------------------------------------------


class Shape(NamedTuple):
    """How one thôn keeps its list."""

    headings: tuple[str, ...]
    row: Callable[[int, Person], Sequence[object]]
    title: tuple[str, ...] = ()
    delimiter: str = ","


def _plain(number: int, person: Person) -> Sequence[object]:
    return (
        number,
        person.name,
        _born(person),
        f"Thôn {person.thon}",
        writing.phone(person),
        writing.note(person),
    )


def _book(number: int, person: Person) -> Sequence[object]:
    return number, person.name, f"Xóm {1 + person.serial % 4}", writing.phone(person), writing.note(person)


def _addressed(number: int, person: Person) -> Sequence[object]:
    address = f"Xóm {1 + person.serial % 3}, thôn {person.thon}, xã {COMMUNE}"
    return number, person.name, address, writing.phone(person), writing.note(person)


def _split(number: int, person: Person) -> Sequence[object]:
    *others, given = person.name.split()
    return number, " ".join(others), given, person.thon, writing.phone(person), writing.note(person)


def _capitals(number: int, person: Person) -> Sequence[object]:
    return number, person.name.upper(), person.thon, writing.phone(person), "", writing.note(person)


def _courteous(number: int, person: Person) -> Sequence[object]:
    return (
        number, person.honorific.title(), person.name, f"Thôn {person.thon}", writing.phone(person),
        writing.note(person),
    )  # fmt: skip


def _titled(number: int, person: Person) -> Sequence[object]:
    name = f"{person.honorific.title()} {person.name}" if person.serial % 3 else person.name
    return number, name, f"thôn {person.thon}", writing.note(person), writing.phone(person)


def _born(person: Person) -> int:
    return 1950 + int(person.draws[1] * 55)


_SHAPES = (
    Shape(("STT", "Họ và tên", "Năm sinh", "Thôn", "Số điện thoại", "Ghi chú"), _plain),
    Shape(
        ("TT", "Tên chủ hộ", "Xóm", "SĐT", "Ghi chú"),
        _book,
        title=("SỔ THEO DÕI HỘ GIA ĐÌNH", "Thôn {thon} - xã Hà Tây", ""),
        delimiter=";",
    ),
    Shape(("STT", "Họ tên", "Địa chỉ", "Điện thoại", "Ghi chú"), _addressed),
    Shape(("Stt", "Họ đệm", "Tên", "Thôn", "Di động", "Ghi chú"), _split),
    Shape(("STT", "HỌ VÀ TÊN", "THÔN", "SỐ ĐT", "ZALO", "GHI CHÚ"), _capitals),
    Shape(("TT", "Danh xưng", "Họ và tên", "Thôn", "Số điện thoại liên hệ", "Ghi chú"), _courteous),
    Shape(
        ("Số TT", "Họ và tên", "Nơi ở", "Ghi chú", "ĐTDĐ"),
        _titled,
        title=("DANH SÁCH NHÂN DÂN THÔN {thon}",),
    ),
)


def residents(folder: Path, town: Town) -> tuple[Path, ...]:
    """Write a list for each thôn in one pass over the town; give the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{unaccent(thon).lower().replace(' ', '-')}.csv" for thon in THON)
    with ExitStack() as open_files:
        writers = []
        for path, thon, shape in zip(paths, THON, _SHAPES, strict=True):
            file = open_files.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
            writer = csv.writer(file, delimiter=shape.delimiter, lineterminator="\n")
            for line in shape.title:
                writer.writerow((line.format(thon=thon), *[""] * (len(shape.headings) - 1)))
            writer.writerow(shape.headings)
            writers.append(writer)
        numbers = [0] * len(THON)
        for index in range(town.residents):
            person = town.person(index)
            place = THON.index(person.thon)
            numbers[place] += 1
            writers[place].writerow(_SHAPES[place].row(numbers[place], person))
    return paths
