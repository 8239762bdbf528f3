"""What a text costs, checked against a plain count written from the tables of GSM 03.38."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher import sms_encoding
from dispatcher.vietnamese.text import NotAscii

# The default alphabet, typed from the standard row by row (the escape left out), and its extension.
ROWS = [
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ",
    " !\"#¤%&'()*+,-./",
    "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO",
    "PQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmno",
    "pqrstuvwxyzäöñüà",
]
EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}


def count_plainly(text: str) -> tuple[str, int, int]:
    """Count as one would on paper: write each character into the part it fits in."""
    alphabet = set("".join(ROWS))
    if all(c in alphabet or c in EXTENSION for c in text):
        name, sizes, alone, joined = "GSM-7", [2 if c in EXTENSION else 1 for c in text], 160, 153
    else:
        name, sizes, alone, joined = "UCS-2", [len(c.encode("utf-16-be")) // 2 for c in text], 70, 67
    if sum(sizes) <= alone:
        return name, sum(sizes), 1
    parts = [0]
    for size in sizes:
        if parts[-1] + size > joined:
            parts.append(0)
        parts[-1] += size
    return name, sum(sizes), len(parts)


def agree(text: str) -> None:
    measured = sms_encoding.measure(text)
    assert (measured.encoding, measured.units, measured.parts) == count_plainly(text), ascii(text)


def test_table_is_the_standards():
    assert [len(row) for row in ROWS] == [16, 15, 16, 16, 16, 16, 16, 16]
    assert set(sms_encoding.GSM7_BASIC) == set("".join(ROWS))
    assert set(sms_encoding.GSM7_EXTENSION) == set(EXTENSION)


def test_agrees_with_a_plain_count_on_ten_thousand_texts():
    chance = random.Random(38)
    basic, extended = "".join(ROWS), "".join(EXTENSION)
    alphabets = [basic, basic + extended * 3, extended, basic + "ễẽđ", "ễộ😀", basic + "😀", "😀𝒜a", "à[é]€"]
    edges = [
        0,
        1,
        66,
        67,
        68,
        69,
        70,
        71,
        133,
        134,
        135,
        152,
        153,
        154,
        159,
        160,
        161,
        200,
        201,
        202,
        305,
        306,
        307,
    ]
    for _ in range(10_000):
        alphabet = chance.choice(alphabets)
        length = chance.choice(edges) if chance.random() < 0.6 else chance.randrange(400)
        agree("".join(chance.choices(alphabet, k=length)))


@given(st.text(max_size=400))
def test_agrees_with_a_plain_count_on_any_text(text):
    agree(text)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),  # the pair would have straddled
        ("ễ" * 70, "UCS-2", 70, 1),
        ("ễ" * 71, "UCS-2", 71, 2),
        ("ễ" * 134, "UCS-2", 134, 2),
        ("ễ" * 135, "UCS-2", 135, 3),
        ("😀" * 35, "UCS-2", 70, 1),
        ("ễ" * 66 + "😀" + "ễ" * 66, "UCS-2", 134, 3),
        ("`", "UCS-2", 1, 1),  # ASCII, and yet not in GSM-7
        ("ç", "UCS-2", 1, 1),
        ("\t", "UCS-2", 1, 1),
    ],
)
def test_boundaries(text, encoding, units, parts):
    measured = sms_encoding.measure(text)
    assert (measured.encoding, measured.units, measured.parts) == (encoding, units, parts)


def test_characters_that_force_unicode_are_named_once_in_order():
    assert sms_encoding.measure("Đà Nẵng – Đà Lạt").non_gsm7_characters == ("Đ", "ẵ", "–", "ạ")
    assert sms_encoding.measure("à la carte: [€]").non_gsm7_characters == ()


NOTICE = (
    'UBND xã Hà Tây: còn 3 ngày là hết hạn thi "Công dân số Hải Phòng" (hết 11/11/2025). Mời bà con tham '
    "gia. Cần giúp, xin gặp tổ công nghệ số của thôn."
)


def test_auto_writes_without_accents_when_that_saves_a_part():
    plain, cost = sms_encoding.apply_policy(NOTICE, "auto")
    assert plain.isascii()
    assert (cost.encoding, cost.parts) == ("GSM-7", 1)
    assert sms_encoding.apply_policy(NOTICE, "accented")[1].parts == 3


def test_auto_keeps_accents_when_they_are_free():
    short = "Mời bà con tham gia"
    assert sms_encoding.apply_policy(short, "auto") == (short, sms_encoding.measure(short))


def test_auto_keeps_accents_when_no_plain_form_exists():
    kept, cost = sms_encoding.apply_policy(NOTICE + "😀", "auto")
    assert kept.endswith("😀")
    assert cost.parts == 3
    with pytest.raises(NotAscii):
        sms_encoding.apply_policy(NOTICE + "😀", "unaccented")


def test_decomposed_text_costs_no_more():
    typed = "Mo\u031b\u0300i ba\u0300 con"
    assert sms_encoding.apply_policy(typed, "accented")[0] == "Mời bà con"


@given(st.text(st.sampled_from("ễạđƠu a`\t[…“”–"), max_size=300))
def test_unaccented_is_ascii_in_gsm_and_auto_is_never_dearer(text):
    plain, cost = sms_encoding.apply_policy(text, "unaccented")
    assert plain.isascii()
    assert cost.encoding == "GSM-7"
    auto, auto_cost = sms_encoding.apply_policy(text, "auto")
    accented, accented_cost = sms_encoding.apply_policy(text, "accented")
    assert auto_cost.parts == min(cost.parts, accented_cost.parts)
    assert auto == (plain if cost.parts < accented_cost.parts else accented)


def test_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="loud"):
        sms_encoding.apply_policy("a", "loud")  # type: ignore[arg-type]  # what is tested
