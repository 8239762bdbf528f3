"""Advice on words that mislead without accents: what an editor would change, and hardly anything else."""

from __future__ import annotations

import pytest

from dispatcher.vietnamese.unaccented_readings import misleading_words
from tests.corpus.official_sentences import OFFICIAL_SENTENCES


def advised(sentence: str) -> tuple[str, ...]:
    return tuple(word for word, _reason in misleading_words(sentence))


@pytest.mark.parametrize(("sentence", "words"), OFFICIAL_SENTENCES, ids=lambda value: str(value)[:40])
def test_advice_is_what_an_editor_would_give(sentence: str, words: tuple[str, ...]) -> None:
    assert advised(sentence) == words


def test_the_table_is_big_enough_and_has_both_kinds() -> None:
    assert len(OFFICIAL_SENTENCES) >= 200
    assert sum(bool(words) for _sentence, words in OFFICIAL_SENTENCES) >= 50


@pytest.mark.parametrize(
    "name", ["Nguyễn Thị Mới", "ông Hoàn", "bà Bưởi", "Chị Lớn", "ông Lộn", "TRẦN THỊ MỚI", "thôn Mới"]
)
def test_names_cannot_be_changed(name: str) -> None:
    assert advised(f"Mời {name} đến nhận sổ") == ()


def test_a_reason_stands_beside_each_word_and_each_word_stands_once() -> None:
    found = misleading_words("Đừng bán lợn; đừng bán lợn. Đừng chờ")
    assert [word for word, _reason in found] == ["Đừng", "bán", "lợn", "đừng", "chờ"]
    assert all(reason for _word, reason in found)


def test_decomposed_letters_are_read_as_composed_ones() -> None:
    assert advised("Mưa lo\u031b\u0301n") == ("lớn",)
