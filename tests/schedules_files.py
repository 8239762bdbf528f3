"""A small right schedules.toml as an organiser writes it, with the folders it counts on."""

from __future__ import annotations

from pathlib import Path

from dispatcher.campaign import load
from dispatcher.campaign.load import LoadedSchedules
from dispatcher.errors import Problem

VALID_SCHEDULES = """
[office]
name = "UBND xã Hà Tây"
sender = "UBND HA TAY"
mail = "ubnd@hatay.example.vn"
[prices]
default = 400
[audience.staff]
title = "Cán bộ"
lists = ["staff/*"]
basis = "public_task"
supplied_by = "Văn phòng"
priority = 1
[audience.residents]
title = "Bà con"
lists = ["residents/*.csv"]
basis = "public_task"
supplied_by = "Trưởng thôn"
priority = 2
channels = ["sms"]
window = "08:00-19:00"
[campaign.contest]
title = "Cuộc thi"
starts = 2025-10-11
ends = 2025-11-11
audiences = ["staff", "residents"]
cap_per_day = 2
budget_vnd = 1000000
no_send_days = ["holidays"]
[[campaign.contest.step]]
name = "launch"
at = 2025-10-16T08:00:00
[[campaign.contest.step]]
name = "weekly"
every = "mon 08:00"
since = 2025-10-20
[[campaign.contest.step]]
name = "deadline"
before = ["7d 08:00", "3d 08:00", "6h"]
[[campaign.contest.step]]
name = "thanks"
after = "participation"
[[campaign.contest.digest]]
name = "digest"
every = "fri 16:30"
to = ["staff"]
"""
TEMPLATE_NAMES = ("launch", "weekly", "7-days", "3-days", "last-hours", "thanks")


def write_files(folder: Path) -> Path:
    """Make the lists and templates that the good file counts on below `folder`."""
    for audience in ("staff", "residents"):
        (folder / "contacts" / audience).mkdir(parents=True)
        (folder / "contacts" / audience / "thon-1.csv").touch()
        (folder / "templates" / audience).mkdir(parents=True)
        for moment in TEMPLATE_NAMES:
            (folder / "templates" / audience / f"{moment}.sms.j2").touch()
    for moment in TEMPLATE_NAMES:
        (folder / "templates" / "staff" / f"{moment}.mail.j2").touch()
    (folder / "templates" / "digest.mail.j2").touch()
    return folder


def load_text(home: Path, text: str = VALID_SCHEDULES) -> LoadedSchedules:
    """Read a file as if it lay in that folder."""
    return load.parse(text, file="schedules.toml", templates=home / "templates", contacts=home / "contacts")


def only_problem(loaded: LoadedSchedules) -> Problem:
    """Give the one problem there is."""
    assert loaded.schedules is None
    assert len(loaded.problems) == 1, loaded.problems
    return loaded.problems[0]
