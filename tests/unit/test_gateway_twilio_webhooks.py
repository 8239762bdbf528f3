"""Callbacks of Twilio: read as they come, believed only when signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.gateways.provider import InboundText, StatusReport, WebhookRequest
from dispatcher.gateways.twilio import webhooks
from dispatcher.gateways.twilio.webhooks import verify_signature

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="  # Twilio's own example


def signature(url: str, form: list[tuple[str, str]], algorithm: str = "sha1") -> str:
    """Sign as Twilio's documentation says: the address, then name and value of every field by name."""
    values: dict[str, set[str]] = {}
    for name, value in form:
        values.setdefault(name, set()).add(value)
    said = url + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return base64.b64encode(hmac.digest(TOKEN.encode(), said.encode(), algorithm)).decode()


def test_twilios_own_example() -> None:
    assert verify_signature(TOKEN, URL, FORM, {"X-Twilio-Signature": SIGNATURE})


@pytest.mark.parametrize("header", ["x-twilio-signature", "X-TWILIO-SIGNATURE"])
def test_the_headers_case_does_not_matter(header: str) -> None:
    assert verify_signature(TOKEN, URL, FORM, {header: SIGNATURE})


@pytest.mark.parametrize(
    ("token", "url", "form", "headers"),
    [
        (TOKEN, URL, FORM, {}),
        (TOKEN, URL, FORM, {"X-Twilio-Signature": ""}),
        (TOKEN, URL, FORM, {"X-Twilio-Signature": SIGNATURE[:-2] + "X="}),
        (TOKEN, URL, FORM, {"X-Twilio-Signature": "é"}),
        ("54321", URL, FORM, {"X-Twilio-Signature": SIGNATURE}),
        ("", URL, FORM, {"X-Twilio-Signature": SIGNATURE}),
        (TOKEN, URL + "3", FORM, {"X-Twilio-Signature": SIGNATURE}),
        (TOKEN, URL.replace("https", "http"), FORM, {"X-Twilio-Signature": SIGNATURE}),
        (TOKEN, "https://mycompany.com:99999/x", FORM, {"X-Twilio-Signature": SIGNATURE}),
        (TOKEN, URL, FORM[1:], {"X-Twilio-Signature": SIGNATURE}),
        (TOKEN, URL, [*FORM, ("New", "field")], {"X-Twilio-Signature": SIGNATURE}),
        (TOKEN, URL, [*FORM, ("Blank", "")], {"X-Twilio-Signature": SIGNATURE}),
        (
            TOKEN,
            URL,
            FORM,
            {
                "X-Twilio-Signature": SIGNATURE,
                "X-Twilio-Webhooks-Signature-Settings": "algorithm=HMAC_SHA256",
            },
        ),
        (
            TOKEN,
            URL,
            FORM,
            {"X-Twilio-Signature": SIGNATURE, "X-Twilio-Webhooks-Signature-Settings": "algorithm=NONE"},
        ),
    ],
)
def test_anything_else_is_not_signed(
    token: str, url: str, form: list[tuple[str, str]], headers: dict[str, str]
) -> None:
    assert verify_signature(token, url, form, headers) is False


@pytest.mark.parametrize(("behind", "status"), [("", 204), ("#rc=5&rp=all", 204), ("#rc=4", 403)])
def test_the_part_behind_the_hash_may_be_signed_or_not(behind: str, status: int) -> None:
    url, form = (
        "https://nhac.example/providers/twilio/status/k1",
        {"MessageSid": "SM1", "MessageStatus": "sent"},
    )
    headers = {"x-twilio-signature": signature(url + behind, list(form.items()))}
    request = WebhookRequest(
        purpose="status", method="POST", url=url, query="", headers=headers, body=urlencode(form).encode()
    )
    assert webhooks.read(request, auth_token=TOKEN).status == status


@pytest.mark.parametrize(("count", "status"), [(30, 200), (499, 200), (501, 403), (15_000, 403)])
def test_more_fields_than_twilio_sends_are_not_judged(count: int, status: int) -> None:
    form = [("From", "+84990000001"), *((f"P{n}", "") for n in range(count - 1))]
    request = WebhookRequest(
        purpose="inbound", method="POST", url=URL, query="", body=urlencode(form).encode(),
        headers={"x-twilio-signature": signature(URL, form)}, is_key_ours=False,
    )  # fmt: skip
    assert webhooks.read(request, auth_token=TOKEN).status == status


@given(
    form=st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=8)), max_size=8),
    algorithm=st.sampled_from(["", "key=k1,algorithm=HMAC_SHA256"]),
)
def test_blank_repeated_and_new_fields_are_all_signed(form: list[tuple[str, str]], algorithm: str) -> None:
    url = "https://nhac.example/twilio/status/k1"
    said = signature(url, form, "sha256" if algorithm else "sha1")
    headers = {"X-Twilio-Signature": said, "X-Twilio-Webhooks-Signature-Settings": algorithm}
    assert verify_signature(TOKEN, url, form, headers)


@pytest.mark.parametrize("url", ["https://nhac.example/s", "https://nhac.example:443/s"])
def test_the_port_may_be_named_or_not(url: str) -> None:
    headers = {"X-Twilio-Signature": signature("https://nhac.example:443/s", FORM)}
    assert verify_signature(TOKEN, url, FORM, headers)


def test_a_body_that_is_no_form_is_signed_by_its_hash() -> None:
    body = '{"a": 1}'
    url = "https://nhac.example/s?bodySHA256=" + hashlib.sha256(body.encode()).hexdigest()
    headers = {"X-Twilio-Signature": signature(url, [])}
    assert verify_signature(TOKEN, url, [], headers, body=body)
    assert not verify_signature(TOKEN, url, [], headers, body=body + " ")
    assert not verify_signature(TOKEN, "https://nhac.example/s", [], headers, body=body)


@given(
    st.text(),
    st.text(),
    st.dictionaries(
        st.sampled_from(["X-Twilio-Signature", "X-Twilio-Webhooks-Signature-Settings"]), st.text()
    ),
    st.text(),
)
def test_nothing_makes_it_raise(token: str, url: str, headers: dict[str, str], body: str) -> None:
    assert verify_signature(token, url, [("a", "b")], headers, body=body) in {True, False}


def test_every_field_of_a_form_is_kept() -> None:
    read = webhooks.parse_form(b"Body=Kh%C3%B4ng&ErrorCode=&A=1&A=2")
    assert read == [("Body", "Không"), ("ErrorCode", ""), ("A", "1"), ("A", "2")]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+84900000000"},
            StatusReport(
                provider_id="SM1", status="delivered", provider_status="delivered", code="", error_class=""
            ),
        ),
        (
            {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30005"},
            StatusReport(
                provider_id="SM1",
                status="permanent-failure",
                provider_status="undelivered",
                code="30005",
                error_class="number",
            ),
        ),
        (
            {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "31337"},
            StatusReport(
                provider_id="SM1",
                status="temporary-failure",
                provider_status="failed",
                code="31337",
                error_class="",
            ),
        ),
        (
            {"SmsSid": "SM1", "SmsStatus": "sent", "ErrorCode": ""},
            StatusReport(provider_id="SM1", status="sent", provider_status="sent", code="", error_class=""),
        ),
        (
            {"MessageSid": "SM1", "MessageStatus": "dreaming"},
            StatusReport(provider_id="SM1", status="", provider_status="dreaming", code="", error_class=""),
        ),
        ({"MessageStatus": "sent"}, None),
        ({"MessageSid": "SM1"}, None),
        ({"MessageSid": "<script>", "MessageStatus": "sent"}, None),
        ({"MessageSid": "SM1", "MessageStatus": "x" * 500}, None),
        ({}, None),
    ],
)
def test_status_callbacks(form: dict[str, str], expected: StatusReport | None) -> None:
    assert webhooks.parse_status_callback(form) == expected


def test_incoming_texts() -> None:
    form = {"MessageSid": "SM1", "From": "+84900000001", "To": "8049", "Body": "DUNG ", "OptOutType": "stop"}
    assert webhooks.parse_inbound_sms(form) == InboundText(
        provider_id="SM1", sender="+84900000001", body="DUNG ", opt_out_type="STOP"
    )
    assert webhooks.parse_inbound_sms({"MessageSid": "SM1"}) is None


def test_a_text_without_a_sender_or_a_number_of_its_own_is_kept() -> None:
    nameless = webhooks.parse_inbound_sms({"MessageSid": "SM1", "Body": "TC"})
    assert nameless == InboundText(provider_id="SM1", sender="", body="TC", opt_out_type="")
    form = {"From": "+84900000001", "Body": "TC", "MessageSid": "<script>"}
    one, again = webhooks.parse_inbound_sms(form), webhooks.parse_inbound_sms(form)
    other = webhooks.parse_inbound_sms(form | {"Body": "START"})
    assert one == again
    assert one is not None
    assert other is not None
    assert one.provider_id != other.provider_id


@given(
    st.dictionaries(st.sampled_from(["MessageSid", "MessageStatus", "ErrorCode", "From", "Body"]), st.text())
)
def test_any_form_is_read_without_an_exception(form: dict[str, str]) -> None:
    webhooks.parse_status_callback(form)
    webhooks.parse_inbound_sms(form)
