"""Every table of the ledger, one text for SQLite and PostgreSQL.

Moments are microseconds since 1970 in UTC (`Instant`): both databases compare and add them the same way.
A message that may be claimed has `next_at`; everything else has none, so one small partial index finds
the open work among millions of settled rows.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY_MICROS = timedelta(days=1) // MICROSECOND


def to_micros(moment: datetime) -> int:
    """Express an aware moment in microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Express microseconds since 1970 as an aware moment in UTC."""
    return EPOCH + timedelta(microseconds=micros)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware moment, stored as microseconds since 1970 in UTC."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


class LocalDay(sa.types.TypeDecorator[date]):
    """A day, stored as days since 1970; 0 stands for none."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: sa.Dialect) -> int:
        return 0 if value is None else value.toordinal() - EPOCH.toordinal()

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> date | None:
        return date.fromordinal(EPOCH.toordinal() + value) if value else None


def day_of(instant: sa.ColumnElement[datetime], offset: timedelta) -> sa.ColumnElement[date]:
    """Return the local day of a moment; `offset` is what local time is ahead of UTC."""
    micros = sa.type_coerce(instant, sa.BigInteger) + offset // MICROSECOND
    return sa.type_coerce(micros // DAY_MICROS, LocalDay)


# SQLite counts rows by itself only in a column that is exactly INTEGER.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Text = sa.Text()
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _table(name: str, *items: sa.schema.SchemaItem, sqlite_with_rowid: bool = True) -> sa.Table:
    return sa.Table(name, metadata, *items, sqlite_with_rowid=sqlite_with_rowid)


def _text(name: str, *, default: str = "", unique: bool | None = None) -> sa.Column[str]:
    return sa.Column(name, Text, nullable=False, server_default=default, unique=unique)


def _count(name: str, *, default: int = 0) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=str(default))


# --- people -----------------------------------------------------------------------------------------

contact_import = _table(  # one import of lists; everything it changed can be undone
    "contact_import",
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    _text("who"),
    sa.Column("summary", sa.JSON, nullable=False),
    sa.Column("undone_at", Instant),
)

list_source = _table(  # where a list came from and why we may use it
    "list_source",
    sa.Column("import_id", Id, sa.ForeignKey("contact_import.id"), primary_key=True),
    sa.Column("audience", Text, primary_key=True),
    sa.Column("file", Text, primary_key=True),
    _text("basis"),
    _text("supplied_by"),
    sa.Column("counts", sa.JSON, nullable=False),
)

person = _table(
    "person",
    sa.Column("id", Id, primary_key=True),
    _text("name"),
    _text("name_key"),  # vietnamese.text.fold(name)
    _text("given_name"),
    _text("honorific"),  # only when the list says so; never guessed
    _text("area"),
    _text("area_key"),
    sa.Column("erased_at", Instant),
)
sa.Index("ix_person_name_area", person.c.name_key, person.c.area_key)

address = _table(
    "address",
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("channel", Text, primary_key=True),  # sms | email
    sa.Column("address", Text, primary_key=True),  # E.164 | mail
    _count("rank"),  # 0 is the one we write to
    sqlite_with_rowid=False,
)
sa.Index("ix_address_channel_address", address.c.channel, address.c.address)

contact = _table(  # a person as one audience's list has them
    "contact",
    sa.Column("id", Id, primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
    _text("audience"),
    _text("state", default="active"),  # active | held | dropped | gone
    _text("phones"),  # E.164 as this list has them, parted by a space; `address` joins all lists
    _text("email"),
    _text("unit"),  # agency, chi bộ or class
    _text("role"),
    _text("lead"),  # '' | 'area' | 'commune': who is sent which digest
    _text("file"),
    _text("sheet"),
    _count("row"),
    _text("note"),
    _text("held_reason"),
    _text("decided_by"),
    sa.Column("decided_at", Instant),
    _count("birth_year"),  # 0: not said; tells namesakes apart
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

contact_snapshot = _table(  # a contact that an import changed, as it was: what undoing needs
    "contact_snapshot",
    sa.Column("import_id", Id, sa.ForeignKey("contact_import.id"), primary_key=True),
    sa.Column("contact_id", Id, primary_key=True),
    sa.Column("fields", sa.JSON, nullable=False),
)

person_join = _table(  # two rows that a load took for one person because of name and thôn
    "person_join",
    sa.Column("id", Id, primary_key=True),
    sa.Column("import_id", Id, nullable=False, index=True),
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
    sa.Column("contact_id", Id, nullable=False),  # the contact that came to the person
    _text("because"),
    sa.Column("split_at", Instant),
    _text("split_by"),
)

# --- what was promised ------------------------------------------------------------------------------

campaign = _table(
    "campaign",
    sa.Column("name", Text, primary_key=True),
    _text("state", default="active"),  # active | paused | cancelled | ended
    _text("reason"),
    sa.Column("changed_at", Instant, nullable=False),
    _text("changed_by"),
    _text("approved_hash"),
    sa.Column("approved_hashes", sa.JSON),  # the hashes behind approved_hash, to say what changed
    _text("calendar_hash"),  # of dates and steps when it was last open: a name that is over is used up
    sa.Column("budget_used", sa.BigInteger, nullable=False, server_default="0"),  # VND, reserved or charged
    _count("canary_sent"),  # messages that left while a canary was in force
    _count("canary_passed"),  # 1: somebody has looked, or something left without a canary
)

campaign_deadline = _table(  # which deadline was in force since when: who was told which
    "campaign_deadline",
    sa.Column("campaign", Text, primary_key=True),
    sa.Column("since", Instant, primary_key=True),
    sa.Column("deadline", Instant, nullable=False),
)

occurrence = _table(  # a step that fell due
    "occurrence",
    sa.Column("id", Id, primary_key=True),
    _text("campaign"),
    _text("step"),
    _text("key"),  # due moment in UTC, or '*' for the one standing occurrence of a thanks step
    _text("kind"),  # reminder | warning | thanks | digest
    _text("moment"),  # template: launch, weekly, 7-days, …
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("fired_at", Instant),
    _text("state"),  # open | done | missed | cancelled
    _text("note"),
    sa.UniqueConstraint("campaign", "step", "key"),
)

shard = _table(  # what a worker leases; the queue of the embedded engine
    "shard",
    sa.Column("id", Id, primary_key=True, autoincrement=False),  # occurrence.id * 65536 + seq
    sa.Column("occurrence_id", Id, sa.ForeignKey("occurrence.id"), nullable=False, index=True),
    _text("audience"),
    _text("channel"),
    _count("priority"),
    _text("state", default="open"),  # open | done | cancelled
    _count("token"),
    _text("owner"),
    sa.Column("lease_until", Instant),
    sa.Column("cleared_until", Instant),  # no intent in it with a later slot has left
    sa.Column("not_before", Instant, nullable=False),
    _count("attempts"),
    _count("size"),
    # where its messages stand, so that counting them anew needs no index of its own
    sa.Column("first_id", Id, nullable=False, server_default="0"),
    sa.Column("last_id", Id, nullable=False, server_default="0"),
    _count("needs_recount", default=1),  # 1: a message in it stands differently since it was counted
)
sa.Index(
    "ix_shard_needs_recount",
    shard.c.id,
    sqlite_where=shard.c.needs_recount == 1,
    postgresql_where=shard.c.needs_recount == 1,
)
sa.Index(
    "ix_shard_open",
    shard.c.priority.desc(),
    shard.c.not_before,
    sqlite_where=shard.c.state == "open",
    postgresql_where=shard.c.state == "open",
)

message = _table(
    "message",
    sa.Column("id", Id, primary_key=True),
    sa.Column("occurrence_id", Id, sa.ForeignKey("occurrence.id"), nullable=False),
    sa.Column("shard_id", Id, nullable=False),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("contact_id", Id, nullable=False),
    _text("audience"),
    _text("channel"),
    _text("address"),
    _text("area"),
    _text("status", default="created"),
    _count("rank"),
    _text("reason"),
    sa.Column("next_at", Instant),  # when it may be claimed; null: not claimable
    _count("attempt"),  # names each offer to the provider; never given twice
    # how many of them used up its patience: "too many requests" and "no connection" do not
    _count("counted_attempts"),
    sa.Column("submitted_at", Instant),  # when it last went on the wire, at the latest: cap and look-up
    sa.Column("slot_at", Instant),  # of an intent without an answer: it leaves at this moment or later
    sa.Column("status_at", Instant, nullable=False),
    _text("gateway"),
    sa.Column("provider_id", Text),
    _text("body_hash"),
    _count("parts"),
    _count("vnd"),  # what all attempts cost: reserved, then as charged
    _count("vnd_attempt"),  # how much of it is the present attempt's
    _count("conflict"),  # 1: failed and delivered were both reported
    sa.Column("lookup_at", Instant),  # when the provider is asked about it next; null: nothing to ask
    _count("lookups"),
    sa.UniqueConstraint("occurrence_id", "channel", "address"),
)
sa.Index(
    "ix_message_open",
    message.c.shard_id,
    message.c.next_at,
    sqlite_where=message.c.next_at.is_not(None),
    postgresql_where=message.c.next_at.is_not(None),
)
sa.Index(
    "ix_message_lookup",
    message.c.lookup_at,
    sqlite_where=message.c.lookup_at.is_not(None),
    postgresql_where=message.c.lookup_at.is_not(None),
)
sa.Index("ix_message_address", message.c.address, message.c.submitted_at)
sa.Index(
    "ix_message_provider_id",
    message.c.provider_id,
    sqlite_where=message.c.provider_id.is_not(None),
    postgresql_where=message.c.provider_id.is_not(None),
)

message_count = _table(  # messages by shard: what pages and metrics read instead of every message
    "message_count",
    sa.Column("id", Id, primary_key=True),
    sa.Column("shard_id", Id, nullable=False, index=True),
    sa.Column("occurrence_id", Id, nullable=False),
    _text("audience"),
    _text("channel"),
    _text("area"),
    _text("status"),
    _text("reason"),
    sa.Column("day", LocalDay, nullable=False, server_default="0"),  # of going out, where it has
    _count("messages"),
    _count("parts"),
    sa.Column("vnd", sa.BigInteger, nullable=False, server_default="0"),
)

# --- what happened ----------------------------------------------------------------------------------

attempt = _table(
    "attempt",
    sa.Column("message_id", Id, primary_key=True),
    sa.Column("no", sa.Integer, primary_key=True),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    _text("gateway"),
    _text("outcome"),  # accepted | refused | later | unknown
    _text("code"),
    _text("detail"),
    sa.Column("provider_id", Text),
)

message_text = _table(  # the words that left, once for all who received the same
    "message_text",
    sa.Column("body_hash", Text, primary_key=True),
    _text("body"),
    sa.Column("first_at", Instant, nullable=False),
)

event = _table(  # inbox: written at once, processed after
    "event",
    sa.Column("id", Id, primary_key=True),
    sa.Column("received_at", Instant, nullable=False),
    _text("kind"),  # status | inbound | bounce | complaint
    _text("gateway"),
    _text("source"),  # callback | poll | lookup | correction | mailbox
    _text("dedupe_key"),
    _text("message_key"),
    sa.Column("message_id", Id, index=True),
    _count("attempt"),
    _text("provider_id"),
    _text("status"),
    _text("code"),
    _text("error_class"),
    sa.Column("raw", sa.JSON, nullable=False),
    sa.Column("processed_at", Instant),
    _text("result"),  # what processing made of it
    sa.UniqueConstraint("dedupe_key"),
)
sa.Index(  # few: reports that came before we knew the provider's name for the message
    "ix_event_unmatched",
    event.c.received_at,
    sqlite_where=event.c.result == "unmatched",
    postgresql_where=event.c.result == "unmatched",
)
sa.Index(  # few: what a person has to look at, see event_results
    "ix_event_for_a_person",
    event.c.id,
    sqlite_where=event.c.result.in_(("to-read", "set-aside")),
    postgresql_where=event.c.result.in_(("to-read", "set-aside")),
)
sa.Index(
    "ix_event_unprocessed",
    event.c.id,
    sqlite_where=event.c.processed_at.is_(None),
    postgresql_where=event.c.processed_at.is_(None),
)

# --- who must not, or need not, be written to --------------------------------------------------------

suppression = _table(
    "suppression",
    sa.Column("channel", Text, primary_key=True),
    sa.Column("address", Text, primary_key=True),
    sa.Column("scope", Text, primary_key=True),  # all | audience:NAME | campaign:NAME | advertising
    _text("reason"),  # do-not-call | dead-address | blocked | opted-out | complaint | erased
    sa.Column("at", Instant, nullable=False),
    _text("who"),
    _text("how"),  # keyword | link | one-click | provider | import | cli | web | bounce | new-address
    _text("words"),
)

consent = _table(  # append-only: every opt-out and return, with its wording
    "consent",
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    _text("action"),  # opt-out | return
    _text("channel"),
    _text("address"),
    _text("scope"),
    _text("reason"),
    _text("who"),
    _text("how"),
    _text("words"),
)

participation = _table(
    "participation",
    sa.Column("campaign", Text, primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("at", Instant, nullable=False),  # when they took part, as far as the source knows
    sa.Column("learnt_at", Instant, nullable=False),
    _text("source"),
    _text("who"),
    sa.Column("import_id", Id, nullable=False, server_default="0"),  # 0: told one by one
)

participation_claim = _table(  # everything that says somebody took part; `participation` is the first of it
    "participation_claim",
    sa.Column("campaign", Text, primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("import_id", Id, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("learnt_at", Instant, nullable=False),
    _text("source"),
    _text("who"),
)
sa.Index("ix_participation_claim_import_id", participation_claim.c.import_id)

participation_import = _table(  # one list of who took part, or of figures; it can be taken back
    "participation_import",
    sa.Column("id", Id, primary_key=True),
    _text("campaign"),
    sa.Column("at", Instant, nullable=False),
    _text("who"),
    _text("source"),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("replaced", sa.JSON, nullable=False),  # figures as they were before: what undoing needs
    sa.Column("undone_at", Instant),
    _text("undone_by"),
)

participation_count = _table(  # figures that come without names: per area and day
    "participation_count",
    sa.Column("campaign", Text, primary_key=True),
    sa.Column("area_key", Text, primary_key=True),  # contacts.area_names.area_key(area): tones count
    sa.Column("day", Text, primary_key=True),  # ISO date
    _text("area"),
    _count("registered"),
    _count("finished"),
    _text("source"),
    sa.Column("import_id", Id, nullable=False, server_default="0"),
)

# --- the running of it -------------------------------------------------------------------------------

rate_limit = _table(  # one GCRA row a gateway, shared by all workers
    "rate_limit",
    sa.Column("gateway", Text, primary_key=True),
    sa.Column("rate", sa.Float, nullable=False),  # messages a second in force
    sa.Column("rate_max", sa.Float, nullable=False),  # as configured
    sa.Column("tat", sa.BigInteger, nullable=False, server_default="0"),  # theoretical arrival, microseconds
    sa.Column("blocked_until", Instant),  # circuit open, or the provider asked us to wait
    _text("blocked_reason"),
    _count("failures"),  # calls in a row that nobody answered
    _count("circuit_openings"),  # how often in a row it was left alone for that
)

failure_window = _table(  # what a campaign's answers on a channel were like since it was started or resumed
    "failure_window",
    sa.Column("campaign", Text, primary_key=True),
    sa.Column("channel", Text, primary_key=True),
    _count("results"),
    _count("config_failures"),  # of them our own fault
    _count("recent"),
    _count("recent_hard_failures"),  # of the recent ones, for good and nobody's own wish
)

audit = _table(
    "audit",
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    _text("who"),
    _text("action"),
    _text("subject"),
    sa.Column("detail", sa.JSON, nullable=False),
)

meta = _table(
    "meta",
    sa.Column("key", Text, primary_key=True),
    _text("value"),
)

# --- doors: who may look and act, and which machines ---------------------------------------------------

account = _table(
    "account",
    sa.Column("name", Text, primary_key=True),
    _text("role"),  # viewer | lead | organiser | admin
    _text("area"),  # of a lead: the only area they see
    _text("password_hash"),
    _count("must_change"),  # 1: somebody else knows the password
    _text("totp_salt"),  # what its second factor is derived from, with the secret key; empty: none
    sa.Column("totp_step", Id, nullable=False, server_default="0"),  # of the last code that was used
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
)

session = _table(  # somebody signed in; only a hash of what their browser holds
    "session",
    sa.Column("token_hash", Text, primary_key=True),
    sa.Column("account", Text, nullable=False, index=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    _text("source"),
    _text("browser"),
)

login_attempt = _table(
    "login_attempt",
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Instant, nullable=False, index=True),
    _text("account"),
    _text("source"),
    _count("failed"),
)

api_token = _table(
    "api_token",
    sa.Column("id", Id, primary_key=True),
    _text("token_hash", unique=True),
    _text("label"),
    _text("role"),
    sa.Column("created_at", Instant, nullable=False),
    _text("created_by"),
    sa.Column("used_at", Instant),
    sa.Column("revoked_at", Instant),
    sa.Column("expires_at", Instant),
    _text("scopes"),  # parted by spaces; empty: whatever its role may
    _text("campaign"),  # the only one it may ask about; empty: all
)

webhook = _table(  # another machine: we tell it what happens (out), or it tells us who took part (in)
    "webhook",
    sa.Column("name", Text, primary_key=True),
    _text("direction"),  # in | out
    _text("url"),
    _text("secret"),
    _text("kinds"),  # events told, parted by spaces
    sa.Column("created_at", Instant, nullable=False),
    _text("created_by"),
    sa.Column("since", sa.JSON, nullable=False),  # source → the last id that was there before the webhook
    sa.Column("disabled_at", Instant),
    _text("disabled_reason"),
)

webhook_outbox = _table(  # what a webhook is to be told, named by where it stands: nothing is copied
    "webhook_outbox",
    sa.Column("id", Id, primary_key=True),
    sa.Column("webhook", Text, sa.ForeignKey("webhook.name"), nullable=False),
    _text("source"),  # consent | audit | occurrence
    sa.Column("source_id", Id, nullable=False),
    _text("kind"),
    sa.Column("at", Instant, nullable=False),
    sa.Column("next_at", Instant),  # null: told, or given up
    _count("attempts"),
    _text("outcome"),
    sa.UniqueConstraint("webhook", "source", "source_id"),
)
sa.Index(
    "ix_webhook_outbox_open",
    webhook_outbox.c.next_at,
    sqlite_where=webhook_outbox.c.next_at.is_not(None),
    postgresql_where=webhook_outbox.c.next_at.is_not(None),
)
