"""What residents' answers mean: a table as people write, and whatever else may come in."""

from __future__ import annotations

import json
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.feedback.replies import LENGTH_MAX, classify_reply
from dispatcher.vietnamese.text import unaccent
from tests.command import command_in

TABLE = Path(__file__).parent.parent / "corpus" / "replies.tsv"
ROWS = [
    (text, tuple(right.split("|")), *hint)
    for text, right, *hint in (
        line.split("\t")
        for line in TABLE.read_text(encoding="utf-8").splitlines()
        if not line.startswith("# ")
    )
]
SURE = [(text, right[0]) for text, right, *_hint in ROWS if len(right) == 1]


def test_the_table_is_large_enough_to_say_something() -> None:
    assert len(ROWS) > 3100
    assert {meaning for _text, meaning in SURE} == {"opt-out", "took-part", "return", "person"}


def test_every_answer_of_the_table_is_understood() -> None:
    wrong = [
        (text, classify_reply(text))
        for text, right, *_hint in ROWS
        if classify_reply(text).meaning not in right
    ]
    assert wrong == []


def test_hints_are_given_and_decide_nothing() -> None:
    hinted = [(text, right, hint[0]) for text, right, *hint in ROWS if hint]
    assert [
        (text, classify_reply(text)) for text, _right, hint in hinted if classify_reply(text).hint != hint
    ] == []
    assert {"opt-out", "person"} <= {meaning for _text, right, _hint in hinted for meaning in right}


def spellings(text: str) -> dict[str, str]:
    return {
        "capitals": text.upper(),
        "decomposed": unicodedata.normalize("NFD", text),
        "with a full stop": f"{text}.",
        "between quotation marks": f'"{text}"',
        "spread out": f"  {text.replace(' ', '   ')}\n",
        "with invisible characters": f"\u200b{text}\x00\ufeff",
        "with an emoji": f"{text} 🙏",
    }


@pytest.mark.parametrize("how", spellings("x"))
def test_how_it_is_typed_changes_nothing(how: str) -> None:
    wrong = [text for text, meaning in SURE if classify_reply(spellings(text)[how]).meaning != meaning]
    assert wrong == []


def test_a_no_is_heard_without_accents_too() -> None:
    """What is left to a person then may be signed by Huy or Dũng, or has lost its very word."""
    refusals = [text for text, meaning in SURE if meaning == "opt-out"]
    deaf = [text for text in refusals if classify_reply(unaccent(text)).meaning != "opt-out"]
    assert deaf == [
        "từ trối", "Hủy ạ", "hủy nhé", "Spam quá. Hủy!", "Dừng nhé", "dừng hết đi", "Đ nhận tin nữa",
        "ngày nào cũng nhắn, mệt ghê, dừng giùm", "chị ơi hủy cho em", "Hủy đăng ký rồi mà vẫn nhắn",
        "Hủy nhận tin rồi sao còn gửi", "Chặn luôn đi",
    ]  # fmt: skip


def test_no_thanks_are_a_refusal_whoever_signs() -> None:
    thanks = ("Cảm ơn", "cam on", "Cám ơn xã", "Thanks")
    greetings = ("ok", "Dạ", "Em chào")
    names = ("Huy", "huy", "Dung", "Dũng", "Dừng", "anh Huy", "chị Dung", "em Dũng ạ", "Huy nhé", "Gia Huy")
    both = [
        (a, b) for a in thanks + greetings for b in names if a in thanks or b != "Dừng"
    ]  # "ok Dừng" is a no
    signed = [f"{a}{between}{b}" for a, b in both for between in (" ", ", ", ". ", "\n")]
    signed += [f"{b} {a}" for a, b in both]
    assert {text for text in signed if classify_reply(text).meaning != "person"} == set()


@given(st.text())
def test_any_text_has_a_meaning(body: str) -> None:
    assert classify_reply(body).meaning in {"opt-out", "took-part", "return", "person"}


@pytest.mark.parametrize("body", ["STOP\ud800", "ST\0OP", "\x00STOP\x00", "STOP" + " " * 400])
def test_what_does_not_belong_in_a_text_is_not_heard(body: str) -> None:
    assert classify_reply(body).meaning == "opt-out"


@pytest.mark.parametrize(
    "word", ["con", "cứ", "1", "đừng nhắn", "unsubscribe cho", "tôi", "năm", "?", "|", "\u0301"]
)
def test_an_answer_made_to_be_slow_is_read_in_a_moment(word: str) -> None:
    classify_reply("")
    started = time.perf_counter()
    classify_reply((word + " ") * LENGTH_MAX)
    classify_reply(((word + " ") * LENGTH_MAX)[:LENGTH_MAX])
    assert time.perf_counter() - started < 3  # a busy machine; alone half a second at most


def test_the_command_answers_line_by_line_without_settings_or_ledger(tmp_path) -> None:
    place = command_in(tmp_path)
    given_lines = [
        '"tu choi nhan tin"',
        '"tôi thi rồi"',
        '"DK"',
        '"sai số rồi"',
        '"Cảm ơn, Huy"',
        "null",
        "{",
    ]
    done = place.run("reply", "--jsonl", stdin="".join(f"{line}\n" for line in given_lines))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers[:6] == [
        {"meaning": "opt-out", "hint": ""},
        {"meaning": "took-part", "hint": ""},
        {"meaning": "return", "hint": ""},
        {"meaning": "person", "hint": "wrong-number"},
        {"meaning": "person", "hint": ""},
        {"meaning": "person", "hint": "", "problem": "line 6 is not a JSON string"},
    ]
    assert "line 7" in answers[6]["problem"]
    assert answers[6]["meaning"] == "person"
    assert done.returncode == 1
    assert "đọc" in place.run("reply", "Cảm ơn, Huy", "--lang", "vi").stdout
    assert json.loads(place.run("reply", "TC", "--json").stdout) == [
        {"raw": "TC", "meaning": "opt-out", "hint": ""}
    ]


@pytest.mark.parametrize(
    "line",
    ["[" * 100_000, '{"a":' * 100_000, "9" * 5000, "", "   ", "NaN", "{}", '"\\ud800', "\0", "\xff", "1e999"],
)
def test_every_line_has_one_answer_whatever_stands_in_it(tmp_path, line: str) -> None:
    done = command_in(tmp_path).run("reply", "--jsonl", stdin=f'"TC"\n{line}\n"TC"\n')
    answers = [json.loads(one) for one in done.stdout.splitlines()]
    assert [one["meaning"] for one in answers] == ["opt-out", "person", "opt-out"]
    assert "line 2" in answers[1]["problem"]
    assert done.returncode == 1
