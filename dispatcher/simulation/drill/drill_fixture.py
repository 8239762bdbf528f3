"""What a drill runs on: a campaign whose steps fall due now, made-up people, and settings.

Wave after wave falls due while the service is killed and started again. Each wave has people of its own, so
that no cap on texts to one number gets in the way; half of the waves hold a mail that is in doubt, the other
half send it again.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Self

HOLD_CAMPAIGN, RESEND_CAMPAIGN = "drill-hold", "drill-resend"
CAMPAIGN_OF_POLICY = {"hold": HOLD_CAMPAIGN, "resend": RESEND_CAMPAIGN}
NOON = 12
WAVES_MAX = 99  # each wave has an audience of its own, and each audience a priority
WAVE_INTERVAL_MIN = timedelta(seconds=4)
MESSAGES_PER_SECOND = (
    15  # texts, and as many mails: about what is left of the rate when the service dies all the time
)
SMS_TEMPLATE = "{{ office.name }}: Đây là tin diễn tập số {{ recipient.unit }}."
MAIL_TEMPLATE = """{% block subject %}[{{ office.name }}] Thư diễn tập số {{ recipient.unit }}{% endblock %}
{% block text %}
Kính gửi {{ recipient|person }},

Đây là thư diễn tập, gửi trong nội bộ máy này.
{% endblock %}
{% block html %}<p>Đây là thư diễn tập, gửi trong nội bộ máy này.</p>{% endblock %}
"""
GIVEN_NAMES = ("An", "Bình", "Cường", "Dung", "Giang", "Hà", "Khánh", "Lan", "Minh", "Nga")  # by digit
COLUMNS = ("STT", "Họ và tên", "Số điện thoại", "Email", "Đơn vị")


@dataclass(frozen=True, kw_only=True, slots=True)
class DrillPlan:
    """How much there is to do, and how fast everything goes."""

    waves: int = 4
    every: timedelta = WAVE_INTERVAL_MIN  # from wave to wave
    texts: int = 60  # a wave
    mails: int = 60  # a wave
    rate: float = 100.0  # a second and channel
    patience: float = 0.03
    policies: tuple[str, ...] = ("hold", "resend")  # wave by wave: what becomes of a mail in doubt

    @classmethod
    def for_duration(cls, duration: timedelta) -> Self:
        """Plan for so long: wave after wave, of as many people as it takes."""
        waves = max(2, min(WAVES_MAX, int(duration / WAVE_INTERVAL_MIN)))
        every = max(WAVE_INTERVAL_MIN, duration / waves)
        people = round(every.total_seconds() * MESSAGES_PER_SECOND)
        return cls(waves=waves, every=every, texts=people, mails=people)

    @property
    def messages(self) -> int:
        """All messages of the drill."""
        return self.waves * (self.texts + self.mails)


@dataclass(frozen=True, kw_only=True, slots=True)
class DrillFixture:
    """A folder with everything the service needs but a provider."""

    folder: Path
    plan: DrillPlan
    environ: Mapping[str, str]


def build_fixture(folder: Path, plan: DrillPlan, *, database_url: str, now: datetime) -> DrillFixture:
    """Write schedules, texts and lists into `folder`; the first wave falls due two seconds after `now`."""
    zone = noon_timezone(now)
    (folder / "contacts").mkdir(parents=True, exist_ok=True)
    (folder / "templates").mkdir(exist_ok=True)
    (folder / "templates" / "wave.sms.j2").write_text(SMS_TEMPLATE, encoding="utf-8")
    (folder / "templates" / "wave.mail.j2").write_text(MAIL_TEMPLATE, encoding="utf-8")
    (folder / "schedules.toml").write_text(_schedules(plan, zone, now), encoding="utf-8")
    for wave in range(plan.waves):
        _write_list(folder / "contacts" / f"{wave_name(wave)}.csv", plan, wave)
    return DrillFixture(
        folder=folder,
        plan=plan,
        environ=MappingProxyType(
            {
                "DISPATCHER_DATABASE_URL": database_url,
                "DISPATCHER_SCHEDULES": str(folder / "schedules.toml"),
                "DISPATCHER_CONTACTS": str(folder / "contacts"),
                "DISPATCHER_TEMPLATES": str(folder / "templates"),
                "DISPATCHER_MAIL_FROM": "dien-tap@hatay.example",
                "DISPATCHER_SMS_RATE": str(plan.rate),
                "DISPATCHER_MAIL_RATE": str(plan.rate),
                "DISPATCHER_PATIENCE": str(plan.patience),
                "DISPATCHER_LANG": "en",
            }
        ),
    )


def noon_timezone(now: datetime) -> str:
    """Return a time zone where it is noon now: texts may leave there for hours."""
    ahead = NOON - now.astimezone(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def wave_name(wave: int) -> str:
    """Return the name of a wave, its audience and its list."""
    return f"wave-{wave + 1:02d}"


def _schedules(plan: DrillPlan, zone: str, now: datetime) -> str:
    local = now.astimezone(UTC) + timedelta(hours=NOON - now.astimezone(UTC).hour)
    lines = [
        f'timezone = "{zone}"',
        'office = { name = "UBND dien tap", sender = "DIEN TAP", phone = "0900 000 000" }',
        "prices = { default = 400 }",
    ]
    for wave in range(plan.waves):
        lines += [
            f"[audience.{wave_name(wave)}]",
            f'title = "Dot {wave + 1}"',
            f'lists = ["{wave_name(wave)}.csv"]',
            'basis = "public_task"\nsupplied_by = "Dien tap"',
            f"priority = {wave + 1}",
        ]
    for place, policy in enumerate(plan.policies):
        mine = list(range(place, plan.waves, len(plan.policies)))
        if not mine:
            continue
        steps = ",\n".join(
            f'  {{ name = "{wave_name(wave)}", at = {_due_at(local, plan, wave)}, '
            f'audiences = ["{wave_name(wave)}"], template = "wave" }}'
            for wave in mine
        )
        lines += [
            f"[campaign.{CAMPAIGN_OF_POLICY[policy]}]",
            'title = "Diễn tập"',
            f"starts = {local.date() - timedelta(days=1)}\nends = {local.date() + timedelta(days=3)}",
            f"audiences = [{', '.join(repr(wave_name(wave)) for wave in mine)}]",
            f'in_doubt_mail = "{policy}"',
            'opt_out = "never"\ngrace = "12h"',
            f"step = [\n{steps},\n]",
        ]
    return "\n".join(lines) + "\n"


def _due_at(local: datetime, plan: DrillPlan, wave: int) -> str:
    due = local + timedelta(seconds=2) + wave * plan.every
    return due.strftime("%Y-%m-%dT%H:%M:%S")


def _write_list(path: Path, plan: DrillPlan, wave: int) -> None:
    first = wave * max(plan.texts, plan.mails)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for place in range(plan.texts):
            number = first + place
            rows.writerow(
                (place + 1, f"Nguyễn Văn {_name_of_number(number)}", f"0901{number:06d}", "", number)
            )
        for place in range(plan.mails):
            number = first + place
            mail = f"dan{number}@hatay.example"
            rows.writerow((plan.texts + place + 1, f"Trần Thị {_name_of_number(number)}", "", mail, number))


def _name_of_number(number: int) -> str:
    """Make a name of a number: a name with digits would be held, and so would letters that make a word."""
    return " ".join(GIVEN_NAMES[int(digit)] for digit in str(number))
