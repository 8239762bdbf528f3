"""SMTP: mails over kept connections, pipelined where the server offers it."""

from __future__ import annotations

from dispatcher.gateways import Gateway, GatewayOptions
from dispatcher.gateways.provider import Provider
from dispatcher.gateways.smtp import codes
from dispatcher.settings import Setting, url_parser

_server_url = url_parser("smtp", "smtps", example="smtp://user@host:587?starttls=1")


def _open(options: GatewayOptions) -> Gateway:
    from dispatcher.gateways.smtp.gateway import open_gateway

    return open_gateway(options)


PROVIDER = Provider(
    name="smtp",
    channel="email",
    settings=(Setting(name="DISPATCHER_SMTP_URL", parse=_server_url, is_secret=True),),
    configured_by="DISPATCHER_SMTP_URL",
    open=_open,
    explain=codes.explain,
)
