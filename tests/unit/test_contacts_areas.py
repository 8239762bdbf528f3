"""Areas: one way of writing, one key, no key across tones; "nt" and blocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatcher.contacts import places
from dispatcher.contacts.area_names import area_key, find_area, same_area
from dispatcher.contacts.list_reader import read_file
from dispatcher.feedback.participation import matching
from dispatcher.ledger.recipients.participation import KnownPerson
from tests.corpus.file_writers import csv_file, xlsx_file

SAME = {
    "Thôn Đông": ["Đông", "T. Đông", "T.Đông", "Th. Đông", "THÔN ĐÔNG", "thôn đông", "THôN ĐôNG",
                  "Thôn: Đông", "Thôn thôn Đông", "Thôn Đông, xã Hà Tây", "Thôn Đông - X. Hà Tây"],
    "Thôn Dong": ["Thon Dong", "Thôn Thon Dong", "thon dong"],
    "Thôn 1": ["Thôn 01", "thôn số 1", "1", "Thôn I"],
    "Thôn An Liệt 2": ["An Liệt 02", "thôn An Liệt II"],
    "Thôn 3A": ["3a", "thôn 3a"],
    "Tổ dân phố 3": ["TDP 3", "TDP3", "T.D.P 3", "TDP số 3", "Tổ dân phố số 03", "to dan pho 3", "Tổ DP 3"],
    "Khu dân cư Đông": ["KDC Đông", "K.D.C Đông", "khu dân cư Đông", "Khu DC Đông"],
    "Khu phố 2": ["KP 2", "KP2", "KP. 02", "Khu phố II", "khu pho 2"],
    "Tiểu khu 5": ["Tiểu khu 5", "TK5", "tieu khu 05"],
    "Khóm 4": ["khóm 4", "Khom 4", "KHÓM 04"],
    "Xóm 3": ["xóm 3", "Xom 03"],
    "Ấp 3": ["ấp 3", "Ap 3"],
    "Buôn Alê A": ["Buôn Alê A", "BUÔN ALÊ A"],
    "Bản Lác": ["bản Lác"],
    "Đội 5": ["Đội 05", "doi 5"],
    "Tổ 3": ["Tổ 03", "Tổ3", "tổ ba", "to 3"],
    "": ["không", "0", "NULL", "N/A", "-", "x", "chưa có", "?", "nt"],
}  # fmt: skip


@pytest.mark.parametrize(("value", "area"), [(value, area) for area in SAME for value in SAME[area]])
def test_a_place_is_written_one_way(value: str, area: str) -> None:
    assert places.normalise_area(value, "Thôn") == area
    assert places.normalise_area(area, "Thôn") == area


@pytest.mark.parametrize(
    ("heading", "value", "area"),
    [
        ("TDP", "3", "Tổ dân phố 3"),
        ("Tổ dân phố", "Tổ 3", "Tổ dân phố 3"),
        ("KDC", "Đông", "Khu dân cư Đông"),
        ("Khu phố", "Khu 2", "Khu phố 2"),
        ("Khóm", "4", "Khóm 4"),
        ("Tiểu khu", "5", "Tiểu khu 5"),
        ("Bản", "Lác", "Bản Lác"),
        ("Buôn", "Alê A", "Buôn Alê A"),
        ("Ấp", "Bắc", "Ấp Bắc"),
        ("Tổ", "3.0", "Tổ 3"),
        ("Bạn ở đâu?", "Đông", "Đông"),
        ("Địa bàn", "Đông", "Đông"),
        ("Thôn", "Trung Kiên", "Thôn Trung Kiên"),
        ("Thôn", "Thái Bình", "Thôn Thái Bình"),
        ("Thôn", "Lang Son", "Thôn Lang Son"),
        ("Bản", "Na", "Bản Na"),
    ],
)
def test_a_bare_value_is_what_its_heading_says(heading: str, value: str, area: str) -> None:
    assert places.normalise_area(value, heading) == area


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("Tổ 3, KP2, P. An Phú", "Khu phố 2"),
        ("Số 5, T. Đông, xã Hà Tây", "Thôn Đông"),
        ("xom 3, thon Dong", "Thôn Dong"),
        ("TDP5, phường An Phú", "Tổ dân phố 5"),
        ("Đội 3 - Thôn Đông - Xã Hà Tây", "Thôn Đông"),
        ("ấp 3 xã Tân Lập", "Ấp 3"),
        ("nt", ""),
    ],
)
def test_an_address_names_the_widest_of_its_places(address: str, area: str) -> None:
    assert places.area_of_address(address) == area


def test_a_key_heeds_tones_but_not_where_they_stand() -> None:
    assert area_key("Thôn Hoà Bình") == area_key("THÔN  HÒA BÌNH")
    assert area_key("Thôn Mỹ Lý") == area_key("Thôn Mĩ Lí")
    assert area_key("Thôn Hà Vân") != area_key("Thôn Hạ Vạn")
    assert same_area("Thôn Dong", "Thôn Đông")
    assert not same_area("Thôn Hà Vân", "Thôn Hạ Vạn")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Thôn Hà Vân", "Thôn Hà Vân"),
        ("Hạ Vạn", "Thôn Hạ Vạn"),
        ("Thôn Ha Van", ""),
        ("Thôn Dong", "Thôn Đông"),
        ("dong", "Thôn Đông"),
        ("Thôn Hoà Bình", "Thôn Hòa Bình"),
        ("Thôn Đồng", ""),
        ("", ""),
    ],
)
def test_the_area_that_is_meant_is_found_among_those_there_are(wanted: str, found: str) -> None:
    known = ["Thôn Hà Vân", "Thôn Hạ Vạn", "Thôn Đông", "Thôn Hòa Bình", ""]
    assert find_area(wanted, known) == found


def areas(path: Path) -> list[str]:
    return [row.contact.area for row in read_file(path, audience="residents") if row.contact]


def people(*places_written: str) -> list[list[str]]:
    names = ["An", "Bình", "Cường", "Dung", "Giang", "Hà", "Khánh", "Lam"]
    return [[f"Nguyễn Văn {names[n]}", f"09000083{n:02d}", place] for n, place in enumerate(places_written)]


@pytest.mark.parametrize("ditto", ["nt", "NT", "như trên", "-nt-", '"', "″", "nt."])
def test_as_in_the_row_above_is_written_out(ditto: str, tmp_path: Path) -> None:
    rows = people("Thôn Đông", ditto, ditto, "Thôn Tây", ditto, "")
    csv_file([["Họ và tên", "SĐT", "Địa chỉ"], *rows])(tmp_path / "a.csv")
    east, west = "Thôn Đông", "Thôn Tây"
    assert areas(tmp_path / "a.csv") == [east, east, east, west, west, ""]


def test_as_above_below_the_headings_says_nothing(tmp_path: Path) -> None:
    csv_file([["Họ và tên", "SĐT", "Thôn"], *people("nt", "Đông")])(tmp_path / "a.csv")
    assert areas(tmp_path / "a.csv") == ["", "Thôn Đông"]


def test_only_the_heads_have_a_thon(tmp_path: Path) -> None:
    roles = ["Trưởng thôn", "Kế toán", "Trưởng thôn", "Văn thư", "Bảo vệ"]
    rows = [[*row, role] for row, role in zip(people("Đông", "", "Tây", "", ""), roles, strict=True)]
    csv_file([["Họ và tên", "SĐT", "Thôn", "Chức vụ"], *rows])(tmp_path / "a.csv")
    assert areas(tmp_path / "a.csv") == ["Thôn Đông", "", "Thôn Tây", "", ""]


def test_a_merge_fills_its_own_rows_and_no_others(tmp_path: Path) -> None:
    rows = people("Đông", "", "", "Tây", "", "")
    merged = {"merge": ["C2:C4", "C5:C6"]}
    xlsx_file(A=([["Họ và tên", "SĐT", "Thôn"], *rows], merged))(tmp_path / "a.xlsx")
    east, west = "Thôn Đông", "Thôn Tây"
    assert areas(tmp_path / "a.xlsx") == [east, east, east, west, west, ""]


def test_blocks_before_the_names_are_filled(tmp_path: Path) -> None:
    rows = [[place, name, phone] for name, phone, place in people("Đông", "", "Tây", "", "")]
    csv_file([["Thôn", "Họ và tên", "SĐT"], *rows])(tmp_path / "a.csv")
    assert areas(tmp_path / "a.csv") == ["Thôn Đông", "Thôn Đông", "Thôn Tây", "Thôn Tây", "Thôn Tây"]


def test_a_person_is_found_by_name_in_their_own_area_only() -> None:
    """The key of the ledger knows no tones; whoever is told by name and area must not be a namesake there."""
    people = tuple(
        KnownPerson(person_id=n, name="Lê Văn An", name_key="levanan", area=area, area_key="thonhavan")
        for n, area in enumerate(("Thôn Hà Vân", "Thôn Hạ Vạn"), 1)
    )
    for n, area in enumerate(("Thôn Hà Vân", "Thôn Hạ Vạn"), 1):
        query = matching.PersonQuery(name_key="levanan", area_key="thonhavan", area=area)
        assert [person.person_id for person in matching._by_name(query, people).people] == [n]
    lost = matching.PersonQuery(name_key="levanan", area_key="thonhavan", area="Thôn Ha Van")
    assert matching._by_name(lost, people).status == "ambiguous"
