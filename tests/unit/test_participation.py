"""Who took part, from lists and from machines: whom a row means, and what is left for a person to decide."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dispatcher.feedback.participation import lists, machines
from dispatcher.feedback.participation.figures import read_figures
from dispatcher.ledger import Ledger, areas, took_part
from tests.town import number, settle_in

NOW = datetime(2025, 10, 20, 5, tzinfo=UTC)


@pytest.fixture
def ledger(sqlite_url):
    opened = Ledger.open(sqlite_url)
    settle_in(
        opened,
        ("residents", "Nguyễn Văn Hoà", number(1), "hoa@hatay.example"),
        ("residents", "Nguyễn Thị Mai", number(1), ""),  # they share a telephone
        ("residents", "Trần Thị Lan", number(2), ""),
        ("residents", "Lê Văn Nam", number(3), ""),
    )
    settle_in(opened, ("residents", "Lê Văn Nam ", number(4), ""), area="Thôn Tây")
    settle_in(opened, ("residents", "Phạm Thị Hoa", number(5), ""), ("staff", "Phạm Thị  Hoa", number(6), ""))
    yield opened
    opened.close()


def written(tmp_path, *lines: str):
    file = tmp_path / "list.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def take(ledger, file):
    return lists.take(ledger, "cong-dan-so", file, at=NOW, source="list.csv", who="Lan", now=NOW)


@pytest.mark.parametrize(
    ("row", "whom"),
    [
        (f"Trần Thị Lan,{number(2)},,Đông", ("Trần Thị Lan",)),
        (f"Tran thi lan,0{number(2)[3:]},,", ("Trần Thị Lan",)),
        (f"Người Khác,{number(2)},,", ("Trần Thị Lan",)),  # the only one on this number
        (f"Nguyễn Thị Mai,{number(1)},,", ("Nguyễn Thị Mai",)),
        (f",{number(1)},,", ("Nguyễn Văn Hoà", "Nguyễn Thị Mai")),  # the household
        ("x,,HOA@hatay.example,", ("Nguyễn Văn Hoà",)),
        ("NGUYEN VAN HÒA,,,thôn Đông", ("Nguyễn Văn Hoà",)),
        ("Lê Văn Nam,,,Tây", ("Lê Văn Nam ",)),
        (f"Lê Văn Nam,{number(99)},,Đông", ("Lê Văn Nam",)),
    ],
)
def test_a_row_means_them(ledger, tmp_path, row, whom):
    done = take(ledger, written(tmp_path, "Họ và tên,Số điện thoại,Email,Thôn", row))
    assert {one.name for one in took_part.people(ledger, "cong-dan-so")} == set(whom)
    assert (done.counts["matched"], done.news, done.open) == (1, len(whom), [])


@pytest.mark.parametrize(
    ("row", "found", "why"),
    [
        (f"Ai Đó,{number(1)},,", "ambiguous", "several-share"),
        ("Phạm Thị Hoa,,,Đông", "ambiguous", "several"),
        ("Lê Văn Nam,,,", "unmatched", "no-area"),
        ("Lê Văn Nam,,,Bắc", "unmatched", "nobody"),
        (f"Ai Đó,{number(99)},,Đông", "unmatched", "nobody"),
    ],
)
def test_a_row_is_left_to_a_person(ledger, tmp_path, row, found, why):
    done = take(ledger, written(tmp_path, "Họ và tên,Số điện thoại,Email,Thôn", row))
    assert [(one.found, one.why) for one in done.open] == [(found, why)]
    assert (done.news, took_part.people(ledger, "cong-dan-so")) == (0, ())


def test_every_row_is_in_the_account(ledger, tmp_path):
    file = written(
        tmp_path, "DANH SÁCH DỰ THI,,,", "Họ và tên,Số điện thoại,Email,Thôn", f"Trần Thị Lan,{number(2)},,",
        "Người Lạ,,,Đông", f"A,{number(1)},,", "Tổng cộng: 3 người,,,",
    )  # fmt: skip
    done = take(ledger, file)
    assert (done.rows, done.counts["matched"], len(done.open), done.skipped) == (3, 1, 2, 3)


def test_taking_it_again_is_taking_it_once(ledger, tmp_path):
    file = written(tmp_path, "Họ và tên,Số điện thoại", f"Trần Thị Lan,{number(2)}")
    assert (take(ledger, file).news, take(ledger, file).news) == (1, 0)


def test_looking_writes_nothing(ledger, tmp_path):
    done = lists.look(ledger, written(tmp_path, "Họ và tên,Số điện thoại", f"Lan,{number(2)}"))
    assert (done.counts["matched"], took_part.people(ledger, "cong-dan-so")) == (1, ())


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
    found = read_figures(written(tmp_path, *lines))
    assert [(one.area, one.registered, one.finished) for one in found.areas] == figures


def test_a_list_of_people_is_no_table_of_figures(tmp_path):
    assert read_figures(written(tmp_path, "Họ và tên,Thôn,Đăng ký", "Trần Thị Lan,Đông,1")) is None


def test_an_area_without_a_number_is_told(tmp_path):
    found = read_figures(written(tmp_path, "Thôn,Đăng ký", "Đông,nhiều", "Tây,4"))
    assert (found.unread, [one.area for one in found.areas]) == ((2,), ["Thôn Tây"])


def test_the_newest_figures_of_a_day_stand(ledger, tmp_path):
    for count in (80, 85):
        take(ledger, written(tmp_path, "Thôn,Đăng ký,Hoàn thành", f"Đông,120,{count}"))
    assert areas.counted(ledger, "cong-dan-so") == {"thondong": ("Thôn Đông", 120, 85, "2025-10-20")}


@pytest.mark.parametrize(
    ("address", "name", "whom"),
    [
        (number(2), "", ("Trần Thị Lan",)),
        (number(1), "bà Nguyễn Thị Mai", ("Nguyễn Thị Mai",)),  # as a list would be read
        (number(1), "", ("Nguyễn Văn Hoà", "Nguyễn Thị Mai")),
        (number(1), "Ai Đó", ()),
        (f"{number(99)}; {number(3)}", "", ("Lê Văn Nam",)),
        (" HOA@hatay.example ", "", ("Nguyễn Văn Hoà",)),
        ("x", "Lê Văn Nam", ()),
    ],
)
def test_a_machine_means_whom_a_list_would_mean(ledger, address, name, whom):
    told = [machines.Told(address=address, name=name)]
    done = machines.record(ledger, "cong-dan-so", told, (), source="one-touch", who="hook", now=NOW)
    assert {one.name for one in took_part.people(ledger, "cong-dan-so")} == set(whom)
    assert (done.recorded, done.unmatched) == (len(whom), () if whom else (0,))


def test_figures_of_a_machine_are_those_of_the_same_area(ledger, tmp_path):
    take(ledger, written(tmp_path, "Thôn,Đăng ký,Hoàn thành", "Đông,120,80"))
    figure = machines.Figure(area="Đông", day="2025-10-21", registered=130, finished=90)
    machines.record(ledger, "cong-dan-so", (), [figure], source="one-touch", who="hook", now=NOW)
    assert areas.counted(ledger, "cong-dan-so") == {"thondong": ("Thôn Đông", 130, 90, "2025-10-21")}
