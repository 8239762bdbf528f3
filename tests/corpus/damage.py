"""What happens to lists: old fonts and encodings, lost letters, broken numbers, files that are no lists."""

from __future__ import annotations

import unicodedata
from datetime import date

from tests.corpus.file_writers import (
    ListCase,
    csv_file,
    expected_row,
    look_alike,
    raw_file,
    tcvn3,
    text_of,
    viscii,
    vni,
    windows_1258,
    xls_file,
    xlsx_file,
)

OLD_ROWS = [
    ["STT", "Họ và tên", "Thôn", "Số điện thoại", "Ghi chú"],
    ["1", "NGUYỄN VĂN ĐỨC", "Đông", "0900000601", ""],
    ["2", "Trần Thị Hường", "Tây", "0900000602", "đã mất"],
    ["3", "Lê Bá Hà", "Đông", "0900000603", ""],
    ["4", "Phạm Quỳnh Như", "Đoài", "0900000604", "chuyển đi Hà Nội"],
]
OLD_EXPECTED = [
    expected_row(2, "repaired", "Nguyễn Văn Đức", "0900000601", area="Thôn Đông"),
    expected_row(3, "held", "Trần Thị Hường", "0900000602", area="Thôn Tây", hold="dead"),
    expected_row(4, "accepted", "Lê Bá Hà", "0900000603", area="Thôn Đông"),
    expected_row(5, "held", "Phạm Quỳnh Như", "0900000604", area="Thôn Đoài", hold="moved"),
]
OLD = [
    ListCase(
        name="tcvn3.csv",
        make=csv_file(OLD_ROWS, delimiter=";", encode=tcvn3),
        rows=[*OLD_EXPECTED[:2], expected_row(4, "repaired", "Lê Bá Hà", "0900000603"), OLD_EXPECTED[3]],
    ),
    ListCase(name="viscii.csv", make=csv_file(OLD_ROWS, encode=viscii), rows=OLD_EXPECTED),
    ListCase(name="cp1258.csv", make=csv_file(OLD_ROWS, encode=windows_1258), rows=OLD_EXPECTED),
    ListCase(
        name="vni.csv",
        make=csv_file(OLD_ROWS, delimiter=";", encode=lambda t: vni(t).encode("cp1252")),
        rows=OLD_EXPECTED,
    ),
    ListCase(
        name="unicode-text.txt", make=csv_file(OLD_ROWS, delimiter="\t", encode="utf-16"), rows=OLD_EXPECTED
    ),
    ListCase(
        name="utf16-no-mark.csv",
        make=csv_file(OLD_ROWS, delimiter="\t", encode="utf-16-le"),
        rows=OLD_EXPECTED,
    ),
    ListCase(
        name="utf8-bom.csv", make=csv_file(OLD_ROWS, delimiter=";", encode="utf-8-sig"), rows=OLD_EXPECTED
    ),
    ListCase(name="utf8.tsv", make=csv_file(OLD_ROWS, delimiter="\t"), rows=OLD_EXPECTED),
    ListCase(
        name="decomposed.csv",
        make=csv_file(OLD_ROWS, encode=lambda text: unicodedata.normalize("NFD", text).encode()),
        rows=[expected_row(4, "repaired", "Lê Bá Hà", "0900000603"), *OLD_EXPECTED[:2], OLD_EXPECTED[3]],
    ),
    ListCase(
        name="tcvn3.xlsx",
        make=xlsx_file(A=[[look_alike(cell) for cell in row] for row in OLD_ROWS]),
        rows=[
            OLD_EXPECTED[0],
            OLD_EXPECTED[1],
            expected_row(4, "repaired", "Lê Bá Hà", "0900000603"),
            OLD_EXPECTED[3],
        ],
    ),
    ListCase(
        name="vni.xls",
        make=xls_file(A=[[vni(cell) for cell in row] for row in OLD_ROWS]),
        rows=[*OLD_EXPECTED[:2], expected_row(4, "repaired", "Lê Bá Hà", "0900000603"), OLD_EXPECTED[3]],
    ),
    ListCase(
        name="mixed-hands.xlsx",
        make=xlsx_file(
            A=[
                OLD_ROWS[0],
                OLD_ROWS[1],
                [look_alike(cell) for cell in OLD_ROWS[2]],
                OLD_ROWS[3],
                [vni(cell) for cell in OLD_ROWS[4]],
            ]
        ),
        rows=[
            OLD_EXPECTED[0],
            expected_row(3, "held", "Trần Thị Hường", "0900000602", hold="dead"),
            OLD_EXPECTED[2],
            expected_row(5, "held", "Phạm Quỳnh Như", "0900000604", hold="moved"),
        ],
    ),
    ListCase(
        name="mojibake.csv",
        make=csv_file(OLD_ROWS, encode=lambda text: text.encode().decode("latin-1").encode()),
        rows=[*OLD_EXPECTED[:2], expected_row(4, "repaired", "Lê Bá Hà", "0900000603"), OLD_EXPECTED[3]],
    ),
]

SHORT_ROWS = [
    ["TT", "Họ tên", "Đ/C", "SĐT", "Ghi chú"],
    ["1", "Đ/c Nguyễn Thị Hường", "Thôn Đông", "0900000651", "đã mất"],
    ["2", "Trần Văn Thượng", "Thôn Đoài", "0900000652", ""],
]
SHORT_EXPECTED = [
    expected_row(2, "held", "Nguyễn Thị Hường", "0900000651", area="Thôn Đông", honorific="đồng chí"),
    expected_row(3, "accepted", "Trần Văn Thượng", "0900000652", area="Thôn Đoài"),
]
IN_CELLS = [SHORT_EXPECTED[0], expected_row(3, "repaired", "Trần Văn Thượng", "0900000652", area="Thôn Đoài")]
SHORT = [
    ListCase(name="short-tcvn3.csv", make=csv_file(SHORT_ROWS, encode=tcvn3), rows=SHORT_EXPECTED),
    ListCase(
        name="short-vni.csv",
        make=csv_file(SHORT_ROWS, encode=lambda t: vni(t).encode("cp1252")),
        rows=SHORT_EXPECTED,
    ),
    ListCase(
        name="short-tcvn3.xlsx",
        make=xlsx_file(A=[[look_alike(cell) for cell in row] for row in SHORT_ROWS]),
        rows=IN_CELLS,
    ),
    ListCase(
        name="short-vni.xls", make=xls_file(A=[[vni(c) for c in row] for row in SHORT_ROWS]), rows=IN_CELLS
    ),
]

LOSSY = [
    ListCase(
        name="question-marks.csv",
        make=raw_file(
            "STT,Họ và tên,SĐT\r\n1,Nguy?n V?n ??c,0900000701\r\n2,Lê Bá Hà,0900000702\r\n".encode()
        ),
        rows=[
            expected_row(2, "rejected", "", reasons=("text:lossy",)),
            expected_row(3, "accepted", "Lê Bá Hà", "0900000702"),
        ],
    ),
    ListCase(
        name="replacement.csv",
        make=raw_file("Họ tên,SĐT\nNguy\ufffdn V\ufffdn Đức,0900000703\n".encode()),
        rows=[expected_row(2, "rejected", "", reasons=("text:lossy",))],
    ),
    ListCase(
        name="mojibake-lossy-heading.tsv",
        make=raw_file("STT\tHá»\ufffd vÃ  tÃªn\tSÄ\u0090T\r\n1\tNguyá»…n VÄƒn An\t0900000705\r\n".encode()),
        rows=[],
        problem=True,
    ),
    ListCase(
        name="tcvn3-hyphen.tsv",
        make=csv_file(
            [
                [look_alike("Họ và tên"), "S§T", look_alike("Thôn")],
                [look_alike("Nguyễn Văn Đức"), "0900000706", look_alike("Đông")],
                [look_alike("Phạm Thị Hường").replace("\xad", "-"), "0900000707", look_alike("Đình")],
                [look_alike("Đặng Thuý Hà"), "0900000708", look_alike("Thôn Phượng").replace("\xad", "-")],
            ],
            delimiter="\t",
        ),
        rows=[
            expected_row(2, "repaired", "Nguyễn Văn Đức", "0900000706", area="Thôn Đông"),
            expected_row(3, "repaired", "Phạm Thị Hường", "0900000707", area="Thôn Đình"),
            expected_row(4, "repaired", "Đặng Thuý Hà", "0900000708", area="Thôn Phượng"),
        ],
    ),
    ListCase(
        name="all-lossy.csv",
        make=raw_file("STT,H? và tên,S? ?i?n tho?i\n1,Nguy?n V?n ??c,0900000704\n".encode("cp1252")),
        rows=[],
        problem=True,
    ),
]

NUMBERS = ListCase(
    name="numbers.xlsx",
    make=xlsx_file(
        A=[
            ["Họ tên", "Điện thoại"],
            *[
                [f"Nguyễn Văn {name}", cell]
                for name, cell in (
                    ("An", 900000901), ("Ba", 900000902.0), ("Ca", "'0900000903"), ("Dư", "“0900000904”"),
                    ("En", "+84 900 000 905"), ("Gi", "0084900000906"), ("Ha", "(+84) 0900000907"),
                    ("Kh", "O9000OO908"), ("La", "０９０００００９０９"), ("Mo", "\u202a0900000910\u202c"),
                    ("Na", "9.00000911E+08"), ("Oi", "9,12E+08"), ("Pi", "12/03/1985"),
                    ("Qu", "030185001234"), ("Ra", "1800 1166"), ("Sa", "+886 912 345 678"),
                    ("Ta", "09000009"), ("Uy", "0900000912 (con), 0900000913 (bố)"), ("Va", "0225 3745 123"),
                    ("Xa", "031 3823456"), ("Ya", "không có"), ("Ea", date(1985, 3, 12)), ("Ia",
                     "số cũ: 0900000914"),
                )
            ],
        ]
    ),
    rows=[
        expected_row(2, "repaired", "Nguyễn Văn An", "0900000901"),
        expected_row(3, "repaired", "Nguyễn Văn Ba", "0900000902"),
        expected_row(4, "repaired", "Nguyễn Văn Ca", "0900000903"),
        expected_row(5, "repaired", "Nguyễn Văn Dư", "0900000904"),
        expected_row(6, "accepted", "Nguyễn Văn En", "0900000905"),
        expected_row(7, "accepted", "Nguyễn Văn Gi", "0900000906"),
        expected_row(8, "repaired", "Nguyễn Văn Ha", "0900000907"),
        expected_row(9, "repaired", "Nguyễn Văn Kh", "0900000908"),
        expected_row(10, "repaired", "Nguyễn Văn La", "0900000909"),
        expected_row(11, "repaired", "Nguyễn Văn Mo", "0900000910"),
        expected_row(12, "repaired", "Nguyễn Văn Na", "0900000911"),
        *[expected_row(row, "rejected") for row in (13, 14, 15, 16, 17, 18, 20, 21, 22, 23)],
        expected_row(19, "repaired", "Nguyễn Văn Uy", "0900000912 0900000913"),
        expected_row(24, "held", "Nguyễn Văn Ia", hold="number"),
    ],
)  # fmt: skip

MAILS = ListCase(
    name="mails.xlsx",
    audience="staff",
    make=xlsx_file(
        A=[
            ["Họ tên", "E-mail"],
            ["Nguyễn Văn An", "an@hatay.example"],
            ["Nguyễn Văn Ba", "ba @gmail,com"],
            ["Nguyễn Văn Ca", "ca@gmail"],
            ["Nguyễn Văn Dư", "nguyễnvandu@gmail.com"],
            ["Nguyễn Văn En", "en@yahoo"],
            ["Nguyễn Văn Gi", "GI@Hatay.Example; gi2@hatay.example"],
            ["Nguyễn Văn Ha", "0900000999"],
            ["Nguyễn Văn Kh", "chưa có"],
        ]
    ),
    rows=[
        expected_row(2, "accepted", "Nguyễn Văn An", email="an@hatay.example"),
        expected_row(3, "repaired", "Nguyễn Văn Ba", email="ba@gmail.com"),
        expected_row(4, "repaired", "Nguyễn Văn Ca", email="ca@gmail.com"),
        expected_row(5, "rejected", "Nguyễn Văn Dư", reasons=("mail:accents",)),
        expected_row(6, "rejected", "Nguyễn Văn En", reasons=("mail:doubtful",)),
        expected_row(7, "repaired", "Nguyễn Văn Gi", email="gi@hatay.example"),
        expected_row(8, "rejected", "Nguyễn Văn Ha", reasons=("mail:no-at",)),
        expected_row(9, "rejected", "Nguyễn Văn Kh", reasons=("row:no-address",)),
    ],
)

NAMES = ListCase(
    name="names.csv",
    make=csv_file(
        [
            ["Họ tên", "ĐT"],
            ["Đ/c Nguyễn Văn An", "0900001001"],
            ["Ông Trần Bình", "0900001002"],
            ["NGUYỄN THỊ NGỌC ÁNH", "0900001003"],
            ["Y Khút Niê", "0900001004"],
            ["H’Hen Niê", "0900001005"],
            ["Ông Thị Hoa", "0900001006"],
            ["Cụ Lê Văn Tư (đã mất)", "0900001007"],
            ["  Phạm   Thu  Hà ", "0900001008"],
            ["", "0900001009"],
        ]
    ),
    rows=[
        expected_row(2, "repaired", "Nguyễn Văn An", "0900001001", honorific="đồng chí", given_name="An"),
        expected_row(3, "repaired", "Trần Bình", "0900001002", honorific="ông"),
        expected_row(4, "repaired", "Nguyễn Thị Ngọc Ánh", "0900001003", honorific="", given_name="Ánh"),
        expected_row(5, "accepted", "Y Khút Niê", "0900001004", given_name="Y Khút Niê"),
        expected_row(6, "accepted", "H’Hen Niê", "0900001005"),
        expected_row(7, "accepted", "Ông Thị Hoa", "0900001006", honorific=""),
        expected_row(8, "held", "Lê Văn Tư", "0900001007", hold="dead"),
        expected_row(9, "accepted", "Phạm Thu Hà", "0900001008"),
        expected_row(10, "rejected", "", reasons=("row:name-missing",)),
    ],
)

PLAIN = [["Họ tên", "SĐT"], ["Nguyễn Văn An", "0900002601"], ["Trần Thị Bình", "0900002602"]]
PLAIN_EXPECTED = [
    expected_row(2, "accepted", "Nguyễn Văn An", "0900002601"),
    expected_row(3, "accepted", "Trần Thị Bình", "0900002602"),
]
FILES = [
    ListCase(name="really-xlsx.csv", make=xlsx_file(A=PLAIN), rows=PLAIN_EXPECTED),
    ListCase(
        name="really-text.xls", make=csv_file(PLAIN, delimiter="\t", encode="utf-16"), rows=PLAIN_EXPECTED
    ),
    ListCase(
        name="mac.csv", make=raw_file(text_of(PLAIN, ";").replace("\r\n", "\r").encode()), rows=PLAIN_EXPECTED
    ),
    ListCase(
        name="sep-line.csv",
        make=raw_file(b"sep=|\r\n" + text_of(PLAIN, "|").encode()),
        rows=PLAIN_EXPECTED,
    ),
    ListCase(
        name="quotes-and-lines.csv",
        make=csv_file(
            [
                ["Họ tên", "Địa chỉ", "SĐT"],
                ["Nguyễn Văn An", "Số 5,\nthôn Đông, xã Hà Tây", "0900002601"],
                ["Trần Thị Bình", 'Thôn "Tây"', "0900002602"],
            ]
        ),
        rows=[
            expected_row(2, "accepted", "Nguyễn Văn An", "0900002601", area="Thôn Đông"),
            PLAIN_EXPECTED[1],
        ],
    ),
    ListCase(
        name="forgotten-quote.csv",
        make=raw_file(
            (
                "Họ tên,SĐT\n"
                'Nguyễn Văn An,0900002601\n"Trần Thị Bình,0900002602\n'
                + "".join(f"Lê Văn Cảnh,09000027{n:02d}\n" for n in range(40))
            ).encode()
        ),
        rows=[
            PLAIN_EXPECTED[0],
            *(expected_row(3 + n, "rejected", reasons=("row:stray-quote",)) for n in range(41)),
        ],
        problem=True,
    ),
    ListCase(name="broken.xlsx", make=raw_file(b"PK\x03\x04 this is no workbook"), rows=[], problem=True),
    ListCase(name="broken.xls", make=raw_file(b"\xd0\xcf\x11\xe0" + b"\0" * 600), rows=[], problem=True),
    ListCase(
        name="web-page.xls",
        make=raw_file(b"<html><p>SDT</p></html>"),
        rows=[],
        problem=True,
    ),
    ListCase(
        name="entities.csv",
        make=raw_file(
            (
                "STT,Họ và tên,Thôn,SĐT\r\n1,Nguy&#7877;n V&#259;n An,&#272;&ocirc;ng,0900002601\r\n"
                "2,Tr&amp;#7847;n Thị B&igrave;nh,Đông,0900002602\r\n"
                "3,Lê Văn O&#39;Hai,Đông,0900002603\r\n"
            ).encode()
        ),
        rows=[
            expected_row(2, "accepted", "Nguyễn Văn An", "0900002601", area="Thôn Đông"),
            expected_row(3, "accepted", "Trần Thị Bình", "0900002602", area="Thôn Đông"),
            expected_row(4, "accepted", "Lê Văn O'Hai", "0900002603", area="Thôn Đông"),
        ],
    ),
    ListCase(
        name="entities.xlsx",
        make=xlsx_file(
            A=[
                ["H&#7885; t&ecirc;n", "S&#272;T"],
                ["Nguy&#7877;n V&#259;n An", "0900002601"],
                ["Hoa &amp; Lan", 1],
            ]
        ),
        rows=[
            expected_row(2, "accepted", "Nguyễn Văn An", "0900002601"),
            expected_row(3, "rejected", "Hoa & Lan"),
        ],
    ),
    ListCase(name="letter.csv", make=raw_file(b"%PDF-1.7 ..."), rows=[], problem=True),
    ListCase(name="empty.csv", make=raw_file(b"\xef\xbb\xbf\r\n \r\n"), rows=[], problem=True),
    ListCase(name="empty.xlsx", make=xlsx_file(A=[]), rows=[], problem=True),
    ListCase(
        name="no-people.xlsx", make=xlsx_file(A=[["Thôn", "Số hộ"], ["Đông", 120]]), rows=[], problem=True
    ),
]
