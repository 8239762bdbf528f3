"""Opens the ledger for people: a database that cannot be used is said in a sentence, not in a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from dispatcher.errors import ConfigurationBroken, Problem
from dispatcher.i18n import _
from dispatcher.ledger import Ledger


def open_ledger(url: str, *, upgrade: bool = True) -> Ledger:
    """Open the database at `url`. Raises ConfigurationBroken when it cannot be opened."""
    try:
        with plainly(url):
            return Ledger.open(url, upgrade=upgrade)
    except (sa.exc.ArgumentError, ModuleNotFoundError) as error:  # no such kind of database, or no driver
        what = _("this is not the address of a database")
        remedy = _("Write sqlite:///file.sqlite3 or postgresql://user@host/name.")
        raise _broken(url, what, remedy) from error


@contextmanager
def plainly(url: str) -> Iterator[None]:
    """Let what the database refuses be a problem with its remedy."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        raise _refused(url, error) from error
    except sa.exc.DatabaseError as error:
        if type(error) is not sa.exc.DatabaseError:  # a fault of ours, not of the database
            raise
        raise _refused(url, error) from error


def _refused(url: str, error: sa.exc.DBAPIError) -> ConfigurationBroken:
    said = str(error.orig or error).strip().splitlines()
    what = _("the database refuses: {error}", error=said[0] if said else type(error).__name__)
    remedy = _("Check DISPATCHER_DATABASE_URL: path and permissions of the file, or host, name and password.")
    return _broken(url, what, remedy)


def _broken(url: str, what: str, remedy: str) -> ConfigurationBroken:
    try:
        shown = sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        shown = ""
    problem = Problem(
        file=_("environment"), where="DISPATCHER_DATABASE_URL", value=shown, what=what, remedy=remedy
    )
    return ConfigurationBroken([problem])
