"""The books of a small campaign played to its end, beside the provider's own log: something to spoil.

One campaign speaks to residents by text and to staff by mail: a reminder every day, warnings before the
deadline, thanks, a digest. Somebody opts out on the way, somebody takes part, somebody is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from dispatcher.campaign.model import Schedules
from dispatcher.ledger import Ledger
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.tables import person
from dispatcher.sandbox import provider_log
from dispatcher.signed_links import SignedLinks
from tests import engine_fixture
from tests.engine_fixture import MORNING, SentEnvelope, contact_row, load_rows, ten_day_campaign
from tests.ledger_fixture import phone_number
from tests.schedules_factory import OFFICE, audience_toml

CAMPAIGN = "drill-resend"  # a drill takes a mail of this name sent again for its campaign's wish
RESIDENTS, STAFF = range(6), range(10, 13)
PARTICIPANT, OPTED_OUT = 1, 2  # residents who take part, or say no, on the third day
DAY = timedelta(days=1)
SECRET = "a secret of tests only"
_SUBJECT = "{% block subject %}Nhắc{% endblock %}{% block html %}<p>Nhắc</p>{% endblock %}"
SOURCES = {
    **{f"{name}.sms.j2": "Nhac {{ recipient.name }}" for name in ("daily", "thanks", "3-days", "last-day")},
    **{
        f"{name}.mail.j2": _SUBJECT + "{% block text %}Nhắc {{ recipient.name }}{% endblock %}"
        for name in ("daily", "thanks", "3-days", "last-day", "digest")
    },
}


def schedules() -> Schedules:
    """The one campaign and its two audiences."""
    campaign = ten_day_campaign(
        {"name": "daily", "every": "daily 08:00", "moment": "daily"},
        {"name": "before", "before": ["3d 08:00", "0d 08:00"]},
        {"name": "thanks", "after": "participation"},
        audiences=["staff", "residents"],
        cap_per_day=2,
        cap_per_week=8,
        budget_vnd=1_000_000,
        digest=[{"name": "chiefs", "every": "daily 10:00", "to": ["staff"]}],
    )
    audiences = {
        "staff": audience_toml(1, channels=["email"]),
        "residents": audience_toml(2, channels=["sms"]),
    }
    return Schedules.model_validate(
        {
            "office": OFFICE,
            "prices": {"default": 400},
            "audience": audiences,
            "campaign": {CAMPAIGN: campaign},
        }
    )


@dataclass(frozen=True, kw_only=True)
class Books:
    """A ledger and a provider's log that agree, and what is needed to compare them."""

    url: str
    ledger: Ledger
    schedules: Schedules
    links: SignedLinks
    sandbox: Path
    now: datetime

    def spoil(self, statement: sa.Executable) -> int:
        """Write into the ledger what none of our code would write. Return how many rows it changed."""
        with self.ledger.begin() as connection:
            return connection.execute(statement).rowcount

    def select(self, question: sa.Select[tuple[int]]) -> list[int]:
        """Return one column of some rows."""
        with self.ledger.read() as connection:
            return list(connection.scalars(question))


def play(url: str, sandbox: Path) -> datetime:
    """Play the campaign into the database at `url`, and its log into `sandbox`. Return when it was over."""
    engine = engine_fixture.open_engine(url, schedules(), sources=SOURCES, channels=("sms", "email"))
    with closing(engine):
        residents = [contact_row(n, email="") for n in RESIDENTS]
        staff = [contact_row(n, audience="staff", phones=(), lead="commune") for n in STAFF]
        load_rows(engine, *residents, *staff)
        engine.run_until_sync(MORNING + 2 * DAY + DAY / 2)
        now = engine.clock.now()
        with engine.ledger.read() as connection:
            took_part = connection.scalar(
                sa.select(person.c.id).where(person.c.name == f"Người {PARTICIPANT}")
            )
        assert took_part is not None
        participation.record(
            engine.ledger,
            [Participation(campaign=CAMPAIGN, person_id=took_part, at=now, source="test")],
            now=now,
        )
        suppressions.opt_out(
            engine.ledger, [OptOut(channel="sms", address=phone_number(OPTED_OUT), who="them")], now=now
        )
        engine.run_until_sync(MORNING + 12 * DAY)
        sandbox.mkdir(parents=True)
        _write_log(sandbox / provider_log.SMS_FILE, engine.gateways["sms"].sent)
        _write_log(sandbox / provider_log.MAIL_FILE, engine.gateways["email"].sent)
        return engine.clock.now()


@contextmanager
def open_books(url: str, sandbox: Path, now: datetime) -> Iterator[Books]:
    """Open what `play` left behind."""
    with closing(Ledger.open(url)) as ledger:
        yield Books(
            url=url,
            ledger=ledger,
            schedules=schedules(),
            links=SignedLinks("https://nhac.hatay.gov.vn", SECRET),
            sandbox=sandbox,
            now=now,
        )


def _write_log(file: Path, sent: list[SentEnvelope]) -> None:
    line = _text_line if file.name == provider_log.SMS_FILE else _mail_line
    file.write_bytes(b"".join(line(item) for item in sent))


def _text_line(item: SentEnvelope) -> bytes:
    return provider_log.text_line(
        at=provider_log.format_time(item.at),
        sid=item.result.provider_id,
        to=item.envelope.to,
        sender="UBND",
        body=item.envelope.body,
        callback=item.envelope.callback_url,
        validity=3600,
        outcome="delivered",
        parts=1,
        n=1,
    )


def _mail_line(item: SentEnvelope) -> bytes:
    return provider_log.json_line(
        {
            "at": provider_log.format_time(item.at),
            "message_id": item.envelope.message_id,
            "sender": "nhac@hatay.example",
            "recipients": [item.envelope.to],
            "subject": "Nhắc",
            "size": 1,
            "sha256": "",
            "outcome": "accepted",
        }
    )
