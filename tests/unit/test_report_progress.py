"""Messages added up: nothing is lost, and the parts are the whole."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from dispatcher import i18n
from dispatcher.ledger.queries.message_counts import StepCount
from dispatcher.ledger.schema.message_status import REASONS, STATUSES
from dispatcher.report import labels
from dispatcher.report.progress import summarise

counts = st.builds(
    StepCount,
    campaign=st.just("c"),
    step=st.sampled_from(["a", "b"]),
    key=st.just("k"),
    kind=st.sampled_from(["reminder", "warning", "thanks", "digest"]),
    due_at=st.just(datetime(2025, 11, 8, tzinfo=UTC)),
    audience=st.sampled_from(["staff", "residents"]),
    channel=st.sampled_from(["sms", "email"]),
    status=st.sampled_from(sorted(STATUSES)),
    reason=st.sampled_from(["", "number", "participated"]),
    day=st.sampled_from([None, date(2025, 11, 7), date(2025, 11, 8)]),
    messages=st.integers(1, 10_000),
    parts=st.integers(0, 3),
    vnd=st.integers(0, 1200),
)


@given(st.lists(counts, max_size=30))
def test_every_way_of_adding_up_comes_to_the_same(found: list[StepCount]) -> None:
    result = summarise(found)
    total = result.total
    whole = sum(item.messages for item in found)
    assert total.messages + result.digests.messages == whole
    assert total.messages == (
        total.waiting + total.in_doubt + total.sent + total.delivered + total.failed + total.not_needed
    )
    assert sum(item.messages for _name, item in result.by_audience) == total.messages
    assert sum(item.messages for _name, item in result.by_channel) == total.messages
    assert sum(item.counts.messages for item in result.by_step) == whole
    assert sum(why.messages for why in result.skipped) == total.not_needed


def test_every_word_of_the_ledger_has_its_sentence_in_both_languages() -> None:
    for language in i18n.LANGUAGES:
        i18n.set_language(language)
        for status in STATUSES:
            assert labels.status(status) != status or status == "delivered"
        for reason in REASONS:
            assert labels.reason(reason) != reason
    i18n.set_language("en")
    assert "30005" in labels.reason("30005")
    assert labels.advice("30005") == labels.advice("number")
    assert labels.reason("99999") == "the provider reported 99999"
    assert labels.reason("") == ""
