"""What goes wrong in the sandbox: shares, lasting and passing, magic numbers, always the same way."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.sandbox.failures import (
    MAGIC_MISCHIEF,
    MAGIC_NUMBERS,
    MAGIC_NUMBERS_START,
    MAIL_OUTCOMES,
    MISCHIEFS,
    OUTCOMES,
    Dice,
    Failures,
)


def numbers(count: int) -> list[str]:
    return [f"+84912{n:06}" for n in range(count)]


def test_nothing_goes_wrong_unless_asked():
    dice = Dice(Failures())
    assert {dice.sms(to, 1).outcome for to in numbers(200)} == {"delivered"}
    assert {dice.sms(to, 1).mischief for to in numbers(200)} == {""}
    assert {dice.mail(f"a{n}@example.vn", 1) for n in range(200)} == {"delivered"}


def test_shares_are_kept():
    dice = Dice(Failures(sms={"landline": 0.1, "unreachable": 0.2, "busy": 0.05}, callbacks={"lost": 0.5}))
    draws = [dice.sms(to, 1) for to in numbers(4000)]
    seen = Counter(draw.outcome for draw in draws)
    for outcome, share in {"landline": 0.1, "unreachable": 0.2, "busy": 0.05, "delivered": 0.65}.items():
        assert abs(seen[outcome] / 4000 - share) < 0.03
    assert abs(sum(draw.mischief == "lost" for draw in draws) / 4000 - 0.5) < 0.03


@given(st.integers(0, 9), st.integers(1, 5), st.integers(0, 10**6 - 1))
def test_the_same_seed_address_and_try_end_the_same(seed, n, number):
    failures = Failures(seed=seed, sms=dict.fromkeys(OUTCOMES, 1 / len(OUTCOMES)), callbacks={"doubled": 0.5})
    to = f"+84912{number:06}"
    assert Dice(failures).sms(to, n) == Dice(failures).sms(to, n)


def test_another_seed_fails_elsewhere():
    one, two = (Dice(Failures(seed=seed, sms={"busy": 0.5})) for seed in (1, 2))
    assert [one.sms(to, 1).outcome for to in numbers(50)] != [two.sms(to, 1).outcome for to in numbers(50)]


def test_a_landline_stays_one_and_a_busy_line_does_not():
    dice = Dice(Failures(sms={"landline": 0.3, "busy": 0.3}))
    histories = [[dice.sms(to, n).outcome for n in range(1, 6)] for to in numbers(200)]
    for history in histories:
        assert history.count("landline") in {0, 5}
    assert any("busy" in history and "delivered" in history for history in histories)


@pytest.mark.parametrize(("digits", "ways"), MAGIC_NUMBERS.items())
def test_a_magic_number_goes_its_own_way(digits, ways):
    dice = Dice(Failures(sms={"delivered": 1.0}))
    to = MAGIC_NUMBERS_START + digits
    assert tuple(dice.sms(to, n + 1).outcome for n in range(len(ways))) == ways
    assert dice.sms(to, 9).outcome == ways[-1]
    assert set(ways) <= set(OUTCOMES)


@pytest.mark.parametrize(("digits", "mischief"), MAGIC_MISCHIEF.items())
def test_a_magic_number_disturbs_its_callbacks(digits, mischief):
    assert Dice(Failures()).sms(MAGIC_NUMBERS_START + digits, 1).mischief == mischief
    assert mischief in MISCHIEFS


def test_delays_lie_in_their_spans():
    dice = Dice(Failures(sent_after=(1, 2), receipt_after=(10, 20), sms={"late-receipt": 0.5}))
    for to in numbers(200):
        draw = dice.sms(to, 1)
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
    dice = Dice(Failures())
    assert [dice.mail(address, n) for n in (1, 2)] == outcomes


def test_mail_shares_are_kept():
    dice = Dice(Failures(mail={"refuse-5.1.1": 0.2, "greylist": 0.3}))
    addresses = [f"a{n}@example.vn" for n in range(2000)]
    first = Counter(dice.mail(address, 1) for address in addresses)
    assert abs(first["refuse-5.1.1"] / 2000 - 0.2) < 0.04
    assert abs(first["greylist"] / 2000 - 0.3) < 0.04
    assert {dice.mail(address, 2) for address in addresses} == {"refuse-5.1.1", "delivered"}


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
        Failures.read(values)


def test_it_passes_through_json_unchanged():
    failures = Failures(
        seed=3, sms={"busy": 0.1}, mail={"greylist": 1.0}, sent_after=(0, 1), every_status=True
    )
    assert Failures.read(json.loads(json.dumps(failures.values()))) == failures


def test_all_of_one_outcome_is_possible():
    dice = Dice(Failures(sms={"landline": 1.0}))
    assert {dice.sms(to, 1).outcome for to in numbers(100)} == {"landline"}
    assert len(MAIL_OUTCOMES) == len(set(MAIL_OUTCOMES))
