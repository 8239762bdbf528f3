"""People, as the lists have them, and what each load did."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger.schema.tables.columns import Id, Instant, Text, count, table, text

contact_import = table(  # one import of lists; everything it changed can be undone
    "contact_import",
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    text("who"),
    sa.Column("summary", sa.JSON, nullable=False),
    sa.Column("undone_at", Instant),
)

list_source = table(  # where a list came from and why we may use it
    "list_source",
    sa.Column("import_id", Id, sa.ForeignKey("contact_import.id"), primary_key=True),
    sa.Column("audience", Text, primary_key=True),
    sa.Column("file", Text, primary_key=True),
    text("basis"),
    text("supplied_by"),
    sa.Column("counts", sa.JSON, nullable=False),
)

person = table(
    "person",
    sa.Column("id", Id, primary_key=True),
    text("name"),
    text("name_key"),  # vietnamese.text.fold(name)
    text("given_name"),
    text("honorific"),  # only when the list says so; never guessed
    text("area"),
    text("area_key"),
    sa.Column("erased_at", Instant),
    sa.Column("restricted_at", Instant),  # since then nobody writes to them: they asked for it
)
sa.Index(  # few
    "ix_person_restricted",
    person.c.id,
    sqlite_where=person.c.restricted_at.is_not(None),
    postgresql_where=person.c.restricted_at.is_not(None),
)
sa.Index("ix_person_name_area", person.c.name_key, person.c.area_key)

address = table(
    "address",
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("channel", Text, primary_key=True),  # sms | email
    sa.Column("address", Text, primary_key=True),  # E.164 | mail
    count("rank"),  # 0 is the one we write to
    sqlite_with_rowid=False,
)
sa.Index("ix_address_channel_address", address.c.channel, address.c.address)

contact = table(  # a person as one audience's list has them
    "contact",
    sa.Column("id", Id, primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
    text("audience"),
    text("state", default="active"),  # active | held | dropped | gone
    text("phones"),  # E.164 as this list has them, parted by a space; `address` joins all lists
    text("email"),
    text("unit"),  # agency, chi bộ or class
    text("role"),
    text("lead"),  # '' | 'area' | 'commune': who is sent which digest
    text("file"),
    text("sheet"),
    count("row"),
    text("note"),
    text("held_reason"),
    text("decided_by"),
    sa.Column("decided_at", Instant),
    count("birth_year"),  # 0: not said; tells namesakes apart
    # of everything the row says: tells whether a list changed somebody
    sa.Column("fingerprint", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("first_import_id", Id, nullable=False, server_default="0"),  # the import that wrote it first
    sa.Column("import_id", Id, sa.ForeignKey("contact_import.id"), nullable=False),  # … that changed it last
    sa.UniqueConstraint("person_id", "audience"),
)
sa.Index("ix_contact_audience_state", contact.c.audience, contact.c.state)
sa.Index(  # few: whom only a mail or nothing reaches
    "ix_contact_no_phone",
    contact.c.person_id,
    sqlite_where=contact.c.phones == "",
    postgresql_where=contact.c.phones == "",
)

contact_snapshot = table(  # a contact that an import changed, as it was: what undoing needs
    "contact_snapshot",
    sa.Column("import_id", Id, sa.ForeignKey("contact_import.id"), primary_key=True),
    sa.Column("contact_id", Id, primary_key=True),
    sa.Column("fields", sa.JSON, nullable=False),
)

person_join = table(  # two rows that a load took for one person because of name and thôn
    "person_join",
    sa.Column("id", Id, primary_key=True),
    sa.Column("import_id", Id, nullable=False, index=True),
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
    sa.Column("contact_id", Id, nullable=False),  # the contact that came to the person
    text("because"),
    sa.Column("split_at", Instant),
    text("split_by"),
)
