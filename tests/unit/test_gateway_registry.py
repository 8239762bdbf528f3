"""Gateways are found by entry point, and everything wrong with them is said at once."""

from __future__ import annotations

import asyncio

import pytest

from dispatcher.errors import ConfigurationError
from dispatcher.gateways import GatewayOptions, registry

SMTP = GatewayOptions(values={"url": "smtp://127.0.0.1:1", "mail_from": "a@hatay.example"}, rate_per_second=3)
TWILIO = GatewayOptions(values={"account_sid": "AC1", "auth_token": "t", "from": "X"})


def test_ours_are_installed_through_the_same_door_as_others() -> None:
    assert {"smtp", "twilio"} <= set(registry.installed_names())


def test_each_is_opened_by_its_name_without_connecting() -> None:
    gateways = registry.open_gateways({"smtp": SMTP, "twilio": TWILIO})
    assert {name: gateway.name for name, gateway in gateways.items()} == {"smtp": "smtp", "twilio": "twilio"}
    assert gateways["smtp"].capabilities.rate_per_second == 3
    for gateway in gateways.values():
        asyncio.run(gateway.close())


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ConfigurationError) as broken:
        registry.open_gateways(
            {"smtp": GatewayOptions(), "twilio": GatewayOptions(), "pigeon": GatewayOptions()}
        )
    said = [problem.what for problem in broken.value.problems]
    assert len(said) == 3
    assert "pigeon" in said[2]


def test_a_gateway_that_breaks_while_opening_is_a_problem_not_a_crash() -> None:
    values = {**TWILIO.values, "concurrency": "many"}
    with pytest.raises(ConfigurationError) as broken:
        registry.open_gateways({"twilio": GatewayOptions(values=values)})
    assert "twilio" in broken.value.problems[0].what
