"""Who may do what. A page or an action names the right it needs; a role is a set of rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from dispatcher.ledger.users import Role

Right = Literal["own-area", "look", "numbers", "act", "manage"]

RIGHTS: Mapping[Role, frozenset[Right]] = {
    "lead": frozenset({"own-area"}),
    "viewer": frozenset({"look"}),
    "organiser": frozenset({"look", "numbers", "act"}),
    "admin": frozenset({"look", "numbers", "act", "manage"}),
}


def may(role: Role, right: Right) -> bool:
    """Tell whether a role holds a right; a role nobody knows holds none."""
    return right in RIGHTS.get(role, frozenset())
