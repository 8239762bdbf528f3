"""What goes wrong in the sandbox: shares, lasting and passing, magic numbers, always the same way."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.sandbox.failures import (
    CALLBACK_FAULTS,
    MAGIC_CALLBACK_FAULTS,
    MAGIC_NUMBERS,
    MAGIC_NUMBERS_START,
    MAIL_OUTCOMES,
    TEXT_OUTCOMES,
    Failures,
    FailureSampler,
)


def numbers(count: int) -> list[str]:
    return [f"+84912{n:06}" for n in range(count)]


def test_nothing_goes_wrong_unless_asked():
    dice = FailureSampler(Failures())
    assert {dice.sample_text(to, 1).outcome for to in numbers(200)} == {"delivered"}
    assert {dice.sample_text(to, 1).callback_fault for to in numbers(200)} == {""}
    assert {dice.sample_mail(f"a{n}@example.vn", 1) for n in range(200)} == {"delivered"}


def test_shares_are_kept():
    dice = FailureSampler(
        Failures(sms={"landline": 0.1, "unreachable": 0.2, "busy": 0.05}, callbacks={"lost": 0.5})
    )
    draws = [dice.sample_text(to, 1) for to in numbers(4000)]
    seen = Counter(draw.outcome for draw in draws)
    for outcome, share in {"landline": 0.1, "unreachable": 0.2, "busy": 0.05, "delivered": 0.65}.items():
        assert abs(seen[outcome] / 4000 - share) < 0.03
    assert abs(sum(draw.callback_fault == "lost" for draw in draws) / 4000 - 0.5) < 0.03


@given(st.integers(0, 9), st.integers(1, 5), st.integers(0, 10**6 - 1))
def test_the_same_seed_address_and_try_end_the_same(seed, n, number):
    failures = Failures(
        seed=seed, sms=dict.fromkeys(TEXT_OUTCOMES, 1 / len(TEXT_OUTCOMES)), callbacks={"doubled": 0.5}
    )
    to = f"+84912{number:06}"
    assert FailureSampler(failures).sample_text(to, n) == FailureSampler(failures).sample_text(to, n)


def test_another_seed_fails_elsewhere():
    one, two = (FailureSampler(Failures(seed=seed, sms={"busy": 0.5})) for seed in (1, 2))
    assert [one.sample_text(to, 1).outcome for to in numbers(50)] != [
        two.sample_text(to, 1).outcome for to in numbers(50)
    ]


def test_a_landline_stays_one_and_a_busy_line_does_not():
    dice = FailureSampler(Failures(sms={"landline": 0.3, "busy": 0.3}))
    histories = [[dice.sample_text(to, n).outcome for n in range(1, 6)] for to in numbers(200)]
    for history in histories:
        assert history.count("landline") in {0, 5}
    assert any("busy" in history and "delivered" in history for history in histories)


@pytest.mark.parametrize(("digits", "ways"), MAGIC_NUMBERS.items())
def test_a_magic_number_goes_its_own_way(digits, ways):
    dice = FailureSampler(Failures(sms={"delivered": 1.0}))
    to = MAGIC_NUMBERS_START + digits
    assert tuple(dice.sample_text(to, n + 1).outcome for n in range(len(ways))) == ways
    assert dice.sample_text(to, 9).outcome == ways[-1]
    assert set(ways) <= set(TEXT_OUTCOMES)


@pytest.mark.parametrize(("digits", "mischief"), MAGIC_CALLBACK_FAULTS.items())
def test_a_magic_number_disturbs_its_callbacks(digits, mischief):
    assert FailureSampler(Failures()).sample_text(MAGIC_NUMBERS_START + digits, 1).callback_fault == mischief
    assert mischief in CALLBACK_FAULTS


def test_delays_lie_in_their_spans():
    dice = FailureSampler(Failures(sent_after=(1, 2), receipt_after=(10, 20), sms={"late-receipt": 0.5}))
    for to in numbers(200):
        draw = dice.sample_text(to, 1)
        assert 1 <= draw.sent_after <= 2
        assert draw.receipt_after == 6 * 3600 if draw.outcome == "late-receipt" else draw.receipt_after >= 10
        assert draw.outcome == "late-receipt" or draw.receipt_after <= 20


@pytest.mark.parametrize(
    ("address", "outcomes"),
    [
        ("refuse-5.1.1@example.vn", ["refuse-5.1.1", "refuse-5.1.1"]),
        ("an+bounce-5.2.2@example.vn", ["bounce-5.2.2", "bounce-5.2.2"]),
        ("Greylist@example.vn", ["greylist", "delivered"]),
        ("drop-after@example.vn", ["drop-after", "drop-after"]),
        ("refuse-9.9.9@example.vn", ["delivered", "delivered"]),
        ("an@refuse-5.1.1", ["delivered", "delivered"]),
    ],
)
def test_a_magic_mailbox_goes_its_own_way(address, outcomes):
    dice = FailureSampler(Failures())
    assert [dice.sample_mail(address, n) for n in (1, 2)] == outcomes


def test_mail_shares_are_kept():
    dice = FailureSampler(Failures(mail={"refuse-5.1.1": 0.2, "greylist": 0.3}))
    addresses = [f"a{n}@example.vn" for n in range(2000)]
    first = Counter(dice.sample_mail(address, 1) for address in addresses)
    assert abs(first["refuse-5.1.1"] / 2000 - 0.2) < 0.04
    assert abs(first["greylist"] / 2000 - 0.3) < 0.04
    assert {dice.sample_mail(address, 2) for address in addresses} == {"refuse-5.1.1", "delivered"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sms": {"landlines": 0.1}}, "landlines"),
        ({"mail": {"refuse-1.2.3": 0.1}}, "refuse-1.2.3"),
        ({"callbacks": {"delivered": 0.1}}, "delivered"),
        ({"sms": {"landline": 1.5}}, "1.5"),
        ({"sms": {"landline": -0.1}}, "-0.1"),
        ({"sms": {"landline": 0.7, "busy": 0.7}}, "1.4"),
        ({"sed": 1}, "sed"),
    ],
)
def test_a_wrong_share_is_said(values, words):
    with pytest.raises(ValueError, match=words):
        Failures.from_json(values)


def test_it_passes_through_json_unchanged():
    failures = Failures(
        seed=3, sms={"busy": 0.1}, mail={"greylist": 1.0}, sent_after=(0, 1), every_status=True
    )
    assert Failures.from_json(json.loads(json.dumps(failures.as_json()))) == failures


def test_all_of_one_outcome_is_possible():
    dice = FailureSampler(Failures(sms={"landline": 1.0}))
    assert {dice.sample_text(to, 1).outcome for to in numbers(100)} == {"landline"}
    assert len(MAIL_OUTCOMES) == len(set(MAIL_OUTCOMES))
