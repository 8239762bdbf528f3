"""The calendar of a campaign and what it costs: each occurrence, audience and channel, counted and priced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatcher import plan
from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.channels import Channel
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target, targets_of
from dispatcher.ledger.queries.message_estimate import MessageEstimate, estimate
from dispatcher.message.template_check import TemplateReport
from dispatcher.message.template_trial import CostliestText
from dispatcher.plan import Occurrence
from dispatcher.vietnamese import phone


@dataclass(frozen=True, kw_only=True, slots=True)
class ForecastEntry:
    """One audience of one occurrence on one channel.

    `parts` and `vnd` are what it costs at most: the longest text over the real rows, for everybody.
    `recipients` is None where nobody can know, as for thanks.
    """

    occurrence: Occurrence
    local: datetime
    audience: str
    channel: Channel
    recipients: int | None
    parts_each: int = 0
    parts: int = 0
    vnd: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignForecast:
    """A campaign as it will be. `unsent` are occurrences that are not sent."""

    campaign: Campaign
    entries: tuple[ForecastEntry, ...]
    unsent: tuple[Occurrence, ...]

    @property
    def recipients(self) -> int:
        """Add the messages up."""
        return sum(entry.recipients or 0 for entry in self.entries)

    @property
    def parts(self) -> int:
        """Add the parts of texts up."""
        return sum(entry.parts for entry in self.entries)

    @property
    def vnd(self) -> int:
        """Add the cost up."""
        return sum(entry.vnd for entry in self.entries)


def forecast_campaign(
    ledger: Ledger,
    schedules: Schedules,
    campaign_name: str,
    *,
    max_parts: Mapping[tuple[str, str, str], int],
    since: datetime | None = None,
    until: datetime | None = None,
) -> CampaignForecast:
    """Return the forecast of a campaign; `max_parts` as `max_parts_by_template` gives them."""
    campaign = schedules.campaigns[campaign_name]
    counts: dict[tuple[Target, ...], tuple[MessageEstimate, ...]] = {}
    entries: list[ForecastEntry] = []
    unsent: list[Occurrence] = []
    for occurrence in plan.occurrences(schedules, campaign, since=since, until=until):
        if not occurrence.is_sent:
            unsent.append(occurrence)
            continue
        targets = targets_of(schedules, occurrence)
        if occurrence.kind not in step_kinds.STANDING and targets not in counts:
            counts[targets] = estimate(ledger, occurrence, targets)
        entries += _entries(schedules, campaign, occurrence, targets, counts.get(targets), max_parts)
    return CampaignForecast(campaign=campaign, entries=tuple(entries), unsent=tuple(unsent))


def max_parts_by_template(survey: TemplateReport) -> dict[tuple[str, str, str], int]:
    """Return the parts of the dearest text of each campaign, moment and audience."""
    parts: dict[tuple[str, str, str], int] = {}
    for worst in survey.costliest:
        key = _key(worst)
        parts[key] = max(worst.parts, parts.get(key, 0))
    return parts


def _key(worst: CostliestText) -> tuple[str, str, str]:
    return worst.campaign, worst.template, worst.audience


def _entries(
    schedules: Schedules,
    campaign: Campaign,
    occurrence: Occurrence,
    targets: Iterable[Target],
    counted: Iterable[MessageEstimate] | None,
    max_parts: Mapping[tuple[str, str, str], int],
) -> Iterator[ForecastEntry]:
    for part in targets:
        for channel in part.channels:
            mine = [] if counted is None else [
                item for item in counted if (item.audience, item.channel) == (part.audience, channel)
            ]  # fmt: skip
            if counted is not None and not mine:
                continue
            each = (
                max_parts.get((campaign.name, occurrence.template, part.audience), 1)
                if channel == "sms"
                else 0
            )
            yield ForecastEntry(
                occurrence=occurrence,
                local=campaign.to_local(occurrence.due_at),
                audience=part.audience,
                channel=channel,  # type: ignore[arg-type]  # slices are made of the channels of the model
                recipients=None if counted is None else sum(item.messages for item in mine),
                parts_each=each,
                parts=each * sum(item.messages for item in mine),
                vnd=each * sum(item.messages * _price(schedules, item.prefix) for item in mine),
            )


def _price(schedules: Schedules, prefix: str) -> int:
    return schedules.prices.price_of_part(phone.network(prefix)) if prefix else 0
