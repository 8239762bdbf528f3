"""From rows to values: by name, and a name that no table has is no silent default."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from dispatcher.ledger.schema import records

FIRST = sa.table("first", sa.column("name"), sa.column("words"))
SECOND = sa.table("second", sa.column("name"), sa.column("size"))


@dataclass(frozen=True, kw_only=True)
class Thing:
    name: str
    size: int
    words: tuple[str, ...] = records.spaced()
    seen: int = 7


def found(*sources: sa.FromClause, **given: records.Column) -> list[str]:
    return [str(column) for column in records.columns_of(Thing, *sources, **given)]


def test_a_field_is_the_first_column_of_its_name_and_what_is_given_goes_before() -> None:
    assert found(FIRST, SECOND) == ["first.name", "second.size", "first.words"]
    given = records.columns_of(Thing, FIRST, size=SECOND.c.size, seen=SECOND.c.size, other=SECOND.c.name)
    assert [column.name for column in given] == ["name", "size", "words", "seen"]


def test_a_field_that_is_nowhere_is_refused_unless_it_has_a_default() -> None:
    with pytest.raises(KeyError, match="size"):
        found(FIRST)


def test_a_row_becomes_a_value() -> None:
    with sa.create_engine("sqlite://").connect() as connection:
        question = sa.text("SELECT 'a' AS name, 1 AS size, 'x y' AS words")
        row = connection.execute(question).one()
    assert records.value_of(Thing, row) == Thing(name="a", size=1, words=("x", "y"), seen=7)
    assert records.value_of(Thing, row, size=2, seen=8) == Thing(name="a", size=2, words=("x", "y"), seen=8)
