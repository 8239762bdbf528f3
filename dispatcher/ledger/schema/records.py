"""From a query's rows to values: the columns are the fields of a dataclass, by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, fields
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

    Raises KeyError for a field that is nowhere.
    """
    return [
        given[field.name].label(field.name) if field.name in given else _find(field.name, sources)
        for field in fields(kind)
    ]


def _find(name: str, sources: tuple[sa.FromClause, ...]) -> Column:
    for source in sources:
        if name in source.c:
            return source.c[name]
    raise KeyError(name)


def read(connection: sa.Connection, kind: type[V], question: Query) -> tuple[V, ...]:
    """Return a value for each row of a query whose columns are the fields of `kind`."""
    return tuple(stream(connection, kind, question))


def stream(connection: sa.Connection, kind: type[V], question: Query) -> Iterator[V]:
    """Yield a value for each row, while the connection is held."""
    result = connection.execute(question)
    names = tuple(result.keys())
    conversions = {
        one.name: one.metadata[_FROM_COLUMN] for one in fields(kind) if _FROM_COLUMN in one.metadata
    }
    for row in result:
        facts = dict(zip(names, row, strict=True))
        for name, convert in conversions.items():
            facts[name] = convert(facts[name])
        yield kind(**facts)


def first(connection: sa.Connection, kind: type[V], question: Query) -> V | None:
    """Return the value of the first row; None when there is none."""
    return next(stream(connection, kind, question.limit(1)), None)
