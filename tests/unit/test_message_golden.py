"""The words of the real campaign, as people will read them. UPDATE_GOLDEN=1 writes them anew."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dispatcher.message import Recipient
from dispatcher.message.compose import Composer
from dispatcher.message.digest import AreaFigures, DigestFigures, NextStep, Visit
from dispatcher.message.preview import preview
from tests.message_fixtures import (
    LINKS,
    PEOPLE,
    SAMPLE_CAMPAIGN,
    TEMPLATE_DAYS,
    TEMPLATES,
    render_context,
    sample_schedules,
)

GOLDEN = Path(__file__).parent / "golden"
TOKEN = re.compile(r"/u/[\w-]+")


@pytest.fixture(scope="module")
def composer() -> Composer:
    return Composer(sample_schedules(), TEMPLATES, LINKS)


def compare(name: str, text: str) -> None:
    """Hold `text` against the file of that name."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"read {path}; UPDATE_GOLDEN=1 if it is right now"


@pytest.mark.parametrize("audience", PEOPLE)
def test_words_of_each_audience(composer: Composer, audience: str) -> None:
    person = PEOPLE[audience]
    pages = [page for moment in TEMPLATE_DAYS for page in _moment(composer, person, moment)]
    compare(f"{audience}.txt", "\n".join(pages) + "\n")


def _moment(composer: Composer, person: Recipient, moment: str) -> Iterator[str]:
    yield f"=== {moment} ({TEMPLATE_DAYS[moment]:%d/%m/%Y})"
    for first in (False, True):
        seen = preview(composer, person, render_context(moment, is_first=first))
        assert seen.draft is not None
        assert seen.accented is not None
        label = "first text" if first else "text"
        yield f"--- {label}, as written: {seen.accented.cost.units} units, {seen.accented.cost.parts} parts"
        yield seen.accented.text
        draft = seen.draft
        yield f"--- {label}, as sent: {draft.encoding}, {len(draft.body)} units, {draft.parts} parts"
        yield draft.body
    mail = composer.compose(
        replace(person, channel="email", address="a@b.example"), render_context(moment)
    ).mail
    assert mail is not None
    yield f"--- mail: {mail.subject}"
    yield TOKEN.sub("/u/…", mail.text)


AREAS = (
    AreaFigures(
        area="Thôn Đông",
        contacts=137,
        sent=131,
        undeliverable=4,
        opted_out=2,
        participated=21,
        participated_before=14,
        to_visit=(
            Visit(name="Vũ Thị Dung", phone="+84 9•• ••• •12", reason="số điện thoại không đúng"),
            Visit(name="", phone="+84 3•• ••• •07", reason="thuê bao không liên lạc được"),
        ),
    ),
    AreaFigures(
        area="Thôn Đoài",
        contacts=93,
        sent=87,
        undeliverable=1,
        opted_out=5,
        participated=90,
        participated_before=90,
        to_visit=(Visit(name="Đỗ Văn Giang", phone="", reason="không có số điện thoại"),),
    ),
    AreaFigures(
        area="", contacts=12, sent=12, undeliverable=0, opted_out=0, participated=3, participated_before=5
    ),
)
FIGURES = DigestFigures(
    campaign=SAMPLE_CAMPAIGN,
    as_of=date(2025, 11, 8),
    areas=AREAS,
    total=AreaFigures(
        area="",
        contacts=1242,
        sent=1230,
        undeliverable=5,
        opted_out=7,
        participated=614,
        participated_before=609,
    ),
    target_percent=80,
    source="danh sách do Sở Khoa học và Công nghệ chuyển ngày 08/11/2025",
    next_steps=(NextStep(when=datetime(2025, 11, 10, 1, tzinfo=UTC), what="nhắc ngày cuối"),),
    warnings=("2 tin nhắn chưa rõ đã tới nhà mạng hay chưa; hệ thống đang hỏi lại.",),
)


@pytest.mark.parametrize("lead", ["area", "commune", ""])
def test_digest_of_each_reader(composer: Composer, lead: str) -> None:
    role = {"area": "Trưởng thôn", "commune": "Phó Chủ tịch UBND xã", "": ""}[lead]
    reader = replace(PEOPLE["staff"], channel="email", address="a@b.example", lead=lead, role=role)
    mail = composer.compose(reader, render_context("digest"), figures=FIGURES).mail
    assert mail is not None
    text = f"--- mail: {mail.subject}\n{mail.text}"
    compare(f"digest-{lead or 'other'}.txt", TOKEN.sub("/u/…", text))
