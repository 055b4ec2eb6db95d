"""Each check before reading, both ways: what passes, and what the smallest fault is called."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from audit.errors import AuditError, InputIncomplete, InputRejected
from audit.intake import zip_parts
from audit.intake.extent import SheetScan, column_number
from audit.intake.file_kind import kind_of
from audit.intake.preflight import check_workbook
from audit.intake.read import read_extract
from audit.intake.workbook import open_workbook
from audit.intake.zip_parts import open_archive
from tests.corpora import broken, other_formats
from tests.corpora.other_formats import zipped
from tests.intake_files import write_csv

PARTS = broken.parts_of(broken.workbook())
SHEET = "xl/worksheets/sheet2.xml"


def refused(content: bytes) -> AuditError:
    with pytest.raises(AuditError) as error:
        check_workbook(content, "a.xlsx")
    assert error.value.where.startswith("a.xlsx")
    assert error.value.remedy
    return error.value


def changed(name: str, old: bytes, new: bytes) -> bytes:
    assert old in PARTS[name]
    return zipped(PARTS | {name: PARTS[name].replace(old, new, 1)})


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (broken.workbook(), "xlsx"),
        (other_formats.xls({"a": [["b"]]}), "xls"),
        (other_formats.xlsb({"a": [["b"]]}), "xlsb"),
        (other_formats.ods({"a": [["b"]]}), "ods"),
        (zipped({"a.csv": b"b"}), "zip"),
        (b"PAR1....PAR1", "parquet"),
        (b"\r\n <html>", "html"),
        (b"MIME-Version: 1.0\r\n", "html"),
        (b"<?xml version='1.0'?><Workbook/>", "xml"),
        ("patient_id;date".encode("utf-16"), "text"),
        (b"\xef\xbb\xbfpatient_id", "text"),
        (b"a\0b", "unknown"),
        (b"\n ", "empty"),
    ],
)
def test_bytes_say_what_a_file_is(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


def test_a_sound_workbook_passes_with_its_sheets() -> None:
    package = check_workbook(broken.workbook(), "a.xlsx")
    assert [(sheet.name, sheet.part) for sheet in package.sheets] == [
        ("Patients", "xl/worksheets/sheet1.xml"),
        ("Treatments", SHEET),
    ]
    assert not package.chart_sheets
    assert not package.from_1904
    assert [sheet.scan.looks for sheet in package.sheets] == [False, False]


def test_what_openpyxl_writes_passes() -> None:
    out = BytesIO()
    openpyxl.Workbook().save(out)
    assert [sheet.name for sheet in check_workbook(out.getvalue(), "a.xlsx").sheets] == ["Sheet"]


def test_a_password_is_named() -> None:
    content = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(1000) + "EncryptedPackage".encode("utf-16-le")
    error = refused(content)
    assert error.code == "PASSWORD_PROTECTED"
    assert "remove the password" in error.remedy


@pytest.mark.parametrize("flag", [0x1, 0x40, 0x2000])
def test_an_encrypted_part_is_named(flag: int) -> None:
    content = bytearray(broken.workbook())
    struct.pack_into("<H", content, content.index(b"PK\x01\x02") + 8, flag)
    assert refused(bytes(content)).code == "PASSWORD_PROTECTED"


@pytest.mark.parametrize("name", ["xl/styles.xml", "XL/Styles.XML"])
def test_two_parts_of_one_name(name: str) -> None:
    content = zipped(PARTS | {"xl/stylez.xml": b"<x/>"}).replace(b"xl/stylez.xml", name.encode())
    error = refused(content)
    assert (error.code, "same name" in error.what) == ("DAMAGED_FILE", True)


@pytest.mark.parametrize("name", ["/a", "\\a", "../a", "xl/../a", "xl\\..\\a", "C:/a", "C:a"])
def test_names_that_lead_out(name: str) -> None:
    assert refused(zipped(PARTS | {name: b"x"})).code == "UNSAFE_FILE"


@pytest.mark.parametrize("name", ["a..b", "...", "xl/a b.xml2"])
def test_names_that_do_not_lead_out(name: str) -> None:
    assert check_workbook(zipped(PARTS | {name: b"x"}), "a.xlsx").kind == "xlsx"


def test_a_wrong_check_sum_in_any_part() -> None:
    content = broken.workbook()
    for entry in re.finditer(rb"PK\x01\x02", content):
        flipped = bytearray(content)
        flipped[entry.start() + 16] ^= 1
        assert refused(bytes(flipped)).code == "DAMAGED_FILE"


@pytest.mark.parametrize(
    "name",
    [
        *("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET),
        *("xl/sharedStrings.xml", "xl/styles.xml"),
    ],
)
def test_parts_that_must_exist(name: str) -> None:
    error = refused(zipped({part: content for part, content in PARTS.items() if part != name}))
    assert (error.code, "missing" in error.what) == ("DAMAGED_FILE", True)


def test_parts_that_need_not_exist() -> None:
    rest = {name: part for name, part in PARTS.items() if "docProps" not in name and "theme" not in name}
    assert check_workbook(zipped(rest), "a.xlsx").kind == "xlsx"


def test_a_workbook_of_charts_only() -> None:
    content = changed("xl/_rels/workbook.xml.rels", b"/worksheet", b"/chartsheet")
    assert check_workbook(content, "a.xlsx").chart_sheets
    both = PARTS["xl/_rels/workbook.xml.rels"].replace(b"/worksheet", b"/chartsheet")
    assert refused(zipped(PARTS | {"xl/_rels/workbook.xml.rels": both})).code == "NO_WORKSHEET"


@pytest.mark.parametrize("name", [*sorted(PARTS), "customXml/item1.xml", "xl/vmlDrawing1.vml", "xl/hidden.bin"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_in_any_part(name: str, encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?><!-- x --><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    assert refused(zipped(PARTS | {name: head.encode(encoding)})).code == "XML_ENTITIES"


def test_text_that_speaks_of_a_document_type_is_text() -> None:
    content = changed("xl/sharedStrings.xml", b"every 3 months", b"&lt;!DOCTYPE a&gt;<![CDATA[<!DOCTYPE b>]]>")
    assert check_workbook(content, "a.xlsx").kind == "xlsx"


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252", "utf-16"])
def test_parts_must_be_utf_8(encoding: str) -> None:
    old = b'encoding="UTF-8"'
    error = refused(changed(SHEET, old, f'encoding="{encoding}"'.encode()))
    assert error.code == "DAMAGED_FILE"


def _with_sizes(monkeypatch: pytest.MonkeyPatch, **limits: int) -> None:
    for name, limit in limits.items():
        monkeypatch.setattr(zip_parts, name, limit)


def test_the_limits_of_size_are_those_of_the_promise() -> None:
    limits = [zip_parts.MOST_UNPACKED, zip_parts.MOST_IN_A_PART, zip_parts.RATIO_FROM]
    assert [limit / 2**20 for limit in limits] == [600, 500, 10]
    assert [zip_parts.MOST_RATIO] == [200]


def test_each_limit_of_size(monkeypatch: pytest.MonkeyPatch) -> None:
    content = broken.workbook()
    with zipfile.ZipFile(BytesIO(content)) as archive:
        sizes = [part.file_size for part in archive.infolist()]
    for limit, least in (("MOST_UNPACKED", sum(sizes)), ("MOST_IN_A_PART", max(sizes)), ("MOST_PARTS", len(sizes))):
        with monkeypatch.context() as patch:
            _with_sizes(patch, **{limit: least})
            assert check_workbook(content, "a.xlsx").kind == "xlsx"
            _with_sizes(patch, **{limit: least - 1})
            assert refused(content).code == "ZIP_BOMB"


@pytest.mark.parametrize(("size", "bomb"), [(10 * 2**20, False), (10 * 2**20 + 1, True)])
def test_small_parts_may_be_packed_as_hard_as_they_like(size: int, bomb: bool) -> None:
    content = zipped(PARTS | {"xl/media/image.bin": bytes(size)})
    if bomb:
        assert refused(content).code == "ZIP_BOMB"
    else:
        assert check_workbook(content, "a.xlsx").kind == "xlsx"


@pytest.mark.parametrize("place", [60, 400, -1, -10, -22])
def test_a_workbook_without_its_end_is_incomplete(place: int) -> None:
    error = refused(broken.workbook()[:place])
    assert (error.code, error.exit_code) == ("FILE_INCOMPLETE", 11)


def test_the_end_of_an_old_workbook_is_missed() -> None:
    content = other_formats.xls({"Treatments": [["a" * 200] * 20] * 40})
    assert check_workbook(content, "a.xls").kind == "xls"
    with pytest.raises(InputIncomplete):
        check_workbook(content[:-512], "a.xls")


@pytest.mark.parametrize("make", [other_formats.xlsb, other_formats.ods])
def test_every_part_of_the_other_formats_is_needed(make: Callable[[other_formats.Sheets], bytes]) -> None:
    parts = broken.parts_of(make({"a": [["b"]]}))
    for name in parts:
        rest = zipped({part: content for part, content in parts.items() if part != name})
        with pytest.raises(InputRejected):
            check_workbook(rest, "a.xlsx")


def test_an_archive_that_stands_behind_something() -> None:
    with pytest.raises(InputRejected, match="before the archive"), open_archive(b"PK" + broken.workbook(), "a.zip"):
        pass


def test_what_breaks_while_an_archive_is_open_is_damage() -> None:
    with pytest.raises(InputRejected, match="check sum"), open_archive(broken.workbook(), "a.zip"):
        raise zipfile.BadZipFile


def test_the_end_of_an_old_workbook_is_missed_whatever_it_holds() -> None:
    """Other writers put the list of streams last: without it nothing says that this was a workbook."""
    content = other_formats.xls({"Treatments": [["a" * 200] * 20] * 40})
    content = content.replace("Workbook".encode("utf-16-le"), bytes(16))
    with pytest.raises(InputRejected, match="old Office format"):
        check_workbook(content, "a.xls")
    with pytest.raises(InputIncomplete):
        check_workbook(content[:-512], "a.xls")


# --- how far cells reach


def _sheet(*cells: str, odd: str = "") -> bytes:
    rows = "".join(f'<row r="{cell.lstrip("ABCDFKX")}"><c r="{cell}"><v>1</v></c></row>' for cell in cells)
    return zipped(PARTS | {SHEET: f"<worksheet><sheetData>{rows}{odd}</sheetData></worksheet>".encode()})


@pytest.mark.parametrize(
    "content",
    [
        _sheet("A1", "XFD1048576"),
        _sheet("A1", "K1000000"),
        _sheet("XFD700", "A1"),
        _sheet("A1", odd='<row r="1048576"><c\tr="XFD1048576"><v>1</v></c></row>'),
        _sheet("A1", odd='<x:row r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>'),
        _sheet("A1", odd='<row r="1048576"><c s="1"\nr="XFD1048576"><v>1</v></c></row>'),
        _sheet("A1", odd='<row r="1048576">' + "<c><v>1</v></c>" * 20 + "</row>"),
    ],
)
def test_a_cell_too_far_away(content: bytes) -> None:
    assert refused(content).code == "CELL_FAR_AWAY"


@pytest.mark.parametrize(
    "content",
    [
        _sheet("A1", "A1048576"),
        _sheet("A1", "XFD2"),
        # formatted, but blank: nothing is read there
        _sheet("A1", odd='<row r="1048576"><c r="XFD1048576" s="1"/></row>'),
    ],
)
def test_a_cell_not_too_far_away(content: bytes) -> None:
    assert check_workbook(content, "a.xlsx").kind == "xlsx"


def _with_record(make: Callable[[other_formats.Sheets], bytes], before: bytes, record: bytes) -> bytes:
    """A workbook of two rows with one more record before the end of its sheet."""
    plain = make({"Treatments": [["patient_id", 1], ["a", 2]]})
    if make is other_formats.xls:
        place = plain.rindex(before)
        return plain[:place] + record + before + plain[place + len(before) + len(record) :]
    parts = broken.parts_of(plain)
    name = "xl/worksheets/sheet1.bin"
    return zipped(parts | {name: parts[name].replace(before, record + before)})


@pytest.mark.parametrize(("row", "column", "too_far"), [(9, 200, False), (65_535, 100, False), (65_535, 255, True)])
def test_how_far_the_cells_of_an_old_workbook_reach(row: int, column: int, too_far: bool) -> None:
    record = struct.pack("<HHHHHd", 0x0203, 14, row, column, 0, 1.0)
    content = _with_record(other_formats.xls, struct.pack("<HH", 0x0A, 0), record)
    if too_far:
        assert refused(content).code == "CELL_FAR_AWAY"
    else:
        (sheet,) = open_workbook(content, "a.xls").sheets
        assert sheet.rows[row][column] == 1.0


@pytest.mark.parametrize("far", [False, True])
def test_a_small_old_workbook_keeps_its_cells_in_small_sectors(far: bool) -> None:
    stream = other_formats.xls_stream({"Treatments": [["patient_id", 1], ["a", 2]]})
    record = struct.pack("<HHHHHd", 0x0203, 14, 65_535, 255, 0, 1.0) if far else b""
    content = other_formats.in_small_sectors(stream[:-4] + record + stream[-4:])
    if far:
        assert refused(content).code == "CELL_FAR_AWAY"
    else:
        assert open_workbook(content, "a.xls").sheets[0].rows == [["patient_id", 1.0], ["a", 2.0]]


@pytest.mark.parametrize(("row", "column", "too_far"), [(9, 200, False), (1_048_575, 3, False), (1_048_575, 99, True)])
def test_how_far_the_cells_of_a_binary_workbook_reach(row: int, column: int, too_far: bool) -> None:
    head = struct.pack("<BBIIHxxxI", 0, 17, row, 0, 300, 0)
    record = head + struct.pack("<BBIId", 5, 16, column, 0, 1.0)
    content = _with_record(other_formats.xlsb, bytes([0x92, 0x01, 0]), record)
    if too_far:
        assert refused(content).code == "CELL_FAR_AWAY"
    else:
        (sheet,) = open_workbook(content, "a.xlsb").sheets
        assert sheet.rows[row][column] == 1.0


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_a_scan_does_not_depend_on_where_chunks_end(size: int) -> None:
    part = PARTS[SHEET].replace(b'<c r="B7" s="1"><v>', b'<c r="B7" s="1"><f>A1</f><v>')
    scan = SheetScan()
    for place in range(0, len(part), size):
        scan.add(part[place : place + size])
    scan.finish()
    assert (scan.cells, scan.bound, scan.looks) == (31 * 8, 8 * 10_000, True)


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("Z", 26), ("AA", 27), ("XFD", 16_384)])
def test_columns_are_counted(letters: str, number: int) -> None:
    assert column_number(letters) == number


def test_a_long_text_in_many_cells_is_measured_and_not_guessed(tmp_path: Path) -> None:
    """One comment of 30,000 characters among 40,000 cells of short text is no bomb."""
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx", {"constant_memory": False})
    sheet = book.add_worksheet("Treatments")
    sheet.write(0, 0, "x" * 30_000)
    for row in range(1, 20_001):
        sheet.write_row(row, 0, ["im", "given"])
    book.close()
    assert check_workbook((tmp_path / "a.xlsx").read_bytes(), "a.xlsx").kind == "xlsx"


# --- copying


def test_a_file_that_changes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv(tmp_path / "a.csv", [["patient_id", "date", "drug"], ["1", "2024-03-12", "Neo-Cytamen"]])
    read = Path.read_bytes

    def grow(self: Path) -> bytes:
        content = read(self)
        self.write_bytes(content + b"2,2024-03-13,Neo-Cytamen\n")
        return content

    monkeypatch.setattr(Path, "read_bytes", grow)
    with pytest.raises(InputIncomplete) as error:
        read_extract(path)
    assert (error.value.code, error.value.exit_code) == ("STILL_CHANGING", 11)
