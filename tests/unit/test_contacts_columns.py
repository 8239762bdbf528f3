"""What columns say together: whose number is whose, which column names people, and who is held."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from dispatcher.contacts import Overrides, ParsedRow
from dispatcher.contacts.list_reader import ListReader, read_file

PEOPLE = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường", "Phạm Thị Dung")
OWN = ("0900000101", "0900000102", "0900000103", "0900000104")
OTHERS = ("0900000901", "0900000902", "0900000903", "0900000904")


def read(
    tmp_path: Path,
    headings: str,
    *columns: tuple[str, ...],
    audience: str = "residents",
    name: str = "ds.csv",
) -> tuple[ListReader, list[ParsedRow]]:
    path = tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings.split("|"), *zip(*columns, strict=True)])
    reader = read_file(path, audience=audience)
    return reader, [row for row in reader if row.status != "skipped"]


def numbers(rows: list[ParsedRow]) -> list[tuple[str, ...]]:
    return [row.contact.phones if row.contact else () for row in rows]


def taken(values: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [(f"+84{value[1:]}",) for value in values]


@pytest.mark.parametrize(
    "code", ["MSSV", "STK", "MST", "maSinhVien", "Mã hộ", "Số BHXH", "Số hồ sơ", "Số tiền"]
)
def test_codes_are_never_numbers(tmp_path: Path, code: str) -> None:
    _reader, rows = read(tmp_path, f"Họ và tên|{code}", PEOPLE, OWN)
    assert numbers(rows) == [()] * 4
    assert [row.contact.name for row in rows if row.contact] == list(PEOPLE)


@pytest.mark.parametrize("unknown", ["Màu xe", "Cột B", "abc", "Field 7", "Kênh"])
def test_an_unknown_heading_is_asked_about_and_not_used(tmp_path: Path, unknown: str) -> None:
    reader, rows = read(tmp_path, f"Họ và tên|Thôn|{unknown}", PEOPLE, ("Thôn Đông",) * 4, OWN)
    assert numbers(rows) == [()] * 4
    (question,) = reader.sheets[0].questions()
    assert unknown in question


def test_headings_that_nobody_knows_are_not_thrown_away(tmp_path: Path) -> None:
    reader, rows = read(tmp_path, "aaa|bbb", PEOPLE, OWN)
    assert numbers(rows) == [()] * 4
    assert len(reader.sheets[0].questions()) == 1


@pytest.mark.parametrize(
    "other",
    [
        "SĐT trưởng thôn",
        "SĐT người thân",
        "Điện thoại gia đình",
        "SĐT cũ",
        "SĐT GVCN",
        "ĐT cơ quan",
        "SĐT vợ/chồng",
        "SĐT dự phòng",
        "Emergency phone",
        "Hotline",
        "SĐT người liên hệ khi cần",
        "Backup phone",
    ],
)
@pytest.mark.parametrize("own", ["Số điện thoại", "SĐT cá nhân", "SĐT mới", "Mobile"])
@pytest.mark.parametrize("audience", ["residents", "staff", "party"])
def test_the_own_number_wins_wherever_it_stands(tmp_path: Path, other: str, own: str, audience: str) -> None:
    _reader, rows = read(tmp_path, f"Họ và tên|{other}|{own}", PEOPLE, OTHERS, OWN, audience=audience)
    assert numbers(rows) == taken(OWN)
    _reader, rows = read(tmp_path, f"Họ và tên|{own}|{other}", PEOPLE, OWN, OTHERS, audience=audience)
    assert numbers(rows) == taken(OWN)


def test_an_old_number_serves_where_there_is_no_new_one(tmp_path: Path) -> None:
    _reader, rows = read(tmp_path, "Họ và tên|SĐT cũ|SĐT mới", PEOPLE[:2], OTHERS[:2], (OWN[0], ""))
    assert numbers(rows) == taken((OWN[0], OTHERS[1]))


@pytest.mark.parametrize("other", ["SĐT người thân", "SĐT trưởng thôn", "SĐT chủ hộ"])
def test_somebody_elses_number_is_used_only_when_the_organiser_says_so(tmp_path: Path, other: str) -> None:
    reader, rows = read(tmp_path, f"Họ và tên|{other}", PEOPLE, OTHERS)
    assert numbers(rows) == [()] * 4
    assert len(reader.sheets[0].questions()) == 1


@pytest.mark.parametrize("who", ["giáo viên", "chủ hộ", "cán bộ", "đảng viên", "người liên hệ", "hội viên"])
def test_the_number_of_whom_the_list_lists_is_their_own(tmp_path: Path, who: str) -> None:
    _reader, rows = read(tmp_path, f"Họ tên {who}|SĐT {who}", PEOPLE, OWN)
    assert numbers(rows) == taken(OWN)


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        ("Name|Họ và tên|SĐT", (("",) * 4, PEOPLE, OWN)),
        ("Đảng viên|Họ và tên|SĐT", (("x",) * 4, PEOPLE, OWN)),
        ("Cán bộ|Họ tên|SĐT", (("1",) * 4, PEOPLE, OWN)),
        ("Họ và tên|Chủ hộ|SĐT", (PEOPLE, PEOPLE[::-1], OWN)),
        ("Chủ hộ|Họ và tên|SĐT", (PEOPLE[::-1], PEOPLE, OWN)),
        ("Người giới thiệu|Họ và tên|SĐT", (PEOPLE[::-1], PEOPLE, OWN)),
        (
            "Họ và chữ lót|Tên|SĐT",
            (tuple(p.rpartition(" ")[0] for p in PEOPLE), tuple(p.rpartition(" ")[2] for p in PEOPLE), OWN),
        ),
        (
            "First Name|Middle Name|Last Name|Phone 1 - Value",
            (*tuple(tuple(p.split()[n] for p in PEOPLE) for n in (2, 1, 0)), OWN),
        ),
        (
            "First Name|Last Name|Mobile Phone",
            (tuple(" ".join(p.split()[:2]) for p in PEOPLE), tuple(p.split()[2] for p in PEOPLE), OWN),
        ),
    ],
)
def test_the_name_comes_from_the_column_that_has_it(
    tmp_path: Path, headings: str, columns: tuple[tuple[str, ...], ...]
) -> None:
    _reader, rows = read(tmp_path, headings, *columns)
    assert [row.contact.name for row in rows if row.contact] == list(PEOPLE)
    assert numbers(rows) == taken(OWN)


@pytest.mark.parametrize("audience", ["residents", "party"])
def test_a_register_with_fathers_and_mothers_is_no_class_list(tmp_path: Path, audience: str) -> None:
    _reader, rows = read(
        tmp_path, "Họ và tên|SĐT|Họ tên bố|Họ tên mẹ", PEOPLE, OWN, PEOPLE[::-1], PEOPLE, audience=audience
    )
    assert [row.contact.name for row in rows if row.contact] == list(PEOPLE)


def test_the_same_columns_list_pupils_where_parents_are_written_to(tmp_path: Path) -> None:
    _reader, rows = read(
        tmp_path, "Họ và tên|Lớp|SĐT bố|Họ tên bố", PEOPLE, ("5A",) * 4, OWN, PEOPLE[::-1], audience="parents"
    )
    assert [row.contact.name for row in rows if row.contact] == list(PEOPLE[::-1])


def test_a_list_of_heads_makes_leads(tmp_path: Path) -> None:
    _reader, rows = read(
        tmp_path,
        "Thôn|Trưởng thôn|Số ĐT|Bí thư chi bộ|Số ĐT",
        ("Thôn 1", "Thôn 2"),
        PEOPLE[:2],
        OWN[:2],
        PEOPLE[2:],
        OWN[2:],
        audience="staff",
    )
    found = [
        (row.part, row.contact.name, row.contact.phones, row.contact.lead, row.contact.area)
        for row in rows
        if row.contact
    ]
    assert found == [
        (0, PEOPLE[0], ("+84900000101",), "area", "Thôn 1"),
        (1, PEOPLE[2], ("+84900000103",), "area", "Thôn 1"),
        (0, PEOPLE[1], ("+84900000102",), "area", "Thôn 2"),
        (1, PEOPLE[3], ("+84900000104",), "area", "Thôn 2"),
    ]


HEADING_AND_CELL = [
    ("Đã mất", "x"),
    ("Ngày mất", "12/3/2024"),
    ("Năm mất", "2020"),
    ("Đã chuyển đi", "x"),
    ("Không nhận tin", "v"),
    ("Từ chối nhận tin", "1"),
    ("Do not contact", "TRUE"),
    ("Còn sống", "không"),
    ("Đang cư trú", "Không"),
    ("Hiện tại", "Đã chết"),
    ("Năm sinh", "Đã mất"),
    ("Diễn giải", "đã từ trần"),
    ("Nghề nghiệp", "Da mat"),
    ("Địa chỉ", "Đã mất"),
    ("Thôn", "đã chuyển đi"),
    ("Còn sống/đã mất", "đã mất"),
    ("Quan hệ", "chết 2020"),
    ("Màu xe", "XKLĐ Đài Loan"),
    ("Số CCCD", "đã mất"),
    ("Ngày sinh", "1/1/1950 (đã mất)"),
    ("Ghi chú", "ko nhận tin"),
    ("Sai số", "x"),
    ("Chức vụ", "Trưởng thôn (đã mất)"),
    ("Xe", "không liên lạc được"),
    ("", "đã mất"),
]


@pytest.mark.parametrize(("heading", "cell"), HEADING_AND_CELL)
def test_what_is_said_anywhere_is_heard(tmp_path: Path, heading: str, cell: str) -> None:
    _reader, rows = read(tmp_path, f"Họ và tên|SĐT|{heading}", PEOPLE, OWN, ("", cell, "", ""))
    assert [row.status for row in rows] == ["accepted", "held", "accepted", "accepted"]
    assert [row.contact.area for row in rows if row.contact] == [""] * 4


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Đã mất", "không"),
        ("Không nhận tin", ""),
        ("Nghề nghiệp", "làm ruộng"),
        ("Trình độ", "CĐ"),
        ("Còn sống", "x"),
        ("Quà", "không nhận quà"),
        ("Địa chỉ", "Thôn Đông"),
        ("Ngày sinh", "1/1/1950"),
        ("Nhóm máu", "O+"),
    ],
)
def test_and_what_is_not_said_is_not(tmp_path: Path, heading: str, cell: str) -> None:
    _reader, rows = read(tmp_path, f"Họ và tên|SĐT|{heading}", PEOPLE, OWN, (cell,) * 4)
    assert [row.status for row in rows] == ["accepted"] * 4


@pytest.mark.parametrize(
    "name",
    [
        "ds-da-mat.csv",
        "danh_sach_da_chuyen_di.csv",
        "tu choi nhan tin.csv",
        "Đã mất.csv",
        "nguoi-chet-2024.csv",
    ],
)
def test_the_name_of_the_file_is_heard(tmp_path: Path, name: str) -> None:
    _reader, rows = read(tmp_path, "Họ và tên|SĐT", PEOPLE, OWN, name=name)
    assert {row.status for row in rows} == {"held"}
    assert "read:file" in rows[0].reasons


@pytest.mark.parametrize(
    "group",
    ["II. ĐÃ MẤT", "Đã mất", "Những người đã chuyển đi", "B. TỪ CHỐI NHẬN TIN", "Không liên lạc được:"],
)
def test_a_group_row_speaks_of_those_below_it(tmp_path: Path, group: str) -> None:
    _reader, rows = read(
        tmp_path,
        "STT|Họ và tên|SĐT",
        ("1", "", "2", "", "3"),
        (PEOPLE[0], group, PEOPLE[1], "III. Khối ba", PEOPLE[2]),
        (OWN[0], "", OWN[1], "", OWN[2]),
    )
    assert [row.status for row in rows] == ["accepted", "held", "accepted"]


def test_a_title_speaks_of_everybody(tmp_path: Path) -> None:
    path = tmp_path / "ds.csv"
    path.write_text(f"DANH SÁCH ĐẢNG VIÊN ĐÃ TỪ TRẦN\nHọ tên,SĐT\n{PEOPLE[0]},{OWN[0]}\n", encoding="utf-8")
    (row,) = (row for row in read_file(path, audience="party") if row.contact)
    assert row.reasons == ("hold:dead", "read:title")


@pytest.mark.parametrize(
    "name",
    [
        "NULL",
        "N/A",
        "undefined",
        "Chưa có",
        "-",
        "Không rõ",
        "?",
        "...",
        "nan",
        "(trống)",
        "0",
        "#N/A",
        "chưa rõ",
    ],
)
def test_a_placeholder_is_no_name(tmp_path: Path, name: str) -> None:
    _reader, rows = read(tmp_path, "Họ và tên|SĐT", (name, *PEOPLE[1:]), OWN)
    assert (rows[0].status, rows[0].reasons) == ("rejected", ("row:name-missing",))


def test_a_number_of_many_unrelated_people_is_asked_about(tmp_path: Path) -> None:
    _reader, rows = read(tmp_path, "Họ và tên|SĐT", (*PEOPLE, "Vũ Văn Em"), (*(OWN[0],) * 4, OWN[1]))
    assert [row.status for row in rows] == ["held"] * 4 + ["accepted"]
    assert rows[0].reasons == ("hold:shared",)


def test_a_family_shares_a_number(tmp_path: Path) -> None:
    family = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Thị Cúc", "Nguyễn Văn Dần")
    _reader, rows = read(tmp_path, "Họ và tên|SĐT", family, (OWN[0],) * 4)
    assert [row.status for row in rows] == ["accepted"] * 4
    _reader, rows = read(tmp_path, "Họ và tên|Quan hệ với chủ hộ|SĐT", PEOPLE, ("Con",) * 4, (OWN[0],) * 4)
    assert [row.status for row in rows] == ["accepted"] * 4


@pytest.mark.parametrize(
    ("heading", "holds"),
    [
        ("SĐT người thân", {"SĐT người thân": "phone"}),
        ("SĐT trưởng thôn", {"B": "phone"}),
        ("Kênh", {"kenh": "phone"}),
        ("MSSV", {"B": "phone"}),
    ],
)
def test_the_organiser_has_the_last_word(tmp_path: Path, heading: str, holds: dict[str, str]) -> None:
    path = tmp_path / "ds.csv"
    path.write_text(f"Họ và tên,{heading}\n{PEOPLE[0]},{OWN[0]}\n{PEOPLE[1]},{OWN[1]}\n", encoding="utf-8")
    reader = read_file(path, audience="residents", overrides=Overrides(columns=holds))
    assert numbers([row for row in reader if row.contact]) == taken(OWN[:2])
    assert not reader.sheets[0].questions()


@pytest.mark.parametrize(
    "heading", ["SĐT từ chối nhận tin", "Số điện thoại không nhận tin", "Số ĐT không liên lạc được"]
)
def test_numbers_under_a_refusal_are_numbers_and_held(tmp_path: Path, heading: str) -> None:
    _reader, rows = read(tmp_path, f"Họ và tên|{heading}", PEOPLE, OWN)
    assert numbers(rows) == taken(OWN)
    assert {row.status for row in rows} == {"held"}


def test_a_pupils_own_mail_is_asked_about_and_not_used(tmp_path: Path) -> None:
    reader, rows = read(
        tmp_path,
        "Họ tên học sinh|Email|SĐT phụ huynh",
        PEOPLE,
        ("em1@truong.example", "em2@truong.example", "em3@truong.example", "em4@truong.example"),
        OWN,
        audience="parents",
    )
    assert not any(row.contact.email for row in rows if row.contact)
    assert len(reader.sheets[0].questions()) == 1


def test_a_number_of_many_is_asked_about_wherever_in_a_long_list_they_stand(tmp_path: Path) -> None:
    count = 8000
    given_by = {100: "Trần Thị Hoa", 2900: "Lê Thị Hoa", 5200: "Phạm Thị Hoa", 7900: "Hoàng Thị Hoa"}
    phones = tuple("0900009999" if n in given_by else f"09{10_000_000 + n}" for n in range(count))
    people = tuple(given_by.get(n, "Nguyễn Văn An") for n in range(count))
    _reader, rows = read(tmp_path, "Họ và tên|SĐT", people, phones)
    held = [row.row - 2 for row in rows if row.contact and row.contact.hold == "shared"]
    assert held == list(given_by)


def test_an_empty_column_of_numbers_is_no_reason_not_to_ask_about_the_others(tmp_path: Path) -> None:
    headings = "Họ và tên|SĐT người thân|SĐT"
    reader, rows = read(tmp_path, headings, PEOPLE, OTHERS, ("",) * 4)
    assert numbers(rows) == [()] * 4
    (question,) = reader.sheets[0].questions()
    assert "SĐT người thân" in question


def test_the_first_person_is_no_second_row_of_headings(tmp_path: Path) -> None:
    words = ("không có điện thoại và thư điện tử", "", "", "")
    _reader, rows = read(tmp_path, "Họ và tên|Thôn|Cần sửa", PEOPLE, ("Đông",) * 4, words)
    assert [row.contact.name for row in rows if row.contact] == list(PEOPLE)


def test_a_register_that_names_a_father_is_no_class_list_and_his_number_is_asked_about(
    tmp_path: Path,
) -> None:
    headings = "Họ và tên|Họ tên bố|SĐT bố|Thôn"
    reader, rows = read(tmp_path, headings, PEOPLE, ("Trần Văn Già",) * 4, OTHERS, ("Đông",) * 4)
    assert [row.contact.name for row in rows if row.contact] == list(PEOPLE)
    assert numbers(rows) == [()] * 4
    (question,) = reader.sheets[0].questions()
    assert "SĐT bố" in question


@pytest.mark.parametrize("name", ["DS_TuChoi_2025.csv", "daMat.csv", "Da-Mat-2024.csv"])
def test_words_run_together_in_the_name_of_a_file_are_heard(tmp_path: Path, name: str) -> None:
    _reader, rows = read(tmp_path, "Họ và tên|SĐT", PEOPLE, OWN, name=name)
    assert {row.status for row in rows} == {"held"}


def test_a_question_of_a_form_that_says_who_sends_means_the_receiver(tmp_path: Path) -> None:
    asked = "Xin cho biết số điện thoại để Uỷ ban nhân dân xã gửi tin nhắn nhắc việc cho ông/bà"
    _reader, rows = read(tmp_path, f"Họ và tên của ông/bà|{asked}", PEOPLE, OWN)
    assert numbers(rows) == taken(OWN)
