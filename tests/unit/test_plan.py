"""Which step is due when: windows, the ladder, free days, what gives way, and what must always hold."""

# ruff: noqa: DTZ001 - organisers write local times, without a zone

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dispatcher import plan
from dispatcher.campaign.model import Schedules
from tests.schedules_factory import audience_toml, one_campaign

NO_LIMIT = {"window": "07:00-22:00"}


def shown(made: Schedules, *, everything: bool = False) -> list[str]:
    """The calendar as "day time moment", sent ones only unless asked."""
    return [
        f"{made.to_local(item.due_at):%d/%m %H:%M} {item.template}{' ' + item.note if item.note else ''}"
        for item in plan.occurrences(made, "c")
        if item.is_sent or everything
    ]


def ladder(*rungs: str, **keys: Any) -> dict[str, Any]:
    return {"name": "deadline", "before": list(rungs), **keys}


def at(when: date | str, **keys: Any) -> dict[str, Any]:
    return {"name": "launch", "at": when, **keys}


def every(when: str | list[str], **keys: Any) -> dict[str, Any]:
    return {"name": "weekly", "every": when, **keys}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- the ladder --------------------------------------------------------------------------------------


def test_days_are_counted_so_that_the_words_are_right() -> None:
    made = one_campaign(ladder("7d 08:00", "3d 08:00", "1d 08:00", "6h"))
    assert shown(made) == [
        "04/11 08:00 7-days",
        "08/11 08:00 3-days",
        "10/11 08:00 1-day",
        "11/11 18:00 last-hours",
    ]


@pytest.mark.parametrize(
    ("rung", "window", "goes"),
    [
        ("3d 07:29", "07:30-20:30", "08/11 07:30 3-days later"),  # its words name the day: it keeps it
        ("3d 07:30", "07:30-20:30", "08/11 07:30 3-days"),
        ("3d 20:29", "07:30-20:30", "08/11 20:29 3-days"),
        ("3d 20:30", "07:30-20:30", "08/11 19:30 3-days earlier"),  # an hour to go out in
        ("3d 23:59", "07:30-20:30", "08/11 19:30 3-days earlier"),
        ("0d 21:00", "07:30-20:30", "11/11 19:30 last-day earlier"),
        ("0d 06:00", "07:30-20:30", "11/11 07:30 last-day later"),
        ("2h", "07:30-20:30", "11/11 19:30 last-hours earlier"),
        ("6h", "07:30-17:00", "11/11 16:00 last-hours earlier"),
        ("17h", "08:00-20:30", "10/11 19:30 1-day earlier"),  # hours are never made fewer
        ("30h", "07:30-20:30", "10/11 18:00 1-day"),
        ("1d 12:00", "11:30-12:00", "10/11 11:30 1-day earlier"),
    ],
)
def test_a_warning_outside_the_window_moves_earlier_and_keeps_its_day(
    rung: str, window: str, goes: str
) -> None:
    assert shown(one_campaign(ladder(rung), window=window)) == [goes]


@pytest.mark.parametrize(
    ("ends", "rung", "goes"),
    [
        (datetime(2025, 11, 11, 17), "6h", "11/11 11:00 last-hours"),
        (datetime(2025, 11, 11, 12), "6h", "10/11 19:30 1-day earlier"),
        (datetime(2025, 11, 11, 12), "0d 08:00", "11/11 08:00 last-day"),
        (datetime(2025, 11, 11, 7), "0d 06:00", "10/11 19:30 1-day earlier"),  # it opens after the deadline
        (datetime(2025, 11, 11, 7, 30), "0d 07:00", "10/11 19:30 1-day earlier"),
        (datetime(2025, 11, 11, 8), "0d 07:00", "11/11 07:30 last-day later"),
        (datetime(2025, 11, 12), "0d 08:00", "11/11 08:00 last-day"),  # midnight belongs to the day before
    ],
)
def test_a_deadline_at_an_hour(ends: datetime, rung: str, goes: str) -> None:
    assert shown(one_campaign(ladder(rung), ends=ends)) == [goes]


def test_warnings_of_one_day_collapse_into_the_nearest_to_the_deadline() -> None:
    made = one_campaign(ladder("1d 08:00", "0d 08:00", "6h", "2h"))
    assert shown(made, everything=True) == [
        "10/11 08:00 1-day",
        "11/11 08:00 last-day collapsed",
        "11/11 18:00 last-hours collapsed",
        "11/11 19:30 last-hours earlier",
    ]


def test_ladders_of_different_steps_collapse_too_but_only_for_those_who_hear_both() -> None:
    two = {"a": audience_toml(1), "b": audience_toml(2)}
    made = one_campaign(
        {"name": "all", "before": ["3d 08:00"]},
        {"name": "some", "before": ["3d 17:00"], "audiences": ["b"]},
        audience=two,
        audiences=["a", "b"],
    )
    first, second = plan.occurrences(made, "c")
    assert (first.audiences, first.yielded_audiences, first.note) == (("a",), ("b",), "collapsed")
    assert (second.audiences, second.yielded_audiences) == (("b",), ())


def test_a_rung_before_the_start_is_not_sent() -> None:
    made = one_campaign(ladder("31d 08:00", "30d 08:00", "3d 08:00"), starts=date(2025, 10, 12))
    assert shown(made, everything=True)[0] == "11/10 08:00 31-days too-early"
    assert shown(made) == ["12/10 08:00 30-days", "08/11 08:00 3-days"]


def test_a_step_may_choose_its_template() -> None:
    assert shown(one_campaign(ladder("5d 08:00", template="3-days"))) == ["06/11 08:00 3-days"]


# --- reminders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "window", "goes"),
    [
        ("2025-10-16", "07:30-20:30", ["16/10 08:00 launch"]),
        ("2025-10-16 06:00", "07:30-20:30", ["16/10 07:30 launch later"]),
        ("2025-10-16 20:29", "07:30-20:30", ["16/10 20:29 launch"]),
        ("2025-10-16 20:30", "07:30-20:30", ["17/10 07:30 launch later"]),
        ("2025-11-11 20:00", "07:30-20:30", ["11/11 20:00 launch"]),
        ("2025-11-11 21:00", "07:30-20:30", []),  # the next morning is past the deadline
        ("2025-11-12 08:00", "07:30-20:30", []),
        ("2025-10-10 08:00", "07:30-20:30", []),
        (datetime(2025, 10, 16, 1, tzinfo=UTC), "07:30-20:30", ["16/10 08:00 launch"]),
    ],
)
def test_a_reminder_outside_the_window_moves_later_and_never_past_the_deadline(
    when: object, window: str, goes: list[str]
) -> None:
    assert shown(one_campaign({"name": "launch", "at": when}, window=window)) == goes


def test_a_repetition_begins_with_the_campaign_and_ends_before_the_deadline() -> None:
    made = one_campaign(every("tue 08:00"), starts=date(2025, 10, 14), ends=datetime(2025, 11, 4, 8))
    assert shown(made, everything=True) == ["14/10 08:00 weekly", "21/10 08:00 weekly", "28/10 08:00 weekly"]


def test_a_repetition_may_begin_later_and_end_sooner_both_days_included() -> None:
    made = one_campaign(every("daily 08:00", since=date(2025, 10, 20), until=date(2025, 10, 22)))
    assert shown(made) == ["20/10 08:00 weekly", "21/10 08:00 weekly", "22/10 08:00 weekly"]


def test_several_repetitions_in_one_step() -> None:
    made = one_campaign(every(["mon 08:00", "thứ năm 17:00"], until=date(2025, 10, 20)))
    assert shown(made) == ["13/10 08:00 weekly", "16/10 17:00 weekly", "20/10 08:00 weekly"]


def test_a_repetition_gives_way_to_a_warning_of_the_day_and_stays_on_the_calendar() -> None:
    made = one_campaign(every("mon 08:00", since=date(2025, 11, 3)), ladder("1d 17:00"))
    assert shown(made, everything=True) == [
        "03/11 08:00 weekly",
        "10/11 08:00 weekly gives-way",
        "10/11 17:00 1-day",
    ]
    assert [item.template for item in plan.due(made, since=utc("2025-11-09"), until=utc("2025-11-11"))] == [
        "1-day"
    ]


def test_a_repetition_gives_way_to_a_dated_step_of_the_day() -> None:
    made = one_campaign(every("thu 17:00", until=date(2025, 10, 23)), at("2025-10-16 08:00"))
    assert shown(made) == ["16/10 08:00 launch", "23/10 17:00 weekly"]


def test_two_dated_steps_or_two_repetitions_on_one_day_are_what_was_asked_for() -> None:
    made = one_campaign(
        at("2025-10-16 08:00"),
        {"name": "again", "at": datetime(2025, 10, 16, 17)},
        every(["sat 08:00", "sat 17:00"], since=date(2025, 10, 18), until=date(2025, 10, 18)),
        ladder("3d 08:00"),
        {"name": "extra", "at": datetime(2025, 11, 8, 17)},
    )
    assert [line[:11] for line in shown(made)] == [
        "16/10 08:00",
        "16/10 17:00",
        "18/10 08:00",
        "18/10 17:00",
        "08/11 08:00",
        "08/11 17:00",
    ]


def test_giving_way_is_settled_audience_by_audience() -> None:
    two = {"a": audience_toml(1), "b": audience_toml(2)}
    made = one_campaign(
        every("mon 08:00", since=date(2025, 11, 10)),
        ladder("1d 17:00", audiences=["b"]),
        audience=two,
        audiences=["a", "b"],
    )
    weekly, warning = plan.occurrences(made, "c")
    assert (weekly.audiences, weekly.yielded_audiences, weekly.is_sent) == (("a",), ("b",), True)
    assert warning.audiences == ("b",)


# --- days without reminders --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free", "goes"),
    [
        ([], ["25/10 08:00 weekly", "01/11 08:00 weekly"]),
        ([date(2025, 10, 25)], ["26/10 08:00 weekly next-day", "01/11 08:00 weekly"]),
        ([date(2025, 10, 25), date(2025, 10, 26)], ["27/10 08:00 weekly next-day", "01/11 08:00 weekly"]),
        (["weekends"], ["27/10 08:00 weekly next-day", "03/11 08:00 weekly next-day"]),
        (["holidays"], ["25/10 08:00 weekly", "01/11 08:00 weekly"]),
    ],
)
def test_reminders_move_to_the_next_day_that_is_not_kept_free(free: list[object], goes: list[str]) -> None:
    made = one_campaign(
        every("sat 08:00", since=date(2025, 10, 25), until=date(2025, 11, 1)), no_send_days=free
    )
    assert shown(made) == goes


def test_tet_is_kept_free_where_the_campaign_says_so() -> None:
    month = {"starts": date(2026, 2, 1), "ends": date(2026, 2, 28)}
    made = one_campaign(every("mon 08:00"), no_send_days=["holidays"], **month)
    assert shown(made) == [
        "02/02 08:00 weekly",
        "09/02 08:00 weekly",
        "21/02 08:00 weekly next-day",  # Tết 2026: 16 to 20 February
        "23/02 08:00 weekly",
    ]


@pytest.mark.parametrize(
    ("day", "swapped"), [(date(2026, 8, 22), True), (date(2026, 8, 15), False), (date(2026, 8, 31), False)]
)
def test_a_saturday_swapped_for_work_is_no_weekend_and_the_day_off_for_it_is_a_holiday(
    day: date, swapped: bool
) -> None:
    made = one_campaign(
        at(day), starts=date(2026, 8, 1), ends=date(2026, 9, 30), no_send_days=["weekends", "holidays"]
    )
    assert ("next-day" not in shown(made)[0]) is swapped


def test_a_moved_reminder_is_dropped_where_another_step_speaks() -> None:
    made = one_campaign(
        every(["fri 08:00", "sat 08:00"], since=date(2025, 10, 24), until=date(2025, 10, 25)),
        no_send_days=[date(2025, 10, 24)],
    )
    assert shown(made, everything=True) == ["25/10 08:00 weekly next-day gives-way", "25/10 08:00 weekly"]


def test_of_two_reminders_moved_to_one_day_one_goes_out() -> None:
    made = one_campaign(
        every(["fri 08:00", "sat 09:00"], since=date(2025, 10, 24), until=date(2025, 10, 25)),
        no_send_days=["weekends", date(2025, 10, 24)],
    )
    assert shown(made) == ["27/10 08:00 weekly next-day"]


def test_a_dated_step_that_had_to_move_goes_before_a_repetition() -> None:
    made = one_campaign(
        every("fri 08:00", since=date(2025, 10, 17), until=date(2025, 10, 17)),
        at("2025-10-16 08:00"),
        no_send_days=[date(2025, 10, 16)],
    )
    assert shown(made) == ["17/10 08:00 launch next-day"]


def test_a_deadline_warning_stays_on_a_day_kept_free_and_says_so() -> None:
    made = one_campaign(ladder("3d 08:00", "1d 08:00"), no_send_days=["weekends", date(2025, 11, 10)])
    assert shown(made) == ["08/11 08:00 3-days no-send-day", "10/11 08:00 1-day no-send-day"]


def test_a_reminder_that_finds_no_day_any_more_is_not_sent() -> None:
    made = one_campaign(at("2025-11-10 08:00"), no_send_days=[date(2025, 11, 10), date(2025, 11, 11)])
    assert shown(made, everything=True) == ["10/11 08:00 launch too-late"]


# --- thanks, digests, order --------------------------------------------------------------------------


def test_thanks_stand_from_the_start_until_some_days_after_the_deadline() -> None:
    made = one_campaign({"name": "thanks", "after": "participation", "days_after_deadline": 3})
    (thanks,) = plan.occurrences(made, "c")
    campaign = made.campaigns["c"]
    assert (thanks.key, thanks.kind, thanks.template, thanks.due_at) == (
        "*",
        "thanks",
        "thanks",
        campaign.start,
    )
    assert thanks.expires_at == campaign.deadline + timedelta(days=3)
    assert not plan.is_missed(campaign, thanks, campaign.deadline)
    assert plan.is_missed(campaign, thanks, thanks.expires_at)


def test_digests_are_mails_to_colleagues_that_neither_windows_nor_free_days_move() -> None:
    digest = {"name": "digest", "every": "sat 21:30", "to": ["residents"], "until": date(2025, 10, 11)}
    made = one_campaign(digest=[digest], no_send_days=["weekends"])
    (item,) = (item for item in plan.occurrences(made, "c") if item.kind == "digest")
    assert f"{made.to_local(item.due_at):%d/%m %H:%M}" == "11/10 21:30"
    assert (item.channels, item.leads_only, item.template) == (("email",), False, "digest")
    assert item.expires_at == item.due_at + timedelta(days=1)


def test_digests_go_out_from_the_first_moment_on_and_before_the_last() -> None:
    start, close = (one_campaign().campaigns["c"].start, one_campaign().campaigns["c"].closed_at)
    minute = timedelta(minutes=1)
    moments = {"early": start - minute, "first": start, "last": close - minute, "late": close}
    digests = [
        {"name": name, "at": one_campaign().to_local(at).replace(tzinfo=None), "to": ["residents"]}
        for name, at in moments.items()
    ]
    made = plan.occurrences(one_campaign(digest=digests), "c")
    found = {item.step: (item.is_sent, item.note) for item in made if item.kind == "digest"}
    assert found == {
        "early": (False, "too-early"), "first": (True, ""), "last": (True, ""), "late": (False, "too-late"),
    }  # fmt: skip


def test_a_digest_and_a_reminder_of_one_day_do_not_disturb_each_other() -> None:
    digest = {"name": "digest", "every": "mon 08:00", "to": ["residents"], "until": date(2025, 10, 13)}
    made = one_campaign(every("mon 08:00", until=date(2025, 10, 13)), digest=[digest])
    assert sorted(shown(made)) == ["13/10 08:00 digest", "13/10 08:00 weekly"]


def test_what_is_urgent_comes_first_and_a_step_may_say_so_itself() -> None:
    made = one_campaign(
        at("2025-11-10 08:00"),
        ladder("1d 08:00"),
        {"name": "first", "at": datetime(2025, 11, 10, 8), "priority": 99},
    )
    assert [item.step for item in plan.due(made, since=utc("2025-10-01"), until=utc("2025-12-01"))] == [
        "first",
        "deadline",
        "launch",
    ]


# --- until when it may go out ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "free", "until"),
    [
        ([at("2025-10-16 08:00")], [], "17/10 20:30"),
        ([at("2025-10-16 08:00")], [date(2025, 10, 17)], "16/10 20:30"),
        ([at("2025-11-11 08:00")], [], "11/11 23:59"),
        ([ladder("3d 08:00")], [], "09/11 00:00"),
        ([ladder("6h")], [], "11/11 23:59"),
        ([at("2025-10-16 08:00"), every("fri 09:00", since=date(2025, 10, 17))], [], "17/10 09:00"),
        ([ladder("3d 08:00"), {"name": "extra", "at": datetime(2025, 11, 8, 17)}], [], "08/11 17:00"),
    ],
)
def test_it_may_go_out_until_the_next_evening_a_warning_on_its_day_nothing_beside_the_next_step(
    steps: list[dict[str, Any]], free: list[object], until: str
) -> None:
    made = one_campaign(*steps, no_send_days=free)
    first = plan.occurrences(made, "c")[0]
    assert f"{made.to_local(first.expires_at):%d/%m %H:%M}" == until


def test_a_step_to_a_few_does_not_cut_short_one_to_many() -> None:
    two = {"a": audience_toml(1), "b": audience_toml(2)}
    made = one_campaign(
        at("2025-10-16 08:00"),
        {"name": "few", "at": datetime(2025, 10, 16, 9), "audiences": ["a"]},
        audience=two,
        audiences=["a", "b"],
    )
    first = plan.occurrences(made, "c")[0]
    assert f"{made.to_local(first.expires_at):%d/%m %H:%M}" == "17/10 20:30"


@pytest.mark.parametrize(
    ("hours", "late"), [(0, False), (5.99, False), (6, False), (6.01, True), (30, True), (24 * 30, True)]
)
def test_later_than_the_grace_is_missed(hours: float, late: bool) -> None:
    made = one_campaign(at("2025-10-16 08:00"), grace="6h")
    (launch,) = plan.occurrences(made, "c")
    assert plan.is_missed(made.campaigns["c"], launch, launch.due_at + timedelta(hours=hours)) is late


def test_within_the_grace_but_over_is_missed_too() -> None:
    made = one_campaign(ladder("6h"), grace="2d")
    (warning,) = plan.occurrences(made, "c")
    assert not plan.is_missed(made.campaigns["c"], warning, warning.expires_at - timedelta(seconds=1))
    assert plan.is_missed(made.campaigns["c"], warning, warning.expires_at)


# --- asking ------------------------------------------------------------------------------------------


def test_due_is_after_since_and_up_to_until() -> None:
    made = one_campaign(at("2025-10-16 08:00"))
    moment, second = utc("2025-10-16T01:00"), timedelta(seconds=1)
    assert len(plan.due(made, since=moment - second, until=moment)) == 1
    assert plan.due(made, since=moment, until=moment + second) == ()
    assert plan.due(made, since=moment - 2 * second, until=moment - second) == ()


def test_the_next_moment_is_strictly_after() -> None:
    made = one_campaign(at("2025-10-16 08:00"), ladder("3d 08:00"))
    first, last = utc("2025-10-16T01:00"), utc("2025-11-08T01:00")
    assert plan.next_due(made, utc("2025-01-01")) == first
    assert plan.next_due(made, first) == last
    assert plan.next_due(made, last) is None


def test_what_gave_way_wakes_nobody() -> None:
    made = one_campaign(every("mon 07:30", since=date(2025, 11, 10)), ladder("1d 17:00"))
    assert plan.next_due(made, utc("2025-11-09")) == utc("2025-11-10T10:00")


def test_all_campaigns_are_asked() -> None:
    made = one_campaign(at("2025-10-16 08:00"))
    both = made.model_copy(update={"campaigns": {"c": made.campaigns["c"], "d": made.campaigns["c"]}})
    assert len(plan.due(both, since=utc("2025-10-01"), until=utc("2025-12-01"))) == 2


def test_a_key_is_the_moment_that_was_asked_for_whatever_moves_it() -> None:
    for window in ("07:30-20:30", "09:00-20:30"):
        made = one_campaign(at("2025-10-16 08:00"), window=window)
        assert [item.key for item in plan.occurrences(made, "c")] == ["2025-10-16T01:00:00Z"]


@pytest.mark.parametrize(
    ("moment", "opens", "closes", "is_open"),
    [
        ("2025-10-16T00:29:59", "16/10 07:30", "16/10 20:30", False),
        ("2025-10-16T00:30:00", "16/10 07:30", "16/10 20:30", True),
        ("2025-10-16T13:29:59", "16/10 07:30", "16/10 20:30", True),
        ("2025-10-16T13:30:00", "17/10 07:30", "17/10 20:30", False),
        ("2025-10-16T17:00:00", "17/10 07:30", "17/10 20:30", False),
    ],
)
def test_the_window_that_is_open_or_the_next_one(moment: str, opens: str, closes: str, is_open: bool) -> None:
    made = one_campaign()
    found = plan.sending_window(made, "c", "residents", utc(moment))
    assert f"{made.to_local(found.opens_at):%d/%m %H:%M}" == opens
    assert f"{made.to_local(found.closes_at):%d/%m %H:%M}" == closes
    assert found.is_open is is_open
    expected = utc(moment) if is_open else found.opens_at
    assert plan.next_open(made, made.campaigns["c"], "residents", utc(moment)) == expected


def test_an_audience_narrows_the_window_and_a_step_suits_all_its_audiences() -> None:
    two = {"a": audience_toml(1, window="10:00-22:00"), "b": audience_toml(2, window="07:00-18:00")}
    made = one_campaign(at("2025-10-16 08:00"), ladder("6h"), audience=two, audiences=["a", "b"])
    assert plan.sending_window(made, "c", "a", utc("2025-10-16T00:00")).opens_at == utc("2025-10-16T03:00")
    assert str(plan.sending_hours(made, "c", ("a", "b"))) == "10:00-18:00"
    assert shown(made) == ["16/10 10:00 launch later", "11/11 17:00 last-hours earlier"]


def test_a_zone_with_summer_time_keeps_the_hour_on_the_wall() -> None:
    made = one_campaign(
        every("daily 08:00", since=date(2025, 10, 25), until=date(2025, 10, 27)), timezone="Europe/Berlin"
    )
    assert [item.key for item in plan.occurrences(made, "c")] == [
        "2025-10-25T06:00:00Z",
        "2025-10-26T07:00:00Z",
        "2025-10-27T07:00:00Z",
    ]


def test_notes_are_told_in_the_readers_language() -> None:
    made = one_campaign(at("2025-10-16 21:00"), no_send_days=[date(2025, 10, 17)])
    (launch,) = plan.occurrences(made, "c")
    assert launch.note == "later next-day"
    assert len(launch.note_texts()) == 2
