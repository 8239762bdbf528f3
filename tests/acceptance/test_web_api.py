"""The JSON API: what OpenAPI promises holds (schemathesis), and what it is for works."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import schemathesis
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from dispatcher.clock import SystemClock
from dispatcher.feedback import webhook_sender, webhook_signatures
from dispatcher.ledger import audit_log
from dispatcher.ledger.access import api_tokens, webhooks
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.schema.tables import address
from dispatcher.ledger.sending import campaign_states
from tests import ledger_fixture
from tests.hook_listener import Listener
from tests.web_fixture import WALL_TIME, Browser, WebFixture, open_web

CAMPAIGN = "/api/v1/campaigns/cong-dan-so"
TOKEN = "a token for tests"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("api")
    database_url = f"sqlite:///{folder / 'ledger.sqlite3'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(webhook_sender, "POLL_SECONDS", 3600.0)  # the tests send by themselves
        with open_web(folder, database_url) as opened:
            opened.advance()
            api_tokens.add(opened.ledger, TOKEN, label="tests", role="organiser", who="t", now=WALL_TIME)
            yield opened


@pytest.fixture
def api(web: WebFixture) -> Browser:
    machine = web.browser()
    machine.headers["authorization"] = f"Bearer {TOKEN}"
    return machine


@pytest.fixture(scope="module")
def promised(web: WebFixture) -> Any:
    return schemathesis.openapi.from_url(f"{web.url}/api/openapi.json")


OPERATIONS = (
    "GET /v1/campaigns",
    "GET /v1/campaigns/{campaign}",
    "GET /v1/campaigns/{campaign}/plan",
    "GET /v1/campaigns/{campaign}/status",
    "GET /v1/campaigns/{campaign}/participation",
    "POST /v1/campaigns/{campaign}/participation",
    "GET /v1/campaigns/{campaign}/participation/imports",
    "POST /v1/campaigns/{campaign}/participation/imports/{number}/undo",
    "POST /v1/campaigns/{campaign}/pause",
    "POST /v1/campaigns/{campaign}/resume",
    "GET /v1/opt-outs",
    "POST /v1/opt-outs",
    "POST /v1/push/{hook}",
)


def test_the_list_of_operations_is_whole(promised: Any) -> None:
    assert {found.ok().label for found in promised.get_all_operations()} == set(OPERATIONS)


def _vanishes(query: dict[str, Any] | None, url: str) -> bool:
    """Tell whether what is wrong in a query is a field without name or value: nothing, on the wire."""
    known = {"limit", "skip"}
    wire = requests.Request("GET", url, params=query).prepare().url or ""
    names = set(parse_qs(urlsplit(wire).query, keep_blank_values=True))
    return bool(set(query or ()) - known) and names <= known | {""}


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as asked", "not so"]
)
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_as_promised(
    web: WebFixture, promised: Any, label: str, mode: GenerationMode
) -> None:
    (operation,) = [found.ok() for found in promised.get_all_operations() if found.ok().label == label]

    @settings(max_examples=20, suppress_health_check=list(HealthCheck), deadline=None, database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: schemathesis.Case) -> None:
        if "campaign" in case.path_parameters and case.path_parameters["campaign"] in {"", ".", ".."}:
            return  # another address altogether, for every client
        if mode is GenerationMode.NEGATIVE and _vanishes(case.query, web.url):
            return
        case.call_and_validate(
            base_url=f"{web.url}/api",
            headers={"Authorization": f"Bearer {TOKEN}"},
            # What an address is goes beyond a schema: a well-formed body may hold none.
            excluded_checks=CHECKS.get_by_names(["positive_data_acceptance"]) if "opt-outs" in label else [],
        )

    try:
        holds()
    except Unsatisfiable:
        pytest.skip("there is no wrong way to call it")


def test_schemathesis_looks_at_everything_it_can() -> None:
    assert {"not_a_server_error", "response_schema_conformance", "negative_data_rejection"} <= set(
        CHECKS.get_all_names()
    )


def test_campaign_plan_and_status(web: WebFixture, api: Browser) -> None:
    web.run_coroutine(web.web_app._refresher._refresh())
    assert [item["name"] for item in api.get("/api/v1/campaigns").json()] == ["cong-dan-so"]
    assert api.get(CAMPAIGN).json()["deadline"] == "2025-11-11T23:59:59+07:00"
    plan = api.get(f"{CAMPAIGN}/plan").json()
    assert any(item["step"] == "deadline" and item["audiences"] for item in plan)
    status = api.get(f"{CAMPAIGN}/status").json()
    assert status["total"]["messages"] == 18
    areas = api.get(f"{CAMPAIGN}/participation").json()
    assert sum(area["people"] for area in areas["areas"]) == areas["total"]["people"]
    assert api.get("/api/v1/campaigns/no-such").status_code == 404


def test_pausing_twice_is_pausing_once(web: WebFixture, api: Browser) -> None:
    for _again in range(2):
        assert api.post(f"{CAMPAIGN}/pause", json={"reason": "test"}).json()["state"] == "paused"
    standing = campaign_states.state_of(web.ledger, "cong-dan-so")
    assert standing is not None
    assert standing.changed_by == "token tests"
    assert api.post(f"{CAMPAIGN}/resume").json()["state"] == "active"


def test_who_took_part_is_told_by_number_or_mail(web: WebFixture, api: Browser) -> None:
    told = {
        "source": "one-touch",
        "people": [
            {"address": "0900 000 002"},
            {"address": "binh1@hatay.example", "at": "2025-11-07T10:00:00+07:00"},
            {"address": "0912 345 678"},
            {"address": "nonsense"},
        ],
        "counts": [{"area": "Thôn Đông", "day": "2025-11-08", "registered": 9, "finished": 4}],
    }
    seen = api.post(f"{CAMPAIGN}/participation", json={**told, "dry_run": True}).json()
    answer = api.post(f"{CAMPAIGN}/participation", json=told).json()
    assert (seen.pop("import_id"), answer.pop("import_id")) == (None, 1)
    assert seen == answer
    assert answer == {
        "recorded": 2, "known": 0, "unmatched": [2, 3], "counts": 1, "unknown_areas": [], "similar_areas": {},
        "most": [], "excess": [],
    }  # fmt: skip
    again = api.post(f"{CAMPAIGN}/participation", json=told).json()
    assert (again["recorded"], again["known"]) == (0, 2)
    assert {item.source for item in participation.participations(web.ledger, "cong-dan-so")} == {"one-touch"}


@pytest.mark.parametrize(
    ("figures", "kind"),
    [
        ([("Thôn Đông", 5, 4), ("đông", 5, 3)], "repeated"),
        ([("Thôn Đông", 5, 4), ("THÔN ĐÔNG", None, 4)], "repeated"),
        ([("Thôn Đông", 3, 4)], "exceeding"),
        ([("Thôn Mơ", 3, 4)], "exceeding"),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_figures_that_contradict_themselves_are_refused(
    web: WebFixture, api: Browser, figures: list[tuple[str, int | None, int]], kind: str, dry_run: bool
) -> None:
    imports = len(api.get(f"{CAMPAIGN}/participation/imports").json())
    counts = [
        {"area": area, "day": "2025-11-08", "registered": registered, "finished": finished}
        for area, registered, finished in figures
    ]
    answer = api.post(f"{CAMPAIGN}/participation", json={"counts": counts, "dry_run": dry_run})
    assert answer.status_code == 422
    assert [one["type"] for one in answer.json()["detail"]] == [kind] * len(figures)
    assert len(api.get(f"{CAMPAIGN}/participation/imports").json()) == imports


def test_the_same_figures_twice_count_once_and_are_taken_back(web: WebFixture, api: Browser) -> None:
    figure = {"area": "Thôn Đông", "day": "2025-11-08", "registered": 2, "finished": 1}
    told = {"counts": [figure, {**figure, "area": "Đông"}]}
    answer = api.post(f"{CAMPAIGN}/participation", json=told).json()
    assert answer["counts"] == 1
    undone = api.post(f"{CAMPAIGN}/participation/imports/{answer['import_id']}/undo")
    assert (undone.status_code, undone.json()["figures"]) == (200, 1)


def test_more_than_live_in_a_thon_is_answered_with_a_question(web: WebFixture, api: Browser) -> None:
    told = {"counts": [{"area": "Đông", "day": "2025-11-08", "registered": 999, "finished": 999}]}
    seen = api.post(f"{CAMPAIGN}/participation", json={**told, "dry_run": True}).json()["excess"]
    assert [(one["area"], one["told"], one["people"] < 999) for one in seen] == [("Thôn Đông", 999, True)]
    asked = api.post(f"{CAMPAIGN}/participation", json=told)
    assert (asked.status_code, '"confirm_excess": true' in asked.json()["detail"]) == (409, True)
    assert f"the lists have {seen[0]['people']}" in asked.json()["detail"]
    taken = api.post(f"{CAMPAIGN}/participation", json={**told, "confirm_excess": True}).json()
    assert taken["counts"] == 1
    assert api.post(f"{CAMPAIGN}/participation/imports/{taken['import_id']}/undo").status_code == 200


def test_what_was_told_is_taken_back(web: WebFixture, api: Browser) -> None:
    told = {"people": [{"address": "0900 000 003"}]}
    number = api.post(f"{CAMPAIGN}/participation", json=told).json()["import_id"]
    imports = f"{CAMPAIGN}/participation/imports"
    assert api.get(imports).json()[0]["import_id"] == number
    undone = api.post(f"{imports}/{number}/undo").json()
    assert (undone["removed"], undone["campaign"]) == (1, "cong-dan-so")
    assert api.post(f"{imports}/{number}/undo").status_code == 409
    assert api.post(f"{imports}/{number + 1}/undo").status_code == 404
    assert api.get(imports).json()[0]["undone_by"] == "token tests"
    assert [one["import_id"] for one in api.get(f"{imports}?limit=1").json()] == [number]
    earlier = api.get(f"{imports}?before={number}").json()
    assert number not in [one["import_id"] for one in earlier]
    assert len(earlier) == len(api.get(imports).json()) - 1


def test_a_list_of_most_of_an_audience_is_answered_with_a_question(web: WebFixture, api: Browser) -> None:
    with web.ledger.read() as connection:
        numbers = connection.scalars(sa.select(address.c.address).where(address.c.channel == "sms")).all()
    told = {"people": [{"address": number} for number in numbers], "source": "whole list"}
    known = len(participation.participations(web.ledger, "cong-dan-so"))
    seen = api.post(f"{CAMPAIGN}/participation", json={**told, "dry_run": True})
    most = {share["audience"]: share for share in seen.json()["most"]}
    assert (seen.status_code, "residents" in most) == (200, True)
    asked = api.post(f"{CAMPAIGN}/participation", json=told)
    assert (asked.status_code, '"confirm_most": true' in asked.json()["detail"]) == (409, True)
    assert f"of {most['residents']['people']} in residents" in asked.json()["detail"]
    assert len(participation.participations(web.ledger, "cong-dan-so")) == known
    done = api.post(f"{CAMPAIGN}/participation", json={**told, "confirm_most": True}).json()
    assert done["recorded"] == len(participation.participations(web.ledger, "cong-dan-so")) - known
    undone = api.post(f"{CAMPAIGN}/participation/imports/{done['import_id']}/undo").json()
    assert undone["removed"] == done["recorded"]


def test_a_person_on_a_shared_number_is_meant_by_name(web: WebFixture, api: Browser) -> None:
    number = ledger_fixture.phone_number(8800)
    ledger_fixture.add_people(
        web.ledger, ("residents", "Lê Thị Hoa", number, ""), ("residents", "Lê Văn Ba", number, "")
    )
    answer = api.post(
        f"{CAMPAIGN}/participation", json={"people": [{"address": number, "name": "le thi hoa"}]}
    ).json()
    assert answer["recorded"] == 1
    whole = api.post(f"{CAMPAIGN}/participation", json={"people": [{"address": number}]}).json()
    assert (whole["recorded"], whole["known"]) == (1, 1)


def test_opt_outs_page_by_page(web: WebFixture, api: Browser) -> None:
    for n in range(3):
        assert (
            api.post("/api/v1/opt-outs", json={"address": ledger_fixture.phone_number(8900 + n)}).status_code
            == 200
        )
    assert api.post("/api/v1/opt-outs", json={"address": "xyz"}).status_code == 422
    first = api.get("/api/v1/opt-outs?limit=2").json()
    rest = api.get("/api/v1/opt-outs?limit=1000&skip=2").json()
    assert first["more"] is True
    assert rest["more"] is False
    shown = [item["address"] for item in first["opt_outs"] + rest["opt_outs"]]
    assert shown == sorted(shown)
    assert len(shown) == len(suppressions.find(web.ledger))


# --- telling others --------------------------------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


class Clock(SystemClock):
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = datetime(2025, 11, 8, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    async def sleep_until(self, moment: datetime) -> None:
        raise AssertionError


def connect(
    web: WebFixture, listener: Listener, name: str
) -> tuple[str, webhook_sender.WebhookSender, Clock]:
    secret, clock = webhook_signatures.new_secret(), Clock()
    assert webhooks.add(
        web.ledger, name, direction="out", url=listener.url, secret=secret,
        kinds=tuple(webhooks.EVENT_KINDS), who="t", now=clock.now(),
    )  # fmt: skip
    courier = webhook_sender.WebhookSender(
        ledger=web.ledger, ledger_thread=web.app.ledger_thread, clock=clock
    )
    return secret, courier, clock


def test_another_machine_is_told_signed_and_once(web: WebFixture, listener: Listener) -> None:
    secret, courier, clock = connect(web, listener, "reports")
    try:
        web.run_coroutine(courier.send_due())
        assert listener.heard == []  # nothing of what was before it
        campaign_states.pause(web.ledger, "cong-dan-so", reason="by-hand", who="t", now=clock.now())
        campaign_states.resume(web.ledger, "cong-dan-so", who="t", now=clock.now())
        refusal = suppressions.OptOut(
            channel="sms", address=ledger_fixture.phone_number(9900), who="t", how="web"
        )
        suppressions.opt_out(web.ledger, [refusal], now=clock.now())
        for _again in range(2):
            web.run_coroutine(courier.send_due())
        told = [json.loads(body) for _headers, body in listener.heard]
        assert sorted(item["type"] for item in told) == [
            "campaign.paused", "campaign.resumed", "opt-out.created",
        ]  # fmt: skip
        for headers, body in listener.heard:
            assert webhook_signatures.verify(secret, headers, body, now=clock.now())
            assert not webhook_signatures.verify(
                webhook_signatures.new_secret(), headers, body, now=clock.now()
            )
    finally:
        webhooks.remove(web.ledger, "reports", who="t", now=clock.now())


def test_telling_is_tried_again_under_the_same_name_and_given_up_at_last(
    web: WebFixture, listener: Listener
) -> None:
    _secret, courier, clock = connect(web, listener, "weak")
    try:
        listener.answers = [500] * 10
        audit_log.write(web.ledger, who="t", action="ended", subject="x", detail={}, now=clock.now())
        for _try in range(12):
            web.run_coroutine(courier.send_due())
            clock.moment += timedelta(days=1)
        assert len(listener.heard) == 10
        assert len({headers["webhook-id"] for headers, _body in listener.heard}) == 1
        (hook,) = [item for item in webhooks.find(web.ledger) if item.name == "weak"]
        assert hook.disabled_at is not None
    finally:
        webhooks.remove(web.ledger, "weak", who="t", now=clock.now())


def test_a_hook_that_is_gone_is_told_nothing_more(web: WebFixture, listener: Listener) -> None:
    _secret, courier, clock = connect(web, listener, "gone")
    try:
        listener.answers = [410]
        audit_log.write(web.ledger, who="t", action="ended", subject="x", detail={}, now=clock.now())
        web.run_coroutine(courier.send_due())
        audit_log.write(web.ledger, who="t", action="ended", subject="y", detail={}, now=clock.now())
        web.run_coroutine(courier.send_due())
        assert len(listener.heard) == 1
    finally:
        webhooks.remove(web.ledger, "gone", who="t", now=clock.now())


def test_a_receiver_that_redirects_or_is_away_gets_no_secret_elsewhere(
    web: WebFixture, listener: Listener
) -> None:
    _secret, courier, clock = connect(web, listener, "moved")
    try:
        listener.answers = [302]
        audit_log.write(web.ledger, who="t", action="ended", subject="x", detail={}, now=clock.now())
        web.run_coroutine(courier.send_due())
        assert len(listener.heard) == 1
        (parcel,) = webhooks.due_items(web.ledger, now=clock.now() + timedelta(hours=1))
        assert parcel.attempts == 1
    finally:
        webhooks.remove(web.ledger, "moved", who="t", now=clock.now())


RUDE_ANSWERS = {
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "no end of a line": b"HTTP/1.1 200 OK\r\nX-A: ",
    "an odd status": b"HTTP/1.1 9999999999999999 OK\r\n\r\n",
    "an endless body": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nabc",
    "nothing": b"",
}


@contextmanager
def rude_receiver(answer: bytes, *, drips: bool) -> Iterator[str]:
    """A receiver that answers so, and with `drips` goes on with a byte now and then."""
    stopping = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(answer)
            while drips and not stopping.wait(0.2):
                connection.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
        stopping.set()


@pytest.mark.parametrize("drips", [False, True])
@pytest.mark.parametrize("kind", RUDE_ANSWERS)
def test_a_rude_receiver_is_its_own_trouble(
    web: WebFixture, listener: Listener, kind: str, drips: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_sender, "TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(webhook_sender, "POLL_SECONDS", 0.05)
    _secret, sender, clock = connect(web, listener, "good")
    with rude_receiver(RUDE_ANSWERS[kind], drips=drips) as url:
        webhooks.add(
            web.ledger, "rude", direction="out", url=url, secret=webhook_signatures.new_secret(),
            kinds=tuple(webhooks.EVENT_KINDS), who="t", now=clock.now(),
        )  # fmt: skip
        try:
            web.run_coroutine(hear_all(web, sender, listener, clock))
            assert len({headers["webhook-id"] for headers, _body in listener.heard}) == 3
        finally:
            for name in ("good", "rude"):
                webhooks.remove(web.ledger, name, who="t", now=clock.now())


async def hear_all(
    web: WebFixture, sender: webhook_sender.WebhookSender, listener: Listener, clock: Clock
) -> None:
    """Let three things happen, one after the other, while the sender runs."""
    stop = asyncio.Event()
    running = asyncio.create_task(sender.run(stop))
    for count in range(3):
        audit_log.write(web.ledger, who="t", action="ended", subject=str(count), detail={}, now=clock.now())
        clock.moment += timedelta(seconds=10)
        for _ in range(100):
            if len({headers["webhook-id"] for headers, _body in listener.heard}) > count:
                break
            await asyncio.sleep(0.05)
    assert not running.done()
    stop.set()
    await running


def test_ready_says_what_is_wrong(web: WebFixture) -> None:
    answer = requests.get(f"{web.url}/readyz", timeout=10)
    assert answer.status_code == 200
    assert answer.json()["database"] == "ok"
    assert requests.get(f"{web.url}/healthz", timeout=10).text == "ok"


def test_metrics_count_messages_by_status(web: WebFixture) -> None:
    web.run_coroutine(web.web_app._refresher._refresh())
    page = requests.get(f"{web.url}/metrics", timeout=10).text
    assert 'dispatcher_messages{campaign="cong-dan-so",channel="sms",status="delivered"}' in page
    for name in ("dispatcher_queue_age_seconds", "dispatcher_claim_seconds", "dispatcher_send_seconds",
                 "dispatcher_opt_outs_total", "dispatcher_gateway_results"):  # fmt: skip
        assert name in page


@pytest.mark.parametrize("day", ["2025-02-31", "0000-01-01", "20251108", "2025-W45-6", "8/11/2025"])
def test_figures_are_of_a_day_of_the_calendar(web: WebFixture, api: Browser, day: str) -> None:
    """One that is none would lie in the ledger, and no page of the campaign could be drawn any more."""
    told = {"counts": [{"area": "Thôn Đông", "day": day, "registered": 1, "finished": 1}]}
    assert api.post(f"{CAMPAIGN}/participation", json=told).status_code == 422
    assert web.browser("viewer").get("/campaigns/cong-dan-so").status_code == 200


def test_a_mail_address_is_stopped_in_small_letters(web: WebFixture, api: Browser) -> None:
    stopped = api.post("/api/v1/opt-outs", json={"address": "Binh2@Hatay.Example"}).json()
    assert stopped["address"] == "binh2@hatay.example"
