"""The shapes lists come in: letterheads, blocks, groups, class lists, exports, forms."""

from __future__ import annotations

from dispatcher.contacts import Overrides
from tests.corpus.file_writers import (
    ListCase,
    csv_file,
    expected_row,
    ods_file,
    raw_file,
    xls_file,
    xlsx_file,
)

AGENCY_TOP = [
    ["UỶ BAN NHÂN DÂN", "", "", "", "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
    ["XÃ HÀ TÂY", "", "", "", "Độc lập – Tự do – Hạnh phúc"],
    [],
    ["DANH SÁCH CÁN BỘ, CÔNG CHỨC, VIÊN CHỨC VÀ SỐ ĐIỆN THOẠI"],
    ["(Kèm theo Công văn số 12/UBND-VHXH ngày 13 tháng 10 năm 2025)"],
    [],
    ["STT", "Họ và tên", "Năm sinh", "", "Chức vụ", "Liên hệ", "", ""],
    ["", "", "Nam", "Nữ", "", "Điện thoại", "Zalo", "Thư điện tử"],
    ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)"],
]
AGENCY = ListCase(
    name="co-quan.xlsx",
    audience="staff",
    make=xlsx_file(
        **{
            "Cơ quan": (
                [
                    *AGENCY_TOP,
                    ["I", "KHỐI ĐẢNG"],
                    [1, "Nguyễn Văn Hùng", 1970, "", "Bí thư Đảng uỷ", 900000101, "x", "hung@hatay.example"],
                    [
                        2,
                        "Bà TRẦN THỊ HOÀ",
                        "",
                        "1980",
                        "Chánh văn phòng",
                        "0900 000 102 - 0900.000.103",
                        "",
                        "",
                    ],
                    ["II", "KHỐI CHÍNH QUYỀN"],
                    [1, "Lê Bá Hà", 1975, "", "Chủ tịch UBND xã", "0320 3812 345", "0900000104", ""],
                    [2, "Phạm Đức Anh", 1981, "", "Công chức Văn hoá – xã hội", "", "", "anh@gmail.con"],
                    [3, "Vũ Văn Nam", 1960, "", "Công chức Địa chính", "02203 812 345", "", ""],
                    [4, "Đỗ Thị Lan", "", 1965, "Văn thư (nghỉ hưu)", "0900000105", "", ""],
                    ["", "Tổng cộng: 6 người"],
                    [],
                    ["", "", "", "", "", "Hà Tây, ngày 10 tháng 10 năm 2025"],
                    ["", "NGƯỜI LẬP BIỂU", "", "", "", "CHỦ TỊCH"],
                    [],
                    ["", "Trần Thị Bích", "", "", "", "Nguyễn Văn Cường"],
                ],
                {
                    "merge": [
                        "A1:D1",
                        "E1:H1",
                        "A4:H4",
                        "A5:H5",
                        "C7:D7",
                        "F7:H7",
                        "A7:A8",
                        "B7:B8",
                        "B10:H10",
                    ]
                },
            ),
            "Bản cũ": ([["Họ tên", "SĐT"], ["Nguyễn Văn Cũ", "0900000999"]], {"hidden": True}),
        }
    ),
    rows=[
        expected_row(
            11,
            "repaired",
            "Nguyễn Văn Hùng",
            "0900000101",
            email="hung@hatay.example",
            unit="KHỐI ĐẢNG",
            role="Bí thư Đảng uỷ",
            lead="commune",
            honorific="ông",
        ),
        expected_row(
            12, "repaired", "Trần Thị Hoà", "0900000102 0900000103", honorific="bà", given_name="Hoà"
        ),
        expected_row(14, "repaired", "Lê Bá Hà", "0900000104", lead="commune", unit="KHỐI CHÍNH QUYỀN"),
        expected_row(15, "repaired", "Phạm Đức Anh", "", email="anh@gmail.com", lead="commune"),
        expected_row(16, "rejected", "Vũ Văn Nam", reasons=("phone:landline",)),
        expected_row(17, "held", "Đỗ Thị Lan", "0900000105", hold="retired"),
    ],
    sheets={"Bản cũ": "hidden"},
)

PARTY = ListCase(
    name="dang-vien.xls",
    audience="party",
    make=xls_file(
        **{
            "Đảng viên": [
                ["ĐẢNG BỘ XÃ HÀ TÂY"],
                ["DANH SÁCH ĐẢNG VIÊN ĐẾN 30/9/2025"],
                ["TT", "CHI BỘ", "HỌ VÀ TÊN", "NGÀY SINH", "NGÀY VÀO ĐẢNG", "CHỨC VỤ", "SĐT", "GHI CHÚ"],
                [
                    1,
                    "Chi bộ thôn Đông",
                    "Nguyễn Văn An",
                    "12/03/1955",
                    "3.2.1980",
                    "Bí thư chi bộ",
                    "0169 000 0101",
                    "",
                ],
                [2, "", "Trần Thị Bình", "1960", "19/5/85", "", "0900000202", "miễn sinh hoạt"],
                [3, "", "Lê Văn Cảnh", "01-01-1940", "", "", "0900000203", "đã mất"],
                [1, "Chi bộ thôn Tây", "Phạm Thị Dung", "5/5/1970", "", "Phó bí thư", "01234 000 204", ""],
                [2, "", "Hoàng Văn Em", "", "", "", "0900000205", "chuyển sinh hoạt đảng đi nơi khác"],
                [3, "", "Vũ Thị Giang", "", "", "", "031200001234", "hưu trí"],
                ["", "", "Cộng: 6 đảng viên"],
            ],
            "Cu": ([["Họ tên", "SĐT"], ["Người Cũ", "0900000299"]], {"hidden": True, "name": "Bản cũ"}),
            "DANH_MUC": [["Chức vụ"], ["Bí thư"], ["Phó bí thư"]],
        }
    ),
    rows=[
        expected_row(
            4,
            "repaired",
            "Nguyễn Văn An",
            "0390000101",
            unit="Chi bộ thôn Đông",
            lead="area",
            area="Thôn Đông",
        ),
        expected_row(5, "accepted", "Trần Thị Bình", "0900000202", unit="Chi bộ thôn Đông", note=""),
        expected_row(6, "held", "Lê Văn Cảnh", "0900000203", hold="dead", note="đã mất"),
        expected_row(7, "repaired", "Phạm Thị Dung", "0834000204", unit="Chi bộ thôn Tây", lead=""),
        expected_row(8, "held", "Hoàng Văn Em", "0900000205", hold="moved"),
        expected_row(9, "rejected", "Vũ Thị Giang", reasons=("phone:citizen-id",)),
    ],
    sheets={"Bản cũ": "hidden", "DANH_MUC": "values"},
)

CLASS_LIST = ListCase(
    name="lop-5a.xlsx",
    audience="parents",
    make=xlsx_file(
        lop=(
            [
                ["TRƯỜNG TIỂU HỌC HÀ TÂY"],
                ["DANH SÁCH HỌC SINH LỚP 5A NĂM HỌC 2025-2026"],
                ["STT", "Họ đệm", "Tên", "Ngày sinh", "Nữ", "Họ tên cha", "Họ tên mẹ", "Số điện thoại"],
                [
                    1,
                    "Nguyễn Gia",
                    "Bảo",
                    "12/3/2015",
                    "",
                    "Nguyễn Văn Bách",
                    "Trần Thị Cúc",
                    "0900000301, 0900000302",
                ],
                [2, "Trần Thị", "Chi", "1/5/2015", "x", "Trần Văn Dũng", "", "bà nội 0900000303"],
                [3, "Lê Minh", "Đức", "", "", "", "Phạm Thị Em", "9.12E+08"],
                [
                    4,
                    "Nguyễn Gia",
                    "Hân",
                    "",
                    "x",
                    "Nguyễn Văn Bách",
                    "Trần Thị Cúc",
                    "0900000301, 0900000302",
                ],
                [5, "Vũ Minh", "Khôi", "", "", "", "", 900000305],
                ["", "Danh sách này có 5 học sinh"],
                ["", "", "", "", "", "GIÁO VIÊN CHỦ NHIỆM"],
                ["", "", "", "", "", "Đỗ Thị Lan"],
            ],
            {"name": "Lớp 5A "},
        )
    ),
    rows=[
        expected_row(
            4, "repaired", "Nguyễn Văn Bách", "0900000301 0900000302", unit="Lớp 5A", honorific="ông"
        ),
        expected_row(4, "repaired", "Trần Thị Cúc", "0900000301 0900000302", part=1, honorific="bà"),
        expected_row(5, "repaired", "Trần Văn Dũng", "0900000303"),
        expected_row(6, "rejected", "Phạm Thị Em", reasons=("phone:rounded",)),
        expected_row(7, "merged", "Nguyễn Văn Bách", "0900000301 0900000302"),
        expected_row(7, "merged", "Trần Thị Cúc", "0900000301 0900000302", part=1),
        expected_row(8, "repaired", "", "0900000305", unit="Lớp 5A"),
    ],
)

SCHOOL_EXPORT = ListCase(
    name="csdl-truong.xlsx",
    audience="parents",
    make=xlsx_file(
        DS=[
            ["STT", "Mã lớp", "Mã định danh Bộ GD&ĐT", "Họ và tên", "Ngày sinh", "Giới tính", "Dân tộc",
             "Họ tên cha", "SĐT cha", "Họ tên mẹ", "SĐT mẹ", "Lớp", "Tôn giáo", "Hộ nghèo"],
            [1, "6A1", "3012345678", "Nguyễn An Nhiên", "1/1/2013", "Nữ", "Kinh", "NGUYỄN VĂN AN",
             "0900000401",
             "LÊ THỊ BÌNH", "0900000402", "6A1", "Không", ""],
            [2, "6A1", "3012345679", "Trần Bảo Ngọc", "2/1/2013", "Nữ", "Tày", "TRẦN VĂN CƯỜNG",
             "0220 3812 345",
             "PHẠM THỊ DUYÊN", "0900000404", "6A1", "Không", "x"],
            [3, "6A2", "3012345680", "Lê Gia Huy", "3/1/2013", "Nam", "Kinh", "", "", "", "", "6A2", "", ""],
        ],
        GIOI_TINH=[["Nam"], ["Nữ"]],
        DAN_TOC=[["Mã", "Tên dân tộc"], [1, "Kinh"], [2, "Tày"]],
    ),
    rows=[
        expected_row(2, "repaired", "Nguyễn Văn An", "0900000401", unit="6A1", honorific="ông"),
        expected_row(2, "repaired", "Lê Thị Bình", "0900000402", part=1, unit="6A1", honorific="bà"),
        expected_row(3, "rejected", "Trần Văn Cường", reasons=("phone:landline",)),
        expected_row(3, "repaired", "Phạm Thị Duyên", "0900000404", part=1),
        expected_row(4, "rejected", ""),
    ],
    sheets={"GIOI_TINH": "values", "DAN_TOC": "values"},
)  # fmt: skip

HOUSEHOLDS = ListCase(
    name="so-ho-thon.ods",
    make=ods_file(
        Ho=(
            [
                ["SỔ THEO DÕI HỘ GIA ĐÌNH"],
                ["Số TT", "Xóm", "Họ tên chủ hộ", "Số khẩu", "Số ĐT hộ", "Ghi chú"],
                [1, "Xóm Trên", "Nguyễn Văn Ấm", 4, "0900000501", "đi xuất khẩu LĐ"],
                [2, "", "Trần Thị Bé", 2, "0900000502", "hộ nghèo"],
                [3, "", "Lê Văn Chắt", 5, "0900000503", "hộ nghèo, không nhận tin nhắn"],
                [4, "Xóm Dưới", "Phạm Văn Dần", 3, "0900000504", "chuyển đi"],
                [5, "", "Hoàng Thị Én", 1, "", ""],
                [6, "", "Vũ Văn Gấm", 1, 900000506, "con: 0900000599"],
            ],
            {"down": {(2, 1): 3, (5, 1): 3}},
        )
    ),
    rows=[
        expected_row(3, "held", "Nguyễn Văn Ấm", "0900000501", area="Xóm Trên", hold="moved"),
        expected_row(4, "accepted", "Trần Thị Bé", "0900000502", area="Xóm Trên", note=""),
        expected_row(5, "held", "Lê Văn Chắt", "0900000503", hold="refuses", note="không nhận tin nhắn"),
        expected_row(6, "held", "Phạm Văn Dần", "0900000504", hold="moved", area="Xóm Dưới"),
        expected_row(7, "rejected", "Hoàng Thị Én", reasons=("row:no-address",)),
        expected_row(8, "repaired", "Vũ Văn Gấm", "0900000506", area="Xóm Dưới"),
    ],
)  # fmt: skip

FORM = ListCase(
    name="google-form.csv",
    make=csv_file(
        [
            ["Dấu thời gian", "Họ và tên của ông/bà *", "Số điện thoại (có dùng Zalo) *",
             "Ông/bà ở thôn nào? (ghi rõ tên thôn)", "Ông/bà có đồng ý nhận tin nhắn nhắc cuộc thi không?"],
            ["10/10/2025 8:01:02", "nguyễn thị hoa", "0900000801", "đông", "Có"],
            ["10/10/2025 8:05:00", "Trần Văn Bốn", "0900 000 802", "Thôn Tây", "Đồng ý"],
            ["10/10/2025 9:00:00", "Nguyễn Thị Hoa", "0900000801", "Thôn Đoài", "Có, tôi đồng ý"],
            ["10/10/2025 9:30:00", "Lê Thị Năm", "0900000803", "Thôn Đông", "Không"],
            ["10/10/2025 9:31:00", "Phạm Văn Sáu", "0900000804", "Thôn Đông", ""],
        ],
        encode="utf-8-sig",
    ),
    rows=[
        expected_row(2, "merged", "Nguyễn Thị Hoa", "0900000801", reasons=("row:same-as=4",)),
        expected_row(3, "accepted", "Trần Văn Bốn", "0900000802", area="Thôn Tây"),
        expected_row(4, "accepted", "Nguyễn Thị Hoa", "0900000801", area="Thôn Đoài"),
        expected_row(5, "held", "Lê Thị Năm", "0900000803", hold="refuses"),
        expected_row(6, "held", "Phạm Văn Sáu", "0900000804", hold="no-consent"),
    ],
)  # fmt: skip

SHAPES = [
    ListCase(
        name="name-over-two-columns.xlsx",
        make=xlsx_file(
            A=(
                [
                    ["TT", "Họ và tên", "", "Thôn", "Điện thoại"],
                    [1, "Nguyễn Văn", "An", "Đông", "0900001101"],
                    [2, "Trần Thị", "Bình", "Tây", "0900001102"],
                ],
                {"merge": ["B1:C1"]},
            )
        ),
        rows=[
            expected_row(2, "accepted", "Nguyễn Văn An", "0900001101", area="Thôn Đông"),
            expected_row(3, "accepted", "Trần Thị Bình", "0900001102"),
        ],
    ),
    ListCase(
        name="odd-headings.csv",
        make=csv_file(
            [
                ["  HỌ  VÀ\nTÊN ", "S.Đ.T", "Đ/C", "g.chú", "Ng.sinh"],
                [
                    "Nguyễn Văn An",
                    "0900001201",
                    "Số 5, thôn Đông, xã An Phượng, huyện Thanh Hà",
                    "",
                    "1/1/1970",
                ],
            ]
        ),
        rows=[expected_row(2, "accepted", "Nguyễn Văn An", "0900001201", area="Thôn Đông")],
    ),
    ListCase(
        name="no-headings.csv",
        make=csv_file([["1", "Nguyễn Văn An", "0900001301"], ["2", "Trần Thị Bình", "0900001302"]]),
        rows=[
            expected_row(1, "accepted", "Nguyễn Văn An", "0900001301"),
            expected_row(2, "accepted", "Trần Thị Bình", "0900001302"),
        ],
    ),
    ListCase(
        name="numbers-only.txt",
        make=raw_file(b"0900001401\n0900001402\n\n0900001401\n"),
        rows=[
            expected_row(1, "accepted", "", "0900001401"),
            expected_row(2, "accepted", "", "0900001402"),
            expected_row(4, "merged", "", "0900001401"),
        ],
    ),
    ListCase(
        name="page-breaks.xlsx",
        make=xlsx_file(
            A=[
                ["STT", "Họ tên", "SĐT"],
                ["1", "Nguyễn Văn An", "0900001501"],
                ["", "Cộng trang 1"],
                ["STT", "Họ tên", "SĐT"],
                ["1", "Trần Thị Bình", "0900001502"],
                ["2", "Trần Thị Cúc", "0900001503"],
                ["", "Tổng số: 3"],
            ]
        ),
        rows=[
            expected_row(2, "accepted", "Nguyễn Văn An", "0900001501"),
            expected_row(5, "accepted", "Trần Thị Bình", "0900001502"),
            expected_row(6, "accepted", "Trần Thị Cúc", "0900001503"),
        ],
    ),
    ListCase(
        name="dt-is-dan-toc.xlsx",
        make=xlsx_file(
            A=[["TT", "Họ tên", "DT", "Số máy"]]
            + [
                [n, f"Nguyễn Văn {c}", "Kinh", f"090000160{n}"]
                for n, c in enumerate(["An", "Ba", "Ca", "Dư"], 1)
            ]
        ),
        rows=[
            expected_row(n + 1, "accepted", f"Nguyễn Văn {c}", f"090000160{n}")
            for n, c in enumerate(["An", "Ba", "Ca", "Dư"], 1)
        ],
    ),
    ListCase(
        name="groups-are-areas.xlsx",
        make=xlsx_file(
            A=[
                ["DANH SÁCH CHỦ HỘ XÃ HÀ TÂY"],
                ["STT", "Họ và tên", "Điện thoại"],
                ["I. Thôn Đông"],
                [1, "Nguyễn Văn An", "0900001701"],
                [2, "Trần Thị Bình", "0900001702"],
                ["Cộng: 2 hộ"],
                ["II. Thôn Tây"],
                [1, "Lê Văn Cảnh", "0900001703"],
            ]
        ),
        rows=[
            expected_row(4, "accepted", "Nguyễn Văn An", "0900001701", area="Thôn Đông", unit=""),
            expected_row(5, "accepted", "Trần Thị Bình", "0900001702", area="Thôn Đông"),
            expected_row(8, "accepted", "Lê Văn Cảnh", "0900001703", area="Thôn Tây"),
        ],
    ),
    ListCase(
        name="area-in-title.xls",
        make=xls_file(
            A=[["SỔ HỘ THÔN AN LIỆT NĂM 2025"], ["TT", "Chủ hộ", "ĐT"], [1, "Nguyễn Văn An", "0900001801"]]
        ),
        rows=[expected_row(3, "accepted", "Nguyễn Văn An", "0900001801", area="Thôn An Liệt")],
    ),
    ListCase(
        name="side-by-side.xlsx",
        make=xlsx_file(
            A=[
                ["TT", "Họ tên", "SĐT", "", "TT", "Họ tên", "SĐT"],
                [1, "Nguyễn Văn An", "0900001901", "", 3, "Lê Văn Cảnh", "0900001903"],
                [2, "Trần Thị Bình", "0900001902", "", "", "", ""],
            ]
        ),
        rows=[
            expected_row(2, "accepted", "Nguyễn Văn An", "0900001901"),
            expected_row(2, "accepted", "Lê Văn Cảnh", "0900001903", part=1),
            expected_row(3, "accepted", "Trần Thị Bình", "0900001902"),
        ],
    ),
    ListCase(
        name="starts-at-c10.xlsx",
        make=xlsx_file(
            A=[[] for _ in range(9)]
            + [
                ["", "", "Họ tên", "SĐT"],
                ["", "", "Nguyễn Văn An", "0900002001"],
                [],
                ["", "", "Trần Bình", "0900002002"],
            ]
        ),
        rows=[
            expected_row(11, "accepted", "Nguyễn Văn An", "0900002001"),
            expected_row(13, "accepted", "Trần Bình", "0900002002"),
        ],
    ),
    ListCase(
        name="three-classes.xlsx",
        audience="parents",
        make=xlsx_file(
            **{
                f"Lớp {c}": [
                    ["STT", "Họ tên học sinh", "Phụ huynh", "SĐT phụ huynh"],
                    [1, "Bé Bi", f"Nguyễn Văn {c[-1]}", f"09000021{n:02d}"],
                ]
                for n, c in enumerate(["1A", "1B", "1C"])
            }
        ),
        rows=[
            expected_row(
                2, "accepted", f"Nguyễn Văn {c[-1]}", f"09000021{n:02d}", sheet=f"Lớp {c}", unit=f"Lớp {c}"
            )
            for n, c in enumerate(["1A", "1B", "1C"])
        ],
    ),
    ListCase(
        name="told-by-organiser.xlsx",
        overrides=Overrides(
            header_row=3, columns={"C": "phone", "Danh tính": "name", "Điện thoại": "ignore"}
        ),
        make=xlsx_file(
            A=[
                ["Họ tên", "Số điện thoại", "x"],
                ["(mẫu cũ)"],
                ["Danh tính", "Điện thoại", "Liên lạc khẩn"],
                ["Nguyễn Văn An", "0900002298", "0900002201"],
            ]
        ),
        rows=[expected_row(4, "accepted", "Nguyễn Văn An", "0900002201")],
    ),
    ListCase(
        name="hidden-wanted.xlsx",
        overrides=Overrides(sheets=("Ẩn",)),
        make=xlsx_file(
            Hiện=[["Họ tên", "SĐT"], ["Trần Bình", "0900002302"]],
            Ẩn=([["Họ tên", "SĐT"], ["Nguyễn Văn An", "0900002301"]], {"hidden": True}),
        ),
        rows=[expected_row(2, "accepted", "Nguyễn Văn An", "0900002301", sheet="Ẩn")],
        sheets={"Hiện": "unwanted"},
    ),
    ListCase(
        name="english.csv",
        make=csv_file(
            [
                ["Name", "Phone", "Email", "Village", "Note"],
                ["Nguyễn Văn An", "0900002401", "an@hatay.example", "Đông", ""],
            ]
        ),
        rows=[expected_row(2, "accepted", "Nguyễn Văn An", "0900002401", email="an@hatay.example")],
    ),
    ListCase(
        name="old-communes.csv",
        make=csv_file(
            [
                ["Họ tên", "Thôn", "Xã cũ", "SĐT"],
                ["Nguyễn Văn An", "1", "An Phượng", "0900002501"],
                ["Nguyễn Văn An", "1", "xã TÂN AN", "0900002502"],
            ]
        ),
        rows=[
            expected_row(2, "accepted", "Nguyễn Văn An", "0900002501", area="Thôn 1 (An Phượng)"),
            expected_row(3, "accepted", "Nguyễn Văn An", "0900002502", area="Thôn 1 (Tân An)"),
        ],
    ),
]
