"""SMS through Twilio's API: what is asked of it, and what each way of answering, or not, means."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from dispatcher.clock import Clock, SimulatedClock, SystemClock
from dispatcher.errors import ConfigurationError
from dispatcher.gateways import Envelope, GatewayOptions, Result, registry
from dispatcher.gateways.provider import ListedText, ListsInbound, ListsOutbound
from dispatcher.gateways.twilio.gateway import TwilioGateway
from dispatcher.gateways.twilio.message_list import PAGE_PAUSES
from tests import scripted_servers
from tests.scripted_servers import HANG_UP, SILENCE, RecordedRequest, ScriptedHttpServer, http_response

ACCOUNT = "AC" + "0" * 32
NOW = datetime(2025, 10, 11, 1, 2, 3, tzinfo=UTC)
Script = Callable[[RecordedRequest], bytes | Awaitable[bytes]]


def text(number: int = 0, **changes: object) -> Envelope:
    given = {"key": f"k{number}", "to": f"+84900000{number:03d}", "body": "Kính mời bà con tham gia"}
    return Envelope(**{**given, **changes})


def message(sid: str = "SM1", status: str = "queued", **changes: object) -> dict[str, object]:
    """One message as Twilio's API shows it."""
    given = {
        "sid": sid,
        "status": status,
        "to": "+84900000000",
        "body": "Kính mời bà con tham gia",
        "direction": "outbound-api",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "date_created": format_datetime(NOW),
    }
    return {**given, **changes}


def created(call: RecordedRequest) -> bytes:
    return http_response(
        201, json.dumps(message("SM" + call.form["To"][-3:], to=call.form["To"], body=call.form["Body"]))
    )


def error(status: int, code: int | None = None, **headers: str) -> bytes:
    body = {"code": code, "message": "words of Twilio +84900000000", "status": status}
    return http_response(status, json.dumps(body) if code else "<html>oh</html>", **headers)


def opened(server: ScriptedHttpServer, *, clock: Clock | None = None, **values: str) -> TwilioGateway:
    given = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": "token",
        "TWILIO_FROM": "UBND HA TAY",
        "DISPATCHER_TWILIO_BASE_URL": server.url,
    }
    return TwilioGateway(GatewayOptions(values={**given, **values}, clock=clock or SystemClock()))


def sent(
    script: Script,
    envelopes: list[Envelope],
    *,
    pace: Callable[[], Awaitable[None]] | None = None,
    **values: str,
) -> tuple[list[Result], ScriptedHttpServer]:
    async def run() -> tuple[list[Result], ScriptedHttpServer]:
        async with scripted_servers.serve_http(script) as server:
            gateway = opened(server, **values)
            results = list(await gateway.send(envelopes, acquire_permit=pace))
            await gateway.close()
            return results, server

    return asyncio.run(run())


def kinds(results: list[Result]) -> str:
    return "".join(result.kind[0] for result in results)


def test_what_is_asked_of_twilio() -> None:
    envelope = text(7, callback_url="https://nhac.example/twilio/status/k7", validity_seconds=5400)
    (result,), server = sent(created, [envelope])
    (call,) = server.requests
    assert call.method == "POST"
    assert call.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert call.form == {
        "To": "+84900000007",
        "From": "UBND HA TAY",
        "Body": "Kính mời bà con tham gia",
        "StatusCallback": "https://nhac.example/twilio/status/k7#rc=5&rp=all",
        "ValidityPeriod": "5400",
        "SmartEncoded": "false",
    }
    assert (
        call.headers["authorization"] == "Basic " + "QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDp0b2tlbg=="
    )
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"
    assert result == Result(key="k7", kind="accepted", status="sending", provider_id="SM007", parts=1)


def test_a_messaging_service_speaks_for_the_sender() -> None:
    (result,), server = sent(
        lambda call: http_response(201, json.dumps(message(num_segments="0", status="accepted"))),
        [text()],
        TWILIO_MESSAGING_SERVICE_SID="MG1",
        TWILIO_FROM="",
    )
    assert server.requests[0].form["MessagingServiceSid"] == "MG1"
    assert "From" not in server.requests[0].form
    assert result.parts is None  # 0 until the service has chosen a sender


@pytest.mark.parametrize(
    ("retention", "sensitive", "forgets"),
    [
        ("discard", False, True),
        ("discard", True, True),
        ("sensitive", False, False),
        ("sensitive", True, True),
        ("", True, True),
        ("keep", True, False),
    ],
)
def test_twilio_is_asked_to_forget_whose_text_it_was(retention: str, sensitive: bool, forgets: bool) -> None:
    _results, server = sent(created, [text(sensitive=sensitive)], DISPATCHER_TWILIO_RETENTION=retention)
    form = server.requests[0].form
    said = (form.get("ContentRetention"), form.get("AddressRetention"))
    assert said == (("discard", "obfuscate") if forgets else (None, None))


@pytest.mark.parametrize(
    ("given", "asked"), [(0, "1"), (-5, "1"), (1, "1"), (36000, "36000"), (90000, "36000")]
)
def test_the_validity_period_stays_within_what_twilio_takes(given: int, asked: str) -> None:
    _results, server = sent(created, [text(validity_seconds=given)])
    assert server.requests[0].form["ValidityPeriod"] == asked


def test_the_text_goes_out_composed() -> None:
    _results, server = sent(created, [text(body="Ha\u0300 Ta\u0302y")])
    assert server.requests[0].form["Body"] == "Hà Tây"


def test_results_come_in_the_order_of_the_envelopes_over_shared_connections() -> None:
    async def script(call: RecordedRequest) -> bytes:
        await asyncio.sleep(int(call.form["To"][-1]) / 1000)
        return created(call)

    results, server = sent(script, [text(number) for number in range(200)])
    assert [result.key for result in results] == [f"k{number}" for number in range(200)]
    assert [result.provider_id for result in results] == [f"SM{number:03d}" for number in range(200)]
    assert server.connections <= 64


@pytest.mark.parametrize(
    ("said", "kind", "code", "error_class"),
    [
        (error(400, 21211), "refused", "21211", "number"),
        (error(400, 21614), "refused", "21614", "number"),
        (error(400, 21610), "refused", "21610", "opt-out"),
        (error(400, 21617), "refused", "21617", "content"),
        (error(400, 21612), "later", "21612", "config"),
        (error(401, 20003), "later", "20003", "config"),
        (error(400, 21606), "later", "21606", "config"),
        (error(400, 21611), "later", "21611", "account"),
        (error(429, 20429), "later", "20429", "throttled"),
        (error(429), "later", "20429", "throttled"),
        (error(503, 20429), "later", "20429", "throttled"),
        (error(400, 30410), "unknown", "30410", "ambiguous"),
        (error(400, 29999), "later", "29999", ""),  # a code we do not know
        (error(400), "later", "http-400", ""),
        (error(404), "unknown", "http-404", "ambiguous"),
        (error(405), "unknown", "http-405", "ambiguous"),
        (error(404, 29998), "later", "29998", ""),
        (error(403), "later", "http-403", "config"),
        (http_response(302, location="https://elsewhere.example/"), "unknown", "http-302", "ambiguous"),
        (http_response(307, "{}"), "unknown", "http-307", "ambiguous"),
        (http_response(304, "{}"), "unknown", "http-304", "ambiguous"),
        (error(303, 21211), "unknown", "21211", "ambiguous"),
        # the message may have been taken before the answer went wrong
        (error(500, 20500), "unknown", "20500", "ambiguous"),
        (error(500, 21211), "unknown", "21211", "ambiguous"),
        (error(500), "unknown", "http-500", "ambiguous"),
        (error(502), "unknown", "http-502", "ambiguous"),
        (error(503), "unknown", "http-503", "ambiguous"),
        (error(504), "unknown", "http-504", "ambiguous"),
        (error(408), "unknown", "http-408", "ambiguous"),
        (http_response(201, "{not json"), "unknown", "no-answer", "ambiguous"),
        (http_response(201, "[]"), "unknown", "no-answer", "ambiguous"),
        (http_response(200, "{}"), "unknown", "answer", "ambiguous"),
        (http_response(201, json.dumps(message(date_created="Sat, 11 Oct 2025 01:00:60 +0000"))),
         "unknown", "no-answer", "ambiguous"),
        (http_response(201, '{"sid": "SM1", "sid'), "unknown", "no-answer", "ambiguous"),
        (error(401, 29998), "later", "29998", "config"),  # a code we do not know, of the account all the same
        (error(403, 29998), "later", "29998", "config"),
        (HANG_UP, "unknown", "no-answer", "ambiguous"),
        (SILENCE, "unknown", "no-answer", "ambiguous"),
        (b"HTTP/1.1 201 Created\r\nContent-Le", "unknown", "no-answer", "ambiguous"),
        (b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{", "unknown", "no-answer", "ambiguous"),
        (b"220 mail.example ESMTP\r\n\r\n", "unknown", "no-answer", "ambiguous"),
    ],
)  # fmt: skip
def test_what_an_answer_means(said: bytes, kind: str, code: str, error_class: str) -> None:
    (result,), server = sent(lambda _call: said, [text()], timeout_seconds="0.4")
    assert (result.kind, result.code, result.error_class) == (kind, code, error_class)
    assert len(server.requests) == 1, "a POST must never be made twice"
    assert "+849" not in result.detail


@pytest.mark.parametrize(
    "absurd",
    [
        {"num_segments": "9" * 30},
        {"num_segments": "9" * 5000},
        {"num_segments": "-3"},
        {"price": "inf", "price_unit": "VND"},
        {"price": "nan", "price_unit": "VND"},
        {"price": "9" * 400, "price_unit": "VND"},
        {"price": "-1e30", "price_unit": "VND"},
        {"status": {"a": 1}},
    ],
)
def test_one_absurd_number_costs_no_message_its_answer(absurd: dict[str, object]) -> None:
    (result,), _server = sent(lambda _call: http_response(201, json.dumps(message(**absurd))), [text()])
    assert (result.kind, result.provider_id, result.vnd) == ("accepted", "SM1", None)
    assert result.parts in {1, None}


@pytest.mark.parametrize(
    "sid", ["SM\0x", "SM\ud800", "x" * 500, "SM 1", "SM/1", {"a": 1}, [], "ＳＭ１", "SM1\n"]
)
def test_a_message_named_as_twilio_names_none_is_asked_about(sid: object) -> None:
    (result,), _server = sent(lambda _call: http_response(201, json.dumps(message(sid=sid))), [text()])
    assert (result.kind, result.code, result.provider_id) == ("unknown", "answer", "")


@pytest.mark.parametrize("code", ["9" * 400, "1\0", "\ud800"])
def test_a_code_of_an_answer_is_stored_as_it_fits(code: str) -> None:
    (result,), _server = sent(
        lambda _call: http_response(201, json.dumps(message(error_code=code))), [text()]
    )
    assert (result.kind, result.provider_id) == ("accepted", "SM1")
    assert len(result.code) <= 64
    assert "\0" not in result.code
    assert "\ud800" not in result.code


@pytest.mark.parametrize(("code", "asked", "waits"), [(20429, "86400", 900.0), (63038, "170000", 86400.0)])
def test_a_wait_beyond_a_quarter_of_an_hour_is_shown_not_obeyed(
    caplog: pytest.LogCaptureFixture, code: int, asked: str, waits: float
) -> None:
    (result,), _server = sent(lambda _call: error(429, code, retry_after=asked), [text()])
    assert result.retry_after_seconds == waits
    assert asked in result.detail
    assert asked in caplog.text


@pytest.mark.parametrize("answer", [error(400, 29998), error(400), error(402), error(422, 29997)])
def test_what_no_table_knows_is_not_tried_on_the_whole_list(answer: bytes) -> None:
    results, server = sent(lambda _call: answer, [text(n) for n in range(400)], concurrency="4")
    assert len(server.requests) < 20
    assert {result.kind for result in results} == {"later"}


def test_an_rfc_9457_error_is_understood_too() -> None:
    body = {"type": "x", "title": "Unsubscribed", "status": 400, "code": 21610}
    (result,), _server = sent(lambda _call: http_response(400, json.dumps(body)), [text()])
    assert (result.kind, result.error_class) == ("refused", "opt-out")


def test_a_connection_closed_under_the_second_message_puts_it_in_doubt() -> None:
    """The library calls this a ConnectError although everything had been written."""
    script = lambda call: created(call) if call.form["To"].endswith("000") else HANG_UP  # noqa: E731 - one rule

    async def run() -> None:
        async with scripted_servers.serve_http(script) as server:
            gateway = opened(server)
            assert (await gateway.send([text(0)]))[0].kind == "accepted"
            assert (await gateway.send([text(1)]))[0].kind == "unknown"
            assert len(server.requests) == 2
            assert server.connections == 1
            await gateway.close()

    asyncio.run(run())


def test_nobody_listening_means_later() -> None:
    async def run() -> None:
        gateway = opened(ScriptedHttpServer(url="http://127.0.0.1:1"))
        results = list(await gateway.send([text(number) for number in range(30)]))
        assert kinds(results) == "l" * 30
        assert {result.error_class for result in results} == {"transport"}

    asyncio.run(run())


def http_date(seconds: int) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": http_date(90), "date": http_date(0)}, 90.0),
        ({"retry_after": http_date(0), "date": http_date(9)}, 0.0),
        ({"retry_after": "soon"}, None),
        ({"retry_after": http_date(90)}, None),
        ({}, None),
    ],
)
def test_retry_after_is_kept(headers: dict[str, str], seconds: float | None) -> None:
    (result,), _server = sent(lambda _call: error(429, 20429, **headers), [text()])
    assert result.retry_after_seconds == seconds


def test_a_code_that_needs_time_says_how_much() -> None:
    (result,), _server = sent(lambda _call: error(400, 21611), [text()])
    assert result.retry_after_seconds == 600


def test_too_many_at_once_halves_the_calls_and_all_get_through_in_the_end() -> None:
    """The server takes four at once; what it turned away is offered again, as the ledger would."""

    async def run() -> None:
        async def script(call: RecordedRequest) -> bytes:
            if server.open_at_once > 4:
                return error(429, 20429, retry_after="0.02")
            await asyncio.sleep(0.002)
            return created(call)

        async with scripted_servers.serve_http(script) as server:
            gateway = opened(server)
            waiting = [text(number) for number in range(150)]
            turned_away: list[int] = []
            while waiting:
                results = await gateway.send(waiting)
                assert {result.kind for result in results} <= {"accepted", "later"}
                left = {result.key for result in results if result.kind == "later"}
                turned_away.append(len(left))
                waiting = [envelope for envelope in waiting if envelope.key in left]
            assert len(turned_away) < 10
            assert gateway._limit.limit < 10
            accepted = [call.form["To"] for call in server.requests]
            assert len(set(accepted)) == 150
            await gateway.close()

    asyncio.run(run())


def test_a_long_rest_is_handed_back_instead_of_waited_out() -> None:
    results, server = sent(lambda _call: error(429, 20429, retry_after="120"), [text(n) for n in range(100)])
    assert kinds(results) == "l" * 100
    assert len(server.requests) <= 16
    assert min(result.retry_after_seconds or 0 for result in results) > 100


def test_a_broken_account_is_not_asked_for_every_message() -> None:
    results, server = sent(lambda _call: error(401, 20003), [text(number) for number in range(200)])
    assert kinds(results) == "l" * 200
    assert {(result.code, result.error_class) for result in results} == {("20003", "config")}
    assert len(server.requests) < 40


def test_one_refused_sender_among_many_good_ones_stops_nothing() -> None:
    script = lambda call: error(400, 21606) if call.form["To"].endswith("50") else created(call)  # noqa: E731
    results, server = sent(script, [text(number) for number in range(200)])
    assert kinds(results).count("l") == 2
    assert len(server.requests) == 200


def test_silence_puts_few_messages_in_doubt_not_all() -> None:
    results, server = sent(lambda _call: HANG_UP, [text(number) for number in range(300)])
    assert set(kinds(results)) == {"u", "l"}
    assert kinds(results).count("u") == len(server.requests) < 40


def test_the_limiter_is_asked_once_a_message() -> None:
    asked = 0

    async def pace() -> None:
        nonlocal asked
        asked += 1

    results, _server = sent(created, [text(number) for number in range(40)], pace=pace)
    assert kinds(results) == "a" * 40
    assert asked == 40


def test_a_limiter_that_fails_stops_what_has_not_gone_and_nothing_else() -> None:
    asked = 0

    async def pace() -> None:
        nonlocal asked
        asked += 1
        if asked > 10:
            raise ConnectionError("database gone")

    async def script(call: RecordedRequest) -> bytes:
        await asyncio.sleep(0.02)
        return created(call)

    results, server = sent(script, [text(number) for number in range(50)], pace=pace)
    assert kinds(results).count("a") == len(server.requests) == 10
    assert kinds(results).count("l") == 40


def test_logs_carry_no_number_and_no_words(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        async with scripted_servers.serve_http(lambda call: error(400, 21211)) as server:
            gateway = opened(server)
            await gateway.send([text()])
            await gateway.look_up(text(), since=NOW)
            await gateway.close()

    with caplog.at_level(logging.DEBUG):
        asyncio.run(run())
    assert "84900000" not in caplog.text
    assert "token" not in caplog.text


# --- asking afterwards


def asked(
    script: Script, envelope: Envelope | None = None, provider_id: str = "", **values: str
) -> tuple[Result, ScriptedHttpServer]:
    async def run() -> tuple[Result, ScriptedHttpServer]:
        async with scripted_servers.serve_http(script) as server:
            gateway = opened(server, **values)
            result = await gateway.look_up(envelope or text(), since=NOW, provider_id=provider_id)
            await gateway.close()
            return result, server

    return asyncio.run(run())


def pages(*shown: Sequence[object]) -> Script:
    """Show messages in pages, as Twilio does: the next page's address is relative."""

    def script(call: RecordedRequest) -> bytes:
        number = int(call.query.get("Page", "0"))
        more = number + 1 < len(shown)
        following = f"{call.path}?To=%2B84900000000&Page={number + 1}&PageToken=PA" if more else None
        messages = shown[number] if shown else []
        return http_response(
            200, json.dumps({"messages": messages, "next_page_uri": following, "page": number})
        )

    return script


@pytest.mark.parametrize(
    ("word", "code", "status"),
    [
        ("accepted", None, "sending"),
        ("queued", None, "sending"),
        ("sent", None, "sent"),
        ("delivered", None, "delivered"),
        ("undelivered", 30003, "temporary-failure"),
        ("undelivered", 30005, "permanent-failure"),
        ("failed", 30410, "temporary-failure"),
        ("dreaming", None, "sending"),
    ],
)
def test_a_known_message_is_fetched(word: str, code: int | None, status: str) -> None:
    result, server = asked(
        lambda _call: http_response(200, json.dumps(message("SM9", word, error_code=code))), provider_id="SM9"
    )
    assert (result.kind, result.status, result.provider_id) == ("accepted", status, "SM9")
    assert server.requests[0].path.endswith("/Messages/SM9.json")


def test_a_fetched_message_that_does_not_exist_is_not_there() -> None:
    result, _server = asked(lambda _call: error(404, 20404), provider_id="SM9")
    assert (result.kind, result.code) == ("refused", "not-found")


def test_a_lost_answer_is_found_by_number_time_and_text_on_a_later_page() -> None:
    others = [
        message("SM1", body="Tin khác"),
        message("SM2", date_created=format_datetime(NOW - timedelta(days=7))),  # last week's, same words
        message("SM3", direction="inbound"),
        message("SM4", to="+84900000009"),
    ]
    result, server = asked(pages(others, [message("SM5", "sent")]))
    assert (result.kind, result.provider_id, result.status) == ("accepted", "SM5", "sent")
    assert server.requests[0].query["To"] == "+84900000000"
    assert server.requests[0].query["DateSent>"] == "2025-10-11"
    assert len(server.requests) == 2


def test_the_sentence_of_a_trial_account_does_not_hide_a_message() -> None:
    body = "Sent from your Twilio trial account - Kính mời bà con tham gia"
    result, _server = asked(pages([message("SM5", body=body)]))
    assert result.provider_id == "SM5"


def test_not_there_is_said_only_after_looking_without_the_date_too() -> None:
    """A queued message has no date of sending, so the filter may hide it."""

    def script(call: RecordedRequest) -> bytes:
        shown = [] if "DateSent>" in call.query else [message("SM5")]
        return http_response(200, json.dumps({"messages": shown, "next_page_uri": None}))

    result, _server = asked(script)
    assert result.provider_id == "SM5"
    result, server = asked(pages([]))
    assert (result.kind, result.code) == ("refused", "not-found")
    assert len(server.requests) == 2


def test_a_message_of_a_little_earlier_counts_because_clocks_differ() -> None:
    minutes = [(9, "accepted"), (11, "refused")]
    for early, kind in minutes:
        when = format_datetime(NOW - timedelta(minutes=early))
        result, _server = asked(pages([message("SM5", date_created=when)]))
        assert result.kind == kind


# --- everything that went out


def listed(script: Script) -> tuple[list[ListedText], ScriptedHttpServer, str]:
    """Read the whole list; give also what it broke off with."""

    async def run() -> tuple[list[ListedText], ScriptedHttpServer, str]:
        found: list[ListedText] = []
        broke = ""
        async with scripted_servers.serve_http(script) as server:
            gateway = opened(server, clock=SimulatedClock(NOW))
            assert isinstance(gateway, ListsOutbound)
            try:
                async for page in gateway.outbound_since(NOW):
                    found += page
            except Exception as error:  # noqa: BLE001 - what it was is the answer
                broke = str(error)
            await gateway.close()
        return found, server, broke

    return asyncio.run(run())


def test_the_list_has_every_text_that_went_out_page_by_page() -> None:
    """A text that was sent while pages are turned pushes others on to the next page: one may come twice."""
    first = [message("SM4"), message("SM3", "delivered")]
    second = [
        message("SM3", "delivered"),
        message("SM2", direction="inbound"),
        message("SM1", "undelivered", error_code=30005),
        message("SM0", date_created=format_datetime(NOW - timedelta(minutes=11))),
    ]
    found, server, broke = listed(pages(first, second))
    assert [(text.provider_id, text.status) for text in found] == [
        ("SM4", "sending"), ("SM3", "delivered"), ("SM3", "delivered"), ("SM1", "permanent-failure"),
    ]  # fmt: skip
    assert (found[0].to, found[0].at, broke) == ("+84900000000", NOW, "")
    assert server.requests[0].query["DateSent>"] == "2025-10-11"
    assert (server.requests[0].query["PageSize"], len(server.requests)) == ("1000", 3)


def test_the_list_shows_what_is_queued_and_has_no_date_of_sending_yet() -> None:
    def script(call: RecordedRequest) -> bytes:
        shown = [message("SM1", "delivered")] if "DateSent>" in call.query else [message("SM2", "queued")]
        return http_response(200, json.dumps({"messages": shown, "next_page_uri": None}))

    found, _server, _broke = listed(script)
    assert [text.provider_id for text in found] == ["SM1", "SM2"]


def test_an_entry_that_cannot_be_read_hides_no_other_and_is_told() -> None:
    broken = message("SM2", date_created="Sat, 11 Oct 2025 09:00:60 +0000")
    found, _server, broke = listed(pages([message("SM1"), broken, message("SM3")]))
    assert [text.provider_id for text in found] == ["SM1", "SM3"]
    assert "cannot be read" in broke


def test_an_entry_that_cannot_be_read_may_be_the_one_in_doubt() -> None:
    broken = message("SM2", date_created="Sat, 11 Oct 2025 09:00:60 +0000")
    result, _server = asked(pages([broken, message("SM3", to="+84900000009")]))
    assert (result.kind, result.code) != ("refused", "not-found")
    result, _server = asked(pages([broken, message("SM3")]))
    assert result.provider_id == "SM3"


def test_what_came_in_is_read_whatever_stands_beside_it() -> None:
    said = {"direction": "inbound", "status": "received", "body": "TC"}
    odd: list[object] = [
        message("SM1", **said, **{"from": "+84900000001"}),
        message("SM2", **said, **{"from": "+84900000002"}, date_created="Sat, 11 Oct 2025 09:00:60 +0000"),
        message("SM3", **said, **{"from": None}),
        message("SM4", **said, **{"from": 84900000004}, date_sent=[1], price={}, error_code="x"),
        message("SM5", **said | {"body": None}, **{"from": "+84900000005"}),
        "not an entry", None, 7, [],
        message("", **said, **{"from": "+84900000006"}),
        message("SM7"),
        message("SM8", **said, **{"from": "+84900000008"}),
    ]  # fmt: skip

    async def run() -> list[tuple[str, str, str]]:
        async with scripted_servers.serve_http(pages(odd, [message("SM9", **said)])) as server:
            gateway = opened(server)
            assert isinstance(gateway, ListsInbound)
            found = await gateway.inbound_since(NOW)
            await gateway.close()
        return [(one.provider_id, one.sender, one.body) for one in found]

    assert asyncio.run(run()) == [
        ("SM9", "", "TC"), ("SM8", "+84900000008", "TC"), ("SM5", "+84900000005", ""),
        ("SM4", "84900000004", "TC"), ("SM3", "", "TC"), ("SM2", "+84900000002", "TC"),
        ("SM1", "+84900000001", "TC"),
    ]  # fmt: skip


def test_a_list_that_breaks_off_says_so() -> None:
    def script(call: RecordedRequest) -> bytes:
        return error(503, 20500) if call.query.get("Page") else pages([message("SM1")], [])(call)

    found, server, broke = listed(script)
    assert [text.provider_id for text in found] == ["SM1"]
    assert "503" in broke
    assert len(server.requests) == 2 + len(PAGE_PAUSES)


@pytest.mark.parametrize(
    "answer", [error(429, 20429), error(503, 20500), HANG_UP], ids=["429", "503", "lost"]
)
def test_a_page_that_is_refused_for_now_or_lost_is_asked_for_again_and_the_list_goes_on(
    answer: bytes,
) -> None:
    """Both pages of three are in trouble twice; nothing is read twice for it, and nothing left out."""
    lines = pages([message("SM3")], [message("SM2")], [message("SM1")])
    trouble = {"1": 2, "2": 2}

    def script(call: RecordedRequest) -> bytes:
        page = call.query.get("Page", "")
        if trouble.get(page):
            trouble[page] -= 1
            return answer
        return lines(call)

    found, _server, broke = listed(script)
    assert ([text.provider_id for text in found], broke) == (["SM3", "SM2", "SM1"], "")


@pytest.mark.parametrize(("answer", "calls"), [(error(401, 20003), 1), (HANG_UP, 1)])
def test_a_list_that_nobody_may_read_is_given_up_at_once(answer: bytes, calls: int) -> None:
    found, server, broke = listed(lambda _call: answer)
    assert (found, len(server.requests), bool(broke)) == ([], calls, True)


def test_without_a_body_any_text_to_the_number_counts() -> None:
    result, _server = asked(pages([message("SM5", body="Tin khác")]), text(body=""))
    assert result.kind == "accepted"


@pytest.mark.parametrize(
    "said",
    [
        error(500),
        error(429, 20429),
        error(401, 20003),
        HANG_UP,
        http_response(200, "{}"),
        http_response(200, "x"),
    ],
)
def test_a_look_up_that_fails_leaves_the_doubt(said: bytes) -> None:
    result, _server = asked(lambda _call: said)
    assert result.kind == "unknown"


def test_a_list_without_end_leaves_the_doubt() -> None:
    result, server = asked(pages(*[[message("SM1", body="Tin khác")]] * 20))
    assert result.kind == "unknown"
    assert len(server.requests) < 20


def test_what_was_never_kept_cannot_be_asked_for() -> None:
    for envelope, retention in ((text(), "discard"), (text(sensitive=True), "sensitive")):
        result, server = asked(pages([]), envelope, DISPATCHER_TWILIO_RETENTION=retention)
        assert result.kind == "unknown"
        assert not server.requests


@pytest.mark.parametrize("missing", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"])
def test_a_setting_that_is_missing_is_named(missing: str) -> None:
    with pytest.raises(ConfigurationError) as broken:
        opened(ScriptedHttpServer(url="http://127.0.0.1:1"), **{missing: ""})
    assert missing in broken.value.problems[0].what


def test_traits() -> None:
    local = opened(ScriptedHttpServer(url="http://127.0.0.1:1")).capabilities
    assert (local.channel, local.supports_lookup, local.supports_receipts, local.loopback) == (
        "sms",
        True,
        True,
        True,
    )
    values = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "t"}
    real = TwilioGateway(GatewayOptions(values=values, sender="X")).capabilities
    assert not real.loopback
    assert not opened(
        ScriptedHttpServer(), DISPATCHER_TWILIO_RETENTION="discard"
    ).capabilities.supports_lookup


def test_a_retention_we_do_not_know_is_said() -> None:
    with pytest.raises(ConfigurationError):
        registry.read_settings({"DISPATCHER_TWILIO_RETENTION": "forget"})
