"""The sandbox's log: what is flushed is there, what is torn is not, and lines say what was sent."""

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.sandbox import provider_log

NOON = datetime(2025, 10, 11, 5, 0, 0, 123000, tzinfo=UTC)


def text_line(**changes: object) -> bytes:
    values = {
        "at": provider_log.format_time(NOON),
        "sid": "SM1",
        "to": "+84912000001",
        "sender": "MG1",
        "body": "Chào",
        "callback": "",
        "validity": 60,
        "outcome": "delivered",
        "parts": 1,
        "n": 1,
    }
    return provider_log.text_line(**{**values, **changes})


def test_a_file_that_is_not_there_is_empty(tmp_path: Path):
    assert list(provider_log.read_texts(tmp_path)) == []
    assert list(provider_log.read_mails(tmp_path)) == []
    assert list(provider_log.read_inbound(tmp_path)) == []


@given(st.text(), st.text())
def test_any_text_comes_back_as_it_was(body, callback):
    line = text_line(body=body, callback=callback)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_lines_are_read_in_order(tmp_path_factory, bodies):
    folder = tmp_path_factory.mktemp("log")
    lines = provider_log.AppendOnlyFile(folder / provider_log.SMS_FILE)
    places = [(lines.append(line), len(line), body) for body in bodies for line in (text_line(body=body),)]
    lines.flush()
    assert [accepted.body for accepted in provider_log.read_texts(folder)] == bodies
    assert [lines.read_at(offset, length)["body"] for offset, length, _ in places] == bodies
    lines.close()


def test_a_line_says_when_and_what(tmp_path: Path):
    (tmp_path / provider_log.SMS_FILE).write_bytes(text_line(validity=3600, n=2))
    (accepted,) = provider_log.read_texts(tmp_path / provider_log.SMS_FILE)
    assert (accepted.at, accepted.to, accepted.body) == (NOON, "+84912000001", "Chào")
    assert (accepted.validity, accepted.outcome, accepted.n) == (3600, "delivered", 2)


def test_nothing_is_on_disk_before_the_flush(tmp_path: Path):
    lines = provider_log.AppendOnlyFile(tmp_path / provider_log.SMS_FILE)
    lines.append(text_line())
    assert list(provider_log.read_texts(tmp_path)) == []
    lines.flush()
    assert len(list(provider_log.read_texts(tmp_path))) == 1
    lines.close()


def test_a_torn_line_is_skipped_and_then_cut_off(tmp_path: Path):
    (tmp_path / provider_log.SMS_FILE).write_bytes(text_line(sid="SM1") + text_line(sid="SM2")[:40])
    assert [accepted.sid for accepted in provider_log.read_texts(tmp_path)] == ["SM1"]
    lines = provider_log.AppendOnlyFile(tmp_path / provider_log.SMS_FILE)
    lines.append(text_line(sid="SM3"))
    lines.close()
    assert [accepted.sid for accepted in provider_log.read_texts(tmp_path)] == ["SM1", "SM3"]


def test_a_file_of_one_long_torn_line_is_cut_to_nothing(tmp_path: Path):
    (tmp_path / provider_log.SMS_FILE).write_bytes(b"x" * 200_000)
    provider_log.AppendOnlyFile(tmp_path / provider_log.SMS_FILE).close()
    assert (tmp_path / provider_log.SMS_FILE).read_bytes() == b""


def test_a_mail_without_a_kept_text_has_none(tmp_path: Path):
    mail = provider_log.AcceptedMail(
        at=NOON,
        message_id="1@x",
        sender="",
        recipients=(),
        subject="",
        size=3,
        sha256="",
        outcome="delivered",
    )
    assert provider_log.read_mail_text(tmp_path, mail) == b""
