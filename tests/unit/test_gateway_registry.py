"""Providers are found by entry point, chosen by setting, and everything wrong with them is said at once."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from dispatcher.errors import ConfigurationError
from dispatcher.gateways import GatewayOptions, registry
from dispatcher.gateways.opened import OpenGateways

ROOT = Path(__file__).parent.parent.parent
SMTP = {"DISPATCHER_SMTP_URL": "smtp://127.0.0.1:1", "DISPATCHER_MAIL_FROM": "a@hatay.example"}
TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_FROM": "X"}
BOTH = ("sms", "email")


def open_from(environ: dict[str, str], needed: tuple[str, ...] = ()) -> OpenGateways:
    settings = registry.read_settings(environ)
    senders = {"sms": "", "email": settings.mail_from}
    return registry.open_selected(settings, senders=senders, needed=needed)


def problems(environ: dict[str, str], needed: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    with pytest.raises(ConfigurationError) as broken:
        open_from(environ, needed)
    assert all(problem.remedy for problem in broken.value.problems)
    return [(problem.where, problem.what) for problem in broken.value.problems]


def test_ours_are_installed_through_the_same_door_as_others() -> None:
    assert {"smtp", "twilio"} <= set(registry.providers())


def test_what_is_configured_is_opened_without_connecting() -> None:
    gateways = open_from({**SMTP, **TWILIO, "DISPATCHER_MAIL_RATE": "3"}, BOTH)
    assert {channel: gateway.name for channel, gateway in gateways.items()} == {
        "sms": "twilio",
        "email": "smtp",
    }
    assert gateways["email"].capabilities.rate_per_second == 3
    for gateway in gateways.all:
        asyncio.run(gateway.close())


@pytest.mark.parametrize(
    ("environ", "needed", "opened"),
    [
        (SMTP, ("email",), {"email"}),
        (TWILIO, ("sms",), {"sms"}),
        ({**SMTP, **TWILIO, "DISPATCHER_SMS_GATEWAY": "off"}, ("email",), {"email"}),
        ({**SMTP, **TWILIO, "DISPATCHER_MAIL_GATEWAY": "OFF"}, ("sms",), {"sms"}),
        ({**SMTP, **TWILIO, "DISPATCHER_SMS_GATEWAY": "Twilio"}, BOTH, {"sms", "email"}),
    ],
)
def test_only_what_the_schedules_use_is_asked_for(
    environ: dict[str, str], needed: tuple[str, ...], opened: set[str]
) -> None:
    assert set(open_from(environ, needed)) == opened


@pytest.mark.parametrize(
    ("environ", "needed", "where"),
    [
        (SMTP, BOTH, ["DISPATCHER_SMS_GATEWAY"]),
        (TWILIO, BOTH, ["DISPATCHER_MAIL_GATEWAY"]),
        ({**SMTP, "DISPATCHER_SMS_GATEWAY": "pigeon"}, BOTH, ["DISPATCHER_SMS_GATEWAY"]),
        ({**SMTP, "DISPATCHER_SMS_GATEWAY": "smtp"}, BOTH, ["DISPATCHER_SMS_GATEWAY"]),
        ({**SMTP, "DISPATCHER_SMS_GATEWAY": "twilio"}, BOTH, ["TWILIO_ACCOUNT_SID"]),
        ({**TWILIO, "DISPATCHER_MAIL_GATEWAY": "smtp"}, BOTH, ["DISPATCHER_SMTP_URL"]),
        (
            {"DISPATCHER_SMS_GATEWAY": "off", "DISPATCHER_MAIL_GATEWAY": "off"},
            (),
            ["DISPATCHER_SMS_GATEWAY"],
        ),
        (
            {"TWILIO_ACCOUNT_SID": "AC1", "DISPATCHER_SMTP_URL": "smtp://h"},
            BOTH,
            ["TWILIO_AUTH_TOKEN", "DISPATCHER_MAIL_FROM"],
        ),
    ],
)
def test_all_that_is_wrong_is_said_at_once(
    environ: dict[str, str], needed: tuple[str, ...], where: list[str]
) -> None:
    assert [name for name, _what in problems(environ, needed)] == where


@pytest.mark.parametrize(
    ("environ", "sandbox"),
    [
        ({}, True),
        ({"DISPATCHER_SMS_GATEWAY": "off"}, True),
        ({"DISPATCHER_SMS_GATEWAY": "off", "DISPATCHER_MAIL_GATEWAY": "off"}, False),
        ({"DISPATCHER_SMS_GATEWAY": "twilio"}, False),
        (SMTP, False),
        (TWILIO, False),
    ],
)
def test_the_sandbox_takes_everything_only_where_nothing_is_configured(
    environ: dict[str, str], sandbox: bool
) -> None:
    assert registry.uses_sandbox(registry.read_settings(environ)) is sandbox


def test_a_gateway_that_breaks_while_opening_is_a_problem_not_a_crash() -> None:
    with pytest.raises(ConfigurationError) as broken:
        registry.open_gateways({"twilio": GatewayOptions(values={**TWILIO, "concurrency": "many"})})
    assert "twilio" in broken.value.problems[0].what


@pytest.mark.parametrize(
    ("code", "error_class"),
    [("30005", "number"), ("5.1.1", "number"), ("4.2.2", "temporary"), ("5.7.26", "config"), ("99999", ""),
     ("", ""), ("no-answer", "")],
)  # fmt: skip
def test_a_code_is_explained_by_the_provider_whose_it_is(code: str, error_class: str) -> None:
    assert registry.explain(code) == error_class


def test_nothing_outside_the_gateways_and_the_sandbox_names_a_provider() -> None:
    package = ROOT / "dispatcher"
    named = [
        str(file.relative_to(package))
        for file in package.rglob("*")
        if file.suffix in {".py", ".html", ".js"}
        and file.relative_to(package).parts[0] not in {"gateways", "sandbox"}
        and re.search("twilio", file.read_text(encoding="utf-8"), re.IGNORECASE)
    ]  # fmt: skip
    assert named == []
