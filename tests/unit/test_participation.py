"""Who took part, from lists and from machines: whom a row means, and what is left for a person to decide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dispatcher.feedback.participation import api_reports, list_import
from dispatcher.feedback.participation.area_table import read_area_table
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import people_counts
from dispatcher.ledger.recipients import participation, participation_imports
from tests import schedules_factory
from tests.ledger_fixture import add_people, phone_number

NOW = datetime(2025, 10, 20, 5, tzinfo=UTC)
CAMPAIGN = schedules_factory.one_campaign(
    audience={name: schedules_factory.audience_toml(n) for n, name in enumerate(("residents", "staff"), 1)},
    audiences=["residents", "staff"],
).campaigns["c"]


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


def look(ledger, file, **choices):
    return list_import.preview(ledger, CAMPAIGN, file, at=NOW, now=NOW, **choices)


def take(ledger, file):
    return list_import.import_list(ledger, CAMPAIGN, file, at=NOW, source="list.csv", who="Lan", now=NOW)


def report(ledger, people=(), figures=(), *, who="hook", now=NOW, **choices):
    return api_reports.record(
        ledger, "c", people, figures, audiences=CAMPAIGN.audiences, source="one-touch", who=who, now=now,
        **choices,
    )  # fmt: skip


def test_a_thon_that_the_office_has_not_listed_is_asked_about_before_the_list_is_taken_in(ledger, tmp_path):
    heading = "Họ và tên,Số điện thoại,Email,Thôn"
    file = written(tmp_path, heading, "Trần Thị Lan,,,thon dong", "Người Lạ,,,Đôngg", "Người Khác,,,Xóm Mới")
    asked = look(ledger, file, areas=("Thôn Đông", "Thôn Tây"), name="dự thi.csv").area_questions
    assert [("Đôngg" in said, "Xóm Mới" in said) for said in asked] == [(True, False), (False, True)]
    assert all("dự thi.csv" in said for said in asked)
    assert look(ledger, file).area_questions == ()  # without a list of thôn nothing is asked


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
    assert {one.name for one in participation.participants(ledger, "c")} == set(whom)
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
    assert (done.new_participants, participation.participants(ledger, "c")) == (0, ())


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


PEOPLE = (
    f"Nguyễn Văn Hoà,{phone_number(1)},Đông",
    f"Trần Thị Lan,{phone_number(2)},Đông",
    f"Lê Văn Nam,{phone_number(3)},Đông",
)


def with_column(heading, *cells):
    return (
        f"Họ và tên,Số điện thoại,Thôn,{heading}",
        *(f"{row},{cell}" for row, cell in zip(PEOPLE, cells, strict=True)),
    )


@pytest.mark.parametrize(
    ("lines", "took_part", "not_", "unclear"),
    [
        (with_column("Trạng thái", "Đã tham gia", "Chưa tham gia", "Chưa tham gia"), 1, 2, 0),
        (with_column("Đã thi", "x", "", ""), 1, 2, 0),  # half ticked
        (with_column("Chưa thi", "x", "", ""), 0, 1, 2),
        (with_column("Kết quả", "Đạt", "Không đạt", ""), 1, 0, 2),  # nobody guesses
        (with_column("Điểm", "85", "", "0"), 1, 1, 1),
        (with_column("Ngày nộp bài", "12/10/2025", "", "15/10/2025"), 2, 1, 0),
        (with_column("Tình trạng", "Đã đăng ký", "đang thi", "Hoàn thành"), 1, 0, 2),
        (with_column("Ghi chú", "con ông An", "chưa thi", ""), 2, 1, 0),
        (with_column("Đã thi", "", "", ""), 0, 3, 0),
        (("DANH SÁCH CHƯA THAM GIA,,,", *with_column("Tổ", "1", "2", "3")), 0, 3, 0),
        (("DANH SÁCH CHƯA THI,,,", *with_column("Đã thi", "x", "", "")), 0, 2, 1),
        (("DANH SÁCH ĐĂNG KÝ,,,", *with_column("Tổ", "1", "2", "3")), 0, 0, 3),
        (
            (
                "Họ và tên,Số điện thoại,Thôn",
                "I. ĐÃ THAM GIA,,",
                PEOPLE[0],
                "II. CHƯA THAM GIA,,",
                PEOPLE[1],
                PEOPLE[2],
            ),
            1, 2, 0,
        ),
    ],
)  # fmt: skip
def test_what_the_list_says_of_each_row_counts(ledger, tmp_path, lines, took_part, not_, unclear):
    done = take(ledger, written(tmp_path, *lines))
    assert (done.counts["matched"], done.counts["not"], done.counts["unclear"]) == (took_part, not_, unclear)
    assert len(participation.participants(ledger, "c")) == took_part
    assert look(ledger, written(tmp_path, *lines), everybody=True).counts["matched"] == 3


def test_a_file_s_name_says_it_too(ledger, tmp_path):
    file = written(tmp_path, "Họ và tên,Số điện thoại,Thôn", *PEOPLE)
    assert look(ledger, file, name="chua tham gia.csv").counts["not"] == 3
    assert look(ledger, file, name="da tham gia.csv").counts["matched"] == 3


def test_a_denial_of_what_is_known_is_told_and_changes_nothing(ledger, tmp_path):
    take(ledger, written(tmp_path, "Họ và tên,Số điện thoại,Thôn", PEOPLE[0]))
    done = take(ledger, written(tmp_path, *with_column("Đã thi", "chưa", "x", "chưa")))
    assert [one.people[0].name for one in done.denied] == ["Nguyễn Văn Hoà"]
    assert len(participation.participants(ledger, "c")) == 2


def test_a_list_of_most_of_an_audience_is_told_as_such(ledger, tmp_path):
    add_people(ledger, *(("staff", f"Cán Bộ {n}", phone_number(50 + n), "") for n in range(6)))
    rows = [f"Cán Bộ {n},{phone_number(50 + n)}" for n in range(6)]
    seen = look(ledger, written(tmp_path, "Họ và tên,Số điện thoại", *rows))
    assert [(one.audience, one.people, one.marked) for one in seen.most] == [("staff", 7, 6)]
    assert look(ledger, written(tmp_path, "Họ và tên,Số điện thoại", *rows[:3])).most == ()


def test_somebody_who_went_is_told_apart_from_a_stranger(ledger, tmp_path):
    add_people(ledger, ("residents", "Đỗ Văn Đi", phone_number(70), ""), state="gone")
    done = take(ledger, written(tmp_path, "Họ và tên,Số điện thoại", f"Đỗ Văn Đi,{phone_number(70)}"))
    assert [one.reason for one in done.unresolved] == ["gone"]


def test_a_thon_nobody_lives_in_is_named_with_what_may_be_meant(ledger, tmp_path):
    done = look(ledger, written(tmp_path, "Họ và tên,Thôn", "Lê Văn Nam,Đồng"))
    assert done.unknown_areas == {"Thôn Đồng": ("Thôn Đông",)}
    done = look(ledger, written(tmp_path, "Thôn,Đăng ký", "Tậy,5", "Đông,6"))
    assert done.unknown_areas == {"Thôn Tậy": ("Thôn Tây",)}


def test_taking_it_again_is_taking_it_once(ledger, tmp_path):
    file = written(tmp_path, "Họ và tên,Số điện thoại", f"Trần Thị Lan,{phone_number(2)}")
    assert (take(ledger, file).new_participants, take(ledger, file).new_participants) == (1, 0)


def test_looking_writes_nothing(ledger, tmp_path):
    done = look(ledger, written(tmp_path, "Họ và tên,Số điện thoại", f"Lan,{phone_number(2)}"))
    assert (done.counts["matched"], participation.participants(ledger, "c")) == (1, ())


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


@pytest.mark.parametrize(
    ("lines", "figures"),
    [
        (("Thôn,Tỷ lệ hoàn thành (%),Số người hoàn thành", "Đông,12,10"), [("Thôn Đông", 10, 10)]),
        (("Thôn,Chưa hoàn thành,Hoàn thành", "Đông,30,10"), [("Thôn Đông", 10, 10)]),
        (("Thôn,Đăng ký,Chỉ tiêu hoàn thành,Hoàn thành,Đạt %", "Đông,20,5,1,5"), [("Thôn Đông", 20, 1)]),
        (("Thôn,Hoàn thành,", ",Tỷ lệ,Số người", "Đông,12.5,10"), [("Thôn Đông", 10, 10)]),
        (("Thôn,Lượt thi hoàn thành,Số người hoàn thành", "Đông,40,10"), [("Thôn Đông", 10, 10)]),
        # a whole and its parts
        (
            ("Thôn,Đăng ký,Hoàn thành", "Đông,20,10", "Xóm 1,8,4", "Xóm 2,12,6", "Tây,5,5", "Cộng,25,15"),
            [("Thôn Đông", 20, 10), ("Thôn Tây", 5, 5)],
        ),
        (("Thôn,Đăng ký", "Đông Hà,", "Xóm 1,8", "Xóm 2,12"), [("Thôn Đông Hà", 20, None)]),
        (
            ("Thôn,Đăng ký", "Đông,9", "Xóm 1,8", "Xóm 2,3"),  # no whole of these parts
            [("Thôn Đông", 9, None), ("Xóm 1", 8, None), ("Xóm 2", 3, None)],
        ),
        (("Thôn,Đăng ký", "Đông,9", "Trong đó: nữ,4"), [("Thôn Đông", 9, None)]),
        # twice: with the same figures once, with others not at all
        (("Thôn,Đăng ký", "Đông,9", "đông,9", "Tây,1", "Tây,2"), [("Thôn Đông", 9, None)]),
        (("Thôn,Đăng ký", "Dong,1", "Đông,2"), [("Thôn Dong", 1, None), ("Thôn Đông", 2, None)]),
    ],
)  # fmt: skip
def test_the_right_figures_are_read_once(tmp_path, lines, figures):
    found = read_area_table(written(tmp_path, *lines))
    assert [(one.area, one.registered, one.finished) for one in found.areas] == figures


def test_a_sum_that_is_none_is_told(tmp_path):
    lines = ("Thôn,Đăng ký", "Đông,9", "Tây,2")
    assert not read_area_table(written(tmp_path, *lines, "Tổng,11")).total_differs
    assert read_area_table(written(tmp_path, *lines, "Tổng,12")).total_differs


def test_figures_of_a_day_outside_the_campaign_are_not_taken(ledger, tmp_path):
    file = written(tmp_path, "Thôn,Đăng ký", "Đông,9")
    early = datetime(2025, 10, 1, 5, tzinfo=UTC)
    done = list_import.import_list(ledger, CAMPAIGN, file, at=early, source="x", who="Lan", now=early)
    assert (done.import_id, len(done.problems), done.figures) == (0, 1, [])
    late = datetime(2025, 11, 20, 5, tzinfo=UTC)
    done = list_import.import_list(ledger, CAMPAIGN, file, at=late, source="x", who="Lan", now=late)
    assert [one.day for one in done.figures] == ["2025-11-11"]  # what comes after the end is of the last day


def test_a_list_of_people_is_no_table_of_figures(tmp_path):
    assert read_area_table(written(tmp_path, "Họ và tên,Thôn,Đăng ký", "Trần Thị Lan,Đông,1")) is None


def test_an_area_without_a_number_is_told(tmp_path):
    found = read_area_table(written(tmp_path, "Thôn,Đăng ký", "Đông,nhiều", "Tây,4"))
    assert (found.unread, [one.area for one in found.areas]) == ((2,), ["Thôn Tây"])


def test_the_newest_figures_of_a_day_stand(ledger, tmp_path):
    for count in (80, 85):
        take(ledger, written(tmp_path, "Thôn,Đăng ký,Hoàn thành", f"Đông,120,{count}"))
    assert people_counts.latest_area_totals(ledger, "c") == {
        "thôn đông": ("Thôn Đông", 120, 85, "2025-10-20")
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
    done = report(ledger, told)
    assert {one.name for one in participation.participants(ledger, "c")} == set(whom)
    assert (done.recorded, done.unmatched) == (len(whom), () if whom else (0,))


def test_figures_of_a_machine_are_those_of_the_same_area(ledger, tmp_path):
    take(ledger, written(tmp_path, "Thôn,Đăng ký,Hoàn thành", "Đông,120,80"))
    figure = api_reports.ReportedAreaCount(area="Đông", day="2025-10-21", registered=130, finished=90)
    report(ledger, figures=[figure], is_excess_meant=True)
    assert people_counts.latest_area_totals(ledger, "c") == {
        "thôn đông": ("Thôn Đông", 130, 90, "2025-10-21")
    }


def test_tones_keep_two_thon_apart_and_lost_accents_do_not(ledger):
    add_people(ledger, ("residents", "Vũ Văn Dong", phone_number(80), ""), area="Thôn Dong")
    told = [
        api_reports.ReportedAreaCount(area=area, day="2025-10-21", registered=count, finished=None)
        for area, count in (("Thôn Đông", 1), ("Thôn Dong", 2), ("Tay", 3))
    ]
    report(ledger, figures=told)
    found = people_counts.latest_area_totals(ledger, "c").values()
    assert {(area, registered) for area, registered, _finished, _day in found} == {
        ("Thôn Đông", 1), ("Thôn Dong", 2), ("Thôn Tây", 3),
    }  # fmt: skip


def tell(ledger, *numbers: int, who="hook", now=NOW, **choices):
    told = [api_reports.ReportedParticipant(address=phone_number(number)) for number in numbers]
    return report(ledger, told, who=who, now=now, **choices)


def test_looking_over_the_api_writes_nothing(ledger):
    done = tell(ledger, 2, dry_run=True)
    assert (done.recorded, done.import_id, participation.participants(ledger, "c")) == (1, 0, ())


@pytest.fixture
def staff(ledger):
    """A second audience, of 21 people."""
    add_people(ledger, *(("staff", f"Cán Bộ {n}", phone_number(50 + n), "") for n in range(20)))
    return ledger


def test_a_machine_that_marks_most_of_an_audience_has_to_say_so(staff):
    numbers = range(50, 62)
    done = tell(staff, *numbers)
    assert [(one.audience, one.people, one.known, one.marked) for one in done.most] == [("staff", 21, 0, 12)]
    assert (done.import_id, participation.participants(staff, "c")) == (0, ())
    assert tell(staff, *numbers, is_most_meant=True).import_id == 1
    assert tell(staff, *numbers).most == ()  # all of them are known


def test_a_long_list_told_in_parts_is_one_list(staff):
    assert tell(staff, *range(50, 58)).most == ()
    assert [one.marked for one in tell(staff, *range(58, 66)).most] == [16]
    assert tell(staff, *range(58, 66), who="another").most == ()
    undone = participation_imports.undo(staff, 2, who="Mai", now=NOW)
    assert undone.removed == 8
    assert tell(staff, *range(58, 66), now=NOW + timedelta(hours=2)).most == ()


def test_people_told_one_by_one_are_no_list(staff):
    assert all(tell(staff, number).most == () for number in range(50, 66))
    assert len(participation.participants(staff, "c")) == 16
