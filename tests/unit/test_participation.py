"""Who took part, from lists and from machines: whom a row means, and what is left for a person to decide."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dispatcher.feedback.participation import api_reports, list_import
from dispatcher.feedback.participation.area_table import read_area_table
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import people_counts
from dispatcher.ledger.recipients import participation
from tests.ledger_fixture import add_people, phone_number

NOW = datetime(2025, 10, 20, 5, tzinfo=UTC)


@pytest.fixture
def ledger(sqlite_url):
    opened = Ledger.open(sqlite_url)
    add_people(
        opened,
        ("residents", "Nguyễn Văn Hoà", phone_number(1), "hoa@hatay.example"),
        ("residents", "Nguyễn Thị Mai", phone_number(1), ""),  # they share a telephone
        ("residents", "Trần Thị Lan", phone_number(2), ""),
        ("residents", "Lê Văn Nam", phone_number(3), ""),
    )
    add_people(opened, ("residents", "Lê Văn Nam ", phone_number(4), ""), area="Thôn Tây")
    add_people(
        opened,
        ("residents", "Phạm Thị Hoa", phone_number(5), ""),
        ("staff", "Phạm Thị  Hoa", phone_number(6), ""),
    )
    yield opened
    opened.close()


def written(tmp_path, *lines: str):
    file = tmp_path / "list.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def take(ledger, file):
    return list_import.import_list(ledger, "cong-dan-so", file, at=NOW, source="list.csv", who="Lan", now=NOW)


@pytest.mark.parametrize(
    ("row", "whom"),
    [
        (f"Trần Thị Lan,{phone_number(2)},,Đông", ("Trần Thị Lan",)),
        (f"Tran thi lan,0{phone_number(2)[3:]},,", ("Trần Thị Lan",)),
        (f"Người Khác,{phone_number(2)},,", ("Trần Thị Lan",)),  # the only one on this number
        (f"Nguyễn Thị Mai,{phone_number(1)},,", ("Nguyễn Thị Mai",)),
        (f",{phone_number(1)},,", ("Nguyễn Văn Hoà", "Nguyễn Thị Mai")),  # the household
        ("x,,HOA@hatay.example,", ("Nguyễn Văn Hoà",)),
        ("NGUYEN VAN HÒA,,,thôn Đông", ("Nguyễn Văn Hoà",)),
        ("Lê Văn Nam,,,Tây", ("Lê Văn Nam ",)),
        (f"Lê Văn Nam,{phone_number(99)},,Đông", ("Lê Văn Nam",)),
    ],
)
def test_a_row_means_them(ledger, tmp_path, row, whom):
    done = take(ledger, written(tmp_path, "Họ và tên,Số điện thoại,Email,Thôn", row))
    assert {one.name for one in participation.participants(ledger, "cong-dan-so")} == set(whom)
    assert (done.counts["matched"], done.new_participants, done.unresolved) == (1, len(whom), [])


@pytest.mark.parametrize(
    ("row", "found", "why"),
    [
        (f"Ai Đó,{phone_number(1)},,", "ambiguous", "several-share"),
        ("Phạm Thị Hoa,,,Đông", "ambiguous", "several"),
        ("Lê Văn Nam,,,", "unmatched", "no-area"),
        ("Lê Văn Nam,,,Bắc", "unmatched", "nobody"),
        (f"Ai Đó,{phone_number(99)},,Đông", "unmatched", "nobody"),
    ],
)
def test_a_row_is_left_to_a_person(ledger, tmp_path, row, found, why):
    done = take(ledger, written(tmp_path, "Họ và tên,Số điện thoại,Email,Thôn", row))
    assert [(one.status, one.reason) for one in done.unresolved] == [(found, why)]
    assert (done.new_participants, participation.participants(ledger, "cong-dan-so")) == (0, ())


def test_every_row_is_in_the_account(ledger, tmp_path):
    file = written(
        tmp_path,
        "DANH SÁCH DỰ THI,,,",
        "Họ và tên,Số điện thoại,Email,Thôn",
        f"Trần Thị Lan,{phone_number(2)},,",
        "Người Lạ,,,Đông",
        f"A,{phone_number(1)},,",
        "Tổng cộng: 3 người,,,",
    )
    done = take(ledger, file)
    assert (done.rows, done.counts["matched"], len(done.unresolved), done.skipped) == (3, 1, 2, 3)


def test_taking_it_again_is_taking_it_once(ledger, tmp_path):
    file = written(tmp_path, "Họ và tên,Số điện thoại", f"Trần Thị Lan,{phone_number(2)}")
    assert (take(ledger, file).new_participants, take(ledger, file).new_participants) == (1, 0)


def test_looking_writes_nothing(ledger, tmp_path):
    done = list_import.preview(ledger, written(tmp_path, "Họ và tên,Số điện thoại", f"Lan,{phone_number(2)}"))
    assert (done.counts["matched"], participation.participants(ledger, "cong-dan-so")) == (1, ())


@pytest.mark.parametrize(
    ("lines", "figures"),
    [
        (("Thôn,Đăng ký,Hoàn thành", "Đông,120,80"), [("Thôn Đông", 120, 80)]),
        (
            ("STT;Tên thôn;Số người đăng ký;Số người hoàn thành", "1;Thôn Đông;1.034;99"),
            [("Thôn Đông", 1034, 99)],
        ),
        (("BÁO CÁO,,", "Thôn,Đã tham gia,Đã thi", "Đông,5,3", "Tổng,5,3"), [("Thôn Đông", 5, 3)]),
        (("Thôn,Hoàn thành", "Đông,7"), [("Thôn Đông", 7, 7)]),
    ],
)
def test_figures_without_names_are_read(tmp_path, lines, figures):
    found = read_area_table(written(tmp_path, *lines))
    assert [(one.area, one.registered, one.finished) for one in found.areas] == figures


def test_a_list_of_people_is_no_table_of_figures(tmp_path):
    assert read_area_table(written(tmp_path, "Họ và tên,Thôn,Đăng ký", "Trần Thị Lan,Đông,1")) is None


def test_an_area_without_a_number_is_told(tmp_path):
    found = read_area_table(written(tmp_path, "Thôn,Đăng ký", "Đông,nhiều", "Tây,4"))
    assert (found.unread, [one.area for one in found.areas]) == ((2,), ["Thôn Tây"])


def test_the_newest_figures_of_a_day_stand(ledger, tmp_path):
    for count in (80, 85):
        take(ledger, written(tmp_path, "Thôn,Đăng ký,Hoàn thành", f"Đông,120,{count}"))
    assert people_counts.latest_area_totals(ledger, "cong-dan-so") == {
        "thondong": ("Thôn Đông", 120, 85, "2025-10-20")
    }


@pytest.mark.parametrize(
    ("address", "name", "whom"),
    [
        (phone_number(2), "", ("Trần Thị Lan",)),
        (phone_number(1), "bà Nguyễn Thị Mai", ("Nguyễn Thị Mai",)),  # as a list would be read
        (phone_number(1), "", ("Nguyễn Văn Hoà", "Nguyễn Thị Mai")),
        (phone_number(1), "Ai Đó", ()),
        (f"{phone_number(99)}; {phone_number(3)}", "", ("Lê Văn Nam",)),
        (" HOA@hatay.example ", "", ("Nguyễn Văn Hoà",)),
        ("x", "Lê Văn Nam", ()),
    ],
)
def test_a_machine_means_whom_a_list_would_mean(ledger, address, name, whom):
    told = [api_reports.ReportedParticipant(address=address, name=name)]
    done = api_reports.record(ledger, "cong-dan-so", told, (), source="one-touch", who="hook", now=NOW)
    assert {one.name for one in participation.participants(ledger, "cong-dan-so")} == set(whom)
    assert (done.recorded, done.unmatched) == (len(whom), () if whom else (0,))


def test_figures_of_a_machine_are_those_of_the_same_area(ledger, tmp_path):
    take(ledger, written(tmp_path, "Thôn,Đăng ký,Hoàn thành", "Đông,120,80"))
    figure = api_reports.ReportedAreaCount(area="Đông", day="2025-10-21", registered=130, finished=90)
    api_reports.record(ledger, "cong-dan-so", (), [figure], source="one-touch", who="hook", now=NOW)
    assert people_counts.latest_area_totals(ledger, "cong-dan-so") == {
        "thondong": ("Thôn Đông", 130, 90, "2025-10-21")
    }
