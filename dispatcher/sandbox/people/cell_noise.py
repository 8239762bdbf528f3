"""Noise in cells, as clerks type numbers and notes: spaces, lost zeros, words beside them."""

from __future__ import annotations

from collections.abc import Sequence

from dispatcher.sandbox.people.population import SamplePerson

Cell = str | int

_STYLES = (
    *["{trunk}"] * 9,
    "{a} {b} {c}",
    "{a} {b} {c}",
    "{a}.{b}.{c}",
    "{a}-{b}-{c}",
    "+84 {n3} {b} {c}",
    "+84{national}",
    "84{national}",
    "{bare}",
    "{bare}",
    "O{national}",
    "\u202a{trunk}\u202c",
)
_PHONES_WITH_REMARK = (
    "{} (con trai)",
    "con gái: {}",
    "{} - chỉ gọi buổi tối",
    "Zalo: {}",
    "{} (máy vợ)",
    "bà nội {}",
)
_BROKEN = (
    "099{i3}",
    "0990 {i3} {i3} 12",
    "9.9E+08",
    "9,90E+08",
    "0300850{i5}",
    "12/03/19{i2}",
    "0912 ???",
    "113",
)
_REFUSALS = ("không nhận tin nhắn", "Đề nghị không gửi tin nhắn", "từ chối nhận tin")
_DEATHS = ("đã mất", "đã mất tháng 3", "từ trần 2024")
_MOVES = ("chuyển đi", "đã chuyển khẩu về tỉnh khác", "chuyển hộ khẩu")
_REMARKS = (
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "hộ gia đình văn hoá",
    "đi làm xa, tối mới về",
    "chưa có Zalo",
    "cựu chiến binh",
    "hộ cận nghèo",
)


def phone_cell(person: SamplePerson) -> Cell:
    """Write a person's number as their row has it."""
    written = _written(person)
    match person.row_defect:
        case "missing":
            return _pick(("", "", "không có", "-"), person)
        case "landline":
            return f"0220 3{person.serial % 1_000_000:06d}"
        case "old-landline":
            return f"031 3{person.serial % 1_000_000:06d}"
        case "old-prefix":
            return f"0199 {person.number[2:5]} {person.number[5:]}"
        case "broken":
            i = f"{person.serial:05d}"
            return _pick(_BROKEN, person).format(i2=i[-2:], i3=i[-3:], i5=i)
        case "words-beside":
            return _pick(_PHONES_WITH_REMARK, person).format(_plain(person.number))
    return written


def note_cell(person: SamplePerson) -> str:
    """Write the note of a person's row."""
    match person.row_defect:
        case "refuses":
            return _pick(_REFUSALS, person)
        case "dead":
            return _pick(_DEATHS, person)
        case "moved":
            return _pick(_MOVES, person)
    return (
        "dùng chung số với gia đình"
        if person.shares_number and person.random_values[4] < 0.5
        else _pick(_REMARKS, person)
    )


def two_phones_cell(first: SamplePerson, second: SamplePerson) -> str:
    """Write two numbers into one cell, as class lists do."""
    return f"{_plain(first.number)} / {_plain(second.number)}"


def numeric_phone_cell(person: SamplePerson) -> Cell:
    """Write a number the way a spreadsheet keeps it when nobody asked for text."""
    cell = phone_cell(person)
    return int(person.number) if cell == person.number else cell


def _written(person: SamplePerson) -> str:
    national = person.number
    style = _STYLES[int(person.random_values[2] * len(_STYLES))]
    if style == "{bare}" and national.endswith("000"):  # would look rounded
        style = "{trunk}"
    return style.format(
        trunk=f"0{national}", national=national, bare=national,
        a=f"0{national[:3]}", n3=national[:3], b=national[3:6], c=national[6:],
    )  # fmt: skip


def _plain(national: str) -> str:
    return f"0{national}"


def _pick(choices: Sequence[str], person: SamplePerson) -> str:
    return choices[int(person.random_values[3] * len(choices))]
