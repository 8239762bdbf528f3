"""The API in sequences of calls, as its own description links them: no order brings it out of step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import seed as with_seed
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.checks import CHECKS

from dispatcher.ledger.access import api_tokens
from tests.web_fixture import WALL_TIME, WebFixture, open_web

TOKEN = "a token for tests"
LONG_SECONDS = 600


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("states")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        opened.advance()
        api_tokens.add(opened.ledger, TOKEN, label="tests", role="organiser", who="t", now=WALL_TIME)
        yield opened


def machine(web: WebFixture) -> type:
    described = schemathesis.openapi.from_url(f"{web.url}/api/openapi.json")
    base: Any = described.as_state_machine()

    class Calls(base):  # type: ignore[misc]  # made by the library
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"base_url": f"{web.url}/api", "headers": {"Authorization": f"Bearer {TOKEN}"}}

        def validate_response(self, response: Any, case: Any, **options: Any) -> None:
            # What a number, a moment or a day is goes beyond a schema: a well-formed body may hold none.
            beyond = CHECKS.get_by_names(["positive_data_acceptance"])
            case.validate_response(response, excluded_checks=beyond)

    return Calls


def call_in_sequences(web: WebFixture, *, examples: int, seed: int) -> None:
    run_state_machine_as_test(
        with_seed(seed)(machine(web)),
        settings=settings(
            max_examples=examples, stateful_step_count=8, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_no_sequence_of_calls_is_answered_otherwise_than_promised(web: WebFixture) -> None:
    call_in_sequences(web, examples=6, seed=1)


@pytest.mark.torture
@pytest.mark.timeout(LONG_SECONDS + 120)
def test_no_sequence_in_ten_minutes_is(web: WebFixture) -> None:
    until, seed = time.monotonic() + LONG_SECONDS, 1
    while time.monotonic() < until:
        seed += 1
        call_in_sequences(web, examples=100, seed=seed)
