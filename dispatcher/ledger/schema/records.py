"""From a query's rows to values: the columns are the fields of a dataclass, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias, TypeVar

import sqlalchemy as sa

if TYPE_CHECKING:
    from dataclasses import Field


# A table's columns carry no types for a checker; a value's fields, which they become, do.
Query: TypeAlias = sa.Select[Any]
Column: TypeAlias = sa.ColumnElement[Any]
_FROM_COLUMN = "from_column"


class Value(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


V = TypeVar("V", bound=Value)


def spaced() -> tuple[str, ...]:
    """Declare a field whose words stand in one column, with spaces between them."""
    words: tuple[str, ...] = field(metadata={_FROM_COLUMN: lambda text: tuple(text.split())})
    return words


def columns_of(kind: type[Value], *sources: sa.FromClause, **given: Column) -> list[Column]:
    """Return a column for each field of `kind`: the one given, else the first of its name in `sources`.

    A field that is nowhere is left to its default, or to `value_of`; raises KeyError where it has none.
    """
    columns = []
    for one in fields(kind):
        column = given[one.name].label(one.name) if one.name in given else _find(one.name, sources)
        if column is not None:
            columns.append(column)
        elif one.default is MISSING:
            raise KeyError(one.name)
    return columns


def _find(name: str, sources: tuple[sa.FromClause, ...]) -> Column | None:
    return next((source.c[name] for source in sources if name in source.c), None)


def read(connection: sa.Connection, kind: type[V], question: Query) -> tuple[V, ...]:
    """Return a value for each row of a query whose columns are the fields of `kind`."""
    return tuple(stream(connection, kind, question))


def stream(connection: sa.Connection, kind: type[V], question: Query) -> Iterator[V]:
    """Yield a value for each row, while the connection is held."""
    for row in connection.execute(question):
        yield value_of(kind, row)


def value_of(kind: type[V], row: sa.Row[Any], **given: object) -> V:
    """Return the value of one row; what is `given` goes before what the row says."""
    facts = dict(zip(row._fields, row, strict=True))
    for name, convert in _conversions(kind).items():
        facts[name] = convert(facts[name])
    return kind(**(facts | given))


@cache
def _conversions(kind: type[Value]) -> dict[str, Callable[[str], object]]:
    return {one.name: one.metadata[_FROM_COLUMN] for one in fields(kind) if _FROM_COLUMN in one.metadata}


def first(connection: sa.Connection, kind: type[V], question: Query) -> V | None:
    """Return the value of the first row; None when there is none."""
    return next(stream(connection, kind, question.limit(1)), None)
