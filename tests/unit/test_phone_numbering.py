"""The numbering plan: prefixes and area codes that changed, networks, and how numbers are shown."""

from __future__ import annotations

import phonenumbers
import pytest
from phonenumbers import carrier

from dispatcher.vietnamese import phone
from dispatcher.vietnamese.phone import numbering


@pytest.mark.parametrize(("old", "new"), numbering.OLD_MOBILE_PREFIXES.items())
def test_each_of_the_21_prefixes_of_2018(old: str, new: str) -> None:
    reading = phone.parse(f"0{old}1234567")
    assert (reading.numbers, reading.repairs) == ((f"+84{new}1234567",), ("old-prefix",))


def test_the_tables_are_complete() -> None:
    assert len(numbering.OLD_MOBILE_PREFIXES) == 21
    assert len(numbering.AREA_CODES) == 63
    assert sum(old != new for _province, old, new, _digits in numbering.AREA_CODES) == 59
    assert len(numbering.COLLIDING_AREA_CODES) == 16


@pytest.mark.parametrize(("_province", "old", "new", "digits"), numbering.AREA_CODES)
def test_no_landline_is_texted(_province: str, old: str, new: str, digits: int) -> None:
    subscriber = "3812345678"[:digits]
    assert phone.parse(f"{new}{subscriber}").reason == "landline"
    assert phone.parse(f"({new}) {subscriber}").reason == "landline"
    assert not phone.parse(f"({old}) {subscriber}").numbers
    ungrouped = phone.parse(f"{old}{subscriber}")
    assert not ungrouped.numbers or ungrouped.flags == ("may-be-old-landline",)


def test_masks_keep_at_most_three_digits() -> None:
    assert phone.mask("+84912345678") == "+84 9•• ••• •78"
    assert phone.mask("12345") == "•••"


def test_networks_are_those_of_the_carrier_table() -> None:
    names = {"G-Mobile": "gmobile", "Indochina Telecom": "indochina", "": "other"}
    for prefix in range(300, 1000):
        number = f"+84{prefix}123456"
        theirs = carrier.name_for_number(phonenumbers.parse(number), "en")
        if numbering.is_mobile(number[3:]):
            assert phone.network(number) == names.get(theirs, theirs.lower()), number
