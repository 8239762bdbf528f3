"""What strangers wrote is read by a process that knows no secret and may take only so much."""

from __future__ import annotations

import gc
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatcher import child_process
from dispatcher.feedback import list_process
from dispatcher.feedback.bounces.mail_process import MailReader, MailReaderUnavailable
from dispatcher.feedback.bounces.returned_mail import attribute, parse_report
from dispatcher.signed_links import SignedLinks

CORPUS = Path(__file__).parent.parent / "corpus" / "bounces"
LINKS = SignedLinks("https://nhac.hatay.example", "a secret for the tests")


def probe(folder: Path, monkeypatch: pytest.MonkeyPatch, lines: str) -> str:
    """Run some lines as such a process; gives what they print."""
    (folder / "probe.py").write_text(f"from dispatcher import child_process\n{lines}\n")
    command = ["-c", f"import sys; sys.path.insert(0, {str(folder)!r}); import probe"]
    real = child_process.subprocess.Popen
    monkeypatch.setattr(
        child_process.subprocess, "Popen", lambda given, **named: real([given[0], *command], **named)
    )
    child = child_process.start("probe")
    assert child.stdout is not None
    said = child.stdout.read().decode()
    child_process.stop(child)
    return said


def test_it_has_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "a secret")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # where an office may keep us: no secret
    said = probe(tmp_path, monkeypatch, "import os\nprint(sorted(set(os.environ) - {'LC_CTYPE'}))")
    assert said == "['PYTHONPATH']\n"


def test_its_memory_and_its_time_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (
        "child_process.limit_self(cpu_seconds=7)\nimport resource\n"
        "print(resource.getrlimit(resource.RLIMIT_AS)[1], resource.getrlimit(resource.RLIMIT_CPU)[1])"
    )
    assert probe(tmp_path, monkeypatch, lines) == f"{child_process.MEMORY_MAX_BYTES} 7\n"


def test_a_piece_that_takes_too_long_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    lines = "child_process.limit_next_piece(0.2)\nprint('in', flush=True)\nwhile True: pass"
    assert probe(tmp_path, monkeypatch, lines) == "in\n"
    assert time.monotonic() - began < 10


# --- lists -----------------------------------------------------------------------------------------------


def sparse_workbook(path: Path, cell: str) -> None:
    """Write a workbook of some hundred bytes that has one cell far out."""
    row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Họ tên</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>Số điện thoại</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>Nguyễn Văn An</t></is></c>'
        '<c r="B2" t="inlineStr"><is><t>0900000101</t></is></c></row>'
        f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData></worksheet>'
    )
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
        f'Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        f'xmlns:r="{relation}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship '
        f'Id="r1" Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_a_list_comes_over_as_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "Họ tên,SĐT,Thôn\nNguyễn Văn An,0900000101,Đông\nTrần Thị Bình,12,Đoài\n", encoding="utf-8"
    )
    read = list_process.read_list(path)
    rows = [judged.row for judged in read]
    assert rows == list(list_process.read_file(path, audience=""))
    assert [row.status for row in rows if row.status != "skipped"] == ["accepted", "rejected"]
    assert read.problems == []


def test_a_cell_far_out_costs_this_process_nothing(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    sparse_workbook(path, "XFD200")
    began = time.process_time()
    rows = [row for row, _verdict in list_process.read_list(path) if row.status == "accepted"]
    assert time.process_time() - began < 1
    assert [row.contact.name for row in rows if row.contact] == ["Nguyễn Văn An"]


@pytest.mark.parametrize("cell", ["XFD20000", "XFD1048576"])
def test_a_sheet_larger_than_any_list_is_refused(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "far.xlsx"
    sparse_workbook(path, cell)
    read = list_process.read_list(path)
    assert list(read) == []
    (problem,) = read.problems
    assert problem.remedy


@pytest.mark.parametrize("columns", [16_385, 1_000_000])
def test_a_line_wider_than_a_spreadsheet_is_refused(tmp_path: Path, columns: int) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("a," * columns + "\n")
    read = list_process.read_list(path)
    assert list(read) == []
    assert "16384" in read.problems[0].what


def test_a_list_that_its_limits_ended_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Họ tên,SĐT\nNguyễn Văn An,0900000101\n", encoding="utf-8")
    real = child_process.start
    monkeypatch.setattr(
        child_process, "start", lambda module, *arguments: real(module, *arguments, "one word too many")
    )
    read = list_process.read_list(path)
    assert list(read) == []
    assert len(read.problems) == 1


# --- mails -----------------------------------------------------------------------------------------------


def test_mails_come_over_as_they_are_read() -> None:
    with MailReader() as reader:
        for raw in (file.read_bytes() for file in CORPUS.iterdir()):
            assert attribute(reader.read(raw), LINKS) == parse_report(raw, LINKS)


def test_a_mail_that_breaks_the_reader_is_for_a_person_and_the_next_is_read() -> None:
    good = b"From: a@b.example\nSubject: x\nMessage-ID: <q@b>\nAuto-Submitted: auto-replied\n\nAway\n"
    with MailReader() as reader:
        assert reader.read(good).finding.kind == "auto-reply"
        assert reader._child is not None
        reader._child.kill()
        assert reader.read(b"Subject: y\n\nz").finding.kind == "other"
        assert reader.read(good).report_id == "q@b"


def test_where_nobody_can_read_mails_they_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process.sys, "executable", "/bin/false")
    with MailReader() as reader, pytest.raises(MailReaderUnavailable):
        reader.read(b"Subject: y\n\nz")
    monkeypatch.setattr(child_process.sys, "executable", "/no/such/program")
    with MailReader() as reader, pytest.raises(MailReaderUnavailable):
        reader.read(b"Subject: y\n\nz")


HOSTILE = {
    "punycode": lambda n: (
        b"Content-Type: text/plain; charset=punycode\n\n"
        + ("\U0010ffff" + "a" * n).encode("punycode")
        + b"a" * n
    ),
    "punycode subject": lambda n: b"Subject: " + b"=?punycode?q?" + b"a" * n + b"?=\n\nx",
    "parameters": lambda n: b"Content-Type: text/plain; " + b"a*0=b;" * (n // 6) + b"\n\nx",
    "folded parameters": lambda n: b"Content-Type: text/plain;" + b"\n a*0=b;" * (n // 8) + b"\n\nx",
    "received": lambda n: b"Received: from x by y;\n" * (n // 24) + b"\nx",
    "addresses": lambda n: b"To: " + b"a@b.example, " * (n // 13) + b"\n\nx",
    "comments": lambda n: b"From: " + b"(" * n + b"\n\nx",
    "boundaries": lambda n: b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n" * (n // 5),
    "nested": lambda n: b"".join(
        b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (i, i) for i in range(n // 60)
    ),
    "encoded words": lambda n: b"Subject: " + b"=?utf-8?q?a?= " * (n // 14) + b"\n\nx",
    "keys": lambda n: b"Subject: x\n\n" + b"abc-1-aaaaaaaaaaaaa " * (n // 20),
    "statuses": lambda n: b"Content-Type: text/plain\n\n" + b"550 5.1.1 a@b.example unknown\n" * (n // 35),
    "angles": lambda n: b"Content-Type: text/html\n\n" + b"<" * n,
    "base64": lambda n: b"Content-Transfer-Encoding: base64\n\n" + b"=\n" * (n // 2),
    "quoted": lambda n: b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=" * n,
    "dsn blocks": lambda n: (
        b"Content-Type: message/delivery-status\n\n"
        + b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n" * (n // 75)
    ),
}


@pytest.fixture(scope="module")
def _frozen() -> Iterator[None]:
    """What other tests left is no cost of a mail: garbage is looked for among what is new only."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("_frozen")
@pytest.mark.parametrize("kind", HOSTILE)
def test_twice_as_long_a_mail_never_costs_four_times_as_much(kind: str) -> None:
    def cost(length: int) -> float:
        raw = HOSTILE[kind](length)
        tries = []
        for _ in range(3):
            began = time.process_time()
            parse_report(raw, LINKS)
            tries.append(time.process_time() - began)
        return min(tries)

    half, whole = cost(60_000), cost(120_000)
    assert whole < max(3.0 * half, 0.1), (half, whole)
