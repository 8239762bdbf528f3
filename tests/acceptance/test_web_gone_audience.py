"""An audience that is gone from the schedules may be a sensitive one that was renamed: nobody reads of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dispatcher.ledger import audit_log
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.tables import list_source, message
from tests import ledger_fixture
from tests.ledger_fixture import CAMPAIGN, phone_number
from tests.web_fixture import AREAS, ROOT, WALL_TIME, WebFixture, open_web

SAYS_WHICH = re.compile(r"\bparty\b|Đảng viên|chi bộ|chi-bo", re.IGNORECASE)
MEMBER, NEIGHBOUR = ("Lưu Thị Đông Chí", phone_number(7101)), ("Lưu Văn Lập Thu", phone_number(7102))
PAGES = ("/", f"/campaigns/{CAMPAIGN}", f"/campaigns/{CAMPAIGN}/report", "/audit", "/held")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    """The ledger knows an audience that the schedules have no more, and none there is sensitive."""
    folder = tmp_path_factory.mktemp("gone")
    text = (ROOT / "schedules.toml").read_text(encoding="utf-8")
    text = re.sub(r"\[audience\.party\].*?(?=\n\[)", "", text, flags=re.DOTALL).replace('"party", ', "")
    schedules = folder / "schedules.toml"
    schedules.write_text(text, encoding="utf-8")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}", schedules=schedules) as opened:
        ledger = opened.ledger
        ledger_fixture.add_people(
            ledger, ("party", *MEMBER, ""), ("residents", *NEIGHBOUR, ""), area=AREAS[0]
        )
        ledger_fixture.add_people(ledger, ("party", "Lưu Văn Giữ", "", ""), state="held", held_reason="dead")
        source = {"import_id": 1, "audience": "party", "file": "chi-bo/1.xlsx", "counts": {}}
        with ledger.begin() as connection:
            connection.execute(sa.insert(list_source).values(**source, supplied_by="Các chi bộ"))
        no = OptOut(channel="sms", address=NEIGHBOUR[1], scope="audience:party", how="web")
        suppressions.opt_out(ledger, [no], now=opened.clock.now())
        (neighbour,) = ledger_fixture.add_people(ledger, ("staff", *NEIGHBOUR, ""))
        took_part = Participation(
            campaign=CAMPAIGN, person_id=neighbour, at=opened.clock.now(), source="Các chi bộ"
        )
        participation.record(ledger, [took_part], now=opened.clock.now())
        audit_log.write(
            ledger,
            who="Lan",
            action="rename",
            subject="audience party",
            detail={"to": "party"},
            now=WALL_TIME,
        )
        opened.advance()
        with ledger.begin() as connection:
            first = connection.scalar(sa.select(sa.func.min(message.c.id)))
            connection.execute(sa.update(message).where(message.c.id == first).values(audience="party"))
        opened.clock.advance(timedelta(seconds=30))
        yield opened


@pytest.mark.parametrize("path", PAGES)
def test_a_viewer_is_not_told_what_a_gone_audience_was_called(web: WebFixture, path: str) -> None:
    for language in ("vi", "en"):
        page = web.browser("viewer").get(f"{path}?lang={language}").text
        assert not SAYS_WHICH.search(page), SAYS_WHICH.search(page)


def test_whoever_has_the_right_is_told(web: WebFixture) -> None:
    officer = web.browser("organiser")
    assert "party" in officer.get("/?lang=en").text
    assert "Các chi bộ" in officer.get(f"/campaigns/{CAMPAIGN}").text
