"""Nobody learns what they should not: every page of every role, link, log and export is looked through."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from fastapi.routing import APIRoute

from dispatcher.errors import Problem
from dispatcher.feedback import webhook_signatures
from dispatcher.feedback.webhook_sender import WebhookSender
from dispatcher.ledger import audit_log
from dispatcher.ledger.access import api_tokens, webhooks
from dispatcher.ledger.access.users import Role
from dispatcher.ledger.privacy import erasure
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.tables import metadata
from dispatcher.report import digest_figures
from dispatcher.report.protection import AudienceView
from dispatcher.vietnamese.text import fold
from dispatcher.web import api
from tests import ledger_fixture
from tests.hook_listener import Listener
from tests.ledger_fixture import CAMPAIGN, phone_number
from tests.web_fixture import AREAS, WALL_TIME, Browser, WebFixture, open_web

ONLY_PARTY = ("Đặng Thị Huyền Trang", phone_number(7001))  # in no other list, and reached by nobody
HELD_PARTY = ("Vũ Đình Khuyến", phone_number(7002))
IN_BOTH = ("Bùi Quang Lương", phone_number(7003))
ERASED = ("Tạ Thị Mộng Điệp", phone_number(7004), "mongdiep@hatay.example")
# How the sensitive audience of the sample is called: its key, title, supplier, folder.
SAYS_WHICH = re.compile(r"\bparty\b|Đảng viên|chi bộ", re.IGNORECASE)
PARAMETERS = {"campaign": CAMPAIGN, "step": "launch", "name": "nobody", "token": "1", "session": "0" * 16}
FILES = (".xlsx",)
SKIPPED = ("lang=", "/live", "/sandbox")  # what the sandbox shows is the provider's, not ours


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("privacy")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        ledger = opened.ledger
        ledger_fixture.add_people(ledger, ("party", *ONLY_PARTY, ""), ("party", *IN_BOTH, ""), area=AREAS[0])
        ledger_fixture.add_people(ledger, ("residents", *IN_BOTH, ""), area=AREAS[0])
        ledger_fixture.add_people(ledger, ("party", *HELD_PARTY, ""), state="held", held_reason="dead")
        ledger_fixture.add_people(ledger, ("party", *ERASED), area=AREAS[0])
        stops = [OptOut(channel="sms", address=number, how="web") for _name, number in (ONLY_PARTY, IN_BOTH)]
        suppressions.opt_out(ledger, stops, now=opened.clock.now())
        opened.advance()
        said = [
            Event(
                kind="inbound",
                dedupe_key=f"said {number[-1]}",
                raw={"from": number, "body": "Ai gửi tin này?"},
            )
            for number in (ONLY_PARTY[1], IN_BOTH[1], ERASED[1], phone_number(2))
        ]
        event_inbox.record(ledger, said, now=opened.clock.now())
        opened.process_inbox()
        yield opened


def crawl(visitor: Browser, start: str = "/") -> dict[str, str]:
    """Return every page that leads on from `start`, workbooks as the text in them."""
    pages: dict[str, str] = {}
    waiting, seen = [start], set()
    while waiting:
        path = waiting.pop()
        kind = re.sub(r"[?&](?:key|place)=[^&]*", "", path)  # one time of a step stands for all, one row too
        if kind in seen:
            continue
        seen.add(kind)
        answer = visitor.get(path)
        pages[path] = text_of(answer.content) if path.endswith(FILES) else answer.text
        links = re.findall(r'(?:href|src)="(/[^"#]*)"', pages[path].replace("&amp;", "&"))
        links += [answer.headers.get("location", "")]
        waiting += [
            link for link in links if link.startswith("/") and not any(map(link.__contains__, SKIPPED))
        ]
    return pages


def every_page(web: WebFixture, role: str) -> dict[str, str]:
    """Return what a role is answered: whatever links lead to, and every address of the router besides."""
    visitor, pages = web.browser(role), {}
    pages |= crawl(visitor)
    for route in web.web_app.pages:
        for method in sorted((getattr(route, "methods", None) or set()) - {"HEAD"}):
            path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: PARAMETERS.get(found[1], "1"), route.path)
            if path.endswith("/live") or path in {"/sign-out", "/static"}:
                continue
            answer = visitor.get(path) if method == "GET" else visitor.submit(path)
            pages[f"{method} {path}"] = told(answer)
    return pages


def told(answer: requests.Response) -> str:
    """Return all that an answer says: its head, where it leads, its words, a workbook's as text."""
    is_workbook = "spreadsheet" in answer.headers.get("content-type", "")
    body = text_of(answer.content) if is_workbook else answer.text
    return f"{dict(answer.headers)}\n{body}"


def of_machines(web: WebFixture, role: Role) -> dict[str, str]:
    """Return what a token of a role is answered, whatever it asks."""
    secret = f"a token for {role}"
    api_tokens.add(web.ledger, secret, label=f"machine of a {role}", role=role, who="t", now=WALL_TIME)
    machine, found = web.browser(), {}
    machine.headers["authorization"] = f"Bearer {secret}"
    for router in api.ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            path = f"/api{api.VERSION_PREFIX}" + re.sub(
                r"\{(\w+)\}", lambda found: PARAMETERS.get(found[1], "1"), route.path
            )
            for method in route.methods:
                found[f"{method} {path}"] = told(machine.request(method, path, json={}))
    found["/metrics"] = told(machine.get("/metrics"))
    found["/readyz"] = told(machine.get("/readyz"))
    return found


@pytest.mark.parametrize("role", ["viewer", "lead"])
def test_nothing_a_role_is_answered_says_how_a_sensitive_list_is_called(web: WebFixture, role: str) -> None:
    pages = every_page(web, role)
    assert len(pages) > 60
    assert [
        (path, found[0], page[max(0, found.start() - 60) : found.end() + 30])
        for path, page in pages.items()
        if (found := SAYS_WHICH.search(page))
    ] == []
    hidden = (ONLY_PARTY[0], HELD_PARTY[0], ONLY_PARTY[1], HELD_PARTY[1], f"0{ONLY_PARTY[1][3:]}")
    assert not [(path, word) for path, page in pages.items() for word in hidden if word in page]


def test_a_machine_that_only_looks_is_not_told_either(web: WebFixture) -> None:
    found = of_machines(web, "viewer")
    assert not [(path, page) for path, page in found.items() if SAYS_WHICH.search(page)]
    assert "protected" in found[f"GET /api/v1/campaigns/{CAMPAIGN}"]
    assert '"party"' in of_machines(web, "organiser")[f"GET /api/v1/campaigns/{CAMPAIGN}"]


def test_no_log_and_no_mail_of_a_digest_says_it(
    web: WebFixture, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    web.advance(24)
    every_page(web, "viewer")
    figures = digest_figures.gather(web.ledger, web.app.config.schedules, CAMPAIGN, now=web.clock.now())
    assert not SAYS_WHICH.search(str(figures))
    lines = [f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records]
    assert not [line for line in lines if SAYS_WHICH.search(line)]
    schedules = web.app.config.schedules
    broken = Problem(
        file="party/chi-bo-1.xlsx", where="audience.party.lists", what='audience "gone-one" is gone',
        remedy="dispatcher rename audience party NEW; optout end audience:gone-one", value="Các chi bộ",
    )  # fmt: skip
    (shown,) = AudienceView(schedules, may_see=False).problems([broken])
    assert not SAYS_WHICH.search(str(shown))
    assert "gone-one" not in str(shown)
    assert AudienceView(schedules, may_see=True).problems([broken]) == [broken]


def test_a_no_to_a_sensitive_list_is_told_to_no_other_machine(web: WebFixture) -> None:
    listener = Listener()
    kinds = tuple(webhooks.EVENT_KINDS)
    secret = webhook_signatures.new_secret()
    webhooks.add(
        web.ledger, "hook", direction="out", url=listener.url, secret=secret, kinds=kinds, who="t",
        now=WALL_TIME,
    )  # fmt: skip
    said = [
        OptOut(channel="sms", address=IN_BOTH[1], scope="audience:party", how="web"),
        OptOut(channel="sms", address=phone_number(2), scope="audience:residents", how="web"),
    ]
    suppressions.opt_out(web.ledger, said, now=web.clock.now())
    sender = WebhookSender(
        ledger=web.ledger, ledger_thread=web.app.ledger_thread, clock=web.clock,
        open_audiences=lambda: web.app.config.schedules.open_audiences,
    )  # fmt: skip
    web.run_coroutine(sender.send_due())
    listener.close()
    told_them = str([body for _headers, body in listener.heard])
    assert "audience:residents" in told_them
    assert not SAYS_WHICH.search(told_them)
    assert IN_BOTH[1] not in told_them


def text_of(workbook: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        return " ".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))


@pytest.mark.parametrize("role", ["viewer", "lead"])
def test_no_page_names_whom_only_a_sensitive_list_knows(web: WebFixture, role: str) -> None:
    pages = crawl(web.browser(role))
    if role == "viewer":
        assert {
            "/held",
            "/answers",
            f"/campaigns/{CAMPAIGN}/visits",
            f"/campaigns/{CAMPAIGN}/export.xlsx",
        } <= {*pages}
    hidden = (ONLY_PARTY[0], HELD_PARTY[0], ONLY_PARTY[1], HELD_PARTY[1])
    assert not [(path, word) for path, page in pages.items() for word in hidden if word in page]
    assert [path for path, page in pages.items() if IN_BOTH[0] in page]  # not hidden: residents know them too


def test_no_page_says_of_somebody_that_they_are_in_it(web: WebFixture) -> None:
    for path, page in crawl(web.browser("viewer")).items():
        for line in page.splitlines():
            assert not (IN_BOTH[0] in line and "Đảng viên" in line), path


def test_what_is_left_out_of_answers_tells_nothing_either(web: WebFixture) -> None:
    """A text that is quoted for residents and for nobody else would say who else there is."""
    assert web.browser("organiser").get("/answers").text.count("bubble out") >= 1
    page = web.browser("viewer").get("/answers").text
    assert page.count("bubble in") >= 4
    assert "bubble out" not in page


def test_whoever_has_the_right_sees_them(web: WebFixture) -> None:
    pages = crawl(web.browser("organiser"))
    assert HELD_PARTY[0] in pages["/held"]
    assert ONLY_PARTY[0] in pages["/answers"]
    assert ONLY_PARTY[0] in pages[f"/campaigns/{CAMPAIGN}/visits"]
    assert ONLY_PARTY[0] in pages[f"/campaigns/{CAMPAIGN}/export.xlsx"]


def test_a_digest_names_nobody_of_them(web: WebFixture) -> None:
    figures = digest_figures.gather(web.ledger, web.app.config.schedules, CAMPAIGN, now=web.clock.now())
    visits = [visit for area in figures.areas for visit in area.to_visit]
    assert IN_BOTH[0] in [visit.name for visit in visits]
    assert not [visit for visit in visits if visit.name in {ONLY_PARTY[0], HELD_PARTY[0]}]
    assert [visit.phone for visit in visits if visit.name == "(name not shown)"] == [""]


def test_the_page_behind_a_link_names_office_and_campaign_and_no_list(web: WebFixture) -> None:
    (person,) = {one.person_id for one in erasure.owners_of(web.ledger, ERASED[1])}
    url = web.app.links.unsubscribe_url(channel="sms", address=ERASED[1], campaign=CAMPAIGN, person_id=person)
    page = web.browser().get(url.removeprefix(web.url)).text
    assert "UBND xã Hà Tây" in page
    assert "Công dân số" in page
    titles = [audience.title for audience in web.app.config.schedules.audiences.values()]
    suppliers = [audience.supplied_by for audience in web.app.config.schedules.audiences.values()]
    assert not [words for words in (*titles, *suppliers, ERASED[0]) if words in page]


def test_who_looks_at_people_is_written_down_once_a_while(web: WebFixture) -> None:
    visitor = web.browser("viewer")
    web.clock.advance(audit_log.VIEW_INTERVAL)  # whoever looked before has looked away since
    for _look in range(3):
        visitor.get("/held")
        visitor.get(f"/campaigns/{CAMPAIGN}/visits")
    looks = [
        (entry.detail["what"], entry.subject)
        for entry in audit_log.entries(web.ledger)
        if entry.action == "view" and entry.who == "viewer" and entry.at == web.clock.now()
    ]
    assert {("held", ""), ("visits", CAMPAIGN)} <= {*looks}
    assert len(looks) == len({*looks})


def test_nothing_of_an_erased_person_is_left_anywhere(
    web: WebFixture, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (person,) = {one.person_id for one in erasure.owners_of(web.ledger, ERASED[1])}
    links = [
        web.app.links.unsubscribe_url(channel=channel, address=address, campaign=CAMPAIGN, person_id=person)
        for channel, address in (("sms", ERASED[1]), ("email", ERASED[2]))
    ]
    assert ERASED[0].encode() in everything(web)
    erasure.erase(web.ledger, ERASED[1], people=[person], who="Lan", now=web.clock.now())
    for link in links:
        path = link.removeprefix(web.url)
        for form in ({"scope": "all"}, {"List-Unsubscribe": "One-Click"}, {"action": "return"}):
            assert web.browser().post(path, data=form).status_code == 200
        assert "đã xoá" in web.browser().get(path).text
    web.advance()
    seen = "\n".join([*crawl(web.browser("admin")).values(), caplog.text]).encode()
    for word in (ERASED[0], fold(ERASED[0]), ERASED[1], f"0{ERASED[1][3:]}", ERASED[2]):
        assert word.encode() not in everything(web), word
        assert word.encode() not in seen, word


def everything(web: WebFixture) -> bytes:
    """Every byte of the ledger, of what lies beside it, and of its tables as they are read."""
    file = Path(web.ledger.url.removeprefix("sqlite:///"))
    on_disk = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    with web.ledger.read() as connection:
        rows = [str(row) for table in metadata.sorted_tables for row in connection.execute(sa.select(table))]
    return on_disk + "\n".join(rows).encode()
