"""Whose a number is, told from all the headings together; and what the organiser should be asked.

"SĐT giáo viên" beside "Họ tên giáo viên" is the person's own; beside "Họ và tên" it is somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from dispatcher.contacts import columns
from dispatcher.contacts.layouts import Column

NAMES_MIN = 0.3  # of the rows: a column of names with fewer is an empty one
_OWN_EMAIL = columns.SELF | {"office", "parent"}


def settle(found: Sequence[Column]) -> list[Column]:
    """Return the columns with one of names chosen, and each number given to the person or to another."""
    result = _choose_name(found)
    subject = next((column.owner for column in result if column.kind == "name"), "")
    result = [_settled(column, subject) for column in result]
    if any(column.kind in {"name", "family_name", "given_name", "pupil"} for column in result):
        return [replace(column, kind="ignore") if column.kind == "officer" else column for column in result]
    if any(column.kind == "officer" for column in result):  # who hold the positions are whom the list lists
        return [
            replace(column, kind="phone") if column.kind in columns.OTHERS_PHONE_KINDS else column
            for column in result
        ]
    return result


def _choose_name(found: Sequence[Column]) -> list[Column]:
    """Keep the column that is filled with the person's own name; two lists side by side keep both."""
    named = [column for column in found if column.kind == "name"]
    if len(named) < 2 or len(named) == sum(column.kind == "number" for column in found):
        return list(found)
    chosen = min(named, key=lambda c: (c.filled < NAMES_MIN, c.owner not in columns.SELF, c.index))
    return [
        replace(column, kind="ignore") if column in named and column != chosen else column for column in found
    ]


def _settled(column: Column, subject: str) -> Column:
    mine = column.owner == subject and subject not in columns.SELF
    if mine and column.kind in columns.OTHERS_PHONE_KINDS:
        return replace(column, kind="phone")
    if column.kind == "email" and not mine and column.owner not in _OWN_EMAIL:
        return replace(column, kind="ignore")
    return column


def with_questions(found: Sequence[Column], guess: Callable[[Column], str]) -> list[Column]:
    """Mark the columns about which the organiser should be asked; `guess` tells what a column looks like."""
    reachable = any(column.kind in columns.PHONE_KINDS and column.filled for column in found)
    return [replace(column, question=_question(column, guess, reachable=reachable)) for column in found]


def _question(column: Column, guess: Callable[[Column], str], *, reachable: bool) -> str:
    if column.kind in columns.OTHERS_PHONE_KINDS:
        return "" if reachable else "others"
    looks = guess(column) if column.heading and not column.kind else ""
    return looks if looks in {"phone", "email"} else ""
