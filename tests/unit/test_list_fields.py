"""Every field of a list has its line in the table, and its place wherever fields are stored or shown."""

from __future__ import annotations

from dataclasses import fields

from dispatcher.contacts import Contact
from dispatcher.contacts.list_fields import IN_TEMPLATES, LIST_FIELDS, OF_CONTACT
from dispatcher.ledger.schema.tables import contact, person
from dispatcher.message import Recipient

# What a row of a list is known by, beside what it says about the person.
NO_FIELDS = {"given_name", "name_key", "audience", "hold", "birth_year"}
OF_THE_LIST = {"person_id", "audience", "channel", "address", "list_file", "list_row"}
OF_THE_LEDGER = {
    "id", "person_id", "audience", "state", "file", "sheet", "row", "held_reason", "decided_by", "decided_at",
    "fingerprint", "first_import_id", "import_id", "birth_year",
}  # fmt: skip


def test_the_table_has_every_field_of_a_contact() -> None:
    assert {field.name for field in LIST_FIELDS} == set(Contact._fields) - NO_FIELDS


def test_the_ledger_has_a_column_for_every_field_and_no_other() -> None:
    assert {column.name for column in contact.c} - OF_THE_LEDGER == set(OF_CONTACT)
    of_person = {field.name for field in LIST_FIELDS if field.is_of_person}
    derived = {"id", "name_key", "given_name", "area_key", "erased_at", "restricted_at"}
    assert {column.name for column in person.c} - derived == of_person


def test_templates_see_what_the_table_says() -> None:
    assert {field.name for field in fields(Recipient)} - OF_THE_LIST == set(IN_TEMPLATES)
