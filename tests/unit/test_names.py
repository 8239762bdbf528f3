"""Names as lists hold them: titles, notes, capitals, given names, order, address."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.vietnamese import names


@pytest.mark.parametrize(
    ("raw", "full", "honorific"),
    [
        ("Ông Nguyễn Văn An", "Nguyễn Văn An", "ông"),
        ("Bà: Trần Thị Bình", "Trần Thị Bình", "bà"),
        ("Bà Bình", "Bình", "bà"),
        ("Đ/c Lê Văn Cường", "Lê Văn Cường", "đồng chí"),
        ("Đ/C LÊ VĂN CƯỜNG", "Lê Văn Cường", "đồng chí"),
        ("Đc Lê Văn Cường", "Lê Văn Cường", "đồng chí"),
        ("đ.c. Lê Văn Cường", "Lê Văn Cường", "đồng chí"),
        ("Đồng chí: Lê Văn Cường", "Lê Văn Cường", "đồng chí"),
        ("Cô giáo Mai", "Mai", "cô"),
        ("Thầy Phạm Văn Lý", "Phạm Văn Lý", "thầy"),
        ("Thầy giáo Phạm Văn Lý", "Phạm Văn Lý", "thầy"),
        ("Bác sĩ Đỗ Lan", "Đỗ Lan", ""),
        ("BS. Đỗ Lan", "Đỗ Lan", ""),
        ("ThS Đỗ Thị Lan", "Đỗ Thị Lan", ""),
        ("Ông/Bà Trần Thị Sáu", "Trần Thị Sáu", ""),
        ("Anh Nguyễn Văn Đức", "Nguyễn Văn Đức", "anh"),
        ("Chị Ba Tý", "Ba Tý", "chị"),
        ("Ông Đ/c Nguyễn Văn An", "Nguyễn Văn An", "ông"),
        ("Mr. Trần An", "Trần An", "ông"),
        ("BA NGUYEN THI HOA", "Nguyen Thi Hoa", "bà"),
        ("Mẹ: Nguyễn Thị Bình", "Nguyễn Thị Bình", "bà"),
        ("Chủ hộ: Trần Văn Hai", "Trần Văn Hai", ""),
        ("Hộ ông Trần Văn Hai", "Trần Văn Hai", "ông"),
        ("Ông:Trần Văn Hai", "Trần Văn Hai", "ông"),
        ("Em Nguyễn Thị Nở", "Nguyễn Thị Nở", "em"),
    ],
)
def test_titles_are_taken_off(raw, full, honorific):
    person = names.parse(raw)
    assert (person.full, person.honorific) == (full, honorific)
    assert "title" in person.repairs


@pytest.mark.parametrize(
    "name",
    [
        "Bá Văn Hùng",
        "Anh Đức",
        "Anh Thư Lê",
        "Ông Thị Hoa",
        "Ông Văn Tùng",
        "Ông Cao Thắng",
        "Ba Thi Hoa",
        "Cao Bá Quát",
        "Đồng Văn Chí",
        "Tôn Nữ Thị Ninh",
        "Công Tằng Tôn Nữ Hà",
        "Nguyễn Ông Anh",
        "Em Văn Hai",
        "Lê Bà Huyện",
        "Cha Mạnh Hùng",
        "Gia Thị Hoa",
        "Hộ Văn Ba",
    ],
)
def test_words_that_are_names_stay(name):
    person = names.parse(name)
    assert person.full == name
    assert person.honorific == ""
    assert person.repairs == ()


@pytest.mark.parametrize(
    ("raw", "full"),
    [
        ("NGUYỄN THỊ HOÀ", "Nguyễn Thị Hoà"),
        ("nguyễn thị hòa", "Nguyễn Thị Hòa"),
        ("nguyễn Văn An", "Nguyễn Văn An"),
        ("NGUYE\u0302\u0303N VA\u0306N AN", "Nguyễn Văn An"),
        ("H’HEN NIÊ", "H’Hen Niê"),
        ("h'hen niê", "H'Hen Niê"),
        ("Y KHÚT NIÊ", "Y Khút Niê"),
        ("Y BLOC NIÊ-KDĂM", "Y Bloc Niê-Kdăm"),
        ("K’BRÔI", "K’Brôi"),
        ("ÐỖ VĂN ÐỨC", "Đỗ Văn Đức"),
        ("ĐỖ ÁNH", "Đỗ Ánh"),
    ],
)
def test_capitals_are_put_right(raw, full):
    person = names.parse(raw)
    assert person.full == full
    assert "capitals" in person.repairs


@pytest.mark.parametrize(
    ("raw", "full", "note"),
    [
        ("Nguyễn Văn An (đã mất)", "Nguyễn Văn An", "đã mất"),
        ("Bà Trần Thị Bình, đã mất", "Trần Thị Bình", "đã mất"),
        ("Nguyễn Văn An - Bí thư chi bộ", "Nguyễn Văn An", "Bí thư chi bộ"),
        ("Nguyễn Văn An 0900000100", "Nguyễn Văn An", "0900000100"),
        ("Nguyễn Văn An; Trần Thị Bình", "Nguyễn Văn An", "Trần Thị Bình"),
        ("Nguyễn Văn An/ Trần Thị Bình", "Nguyễn Văn An", "Trần Thị Bình"),
        ("1. Nguyễn Văn An", "Nguyễn Văn An", ""),
        ("1 Nguyễn Văn An", "Nguyễn Văn An", ""),
        ("'Nguyễn Văn An*", "Nguyễn Văn An", ""),
        ("Trưởng thôn: Nguyễn Văn An", "Nguyễn Văn An", "Trưởng thôn"),
        ("Mẹ cháu An", "", "Mẹ cháu An"),
        ("PHỤ HUYNH EM NGUYỄN VĂN AN", "", "PHỤ HUYNH EM NGUYỄN VĂN AN"),
        ("bà nội", "", "bà nội"),
        ("12) Ông Nguyễn Văn An", "Nguyễn Văn An", ""),
        ("(trống)", "", "trống"),
        ("-", "", ""),
        ("0900000100", "", "0900000100"),
    ],
)
def test_notes_and_numbers_beside_a_name(raw, full, note):
    person = names.parse(raw)
    assert (person.full, person.note) == (full, note)


@pytest.mark.parametrize(
    ("full", "given"),
    [
        ("Nguyễn Thị Hương", "Hương"),
        ("Lê An", "An"),
        ("An", "An"),
        ("", ""),
        ("Nguyen Van Hung", "Hung"),
        ("Phạm Thị Thuý", "Thuý"),
        ("Nguyễn Văn A", "A"),
        ("Nguyễn Văn Hùng A", "Nguyễn Văn Hùng A"),  # tells two of one name apart
        ("Y Khút Niê", "Y Khút Niê"),
        ("H’Hen Niê", "H’Hen Niê"),
        ("Y Bia", "Y Bia"),
        ("Siu Blơi", "Siu Blơi"),
        ("Nguyễn T. An", "Nguyễn T. An"),
        ("John Smith", "John Smith"),
    ],
)
def test_given_name_is_cut_only_from_vietnamese_names(full, given):
    assert names.parse(full).given == given


def test_an_honorific_is_never_guessed_from_the_name():
    for name in ("Nguyễn Thị Hương", "Nguyễn Văn Hùng", "TRẦN THỊ SÁU", "lê văn bảy"):
        assert names.parse(name).honorific == ""


@pytest.mark.parametrize(
    ("value", "heading", "honorific"),
    [
        ("Nam", "", "ông"),
        ("nữ", "Giới tính", "bà"),
        ("Nu", "", "bà"),
        ("x", "Nữ", "bà"),
        ("X", "Nam", "ông"),
        ("1965", "Nữ", "bà"),
        ("03/02/1965", "Nam", "ông"),
        ("x", "", ""),
        ("", "Nữ", ""),
        ("không", "Nữ", ""),
        ("x", "Đảng viên", ""),
        ("Thị", "", ""),
    ],
)
def test_honorific_from_a_stated_gender(value, heading, honorific):
    assert names.honorific_from_gender(value, heading) == honorific


@pytest.mark.parametrize(
    ("honorific", "name", "audience", "words"),
    [
        ("", "Nguyễn Văn An", "residents", "ông/bà Nguyễn Văn An"),
        ("bà", "Hương", "residents", "bà Hương"),
        ("anh", "Đức", "residents", "ông Đức"),
        ("cô", "Mai", "parents", "cô Mai"),
        ("đồng chí", "Lê Cường", "residents", "ông/bà Lê Cường"),  # the telephone may be a family's
        ("đồng chí", "Lê Cường", "staff", "đồng chí Lê Cường"),
        ("ông", "Lê Cường", "party", "đồng chí Lê Cường"),
        ("", "", "residents", "bà con"),
        ("", "", "parents", "quý phụ huynh"),
        ("", "", "party", "đồng chí"),
        ("", "", "drivers", "ông/bà"),
    ],
)
def test_address(honorific, name, audience, words):
    assert names.form_of_address(honorific, name, audience) == words


GIVEN_IN_ORDER = """
    A An Anh Ánh Ân Âu Bình Cường Dung Dũng Đức Ê Gấm Ha Hà Hả Hã Há Hạ Hân Oanh Ôn Ơn Quế Thao Thảo Thơ Ưng
"""
WORDS = "Nguyễn Trần Thị Văn An Ân Ánh Hà Hạ Đức Y Niê H’Hen"
FAMILIES, MIDDLES, GIVEN = "Nguyễn Trần Lê Phạm Bùi Đỗ", "Văn Thị Đình Bá Anh", "An Ánh Dũng Hoà Thuỷ Anh Ông"


def test_lists_sort_by_given_name_in_the_order_of_the_alphabet():
    expected = GIVEN_IN_ORDER.split()
    shuffled = expected[:]
    random.Random(5).shuffle(shuffled)
    assert sorted((f"Nguyễn Văn {given}" for given in shuffled), key=names.sort_key) == [
        f"Nguyễn Văn {given}" for given in expected
    ]


def test_same_given_name_sorts_by_family_then_middle():
    people = ["Dương An", "Đỗ An", "Lê Thị An", "Lê Văn An", "Trần Văn An", "Nguyễn Ân", "Y Khút Niê"]
    shuffled = people[:]
    random.Random(5).shuffle(shuffled)
    assert sorted(shuffled, key=names.sort_key) == people


@given(st.lists(st.sampled_from(WORDS.split()), max_size=4))
def test_sort_keys_are_plain_and_blind_to_case(words):
    name = " ".join(words)
    assert names.sort_key(name).isascii() or "’" in name
    assert names.sort_key(name) == names.sort_key(name.upper())


@given(st.text())
def test_any_cell_gives_a_tidy_name_and_known_repairs(raw):
    person = names.parse(raw)
    assert person.full == " ".join(person.full.split())
    assert set(person.repairs) <= set(names.REPAIRS)
    assert person.given in person.full
    assert isinstance(names.sort_key(person.full), str)


@given(
    st.sampled_from(FAMILIES.split()),
    st.sampled_from(MIDDLES.split()),
    st.sampled_from(GIVEN.split()),
    st.sampled_from([("", ""), ("Ông ", "ông"), ("Bà ", "bà"), ("Đ/c ", "đồng chí"), ("Anh ", "anh")]),
    st.sampled_from([str, str.upper, str.lower]),
)
def test_a_name_is_found_whatever_stands_before_it_and_however_it_is_written(
    family, middle, given, title, case
):
    full = f"{family} {middle} {given}"
    person = names.parse(case(title[0] + full))
    assert (person.full, person.given, person.honorific) == (full, given, title[1])


@pytest.mark.parametrize(
    ("raw", "full"),
    [
        ("NGUYễN VăN AN", "Nguyễn Văn An"),
        ("TRầN THị HOà", "Trần Thị Hoà"),
        ("LÝ THị ÁNH", "Lý Thị Ánh"),
        ("TRầN QUốC TOảN", "Trần Quốc Toản"),
        ("McDonald", "McDonald"),
    ],
)
def test_capitals_of_a_capital_font_are_put_right(raw, full):
    assert names.parse(raw).full == full


@pytest.mark.parametrize(
    ("raw", "full", "given"),
    [
        ("Ô. Nguyễn Văn An", "Nguyễn Văn An", "An"),
        ("Ô.Nguyễn Văn An", "Nguyễn Văn An", "An"),
        ("B. Trần Thị Bình", "Trần Thị Bình", "Bình"),
        ("A. Nguyễn Văn An", "Nguyễn Văn An", "An"),
        ("C. Hoa", "Hoa", "Hoa"),
        ("Trưởng thôn Nguyễn Văn An", "Nguyễn Văn An", "An"),
        ("TRƯỞNG THÔN NGUYỄN VĂN AN", "Nguyễn Văn An", "An"),
        ("Phó chủ tịch UBND xã Lê Văn Ba", "Lê Văn Ba", "Ba"),
        ("Bí thư chi bộ: Lê Văn Ba", "Lê Văn Ba", "Ba"),
        ("Thượng tá Nguyễn Văn An", "Nguyễn Văn An", "An"),
        ("Đại úy Trần Văn Hai", "Trần Văn Hai", "Hai"),
        ("Chủ tịch Nguyễn Văn An", "Nguyễn Văn An", "An"),
        ("BT Nguyễn Văn An", "Nguyễn Văn An", "An"),
        ("PCT. Nguyễn Văn An", "Nguyễn Văn An", "An"),
        ("Gia đình ông An", "An", "An"),
        ("Gđ bà Trần Thị Bình", "Trần Thị Bình", "Bình"),
        ("Vợ ông An", "", ""),
        ("Con gái bà Lan", "", ""),
        (
            "Nguyễn Văn An và Trần Thị Bình",
            "Nguyễn Văn An và Trần Thị Bình",
            "Nguyễn Văn An và Trần Thị Bình",
        ),
        ("NGUYỄN VĂN AN & TRẦN THỊ BÌNH", "Nguyễn Văn An và Trần Thị Bình", "Nguyễn Văn An và Trần Thị Bình"),
        ("Nguyễn Văn An + vợ", "Nguyễn Văn An", "An"),
        ("Nguyễn Văn An và các con", "Nguyễn Văn An", "An"),
        ("Nguyễn Văn An B", "Nguyễn Văn An B", "Nguyễn Văn An B"),
        ("Công ty TNHH An Bình", "Công ty TNHH An Bình", ""),
        ("HTX nông nghiệp Đông Hà", "HTX nông nghiệp Đông Hà", ""),
        ("Trung Thị Hoa", "Trung Thị Hoa", "Hoa"),
        ("Công Văn Hai", "Công Văn Hai", "Hai"),
        ("Đoàn Thị Xã", "Đoàn Thị Xã", "Xã"),
        ("Trưởng Văn Ba", "Trưởng Văn Ba", "Ba"),
    ],
)
def test_what_stands_beside_or_in_place_of_a_name(raw, full, given):
    person = names.parse(raw)
    assert (person.full, person.given) == (full, given)
