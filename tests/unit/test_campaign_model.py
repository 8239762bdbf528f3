"""What schedules.toml says, as values: deadline, order, prices, the hash that is approved."""

# ruff: noqa: DTZ001 - organisers write local times, without a zone

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from dispatcher.campaign.audiences import ColumnKind
from dispatcher.campaign.model import Schedules
from dispatcher.campaign.office import NETWORKS, Prices
from dispatcher.campaign.plan_hashes import plan_hash
from dispatcher.contacts.columns import COLUMN_KINDS
from dispatcher.vietnamese.phone import numbering
from tests.schedules_factory import ROOT, audience_toml, one_campaign
from tests.schedules_files import VALID_SCHEDULES

REAL = (ROOT / "schedules.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("ends", "zone", "deadline", "last_day"),
    [
        (date(2025, 11, 11), "Asia/Ho_Chi_Minh", "2025-11-11T16:59:59", date(2025, 11, 11)),
        (datetime(2025, 11, 11, 17), "Asia/Ho_Chi_Minh", "2025-11-11T10:00:00", date(2025, 11, 11)),
        (datetime(2025, 11, 12), "Asia/Ho_Chi_Minh", "2025-11-11T17:00:00", date(2025, 11, 11)),
        (
            datetime(2025, 11, 11, 17, tzinfo=UTC),
            "Asia/Ho_Chi_Minh",
            "2025-11-11T17:00:00",
            date(2025, 11, 11),
        ),
        ("11/11/2025 17h00", "Asia/Ho_Chi_Minh", "2025-11-11T10:00:00", date(2025, 11, 11)),
        (date(2025, 10, 26), "Europe/Berlin", "2025-10-26T22:59:59", date(2025, 10, 26)),  # 25 hours long
        (date(2025, 10, 25), "Europe/Berlin", "2025-10-25T21:59:59", date(2025, 10, 25)),
    ],
)
def test_a_deadline_counts_to_the_end_of_its_day(
    ends: object, zone: str, deadline: str, last_day: date
) -> None:
    made = one_campaign(starts=date(2025, 10, 11), ends=ends, timezone=zone).campaigns["c"]
    assert made.deadline == datetime.fromisoformat(deadline).replace(tzinfo=UTC)
    assert made.last_day == last_day


def test_a_last_day_is_over_at_midnight_and_a_moment_when_it_comes() -> None:
    assert one_campaign().campaigns["c"].closed_at == datetime(2025, 11, 11, 17, tzinfo=UTC)
    at_noon = one_campaign(ends=datetime(2025, 11, 11, 12)).campaigns["c"]
    assert at_noon.closed_at == at_noon.deadline == datetime(2025, 11, 11, 5, tzinfo=UTC)


def test_a_start_begins_with_its_day() -> None:
    made = one_campaign().campaigns["c"]
    assert made.start == datetime(2025, 10, 10, 17, tzinfo=UTC)
    assert made.to_local(made.start).isoformat() == "2025-10-11T00:00:00+07:00"


def test_parts_know_their_names() -> None:
    made = one_campaign()
    assert made.campaigns["c"].name == "c"
    assert made.audiences["residents"].name == "residents"


def test_short_forms_fall_back_to_the_long_ones() -> None:
    made = one_campaign()
    assert made.office.mail_name == made.office.name
    assert made.campaigns["c"].short_title == made.campaigns["c"].title


def test_the_lowest_priority_comes_first() -> None:
    made = one_campaign(
        audience={"residents": audience_toml(3), "staff": audience_toml(1), "party": audience_toml(2)}
    )
    assert [item.name for item in made.audiences_by_priority()] == ["staff", "party", "residents"]
    assert [item.name for item in made.audiences_by_priority(("residents", "staff"))] == [
        "staff",
        "residents",
    ]
    assert made.audiences_by_priority(()) == ()


def test_a_network_without_a_price_costs_the_default() -> None:
    prices = Prices(default=450, viettel=400, gmobile=0)
    assert [
        prices.price_of_part(name) for name in ("viettel", "gmobile", "mobifone", "other", "default")
    ] == [
        400,
        0,
        450,
        450,
        450,
    ]


def test_every_network_that_numbers_are_told_apart_by_can_have_a_price() -> None:
    assert set(numbering.NETWORKS.values()) == set(NETWORKS) == set(Prices.model_fields) - {"default"}


def test_columns_hold_what_lists_are_read_for() -> None:
    assert set(get_args(ColumnKind)) == set(COLUMN_KINDS)


def test_values_do_not_change() -> None:
    with pytest.raises(ValidationError):
        one_campaign().campaigns["c"].title = "x"  # type: ignore[misc]  # that it is refused is the test


# --- the hash that is approved -----------------------------------------------------------------------


def _hash(text: str) -> str:
    return plan_hash(Schedules.model_validate(tomllib.loads(text)), "cong-dan-so")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cap_per_day = 2", "cap_per_day = 1"),
        ('"3d 08:00"', '"4d 08:00"'),
        ("2025-10-16T08:00:00", "2025-10-16T09:00:00"),
        ('lists = ["party/*"]', 'lists = ["party/*.csv"]'),
        ("UBND HA TAY", "UBND HATAY"),
        ("leads_only = true", "leads_only = false"),
        ("priority = 4", "priority = 5"),
    ],
)
def test_what_decides_who_gets_what_when_needs_a_new_approval(old: str, new: str) -> None:
    assert old in REAL
    assert _hash(REAL.replace(old, new)) != _hash(REAL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("viettel = 400", "viettel = 300"),
        ("starts = 2025-10-11\nends = 2025-11-11", "ends = 2025-11-11 # !\nstarts = 2025-10-11"),
        ('"thứ hai 08:00"', '"mon 8h"'),
        ('window = "07:30-20:30"', 'window = "7h30 - 20h30"'),
        ("[audience.staff]", ('[campaign.other]\ntitle = "x"\nstarts = 2025-01-01\nends = 2025-02-01\n'
         'audiences = ["staff"]\nstep = [{ name = "launch", at = 2025-01-02 }]\n[audience.staff]')),
    ],
)  # fmt: skip
def test_what_changes_no_message_keeps_the_approval(old: str, new: str) -> None:
    assert old in REAL
    assert _hash(REAL.replace(old, new)) == _hash(REAL)


OLD_KEY = VALID_SCHEDULES.replace('name = "launch"', 'name = "start"\nmoment = "launch"').replace(
    'name = "digest"', 'name = "fridays"\nmoment = "digest"'
)


@pytest.mark.parametrize(
    ("text", "approved"),
    [
        (VALID_SCHEDULES, "01636508367fc0223d474947b6ded9556fdc21f8023c9329c2798afac995db41"),
        (OLD_KEY, "756fd0c2c6d45828b23e7f4170224f477dd997be537b65df4ad43f5dedecbbe3"),
        (
            OLD_KEY.replace("moment =", "template ="),
            "756fd0c2c6d45828b23e7f4170224f477dd997be537b65df4ad43f5dedecbbe3",
        ),
    ],
)
def test_an_approval_given_before_the_key_was_renamed_goes_on_holding(text: str, approved: str) -> None:
    assert plan_hash(Schedules.model_validate(tomllib.loads(text)), "contest") == approved


def test_the_hash_does_not_depend_on_the_run() -> None:
    made = one_campaign({"name": "launch", "at": date(2025, 10, 16)}, grace="6 giờ")
    again = one_campaign({"name": "launch", "at": date(2025, 10, 16)}, grace=timedelta(hours=6))
    assert plan_hash(made, "c") == plan_hash(again, "c")
    assert len(plan_hash(made, "c")) == 64


def test_written_and_read_again_nothing_is_lost() -> None:
    raw: dict[str, Any] = tomllib.loads(REAL)
    made = Schedules.model_validate(raw)
    written = made.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert Schedules.model_validate(written) == made
