"""Text from before Unicode: files and cells read again, and everything else left alone."""

import random
import shutil
import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.vietnamese import encodings
from dispatcher.vietnamese.encodings import charsets
from dispatcher.vietnamese.encodings.charsets import LEGACY_ENCODINGS
from dispatcher.vietnamese.syllables import is_bare_syllable, is_syllable
from dispatcher.vietnamese.text import nfc

_FAMILIES = "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý Trương Đinh"
_MIDDLES = "Văn Thị Đình Ngọc Thanh Hữu Quốc Minh Thuỳ Đức Xuân Bá"
_GIVEN = """
    An Ánh Bình Cường Dũng Đức Hà Hạnh Hằng Hường Hưng Khuyến Lượng Mỹ Ngọc Oanh Phượng Quỳnh Sửu Thuỷ Tuyết
    Ưng Vững Xuyến Ý Yến Thưởng Mẫn Kỳ Hoà Nghĩa Trí Giang Tú
"""
FAMILIES, MIDDLES, GIVEN = _FAMILIES.split(), _MIDDLES.split(), _GIVEN.split()
people = st.builds("{} {} {}".format, *map(st.sampled_from, (FAMILIES, MIDDLES, GIVEN)))

# VNI-Windows as its users wrote it, each vowel level, sắc, huyền, hỏi, ngã, nặng: typed here a second time.
VNI = """
    a aù aø aû aõ aï  aâ aá aà aå aã aä  aê aé aè aú aü aë  e eù eø eû eõ eï  eâ eá eà eå eã eä  i í ì æ ó ò
    o où oø oû oõ oï  oâ oá oà oå oã oä  ô ôù ôø ôû ôõ ôï  u uù uø uû uõ uï  ö öù öø öû öõ öï  y yù yø yû yõ î
"""
VOWELS = "aâăeêioôơuưy"
TONES = ["", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"]
LETTERS = [nfc(vowel + tone) for vowel in VOWELS for tone in TONES]
TO_VNI = dict(zip(LETTERS, VNI.split(), strict=True))
TO_VNI |= {"đ": "ñ"}
TO_VNI |= {letter.upper(): letters.upper() for letter, letters in TO_VNI.items()}

TO_TCVN3 = {letter: bytes([code]) for code, letter in enumerate(charsets.TCVN3)}
TO_VISCII = {letter: bytes([code]) for code, letter in enumerate(charsets.VISCII)}


def to_1258(text: str) -> bytes:
    """Write windows-1258 the way Windows does: letters with circumflex, breve, horn whole, tones behind."""
    out = b""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in parts if mark in TONES)
        base = nfc("".join(mark for mark in parts if mark not in TONES or mark == ""))
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            out += (base + tone).encode("cp1258")
    return out


ENCODERS = {
    "tcvn3": lambda text: b"".join(TO_TCVN3.get(c) or TO_TCVN3[c.lower()] for c in text),
    "vni": lambda text: "".join(TO_VNI.get(c, c) for c in text).encode("cp1252"),
    "windows-1258": to_1258,
    "viscii": lambda text: b"".join(TO_VISCII[c] for c in text),
}


def as_cell(text: str, encoding: str) -> str:
    """What stands in a spreadsheet cell that was typed in a font of `encoding`."""
    return charsets.decode_windows_1252(ENCODERS[encoding](text))


# The tables


def test_tcvn3_has_its_74_letters():
    assert sum(letter not in ("\u00a0", charsets.REPLACEMENT) for letter in charsets.TCVN3[0xA0:]) == 74


def test_tables_have_a_character_for_each_byte():
    assert {len(table) for table in (charsets.TCVN3, charsets.VISCII, charsets.WINDOWS_1252)} == {256}


@pytest.mark.skipif(not shutil.which("iconv"), reason="iconv is the second opinion")
@pytest.mark.parametrize(
    ("name", "table", "first"), [("TCVN", charsets.TCVN3, 0xA1), ("VISCII", charsets.VISCII, 0x80)]
)
def test_tables_agree_with_iconv(name, table, first):
    codes = [code for code in range(first, 256) if table[code] != charsets.REPLACEMENT]
    codes += [code for code in range(32) if table[code] != chr(code)]
    raw = b"".join(bytes([code]) + b"\n" for code in codes)
    decoded = subprocess.run(
        ["iconv", "-f", name, "-t", "UTF-8"], input=raw, capture_output=True, check=True
    ).stdout
    assert nfc(decoded.decode()).split("\n")[:-1] == [table[code] for code in codes]


def test_vni_reads_every_letter_in_both_cases():
    for letter, letters in TO_VNI.items():
        assert charsets.decode_legacy(letters.encode("cp1252"), "vni") == letter
    assert charsets.decode_legacy("AÙnh Aùnh".encode("cp1252"), "vni") == "Ánh Ánh"


def test_vni_agrees_with_samples_of_others():
    motto = (
        "COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA VIEÄT NAM; Ñoäc laäp - Töï do - Haïnh phuùc; Kyõ thuaät; Myõ; thuyû"
    )
    assert charsets.decode_legacy(motto.encode("cp1252"), "vni") == (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM; Độc lập - Tự do - Hạnh phúc; Kỹ thuật; Mỹ; thuỷ"
    )


# Syllables, the yardstick


@pytest.mark.parametrize(
    "word", ["Nguyễn", "Quỳnh", "khuỷu", "Hoà", "Hòa", "giếng", "gìn", "Giàng", "thuở", "Qúy", "Ý"]
)
def test_syllables(word):
    assert is_syllable(word)
    assert is_syllable(word.upper())


@pytest.mark.parametrize(
    "word", ["NguyÔn", "ngê", "kưa", "cẻ", "cảt", "thaù", "Hoaì", "tỉên", "Niê", "Hà2", "café", "n", ""]
)
def test_no_syllables(word):
    assert not is_syllable(word)


def test_bare_syllables():
    assert all(map(is_bare_syllable, ["Nguyen", "Van", "Huynh", "QUOC", "ngoeo"]))
    assert not any(map(is_bare_syllable, ["John", "Smith", "Hng", "Văn"]))


# Cells


@pytest.mark.parametrize("encoding", LEGACY_ENCODINGS)
@given(name=people)
def test_a_name_comes_back_from_a_cell_of_a_known_list(encoding, name):
    repaired = encodings.repair(as_cell(name, encoding), prior=encoding)
    assert repaired.text.lower() == name.lower()
    assert not repaired.doubtful


@pytest.mark.parametrize(
    ("encoding", "missed_most"), [("tcvn3", 15), ("vni", 15), ("windows-1258", 15), ("viscii", 60)]
)
def test_most_names_come_back_from_a_cell_on_its_own(encoding, missed_most):
    chance = random.Random(3)
    missed = 0
    for _ in range(1500):
        name = " ".join(map(chance.choice, (FAMILIES, MIDDLES, GIVEN)))
        repaired = encodings.repair(as_cell(name, encoding))
        missed += repaired.text.lower() != name.lower()
    assert missed <= missed_most


@pytest.mark.parametrize(
    ("cell", "text", "encoding"),
    [
        ("NguyÔn V¨n §øc", "Nguyễn Văn Đức", "tcvn3"),
        ("TRÇN", "TRẦN", "tcvn3"),
        ("NGUYÔN V¡N Tó", "NGUYỄN VĂN TÚ", "tcvn3"),
        ("L£ THÞ ý", "LÊ THỊ Ý", "tcvn3"),
        ("NguyÔn V¨n Tó", "Nguyễn Văn Tú", "tcvn3"),
        ("Hå", "Hồ", "tcvn3"),
        ("Hµ", "Hà", "tcvn3"),
        ("x· Hµ T©y", "xã Hà Tây", "tcvn3"),
        ("Lý ThÞ MÉn", "Lý Thị Mẫn", "tcvn3"),
        ("§éi 5 (khu ®ång)", "Đội 5 (khu đồng)", "tcvn3"),
        ("chuyÓn ®i 5/6/2020 - kh«ng nhËn tin nh¾n", "chuyển đi 5/6/2020 - không nhận tin nhắn", "tcvn3"),
        ("Lª Lîi – ‘Êp 3’", "Lê Lợi – ‘ấp 3’", "tcvn3"),
        ("Tr\xadêng tiÓu häc", "Trường tiểu học", "tcvn3"),
        ("Nguyeãn Vaên Ñöùc", "Nguyễn Văn Đức", "vni"),
        ("Haïnh", "Hạnh", "vni"),
        ("NGUYEÃN VAÊN ÑÖÙC", "NGUYỄN VĂN ĐỨC", "vni"),
        ("NguyêÞn Vãn Ðýìc", "Nguyễn Văn Đức", "windows-1258"),
        ("Nguy­n Vån ÐÑc", "Nguyễn Văn Đức", "viscii"),
        ("Nguyá»…n VÄƒn An", "Nguyễn Văn An", "utf-8"),
        ("Nguyễn Văn Đức".encode().decode("latin-1"), "Nguyễn Văn Đức", "utf-8"),
    ],
)
def test_cells_typed_in_old_fonts(cell, text, encoding):
    assert encodings.repair(cell) == (text, encoding, False)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("Trêng tiÓu häc Hng Yªn", "Trường tiểu học Hưng Yên"),
        ("Ph¬ng ThÞ H¬ng", "Phương Thị Hương"),
        ("H-ng V¨n §øc", "Hưng Văn Đức"),
        ("TrÇn V¨n L-u", "Trần Văn Lưu"),
        ("§øc, hng@example.vn", "Đức, hng@example.vn"),
    ],
)
def test_a_lost_u_horn_is_put_back_and_said_so(cell, text):
    repaired = encodings.repair(cell)
    assert repaired.text == text
    assert repaired.doubtful is ("@" not in cell)


def test_plain_ascii_cells_are_mended_only_in_a_list_of_tcvn3():
    assert encodings.repair("Tran Hng") == ("Tran Hng", None, False)
    assert encodings.repair("Hng", prior="tcvn3") == ("Hưng", "tcvn3", True)
    for cell in ("hng@example.vn", "0900000100", "THCS", "Nguyen Van An", "P.Hng", "STT"):
        assert encodings.repair(cell, prior="tcvn3") == (cell, None, False)


BOTH_WAYS = ["Lê Bá Hà", "Tô Hà Ý", "Bé", "Hoà", "Hoà Bình", "Lê Bé", "Tô Thé", "Ngô Hoà", "HÀ", "Lý Bá Tú"]


@pytest.mark.parametrize("cell", BOTH_WAYS)
def test_what_makes_sense_as_it_stands_stays(cell):
    assert encodings.repair(cell) == (cell, None, False)


def test_the_rest_of_the_list_decides_what_makes_sense_both_ways():
    page = [as_cell(f"{family} Văn {given}", "tcvn3") for family, given in zip(FAMILIES, GIVEN, strict=False)]
    assert encodings.prevailing_encoding(page) == "tcvn3"
    assert encodings.repair("Bé", prior="tcvn3").text == "Bộ"
    assert encodings.repair("Lê Bá Hà", prior="tcvn3").text == "Lê Bá Hà"  # à is no letter of TCVN3
    assert encodings.repair("Hoà", prior="vni").text == "Hồ"
    assert encodings.repair("×", prior="tcvn3").text == "×"


def test_usual_is_empty_where_unicode_prevails():
    assert encodings.prevailing_encoding([]) == ""
    assert encodings.prevailing_encoding(["Nguyễn Văn An", "Trần Thị Bình", "NguyÔn V¨n §øc"]) == ""
    assert encodings.prevailing_encoding(["An", "0900000100", "Lê Bá Hà"]) == ""
    assert encodings.prevailing_encoding(["NguyÔn V¨n §øc", "Nguyeãn Vaên Ñöùc"]) == ""
    assert (
        encodings.prevailing_encoding(["NguyÔn V¨n §øc", "TrÇn ThÞ Hµ", "Hä vµ tªn", "Lê Bá Hà"]) == "tcvn3"
    )


UNTOUCHED = """
0900000100|+84 900 000 100|12/03/1985|1.240,5|nguyen.an@example.vn|https://haiphong.gov.vn/?a=1|UBND|STT
Café|Zoë|José|Noël|Müller|Björk|Señor Muñoz|São Paulo|Peña|niño|français|garçon|été|où|naïve|Thaï|Zürich
Köln|über|schön|Straße|Søren|Ångström|Łódź|Dvořák|Renée|Chloé|Beyoncé|piñata|jalapeño|crème brûlée
déjà vu|façade|résumé|fiancée|5 µm|±5 °C|12 m²|½|©|®|Adobe®|™|×|÷|§ 5|¥|£5|€|«Hà»|“Hà”|‘x’|…|–|•|¿Qué?
№ 5|1×2|n°5|ºC|°|·|3·5|H’Hen Niê|Y Khút Niê|Ksor Phước|Kpă Klơng|Y Thoá Êban|Bríu Liếc|Alăng Mai
Hôih Thị Lệ|Siu Tuỳ|Rơ Châm Bé|K’Sor Krông|Êban|Mlô|Ayŭn|Êñuôl|Pinăng Tắc|Zơrâm|Chamaléa Thị|Đàng Năng
Hà Mlô|Rmah Bé|Nguyễn Văn Béo|Tạ Thị Tẻ|Lê Thị Hà|Đỗ Ngọc Hà|Tô Hoài|Lò Văn Én|Hờ A Chùa|Giàng Thị Mỷ
Vừ Mí Kẻ|La Thị Tám|Sùng A Páo|Hồ Đăng Tài|Họ và tên|Số điện thoại|Địa chỉ|Ghi chú|xã Hà Tây
Thôn An Phượng|hộ nghèo|đã mất|không nhận tin nhắn|cô giáo Mai|Vân|Tâm|Hân|Lâm|Ân|Bình|Linh|Hà|Hải|Trà
Thái|Tài|Tín|Trí|Quí|Thúy|Tú|Tùng|Bùi|Vòng|Lò|Lô|Tô|Ngô|Bé|Út|Đô|Hô|Hò|Lãm|Tôn|Bàn Văn Hà|Lãnh Thị Bé
Công Tôn Nữ|Trà Giang|Sâm|Thìn|Tân|Tý|Mùi|Thân|Hàn|Khâu|Tòng|Quàng|Cà Thị|Lường|Lù|Lý A Dì
"""
UNTOUCHED_CELLS = [cell for line in UNTOUCHED.strip().split("\n") for cell in line.split("|")]


@pytest.mark.parametrize("cell", UNTOUCHED_CELLS)
def test_other_cells_stay_untouched(cell):
    for form in (cell, cell.upper(), cell.lower(), unicodedata.normalize("NFD", cell)):
        assert encodings.repair(form) == (form, None, False)


@given(people)
def test_unicode_names_stay_untouched_whatever_the_list_is_in(name):
    for form in (name, name.upper(), unicodedata.normalize("NFD", name)):
        assert encodings.repair(form) == (form, None, False)
        if not encodings.looks_legacy(form):
            assert all(encodings.repair(form, prior=prior).encoding is None for prior in LEGACY_ENCODINGS)


@given(st.text())
def test_any_cell_can_be_looked_at(cell):
    for prior in ("", *LEGACY_ENCODINGS):
        repaired = encodings.repair(cell, prior=prior)
        assert (repaired.encoding is None) == (repaired.text == cell)


@given(st.text(st.characters(max_codepoint=0x17F, exclude_categories=["Cs"]), max_size=12))
def test_repairing_twice_is_repairing_once(cell):
    once = encodings.repair(cell).text
    assert encodings.repair(once).text == once or encodings.looks_legacy(once)


# Files

LIST = "STT;Họ và tên;Số điện thoại;Thôn;Ghi chú\r\n" + "".join(
    f"{row};{family} Văn {given};0900000{row:03};Thôn An Phượng;đã chuyển đi\r\n"
    for row, (family, given) in enumerate(zip(FAMILIES * 2, GIVEN, strict=False), 100)
)


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (LIST.encode(), "utf-8"),
        (LIST.encode("utf-8-sig"), "utf-8-sig"),
        (LIST.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + LIST.encode("utf-16-be"), "utf-16"),
        (LIST.encode("utf-16-le"), "utf-16-le"),
        (LIST.encode("utf-16-be"), "utf-16-be"),
        (to_1258(LIST), "windows-1258"),
        (ENCODERS["vni"](LIST), "vni"),
        (ENCODERS["viscii"](LIST), "viscii"),
        ("STT,Ho ten\n1,Nguyen Van An\n".encode("ascii"), "ascii"),
    ],
)
def test_files_are_read_in_their_encoding(raw, encoding):
    decoded = encodings.decode(raw)
    assert decoded.encoding == encoding
    assert nfc(decoded.text) == (LIST if encoding != "ascii" else raw.decode())
    assert decoded.lossy_words == ()


def test_a_tcvn3_file_comes_back_but_for_capitals_that_it_cannot_hold():
    decoded = encodings.decode(ENCODERS["tcvn3"](LIST))
    assert decoded.encoding == "tcvn3"
    assert decoded.text.lower() == LIST.lower()
    assert "Nguyễn Văn An" in decoded.text


def test_capitals_of_a_font_are_raised_in_files():
    decoded = encodings.decode(ENCODERS["tcvn3"](LIST + "TRẦN VĂN ĐỨC;NGUYỄN THỊ Ý\r\n"))
    assert "TRẦN VĂN ĐỨC;NGUYỄN THỊ Ý" in decoded.text
    assert "Nguyễn Văn An" in decoded.text


def test_a_file_of_many_hands_is_read_cell_by_cell():
    raw = ENCODERS["tcvn3"](LIST) + b"".join(
        ENCODERS["vni"](f"{n};Nguyễn Văn Thưởng;Bùi Đức\r\n") for n in range(40)
    )
    decoded = encodings.decode(raw)
    assert decoded.encoding == "tcvn3"
    assert decoded.text.count("Nguyễn Văn Thưởng;Bùi Đức") == 40
    assert "Đặng Văn Hạnh" in decoded.text


@given(st.lists(people, min_size=3, max_size=30), st.sampled_from(LEGACY_ENCODINGS))
def test_a_short_list_in_an_old_encoding_comes_back(names, encoding):
    text = "Họ và tên\tĐịa chỉ\n" + "".join(f"{name}\txã Hà Tây\n" for name in names)
    assert encodings.decode(ENCODERS[encoding](text)).text.lower() == text.lower()


def test_other_latin_text_is_left_as_windows_reads_it():
    decoded = encodings.decode("Café Müller; Señor Peña; crème brûlée".encode("cp1252"))
    assert decoded == encodings.DecodedText(
        text="Café Müller; Señor Peña; crème brûlée", encoding="windows-1252"
    )


def test_an_empty_file_is_empty():
    assert encodings.decode(b"") == encodings.DecodedText(text="", encoding="ascii")


@given(st.binary(max_size=300))
def test_any_bytes_can_be_looked_at(raw):
    assert isinstance(encodings.decode(raw).text, str)


# What is lost


@pytest.mark.parametrize(
    "text", ["Nguy?n V?n ??c", "TR?N", "?inh Th? Hà", "Lê Th?", "L\ufffd Văn", "??c", "1;?ặng;Hà", "H?ng,Nam"]
)
def test_lost_letters_are_noticed(text):
    assert encodings.is_lossy(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "???",
        "Có dùng Zalo không?",
        "SĐT (có Zalo?)",
        "https://a.vn/x?y=1",
        "Nguyễn Văn An",
        "a@b.vn?c",
        "Ai? Ở đâu?",
    ],
)
def test_questions_have_lost_nothing(text):
    assert not encodings.is_lossy(text)


def test_a_lossy_file_shows_samples():
    raw = LIST.encode("cp1252", "replace")
    decoded = encodings.decode(raw)
    assert "V?n" in " ".join(decoded.lossy_words)
    assert len(decoded.lossy_words) == 5
    assert all(len(word) < 90 for word in decoded.lossy_words)


def test_a_utf8_file_with_broken_characters_is_still_utf8_and_said_to_be_broken():
    decoded = encodings.decode(LIST.encode() + b"Nguy\xe1\xbbn;H\xc3\n")
    assert decoded.encoding == "utf-8"
    assert len(decoded.lossy_words) == 2


@given(st.text(st.sampled_from("?aễ \n;x"), max_size=2000))
def test_looking_for_lost_letters_is_quick_on_any_text(text):
    encodings.is_lossy(text * 20)
