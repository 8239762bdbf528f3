"""Whoever writes batch after batch keeps nobody out for longer than a batch, in this process or another."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from dispatcher.ledger import Ledger, sqlite_writing

BATCH_SECONDS, BATCHES = 0.1, 15


def write_batches(url: str, begun: Any) -> None:
    """Write batch after batch, as a long list is taken in."""
    ledger = Ledger.open(url)
    for _ in range(BATCHES):
        with ledger.begin():
            begun.set()
            time.sleep(BATCH_SECONDS)
        ledger.let_others_write()
    ledger.close()


def in_a_thread(url: str) -> Callable[[], None]:
    begun = threading.Event()
    writer = threading.Thread(target=write_batches, args=(url, begun))
    writer.start()
    begun.wait(30)
    return writer.join


def in_a_process(url: str) -> Callable[[], None]:
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    writer = context.Process(target=write_batches, args=(url, begun))
    writer.start()
    begun.wait(30)
    return writer.join


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(sqlite_url)
    yield opened
    opened.close()


@pytest.mark.parametrize("beside", [in_a_thread, in_a_process])
def test_whoever_waits_gets_in_between_two_batches(
    ledger: Ledger, sqlite_url: str, beside: Callable[[str], Callable[[], None]]
) -> None:
    ended = beside(sqlite_url)
    waits = []
    for _ in range(5):
        began = time.monotonic()
        with ledger.begin():
            pass
        waits.append(time.monotonic() - began)
        time.sleep(0.03)  # the batches have gone on
    ended()
    assert max(waits) < 3 * BATCH_SECONDS, waits


def test_one_who_never_ends_is_told_after_a_while(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_writing, "WAIT_SECONDS", 0.2)
    began = time.monotonic()
    with ledger.begin(), pytest.raises(sa.exc.OperationalError, match="locked"), ledger.begin():
        pass
    assert 0.2 <= time.monotonic() - began < 2
    with ledger.begin():
        pass
