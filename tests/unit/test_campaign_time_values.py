"""Times as organisers write them."""

# ruff: noqa: DTZ001 - organisers write local times, without a zone

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.campaign import time_values
from dispatcher.campaign.time_values import DAILY, DailyHours, InvalidValue, LadderStep, Recurrence

CLOCK = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("08:00", time(8)),
        ("8:05", time(8, 5)),
        ("8h", time(8)),
        ("8h30", time(8, 30)),
        ("23:59", time(23, 59)),
    ],
)
def test_a_time_is_read(text: str, at: time) -> None:
    assert time_values.parse_time(text) == at


@pytest.mark.parametrize("text", ["24:00", "8:60", "8", "", "8:0", "eight", "08:00:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        time_values.parse_time(text)
    assert "08:00" in refused.value.remedy


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        ("07:30-20:30", time(7, 30), time(20, 30)),
        ("7h30 – 20h30", time(7, 30), time(20, 30)),
        ("07:00-22:00", time(7), time(22)),
    ],
)
def test_hours_are_read(text: str, opens: time, closes: time) -> None:
    assert time_values.parse_hours(text) == DailyHours(opens=opens, closes=closes)


@pytest.mark.parametrize(
    "value",
    ["06:59-20:30", "07:30-22:01", "20:30-07:30", "08:00-08:00", "07:30", "07:30-12:00-13:00", 7, None, ""],
)
def test_hours_outside_the_law_upside_down_or_unreadable_are_refused(value: object) -> None:
    with pytest.raises(InvalidValue):
        time_values.parse_hours(value)


def test_hours_that_do_not_meet_are_falsy() -> None:
    morning, evening = time_values.parse_hours("08:00-11:00"), time_values.parse_hours("11:00-20:00")
    assert not morning.intersect(evening)
    assert morning.intersect(time_values.parse_hours("10:00-20:00")) == time_values.parse_hours("10:00-11:00")


@pytest.mark.parametrize(
    ("text", "weekday"),
    [
        ("mon 08:00", 0),
        ("Monday 8h", 0),
        ("thứ hai 08:00", 0),
        ("THỨ HAI 8:00", 0),
        ("thu hai 08:00", 0),
        ("t2 08:00", 0),
        ("thứ 2 08:00", 0),
        ("thứ tư 08:00", 2),
        ("thu 08:00", 3),
        ("thứ năm 08:00", 3),
        ("fri 8:00", 4),
        ("t7 08:00", 5),
        ("chủ nhật 08:00", 6),
        ("CN 08:00", 6),
        ("daily 08:00", DAILY),
        ("hằng ngày 08:00", DAILY),
        ("hàng ngày 08:00", DAILY),
    ],
)
def test_a_repetition_is_read_in_both_languages(text: str, weekday: int) -> None:
    assert time_values.parse_recurrence(text) == Recurrence(weekday=weekday, at=time(8))


@pytest.mark.parametrize("value", ["mon", "08:00", "mun 08:00", "mon 25:00", "t8 08:00", 8, ""])
def test_an_unreadable_repetition_is_refused(value: object) -> None:
    with pytest.raises(InvalidValue):
        time_values.parse_recurrence(value)


def test_several_repetitions_are_a_list() -> None:
    assert [str(item) for item in time_values.parse_every(["mon 08:00", "thứ sáu 16h30"])] == [
        "mon 08:00",
        "fri 16:30",
    ]


@pytest.mark.parametrize(
    ("text", "rung"),
    [
        ("7d 08:00", LadderStep(days=7, at=time(8))),
        ("7 ngày 8h", LadderStep(days=7, at=time(8))),
        ("3d", LadderStep(days=3, at=time(8))),
        ("0d 09:30", LadderStep(days=0, at=time(9, 30))),
        ("last-day 08:00", LadderStep(days=0, at=time(8))),
        ("ngày cuối 08:00", LadderStep(days=0, at=time(8))),
        ("6h", LadderStep(hours=6)),
        ("6 giờ", LadderStep(hours=6)),
        ("36h", LadderStep(hours=36)),
    ],
)
def test_a_rung_is_read(text: str, rung: LadderStep) -> None:
    assert time_values.parse_ladder_step(text) == rung


@pytest.mark.parametrize("value", ["7", "7x 08:00", "6h 08:00", "0h", "-3d", "d", "", "7d 25:00", "30m", 7])
def test_an_unreadable_rung_is_refused(value: object) -> None:
    with pytest.raises(InvalidValue):
        time_values.parse_ladder_step(value)


@pytest.mark.parametrize(
    ("text", "length"),
    [("6h", timedelta(hours=6)), ("90m", timedelta(minutes=90)), ("2 ngày", timedelta(days=2))],
)
def test_a_length_of_time_is_read(text: str, length: timedelta) -> None:
    assert time_values.parse_duration(text) == length


@pytest.mark.parametrize("value", ["6", "6s", "h", 6, "", "6 h 30"])
def test_an_unreadable_length_is_refused(value: object) -> None:
    with pytest.raises(InvalidValue):
        time_values.parse_duration(value)


@pytest.mark.parametrize(
    ("value", "when"),
    [
        (date(2025, 10, 16), date(2025, 10, 16)),
        (datetime(2025, 10, 16, 8), datetime(2025, 10, 16, 8)),
        ("2025-10-16", date(2025, 10, 16)),
        ("2025-10-16 08:00", datetime(2025, 10, 16, 8)),
        ("2025-10-16T8:00", datetime(2025, 10, 16, 8)),
        ("16/10/2025", date(2025, 10, 16)),
        ("16/10/2025 8h30", datetime(2025, 10, 16, 8, 30)),
    ],
)
def test_a_date_is_read_as_toml_and_as_people_write_it(value: object, when: date) -> None:
    read = time_values.parse_when(value)
    assert read == when
    assert type(read) is type(when)


@pytest.mark.parametrize(
    "value", ["31/11/2025", "2025-13-01", "16.10.2025", "hôm nay", 20251016, time(8), ""]
)
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(InvalidValue):
        time_values.parse_when(value)


def test_a_day_has_no_time() -> None:
    with pytest.raises(InvalidValue):
        time_values.parse_day(datetime(2025, 10, 16, 8))


@pytest.mark.parametrize("value", ["holydays", "tết", datetime(2025, 10, 16, 8), 5])
def test_an_unknown_holiday_word_is_refused_with_the_words_there_are(value: object) -> None:
    with pytest.raises(InvalidValue) as refused:
        time_values.parse_no_send_day(value)
    assert "holidays" in refused.value.remedy


@pytest.mark.parametrize(
    ("left", "in_hours", "name"),
    [
        (7, False, "7-days"),
        (3, False, "3-days"),
        (1, False, "1-day"),
        (1, True, "1-day"),
        (0, False, "last-day"),
    ],
)
def test_the_words_of_a_warning_follow_the_day(left: int, in_hours: bool, name: str) -> None:
    assert time_values.warning_template(left, counted_in_hours=in_hours) == name


def test_on_the_last_day_hours_have_words_of_their_own() -> None:
    assert time_values.warning_template(0, counted_in_hours=True) == "last-hours"


@given(st.integers(-1, 6), CLOCK)
def test_a_repetition_survives_being_written(weekday: int, at: time) -> None:
    recurrence = Recurrence(weekday=weekday, at=at)
    assert time_values.parse_recurrence(str(recurrence)) == recurrence


@given(
    st.one_of(
        st.builds(LadderStep, days=st.integers(0, 365), at=CLOCK),
        st.builds(LadderStep, hours=st.integers(1, 999)),
    )
)
def test_a_rung_survives_being_written(rung: LadderStep) -> None:
    assert time_values.parse_ladder_step(str(rung)) == rung


@given(st.integers(0, 9999))
def test_a_length_survives_being_written(minutes: int) -> None:
    length = timedelta(minutes=minutes)
    assert time_values.parse_duration(time_values.format_duration(length)) == length


@pytest.mark.parametrize(
    "read",
    [
        time_values.parse_hours,
        time_values.parse_recurrence,
        time_values.parse_every,
        time_values.parse_ladder_step,
        time_values.parse_duration,
        time_values.parse_when,
        time_values.parse_no_send_day,
    ],
)
@given(st.text() | st.integers() | st.none() | st.lists(st.text()) | st.booleans())
def test_nothing_but_refused_is_ever_raised(read: Callable[[object], object], value: object) -> None:
    with contextlib.suppress(InvalidValue):
        read(value)
