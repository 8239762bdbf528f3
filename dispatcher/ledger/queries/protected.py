"""Who is known from sensitive lists only: to name them would say that they are in one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import is_listed
from dispatcher.ledger.schema.tables import contact, list_source, person, suppression

OF_AUDIENCE = "audience:"  # before its name, in what somebody said no to


def is_protected(open_audiences: Collection[str]) -> sa.ColumnElement[bool]:
    """Whether no list of an audience that may be seen has the `person` of a question."""
    return ~is_listed(person.c.id, contact.c.state != "gone", contact.c.audience.in_(open_audiences))


def loaded_audiences(ledger: Ledger) -> frozenset[str]:
    """Return the audiences that anybody in the ledger is in."""
    with ledger.read() as connection:
        return frozenset(connection.scalars(sa.select(contact.c.audience).distinct()))


def words_by_audience(ledger: Ledger) -> Mapping[str, frozenset[str]]:
    """Return every audience the ledger ever heard of, each with what tells of it.

    That is its name, who supplied its lists, their files and folders.
    """
    source, stop = list_source.c, suppression.c
    with ledger.read() as connection:
        lists = connection.execute(
            sa.select(source.audience, source.supplied_by, source.file).distinct()
        ).all()
        stops = connection.scalars(
            sa.select(stop.scope).where(stop.scope.startswith(OF_AUDIENCE)).distinct()
        ).all()
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name in (*loaded_audiences(ledger), *(scope.removeprefix(OF_AUDIENCE) for scope in stops)):
        found[name].add(name)
    for name, supplied_by, file in lists:
        found[name] |= {name, supplied_by, file, *map(str, PurePosixPath(file).parents)} - {"", ".", "/"}
    return {name: frozenset(words) for name, words in found.items()}
