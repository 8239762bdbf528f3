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

from dispatcher.cli.reconcile import LookupSummary, _as_json, _look_up
from dispatcher.gateways import Result
from dispatcher.ledger.queries.message_log import AcceptedMessage
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


def message(number: int, status: str = "sending", gateway: str = "test") -> AcceptedMessage:
    return AcceptedMessage(
        message_id=number, attempt=1, address=phone_number(number), status=status, gateway=gateway,
        provider_id=f"SM{number}", submitted_at=NOON, text="Mời bà con",
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
    summary = asyncio.run(_look_up({"test": provider}, messages))  # type: ignore[dict-item]
    report = IntegrityReport(sums=(), areas={}, unresolved={}, violations={"budget": 1})
    answer = json.loads(json.dumps(_as_json(report, None, summary, sound=False)))
    assert answer["provider"] == {
        "asked": 6,
        "there": 3,
        "missing": [4],
        "unclear": 2,
        "other_status": {"sending → delivered": 2, "sending → permanent-failure": 1},
    }


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
    assert json.dumps(_as_json(report, None, LookupSummary(), sound=True))
