"""More shapes: tables below tables, columns without headings, people who stand in a list twice."""

from __future__ import annotations

from tests.corpus.file_writers import ListCase, csv_file, expected_row, look_alike, xls_file, xlsx_file

MORE = [
    ListCase(
        name="two-tables.xlsx",
        audience="staff",
        make=xlsx_file(
            A=(
                [
                    ["DANH SÁCH LÃNH ĐẠO"],
                    ["STT", "Họ và tên", "Chức vụ", "Điện thoại"],
                    [1, "Nguyễn Văn An", "Chủ tịch UBND xã", "0900003001"],
                    ["", "Cộng: 1"],
                    [],
                    ["DANH SÁCH TRƯỞNG THÔN"],
                    ["TT", "Thôn", "Họ tên", "Ngày sinh", "Liên hệ", ""],
                    ["", "", "", "", "SĐT", "Email"],
                    [1, "Đông", "Trần Thị Bình", "1/1/1970", "0900003002", ""],
                    [2, "Tây", "Lê Văn Cảnh", "2/2/1972", "0220 3812 345", "canh@hatay.example"],
                    [3, "Đoài", "Phạm Văn Dần", "", "0220 3812 346", ""],
                ],
                {"merge": ["A1:D1", "A6:F6", "E7:F7"]},
            )
        ),
        rows=[
            expected_row(3, "accepted", "Nguyễn Văn An", "0900003001", lead="commune"),
            expected_row(9, "accepted", "Trần Thị Bình", "0900003002", area="Thôn Đông"),
            expected_row(10, "repaired", "Lê Văn Cảnh", "", email="canh@hatay.example", area="Thôn Tây"),
            expected_row(11, "rejected", "Phạm Văn Dần"),
        ],
    ),
    ListCase(
        name="no-phone-heading.xlsx",
        make=xlsx_file(
            A=[
                ["TT", "Họ và tên", "Thôn", ""],
                *([n, f"Nguyễn Văn {c}", "Đông", f"090000310{n}"] for n, c in enumerate("ABC", 1)),
            ]
        ),
        rows=[
            expected_row(n + 1, "accepted", f"Nguyễn Văn {c}", f"090000310{n}")
            for n, c in enumerate("ABC", 1)
        ],
    ),
    ListCase(
        name="scribbled-beside.xlsx",
        make=xlsx_file(
            A=[
                ["Họ tên", "SĐT"],
                ["Nguyễn Văn An", "0900003201"],
                ["Trần Thị Bình", "0900003202", "", "đã mất"],
                ["Lê Văn Cảnh", "0900003203", "hộ nghèo"],
            ]
        ),
        rows=[
            expected_row(2, "accepted", "Nguyễn Văn An", "0900003201"),
            expected_row(3, "held", "Trần Thị Bình", "0900003202", hold="dead"),
            expected_row(4, "accepted", "Lê Văn Cảnh", "0900003203", note=""),
        ],
    ),
    ListCase(
        name="tcvn3-groups.xlsx",
        audience="staff",
        make=xlsx_file(
            A=[
                [look_alike(cell) for cell in row]
                for row in (
                    ["DANH SÁCH CÁN BỘ XÃ"],
                    ["STT", "Họ và tên", "Chức vụ", "Điện thoại"],
                    ["I", "Khối Đảng uỷ"],
                    ["1", "Nguyễn Văn Thường", "Bí thư Đảng uỷ", "0900003301"],
                    ["", "Tổng cộng"],
                    ["II", "Khối Uỷ ban nhân dân"],
                    ["1", "Trần Thị Phượng", "Công chức", "0900003302"],
                    ["", "Tổng cộng"],
                    ["", "Người lập biểu", "", "Chủ tịch"],
                    ["", "Đỗ Đức Lượng", "", "Lê Thị Hường"],
                )
            ]
        ),
        rows=[
            expected_row(
                4, "repaired", "Nguyễn Văn Thường", "0900003301", unit="Khối Đảng uỷ", lead="commune"
            ),
            expected_row(7, "repaired", "Trần Thị Phượng", "0900003302", unit="Khối Uỷ ban nhân dân"),
        ],
    ),
    ListCase(
        name="two-number-columns.xls",
        make=xls_file(
            A=[
                ["Họ tên", "Điện thoại cố định", "Di động", "Zalo"],
                ["Nguyễn Văn An", "0220 3812345", "0900003401", "x"],
                ["Trần Thị Bình", "", "0900003402", "0900003403"],
                ["Lê Văn Cảnh", "", "", "0900003404"],
                ["Phạm Văn Dần", "", "0900003405; 0900003405", ""],
            ]
        ),
        rows=[
            expected_row(2, "accepted", "Nguyễn Văn An", "0900003401"),
            expected_row(3, "accepted", "Trần Thị Bình", "0900003402 0900003403"),
            expected_row(4, "accepted", "Lê Văn Cảnh", "0900003404"),
            expected_row(5, "repaired", "Phạm Văn Dần", "0900003405"),
        ],
    ),
    ListCase(
        name="block-head-in-its-own-row.csv",
        audience="party",
        make=csv_file(
            [
                ["TT", "Chi bộ", "Họ và tên", "SĐT"],
                ["", "Chi bộ thôn Đông", "", ""],
                ["1", "", "Nguyễn Văn An", "0900003501"],
                ["2", "", "Trần Thị Bình", "0900003502"],
                ["", "Chi bộ thôn Tây", "", ""],
                ["1", "", "Lê Văn Cảnh", "0900003503"],
            ]
        ),
        rows=[
            expected_row(
                3, "accepted", "Nguyễn Văn An", "0900003501", unit="Chi bộ thôn Đông", area="Thôn Đông"
            ),
            expected_row(4, "accepted", "Trần Thị Bình", "0900003502", unit="Chi bộ thôn Đông"),
            expected_row(6, "accepted", "Lê Văn Cảnh", "0900003503", unit="Chi bộ thôn Tây"),
        ],
    ),
    ListCase(
        name="hold-wins-over-repeat.csv",
        make=csv_file(
            [
                ["Họ tên", "SĐT", "Ghi chú"],
                ["Nguyễn Văn An", "0900003601", ""],
                ["Nguyễn Văn Ân", "0900003601", ""],
                ["NGUYỄN VĂN AN", "0900003601", "đã mất"],
                ["Nguyễn Văn An", "0900003601", "đã mất"],
            ]
        ),
        rows=[
            expected_row(2, "accepted", "Nguyễn Văn An", "0900003601"),
            expected_row(3, "merged", "Nguyễn Văn Ân", "0900003601"),
            expected_row(4, "held", "Nguyễn Văn An", "0900003601", hold="dead"),
            expected_row(5, "merged", "Nguyễn Văn An", "0900003601"),
        ],
    ),
]
