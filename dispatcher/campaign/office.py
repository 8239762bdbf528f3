"""The office that speaks, as schedules.toml has it: who it is, what texts cost it, how long it keeps what."""

from __future__ import annotations

from pydantic import Field

from dispatcher.campaign.field_types import Count, Days, Frozen, MailAddress, NonEmptyText, SenderName

# The networks that have a price of their own; the same words as dispatcher.vietnamese.phone.network gives.
NETWORKS = ("viettel", "mobifone", "vinaphone", "vietnamobile", "gmobile", "reddi", "indochina")


class Office(Frozen):
    """Who speaks."""

    name: NonEmptyText = Field(description="Name of the office, as texts and mails say it.")
    sender: SenderName = Field(
        description="Sender name of texts, at most 11 of A-Z a-z 0-9 space . - _ with a letter among them."
    )
    mail_name: str = Field(
        default_factory=lambda seen: seen.get("name", ""),
        description="Sender name of mails; without it: `name`.",
    )
    phone: str = Field(default="", description="Number people may ring, as texts and mails print it.")
    mail: MailAddress = Field(default="", description="Address that answers to mails go to.")
    website: str = Field(default="", description="Website of the office, for texts and mails.")


class Prices(Frozen):
    """What one part of a text costs, in VND."""

    default: Count = Field(ge=0, description="Price of one part where the network has no price of its own.")
    viettel: Count | None = Field(default=None, ge=0, description="Price of one part to Viettel.")
    mobifone: Count | None = Field(default=None, ge=0, description="Price of one part to MobiFone.")
    vinaphone: Count | None = Field(default=None, ge=0, description="Price of one part to VinaPhone.")
    vietnamobile: Count | None = Field(default=None, ge=0, description="Price of one part to Vietnamobile.")
    gmobile: Count | None = Field(default=None, ge=0, description="Price of one part to Gmobile.")
    reddi: Count | None = Field(default=None, ge=0, description="Price of one part to Wintel (Reddi).")
    indochina: Count | None = Field(default=None, ge=0, description="Price of one part to Indochina Telecom.")

    def price_of_part(self, network: str) -> int:
        """Return the price of one part to `network`, in VND; a network without its own costs the default."""
        own: int | None = getattr(self, network) if network in NETWORKS else None
        return self.default if own is None else own


class Retention(Frozen):
    """How long is kept what belongs to no single campaign or audience."""

    answers_days: Days = Field(
        default=90, description="Texts that people sent are erased so many days after somebody has read them."
    )
    imports_days: Days = Field(
        default=180,
        description="How rows stood before a load is erased after this; older loads cannot be undone.",
    )
    audit_days: Days = Field(
        default=1095,
        description="Lines of the log, of who did what and saw whom, are erased after this.",
    )
    consent_days: Days = Field(
        default=3650,
        description="The record of who said no, or came back, when and in which words: kept long, because it "
        "proves that the office acted rightly. What still stops messages is never erased.",
    )
    requests_days: Days = Field(
        default=1825,
        description="What people asked about their data is erased so many days after it was done or refused.",
    )
