"""Permissions: a page or an action names the one it needs; a role is a set of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from dispatcher.ledger.access.users import Role

Permission = Literal["own-area", "look", "numbers", "sensitive", "act", "manage"]

EVERYBODY: tuple[Permission, ...] = ("own-area", "look")  # of whom each role has one

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    "lead": frozenset({"own-area"}),
    "viewer": frozenset({"look"}),
    "organiser": frozenset({"look", "numbers", "sensitive", "act"}),
    "admin": frozenset({"look", "numbers", "sensitive", "act", "manage"}),
}


def role_allows(role: Role, permission: Permission) -> bool:
    """Return whether a role holds a right; a role nobody knows holds none."""
    return permission in ROLE_PERMISSIONS.get(role, frozenset())
