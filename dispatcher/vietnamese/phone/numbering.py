"""The Vietnamese numbering plan as tables: mobiles now, the prefixes and area codes that changed, networks.

"National number" here is what follows +84: `912345678` for 0912 345 678.

Sources. Valid mobiles and landlines: the metadata of the phonenumbers package, read at import, so that an
upgrade of the package changes every path at once. Prefixes changed between 15/9 and 14/11/2018: the
ministry's conversion plan as published by the carriers. Area codes changed in 2017: geodata of
phonenumbers 8.0.0 joined with 9.0.43; 59 changed and 4 kept, which is the official count.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberType

IsMobile = Callable[[str], bool]
"""Says whether a national number is a Vietnamese mobile in use today."""


def _pattern(kind: str) -> str:
    metadata = PhoneMetadata.metadata_for_region("VN")
    return str(getattr(metadata, kind).national_number_pattern)


# The metadata also calls 0140xxxxxx and 0121[0-3]xxxxx mobile. Nobody's list holds such a phone; nine digits
# that begin with 1 or 2 are old identity cards. Mobiles begin with 3, 5, 7, 8 or 9.
MOBILE_PATTERN = rf"(?=[35789])(?:{_pattern('mobile')})"
LANDLINE_PATTERN = _pattern("fixed_line")

_MOBILE = re.compile(MOBILE_PATTERN, re.ASCII)
_LANDLINE = re.compile(LANDLINE_PATTERN, re.ASCII)


def is_mobile(national: str) -> bool:
    """Return whether `national` is a mobile in use today, by the pattern built at import."""
    return _MOBILE.fullmatch(national) is not None


def is_mobile_by_phonenumbers(national: str) -> bool:
    """Ask phonenumbers itself; the yardstick of `is_mobile`, some twenty times slower."""
    if not national or national[0] not in "35789":
        return False
    try:
        number: PhoneNumber = phonenumbers.parse(f"+84{national}", None)
    except phonenumbers.NumberParseException:
        return False
    return (
        phonenumbers.is_valid_number_for_region(number, "VN")
        and phonenumbers.number_type(number) == PhoneNumberType.MOBILE
    )


# Eleven-digit mobiles of before 2018 -> what replaced the prefix; the last seven digits stayed.
OLD_MOBILE_PREFIXES = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",  # MobiFone
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",  # VinaPhone
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36",  # Viettel
    "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58",  # Vietnamobile
    "199": "59",  # Gmobile
}  # fmt: skip

# Province, area code until 2017, area code now, digits of a subscriber's own number.
AREA_CODES = (
    ("Lào Cai", "020", "0214", 7),
    ("Phú Thọ", "0210", "0210", 7),
    ("Vĩnh Phúc", "0211", "0211", 7),
    ("Hòa Bình", "0218", "0218", 7),
    ("Hà Giang", "0219", "0219", 7),
    ("Sơn La", "022", "0212", 7),
    ("Điện Biên", "0230", "0215", 7),
    ("Lai Châu", "0231", "0213", 7),
    ("Bắc Giang", "0240", "0204", 7),
    ("Bắc Ninh", "0241", "0222", 7),
    ("Lạng Sơn", "025", "0205", 7),
    ("Cao Bằng", "026", "0206", 7),
    ("Tuyên Quang", "027", "0207", 7),
    ("Thái Nguyên", "0280", "0208", 7),
    ("Bắc Kạn", "0281", "0209", 7),
    ("Yên Bái", "029", "0216", 7),
    ("Ninh Bình", "030", "0229", 7),
    ("Hải Phòng", "031", "0225", 7),
    ("Hải Dương", "0320", "0220", 7),
    ("Hưng Yên", "0321", "0221", 7),
    ("Quảng Ninh", "033", "0203", 7),
    ("Nam Định", "0350", "0228", 7),
    ("Hà Nam", "0351", "0226", 7),
    ("Thái Bình", "036", "0227", 7),
    ("Thanh Hóa", "037", "0237", 7),
    ("Nghệ An", "038", "0238", 7),
    ("Hà Tĩnh", "039", "0239", 7),
    ("Hà Nội", "04", "024", 8),
    ("Đăk Lăk", "0500", "0262", 7),
    ("Đăk Nông", "0501", "0261", 7),
    ("Quảng Nam", "0510", "0235", 7),
    ("Đà Nẵng", "0511", "0236", 7),
    ("Quảng Bình", "052", "0232", 7),
    ("Quảng Trị", "053", "0233", 7),
    ("Thừa Thiên-Huế", "054", "0234", 7),
    ("Quảng Ngãi", "055", "0255", 7),
    ("Bình Định", "056", "0256", 7),
    ("Phú Yên", "057", "0257", 7),
    ("Khánh Hòa", "058", "0258", 7),
    ("Gia Lai", "059", "0269", 7),
    ("Kon Tum", "060", "0260", 7),
    ("Đồng Nai", "061", "0251", 7),
    ("Bình Thuận", "062", "0252", 7),
    ("Lâm Đồng", "063", "0263", 7),
    ("Bà Rịa-Vũng Tàu", "064", "0254", 7),
    ("Bình Dương", "0650", "0274", 7),
    ("Bình Phước", "0651", "0271", 7),
    ("Tây Ninh", "066", "0276", 7),
    ("Đồng Tháp", "067", "0277", 7),
    ("Ninh Thuận", "068", "0259", 7),
    ("Vĩnh Long", "070", "0270", 7),
    ("Cần Thơ", "0710", "0292", 7),
    ("Hậu Giang", "0711", "0293", 7),
    ("Long An", "072", "0272", 7),
    ("Tiền Giang", "073", "0273", 7),
    ("Trà Vinh", "074", "0294", 7),
    ("Bến Tre", "075", "0275", 7),
    ("An Giang", "076", "0296", 7),
    ("Kiên Giang", "077", "0297", 7),
    ("Cà Mau", "0780", "0290", 7),
    ("Bạc Liêu", "0781", "0291", 7),
    ("Sóc Trăng", "079", "0299", 7),
    ("Hồ Chí Minh", "08", "028", 8),
)

_OLD_LANDLINE = re.compile(
    "|".join(rf"{old[1:]}[2-8][0-9]{{{digits - 1}}}" for _province, old, _new, digits in AREA_CODES)
)


def is_landline(national: str) -> bool:
    """Return whether `national` is a landline, in today's form or in that of before 2017."""
    return _LANDLINE.fullmatch(national) is not None or _OLD_LANDLINE.fullmatch(national) is not None


# Sixteen old area codes followed by an old subscriber number look exactly like a mobile of today:
# 031 3823456 was a house in Hải Phòng and is now somebody's Viettel phone.
COLLIDING_AREA_CODES = frozenset(
    old[1:]
    for _province, old, _new, digits in AREA_CODES
    if any(is_mobile(f"{old[1:]}{first}{'1234567'[: digits - 1]}") for first in "38")
)


def colliding_area_code(national: str) -> str:
    """Return the old area code that the mobile `national` may hide, or ""."""
    for code in (national[:1], national[:2]):
        if code in COLLIDING_AREA_CODES:
            return code
    return ""


# Whose number block it was. Since 16/11/2018 a subscriber keeps the number when changing network, so this
# is good enough to estimate a price and never good enough to route by.
NETWORKS = {
    "3": "viettel", "30": "mobifone", "51": "mobifone", "52": "vietnamobile", "55": "reddi",
    "56": "vietnamobile", "58": "vietnamobile", "59": "gmobile", "7": "mobifone", "8": "vinaphone",
    "86": "viettel", "89": "mobifone", "90": "mobifone", "91": "vinaphone", "92": "vietnamobile",
    "93": "mobifone", "94": "vinaphone", "96": "viettel", "97": "viettel", "98": "viettel",
    "993": "gmobile", "994": "gmobile", "995": "gmobile", "996": "gmobile", "997": "gmobile",
    "998": "indochina", "999": "indochina",
}  # fmt: skip
