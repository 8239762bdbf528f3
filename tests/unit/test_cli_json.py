"""What a command answers to machines can always be written: no value it is made of has a shape JSON lacks."""

from __future__ import annotations

import ast
import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from dispatcher.cli import console
from dispatcher.cli.reconcile import _as_json
from dispatcher.clock import SystemClock
from dispatcher.feedback.provider_reconciliation import (
    ProviderReconciliation,
    RepeatedText,
    UnheldText,
    _look_up,
    _note,
)
from dispatcher.gateways import Result
from dispatcher.ledger.text_comparison import HeldRow
from dispatcher.report.integrity_report import IntegrityReport
from tests.ledger_fixture import NOON, phone_number

PACKAGE = Path(__file__).parent.parent.parent / "dispatcher"


@dataclass
class Provider:
    """Answers each look-up with the result that its message is to have."""

    results: Mapping[str, Result]

    async def look_up(self, envelope: object, *, since: datetime, provider_id: str) -> Result:
        del envelope, since
        return self.results[provider_id]

    async def close(self) -> None:
        """Nothing is open."""


def message(number: int, status: str = "sending", gateway: str = "test") -> HeldRow:
    return HeldRow(
        message_id=number, address=phone_number(number), status=status, gateway=gateway,
        provider_id=f"SM{number}", submitted_at=NOON, place=number, is_last=1,
    )  # fmt: skip


def result(kind: str, **facts: object) -> Result:
    return Result(key="k", kind=kind, **facts)  # type: ignore[arg-type]


def test_every_answer_of_a_provider_can_be_written_as_json() -> None:
    provider = Provider(
        {
            "SM1": result("accepted", status="delivered"),
            "SM2": result("accepted", status="delivered"),
            "SM3": result("accepted", status="permanent-failure"),
            "SM4": result("refused", code="not-found"),
            "SM5": result("unknown"),
        }
    )
    messages = (*(message(number) for number in range(1, 6)), message(6, gateway="gone"))
    found = ProviderReconciliation(since=NOON, asked=6)
    gateways = {"test": provider}
    for item, verdict in asyncio.run(_look_up(gateways, messages, found, SystemClock())):  # type: ignore[arg-type]
        _note(item, verdict, found)
    unheld = UnheldText(gateway="test", provider_id="SM9", to=phone_number(9), status="", at=NOON)
    found.unheld.append(unheld)
    repeated = RepeatedText(to=phone_number(9), provider_ids=("SM8", "SM9"), message_ids=(8,), at=None)
    found.repeated.append(repeated)
    report = IntegrityReport(sums=(), areas={}, unresolved={}, violations={"budget": 1})
    answer = json.loads(console.to_json(_as_json(report, None, found, sound=False)))["provider"]
    assert {name: answer[name] for name in ("asked", "missing", "unclear", "other_status")} == {
        "asked": 6,
        "missing": [4],
        "unclear": 2,
        "other_status": {"sending → delivered": 2, "sending → permanent-failure": 1},
    }
    assert (answer["since"], answer["unheld"][0]["at"]) == (NOON.isoformat(), NOON.isoformat())
    assert answer["repeated"][0]["provider_ids"] == ["SM8", "SM9"]


def test_asdict_makes_nonsense_of_a_counter() -> None:
    """Why no value that becomes JSON may hold one: asdict() hands it pairs, and a Counter counts them."""

    @dataclass
    class Holder:
        counts: Counter[str]

    assert asdict(Holder(Counter(a=2))) != {"counts": {"a": 2}}


def test_no_value_with_a_counter_is_handed_to_asdict() -> None:
    """Looks at the modules that define values for `--json`: a field of theirs is no Counter."""
    counters = {
        f"{file.relative_to(PACKAGE.parent)}:{item.target.id}"
        for file in PACKAGE.rglob("*.py")
        for kind in ast.walk(ast.parse(file.read_text()))
        if isinstance(kind, ast.ClassDef)
        for item in kind.body
        if isinstance(item, ast.AnnAssign)
        and isinstance(item.target, ast.Name)
        and ast.unparse(item.annotation).startswith("Counter")
    }
    # These are written out key by key.
    assert counters == {
        "dispatcher/contacts/import_report.py:counts",
        "dispatcher/feedback/participation/list_import.py:by_method",
        "dispatcher/feedback/participation/list_import.py:counts",
        "dispatcher/feedback/participation/status_columns.py:said",
        "dispatcher/simulation/drill/crash_test.py:by_point",
    }


def test_nothing_was_asked_is_written_as_well() -> None:
    report = IntegrityReport(sums=(), areas={}, unresolved={}, violations={})
    nothing = ProviderReconciliation(since=NOON)
    assert json.loads(console.to_json(_as_json(report, None, nothing, sound=True)))
