"""The language a reader is answered in, and whether the face may listen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatcher.app import start_problems
from dispatcher.settings import from_environment
from dispatcher.web.middleware import _preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", ""),
        ("en", "en"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("en-US,en;q=0.9,vi;q=0.8", "en"),
        ("fr,de", ""),
        ("fr;q=1,vi;q=0.1", "vi"),
        ("en;q=0,vi;q=0.1", "vi"),
        ("en;q=x", ""),
        ("*", ""),
        (",;,q=1", ""),
    ],
)
def test_the_better_liked_language(header: str, language: str) -> None:
    assert _preferred(header) == language


@pytest.mark.parametrize("bind", ["127.0.0.1:8025", "localhost:1", "[::1]:8025"])
def test_this_machine_alone_needs_no_key(bind: str) -> None:
    assert start_problems(replace(from_environment({}), bind=bind)) == []


@pytest.mark.parametrize("bind", ["0.0.0.0:8025", "192.0.2.7:80", "[::]:8025", "nhac.example:80"])
def test_the_network_needs_a_key_of_ones_own(bind: str) -> None:
    settings = replace(from_environment({}), bind=bind)
    (refused,) = start_problems(settings)
    assert refused.where == "DISPATCHER_SECRET_KEY"
    assert start_problems(replace(settings, secret_key="a secret of one's own")) == []
