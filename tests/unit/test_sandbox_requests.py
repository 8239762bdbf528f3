"""What the sandbox makes of a create request: forms, limits, refusals, segments."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.sandbox.twilio_requests import ApiError, CreateRequest, matches_date, parse_create, read_form
from dispatcher.sandbox.twilio_responses import count_segments

GOOD = {
    "To": "+84912000001",
    "MessagingServiceSid": "MG" + "0a" * 16,
    "Body": "Mời bà con",
    "StatusCallback": "http://127.0.0.1:8025/twilio/status/abc",
    "ValidityPeriod": "3600",
}


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=6))
def test_any_form_is_read_as_it_was_written(fields):
    expected = {
        name.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
        for name, value in fields.items()
    }
    assert read_form(urlencode(expected).encode()) == (expected or {"": ""})


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"Body=100%", "100%"),
        (b"Body=%zz", "%zz"),
        (b"Body=%FF", "�"),
        (b"Body=a\\x41", "a\\x41"),
        (b"Body=a+b%2B", "a b+"),
        ("Body=cộng".encode(), "cộng"),
        ("Body=c%E1%BB%99ng cộng".encode(), "cộng cộng"),
        (b"Body=", ""),
        (b"Body", ""),
    ],
)
def test_odd_forms_are_read_too(raw, field):
    assert read_form(raw).get("Body", "") == field


def test_a_good_request_passes():
    assert parse_create(GOOD) == CreateRequest(
        "+84912000001", GOOD["MessagingServiceSid"], "Mời bà con", GOOD["StatusCallback"], 3600
    )


@pytest.mark.parametrize("sender", ["+84912000009", "8088", "UBND HA TAY"])
def test_a_sender_may_be_a_number_or_a_name(sender):
    form = {**GOOD, "From": sender}
    del form["MessagingServiceSid"]
    assert parse_create(form).sender == sender


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in GOOD.items() if key != name}


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (without("To"), 21604),
        (without("MessagingServiceSid"), 21603),
        (without("Body"), 21602),
        ({**GOOD, "Body": "a" * 1600}, 0),
        ({**GOOD, "Body": "a" * 1601}, 21617),
        ({**GOOD, "To": "0912000001"}, 21211),
        ({**GOOD, "To": "+8491200000"}, 21211),
        ({**GOOD, "To": "+849120000011"}, 21211),
        ({**GOOD, "To": "+842253823456"}, 21614),
        ({**GOOD, "To": "+842438234567"}, 21614),
        ({**GOOD, "ValidityPeriod": "0"}, 20001),
        ({**GOOD, "ValidityPeriod": "1"}, 0),
        ({**GOOD, "ValidityPeriod": "36000"}, 0),
        ({**GOOD, "ValidityPeriod": "36001"}, 20001),
        ({**GOOD, "ValidityPeriod": "²"}, 20001),
        ({**GOOD, "SendAt": "2025-10-11T00:00:00Z"}, 20001),
        ({**GOOD, "StatusCallback": "http://my_host/x"}, 21609),
        ({**GOOD, "StatusCallback": "ftp://host/x"}, 21609),
        ({**GOOD, "StatusCallback": "https://nhac.hatay.gov.vn?k=1"}, 0),
        ({**GOOD, "MessagingServiceSid": "MG1"}, 21701),
        ({**GOOD, "From": "UBND XA HA TAY"}, 21212),
        ({**GOOD, "From": "Xã"}, 21212),
    ],
)
def test_the_limits_are_those_of_the_real_one(form, code):
    if not code:
        parse_create(form)
        return
    with pytest.raises(ApiError) as refusal:
        parse_create(form)
    answer = json.loads(refusal.value.body)
    assert (answer["code"], answer["status"], refusal.value.status) == (code, 400, 400)
    assert set(answer) == {"code", "message", "more_info", "status"}
    assert GOOD["To"] not in answer["message"]


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("đ" * 70, 1),
        ("đ" * 71, 2),
        ("đ" * 134, 2),
        ("đ" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("à" * 160, 1),
    ],
)
def test_segments_change_where_the_standard_says(body, parts):
    assert count_segments(body) == parts


SENT = datetime(2025, 10, 11, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("bound", "side", "inside"),
    [
        ("2025-10-11", "", True),
        ("2025-10-12", "", False),
        ("2025-10-11", ">", True),
        ("2025-10-12", ">", False),
        ("2025-10-11", "<", True),
        ("2025-10-10", "<", False),
        ("2025-10-11T23:59:59Z", ">", True),
        ("2025-10-12T00:00:00Z", ">", False),
        ("2025-10-11T23:59:58Z", "<", False),
        ("2025-10-12T06:59:59+07:00", ">", True),
        ("2025-10-12T06:59:59 07:00", ">", True),
    ],
)
def test_dates_filter_by_gmt_day_or_by_moment(bound, side, inside):
    assert matches_date(SENT, bound, side) is inside


def test_a_date_that_is_none_is_refused():
    with pytest.raises(ApiError):
        matches_date(SENT, "yesterday", ">")
