"""How fast the text kernels are that see every cell of a list and every message: microseconds a call.

    python bench/text.py

Names are made anew for each call, so that what the kernels remember is what they would in a real list:
words, not cells.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import date

from dispatcher import sms_encoding
from dispatcher.vietnamese import dates, encodings, names, text
from dispatcher.vietnamese.encodings import charsets

ROWS = 50_000
FAMILIES = "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý"
MIDDLES = "Văn Thị Đình Ngọc Thanh Hữu Quốc Minh Thuỳ Đức Xuân Bá"
GIVEN = (
    "An Ánh Bình Cường Dũng Đức Hà Hạnh Hằng Hường Hưng Khuyến Lượng Mỹ Ngọc Oanh Phượng Quỳnh Thuỷ Tuyết Yến"
)
NOTICE = (
    '{}: còn 3 ngày là hết hạn thi "Công dân số Hải Phòng" (hết 11/11/2025). Mời bà con tham gia. '
    "Cần giúp, xin gặp tổ công nghệ số của thôn."
)


def people(count: int) -> list[str]:
    """Make up names, most of them several times over, as communes have them."""
    chance = random.Random(1)
    kinds = [kind.split() for kind in (FAMILIES, MIDDLES, MIDDLES, GIVEN)]
    return [" ".join(map(chance.choice, kinds)) for _ in range(count)]


def tcvn3(name: str) -> str:
    codes = {letter: charsets.WINDOWS_1252[code] for code, letter in enumerate(charsets.TCVN3)}
    return "".join(codes.get(letter) or codes[letter.lower()] for letter in name)


def microseconds(call: Callable[[str], object], inputs: Sequence[str]) -> float:
    """Time one call, the best of three rounds over all inputs."""
    rounds = []
    for _ in range(3):
        started = time.perf_counter()
        for one in inputs:
            call(one)
        rounds.append(time.perf_counter() - started)
    return min(rounds) / len(inputs) * 1e6


def main() -> None:
    unicode = people(ROWS)
    plain = [text.unaccent(name) for name in unicode]
    capitals = [name.upper() for name in unicode]
    fonts = [tcvn3(name) for name in unicode[:5000]]
    titled = [f"Ông {name}" for name in unicode[:5000]]
    notices = [NOTICE.format(name) for name in unicode[:5000]]
    latin = ["Lê Bá Hà", "Hà Tây", "Tô Hoài"] * 1000
    rows: list[tuple[str, Callable[[str], object], Sequence[str]]] = [
        ("text.clean, Vietnamese", text.clean, unicode),
        ("text.clean, ASCII", text.clean, plain),
        ("text.fold", text.fold, unicode),
        ("text.fold_words", text.fold_words, unicode),
        ("text.unaccent", text.unaccent, unicode),
        ("names.read", names.parse, unicode),
        ("names.read, ALL CAPITALS", names.parse, capitals),
        ("names.read, with a title", names.parse, titled),
        ("names.sort_key", names.sort_key, unicode),
        ("encodings.suspect", encodings.looks_legacy, unicode),
        ("encodings.repair, Vietnamese", encodings.repair, unicode),
        ("encodings.repair, ASCII", encodings.repair, plain),
        ("encodings.repair, Latin letters only", encodings.repair, latin),
        ("encodings.repair, TCVN3", encodings.repair, fonts),
        ("encodings.lossy", encodings.is_lossy, unicode),
        ("gsm.measure, 150 letters", sms_encoding.measure, notices),
        ("gsm.choose auto, 150 letters", lambda words: sms_encoding.apply_policy(words, "auto"), notices),
        ("dates.is_day_off", lambda _: dates.is_day_off(date(2026, 8, 22)), plain),
    ]
    for title, call, inputs in rows:
        print(f"{title:<40}{microseconds(call, inputs):>8.2f} µs")


if __name__ == "__main__":
    main()
