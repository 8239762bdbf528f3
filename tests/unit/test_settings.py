"""What the environment says: every mistake is told with its name and its remedy, none is raised."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatcher import settings
from dispatcher.errors import ConfigurationError, Problem
from dispatcher.gateways import registry


def problems(**environ: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as broken:
        registry.read_settings(environ)
    return broken.value.problems


def test_nothing_is_needed() -> None:
    read = settings.from_environment({})
    assert (read.host, read.port, read.public_url) == ("127.0.0.1", 8025, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISPATCHER_SMS_RATE", "nan"),
        ("DISPATCHER_SMS_RATE", "inf"),
        ("DISPATCHER_MAIL_RATE", "-1"),
        ("DISPATCHER_MAIL_RATE", "many"),
        ("DISPATCHER_PATIENCE", "nan"),
        ("DISPATCHER_BIND", "127.0.0.1"),
        ("DISPATCHER_BIND", "127.0.0.1:65536"),
        ("DISPATCHER_BIND", "127.0.0.1:8²"),
        ("DISPATCHER_PUBLIC_URL", "nhac.example.gov.vn"),
        ("DISPATCHER_PUBLIC_URL", "https://[nhac"),
        ("DISPATCHER_PUBLIC_URL", "https://nhac.example:99999"),
        ("DISPATCHER_TWILIO_BASE_URL", "ftp://127.0.0.1"),
        ("DISPATCHER_SECRET_KEY", "too short"),
        ("DISPATCHER_LANG", "fr"),
        ("DISPATCHER_SECRET_KEY", "aaaaaaaaaaaaaaaa"),
        ("DISPATCHER_SECRET_KEY", "1234123412341234123412341234"),
        ("DISPATCHER_REQUIRE_SECOND_FACTOR", "some"),
    ],
)
def test_a_value_that_cannot_be_used_is_told(name: str, value: str) -> None:
    (found,) = problems(**{name: value})
    assert found.where == name
    assert found.what
    assert found.remedy


@pytest.mark.parametrize(
    ("said", "of_whom"), [("", ""), ("0", ""), ("1", "admin"), ("yes", "admin"), ("all", "all")]
)
def test_of_whom_a_second_factor_is_demanded(said: str, of_whom: str) -> None:
    read = settings.from_environment({"DISPATCHER_REQUIRE_SECOND_FACTOR": said})
    assert read.require_second_factor == of_whom


def test_a_secret_is_not_shown() -> None:
    (found,) = problems(DISPATCHER_SECRET_KEY="hush")
    assert "hush" not in repr(found)
    (url,) = problems(DISPATCHER_SMTP_URL="smtp://me:hush@[host", DISPATCHER_MAIL_FROM="a@hatay.example")
    assert "hush" not in repr(url)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    (found,) = problems(DISPATCHER_SECRET_KEY_FILE=str(file))
    assert found.where == "DISPATCHER_SECRET_KEY_FILE"


def test_a_value_and_its_file_are_one_too_many(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("the token of a file\n", encoding="utf-8")
    (found,) = problems(TWILIO_AUTH_TOKEN_FILE=str(file), TWILIO_AUTH_TOKEN="another")
    assert "both set" in found.what
    read = registry.read_settings({"TWILIO_AUTH_TOKEN_FILE": str(file)})
    assert read.gateway_values["TWILIO_AUTH_TOKEN"] == "the token of a file"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://nhac.example:8443/x", "nhac.example"),
        ("http://[::1]:80", "::1"),
        ("https://", ""),
        ("https://[nhac", ""),
        ("https://nhac.example:port", ""),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert settings.host_of(url) == host


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("", ()),
        ("127.0.0.1", ("127.0.0.1/32", "::ffff:127.0.0.1/128")),
        ("172.17.0.1/16, ::1", ("172.17.0.0/16", "::ffff:172.17.0.0/112", "::1/128")),
    ],
)
def test_proxies_are_named_by_address_or_network(text: str, networks: tuple[str, ...]) -> None:
    assert settings.from_environment({"DISPATCHER_TRUSTED_PROXIES": text}).trusted_proxies == networks


@pytest.mark.parametrize("text", ["*", "0.0.0.0/0", "::/0", "proxy.example", "10.0.0.0/33", "10.0.0.1:80"])
def test_nobody_is_trusted_by_a_slip(text: str) -> None:
    (problem,) = problems(DISPATCHER_TRUSTED_PROXIES=text)
    assert (problem.where, problem.value) == ("DISPATCHER_TRUSTED_PROXIES", text)


@pytest.mark.parametrize(
    ("text", "on"), [("", False), ("0", False), ("no", False), ("1", True), ("YES", True)]
)
def test_a_switch_is_on_or_off(text: str, *, on: bool) -> None:
    assert settings.from_environment({"DISPATCHER_ALLOW_HTTP": text}).allow_http is on
    (problem,) = problems(DISPATCHER_ALLOW_HTTP="maybe")
    assert problem.where == "DISPATCHER_ALLOW_HTTP"
