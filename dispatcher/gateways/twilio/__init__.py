"""Twilio: texts by its REST API, receipts and replies by its webhooks."""

from __future__ import annotations

from dispatcher.gateways import Gateway, GatewayOptions
from dispatcher.gateways.provider import Provider, Values, WebhookAnswer, WebhookRequest
from dispatcher.gateways.twilio import codes
from dispatcher.i18n import _
from dispatcher.settings import InvalidSetting, Setting, url_parser

_base_url = url_parser("http", "https", example="http://127.0.0.1:8080")
RETENTIONS = ("sensitive", "discard", "keep")  # of whose texts Twilio is to forget words and number


def _parse_retention(text: str) -> str:
    if text not in RETENTIONS:
        raise InvalidSetting(
            _("this says not what Twilio is to keep"), _("Write sensitive, discard or keep.")
        )
    return text


def _open(options: GatewayOptions) -> Gateway:
    from dispatcher.gateways.twilio.gateway import TwilioGateway  # twilio's library takes its time to load

    return TwilioGateway(options)


def _read_webhook(request: WebhookRequest, values: Values) -> WebhookAnswer:
    from dispatcher.gateways.twilio import webhooks

    return webhooks.read(request, auth_token=values["TWILIO_AUTH_TOKEN"])


PROVIDER = Provider(
    name="twilio",
    channel="sms",
    settings=(
        Setting(name="TWILIO_ACCOUNT_SID"),
        Setting(name="TWILIO_AUTH_TOKEN", is_secret=True),
        Setting(name="TWILIO_MESSAGING_SERVICE_SID"),
        Setting(name="TWILIO_FROM"),
        Setting(name="DISPATCHER_TWILIO_BASE_URL", parse=_base_url),
        Setting(name="DISPATCHER_TWILIO_RETENTION", default="sensitive", parse=_parse_retention),
    ),
    configured_by="TWILIO_ACCOUNT_SID",
    open=_open,
    explain=codes.error_class_of,
    read_webhook=_read_webhook,
    webhook_aliases=("/twilio/",),
)
