"""The folder of a simulation or drill: kept where asked for, else temporary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from dispatcher.i18n import _

KeepOption = Annotated[
    Path | None,
    typer.Option(
        "--keep", metavar="DIR", help=_("Keep ledger and logs in this folder, which must be new or empty.")
    ),
]


@contextmanager
def work_folder(keep: Path | None) -> Iterator[Path]:
    """Yield the folder to keep, made if need be, or one that passes."""
    from tempfile import TemporaryDirectory

    if keep is None:
        with TemporaryDirectory(prefix="dispatcher-") as temporary:
            yield Path(temporary)
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise typer.BadParameter(_("{folder} is not an empty folder", folder=keep), param_hint="--keep")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep
