"""From a query's rows to values: the columns are the fields of a dataclass, by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import sqlalchemy as sa

if TYPE_CHECKING:
    from dataclasses import Field


class Value(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


V = TypeVar("V", bound=Value)


def columns_of(
    kind: type[Value], *sources: sa.FromClause, **given: sa.ColumnElement[Any]
) -> list[sa.ColumnElement[Any]]:
    """Return a column for each field of `kind`: the one given, else the first of its name in `sources`.

    Raises KeyError for a field that is nowhere.
    """
    return [
        given[field.name].label(field.name) if field.name in given else _find(field.name, sources)
        for field in fields(kind)
    ]


def _find(name: str, sources: tuple[sa.FromClause, ...]) -> sa.ColumnElement[Any]:
    for source in sources:
        if name in source.c:
            return source.c[name]
    raise KeyError(name)


def read(connection: sa.Connection, kind: type[V], question: sa.Select[Any]) -> tuple[V, ...]:
    """Return a value for each row of a query whose columns are the fields of `kind`."""
    return tuple(stream(connection, kind, question))


def stream(connection: sa.Connection, kind: type[V], question: sa.Select[Any]) -> Iterator[V]:
    """Yield a value for each row, while the connection is held."""
    result = connection.execute(question)
    names = tuple(result.keys())
    for row in result:
        yield kind(**dict(zip(names, row, strict=True)))


def first(connection: sa.Connection, kind: type[V], question: sa.Select[Any]) -> V | None:
    """Return the value of the first row; None when there is none."""
    return next(stream(connection, kind, question.limit(1)), None)
