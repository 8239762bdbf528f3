"""The secret of a ledger, which signs its links and keeps the key to the hashes of erased people.

It is DISPATCHER_SECRET_KEY; without it, a file that its owner alone may read, beside a ledger of SQLite and
beside schedules.toml with PostgreSQL. It never stands in the ledger: whoever gets hold of the database, or of
a backup without that file, can neither make a link nor compute who was erased.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import sqlalchemy as sa

from dispatcher.errors import ConfigurationError, Problem, os_error_message
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, scrubbing, sqlite_file
from dispatcher.ledger.schema import key_values
from dispatcher.ledger.schema.tables import meta
from dispatcher.sealing import Sealer
from dispatcher.settings import SECRET_LENGTH_MIN

SUFFIX = ".key"
KEY_FILE = "dispatcher.key"  # of a PostgreSQL ledger, in `Ledger.key_folder`
OLD_SECRET = "secret"  # noqa: S105 - meta: where older versions kept the secret itself
CHECK = "secret-check"  # meta: a mark of the secret in the file, by which the right file is known
ERASURE_KEY = "erased-key"  # meta: what the hashes of erased people are made with, sealed under the secret
SEALED, PURPOSE = "sealed:", "erased people"
# Nothing of a simulation leaves the machine: its ledger may be copied without a file beside it.
OF_SIMULATIONS = "the secret of simulations is none"


def secret_of(ledger: Ledger) -> str:
    """Return the ledger's secret; made, and moved out of older ledgers, at first use.

    Raises ConfigurationError when the file that holds it is gone, is another ledger's, or cannot be written.
    """
    if not ledger.secret_key:
        ledger.secret_key = _from_file(ledger, key_file(ledger))
    elif key_values.get(ledger, OLD_SECRET):
        # The setting goes before it, and has since it was set.
        key_values.remove(ledger, OLD_SECRET, also=scrubbing.mark)
        scrubbing.scrub(ledger)
    return ledger.secret_key


def mark_simulated(ledger: Ledger) -> None:
    """Write down that this is the ledger of a simulation, whose secret anybody may know."""
    key_values.setdefault(ledger, CHECK, _check(OF_SIMULATIONS))


def is_simulated(ledger: Ledger) -> bool:
    """Return whether a simulation made this ledger."""
    return key_values.get(ledger, CHECK) == _check(OF_SIMULATIONS)


def key_file(ledger: Ledger) -> Path:
    """Return where the secret stands when no setting gives it."""
    file = sqlite_file(ledger.url)
    return Path(f"{file.resolve()}{SUFFIX}") if file else (ledger.key_folder / KEY_FILE).resolve()


def erasure_key(ledger: Ledger) -> bytes:
    """Return the key of the hashes of erased people; made at first use, sealed where it was not yet.

    Raises ConfigurationError when the secret is not the one it was sealed with: nobody erased would be
    recognised, and lists would bring them back.
    """
    sealer = Sealer(secret_of(ledger), PURPOSE)
    stored = key_values.get(ledger, ERASURE_KEY)
    if stored.startswith(SEALED):
        key = sealer.open(stored.removeprefix(SEALED)) or _reseal(ledger, stored, sealer)
        if key is None:
            raise _problem(
                _("the secret is not the one with which people were erased from this ledger"),
                _("Set DISPATCHER_SECRET_KEY, or restore {file}, as it was then.", file=key_file(ledger)),
            )
        return key
    key = (stored or secrets.token_urlsafe(32)).encode()
    if stored:
        key_values.put(ledger, ERASURE_KEY, SEALED + sealer.seal(key), also=scrubbing.mark)
        scrubbing.scrub(ledger)
        return key
    if key_values.setdefault(ledger, ERASURE_KEY, SEALED + sealer.seal(key)) != SEALED + sealer.seal(key):
        return erasure_key(ledger)  # another process was faster
    return key


def _reseal(ledger: Ledger, stored: str, sealer: Sealer) -> bytes | None:
    """Seal the key anew where the secret was changed and the one before is still given; None: it is not."""
    if not ledger.old_secret_key:
        return None
    key = Sealer(ledger.old_secret_key, PURPOSE).open(stored.removeprefix(SEALED))
    if key is not None:
        key_values.put(ledger, ERASURE_KEY, SEALED + sealer.seal(key))
    return key


def keyed_hash(key: bytes, text: str) -> str:
    """Return what a text is recognised by (32 hex digits) where the text itself is not kept."""
    return hmac.digest(key, text.encode(), "sha256").hex()[:32]


def move_out(ledger: Ledger) -> None:
    """Take what older versions kept in the ledger out of it; links and hashes go on working."""
    secret_of(ledger)
    if key_values.get(ledger, ERASURE_KEY):
        erasure_key(ledger)


def _from_file(ledger: Ledger, file: Path) -> str:
    if is_simulated(ledger):
        return OF_SIMULATIONS
    found = _read(file)
    if found and key_values.get(ledger, CHECK) == _check(found) and not key_values.get(ledger, OLD_SECRET):
        return found
    with ledger.begin() as connection:
        old, known = key_values.read(connection, OLD_SECRET), key_values.read(connection, CHECK)
        if not found:
            if known:
                raise _problem(
                    _("the file with the secret of this ledger is gone: {file}", file=file),
                    _("Restore it from the backup, or set DISPATCHER_SECRET_KEY to what it held."),
                )
            found = _write(file, old or secrets.token_urlsafe(32))
        mark = ledger.insert(meta).values(key=CHECK, value=_check(found))
        connection.execute(mark.on_conflict_do_nothing())
        if key_values.read(connection, CHECK) != _check(found) or (old not in {"", found} and not known):
            raise _problem(
                _("{file} holds the secret of another ledger", file=file),
                _("Restore the one that belongs to this ledger, or set DISPATCHER_SECRET_KEY."),
            )
        connection.execute(sa.delete(meta).where(meta.c.key == OLD_SECRET))
        if old:
            scrubbing.mark(connection)
    if old:
        scrubbing.scrub(ledger)
    return found


def _check(secret: str) -> str:
    return hmac.digest(secret.encode(), b"check", hashlib.sha256).hex()[:16]


def _read(file: Path) -> str:
    """Return what the file holds; empty when there is none."""
    try:
        found = file.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _problem(f"{file}: {os_error_message(error)}", _("Let the service's user read it.")) from error
    if len(found) < SECRET_LENGTH_MIN:
        raise _problem(_("{file} holds no secret", file=file), _("Restore it from the backup."))
    return found


def _write(file: Path, secret: str) -> str:
    """Write the file, safe on disk, for its owner only, before anything rests on it; gives what it holds."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
            target.write(f"{secret}\n")
            target.flush()
            os.fsync(target.fileno())
    except FileExistsError:
        return _read(file)  # another process was faster
    except OSError as error:
        remedy = _("Let the service's user write there, or set DISPATCHER_SECRET_KEY.")
        raise _problem(f"{file}: {os_error_message(error)}", remedy) from error
    return secret


def _problem(what: str, remedy: str) -> ConfigurationError:
    problem = Problem(file=_("environment"), where="DISPATCHER_SECRET_KEY", what=what, remedy=remedy)
    return ConfigurationError([problem])
