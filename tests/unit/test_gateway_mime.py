"""The mail's bytes: whatever we write, the standard parser reads back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.gateways.smtp import mime
from dispatcher.message.mail_parts import MailParts

NOW = datetime(2025, 10, 11, 1, 2, 3, 456789, tzinfo=UTC)
SENDER = "UBND xã Hà Tây <nhac@hatay.example>"

# Anything a person may type: no line breaks of any kind, no half characters.
BREAKS = "\r\n\0\v\f\x1c\x1d\x1e\x85\u2028\u2029"
HEADER_TEXT = st.text(st.characters(exclude_characters=BREAKS, exclude_categories=["Cs", "Cc"]), max_size=200)
BODY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=2000)
VIETNAMESE = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệ ÁĐƯ", min_size=1, max_size=120)
DOTS = st.lists(
    st.sampled_from([".", "..", "...", ". ", "-- ", "--=_k1--", "", "From: ai"]), max_size=20
).map("\n".join)


def written(**changes: object) -> bytes:
    mail = {"subject": "Nhắc", "text": "Chào", "html": ""}
    mail |= {name: changes.pop(name) for name in list(changes) if name in MailParts.__slots__}
    given_values = {
        "key": "k1",
        "sender": SENDER,
        "to": "dan@hatay.example",
        "message_id": "k1@hatay.example",
        "date": NOW,
    }
    return mime.compose(MailParts(**mail), **{**given_values, **changes})


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def words(value: object) -> str:
    """Make the comparison blind to what a header may do to spaces (Python 3.11 keeps one too many)."""
    return " ".join(str(value).split())


def lines(text: str) -> str:
    return re.sub(r"\r\n|\r", "\n", text)


@given(subject=HEADER_TEXT | VIETNAMESE, name=HEADER_TEXT | VIETNAMESE)
def test_any_subject_and_name_is_read_back(subject: str, name: str) -> None:
    raw = written(subject=subject, to_name=name)
    assert max(map(len, raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n"))) <= 160
    old = message_from_bytes(raw)  # the parser most programs were built on
    assert str(make_header(decode_header(old["Subject"]))) == subject
    assert words(read(raw)["Subject"]) == words(subject)
    address = read(raw)["To"].addresses
    assert [item.addr_spec for item in address] == ["dan@hatay.example"]


@given(name=VIETNAMESE | st.text("ab.,\"\\()<>@:;[]' ", min_size=1, max_size=30))
def test_any_display_name_is_read_back(name: str) -> None:
    address = read(written(to_name=name))["To"].addresses[0]
    assert address.addr_spec == "dan@hatay.example"
    assert words(address.display_name).replace(" ", "") == words(name).replace(" ", "")


@given(name=st.text("ăâđêôơưạảấầẩẫậ abc", min_size=1, max_size=14))
def test_a_short_name_is_one_encoded_word(name: str) -> None:
    """Two words for one name make some readers show a gap inside it."""
    raw = written(to_name=name)
    assert raw.split(b"\r\nSubject:")[0].partition(b"\r\nTo:")[2].count(b"=?utf-8?") <= 1


@given(text=BODY_TEXT | DOTS, html=BODY_TEXT | DOTS)
def test_any_body_is_read_back(text: str, html: str) -> None:
    raw = written(text=text, html=html)
    message = read(raw)
    plain = message.get_body(("plain",))
    assert plain is not None
    assert lines(plain.get_content()) == lines(text)
    if html:
        rich = message.get_body(("html",))
        assert rich is not None
        assert lines(rich.get_content()) == lines(html)
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_subtype() for part in message.iter_parts()] == ["plain", "html"]
    else:
        assert message.get_content_type() == "text/plain"


@given(subject=HEADER_TEXT, name=HEADER_TEXT, text=BODY_TEXT | DOTS, html=BODY_TEXT | DOTS)
def test_every_mail_is_fit_for_the_wire(subject: str, name: str, text: str, html: str) -> None:
    """Only ASCII, only CRLF, no long line, nothing that a dot at a line's start could end too early."""
    raw = written(subject=subject, to_name=name, text=text, html=html)
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    cut = raw.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in cut)
    assert not any(line.startswith(b".") for line in cut)
    assert max(map(len, cut)) <= 998
    header = raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    assert all(len(line) <= 76 for line in header if b"=?utf-8?" in line)


def test_the_headers_of_a_mail() -> None:
    raw = written(
        subject="Cuộc thi: còn 3 ngày",
        html="<p>Chào</p>",
        to_name="Nguyễn Thị Đào",
        unsubscribe_url="https://nhac.example/u/abc",
        reply_to="Văn phòng <vp@hatay.example>",
    )
    message = read(raw)
    assert message["From"].addresses[0].display_name == "UBND xã Hà Tây"
    assert message["To"].addresses[0].display_name == "Nguyễn Thị Đào"
    assert message["Subject"] == "Cuộc thi: còn 3 ngày"
    assert message["Date"].datetime == NOW.replace(microsecond=0)
    assert message["Message-ID"] == "<k1@hatay.example>"
    assert message["Reply-To"].addresses[0].addr_spec == "vp@hatay.example"
    assert message["List-Unsubscribe"] == "<https://nhac.example/u/abc>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["MIME-Version"] == "1.0"
    assert message["Precedence"] is None
    names = [name for name, _ in message.items()]
    assert len(names) == len(set(names))


def test_a_mail_to_nobody_who_may_unsubscribe_says_nothing_of_it() -> None:
    assert read(written())["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "place", ["subject", "to_name", "sender", "reply_to", "unsubscribe_url", "message_id", "to"]
)
@pytest.mark.parametrize("sneaked", [*BREAKS, "\r\n"], ids=ascii)
def test_a_line_break_in_any_header_value_is_refused(place: str, sneaked: str) -> None:
    value = {
        "sender": "A{}B <a@hatay.example>",
        "to": "a{}@hatay.example",
        "reply_to": "a@b.example{}Bcc: c@d.example",
    }
    with pytest.raises(mime.InvalidMail):
        written(**{place: value.get(place, "a{}Bcc: khac@hatay.example").format(sneaked)})


@pytest.mark.parametrize("address", ["dan@hatay.example", "dan.o'neil+ht@Hatay.Example"])
def test_a_usual_address_goes_out_as_it_is(address: str) -> None:
    assert mime.encode_address(address).decode() == address


def test_a_domain_with_accents_goes_out_in_ascii() -> None:
    local, _, domain = mime.encode_address("dan@xãhàtây.example").partition(b"@")
    assert (local, domain.decode("idna")) == (b"dan", "xãhàtây.example")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "5.1.3"),
        ("dan", "5.1.3"),
        ("@hatay.example", "5.1.3"),
        ("dan@", "5.1.3"),
        ("dan @hatay.example", "5.1.3"),
        ("dan@hatay.example,khac@hatay.example", "5.1.3"),
        ("<dan@hatay.example>", "5.1.3"),
        ('"dan"@hatay.example', "5.1.3"),
        ("đan@hatay.example", "5.6.7"),
        ("dan@" + "ă" * 80 + ".example", "5.1.2"),
    ],
)
def test_addresses_nothing_is_sent_to(address: str, code: str) -> None:
    with pytest.raises(mime.InvalidMail) as refused:
        mime.encode_address(address)
    assert refused.value.code == code


@pytest.mark.parametrize("place", ["subject", "text", "html", "to_name"])
def test_half_a_character_is_refused(place: str) -> None:
    with pytest.raises(mime.InvalidMail):
        written(**{place: "Ch\ud83do"})
