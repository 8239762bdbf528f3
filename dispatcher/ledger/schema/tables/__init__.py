"""Every table of the ledger. All are known as soon as one is asked for: `metadata` is always whole."""

from dispatcher.ledger.schema.tables.access import (
    account,
    api_token,
    login_attempt,
    password_reset,
    session,
    webhook,
    webhook_outbox,
)
from dispatcher.ledger.schema.tables.answers import attempt, event, message_text
from dispatcher.ledger.schema.tables.columns import (
    DAY_MICROS,
    EPOCH,
    MICROSECOND,
    Id,
    Instant,
    LocalDay,
    Text,
    day_of,
    from_micros,
    metadata,
    to_micros,
)
from dispatcher.ledger.schema.tables.editing import campaign_draft, template_version
from dispatcher.ledger.schema.tables.messages import (
    campaign,
    campaign_deadline,
    message,
    message_count,
    occurrence,
    shard,
)
from dispatcher.ledger.schema.tables.people import (
    address,
    contact,
    contact_import,
    contact_snapshot,
    list_source,
    person,
    person_join,
)
from dispatcher.ledger.schema.tables.requests import correction, rights_request
from dispatcher.ledger.schema.tables.running import audit, failure_window, meta, rate_limit
from dispatcher.ledger.schema.tables.stops import (
    consent,
    participation,
    participation_claim,
    participation_count,
    participation_import,
    suppression,
)

__all__ = [
    "DAY_MICROS", "EPOCH", "MICROSECOND", "Id", "Instant", "LocalDay", "Text", "account", "address",
    "api_token", "attempt", "audit", "campaign", "campaign_deadline", "campaign_draft", "consent",
    "contact", "contact_import", "contact_snapshot", "correction", "day_of", "event", "failure_window",
    "from_micros", "list_source", "login_attempt", "message", "message_count", "message_text", "meta",
    "metadata", "occurrence", "participation", "participation_claim", "participation_count",
    "participation_import", "password_reset", "person", "person_join", "rate_limit", "rights_request",
    "session", "shard", "suppression", "template_version", "to_micros", "webhook", "webhook_outbox",
]  # fmt: skip
