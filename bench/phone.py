"""The phone kernel beside phonenumbers, on clean cells and on a mix with 11 % odd ones, in one run."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence

import phonenumbers

from dispatcher.vietnamese.phone import parse

GOAL = 5.0  # times phonenumbers, on the mix
CELLS = 10_000
ROUNDS = 5
PREFIXES = ("091", "098", "086", "034", "077", "093")
ODD = (
    "0912345678 (con)", "0220 3812345", "01234567890", "0912.345.678/0987.654.321", "bà nội 0912345678",
    "9.12E+08", "0912345678; 0987654321", "09123456789", "030085001234", "O912345678", "031 3823456",
    "091 234 5678", "+84 (0)912 345 678", "không có", "0912 34 56 78",
)  # fmt: skip


def main() -> int:
    """Print microseconds a cell and the ratio; 1 when the goal is missed."""
    dice = random.Random(1)
    clean = [_clean(dice) for _ in range(CELLS)]
    mix = [dice.choice(ODD) if dice.random() < 0.11 else cell for cell in clean]
    agreed = sum(
        parse(cell).numbers == ((found,) if (found := _by_phonenumbers(cell)) else ()) for cell in clean
    )
    print(f"clean cells read the same: {agreed} of {CELLS}")
    ratios = {}
    for name, cells in (("clean", clean), ("11 % odd", mix)):
        ours, theirs = _micros(parse, cells), _micros(_by_phonenumbers, cells)
        ratios[name] = theirs / ours
        print(f"{name:>9}: ours {ours:5.2f} µs, phonenumbers {theirs:5.2f} µs, {ratios[name]:.1f} times")
    return int(ratios["11 % odd"] < GOAL or agreed != CELLS)


def _clean(dice: random.Random) -> str:
    number = dice.choice(PREFIXES) + "".join(dice.choice("0123456789") for _ in range(7))
    shape = dice.random()
    if shape < 0.6:
        return number
    if shape < 0.8:
        return f"{number[:4]} {number[4:7]} {number[7:]}"
    return f"+84{number[1:]}" if shape < 0.9 else number[1:]


def _by_phonenumbers(cell: str) -> str | None:
    try:
        number = phonenumbers.parse(cell, "VN")
    except phonenumbers.NumberParseException:
        return None
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    if not (phonenumbers.is_valid_number(number) and mobile):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _micros(kernel: Callable[[str], object], cells: Sequence[str]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        before = time.process_time()
        for cell in cells:
            kernel(cell)
        rounds.append(time.process_time() - before)
    return statistics.median(rounds) / len(cells) * 1_000_000


if __name__ == "__main__":
    raise SystemExit(main())
