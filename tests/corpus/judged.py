"""Lists that say whose a number is and who must not be written to, in all the places where offices say it."""

from __future__ import annotations

from tests.corpus.file_writers import ExpectedRow, ListCase, csv_file, expected_row, raw_file, xlsx_file

NAMES = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường", "Phạm Thị Dung")
OWN = ("0900007001", "0900007002", "0900007003", "0900007004")
OTHERS = ("0900007901", "0900007902", "0900007903", "0900007904")
AREAS = ("Đông", "Đông", "Tây", "Tây")


def taken(numbers: tuple[str, ...] = OWN, *, first: int = 2) -> list[ExpectedRow]:
    """Expect all four, each with a number of theirs."""
    return [expected_row(first + n, "accepted", NAMES[n], numbers[n]) for n in range(4)]


def unreached(*, first: int = 2) -> list[ExpectedRow]:
    """Expect all four without a number."""
    return [expected_row(first + n, "rejected", NAMES[n]) for n in range(4)]


def second_held(hold: str, *, first: int = 2) -> list[ExpectedRow]:
    """Expect the second of them to wait for a decision, the others as they are."""
    rows = taken(first=first)
    rows[1] = expected_row(first + 1, "held", NAMES[1], OWN[1], hold=hold)
    return rows


def table(headings: list[str], *columns: tuple[object, ...]) -> list[list[object]]:
    """Make rows of columns."""
    return [[*headings], *map(list, zip(*columns, strict=True))]


PLAIN = table(["Họ và tên", "Thôn", "SĐT"], NAMES, AREAS, OWN)
NOTHING = ("", "", "", "")

WHOSE = [
    ListCase(
        name="student-codes.csv",
        make=csv_file(table(["MSSV", "Họ và tên", "Thôn"], OTHERS, NAMES, AREAS)),
        rows=unreached(),
    ),
    ListCase(
        name="codes-beside-numbers.csv",
        make=csv_file(
            table(["STK", "MST", "Họ và tên", "SĐT", "Số thẻ BHYT"], OTHERS, OTHERS, NAMES, OWN, OTHERS)
        ),
        rows=taken(),
    ),
    ListCase(
        name="relative-comes-first.csv",
        make=csv_file(table(["SĐT người thân", "Họ và tên", "SĐT", "Thôn"], OTHERS, NAMES, OWN, AREAS)),
        rows=taken(),
    ),
    ListCase(
        name="only-the-head-of-the-thon.csv",
        make=csv_file(table(["Họ và tên", "Thôn", "SĐT trưởng thôn"], NAMES, AREAS, OTHERS)),
        rows=unreached(),
    ),
    ListCase(
        name="official-in-charge.csv",
        make=csv_file(
            table(["Họ và tên", "SĐT cán bộ phụ trách", "Điện thoại", "Thôn"], NAMES, OTHERS, OWN, AREAS)
        ),
        rows=taken(),
    ),
    ListCase(
        name="old-and-new.xlsx",
        make=xlsx_file(
            A=table(["Họ và tên", "SĐT cũ", "SĐT mới", "Thôn"], NAMES, OTHERS, (*OWN[:3], ""), AREAS)
        ),
        rows=taken((*OWN[:3], OTHERS[3])),
    ),
    ListCase(
        name="unknown-heading.csv",
        make=csv_file(table(["Họ và tên", "Thôn", "Kênh"], NAMES, AREAS, OTHERS)),
        rows=unreached(),
    ),
    ListCase(
        name="household-with-parents.csv",
        make=csv_file(
            table(
                ["Họ và tên", "Họ tên cha", "Họ tên mẹ", "SĐT", "Thôn"],
                NAMES,
                NAMES[::-1],
                NAMES[::-1],
                OWN,
                AREAS,
            )
        ),
        rows=taken(),
    ),
    ListCase(
        name="numbers-row-under-headings.csv",
        make=csv_file(
            [PLAIN[0], ["(1)", "(2)", "(3)"], *PLAIN[1:]],
        ),
        rows=taken(first=3),
    ),
    ListCase(
        name="one-number-for-all.csv",
        make=csv_file(table(["Họ và tên", "Thôn", "SĐT"], NAMES, AREAS, (OTHERS[0],) * 4)),
        rows=[expected_row(2 + n, "held", NAMES[n], OTHERS[0], hold="shared") for n in range(4)],
    ),
]
WHO_NOT = [
    ListCase(
        name="cot-danh-dau.csv",
        make=csv_file(table(["Họ và tên", "Đã mất", "SĐT", "Thôn"], NAMES, ("", "x", "", ""), OWN, AREAS)),
        rows=second_held("dead"),
    ),
    ListCase(
        name="cot-ngay.csv",
        make=csv_file(table(["Họ và tên", "SĐT", "Ngày mất"], NAMES, OWN, ("", "12/3/2024", "", ""))),
        rows=second_held("dead"),
    ),
    ListCase(
        name="ticked-if-not-wanted.csv",
        make=csv_file(
            table(["Họ và tên", "SĐT", "x nếu không muốn nhận tin"], NAMES, OWN, ("", "x", "", ""))
        ),
        rows=second_held("refuses"),
    ),
    ListCase(
        name="said-in-the-job.csv",
        make=csv_file(table(["Họ và tên", "SĐT", "Nghề nghiệp"], NAMES, OWN, ("", "đã chết", "thợ", ""))),
        rows=second_held("dead"),
    ),
    ListCase(
        name="cross-before-the-name.csv",
        make=csv_file(table(["Họ và tên", "SĐT"], (NAMES[0], f"† {NAMES[1]}", *NAMES[2:]), OWN)),
        rows=second_held("dead"),
    ),
    ListCase(
        name="nhom-o-duoi.csv",
        make=csv_file(
            [PLAIN[0], PLAIN[1], ["II. ĐÃ MẤT, CHUYỂN ĐI"], *PLAIN[2:]],
        ),
        rows=[
            expected_row(2, "accepted", NAMES[0], OWN[0]),
            *(expected_row(3 + n, "held", NAMES[n], OWN[n], hold="dead") for n in (1, 2, 3)),
        ],
    ),
    ListCase(
        name="title-of-those-who-left.csv",
        make=csv_file([["DANH SÁCH CÁC HỘ ĐÃ CHUYỂN ĐI NĂM 2025"], *PLAIN]),
        rows=[expected_row(3 + n, "held", NAMES[n], OWN[n], hold="moved") for n in range(4)],
    ),
    ListCase(
        name="sheet-of-refusals.xlsx",
        make=xlsx_file(**{"Không nhận tin": PLAIN}),
        rows=[expected_row(2 + n, "held", NAMES[n], OWN[n], hold="refuses") for n in range(4)],
    ),
    ListCase(
        name="da mat.csv",
        make=csv_file(PLAIN),
        rows=[expected_row(2 + n, "held", NAMES[n], OWN[n], hold="dead") for n in range(4)],
    ),
    ListCase(
        name="filtered-away.xlsx",
        make=xlsx_file(A=(PLAIN, {"hide": [3]})),
        rows=second_held("hidden"),
    ),
    ListCase(
        name="struck-through.xlsx",
        make=xlsx_file(A=(PLAIN, {"strike": ["A3"]})),
        rows=second_held("struck"),
    ),
    ListCase(
        name="commented.xlsx",
        make=xlsx_file(A=(PLAIN, {"comment": {"C3": "bà mất tháng 5"}})),
        rows=second_held("dead"),
    ),
    ListCase(
        name="quote-that-swallows.csv",
        make=raw_file(
            "Họ và tên,SĐT,Ghi chú\n".encode()
            + f'{NAMES[0]},{OWN[0]},\n{NAMES[1]},{OWN[1]},"hộ nghèo\n'.encode()
            + f"{NAMES[2]},{OWN[2]},\n{NAMES[3]},{OWN[3]},\n".encode()
        ),
        rows=[
            expected_row(2, "accepted", NAMES[0], OWN[0]),
            *(expected_row(3 + n, "rejected", reasons=("row:stray-quote",)) for n in range(3)),
        ],
        problem=True,
    ),
]
