"""What steps are called where people read: titles of the file, else kind and day; never a slug."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from dispatcher import i18n, plan
from dispatcher.campaign.model import Schedules
from dispatcher.campaign.plan_hashes import calendar_hash, plan_hash
from dispatcher.report import step_titles

SAMPLE = Path(__file__).parents[2] / "schedules.toml"
TEXT = SAMPLE.read_text(encoding="utf-8")


def read(text: str) -> Schedules:
    return Schedules.model_validate(tomllib.loads(text))


def titles(schedules: Schedules) -> list[str]:
    (campaign,) = schedules.campaigns.values()
    return [
        step_titles.title_of(schedules, campaign.name, one.step, one.kind, one.due_at)
        for one in plan.occurrences(schedules, campaign)
    ]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("vi", {"Thông báo mở đầu", "Nhắc định kỳ", "Còn 7 ngày", "Ngày cuối", "Cảm ơn"}),
        ("en", {"Announcement", "Regular reminder", "7 days left", "The last day", "Thanks"}),
    ],
)
def test_a_step_without_a_title_is_called_by_kind_and_day(lang: str, said: set[str]) -> None:
    i18n.set_language(lang)
    found = set(titles(read(TEXT)))
    assert said <= found
    assert not [one for one in found if re.search(r"launch|weekly|deadline\b|digest|thanks", one)]


def test_a_title_of_the_file_is_used_and_rungs_are_told_apart() -> None:
    edited = TEXT.replace('name = "deadline",', 'name = "deadline", title = "Nhắc gấp",')
    i18n.set_language("vi")
    found = titles(read(edited))
    assert {"Nhắc gấp: còn 7 ngày", "Nhắc gấp: ngày cuối"} <= set(found)


def test_what_the_file_has_no_more_keeps_its_name() -> None:
    schedules = read(TEXT)
    assert step_titles.title_of(schedules, "cong-dan-so", "xua", "reminder", None) == "xua"
    assert step_titles.title_of(schedules, "nam-ngoai", "xua", "reminder", None) == "xua"
    assert step_titles.campaign_title(schedules, "nam-ngoai") == "nam-ngoai"


def test_a_title_is_no_part_of_what_is_approved() -> None:
    plain = read(TEXT)
    titled = read(TEXT.replace('name = "launch",', 'name = "launch", title = "Lời mở đầu",'))
    assert plan_hash(plain, "cong-dan-so") == plan_hash(titled, "cong-dan-so")
    assert calendar_hash(plain.campaigns["cong-dan-so"]) == calendar_hash(titled.campaigns["cong-dan-so"])
