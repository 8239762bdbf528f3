"""What others have built upon stays as it is: keys, types and code words of everything that machines read.

`shapes.json` holds them. More may come; nothing in it may go or change its type. Only when that is meant:

    REWRITE_SHAPES=1 python -m pytest tests/acceptance/test_shapes.py -n0

Everything is asked of the command and of its pages, so that the code behind may be named anew at will. What
only the code knows is found by its form (tables of words, settings, log actions), not by where it stands.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.shapes.comparing import Found, Taken, differences, found_in
from tests.shapes.everything import look

GOLDEN = Path(__file__).with_name("shapes.json")
SAME_ANSWERS = {"rename audience --json"}  # as those of renaming a campaign or a step


@pytest.mark.timeout(360)  # plays a month, drills and asks every verb, one after the other
def test_what_machines_read_has_its_old_shape(tmp_path: Path) -> None:
    found = look(tmp_path)
    if os.environ.get("REWRITE_SHAPES"):
        with_json = {one for one in found["names"]["verbs"] if one.endswith((" --json", " --jsonl"))}
        assert sorted(with_json - set(found["shapes"]) - SAME_ANSWERS) == [], "ask these too"
        GOLDEN.write_text(
            json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    told = differences(golden, found)
    assert told == [], "\n".join(told)


ANSWER = {"people": [{"name": "An", "status": "sent"}, {"name": None, "status": "held"}], "sum": 2}


def compared(*, then: Any, now: Any) -> list[str]:
    def found(value: Any) -> Found:
        taken = Taken()
        taken.add("a", value)
        return found_in(taken, {"metrics": ["one"]}, [["sent", "held"], ["x", "y"]])

    return differences(found(then), found(now))


def test_more_is_no_difference() -> None:
    more = {**ANSWER, "new": 1, "people": [*ANSWER["people"], {"name": "Ba", "status": "gone", "new": 1}]}
    assert compared(then=ANSWER, now=more) == []


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"people": ANSWER["people"]}, ["a: sum is gone"]),
        ({**ANSWER, "sum": "2"}, ["a: sum was ['number'], is ['string']"]),
        ({**ANSWER, "sum": None}, ["a: sum was ['number'], is ['null']"]),
        (
            {**ANSWER, "people": ANSWER["people"][:1]},
            ["a: people[].name was ['null', 'string'], is ['string']", "a people[].status: 'held' is gone"],
        ),
        ([ANSWER], ["a: it was ['object'], is ['array']", *(f"a: {one} is gone" for one in (
            "people", "people[]", "people[].name", "people[].status", "sum",
        )), "a people[].status: 'held' is gone", "a people[].status: 'sent' is gone"]),
    ],
)  # fmt: skip
def test_less_is_seen(now: Any, told: list[str]) -> None:
    assert compared(then=ANSWER, now=now) == told


def test_a_word_a_name_and_an_answer_that_are_gone_are_seen() -> None:
    then = {"shapes": {"a": {}}, "words": {}, "names": {"metrics": ["one", "two"]}, "tables": [["x", "y"]]}
    now = {"shapes": {}, "words": {}, "names": {"metrics": ["two"]}, "tables": [["x", "z"], ["y"]]}
    assert differences(then, now) == [
        "a: gone", "metrics: 'one' is gone", "no table has these words any more: ['x', 'y']",
    ]  # fmt: skip
