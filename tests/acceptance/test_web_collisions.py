"""Campaigns that take each other's texts are told on the overview and on the page of the one that loses."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

from tests.web_fixture import ROOT, open_web

OTHER = """
[campaign.bao-hiem]
title = "Gia hạn thẻ bảo hiểm"
starts = 2025-11-01
ends = 2025-11-30
audiences = ["residents"]
cap_per_day = 1
step = [ { name = "nhac", at = 2025-11-10T08:00:00, template = "1-day" } ]
"""
SENTENCE = (
    r"10/11/2025 08:00: 1\d numbers get texts of “Cuộc thi [^”]*”; "
    r"“Reminder” of “Gia hạn thẻ bảo hiểm” is not sent to them"
)


def test_the_pages_name_who_will_not_get_what(tmp_path: Path) -> None:
    schedules = tmp_path / "schedules.toml"
    shutil.copy(ROOT / "schedules.toml", schedules)
    with schedules.open("a", encoding="utf-8") as file:
        file.write(OTHER)
    with open_web(tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite3'}", schedules=schedules) as web:
        organiser = web.browser("organiser")
        ends_at = time.monotonic() + 20
        while "bao-hiem" not in (overview := organiser.get("/").text) and time.monotonic() < ends_at:
            time.sleep(0.2)
        assert re.search(SENTENCE, overview)
        assert re.search(SENTENCE, organiser.get("/campaigns/bao-hiem").text)
        assert not re.search(SENTENCE, organiser.get("/campaigns/cong-dan-so").text)
