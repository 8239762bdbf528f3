"""What a list says about a person, one line a field: label, whose it is, what depends on it.

From this table follow what the ledger stores, compares and erases, and what templates may say. Where a field
is found in a sheet stands in `columns` and `row_parser`; each field of the table is one of `Contact`.
"""

from __future__ import annotations

from dataclasses import dataclass

from dispatcher.i18n import N_


@dataclass(frozen=True, kw_only=True, slots=True)
class ListField:
    """One field of a list. `name` is that of `Contact`, of the ledger's column, and of templates."""

    name: str
    label: str  # English; the reader's language comes from the catalogue
    is_of_person: bool = False  # the same in every list that has the person; else each list has its own
    is_shared: bool = False  # many rows have the same: compared once for all of them
    is_in_templates: bool = False


LIST_FIELDS = (
    ListField(name="name", label=N_("name"), is_of_person=True, is_in_templates=True),
    ListField(
        name="honorific",
        label=N_("form of address"),
        is_of_person=True,
        is_shared=True,
        is_in_templates=True,
    ),
    ListField(name="area", label=N_("thôn"), is_of_person=True, is_shared=True, is_in_templates=True),
    ListField(name="phones", label=N_("telephone")),
    ListField(name="email", label=N_("mail")),
    ListField(name="unit", label=N_("agency or unit"), is_shared=True, is_in_templates=True),
    ListField(name="role", label=N_("position"), is_shared=True, is_in_templates=True),
    ListField(name="lead", label=N_("whether they lead"), is_shared=True, is_in_templates=True),
    ListField(name="note", label=N_("note")),
)

# The order is that of the table: fingerprints depend on it.
OF_CONTACT = tuple(field.name for field in LIST_FIELDS if not field.is_of_person)
SHARED = tuple(field.name for field in LIST_FIELDS if field.is_shared)
OWN = tuple(field.name for field in LIST_FIELDS if not field.is_shared)
IN_TEMPLATES = ("given_name", *(field.name for field in LIST_FIELDS if field.is_in_templates))
