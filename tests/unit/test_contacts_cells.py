"""Cells: mail addresses, places and positions; and the fast lane that must say what the careful way says."""

from __future__ import annotations

import string

import pytest
from email_validator import validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.contacts import email_cell, leadership, places
from dispatcher.contacts.list_reader import read_file
from tests.corpus.file_writers import csv_file

MAILS = {
    "an.nguyen@hatay.example": ("an.nguyen@hatay.example", ""),
    "An.Nguyen@HaTay.Example": ("an.nguyen@hatay.example", ""),
    "a @gmail.com": ("a@gmail.com", "spaces"),
    "a@gmail .com": ("a@gmail.com", "spaces"),
    "a@gmail,com": ("a@gmail.com", "comma"),
    "a@gmail.con": ("a@gmail.com", "domain"),
    "a@gmai.com": ("a@gmail.com", "domain"),
    "a@gmail": ("a@gmail.com", "domain"),
    "mailto:a@b.vn": ("a@b.vn", "punctuation"),
    "Trần Bình <binh@hatay.example>": ("binh@hatay.example", "punctuation"),
    "a@hp.gov.vn (cơ quan)": ("a@hp.gov.vn", "punctuation"),
    "an@gmail.com.": ("an@gmail.com", "punctuation"),
    "a@b.vn; c@d.vn": ("a@b.vn", "more"),
    "a(at)b.vn": ("a@b.vn", "at-sign"),
    "a@@b.vn": ("a@b.vn", "at-sign"),
    "ａ@gmail.com": ("a@gmail.com", ""),
    " a@b.vn\u200b": ("a@b.vn", ""),
}
REFUSED = {
    "nguyễnvana@gmail.com": "accents",
    "an binh@gmail.com": "spaces",
    "0912345678": "no-at",
    "a@yahoo": "doubtful",
    "a@gmail.com.vn": "doubtful",
    "a@b": "incomplete",
    "a@x.test": "invalid",
    "a..b@c.vn": "invalid",
    "a@-b.vn": "invalid",
}


@pytest.mark.parametrize("cell", MAILS)
def test_mail_is_read(cell: str) -> None:
    found = email_cell.parse(cell)
    assert (found.address, " ".join(found.repairs)) == MAILS[cell]
    assert found.reason == ""


@pytest.mark.parametrize("cell", REFUSED)
def test_mail_is_refused(cell: str) -> None:
    assert email_cell.parse(cell) == ("", REFUSED[cell], ())


@pytest.mark.parametrize("cell", ["", "-", "không có", "chưa có", "x", None])
def test_no_mail_is_no_mistake(cell: object) -> None:
    assert email_cell.parse(cell) == ("", "", ())


_pieces = st.text(string.ascii_lowercase + string.digits + "._-+@", min_size=1, max_size=12)


@settings(max_examples=400)
@given(st.one_of(st.emails(), st.builds("{}@{}.{}".format, _pieces, _pieces, _pieces)))
def test_what_the_fast_way_takes_the_validator_takes_as_it_stands(address: str) -> None:
    address = address.lower()
    if email_cell.is_plain_address(address):
        assert validate_email(address, check_deliverability=False).normalized == address


@given(st.text(max_size=40))
def test_a_mail_cell_never_raises(cell: str) -> None:
    found = email_cell.parse(cell)
    assert found.address == "" or "@" in found.address


@pytest.mark.parametrize(
    ("value", "heading", "area"),
    [
        ("Đông", "Thôn", "Thôn Đông"),
        ("THÔN ĐÔNG", "Thôn", "Thôn Đông"),
        ("thôn an liệt 2", "Thôn/xóm", "Thôn An Liệt 2"),
        ("Xóm 3", "Thôn", "Xóm 3"),
        ("3", "Xóm", "Xóm 3"),
        ("TDP 5", "Tổ", "Tổ dân phố 5"),
        ("xóm 3 thôn Tây", "Xóm", "Thôn Tây"),
        ("Thôn An Liệt, xã Hà Tây", "Thôn", "Thôn An Liệt"),
        ("Thôn An Liệt xã Hà Tây", "Thôn", "Thôn An Liệt"),
        ("UBND xã", "Thôn", "UBND xã"),
        ("Đông", "Địa bàn", "Đông"),
        ("", "Thôn", ""),
    ],
)
def test_area(value: str, heading: str, area: str) -> None:
    assert places.normalise_area(value, heading) == area


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("Số 5, thôn Đông, xã An Phượng, huyện Thanh Hà", "Thôn Đông"),
        ("Thôn Đông - xã Hà Tây - TP Hải Phòng", "Thôn Đông"),
        ("An Liệt, Hà Tây", "An Liệt"),
        ("xã Hà Tây, Hải Phòng", ""),
        ("Hải Phòng", ""),
        ("12 Trần Phú", ""),
    ],
)
def test_area_of_an_address(address: str, area: str) -> None:
    assert places.area_of_address(address) == area


@pytest.mark.parametrize(
    ("title", "area", "unit"),
    [
        ("SỔ HỘ KHẨU THÔN AN LIỆT NĂM 2025", "Thôn An Liệt", ""),
        ("DANH SÁCH CHỦ HỘ THÔN ĐÔNG, XÃ HÀ TÂY", "Thôn Đông", ""),
        ("DANH SÁCH CÁC TRƯỞNG THÔN", "", ""),
        ("DANH SÁCH HỌC SINH LỚP 5A NĂM HỌC 2025-2026", "", "Lớp 5A"),
        ("DANH SÁCH ĐẢNG VIÊN CHI BỘ THÔN ĐÔNG", "Thôn Đông", "Chi bộ thôn Đông"),
        ("Danh sách phụ huynh các lớp", "", ""),
    ],
)
def test_titles(title: str, area: str, unit: str) -> None:
    assert (places.area_of_title(title), places.unit_of_title(title)) == (area, unit)


LEADS = {
    ("Trưởng thôn", ""): "area",
    ("Trưởng xóm", ""): "area",
    ("Phó trưởng thôn", ""): "",
    ("Bí thư chi bộ thôn Đông", ""): "area",
    ("Bí thư chi bộ", "Chi bộ thôn Đông"): "area",
    ("Bí thư chi bộ", "Chi bộ trường Tiểu học"): "",
    ("Phó bí thư chi bộ", "Chi bộ thôn Đông"): "",
    ("Bí thư chi bộ kiêm trưởng thôn", ""): "area",
    ("Tổ trưởng tổ công nghệ số cộng đồng", ""): "area",
    ("Tổ trưởng chuyên môn", ""): "",
    ("Chủ tịch UBND xã", ""): "commune",
    ("Phó Chủ tịch Uỷ ban nhân dân", ""): "commune",
    ("Chủ tịch", "UBND xã"): "commune",
    ("Chủ tịch", "Hội Nông dân"): "",
    ("Chủ tịch Uỷ ban MTTQ", ""): "",
    ("Phó Chủ tịch HĐND", ""): "",
    ("Bí thư Đảng ủy", ""): "commune",
    ("Bí thư Đoàn", ""): "",
    ("Công chức văn hoá – xã hội", ""): "commune",
    ("Công chức VH-XH", ""): "commune",
    ("Công chức Địa chính", ""): "",
}


@pytest.mark.parametrize("post", LEADS)
def test_lead(post: tuple[str, str]) -> None:
    assert leadership.leadership_of(*post) == LEADS[post]


_FAMILY = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Ông",
    "An",
    "Anh",
    "NGUYỄN",
    "Y",
    "H’Hen",
    "Thầy",
    "Cao",
    "Nguyê~n",
]
_MIDDLE = ["Văn", "Thị", "Bá", "Đức", "văn", "", "Thị  ", "V.", "(con)"]
_GIVEN = ["An", "Hà", "Hòa", "Hoà", "Đức", "A", "Nie", "an", "Bình (đã mất)", "Tuấn,", "Lê\u0323", "Ph?ng"]
_PHONE = [
    "0900000101",
    "0900 000 102",
    "900000103",
    "0169 000 0104",
    "0900000105; 0900000106",
    "0220 3812345",
    "",
    "x",
    "0363123456",
]
_AREA = ["Thôn Đông", "Đông", "", "TH¤N §¤NG", "số 5, thôn Tây", "?"]
_ROLE = ["", "Trưởng thôn", "Văn thư (nghỉ hưu)", "Chủ tịch UBND"]
_MAIL = ["", "an@hatay.example", "AN@hatay.example", "a@gmail.con", "x"]
_NOTE = ["", "", "", "đã mất", "hộ nghèo"]
_rows = st.lists(
    st.tuples(
        st.builds(
            lambda *parts: " ".join(filter(None, parts)),
            st.sampled_from(_FAMILY), st.sampled_from(_MIDDLE), st.sampled_from(_GIVEN),
        ),
        *(st.sampled_from(values) for values in (_AREA, _PHONE, _MAIL, _ROLE, _NOTE)),
    ),
    min_size=1,
    max_size=30,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(_rows, st.sampled_from(["staff", "residents"]))
def test_the_fast_lane_says_what_the_careful_way_says(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], audience: str
) -> None:
    path = tmp_path_factory.mktemp("lane") / "list.csv"
    csv_file([("Họ tên", "Thôn", "SĐT", "Email", "Chức vụ", "Ghi chú"), *rows, *rows, ("x",) * 6])(path)
    quickly = list(read_file(path, audience=audience))
    assert quickly == list(read_file(path, audience=audience, slow_path=True))
