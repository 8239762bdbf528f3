"""The words of templates as they were saved: every version can be had back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import template_version

BY_HAND = ""  # nobody of ours: it was found in the file


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateVersion:
    """A file as it was at a time; `saved_by` is empty for what was found in the folder."""

    id: int
    file: str
    text: str
    saved_at: datetime
    saved_by: str


def add(ledger: Ledger, file: str, text: str, *, who: str, now: datetime) -> None:
    """Keep a version, unless it is as the last one."""
    last = (
        sa.select(template_version.c.text)
        .where(template_version.c.file == file)
        .order_by(template_version.c.id.desc())
        .limit(1)
    )
    with ledger.begin() as connection:
        if connection.scalar(last) != text:
            connection.execute(
                sa.insert(template_version).values(file=file, text=text, saved_at=now, saved_by=who)
            )


def versions(ledger: Ledger, file: str) -> tuple[TemplateVersion, ...]:
    """Return the versions of a file, the newest first."""
    question = (
        sa.select(*records.columns_of(TemplateVersion, template_version))
        .where(template_version.c.file == file)
        .order_by(template_version.c.id.desc())
    )
    with ledger.read() as connection:
        return records.read(connection, TemplateVersion, question)


def find(ledger: Ledger, version: int, file: str) -> TemplateVersion | None:
    """Return one version of a file; None when there is none of this number."""
    return next((one for one in versions(ledger, file) if one.id == version), None)
