"""What holds for the calendar of any schedule, not only of those somebody thought of."""

# ruff: noqa: DTZ001 - organisers write local times, without a zone

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher import plan
from dispatcher.campaign.model import Schedules
from dispatcher.plan import Occurrence
from tests.schedules_factory import audience_toml, one_campaign

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
some = settings(max_examples=60)  # held for 1,500 each as well; the suite has a minute, not an hour

CLOCK = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
DAYS = st.dates(date(2026, 1, 20), date(2026, 3, 10))  # Tết in the middle
WINDOW = st.tuples(st.integers(7, 21), st.integers(1, 15)).map(
    lambda hours: f"{hours[0]:02}:00-{min(22, sum(hours)):02}:00"
)
RUNG = st.one_of(
    st.builds("{}d {:%H:%M}".format, st.integers(0, 20), CLOCK), st.integers(1, 60).map("{}h".format)
)
REPETITION = st.builds(
    "{} {:%H:%M}".format, st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun", "daily"]), CLOCK
)


@st.composite
def any_schedules(draw: st.DrawFn) -> Schedules:
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    some = st.none() | st.lists(st.sampled_from(names), min_size=1, unique=True)
    timing = st.one_of(
        st.fixed_dictionaries({"at": st.datetimes(datetime(2026, 1, 20), datetime(2026, 3, 10)) | DAYS}),
        st.fixed_dictionaries({"every": st.lists(REPETITION, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"before": st.lists(RUNG, min_size=1, max_size=5)}),
        st.just({"after": "participation"}),
    )
    steps = [
        {"name": f"step-{place}", **draw(timing), "audiences": draw(some)}
        for place in range(draw(st.integers(1, 4)))
    ]
    start = draw(DAYS)
    ends = draw(
        st.dates(start, start + timedelta(days=40))
        | st.datetimes(
            datetime.combine(start, time(1)), datetime.combine(start, time(1)) + timedelta(days=40)
        )
    )
    digest = {"name": "digest", "every": draw(REPETITION), "to": names}
    return one_campaign(
        *steps,
        audience={name: audience_toml(place + 1) for place, name in enumerate(names)},
        audiences=names,
        starts=start,
        ends=ends,
        window=draw(WINDOW),
        no_send_days=draw(st.lists(DAYS | st.sampled_from(["holidays", "weekends"]), max_size=4)),
        digest=[digest],
        timezone=draw(st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York"])),
    )


def sent(made: Schedules) -> list[Occurrence]:
    return [item for item in plan.occurrences(made, "c") if item.is_sent]


@some
@given(any_schedules())
def test_nothing_is_due_before_the_start_or_after_the_deadline(made: Schedules) -> None:
    campaign = made.campaigns["c"]
    for item in sent(made):
        assert campaign.start <= item.due_at <= campaign.deadline
        assert item.due_at < item.expires_at
        if item.kind in ("reminder", "warning"):
            assert item.expires_at <= campaign.deadline


@some
@given(any_schedules())
def test_everything_to_people_falls_into_the_window_of_all_it_goes_to(made: Schedules) -> None:
    for item in sent(made):
        if item.kind in ("reminder", "warning"):
            for name in item.audiences:
                assert plan.sending_window(made, "c", name, item.due_at).is_open


@some
@given(any_schedules())
def test_a_warning_says_the_days_that_are_left_and_goes_out_on_that_day_only(made: Schedules) -> None:
    campaign = made.campaigns["c"]
    for item in sent(made):
        if item.kind == "warning":
            day = campaign.to_local(item.due_at).date()
            left = (campaign.last_day - day).days
            words = {0: ("last-day", "last-hours"), 1: ("1-day",)}.get(left, (f"{left}-days",))
            assert item.template in words
            assert campaign.to_local(item.expires_at - timedelta(microseconds=1)).date() == day


@some
@given(any_schedules())
def test_nobody_hears_two_warnings_or_a_repetition_beside_a_warning_on_one_day(made: Schedules) -> None:
    campaign = made.campaigns["c"]
    repeated = {step.name for step in campaign.steps if step.every}
    warned, reminded = Counter[tuple[str, date]](), set()
    for item in sent(made):
        for name in item.audiences:
            place = (name, campaign.to_local(item.due_at).date())
            if item.kind == "warning":
                warned[place] += 1
            elif item.step in repeated:
                reminded.add(place)
    assert all(count == 1 for count in warned.values())
    assert not reminded & set(warned)


@some
@given(any_schedules())
def test_every_warning_that_can_be_given_is_given_on_its_day(made: Schedules) -> None:
    """A warning is lost only before the start, or to another warning on the same day to the same people."""
    campaign = made.campaigns["c"]
    everything = plan.occurrences(made, "c")
    warned = {
        (name, campaign.to_local(item.due_at).date())
        for item in everything
        for name in item.audiences
        if item.kind == "warning"
    }
    for item in everything:
        if item.kind == "warning" and item.note != "too-early":
            day = campaign.to_local(item.due_at).date()
            assert all((name, day) in warned for name in (*item.audiences, *item.yielded_audiences))


@some
@given(any_schedules())
def test_no_reminder_falls_on_a_day_kept_free(made: Schedules) -> None:
    campaign = made.campaigns["c"]
    free = {day for day in campaign.no_send_days if isinstance(day, date)}
    for item in sent(made):
        if item.kind == "reminder":
            assert campaign.to_local(item.due_at).date() not in free


@some
@given(any_schedules())
def test_keys_are_unique(made: Schedules) -> None:
    items = plan.occurrences(made, "c")
    assert len({(item.step, item.key) for item in items}) == len(items)


@some
@given(any_schedules(), st.lists(st.datetimes(datetime(2026, 1, 10), datetime(2026, 4, 20)), max_size=6))
def test_asking_piece_by_piece_is_asking_at_once(made: Schedules, cuts: list[datetime]) -> None:
    moments = [FIRST, *sorted(cut.replace(tzinfo=UTC) for cut in cuts), LAST]
    pieces = [item for since, until in pairwise(moments) for item in plan.due(made, since=since, until=until)]
    assert pieces == list(plan.due(made, since=moments[0], until=moments[-1]))


@some
@given(any_schedules())
def test_walking_from_one_moment_to_the_next_meets_everything(made: Schedules) -> None:
    now: datetime | None = FIRST
    met: list[Occurrence] = []
    while now is not None:
        following = plan.next_due(made, now)
        if following is not None:
            met += plan.due(made, since=now, until=following)
        now = following
    assert sorted(met, key=str) == sorted(sent(made), key=str)


@some
@given(any_schedules())
def test_a_calendar_is_in_order_and_the_same_every_time(made: Schedules) -> None:
    items = plan.occurrences(made, "c")
    assert list(items) == sorted(items, key=lambda item: item.due_at)
    again = Schedules.model_validate(made.model_dump(mode="json", by_alias=True, exclude_none=True))
    assert plan.occurrences(again, "c") == items
